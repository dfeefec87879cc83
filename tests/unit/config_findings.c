/* config_findings.c - what is wrong comes out in the order of the text, with line and caret. */
#include "cases.h"
#include "config/findings.h"

START_TEST(tells_in_order)
{
    struct arena arena;
    struct report report = {.errors = 0};
    struct source first = {.path = "a", .text = "x: \xc3\xa4 y\n\tz\n", .len = 12, .order = 0};
    struct source second = {.path = "b", .text = "", .order = 1};
    arena_init(&arena);
    struct findings f = {.arena = &arena};
    finding_add(&f, (struct spot){&second, 0, 0}, "last");
    finding_add(&f, (struct spot){&first, 2, 2}, "third %d", 3);
    finding_add(&f, (struct spot){&first, 1, 6}, "first");
    finding_add(&f, (struct spot){&first, 1, 6}, "second");
    ck_assert_uint_eq(f.count, 4);
    findings_tell(&f, &report);
    ck_assert_str_eq(buf_text(&report.text), "a:1:7: error: first\n"
                                             "  x: \xc3\xa4 y\n"
                                             "       ^\n"
                                             "a:1:7: error: second\n"
                                             "  x: \xc3\xa4 y\n"
                                             "       ^\n"
                                             "a:2:2: error: third 3\n"
                                             "  \tz\n"
                                             "  \t^\n"
                                             "b: error: last\n");
    ck_assert_uint_eq(report.errors, 4);
    report_free(&report);
    arena_free(&arena);
}
END_TEST

START_TEST(tells_nothing_when_nothing_is_wrong)
{
    struct arena arena;
    struct report report = {.errors = 0};
    arena_init(&arena);
    struct findings f = {.arena = &arena};
    findings_tell(&f, &report);
    ck_assert_uint_eq(report.errors, 0);
    ck_assert_str_eq(buf_text(&report.text), "");
    report_free(&report);
    arena_free(&arena);
}
END_TEST

TCase *case_config_findings(void)
{
    TCase *c = tcase_create("config_findings");
    tcase_add_test(c, tells_in_order);
    tcase_add_test(c, tells_nothing_when_nothing_is_wrong);
    return c;
}
