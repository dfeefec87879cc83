/* zone_audit.c - what is said of a signed zone whose signatures are missing, old or of others.
 * They are not verified, so any octets will do. */
#include "cases.h"
#include "zone_signed.h"

static const char *const sound[] = {NSEC_ZONE, NSEC3_ZONE, OPT_OUT_ZONE};

START_TEST(sound_zones)
{
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        signed_said(sound[i], NULL, NULL, "");
    }
}
END_TEST

START_TEST(missing_signatures)
{
    signed_said(
        NSEC_ZONE, SIG("ns", "A", "2"), "",
        "z:23:1: warning: ns.example.: A has no RRSIG, but the zone is signed: who validates "
        "refuses it (RFC 4035 2.2)\n");
    signed_said(
        NSEC_ZONE, SIG("d", "DS", "2"), "",
        "z:15:1: warning: d.example.: DS has no RRSIG, but the zone is signed: who validates "
        "refuses it (RFC 4035 2.2)\n");
    signed_said(NSEC_ZONE, SIG("c", "NSEC", "2"), "",
                "z:11:1: warning: c.example.: NSEC has no RRSIG, but the zone is signed: who "
                "validates refuses it (RFC 4035 2.2)\n"
                "z:11:1: warning: c.example.: the NSEC lists RRSIG, which is not there\n");
    signed_said(NSEC3_ZONE, SIG(HASH_W, "NSEC3", "2"), "",
                "z:25:1: warning: " HASH_W ".example.: NSEC3 has no RRSIG, but the zone is signed: "
                "who validates refuses it (RFC 4035 2.2)\n");
}
END_TEST

/* A second key, which has signed the SOA alone. */
START_TEST(signatures_of_each_algorithm)
{
    signed_said(
        "$TTL 60\n@ SOA ns h 1 1h 1h 1w 60\n" SIG(
            "@", "SOA", "1") "@ RRSIG SOA 13 1 60 20300101000000 20200101000000 1038 @ AAAA\n"
                             "@ NS ns.other.\n" SIG(
                                 "@", "NS", "1") "@ DNSKEY 257 3 8 AAAA\n@ DNSKEY 257 3 13 "
                                                 "AAAA\n" SIG("@", "DNSKEY",
                                                              "1") "@ NSEC @ NS SOA RRSIG NSEC "
                                                                   "DNSKEY\n" SIG("@", "NSEC", "1"),
        NULL, NULL,
        "z:5:1: warning: example.: NS has no RRSIG of algorithm 13, of which the zone has a "
        "key (RFC 6840 5.11)\n"
        "z:10:1: warning: example.: NSEC has no RRSIG of algorithm 13, of which the zone has a "
        "key (RFC 6840 5.11)\n"
        "z:7:1: warning: example.: DNSKEY has no RRSIG of algorithm 13, of which the zone has "
        "a key (RFC 6840 5.11)\n");
}
END_TEST

START_TEST(signatures_of_others)
{
    const char *a = SIG("ns", "A", "2");
    signed_said(
        NSEC_ZONE, a, "ns RRSIG A 8 2 60 20300101000000 20200101000000 1033 example.org. AAAA\n",
        "z:24:1: warning: ns.example.: the RRSIG of A is signed by example.org.: not by this "
        "zone\n");
    signed_said(
        NSEC_ZONE, a, "ns RRSIG A 8 2 60 20300101000000 20200101000000 1034 @ AAAA\n",
        "z:24:1: warning: ns.example.: the RRSIG of A is by key 1034 of algorithm 8, which is "
        "not among the DNSKEYs\n");
    signed_said(
        NSEC_ZONE, a, "ns RRSIG A 13 2 60 20300101000000 20200101000000 1033 @ AAAA\n",
        "z:23:1: warning: ns.example.: A has no RRSIG of algorithm 8, of which the zone has a "
        "key (RFC 6840 5.11)\n"
        "z:24:1: warning: ns.example.: the RRSIG of A is by key 1033 of algorithm 13, which "
        "is not among the DNSKEYs\n");
    signed_said(
        NSEC_ZONE, a, "ns RRSIG A 8 1 60 20300101000000 20200101000000 1033 @ AAAA\n",
        "z:24:1: warning: ns.example.: the RRSIG of A is for a name of 1 labels, this has 2\n");
    signed_said(
        NSEC_ZONE, "@ DNSKEY 257 3 8 AAAA\n" SIG("@", "DNSKEY", "1"), "",
        "z:2:1: warning: example.: signed, but there is no DNSKEY: nobody can verify it (RFC "
        "4035 2.1)\n"
        "z:6:1: warning: example.: the NSEC lists DNSKEY, which is not there\n");
}
END_TEST

/* The tests' day is 2026-01-01. */
START_TEST(signatures_have_their_time)
{
    const char *a = SIG("ns", "A", "2");
    signed_said(NSEC_ZONE, a, "ns RRSIG A 8 2 60 20251231235959 20200101000000 1033 @ AAAA\n",
                "z:24:1: warning: ns.example.: the RRSIG of A expired at 2025-12-31T23:59:59Z: who "
                "validates refuses it\n");
    signed_said(NSEC_ZONE, a, "ns RRSIG A 8 2 60 20260101000000 20260101000000 1033 @ AAAA\n", "");
    signed_said(NSEC_ZONE, a, "ns RRSIG A 8 2 60 20300101000000 20260101000001 1033 @ AAAA\n",
                "z:24:1: warning: ns.example.: the RRSIG of A is not valid before "
                "2026-01-01T00:00:01Z: who validates refuses it\n");
}
END_TEST

/* What has no signature at its apex is not called signed. */
START_TEST(a_zone_that_is_not_signed)
{
    signed_said("$TTL 60\n@ SOA ns h 1 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"
                "@ DNSKEY 257 3 8 AAAA\nns NSEC @ A\n",
                NULL, NULL, "");
}
END_TEST

START_TEST(a_million_mistakes_of_a_kind_are_one)
{
    struct building b;
    struct buf text = {.len = 0};
    buf_print(&text, "%s$GENERATE 1-1000 x$ TXT x\n", NSEC_ZONE);
    building_start(&b);
    b.job.check_only = true;
    building_build(&b, buf_text(&text));
    ck_assert_uint_eq(b.built.report.warnings, 42);
    const char *said = buf_text(&b.built.report.text);
    ck_assert_ptr_nonnull(strstr(said, "\nwarning: 980 more RRsets without RRSIG\n"));
    ck_assert_ptr_nonnull(strstr(said, "\nwarning: 980 more breaks in the chain of denials\n"));
    building_serve(&b);
    building_stop(&b);
    buf_free(&text);
}
END_TEST

TCase *case_zone_audit(void)
{
    TCase *c = tcase_create("zone_audit");
    tcase_add_test(c, sound_zones);
    tcase_add_test(c, missing_signatures);
    tcase_add_test(c, signatures_of_each_algorithm);
    tcase_add_test(c, signatures_of_others);
    tcase_add_test(c, signatures_have_their_time);
    tcase_add_test(c, a_zone_that_is_not_signed);
    tcase_add_test(c, a_million_mistakes_of_a_kind_are_one);
    return c;
}
