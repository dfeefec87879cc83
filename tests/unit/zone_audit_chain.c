/* zone_audit_chain.c - what is said of a chain of NSEC or NSEC3 that has a gap, an end, or wrong
 * words. */
#include "cases.h"
#include "zone_signed.h"

START_TEST(gaps_in_nsec)
{
    signed_said(NSEC_ZONE, "c NSEC d NS RRSIG NSEC\n" SIG("c", "NSEC", "2"), "",
                "z:10:1: warning: c.example.: no NSEC: nothing proves what is not there (RFC 4035 "
                "2.3)\n"
                "z:8:1: warning: example.: the NSEC points to c.example., but the next name is "
                "d.example.\n");
    signed_said(NSEC_ZONE, "d NSEC e ", "d NSEC ee ",
                "z:17:1: warning: d.example.: the NSEC points to ee.example., but the next name is "
                "e.example.\n");
    signed_said(
        NSEC_ZONE, "*.w NSEC @ ", "*.w NSEC z ",
        "z:29:1: warning: *.w.example.: the NSEC points to z.example., but this is the last "
        "name: it must point to the apex\n");
    signed_said(NSEC_ZONE, "ns.c A 192.0.2.1\n", "ns.c A 192.0.2.1\nns.c NSEC d A NSEC\n",
                "z:14:1: warning: ns.c.example.: an NSEC below a delegation or DNAME stands in the "
                "way of those that count\n");
}
END_TEST

START_TEST(what_nsec_list)
{
    signed_said(NSEC_ZONE, "ns NSEC *.w A RRSIG NSEC\n", "ns NSEC *.w A TXT RRSIG NSEC\n",
                "z:25:1: warning: ns.example.: the NSEC lists TXT, which is not there\n");
    signed_said(
        NSEC_ZONE, "ns NSEC *.w A RRSIG NSEC\n", "ns NSEC *.w RRSIG NSEC\n",
        "z:23:1: warning: ns.example.: the NSEC does not list A, so that it proves there is "
        "none\n");
    signed_said(
        NSEC_ZONE, "d NSEC e NS DS ", "d NSEC e NS ",
        "z:15:1: warning: d.example.: the NSEC does not list DS, so that it proves there is "
        "none\n");
    signed_said(NSEC_ZONE, "*.w NSEC @ TXT RRSIG NSEC\n", "*.w NSEC @ TXT RRSIG NSEC TYPE65400\n",
                "z:29:1: warning: *.w.example.: the NSEC lists TYPE65400, which is not there\n");
}
END_TEST

START_TEST(gaps_in_nsec3)
{
    signed_said(NSEC3_ZONE, NSEC3_RECORD(HASH_NS, "0", HASH_STAR " A RRSIG"), "",
                "z:17:1: warning: ns.example.: no NSEC3 for this name, whose hash is " HASH_NS
                ": who validates will not believe that it is there (RFC 5155 7.1)\n"
                "z:27:1: warning: " HASH_C ".example.: the NSEC3 points to " HASH_NS
                ", but the next is " HASH_STAR "\n");
    signed_said(NSEC3_ZONE, NSEC3_RECORD(HASH_W, "0", HASH_E), "", /* an empty non-terminal */
                "warning: w.example.: no NSEC3 for this name, whose hash is " HASH_W
                ": who validates will not believe that it is there (RFC 5155 7.1)\n"
                "z:29:1: warning: " HASH_STAR ".example.: the NSEC3 points to " HASH_W
                ", but the next is " HASH_E "\n");
    signed_said(NSEC3_ZONE, HASH_E " NSEC3 1 0 0 - " HASH_D, HASH_E " NSEC3 1 0 0 - " HASH_C,
                "z:33:1: warning: " HASH_E ".example.: the NSEC3 points to " HASH_C
                ", but the next is " HASH_D "\n");
    signed_said(NSEC3_ZONE, "*.w TXT x\n" SIG("*.w", "TXT", "2"), "",
                "z:8:1: warning: example.: 2 NSEC3 are of names that are not there\n");
    signed_said(
        NSEC3_ZONE, HASH_NS " NSEC3 1 0 0 - " HASH_STAR " A ",
        HASH_NS " NSEC3 1 0 0 - " HASH_STAR " AAAA ",
        "z:17:1: warning: ns.example.: the NSEC3 does not list A, so that it proves there is "
        "none\n");
    signed_said(NSEC3_ZONE, HASH_NS " NSEC3 1 0 0 - " HASH_STAR " A ",
                HASH_NS " NSEC3 1 0 0 - " HASH_STAR " NS A ",
                "z:17:1: warning: ns.example.: the NSEC3 lists NS, which is not there\n");
}
END_TEST

