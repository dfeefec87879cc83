/* zone_mnemonic.c - words that stand for numbers, each only where it belongs. */
#include "zone/mnemonic.h"
#include "wire/rrtype.h"
#include "zone_memory.h"

START_TEST(words_in_their_fields)
{
    zone_expect_rdata("DS", "1 RSASHA256 SHA-1 00", "0001080100", "1 8 1 00");
    zone_expect_rdata("DNSKEY", "256 3 ed25519 AAAA", "0100030f000000", "256 3 15 AAAA");
    zone_expect_rdata("CERT", "PKIX 1 RSASHA1 AAAA", "0001000105000000", "1 1 5 AAAA");
    zone_expect_rdata("DSYNC", "CDS NOTIFY 53 .", "003b01003500", "CDS 1 53 .");
    zone_expect_rdata("RRSIG", "A RSASHA512 1 1 0 0 1 . AAAA", NULL,
                      "A 10 1 1 19700101000000 19700101000000 1 . AAAA");
}
END_TEST

START_TEST(and_nowhere_else)
{
    zone_expect_no_rdata("DS", "1 SHA-1 1 00", 2, "expected a number from 0 to 255");
    zone_expect_no_rdata("SSHFP", "RSASHA1 1 00", 0, "expected a number from 0 to 255");
    ck_assert_int_eq(mnemonic_kind(TYPE_A, 0), MNEMONIC_NONE);
    uint16_t n;
    ck_assert(!mnemonic_parse(MNEMONIC_CERT, "RSASHA1", 7, &n));
}
END_TEST

TCase *case_zone_mnemonic(void)
{
    TCase *c = tcase_create("zone_mnemonic");
    tcase_add_test(c, words_in_their_fields);
    tcase_add_test(c, and_nowhere_else);
    return c;
}
