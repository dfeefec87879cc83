/* zone_gateway.c - IPSECKEY, AMTRELAY and A6: the number before decides what may follow. */
#include "zone_memory.h"

START_TEST(ipseckey)
{
    zone_expect_rdata("IPSECKEY", "10 0 2 . AQID", "0a0002010203", NULL);
    zone_expect_rdata("IPSECKEY", "10 1 2 192.0.2.3 AQ ID", "0a0102c0000203010203", "10 1 2 192.0.2.3 AQID");
    zone_expect_rdata("IPSECKEY", "10 2 2 2001:db8::1 AQID", NULL, NULL);
    zone_expect_rdata("IPSECKEY", "10 3 2 gw AQID", NULL, "10 3 2 gw.example.com. AQID");
    zone_expect_rdata("IPSECKEY", "10 0 0 .", "0a0000", NULL);
    zone_expect_no_rdata("IPSECKEY", "10 4 2 . AQID", 3, "expected a gateway type from 0 to 3");
    zone_expect_no_rdata("IPSECKEY", "10 0 2 192.0.2.1 AQID", 7, "expected \".\": type 0 has no gateway");
    zone_expect_no_rdata("IPSECKEY", "10 1 2 2001:db8::1 AQID", 7, "expected an IPv4 address");
    zone_expect_no_rdata("IPSECKEY", "10 0 2 .", 8, "expected base64");
    zone_expect_no_rdata("IPSECKEY", "10 0 0 . AQID", 9, "nothing more");
}
END_TEST

START_TEST(amtrelay)
{
    zone_expect_rdata("AMTRELAY", "10 1 1 203.0.113.15", "0a81cb00710f", NULL);
    zone_expect_rdata("AMTRELAY", "10 0 2 2001:db8::15", NULL, NULL);
    zone_expect_rdata("AMTRELAY", "128 1 3 relay", NULL, "128 1 3 relay.example.com.");
    zone_expect_rdata("AMTRELAY", "0 0 0 .", "0000", NULL);
    zone_expect_no_rdata("AMTRELAY", "10 2 0 .", 3, "expected 0 or 1");
    zone_expect_no_rdata("AMTRELAY", "10 1 4 .", 5, "expected a relay type from 0 to 3");
    zone_expect_no_rdata("AMTRELAY", "10 1 1", 6, "expected an IPv4 address");
}
END_TEST

START_TEST(a6)
{
    zone_expect_rdata("A6", "0 2001:db8::1", NULL, NULL);
    zone_expect_rdata("A6", "64 ::1 net", NULL, "64 ::1 net.example.com.");
    zone_expect_rdata("A6", "61 ::7:0:0:0:1 net.", NULL, NULL);
    zone_expect_rdata("A6", "128 net.", "80036e657400", NULL);
    zone_expect_no_rdata("A6", "129 net.", 0, "expected a prefix length");
    zone_expect_no_rdata("A6", "64 1::1 net.", 3, "the bits of the prefix must be 0");
    zone_expect_no_rdata("A6", "64 ::1", 6, "expected a domain name");
    zone_expect_no_rdata("A6", "0 ::1 net.", 6, "nothing more");
}
END_TEST

TCase *case_zone_gateway(void)
{
    TCase *c = tcase_create("zone_gateway");
    tcase_add_test(c, ipseckey);
    tcase_add_test(c, amtrelay);
    tcase_add_test(c, a6);
    return c;
}
