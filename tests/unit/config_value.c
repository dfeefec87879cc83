/* config_value.c - times, sizes, counts, percentages and words from text and back. */
#include "cases.h"
#include "config/value.h"

struct row {
    const char *text;
    uint64_t value;
};

START_TEST(reads_times)
{
    static const struct row rows[] = {
        {"0", 0},
        {"90", 90},
        {"15m", 900},
        {"1h30m", 5400},
        {"1W2d", 777600},
        {"1s1s", 2},
        {"2w", 1209600},
        {"99999999999999999999", UINT64_MAX},
        {"99999999999999999w", UINT64_MAX},
        {"007m", 420},
        {"1d30500568904943w", UINT64_MAX},
    };
    static const char *const wrong[] = {"",    "s",    "1x", "1h30", "-1",
                                        "1 h", "1.5h", "h1", " 1",   "1:30"};
    uint64_t v;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert(value_seconds(rows[i].text, &v));
        ck_assert_uint_eq(v, rows[i].value);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_msg(!value_seconds(wrong[i], &v), "%s", wrong[i]);
    }
}
END_TEST

START_TEST(reads_sizes)
{
    static const struct row rows[] = {{"0", 0},
                                      {"512", 512},
                                      {"64K", 65536},
                                      {"2m", 2097152},
                                      {"1G", 1073741824},
                                      {"18446744073709551615", UINT64_MAX},
                                      {"18014398509481984K", UINT64_MAX}};
    static const char *const wrong[] = {"", "K", "1KB", "1T", "1.5K", "64 K", "+1", "1K1K"};
    uint64_t v;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert(value_size(rows[i].text, &v));
        ck_assert_uint_eq(v, rows[i].value);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_msg(!value_size(wrong[i], &v), "%s", wrong[i]);
    }
}
END_TEST

START_TEST(reads_the_rest)
{
    uint64_t v;
    bool yes;
    ck_assert(value_count("1024", &v) && v == 1024);
    ck_assert(!value_count("1K", &v) && !value_count("", &v));
    ck_assert(value_percent("10%", &v) && v == 10);
    ck_assert(value_percent("100", &v) && v == 100);
    ck_assert(!value_percent("10%%", &v) && !value_percent("%", &v));
    ck_assert(value_yesno("yes", &yes) && yes);
    ck_assert(value_yesno("no", &yes) && !yes);
    ck_assert(!value_yesno("on", &yes) && !value_yesno("Yes", &yes) && !value_yesno("", &yes));
    ck_assert_int_eq(value_word("b", "a b cc"), 1);
    ck_assert_int_eq(value_word("cc", "a b cc"), 2);
    ck_assert_int_eq(value_word("c", "a b cc"), -1);
    ck_assert_int_eq(value_word("", "a b cc"), -1);
    ck_assert_int_eq(value_word("a b", "a b cc"), -1);
}
END_TEST

START_TEST(prints)
{
    char out[VALUE_TEXT];
    ck_assert_str_eq(value_print_seconds(0, out), "0s");
    ck_assert_str_eq(value_print_seconds(5400, out), "1h30m");
    ck_assert_str_eq(value_print_seconds(604800 + 61, out), "1w1m1s");
    ck_assert_str_eq(value_print_seconds(UINT64_MAX, out), "30500568904943w7h15s");
    ck_assert_str_eq(value_print_size(0, out), "0");
    ck_assert_str_eq(value_print_size(1232, out), "1232");
    ck_assert_str_eq(value_print_size(65536, out), "64K");
    ck_assert_str_eq(value_print_size((uint64_t)3 << 30, out), "3G");
}
END_TEST

TCase *case_config_value(void)
{
    TCase *c = tcase_create("config_value");
    tcase_add_test(c, reads_times);
    tcase_add_test(c, reads_sizes);
    tcase_add_test(c, reads_the_rest);
    tcase_add_test(c, prints);
    return c;
}
