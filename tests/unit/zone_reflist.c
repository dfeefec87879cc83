/* zone_reflist.c - what is put in comes out, and memory is counted. */
#include "cases.h"
#include "zone/reflist.h"

START_TEST(gives_back_what_it_got)
{
    struct reflist l = {.count = 0};
    uint64_t sum = 0;
    ck_assert_uint_eq(reflist_last(&l), 0);
    for (uint32_t i = 1; i <= 5000; i++) {
        ck_assert(reflist_put(&l, i));
        sum += i;
    }
    ck_assert_uint_eq(l.count, 5000);
    ck_assert_uint_gt(l.bytes, 5000 * 4);
    ck_assert_uint_lt(l.bytes, 5000 * 4 + 8192);
    for (uint32_t ref; (ref = reflist_last(&l)) != 0; reflist_drop_last(&l)) {
        sum -= ref;
    }
    ck_assert_uint_eq(sum, 0);
    ck_assert_uint_eq(l.count, 0);
    ck_assert_uint_eq(l.bytes, 0);
}
END_TEST

START_TEST(a_short_list_is_small)
{
    struct reflist l = {.count = 0};
    ck_assert(reflist_put(&l, 1));
    ck_assert_uint_lt(l.bytes, 200);
    reflist_clear(&l);
    ck_assert_uint_eq(l.bytes, 0);
    ck_assert_uint_eq(reflist_last(&l), 0);
}
END_TEST

TCase *case_zone_reflist(void)
{
    TCase *c = tcase_create("zone_reflist");
    tcase_add_test(c, gives_back_what_it_got);
    tcase_add_test(c, a_short_list_is_small);
    return c;
}
