/* base_log.c - levels are kept, lines stay lines. */
#include "base/log.h"
#include "cases.h"
#include <stdio.h>
#include <string.h>

struct seen {
    unsigned lines;
    enum log_level level;
    char last[4000];
};

static void keep(void *ctx, enum log_level level, const char *line)
{
    struct seen *s = ctx;
    s->lines++;
    s->level = level;
    snprintf(s->last, sizeof s->last, "%s", line);
}

START_TEST(keeps_levels)
{
    struct seen s = {.lines = 0};
    struct log l = {.level = LOG_LEVEL_NOTICE, .write = keep, .ctx = &s};
    log_debug(&l, "no");
    log_info(&l, "no");
    ck_assert_uint_eq(s.lines, 0);
    log_notice(&l, "zone %s: serial %u -> %u", "example.org", 7U, 8U);
    ck_assert_str_eq(s.last, "zone example.org: serial 7 -> 8");
    log_warning(&l, "w");
    ck_assert_int_eq(s.level, LOG_LEVEL_WARNING);
    log_error(&l, "e");
    ck_assert_int_eq(s.level, LOG_LEVEL_ERROR);
    ck_assert_uint_eq(s.lines, 3);
    log_error(NULL, "nobody listens");
}
END_TEST

START_TEST(escapes_and_cuts)
{
    struct seen s = {.lines = 0};
    struct log l = {.level = LOG_LEVEL_DEBUG, .write = keep, .ctx = &s};
    char many[6000];
    log_debug(&l, "name %s", "a\nsettled: fake line");
    ck_assert_str_eq(s.last, "name a\\012settled: fake line");
    memset(many, 'y', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    log_info(&l, "%s", many);
    ck_assert_uint_gt(strlen(s.last), 2000);
    ck_assert_uint_lt(strlen(s.last), sizeof s.last - 1);
}
END_TEST

START_TEST(names_levels)
{
    ck_assert_str_eq(log_level_name(LOG_LEVEL_ERROR), "error");
    ck_assert_str_eq(log_level_name(LOG_LEVEL_DEBUG), "debug");
}
END_TEST

TCase *case_base_log(void)
{
    TCase *c = tcase_create("base_log");
    tcase_add_test(c, keeps_levels);
    tcase_add_test(c, escapes_and_cuts);
    tcase_add_test(c, names_levels);
    return c;
}
