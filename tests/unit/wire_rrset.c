/* wire_rrset.c - tests of walking an RRset's rdatas. */
#include "cases.h"
#include "wire/rrset.h"

START_TEST(rdatas_one_after_the_other)
{
    static const uint8_t data[] = "\0\2ab\0\0\0\1c";
    struct rrset set = {.count = 3, .size = sizeof data - 1, .data = data};
    size_t at = 0;
    uint16_t len = 0;
    ck_assert_ptr_eq(rrset_next(&set, &at, &len), data + 2);
    ck_assert_uint_eq(len, 2);
    ck_assert_ptr_eq(rrset_next(&set, &at, &len), data + 6);
    ck_assert_uint_eq(len, 0);
    ck_assert_ptr_eq(rrset_next(&set, &at, &len), data + 8);
    ck_assert_uint_eq(len, 1);
    ck_assert_ptr_null(rrset_next(&set, &at, &len));
    ck_assert_ptr_null(rrset_next(&set, &at, &len));
}
END_TEST

TCase *case_wire_rrset(void)
{
    TCase *c = tcase_create("wire_rrset");
    tcase_add_test(c, rdatas_one_after_the_other);
    return c;
}