/* What opts out may lack unsigned delegations, and nothing else. */
START_TEST(opted_out)
{
    signed_said(OPT_OUT_ZONE, "c NS ns.c\n", "c NS ns.c\nx.y.c2 NS ns.c\n", "");
    signed_said(OPT_OUT_ZONE, "c NS ns.c\n", "c NS ns.c\nc2 TXT x\n" SIG("c2", "TXT", "2"),
                "z:11:1: warning: c2.example.: no NSEC3 for this name, whose hash is "
                "tebd679eqdooes8gqskmlgpdrq4b2hgu: who validates will not believe that it is there "
                "(RFC 5155 7.1)\n");
    signed_said(OPT_OUT_ZONE, HASH_APEX " NSEC3 1 1 0 ", HASH_APEX " NSEC3 1 0 0 ",
                "z:10:1: warning: c.example.: no NSEC3 for this name, whose hash is " HASH_C
                ": who validates will not believe that it is there (RFC 5155 7.1)\n");
}
END_TEST

START_TEST(parameters)
{
    static const char chain[] = "@ NSEC3PARAM 1 0 0 -\n" SIG("@", "NSEC3PARAM", "1");
    signed_said(
        NSEC3_ZONE, "@ NSEC3PARAM 1 0 0 -\n", "@ NSEC3PARAM 1 0 5 -\n",
        "z:8:1: warning: example.: an NSEC3PARAM, but the apex has no NSEC3 that fits it: it "
        "is not used\n");
    signed_said(
        NSEC3_ZONE, "@ NSEC3PARAM 1 0 0 -\n", "@ NSEC3PARAM 1 0 151 -\n",
        "z:8:1: warning: example.: NSEC3 of 151 iterations: more than 150 are not used, and "
        "hardly anybody believes them; RFC 9276 3.1 wants 0\n");
    signed_said(NSEC3_ZONE, "@ NSEC3PARAM 1 0 0 -\n", "@ NSEC3PARAM 2 0 0 -\n",
                "z:8:1: warning: example.: NSEC3 of hash algorithm 2, which is unknown: it is not "
                "used\n");
    signed_said(NSEC3_ZONE, chain, "",
                "z:2:1: warning: example.: signed, but with neither NSEC nor NSEC3PARAM: nothing "
                "proves what is not there (RFC 4035 2.3, 5155 7.1)\n");
    signed_said(NSEC3_ZONE, "@ NSEC3PARAM 1 0 0 -\n",
                "@ NSEC3PARAM 1 0 0 -\n@ NSEC3PARAM 1 1 0 -\n", "");
}
END_TEST

#define SALTED_APEX         "voer6g5upasvpmnj4hdv9uc6odnbhnva"
#define SALTED_NS           "hd2h6puo8ha8t86ud8v5g3f7vvgel69u"
#define SALTED(owner, rest) owner " NSEC3 1 0 1 AB " rest "\n" SIG(owner, "NSEC3", "2")

/* RFC 9276 3.1. */
START_TEST(iterations_and_salt)
{
    signed_said(
        SIGNED_APEX
        "@ NSEC3PARAM 1 0 1 AB\n" SIG("@", "NSEC3PARAM", "1") "ns A 192.0.2.1\n" SIG("ns", "A", "2")
            SALTED(SALTED_NS, SALTED_APEX " A RRSIG")
                SALTED(SALTED_APEX, SALTED_NS " NS SOA RRSIG DNSKEY NSEC3PARAM"),
        NULL, NULL,
        "z:8:1: warning: example.: NSEC3 with 1 iterations and 1 octets of salt: RFC 9276 3.1 "
        "wants neither, for they slow down all and protect nobody\n");
}
END_TEST

TCase *case_zone_audit_chain(void)
{
    TCase *c = tcase_create("zone_audit_chain");
    tcase_add_test(c, gaps_in_nsec);
    tcase_add_test(c, what_nsec_list);
    tcase_add_test(c, gaps_in_nsec3);
    tcase_add_test(c, opted_out);
    tcase_add_test(c, parameters);
    tcase_add_test(c, iterations_and_salt);
    return c;
}
