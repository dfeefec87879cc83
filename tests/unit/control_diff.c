/* control_diff.c - what a file would change, and who leaves before that is known. */
#include "cases.h"
#include "control_fixture.h"

static struct desk d;

static void start(void)
{
    desk_make(&d);
    host_zone(&d.host, 1, 80);
    desk_start(&d, "zones: [{ name: example, role: primary, file: example.zone, watch: no }]\n");
    host_wait(&d.host, "serial 1 from file");
}

static void stop(void)
{
    desk_stop(&d);
}

START_TEST(differences)
{
    char command[DIR_PATH + 64];
    host_write(&d.host, "next.zone",
               "@ 3600 SOA ns admin 2 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 127.0.0.1\n"
               "www 60 A 192.0.2.99\nmail 60 A 192.0.2.1\n");
    snprintf(command, sizeof command, "diff example %s/next.zone", d.host.dir);
    desk_expect(&d, command, CONTROL_DONE,
                "2 RRsets would change; old answers would live up to 5 min 0 s after the last "
                "server has it\n"); /* mail was denied for so long */
    ck_assert_ptr_nonnull(strstr(d.out, "added    mail.example A (old answers: TTL 300)\n"));
    ck_assert_ptr_nonnull(strstr(d.out, "changed  www.example A (old answers: TTL 60)\n"));
    ck_assert_uint_ne(strlen(d.out), 0);
    host_write(&d.host, "next.zone", "nonsense\n");
    desk_expect(&d, command, CONTROL_FAILED, "next.zone has ");
    desk_expect(&d, "diff other x", CONTROL_FAILED, "zone other is not configured here");
}
END_TEST

/* Nobody waits for the answer any more, the client or the server: what it took is given back. */
START_TEST(who_leaves_before_it_is_known)
{
    char order[DIR_PATH + 96], command[DIR_PATH + 64];
    host_write(&d.host, "next.zone",
               "$TTL 60\n@ SOA ns admin 2 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n"
               "$GENERATE 1-20000 h$ A 192.0.2.1\n");
    snprintf(order, sizeof order,
             "{\"command\":\"diff\",\"arguments\":[\"example\",\"%s/next.zone\"]}\n", d.host.dir);
    size_t before = desk_memory();
    for (unsigned i = 0; i < 3; i++) {
        int fd = desk_connect(&d);
        ck_assert_int_gt(send(fd, order, strlen(order), MSG_NOSIGNAL), 0);
        close(fd);
    }
    snprintf(command, sizeof command, "diff example %s/next.zone", d.host.dir);
    desk_expect(&d, command, CONTROL_DONE, "RRsets would change"); /* the others have begun */
    size_t after = desk_memory();
    for (unsigned i = 0; i < 2000 && after > before + (1 << 18); i++) {
        usleep(5000);
        after = desk_memory();
    }
    ck_assert_uint_le(after, before + (1 << 18));
    int fd = desk_connect(&d);
    ck_assert_int_gt(send(fd, order, strlen(order), MSG_NOSIGNAL), 0);
    usleep(2000);
    desk_stop(&d);
    close(fd);
    start(); /* for stop */
}
END_TEST

TCase *case_control_diff(void)
{
    TCase *c = tcase_create("control_diff");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, differences);
    tcase_add_test(c, who_leaves_before_it_is_known);
    return c;
}
