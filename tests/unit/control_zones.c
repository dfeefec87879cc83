/* control_zones.c - a zone's past and its text. */
#include "cases.h"
#include "control_fixture.h"

static struct desk d;

static void start(void)
{
    desk_make(&d);
    host_zone(&d.host, 1, 80);
    desk_start(&d, "zones:\n"
                   "  - { name: example, role: primary, file: example.zone, watch: no }\n"
                   "  - { name: cached, role: cache, primaries: [127.0.0.1@9] }\n");
    host_wait(&d.host, "serial 1 from file");
}

static void stop(void)
{
    desk_stop(&d);
}

START_TEST(history)
{
    host_zone(&d.host, 5, 81);
    desk_expect(&d, "reload example", CONTROL_DONE, "serial 1 -> 5");
    desk_expect(&d, "history example", CONTROL_DONE, "2 changes\n");
    ck_assert_ptr_nonnull(strstr(d.out, "1 -> 5"));
    json_t *doc = desk_json(&d, "history example", CONTROL_DONE);
    json_t *changes = json_object_get(doc, "changes");
    ck_assert_uint_eq(json_array_size(changes), 2);
    ck_assert_ptr_null(json_object_get(json_array_get(changes, 0), "from"));
    json_t *c = json_array_get(changes, 1);
    ck_assert_int_eq(number_of(c, "from"), 1);
    ck_assert_int_eq(number_of(c, "to"), 5);
    ck_assert_int_eq(number_of(c, "rrsets"), 1);
    ck_assert_str_eq(text_of(c, "source"), "file");
    ck_assert(json_is_true(json_object_get(c, "served")));
    ck_assert(json_is_false(json_object_get(c, "settled")));
    json_decref(doc);
}
END_TEST

START_TEST(export_gives_a_zone_that_loads)
{
    desk_expect(&d, "export example", CONTROL_DONE, "www.example. 60 IN A 192.0.2.80\n");
    host_write(&d.host, "again.zone", d.out);
    char command[DIR_PATH + 64];
    snprintf(command, sizeof command, "diff example %s/again.zone", d.host.dir);
    desk_expect(&d, command, CONTROL_DONE, "no difference (serial 1 is served, the file has 1)\n");
    desk_expect(&d, "export cached", CONTROL_FAILED,
                "zone cached is a cache here: there is no copy of it");
}
END_TEST

/* More than one part, of which one is in memory; a client that leaves in the middle takes nothing
 * along. */
START_TEST(a_large_zone_goes_out_in_parts)
{
    struct buf text = {0};
    char line[64];
    buf_print(&text,
              "@ 3600 SOA ns admin 2 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 127.0.0.1\n");
    for (unsigned i = 0; i < 20000; i++)
        buf_print(&text, "host%u 60 A 10.0.%u.%u\n", i, i >> 8, i & 255);
    host_write(&d.host, "example.zone", buf_text(&text));
    buf_free(&text);
    desk_expect(&d, "reload example", CONTROL_DONE, "serial 1 -> 2");
    size_t before = desk_memory();
    int fd = desk_connect(&d);
    const char *order = "{\"command\":\"export\",\"arguments\":[\"example\"]}\n";
    ck_assert_int_gt(send(fd, order, strlen(order), MSG_NOSIGNAL), 0);
    ck_assert_int_gt(recv(fd, line, sizeof line, 0), 0);
    desk_expect(&d, "status example", CONTROL_DONE, "serial 2"); /* nobody waits for it */
    ck_assert_uint_lt(desk_memory(), before + (1 << 19)); /* it would be two million octets */
    close(fd);
    desk_expect(&d, "export example", CONTROL_DONE, "host19999.example. 60 IN A 10.0.78.31\n");
    unsigned lines = 0;
    for (const char *at = d.out; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    ck_assert_uint_eq(lines, 20003);
}
END_TEST

TCase *case_control_zones(void)
{
    TCase *c = tcase_create("control_zones");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, history);
    tcase_add_test(c, export_gives_a_zone_that_loads);
    tcase_add_test(c, a_large_zone_goes_out_in_parts);
    return c;
}
