/* config_read.c - a whole configuration: the one of the documentation, and many errors at once. */
#include "config/config.h"
#include "config_memory.h"

START_TEST(reads_a_whole_file)
{
    struct config *c = good_config(
        "server:\n"
        "  listen: [127.0.0.1@5300, \"[::1]:5300\"] # address[@port] or [v6]:port\n"
        "  threads: 2                            # default: one per CPU\n"
        "  state: /var/lib/settled\n"
        "  zones: /etc/settled/zones\n"
        "  user: settled\n"
        "  nsid: ns1\n"
        "control: { socket: /run/settled/control.sock }\n"
        "log: { level: info, format: text }\n"
        "peers:\n"
        "  - { name: ns2, address: [192.0.2.2, \"2001:db8::2@5353\"] }\n"
        "  - { name: branch, address: 192.0.2.9, kind: cache, ask: [10.0.0.9], via: 192.0.2.1 }\n"
        "defaults: { serial: auto }\n"
        "include: [/etc/settled/conf.d/*.conf]\n"
        "zones:\n"
        "  - { name: example.com, role: primary, file: example.com.zone, notify: [ns2, branch], "
        "transfer: [ns2, branch] }\n"
        "  - { name: example.net, role: secondary, primaries: [ns2], notify-from: [192.0.2.7] }\n"
        "  - { name: example.org, role: cache, primaries: [ns2] }\n"
        "  - { name: ., role: cache, primaries: [192.0.2.53] }\n"
        "cache: { size: 256M, max-ttl: 1d, max-negative-ttl: 3h, serve-stale: 1d, refresh-at: 10% "
        "}\n");
    ck_assert_uint_eq(c->zone_count, 4);
    ck_assert_uint_eq(c->peer_count, 3);
    ck_assert_uint_eq(c->zones[1].rules->notify.count, 2);
    ck_assert_uint_eq(c->zones[1].rules->transfer.count, 3);
    ck_assert_ptr_eq(c->zones[1].rules->notify.items[1], &c->peers[1]);
    ck_assert_uint_eq(c->server.listen[1].port, 5300);
    config_free(c);
}
END_TEST

START_TEST(shows_every_error_with_its_line)
{
    struct memory_file files[] = {
        {.path = "conf",
         .text = "include: more\n"
                 "server: {lisen: 192.0.2.1}\n"
                 "zones:\n"
                 "  - name: a\n"
                 "    role: primary\n"
                 "    notify: [ns3]\n"},
        {.path = "more", .text = "peers:\n\t- x\n"},
        {.path = NULL},
    };
    struct files f = {.read = memory_read, .match = memory_match, .ctx = files};
    struct report report = {.errors = 0};
    ck_assert_ptr_null(config_read("conf", &f, &report));
    ck_assert_str_eq(buf_text(&report.text),
                     "conf:2:10: error: unknown option of server 'lisen': did you mean 'listen'?\n"
                     "  server: {lisen: 192.0.2.1}\n"
                     "           ^\n"
                     "more:2:1: error: a tab cannot indent: use spaces\n"
                     "  \t- x\n"
                     "  ^\n");
    ck_assert_uint_eq(report.errors, 2);
    ck_assert_str_eq(report_first(&report),
                     "conf:2:10: error: unknown option of server 'lisen': did you mean 'listen'?");
    report_free(&report);
}
END_TEST

/* As a file that is being written is for a moment; a reload must not take it for "no zones". */
START_TEST(refuses_a_file_with_nothing_in_it)
{
    static const char *const texts[] = {"", "# nothing yet\n", "\n\n", "---\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct report report = {.errors = 0};
        struct memory_file files[] = {{.path = "conf", .text = texts[i]}, {.path = NULL}};
        struct files f = {.read = memory_read, .match = memory_match, .ctx = files};
        ck_assert_ptr_null(config_read("conf", &f, &report));
        ck_assert_uint_eq(report.errors, 1);
        ck_assert_ptr_nonnull(strstr(report_first(&report), "conf: error: nothing is in it"));
        report_free(&report);
    }
}
END_TEST

START_TEST(bounds_what_it_shows)
{
    struct buf text = {.len = 0};
    struct report report = {.errors = 0};
    buf_print(&text, "zones:\n");
    for (int i = 0; i < 5000; i++) {
        buf_print(&text, "- {name: z%d, role: cache, primaries: [nobody%d]}\n", i, i);
    }
    struct memory_file files[] = {{.path = "conf", .text = buf_text(&text)}, {.path = NULL}};
    struct files f = {.read = memory_read, .match = memory_match, .ctx = files};
    ck_assert_ptr_null(config_read("conf", &f, &report));
    ck_assert_uint_eq(report.errors, 5000);
    ck_assert_uint_lt(report.text.len, 20000);
    report_free(&report);
    buf_free(&text);
}
END_TEST

TCase *case_config_read(void)
{
    TCase *c = tcase_create("config_read");
    tcase_add_test(c, reads_a_whole_file);
    tcase_add_test(c, shows_every_error_with_its_line);
    tcase_add_test(c, refuses_a_file_with_nothing_in_it);
    tcase_add_test(c, bounds_what_it_shows);
    return c;
}
