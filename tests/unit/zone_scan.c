/* zone_scan.c - numbers, times and escapes, and everything that is none. */
#include "zone/scan.h"
#include "cases.h"
#include <string.h>

START_TEST(numbers_have_digits_and_a_limit)
{
    uint64_t n = 7;
    ck_assert(scan_number("0", 1, 10, &n) && n == 0);
    ck_assert(scan_number("18446744073709551615", 20, UINT64_MAX, &n) && n == UINT64_MAX);
    ck_assert(!scan_number("18446744073709551616", 20, UINT64_MAX, &n));
    ck_assert(scan_number("65535x", 5, 65535, &n) && n == 65535);
    ck_assert(!scan_number("65536", 5, 65535, &n));
    ck_assert(!scan_number("7", 1, 5, &n));
    ck_assert(!scan_number("", 0, 5, &n));
    ck_assert(!scan_number("-1", 2, 5, &n));
    ck_assert(!scan_number("+1", 2, 5, &n));
    ck_assert(n == 65535);
}
END_TEST

START_TEST(times_have_units)
{
    static const struct {
        const char *text;
        uint32_t seconds;
    } good[] = {{"0", 0},           {"3600", 3600},   {"1h", 3600},        {"1H30M", 5400},
                {"1w2d3h4m5s", 788645}, {"30m1h", 5400}, {"2147483647", 2147483647}};
    static const char *const bad[] = {"", "h", "1x", "1h30", "-1", "1hh", "2147483648", "9999w", "99999999999999999999"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint32_t seconds = 1;
        ck_assert_ptr_null(scan_ttl(good[i].text, strlen(good[i].text), &seconds));
        ck_assert_uint_eq(seconds, good[i].seconds);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint32_t seconds = 1;
        ck_assert_msg(scan_ttl(bad[i], strlen(bad[i]), &seconds) != NULL, "%s", bad[i]);
        ck_assert_uint_eq(seconds, 1);
    }
    uint32_t seconds = 1;
    ck_assert_ptr_null(scan_period("4294967295", 10, &seconds));
    ck_assert_uint_eq(seconds, UINT32_MAX);
    ck_assert_str_eq(scan_period("4294967296", 10, &seconds), "a time above 4294967295 seconds");
    ck_assert_uint_eq(seconds, UINT32_MAX);
}
END_TEST

START_TEST(dates_go_both_ways)
{
    static const struct {
        const char *text;
        uint32_t time;
    } rows[] = {{"19700101000000", 0},          {"20000229120000", 951825600}, {"20261122112308", 1795346588},
                {"20380119031408", 2147483648}, {"21000301000000", 4107542400}, {"21060207062815", 4294967295}};
    char text[15];
    uint32_t time;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert(scan_time(rows[i].text, 14, &time));
        ck_assert_uint_eq(time, rows[i].time);
        scan_print_time(time, text);
        ck_assert_str_eq(text, rows[i].text);
    }
    ck_assert(scan_time("4294967295", 10, &time) && time == UINT32_MAX);
    ck_assert(!scan_time("4294967296", 10, &time));
    static const char *const bad[] = {"20261301000000", "20260229000000", "20260100000000", "20260101240000",
                                      "20260101006000", "19691231000000", "2026010100000x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!scan_time(bad[i], 14, &time), "%s", bad[i]);
    }
}
END_TEST

START_TEST(escapes_stand_for_octets)
{
    struct buf out = {.len = 0};
    size_t at;
    const char *why;
    ck_assert(scan_text("a\\\"b\\092\\000\\255", 16, &out, &at, &why));
    ck_assert_uint_eq(out.len, 6);
    ck_assert_mem_eq(out.data, "a\"b\\\0\xff", 6);
    struct buf text = {.len = 0};
    scan_print_text(out.data, out.len, &text);
    ck_assert_str_eq(buf_text(&text), "a\\\"b\\\\\\000\\255");
    buf_free(&text);
    ck_assert(!scan_text("ab\\256", 6, &out, &at, &why) && at == 2);
    ck_assert(!scan_text("ab\\25", 5, &out, &at, &why) && at == 2);
    ck_assert(!scan_text("ab\\2x5", 6, &out, &at, &why) && at == 2);
    ck_assert(!scan_text("ab\\", 3, &out, &at, &why) && at == 2);
    buf_free(&out);
}
END_TEST

TCase *case_zone_scan(void)
{
    TCase *c = tcase_create("zone_scan");
    tcase_add_test(c, numbers_have_digits_and_a_limit);
    tcase_add_test(c, times_have_units);
    tcase_add_test(c, dates_go_both_ways);
    tcase_add_test(c, escapes_stand_for_octets);
    return c;
}
