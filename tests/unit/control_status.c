/* control_status.c - what each zone is doing, in words and as stable fields. */
#include "cases.h"
#include "control_fixture.h"

static struct desk d;

static void start(void)
{
    desk_make(&d);
    host_zone(&d.host, 1, 80);
}

static void stop(void)
{
    desk_stop(&d);
}

START_TEST(all_zones)
{
    desk_start(&d, "peers: [{ name: away, address: 127.0.0.1@9 }]\n"
                   "zones:\n"
                   "  - { name: example, role: primary, file: example.zone, notify: [away] }\n"
                   "  - { name: bad, role: primary, file: missing.zone }\n"
                   "  - { name: second, role: secondary, primaries: [away] }\n"
                   "  - { name: cached, role: cache, primaries: [away] }\n");
    host_wait(&d.host, "serial 1 from file");
    host_wait(&d.host, "zone bad: the file has errors: the zone is not served");
    json_t *doc = desk_json(&d, "status", CONTROL_DONE), *zones = json_object_get(doc, "zones");
    static const struct {
        const char *zone, *role, *state;
    } rows[] = {{"bad", "primary", "failed"},
                {"cached", "cache", "checking"},
                {"example", "primary", "spreading"},
                {"second", "secondary", "loading"}};
    ck_assert_uint_eq(json_array_size(zones), 4);
    for (unsigned i = 0; i < 4; i++) {
        json_t *z = json_array_get(zones, i);
        ck_assert_str_eq(text_of(z, "zone"), rows[i].zone);
        ck_assert_str_eq(text_of(z, "role"), rows[i].role);
        ck_assert_str_eq(text_of(z, "state"), rows[i].state);
    }
    json_t *example = json_array_get(zones, 2);
    json_t *peer = json_array_get(json_object_get(example, "peers"), 0);
    ck_assert_int_eq(number_of(example, "serial"), 1);
    ck_assert_str_eq(text_of(peer, "name"), "away");
    ck_assert(json_is_true(json_object_get(peer, "watch")));
    ck_assert_ptr_nonnull(strstr(text_of(json_array_get(zones, 0), "error"), "missing.zone"));
    json_decref(doc);
    ck_assert_int_eq(desk_run(&d, false, "status"), CONTROL_DONE);
    ck_assert_ptr_nonnull(strstr(d.out, "4 zones\n"));
    ck_assert_ptr_nonnull(strstr(d.out, "0/1"));
}
END_TEST

START_TEST(one_zone)
{
    host_write(&d.host, "example.zone",
               "@ 3600 SOA ns admin 5 3600 600 86400 300\n@ 3600 NS ns\n@ 3600 NS b\n"
               "ns 3600 A 127.0.0.1\nb 3600 A 192.0.2.7\n");
    desk_start(&d, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    host_wait(&d.host, "serial 5 from file");
    desk_expect(&d, "status example", CONTROL_DONE, "zone example: primary, settled\n");
    ck_assert_ptr_nonnull(strstr(d.out, "  serial 5 since 2"));
    ck_assert_ptr_nonnull(strstr(d.out, "b.example is a name server of the zone that nobody "
                                        "watches: no peer has its address"));
    json_t *doc = desk_json(&d, "status EXAMPLE.", CONTROL_DONE);
    ck_assert_str_eq(text_of(doc, "zone"), "example");
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(doc, "unwatched"), 0)),
                     "b.example");
    json_decref(doc);
}
END_TEST

START_TEST(no_such_zone)
{
    desk_start(&d, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    desk_expect(&d, "status other", CONTROL_FAILED, "zone other is not configured here");
    desk_expect(&d, "status a..b", CONTROL_WRONG_USE, "'a..b' is no domain name");
}
END_TEST

/* A delegation changed, and the zone above is not ours. */
START_TEST(what_is_not_counted_is_named)
{
    desk_start(&d, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    host_wait(&d.host, "serial 1 from file");
    host_write(&d.host, "example.zone",
               "@ 3600 SOA ns admin 2 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 127.0.0.2\n");
    desk_expect(&d, "wait example", CONTROL_DONE, "zone example: serial 2 is served");
    desk_expect(&d, "status example", CONTROL_DONE,
                "  not counted: the TTL of the delegation in the zone above, which is not served "
                "here\n");
    ck_assert_ptr_nonnull(strstr(d.out, "the last old answer is gone from conforming caches in "));
}
END_TEST

TCase *case_control_status(void)
{
    TCase *c = tcase_create("control_status");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, all_zones);
    tcase_add_test(c, one_zone);
    tcase_add_test(c, no_such_zone);
    tcase_add_test(c, what_is_not_counted_is_named);
    return c;
}
