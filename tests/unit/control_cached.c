/* control_cached.c - looking into the cache, and having it forget. */
#include "cases.h"
#include "control_fixture.h"

static struct desk d;
static struct host primary;

static void start(void)
{
    char zones[512];
    host_make(&primary);
    host_zone(&primary, 1, 80);
    host_configure(&primary, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    host_start(&primary);
    host_wait(&primary, "notice: ready\n");
    desk_make(&d);
    snprintf(zones, sizeof zones,
             "zones: [{ name: example, role: cache, primaries: [127.0.0.1@%u] }]\n",
             primary.client.at.port);
    desk_start(&d, zones);
    host_wait(&d.host, "zone example: serial 1 at ");
}

static void stop(void)
{
    host_stop(&primary); /* SIGTERM ends both */
    desk_stop(&d);
    host_remove(&primary);
}

/* Has the cache ask for it. */
static void fill(const char *name, const char *text)
{
    const char *answer = "";
    for (unsigned i = 0; i < 40000; i++) {
        answer =
            udp_ask(&d.host.client, (struct asked){.name = name, .type = "A", .recursion = true});
        if (strstr(answer, text) != NULL) {
            return;
        }
        usleep(1000);
    }
    ck_abort_msg("%s: %s", name, answer);
}

START_TEST(lookup)
{
    desk_expect(&d, "lookup www.example A", CONTROL_FAILED, "not in the cache\n");
    fill("www.example", "192.0.2.80");
    desk_expect(&d, "lookup www.example A", CONTROL_DONE, "IN A 192.0.2.80\n");
    ck_assert_ptr_nonnull(strstr(d.out, "records, "));
    fill("none.example", "NXDOMAIN");
    desk_expect(&d, "lookup none.example A", CONTROL_DONE, "no such name, ");
    desk_expect(&d, "lookup www.other A", CONTROL_FAILED,
                "www.other is in no cache zone of this server");
    desk_expect(&d, "lookup www.example NONSENSE", CONTROL_WRONG_USE,
                "'NONSENSE' is no record type");
}
END_TEST

START_TEST(flush)
{
    fill("www.example", "192.0.2.80");
    desk_expect(&d, "flush www.example AAAA", CONTROL_DONE, "0 entries forgotten\n");
    desk_expect(&d, "flush www.example", CONTROL_DONE, "1 entry forgotten\n");
    desk_expect(&d, "lookup www.example A", CONTROL_FAILED, "not in the cache\n");
    fill("www.example", "192.0.2.80");
    fill("none.example", "NXDOMAIN");
    desk_expect(&d, "flush example --below", CONTROL_DONE, "2 entries forgotten\n");
    desk_expect(&d, "flush a..b", CONTROL_WRONG_USE, "'a..b' is no domain name");
}
END_TEST

TCase *case_control_cached(void)
{
    TCase *c = tcase_create("control_cached");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, lookup);
    tcase_add_test(c, flush);
    return c;
}
