/* answer_signature.c - tests of RRSIGs in answers from a signed zone (RFC 4035 3.1.1). */
#include "answer_fixture.h"
#include "cases.h"

#define SIG(type, n) type " 8 2 300 20300101000000 20200101000000 " n " example. AAAA"

static const char zone[] =
    "@ 3600 SOA ns.example. admin.example. 7 3600 600 86400 300\n"
    "@ 3600 RRSIG " SIG(
        "SOA", "1") "\n"
                    "@ 3600 NS ns.example.\n"
                    "www 60 A 192.0.2.1\n"
                    "www 60 RRSIG " SIG(
                        "A", "2") "\n"
                                  "www 60 RRSIG " SIG(
                                      "A", "3") "\n"
                                                "www 60 TXT \"x\"\n"
                                                "www 60 RRSIG " SIG(
                                                    "TXT", "4") "\n"
                                                                "mx 60 MX 1 www\n"
                                                                "sub 60 NS ns.sub\n"
                                                                "sub 60 DS 1 8 2 "
                                                                "00112233445566778899AABBCCDDEEFF00"
                                                                "112233445566778899AABBCCDDEEFF\n"
                                                                "sub 60 RRSIG " SIG(
                                                                    "DS",
                                                                    "5") "\n"
                                                                         "ns.sub 60 A 192.0.2.2\n";

static struct bench *a_bench(void)
{
    struct bench *b = bench_new();
    bench_zone(b, "example", zone);
    bench_ready(b);
    return b;
}

START_TEST(those_that_cover)
{
    struct bench *b = a_bench();
    EXPECT(b,
           "NOERROR aa\n"
           "an www.example. 60 IN A 192.0.2.1\n"
           "an www.example. 60 IN RRSIG A 8 2 300 20300101000000 20200101000000 2 example. AAAA\n"
           "an www.example. 60 IN RRSIG A 8 2 300 20300101000000 20200101000000 3 example. AAAA\n"
           "do\n",
           "www.example", "A", .dnssec_ok = true);
    EXPECT(b, "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\n", "www.example", "A");
    bench_free(b);
}
END_TEST

START_TEST(of_the_soa_with_its_ttl)
{
    struct bench *b = a_bench();
    EXPECT(b,
           "NXDOMAIN aa\n"
           "au example. 300 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n"
           "au example. 300 IN RRSIG SOA 8 2 300 20300101000000 20200101000000 1 example. AAAA\n"
           "do\n",
           "no.example", "A", .dnssec_ok = true);
    bench_free(b);
}
END_TEST

START_TEST(of_ds_in_a_referral)
{
    struct bench *b = a_bench();
    EXPECT(b,
           "NOERROR\n"
           "au sub.example. 60 IN NS ns.sub.example.\n"
           "au sub.example. 60 IN DS 1 8 2 "
           "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\n"
           "au sub.example. 60 IN RRSIG DS 8 2 300 20300101000000 20200101000000 5 example. AAAA\n"
           "ad ns.sub.example. 60 IN A 192.0.2.2\n"
           "do\n",
           "x.sub.example", "A", .dnssec_ok = true);
    bench_free(b);
}
END_TEST

START_TEST(of_additional_addresses)
{
    struct bench *b = a_bench();
    ASK(b, "mx.example", "MX", .dnssec_ok = true);
    ck_assert_ptr_nonnull(strstr(b->text, "ad www.example. 60 IN A 192.0.2.1\n"
                                          "ad www.example. 60 IN RRSIG A 8 2 300 "));
    ASK(b, "mx.example", "MX");
    ck_assert_ptr_null(strstr(b->text, "RRSIG"));
    bench_free(b);
}
END_TEST

START_TEST(asked_for_by_name)
{
    struct bench *b = a_bench();
    ASK(b, "www.example", "RRSIG");
    ck_assert_ptr_nonnull(strstr(b->text, "RRSIG TXT 8 2"));
    ck_assert_ptr_nonnull(strstr(b->text, "RRSIG A 8 2"));
    bench_free(b);
}
END_TEST

START_TEST(asked_for_by_name_with_the_ttls_of_what_they_cover)
{
    struct bench *b = bench_new();
    bench_zone(b, "example",
               "a 60 A 192.0.2.1\na 60 RRSIG " SIG("A", "1") "\na 30 TXT x\na 30 RRSIG " SIG(
                   "TXT", "2") "\n");
    bench_ready(b);
    EXPECT(b,
           "NOERROR aa\n"
           "an a.example. 60 IN RRSIG A 8 2 300 20300101000000 20200101000000 1 example. AAAA\n"
           "an a.example. 30 IN RRSIG TXT 8 2 300 20300101000000 20200101000000 2 example. AAAA\n",
           "a.example", "RRSIG");
    bench_free(b);
}
END_TEST

TCase *case_answer_signature(void)
{
    TCase *c = tcase_create("answer_signature");
    tcase_add_test(c, those_that_cover);
    tcase_add_test(c, of_the_soa_with_its_ttl);
    tcase_add_test(c, of_ds_in_a_referral);
    tcase_add_test(c, of_additional_addresses);
    tcase_add_test(c, asked_for_by_name);
    tcase_add_test(c, asked_for_by_name_with_the_ttls_of_what_they_cover);
    return c;
}
