/* wire_edns.c - tests of EDNS options as octets. */
#include "cases.h"
#include "wire/edns.h"
#include "wire/msg.h"

START_TEST(options_are_framed)
{
    struct buf out = {0};
    edns_option(&out, OPTION_NSID, "ns1", 3);
    edns_option(&out, OPTION_NSID, NULL, 0);
    edns_zoneversion(&out, 2, 0x01020304);
    ck_assert_uint_eq(out.len, 7 + 4 + 10);
    ck_assert_mem_eq(out.data, "\0\3\0\3ns1\0\3\0\0\0\23\0\6\2\0\1\2\3\4", out.len);
    buf_free(&out);
}
END_TEST

TCase *case_wire_edns(void)
{
    TCase *c = tcase_create("wire_edns");
    tcase_add_test(c, options_are_framed);
    return c;
}
