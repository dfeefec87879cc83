/* base_clock.c - time never wraps, and prints as RFC 3339 at both ends of the calendar. */
#include "base/clock.h"
#include "cases.h"

START_TEST(adds)
{
    struct mono t = {.ns = 5};
    ck_assert_int_eq(mono_plus_ms(t, 3).ns, 3000005);
    ck_assert_int_eq(mono_plus_s(t, 3).ns, INT64_C(3000000005));
    ck_assert_int_eq(mono_plus_s(t, -1).ns, 5 - NS_PER_S);
    ck_assert_int_eq(mono_ms_between(t, mono_plus_s(t, 2)), 2000);
    ck_assert(mono_before(t, mono_plus_ms(t, 1)));
}
END_TEST

START_TEST(saturates)
{
    ck_assert_int_eq(mono_plus_s(MONO_NEVER, 1).ns, MONO_NEVER.ns);
    ck_assert_int_eq(mono_plus_ms((struct mono){0}, INT64_MAX).ns, MONO_NEVER.ns);
    ck_assert_int_eq(mono_plus_s((struct mono){-5}, INT64_MIN).ns, INT64_MIN);
}
END_TEST

START_TEST(prints)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {INT64_C(951782400000), "2000-02-29T00:00:00Z"},
        {INT64_C(1795346588999), "2026-11-22T11:23:08Z"},
        {INT64_C(4294967296000), "2106-02-07T06:28:16Z"},
        {INT64_MAX, "9999-12-31T23:59:59Z"},
        {INT64_MIN, "1000-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[21];
        wall_print((struct wall){rows[i].ms}, out);
        ck_assert_str_eq(out, rows[i].text);
    }
}
END_TEST

TCase *case_base_clock(void)
{
    TCase *c = tcase_create("base_clock");
    tcase_add_test(c, adds);
    tcase_add_test(c, saturates);
    tcase_add_test(c, prints);
    return c;
}
