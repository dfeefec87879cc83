/* base_report.c - findings look as a compiler's do, and text from outside stays harmless. */
#include "base/report.h"
#include "cases.h"
#include <string.h>

START_TEST(shows_place_line_and_caret)
{
    struct report r = {.errors = 0};
    const char *line = "www\tA\t192.0.2.300";
    struct place p = {
        .file = "a.zone", .line = 12, .column = 7, .source = line, .source_len = strlen(line)};
    report_error(&r, &p, "\"%s\" is not an IPv4 address", "192.0.2.300");
    ck_assert_str_eq(buf_text(&r.text),
                     "a.zone:12:7: error: \"192.0.2.300\" is not an IPv4 address\n"
                     "  www\tA\t192.0.2.300\n"
                     "     \t \t^\n");
    ck_assert_str_eq(report_first(&r),
                     "a.zone:12:7: error: \"192.0.2.300\" is not an IPv4 address");
    report_free(&r);
}
END_TEST

START_TEST(counts_and_knows_the_first_error)
{
    struct report r = {.errors = 0};
    struct place line_only = {.file = "x", .line = 3}, file_only = {.file = "x", .column = 3};
    ck_assert_str_eq(report_first(&r), "");
    report_warning(&r, NULL, "odd");
    ck_assert_str_eq(report_first(&r), "");
    report_error(&r, &line_only, "one");
    report_error(&r, &file_only, "two");
    ck_assert_str_eq(report_first(&r), "x:3: error: one");
    ck_assert_str_eq(buf_text(&r.text), "warning: odd\nx:3: error: one\nx: error: two\n");
    ck_assert(r.errors == 2 && r.warnings == 1);
    report_free(&r);
    ck_assert(r.errors == 0 && r.text.len == 0);
}
END_TEST

/* Not even the first room of the text is to be had. */
START_TEST(without_memory_it_says_so)
{
    struct report r = {.errors = 0};
    (void)no_memory_for(64);
    report_error(&r, NULL, "no SOA at the apex");
    ck_assert(no_memory_for(0));
    ck_assert_uint_eq(r.errors, 1);
    ck_assert_str_eq(report_first(&r), "error: out of memory");
    ck_assert_str_eq(report_text(&r), "error: out of memory: what was found cannot be shown\n");
    report_free(&r);
    ck_assert_str_eq(report_text(&r), "");
}
END_TEST

START_TEST(stops_showing)
{
    struct report r = {.most = 2};
    for (int i = 0; i < 5; i++) {
        report_warning(&r, NULL, "w%d", i);
    }
    for (int i = 0; i < 5; i++) {
        report_error(&r, NULL, "e%d", i);
    }
    ck_assert_str_eq(buf_text(&r.text), "warning: w0\nwarning: w1\n... and more warnings\n"
                                        "error: e0\nerror: e1\n... and more errors\n");
    ck_assert_uint_eq(r.errors, 5);
    report_free(&r);
}
END_TEST

START_TEST(escapes)
{
    struct report r = {.errors = 0};
    const char *line = "\x1b[2J \xc3\xbc x";
    struct place p = {
        .file = "a\nb", .line = 1, .column = 9, .source = line, .source_len = strlen(line)};
    report_error(&r, &p, "bad\nnews");
    ck_assert_str_eq(buf_text(&r.text), "a\\012b:1:9: error: bad\\012news\n"
                                        "  \\033[2J \xc3\xbc x\n"
                                        "            ^\n");
    report_free(&r);
}
END_TEST

START_TEST(shows_part_of_a_long_line)
{
    struct report r = {.errors = 0};
    static char line[10000];
    memset(line, 'a', sizeof line);
    line[5000] = '!';
    struct place p = {.line = 1, .column = 5001, .source = line, .source_len = sizeof line};
    report_error(&r, &p, "here");
    const char *text = buf_text(&r.text);
    ck_assert_uint_lt(strlen(text), 500);
    const char *source = strchr(text, '\n') + 1, *caret = strchr(source, '\n') + 1;
    ck_assert_int_eq(strchr(source, '!') - source, strchr(caret, '^') - caret);
    p.column = 20000; /* beyond the end is no harm */
    report_error(&r, &p, "there");
    p.column = 0;
    report_error(&r, &p, "nowhere");
    p.source_len = 0;
    p.column = 1;
    report_error(&r, &p, "empty");
    ck_assert(!r.text.failed);
    report_free(&r);
}
END_TEST

TCase *case_base_report(void)
{
    TCase *c = tcase_create("base_report");
    tcase_add_test(c, shows_place_line_and_caret);
    tcase_add_test(c, counts_and_knows_the_first_error);
    tcase_add_test(c, without_memory_it_says_so);
    tcase_add_test(c, stops_showing);
    tcase_add_test(c, escapes);
    tcase_add_test(c, shows_part_of_a_long_line);
    return c;
}
