/* control_reloads.c - reload, refresh, retransfer and notify wait for their effect and say what it
 * was. */
#include "cases.h"
#include "control_fixture.h"

#define EXAMPLE "  - { name: example, role: primary, file: example.zone, watch: no }\n"
#define AWAY    "  - { name: second, role: secondary, primaries: [127.0.0.1@9] }\n"

static struct desk d;

static void start(void)
{
    desk_make(&d);
    host_zone(&d.host, 1, 80);
    desk_start(&d, "zones:\n" EXAMPLE AWAY);
    host_wait(&d.host, "serial 1 from file");
}

static void stop(void)
{
    desk_stop(&d);
}

START_TEST(reload_of_a_zone)
{
    host_zone(&d.host, 2, 81);
    desk_expect(&d, "reload example", CONTROL_DONE, "zone example: serial 1 -> 2, 1 RRset\n");
    desk_expect(&d, "reload example", CONTROL_DONE, "zone example: serial 2, nothing changed\n");
    host_write(&d.host, "example.zone", "nonsense\n");
    ck_assert_int_eq(desk_run(&d, false, "reload example"), CONTROL_FAILED);
    ck_assert_ptr_nonnull(strstr(d.out, "example.zone:1:"));
    ck_assert_ptr_nonnull(strstr(d.out, "zone example: not taken, the old one is served on: "));
    json_t *doc = desk_json(&d, "reload example", CONTROL_FAILED);
    ck_assert(json_is_false(json_object_get(doc, "ok")));
    ck_assert_int_eq(number_of(doc, "serial"), 2);
    json_decref(doc);
}
END_TEST

START_TEST(reload_by_force)
{
    struct buf large = {0};
    buf_print(&large, HOST_ZONE, 2, 80);
    for (unsigned i = 0; i < 40; i++) {
        buf_print(&large, "h%u 60 A 192.0.2.1\n", i);
    }
    host_write(&d.host, "example.zone", buf_text(&large));
    buf_free(&large);
    desk_expect(&d, "reload example", CONTROL_DONE, "serial 1 -> 2");
    host_zone(&d.host, 3, 80);
    ck_assert_int_eq(desk_run(&d, false, "reload example"), CONTROL_FAILED);
    ck_assert_ptr_nonnull(strstr(d.out, "settlectl reload example --force"));
    desk_expect(&d, "status example", CONTROL_DONE, "error: held: the edit would leave ");
    desk_expect(&d, "reload example --force", CONTROL_DONE, "serial 2 -> 3");
}
END_TEST

START_TEST(reload_of_everything)
{
    host_configure(&d.host,
                   "zones:\n" EXAMPLE "  - { name: other, role: primary, file: example.zone }\n");
    desk_expect(&d, "reload", CONTROL_DONE,
                "zone second: no longer configured\n"
                "zone other: new here, as primary\n"
                "2 zone files read, 0 with errors\n");
    host_answers(&d.host, "www.other", "192.0.2.80");
    host_configure(&d.host, "nonsense: 1\n");
    desk_expect(&d, "reload", CONTROL_FAILED,
                "configuration not taken, the old one is in use: 1 error\n");
    host_answers(&d.host, "www.other", "192.0.2.80");
    host_configure(&d.host, "zones:\n" EXAMPLE AWAY);
    json_t *doc = desk_json(&d, "reload", CONTROL_DONE);
    json_t *added = json_array_get(json_object_get(doc, "added"), 0);
    ck_assert_str_eq(text_of(added, "zone"), "second");
    ck_assert_str_eq(text_of(added, "role"), "secondary");
    ck_assert_str_eq(text_of(json_array_get(json_object_get(doc, "removed"), 0), "zone"), "other");
    json_decref(doc);
    desk_expect(&d, "reload", CONTROL_DONE, "");
    ck_assert_str_eq(d.out, "1 zone file read, 0 with errors\n"); /* nothing came or went */
}
END_TEST

START_TEST(refresh_and_retransfer)
{
    desk_expect(&d, "refresh example", CONTROL_FAILED, "zone example is a primary here");
    ck_assert_int_eq(desk_run(&d, false, "notify second"), CONTROL_FAILED);
    ck_assert_ptr_nonnull(strstr(d.err, "there is no serial to tell of yet"));
    desk_expect(&d, "notify example", CONTROL_DONE, "zone example: NOTIFY sent to 0 peers\n");
    desk_expect(&d, "refresh other", CONTROL_FAILED, "zone other is not configured here");
}
END_TEST

TCase *case_control_reloads(void)
{
    TCase *c = tcase_create("control_reloads");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, reload_of_a_zone);
    tcase_add_test(c, reload_by_force);
    tcase_add_test(c, reload_of_everything);
    tcase_add_test(c, refresh_and_retransfer);
    return c;
}
