/* zone_rdata_ldns.c - the types that go through ldns. */
#include "zone_memory.h"

START_TEST(both_ways)
{
    zone_expect_rdata("NSAP", "0x47000580", "47000580", NULL);
    zone_expect_rdata("NID", "10 0014:4fff:ff20:ee64", "000a00144fffff20ee64", NULL);
    zone_expect_rdata("L64", "10 2001:0db8:1140:1000", "000a20010db811401000", NULL);
    zone_expect_rdata("EUI48", "00-00-5e-00-53-2a", "00005e00532a", NULL);
    zone_expect_rdata("EUI64", "00-00-5e-ef-10-00-00-2a", "00005eef1000002a", NULL);
    zone_expect_rdata("EUI48", "( 00-00-5E-00-53-2A ; the printer\n )", "00005e00532a", "00-00-5e-00-53-2a");
}
END_TEST

START_TEST(faults)
{
    zone_expect_no_rdata("EUI48", "00-00", 0, "expected six octets in hex");
    zone_expect_no_rdata("EUI64", "", 0, "expected eight octets in hex");
    zone_expect_no_rdata("NID", "10 14:4fff", 0, "expected a preference and four groups");
    zone_expect_no_rdata("NSAP", "47", 0, "expected 0x and hex digits");
    zone_expect_no_rdata("L64", "10 \"2001:0db8:1140:1000\"", 3, "expected a word without quotes");
    zone_expect_no_rdata("EUI48", "00-00-5e-00-53-2a x", 0, "expected six octets");
}
END_TEST

TCase *case_zone_rdata_ldns(void)
{
    TCase *c = tcase_create("zone_rdata_ldns");
    tcase_add_test(c, both_ways);
    tcase_add_test(c, faults);
    return c;
}
