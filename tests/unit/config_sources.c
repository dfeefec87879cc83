/* config_sources.c - include: patterns, circles, depth, files that are not there. */
#include "config/sources.h"
#include "config_memory.h"

#define ZONE(name) "zones:\n - {name: " name ", role: primary, file: x}\n"

static void check(struct memory_file *files, unsigned zones, const char *expected)
{
    struct buf errors = {.len = 0};
    struct config *c = memory_config(files, &errors);
    ck_assert_str_eq(buf_text(&errors), expected);
    ck_assert_uint_eq(c == NULL ? 0 : c->zone_count, zones);
    buf_free(&errors);
    config_free(c);
}

START_TEST(reads_what_is_included)
{
    struct memory_file files[] = {
        {.path = "/etc/main.conf", .text = "include: [conf.d/*.conf, /srv/more.conf]\n" ZONE("a")},
        {.path = "/etc/conf.d/b.conf", .text = ZONE("b")},
        {.path = "/etc/conf.d/c.conf", .text = "include: ../d.conf\n" ZONE("c")},
        {.path = "/etc/conf.d/empty.conf", .text = "# nothing\n"},
        {.path = "/etc/conf.d/other.txt", .text = "not yaml: ["},
        {.path = "/etc/conf.d/../d.conf", .text = ZONE("d")},
        {.path = "/srv/more.conf", .text = ZONE("e") "include: nothing-*\n"},
        {.path = NULL},
    };
    check(files, 5, "");
}
END_TEST

START_TEST(reads_a_file_once)
{
    struct memory_file files[] = {
        {.path = "main", .text = "include: [a, '*', sub/../a*]\n" ZONE("x"), .inode = 1},
        {.path = "a", .text = "include: '*'\n" ZONE("a"), .inode = 2},
        {.path = "sub/../a", .text = ZONE("a"), .inode = 2},
        {.path = NULL},
    };
    check(files, 2, "");
}
END_TEST

START_TEST(says_what_cannot_be_read)
{
    struct memory_file files[] = {
        {.path = "main", .text = "include:\n - a\n - none\n - a\n - forbidden*\n - [b]\n - ''\n"},
        {.path = "a", .text = "zones: [\n"},
        {.path = NULL},
    };
    check(files, 0,
          "main:3:4: error: none: no such file\n"
          "main:4:4: error: include: a is read already\n"
          "main:5:4: error: include: forbidden*: not allowed\n"
          "main:6:4: error: include: a path or pattern belongs here\n"
          "main:7:4: error: include: a path or pattern belongs here\n"
          "a:1:8: error: this list is not closed\n");
}
END_TEST

START_TEST(says_when_the_main_file_is_missing)
{
    struct memory_file files[] = {{.path = NULL}, {.path = NULL}};
    struct files f = {.read = memory_read, .match = memory_match, .ctx = files};
    struct report report = {.errors = 0};
    ck_assert_ptr_null(config_read("/etc/settled.conf", &f, &report));
    ck_assert_str_eq(buf_text(&report.text),
                     "/etc/settled.conf: error: /etc/settled.conf: no such file\n");
    report_free(&report);
}
END_TEST

START_TEST(ends_deep_includes)
{
    struct memory_file files[] = {
        {.path = "0", .text = "include: 1"},
        {.path = "1", .text = "include: 2"},
        {.path = "2", .text = "include: 3"},
        {.path = "3", .text = "include: 4"},
        {.path = "4", .text = "include: 5"},
        {.path = "5", .text = "include: 6"},
        {.path = "6", .text = "include: 7"},
        {.path = "7", .text = "include: 8"},
        {.path = "8", .text = "include: 9"},
        {.path = "9", .text = ""},
        {.path = NULL},
    };
    check(files, 0, "8:1:10: error: include: more than 8 files deep\n");
}
END_TEST

START_TEST(keeps_main_sections_in_the_main_file)
{
    struct memory_file files[] = {
        {.path = "main", .text = "include: a\n"},
        {.path = "a", .text = "server: {}\ncache: {}\npeers: []\nservr: {}\n"},
        {.path = NULL},
    };
    check(files, 0,
          "a:1:1: error: 'server' belongs in the main file, main\n"
          "a:2:1: error: 'cache' belongs in the main file, main\n"
          "a:4:1: error: unknown section 'servr': did you mean 'server'?\n");
}
END_TEST

START_TEST(bounds_one_file)
{
    struct memory_file files[] = {
        {.path = "main", .text = "include: a"}, {.path = "a"}, {.path = NULL}};
    char *large = malloc(SOURCE_SIZE + 1);
    ck_assert_ptr_nonnull(large);
    memset(large, '#', SOURCE_SIZE + 1);
    files[1].text = large;
    files[1].len = SOURCE_SIZE + 1;
    check(files, 0, "main:1:10: error: a: too large\n");
    free(large);
}
END_TEST

START_TEST(bounds_all_files)
{
    struct memory_file memory[] = {
        {.path = "main", .text = "include: [a, b, c]"},
        {.path = "a", .text = "# 10 long\n"},
        {.path = "b", .text = "# 11 long!\n"},
        {.path = "c", .text = "# 10 long\n"},
        {.path = NULL},
    };
    struct files files = {.read = memory_read, .match = memory_match, .ctx = memory};
    struct reading r = {.files = &files, .octets_left = 18 + 10 + 10};
    struct report report = {.errors = 0};
    r.findings.arena = &r.scratch;
    sources_read(&r, "main");
    findings_tell(&r.findings, &report);
    ck_assert_str_eq(report_first(&report),
                     "main:1:14: error: one file too many: together they are too large");
    ck_assert_uint_eq(report.errors, 1);
    ck_assert(r.broken && r.octets_left == 0);
    report_free(&report);
    arena_free(&r.scratch);
}
END_TEST

TCase *case_config_sources(void)
{
    TCase *c = tcase_create("config_sources");
    tcase_add_test(c, reads_what_is_included);
    tcase_add_test(c, reads_a_file_once);
    tcase_add_test(c, says_what_cannot_be_read);
    tcase_add_test(c, says_when_the_main_file_is_missing);
    tcase_add_test(c, ends_deep_includes);
    tcase_add_test(c, keeps_main_sections_in_the_main_file);
    tcase_add_test(c, bounds_one_file);
    tcase_add_test(c, bounds_all_files);
    return c;
}
