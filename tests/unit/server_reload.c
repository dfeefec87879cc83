/* server_reload.c - SIGHUP: the configuration and every zone file again; errors leave the old
 * ones in use; what needs a restart is said; a stop on its heels is clean. */
#include "cases.h"
#include "host_fixture.h"

#define EXAMPLE "  - { name: example, role: primary, file: example.zone, watch: no }\n"
#define OTHER   "  - { name: other, role: primary, file: example.zone, watch: no }\n"

static struct host h;

static void start(void)
{
    host_make(&h);
    host_zone(&h, 1, 80);
    host_configure(&h, "zones:\n" EXAMPLE);
    host_start(&h);
    host_answers(&h, "www.example", "192.0.2.80");
}

static void stop(void)
{
    host_remove(&h);
}

START_TEST(zones_come_and_go)
{
    host_configure(&h, "zones:\n" EXAMPLE OTHER);
    kill(getpid(), SIGHUP);
    host_answers(&h, "www.other", "192.0.2.80");
    host_configure(&h, "zones:\n" OTHER);
    kill(getpid(), SIGHUP);
    host_answers(&h, "www.example", "REFUSED");
    host_answers(&h, "www.other", "192.0.2.80");
}
END_TEST

START_TEST(files_are_read_again)
{
    host_zone(&h, 2, 81);
    kill(getpid(), SIGHUP);
    host_answers(&h, "www.example", "192.0.2.81");
    ck_assert(host_said(&h, "notice: reloading (SIGHUP)\n"));
}
END_TEST

START_TEST(a_bad_configuration_is_not_taken)
{
    host_configure(&h, "zones:\n" EXAMPLE "nonsense: 1\n");
    host_zone(&h, 2, 82); /* whose owner did nothing wrong */
    kill(getpid(), SIGHUP);
    host_wait(&h, "error: configuration not taken, the old one is in use: ");
    host_answers(&h, "www.example", "192.0.2.82");
}
END_TEST

START_TEST(what_needs_a_restart_is_said)
{
    host_configure(&h, "cache: { size: 1M }\nlog: { level: debug }\nzones:\n" EXAMPLE);
    kill(getpid(), SIGHUP);
    host_wait(&h, "warning: configuration: cache has changed: that needs a restart\n");
    ck_assert(host_said(&h, "configuration: log has changed: that needs a restart\n"));
    ck_assert(!host_said(&h, "listen of server has changed"));
}
END_TEST

START_TEST(a_stop_on_its_heels)
{
    kill(getpid(), SIGHUP);
    if (_i == 1) {
        usleep(300);
    }
    host_stop(&h);
    ck_assert(host_said(&h, "notice: stopped\n"));
}
END_TEST

TCase *case_server_reload(void)
{
    TCase *c = tcase_create("server_reload");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, zones_come_and_go);
    tcase_add_test(c, files_are_read_again);
    tcase_add_test(c, a_bad_configuration_is_not_taken);
    tcase_add_test(c, what_needs_a_restart_is_said);
    tcase_add_loop_test(c, a_stop_on_its_heels, 0, 2);
    return c;
}
