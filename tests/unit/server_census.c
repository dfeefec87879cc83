/* server_census.c - how many connections, in all and for each address; a table that is half empty
 * whatever comes and goes. */
#include "base/rand.h"
#include "cases.h"
#include "server/census.h"
#include <string.h>

static struct addr v4(uint32_t n)
{
    struct addr a = {.family = 4, .port = (uint16_t)n};
    memcpy(a.ip, &n, sizeof n);
    return a;
}

START_TEST(bounds_in_all_and_for_each)
{
    struct census c;
    struct addr a = v4(1), b = v4(2), again = a;
    ck_assert(census_init(&c, 3, 2));
    again.port = 7; /* ports do not matter */
    ck_assert_int_eq(census_enter(&c, &a), CENSUS_IN);
    ck_assert_int_eq(census_enter(&c, &again), CENSUS_IN);
    ck_assert_int_eq(census_enter(&c, &a), CENSUS_FULL_FOR_YOU);
    ck_assert_int_eq(census_enter(&c, &b), CENSUS_IN);
    ck_assert_int_eq(census_enter(&c, &b), CENSUS_FULL);
    census_leave(&c, &again);
    ck_assert_int_eq(census_enter(&c, &b), CENSUS_IN);
    ck_assert_int_eq(census_enter(&c, &a), CENSUS_FULL);
    census_leave(&c, &b);
    census_leave(&c, &b);
    ck_assert_int_eq(census_enter(&c, &a), CENSUS_IN);
    census_free(&c);
    census_free(&c);
}
END_TEST

/* Against plain counting, with more collisions than chance would give. */
START_TEST(coming_and_going)
{
    enum { WHO = 40, MOST = 24, EACH = 3 };
    struct census c;
    struct rand r;
    unsigned counts[WHO] = {0}, total = 0;
    rand_seed(&r, 3);
    ck_assert(census_init(&c, MOST, EACH));
    for (unsigned i = 0; i < 20000; i++) {
        unsigned who = rand_below(&r, WHO);
        struct addr a = v4(who * 64);
        if (counts[who] > 0 && rand_below(&r, 2) == 0) {
            census_leave(&c, &a);
            counts[who]--;
            total--;
            continue;
        }
        enum census_answer expected = total == MOST         ? CENSUS_FULL
                                      : counts[who] == EACH ? CENSUS_FULL_FOR_YOU
                                                            : CENSUS_IN;
        if (census_enter(&c, &a) != expected) {
            ck_abort_msg("at %u", i);
        }
        counts[who] += expected == CENSUS_IN;
        total += expected == CENSUS_IN;
    }
    ck_assert_uint_eq(c.total, total);
    census_free(&c);
}
END_TEST

START_TEST(ipv6_is_counted_by_its_whole_address)
{
    struct census c;
    struct addr a = {.family = 6, .ip = {0x20, 1}}, b = a;
    b.ip[15] = 1;
    ck_assert(census_init(&c, 8, 1));
    ck_assert_int_eq(census_enter(&c, &a), CENSUS_IN);
    ck_assert_int_eq(census_enter(&c, &b), CENSUS_IN);
    ck_assert_int_eq(census_enter(&c, &b), CENSUS_FULL_FOR_YOU);
    census_free(&c);
}
END_TEST

TCase *case_server_census(void)
{
    TCase *c = tcase_create("server_census");
    tcase_add_test(c, bounds_in_all_and_for_each);
    tcase_add_test(c, coming_and_going);
    tcase_add_test(c, ipv6_is_counted_by_its_whole_address);
    return c;
}
