/* zone_rare.c - WKS, APL, NXT, ATMA and IPN, right and wrong. */
#include "zone_memory.h"

START_TEST(wks)
{
    zone_expect_rdata("WKS", "192.0.2.1 tcp smtp 0 https", NULL, "192.0.2.1 6 0 25 443");
    zone_expect_rdata("WKS", "192.0.2.1 UDP domain", "c00002011100000000000004", "192.0.2.1 17 53");
    zone_expect_rdata("WKS", "192.0.2.1 6", "c000020106", NULL);
    zone_expect_no_rdata("WKS", "192.0.2.1 icmp 1", 10, "expected a number from 0 to 255");
    zone_expect_no_rdata("WKS", "192.0.2.1 6 nosuch", 12, "expected a number from 0 to 65535");
}
END_TEST

START_TEST(apl)
{
    zone_expect_rdata("APL", "1:192.0.2.0/24 !1:192.0.2.64/28", "00011803c0000200011c84c0000240", NULL);
    zone_expect_rdata("APL", "2:2001:DB8::/32", "0002200420010db8", "2:2001:db8::/32");
    zone_expect_rdata("APL", "1:0.0.0.0/0", "00010000", NULL);
    static const char *const bad[] = {"1:192.0.2.0", "1:192.0.2.0/33", "2:::/129", "3:x/1", "!1:1.2.3/8", "1:/8", "/"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        zone_expect_no_rdata("APL", bad[i], 0, "expected a prefix like 1:192.0.2.0/24");
    }
}
END_TEST

START_TEST(nxt)
{
    zone_expect_rdata("NXT", "a A NXT", NULL, "a.example.com. A NXT");
    zone_expect_no_rdata("NXT", "a. CAA", 3, "NXT knows types from 1 to 127 only");
    zone_expect_no_rdata("NXT", "a.", 2, "expected an RR type");
}
END_TEST

START_TEST(atma)
{
    zone_expect_rdata("ATMA", "+61.200.000.000", "013631323030303030303030", "+61200000000");
    zone_expect_rdata("ATMA", "39.246f.00", "0039246f00", "39246F00");
    zone_expect_no_rdata("ATMA", "39.24.6", 0, "an odd number of hex digits");
    zone_expect_no_rdata("ATMA", "39..24", 3, "expected an ATM address");
    zone_expect_no_rdata("ATMA", "+61a", 3, "expected an ATM address");
    zone_expect_no_rdata("ATMA", "+", 0, "these octets are not well-formed");
}
END_TEST

START_TEST(ipn)
{
    zone_expect_rdata("IPN", "18446744073709551615", "ffffffffffffffff", NULL);
    zone_expect_no_rdata("IPN", "18446744073709551616", 0, "expected a number");
}
END_TEST

START_TEST(hip)
{
    zone_expect_rdata("HIP", "2 2001 AwEAAbdx a.", "02020006200103010001b771016100", NULL);
    zone_expect_rdata("HIP", "2 20ab AwEAAbdx rvs a.b\\.c.", NULL,
                      "2 20AB AwEAAbdx rvs.example.com. a.b\\.c.");
    zone_expect_no_rdata("HIP", "2 2001", 6, "expected base64 letters");
    zone_expect_no_rdata("HIP", "2", 1, "expected hex digits");
    zone_expect_no_rdata("HIP", "2 200 AwEAAbdx", 5, "an odd number of hex digits");
    zone_expect_no_rdata("HIP", "2 2001 AwEAAbdx a..b", 16, "empty label");
}
END_TEST

TCase *case_zone_rare(void)
{
    TCase *c = tcase_create("zone_rare");
    tcase_add_test(c, wks);
    tcase_add_test(c, apl);
    tcase_add_test(c, nxt);
    tcase_add_test(c, atma);
    tcase_add_test(c, ipn);
    tcase_add_test(c, hip);
    return c;
}
