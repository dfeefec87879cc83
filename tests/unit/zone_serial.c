/* zone_serial.c - every policy against every relation of two serials; none ever goes back. */
#include "cases.h"
#include "wire/rdata.h"
#include "zone/serial.h"

#define HALF   UINT32_C(0x80000000)
#define NOW_MS INT64_C(1764080705123) /* 2025-11-25T14:25:05Z */
#define TODAY  2025112500u
#define NOW_S  1764080705u

struct row {
    enum serial_policy policy;
    uint32_t served, in_file;
    bool fixed;
    uint32_t serial;
};

static struct serial_case changed(enum serial_policy policy, uint32_t served, uint32_t in_file)
{
    return (struct serial_case){.policy = policy,
                                .in_file = in_file,
                                .has_served = true,
                                .served = served,
                                .changed = true,
                                .now = {NOW_MS}};
}

START_TEST(a_changed_zone_gets_a_newer_serial)
{
    static const struct row rows[] = {
        {SERIAL_AUTO, 7, 8, false, 8},
        {SERIAL_AUTO, 7, 2025112501, false, 2025112501},
        {SERIAL_AUTO, 7, 7, false, 8},
        {SERIAL_AUTO, 7, 6, false, 8},
        {SERIAL_AUTO, UINT32_MAX, UINT32_MAX, false, 0},
        {SERIAL_AUTO, 0xfffffff0, 3, false, 3}, /* newer: it wrapped */
        {SERIAL_AUTO, 3, 0xfffffff0, false, 4},
        {SERIAL_AUTO, 7, 7 + HALF, false, 8}, /* neither is newer (RFC 1982 3.2) */
        {SERIAL_AUTO, 7, 6 + HALF, false, 6 + HALF},
        {SERIAL_AUTO, 7, 8, true, 8},
        {SERIAL_KEEP, 7, 8, false, 8},
        {SERIAL_KEEP, UINT32_MAX, 0, false, 0},
        {SERIAL_DATE, 7, 1, false, TODAY},
        {SERIAL_DATE, TODAY, 1, false, TODAY + 1},
        {SERIAL_DATE, TODAY + 99, 1, false, TODAY + 100}, /* the hundredth change of a day */
        {SERIAL_DATE, 7, TODAY + 5, false, TODAY + 5},
        {SERIAL_DATE, TODAY, 7, true, 7 /* held: see below */},
        {SERIAL_DATE, 0, TODAY + HALF - 1, false, TODAY}, /* newer than today, older than 0 */
        {SERIAL_DATE, TODAY + HALF, 1, false, 1},
        {SERIAL_DATE, TODAY + HALF, TODAY, false, TODAY + HALF + 1},
        {SERIAL_UNIXTIME, 7, 1, false, NOW_S},
        {SERIAL_UNIXTIME, NOW_S, 1, false, NOW_S + 1},
        {SERIAL_UNIXTIME, NOW_S + 60, 1, false, NOW_S + 61}, /* the clock went back */
        {SERIAL_UNIXTIME, 7, NOW_S + 5, false, NOW_S + 5},
        {SERIAL_UNIXTIME, TODAY, TODAY, false, TODAY + 1}, /* it was dates before */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct serial_case c = changed(r->policy, r->served, r->in_file);
        struct oops o = {.text = ""};
        uint32_t serial = 4711;
        c.fixed = r->fixed;
        bool held = r->fixed && !serial_older(r->served, r->in_file);
        ck_assert_msg(serial_choose(&c, &serial, &o) == !held, "row %zu", i);
        if (held) {
            ck_assert_uint_eq(serial, 4711);
            continue;
        }
        ck_assert_msg(serial == r->serial, "row %zu: %u", i, serial);
        ck_assert_msg(serial_older(r->served, serial), "row %zu: %u is not newer", i, serial);
    }
}
END_TEST

START_TEST(an_unchanged_zone_takes_a_newer_serial_and_no_older_one)
{
    for (int policy = SERIAL_AUTO; policy <= SERIAL_UNIXTIME; policy++) {
        for (int fixed = 0; fixed < 2; fixed++) {
            struct serial_case c = changed((enum serial_policy)policy, 7, 7);
            struct oops o;
            uint32_t serial;
            c.changed = false;
            c.fixed = fixed == 1;
            ck_assert(serial_choose(&c, &serial, &o) && serial == 7);
            c.in_file = 9;
            ck_assert(serial_choose(&c, &serial, &o) && serial == 9);
            c.in_file = 5;
            ck_assert(serial_choose(&c, &serial, &o) && serial == 7);
            c.in_file = 7 + HALF;
            ck_assert(serial_choose(&c, &serial, &o) && serial == 7);
        }
    }
}
END_TEST

START_TEST(the_first_serial)
{
    struct oops o;
    uint32_t serial;
    struct serial_case c = {.in_file = 5, .now = {NOW_MS}, .changed = true};
    ck_assert(serial_choose(&c, &serial, &o) && serial == 5);
    c.policy = SERIAL_KEEP;
    ck_assert(serial_choose(&c, &serial, &o) && serial == 5);
    c.policy = SERIAL_DATE;
    ck_assert(serial_choose(&c, &serial, &o) && serial == TODAY);
    c.policy = SERIAL_UNIXTIME;
    ck_assert(serial_choose(&c, &serial, &o) && serial == NOW_S);
    c.fixed = true;
    ck_assert(serial_choose(&c, &serial, &o) && serial == 5);
}
END_TEST

static void expect_held(struct serial_case c, const char *why)
{
    struct oops o = {.text = ""};
    uint32_t serial = 4711;
    ck_assert(!serial_choose(&c, &serial, &o));
    ck_assert_str_eq(o.text, why);
    ck_assert_uint_eq(serial, 4711);
}

START_TEST(an_edit_that_must_be_held_says_why)
{
    expect_held(changed(SERIAL_KEEP, 7, 7),
                "the content changed, but the serial is still 7, and the serial is kept as it is "
                "(serial: keep): raise it in the file");
    expect_held(changed(SERIAL_KEEP, 7, 6),
                "serial 6 is older than 7, which is served (RFC 1982), and the serial is kept as "
                "it is (serial: keep): give a newer one");
    expect_held(changed(SERIAL_KEEP, 7, 7 + HALF),
                "serial 2147483655 is exactly 2^31 away from 7, which is served: neither is newer "
                "(RFC 1982 3.2); choose another");
    struct serial_case c = changed(SERIAL_AUTO, 7, 7);
    c.fixed = true;
    expect_held(c, "the content changed, but the serial is still 7, and this zone is signed, so "
                   "its serial cannot be raised here: raise it in the file");
}
END_TEST

TCase *case_zone_serial(void)
{
    TCase *c = tcase_create("zone_serial");
    tcase_add_test(c, a_changed_zone_gets_a_newer_serial);
    tcase_add_test(c, an_unchanged_zone_takes_a_newer_serial_and_no_older_one);
    tcase_add_test(c, the_first_serial);
    tcase_add_test(c, an_edit_that_must_be_held_says_why);
    return c;
}
