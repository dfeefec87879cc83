/* zone_include.c - files inside files: where they are, whose origin they have, and when to stop. */
#include "zone_memory.h"
#include "zone/reading.h"

START_TEST(origin_and_owner_are_as_before_afterwards)
{
    struct zone_disk disk = {.files = {{.path = "dir/z",
                                        .text = "$TTL 1\nw A 192.0.2.1\n$INCLUDE a sub ; here\n A 192.0.2.2\n"
                                                "$INCLUDE \"a\"\nx A 192.0.2.3\n$INCLUDE /b\ny A 192.0.2.4\n"},
                                       {.path = "dir/a", .text = " TXT w\n@ TXT at\n$ORIGIN deep\nd TXT d"},
                                       {.path = "/b", .text = "$TTL 9\nb TXT b\n$INCLUDE c\n"},
                                       {.path = "/c", .text = "c TXT c\n"}}};
    struct zone_heard h = {.count = 0};
    zone_hear(&disk, &h);
    ck_assert_str_eq(buf_text(&h.report.text), "");
    ck_assert_str_eq(buf_text(&h.files), "dir/z\ndir/a\ndir/a\n/b\n/c\n");
    ck_assert_str_eq(buf_text(&h.records), "w.example.com. 1 IN A 192.0.2.1\n"
                                           "w.example.com. 1 IN TXT \"w\"\n"
                                           "sub.example.com. 1 IN TXT \"at\"\n"
                                           "d.deep.sub.example.com. 1 IN TXT \"d\"\n"
                                           "w.example.com. 1 IN A 192.0.2.2\n"
                                           "w.example.com. 1 IN TXT \"w\"\n"
                                           "example.com. 1 IN TXT \"at\"\n"
                                           "d.deep.example.com. 1 IN TXT \"d\"\n"
                                           "x.example.com. 1 IN A 192.0.2.3\n"
                                           "b.example.com. 9 IN TXT \"b\"\n"
                                           "c.example.com. 9 IN TXT \"c\"\n"
                                           "y.example.com. 9 IN A 192.0.2.4\n");
    zone_heard_free(&h);
}
END_TEST

START_TEST(a_fault_names_the_files_above)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = "$TTL 1\n\n$INCLUDE a\n@ A x\n"},
                                       {.path = "a", .text = "$INCLUDE b\nx.example.com A 192.0.2.1\n"},
                                       {.path = "b", .text = "w A 1.2.3\n$INCLUDE gone\n"}}};
    struct zone_heard h = {.count = 0};
    zone_hear(&disk, &h);
    ck_assert_str_eq(
        buf_text(&h.report.text),
        "b:1:5: error: A: expected an IPv4 address, like 192.0.2.1 (included from a:1, z:3)\n  w A 1.2.3\n      ^\n"
        "b:2:1: error: gone: no such file (included from a:1, z:3)\n  $INCLUDE gone\n  ^\n"
        "a:2:1: warning: this name has no final dot, so the origin is put behind it once more (included from z:3)\n"
        "  x.example.com A 192.0.2.1\n  ^\n"
        "z:4:5: error: A: expected an IPv4 address, like 192.0.2.1\n  @ A x\n      ^\n");
    ck_assert_str_eq(buf_text(&h.files), "z\na\nb\ngone (unread)\n");
    ck_assert(!h.ok && h.report.errors == 3);
    zone_heard_free(&h);
}
END_TEST

START_TEST(a_circle_is_seen)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = "$TTL 1\n$INCLUDE a\n"},
                                       {.path = "a", .text = "$INCLUDE z\n@ A 192.0.2.1\n"}}};
    struct zone_heard h = {.count = 0};
    zone_hear(&disk, &h);
    ck_assert_str_eq(report_first(&h.report),
                     "a:1:1: error: z is being read already: it includes itself (included from z:2)");
    ck_assert_uint_eq(h.count, 1);
    zone_heard_free(&h);
    /* the same file by another name */
    disk = (struct zone_disk){.files = {{.path = "z", .text = "$INCLUDE ./z\n", .inode = 5},
                                        {.path = "./z", .text = "$INCLUDE z\n", .inode = 5}}};
    h = (struct zone_heard){.count = 0};
    zone_hear(&disk, &h);
    ck_assert_uint_eq(h.report.errors, 1);
    zone_heard_free(&h);
}
END_TEST

START_TEST(depth_and_size_have_limits)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = "$TTL 1\n$INCLUDE a\n"},
                                       {.path = "a", .text = "$INCLUDE b\n"},
                                       {.path = "b", .text = "@ A 192.0.2.1\n"}}};
    struct zone_heard h = {.count = 0};
    zone_hear_limited(&disk, (struct zone_text_limits){.include_depth = 2, .bytes = 43}, &h);
    ck_assert(h.ok && h.count == 1);
    zone_heard_free(&h);
    h = (struct zone_heard){.count = 0};
    zone_hear_limited(&disk, (struct zone_text_limits){.include_depth = 1}, &h);
    ck_assert_str_eq(report_first(&h.report),
                     "a:1:1: error: $INCLUDE is nested deeper than 1 files (included from z:2)");
    zone_heard_free(&h);
    h = (struct zone_heard){.count = 0};
    zone_hear_limited(&disk, (struct zone_text_limits){.bytes = 42}, &h);
    ck_assert_str_eq(report_first(&h.report), "a:1:1: error: b: too large (included from z:2)");
    zone_heard_free(&h);
    h = (struct zone_heard){.count = 0};
    zone_hear_limited(&disk, (struct zone_text_limits){.bytes = 18}, &h);
    ck_assert_str_eq(report_first(&h.report),
                     "z:2:1: error: this zone's files have more than 18 octets together");
    zone_heard_free(&h);
}
END_TEST

START_TEST(paths)
{
    static const char *const rows[][3] = {{"z", "a", "a"},
                                          {"dir/z", "a", "dir/a"},
                                          {"/etc/zones/z", "sub/a", "/etc/zones/sub/a"},
                                          {"/etc/zones/z", "/a", "/a"},
                                          {"/z", "a", "/a"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out = {.len = 0};
        include_path(rows[i][0], rows[i][1], &out);
        ck_assert_str_eq(buf_text(&out), rows[i][2]);
        buf_free(&out);
    }
}
END_TEST

TCase *case_zone_include(void)
{
    TCase *c = tcase_create("zone_include");
    tcase_add_test(c, origin_and_owner_are_as_before_afterwards);
    tcase_add_test(c, a_fault_names_the_files_above);
    tcase_add_test(c, a_circle_is_seen);
    tcase_add_test(c, depth_and_size_have_limits);
    tcase_add_test(c, paths);
    return c;
}
