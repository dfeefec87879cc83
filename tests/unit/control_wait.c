/* control_wait.c - `settlectl wait` takes in what was saved, returns when the last watched peer is
 * there and not before, and says who is missing (CONVERGENCE.md I7). */
#include "cases.h"
#include "control_fixture.h"

static struct desk d;
static struct host secondary;

static void start(void)
{
    desk_make(&d);
    host_make(&secondary);
    host_zone(&d.host, 1, 80);
}

static void stop(void)
{
    host_stop(&secondary); /* SIGTERM ends both */
    desk_stop(&d);
    host_remove(&secondary);
}

/* A primary whose peer is the secondary; the secondary is not started. */
static void primary(void)
{
    char zones[512];
    snprintf(zones, sizeof zones,
             "peers: [{ name: ns2, address: 127.0.0.1@%u }]\n"
             "zones: [{ name: example, role: primary, file: example.zone, notify: [ns2], "
             "transfer: [ns2] }]\n",
             secondary.client.at.port);
    desk_start(&d, zones);
    host_wait(&d.host, "serial 1 from file");
    snprintf(zones, sizeof zones,
             "zones: [{ name: example, role: secondary, primaries: [127.0.0.1@%u] }]\n",
             d.host.client.at.port);
    host_configure(&secondary, zones);
}

START_TEST(without_peers)
{
    desk_start(&d, "zones: [{ name: example, role: primary, file: example.zone, watch: no }]\n");
    host_wait(&d.host, "serial 1 from file");
    desk_expect(&d, "wait example", CONTROL_DONE,
                "zone example: serial 1 is served; the zone has no peers to wait for\n");
    host_zone(&d.host, 2, 81); /* saved a moment ago: it is taken in first */
    desk_expect(&d, "wait example", CONTROL_DONE, "serial 2 is served");
    desk_expect(&d, "wait example 1", CONTROL_DONE, "serial 1 is served");
    desk_expect(&d, "wait example 3 --timeout 20ms", CONTROL_NOT_SETTLED,
                "zone example: not served within ");
    ck_assert_ptr_nonnull(strstr(d.err, ": the serial here is 2\n"));
    desk_expect(&d, "wait example --for settled --timeout 20ms", CONTROL_NOT_SETTLED,
                "zone example: not settled within ");
}
END_TEST

START_TEST(until_the_last_peer_serves_it)
{
    primary();
    desk_expect(&d, "wait example --timeout 30ms", CONTROL_NOT_SETTLED, "not served within ");
    ck_assert_ptr_nonnull(strstr(d.out, "missing: peer ns2 "));
    host_start(&secondary);
    desk_expect(&d, "wait example", CONTROL_DONE, "serial 1 is served by 1 of 1 peers\n");
    ck_assert_ptr_nonnull(strstr(d.out, "peer ns2 serving 1 after "));
    host_zone(&d.host, 2, 81);
    json_t *doc = desk_json(&d, "wait example --for served --timeout 40s", CONTROL_DONE);
    ck_assert_int_eq(number_of(doc, "serial"), 2);
    ck_assert_int_eq(number_of(doc, "serving"), 1);
    ck_assert_str_eq(text_of(doc, "state"), "served");
    json_decref(doc);
    const char *answer =
        udp_ask(&secondary.client, (struct asked){.name = "www.example", .type = "A"});
    ck_assert_ptr_nonnull(strstr(answer, "192.0.2.81")); /* it tells the truth */
}
END_TEST

START_TEST(a_bad_file_fails_at_once)
{
    primary();
    host_write(&d.host, "example.zone", "nonsense\n");
    desk_expect(&d, "wait example", CONTROL_FAILED, "example.zone:1:");
}
END_TEST

START_TEST(wrong_words)
{
    primary();
    desk_expect(&d, "wait example seven", CONTROL_WRONG_USE,
                "'seven' is no serial: a number up to 4294967295");
    desk_expect(&d, "wait example 4294967296", CONTROL_WRONG_USE, "is no serial");
    desk_expect(&d, "wait other", CONTROL_FAILED, "zone other is not configured here");
}
END_TEST

TCase *case_control_wait(void)
{
    TCase *c = tcase_create("control_wait");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, without_peers);
    tcase_add_test(c, until_the_last_peer_serves_it);
    tcase_add_test(c, a_bad_file_fails_at_once);
    tcase_add_test(c, wrong_words);
    return c;
}
