/* zone_svcb.c - SVCB and HTTPS: RFC 9460's test vectors (appendix D), good and bad. */
#include "zone_memory.h"

START_TEST(vectors)
{
    zone_expect_rdata("HTTPS", "0 foo.example.com.", "000003666f6f076578616d706c6503636f6d00", NULL);
    zone_expect_rdata("SVCB", "1 .", "000100", NULL);
    zone_expect_rdata("SVCB", "16 foo.example.com. port=53", "001003666f6f076578616d706c6503636f6d00000300020035",
                      NULL);
    zone_expect_rdata("SVCB", "1 foo.example.com. key667=hello",
                      "000103666f6f076578616d706c6503636f6d00029b000568656c6c6f", "1 foo.example.com. key667=\"hello\"");
    zone_expect_rdata("SVCB", "1 foo.example.com. key667=\"hello\\210qoo\"",
                      "000103666f6f076578616d706c6503636f6d00029b000968656c6c6fd2716f6f", NULL);
    zone_expect_rdata("SVCB", "1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\"",
                      "000103666f6f076578616d706c6503636f6d0000060020"
                      "20010db800000000000000000000000120010db8000000000000000000530001",
                      "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1");
    zone_expect_rdata("SVCB", "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
                      "001003666f6f076578616d706c65036f7267000000000400010004000100090268320568332d313900040004c0000201",
                      "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1");
    zone_expect_rdata("SVCB", "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
                      "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832", NULL);
    zone_expect_rdata("SVCB", "16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2",
                      "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832",
                      "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"");
}
END_TEST

START_TEST(other_parameters)
{
    zone_expect_rdata("HTTPS", "1 . ech=AEj+DQ== alpn=h2 no-default-alpn ohttp dohpath=\"/q{?dns}\"", NULL,
                      "1 . alpn=\"h2\" no-default-alpn ech=AEj+DQ== dohpath=\"/q{?dns}\" ohttp");
    zone_expect_rdata("SVCB", "1 . tls-supported-groups=29,23", "00010000090004001d0017", NULL);
    zone_expect_rdata("SVCB", "1 . key3=\\000\\053", "000100000300020035", "1 . port=53");
    zone_expect_rdata("SVCB", "1 . key65534 key10=\"a b\"", NULL, "1 . key10=\"a b\" key65534");
    zone_expect_rdata("SVCB", "1 svc ( alpn=h2 ; why\n port=1 )", NULL, "1 svc.example.com. alpn=\"h2\" port=1");
}
END_TEST

START_TEST(faults)
{
    zone_expect_no_rdata("SVCB", "1", 1, "expected a domain name");
    zone_expect_no_rdata("SVCB", "1 . key123=abc key123=def", 15, "this parameter was given before");
    zone_expect_no_rdata("SVCB", "1 . mandatory", 13, "expected the names of other parameters");
    zone_expect_no_rdata("SVCB", "1 . alpn", 8, "expected protocols");
    zone_expect_no_rdata("SVCB", "1 . alpn=h2,,h3", 9, "expected protocols");
    zone_expect_no_rdata("SVCB", "1 . port=", 9, "expected a port");
    zone_expect_no_rdata("SVCB", "1 . port=1,2", 9, "expected one port");
    zone_expect_no_rdata("SVCB", "1 . ipv4hint=2001:db8::1", 13, "expected IPv4 addresses");
    zone_expect_no_rdata("SVCB", "1 . ipv6hint=192.0.2.1", 13, "expected IPv6 addresses");
    zone_expect_no_rdata("SVCB", "1 . alpn=h2 no-default-alpn=abc", 28, "this parameter takes no value");
    zone_expect_no_rdata("SVCB", "1 . no-default-alpn", 4, "no-default-alpn needs alpn");
    zone_expect_no_rdata("SVCB", "1 . mandatory=key123", 4, "mandatory names a parameter that is not there");
    zone_expect_no_rdata("SVCB", "1 . mandatory=mandatory", 14, "expected the names of other parameters");
    zone_expect_no_rdata("SVCB", "1 . mandatory=key123,key123 key123=abc", 4, "mandatory names a parameter twice");
    zone_expect_no_rdata("SVCB", "1 . key65535=a", 4, "unknown parameter");
    zone_expect_no_rdata("SVCB", "1 . key05=a", 4, "unknown parameter");
    zone_expect_no_rdata("SVCB", "1 . foo=a", 4, "unknown parameter");
    zone_expect_no_rdata("SVCB", "1 . Alpn=h2", 4, "unknown parameter");
    zone_expect_no_rdata("SVCB", "1 . KEY7=a", 4, "unknown parameter");
    zone_expect_no_rdata("SVCB", "1 . mandatory=PORT port=1", 14, "expected the names of other");
    zone_expect_no_rdata("SVCB", "1 . =a", 4, "unknown parameter");
    zone_expect_no_rdata("SVCB", "1 . ech=A", 8, "the base64 text ends too early");
    zone_expect_no_rdata("SVCB", "1 . ech=", 8, "expected base64");
    zone_expect_no_rdata("SVCB", "1 . \"alpn=h2\"", 4, "expected a parameter");
    zone_expect_no_rdata("SVCB", "1 . key9999=\\999", 12, "expected three digits");
    zone_expect_no_rdata("SVCB", "1 . key3=a", 0, "these octets are not well-formed");
}
END_TEST

TCase *case_zone_svcb(void)
{
    TCase *c = tcase_create("zone_svcb");
    tcase_add_test(c, vectors);
    tcase_add_test(c, other_parameters);
    tcase_add_test(c, faults);
    return c;
}
