/* wire_msg.c - tests of rcodes in words. */
#include "cases.h"
#include "wire/msg.h"

START_TEST(rcodes_have_names)
{
    ck_assert_str_eq(rcode_name(RCODE_NOERROR), "NOERROR");
    ck_assert_str_eq(rcode_name(RCODE_NXDOMAIN), "NXDOMAIN");
    ck_assert_str_eq(rcode_name(RCODE_NOTAUTH), "NOTAUTH");
    ck_assert_str_eq(rcode_name(12), "RCODE12");
    ck_assert_str_eq(rcode_name(RCODE_BADVERS), "BADVERS");
    ck_assert_str_eq(rcode_name(RCODE_BADCOOKIE), "BADCOOKIE");
    ck_assert_str_eq(rcode_name(24), "an unassigned rcode");
    ck_assert_str_eq(rcode_name(4095), "an unassigned rcode");
}
END_TEST

TCase *case_wire_msg(void)
{
    TCase *c = tcase_create("wire_msg");
    tcase_add_test(c, rcodes_have_names);
    return c;
}
