/* zone_signed.h - small signed zones for the tests of what is said about such. The signatures
 * are not verified; the one key has the tag 1033. */
#ifndef SETTLED_TESTS_UNIT_ZONE_SIGNED_H
#define SETTLED_TESTS_UNIT_ZONE_SIGNED_H

#include "zone_building.h"

#define SIG(owner, type, labels)                                                                   \
    owner " RRSIG " type " 8 " labels " 60 20300101000000 20200101000000 1033 @ AAAA\n"
#define SIGNED_APEX                                                                                \
    "$TTL 60\n"                                                                                    \
    "@ SOA ns h 1 1h 1h 1w 60\n" SIG("@", "SOA", "1") "@ NS ns\n" SIG(                             \
        "@", "NS", "1") "@ DNSKEY 257 3 8 AAAA\n" SIG("@", "DNSKEY", "1")
#define DS_DATA "DS 1 8 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\n"

/* clang-format off */
#define NSEC_ZONE                                                                                  \
    SIGNED_APEX                                                                                    \
    "@ NSEC c NS SOA RRSIG NSEC DNSKEY\n" SIG("@", "NSEC", "1")                                    \
    "c NS ns.c\n"                                                                                  \
    "c NSEC d NS RRSIG NSEC\n" SIG("c", "NSEC", "2")                                               \
    "ns.c A 192.0.2.1\n"                                                                           \
    "d NS ns.c\n"                                                                                  \
    "d " DS_DATA SIG("d", "DS", "2")                                                               \
    "d NSEC e NS DS RRSIG NSEC\n" SIG("d", "NSEC", "2")                                            \
    "e DNAME other.\n" SIG("e", "DNAME", "2")                                                      \
    "e NSEC ns DNAME RRSIG NSEC\n" SIG("e", "NSEC", "2")                                           \
    "ns A 192.0.2.2\n" SIG("ns", "A", "2")                                                         \
    "ns NSEC *.w A RRSIG NSEC\n" SIG("ns", "NSEC", "2")                                            \
    "*.w TXT x\n" SIG("*.w", "TXT", "2")                                                           \
    "*.w NSEC @ TXT RRSIG NSEC\n" SIG("*.w", "NSEC", "2")

#define HASH_APEX "3msev9usmd4br9s97v51r2tdvmr9iqo1"
#define HASH_C    "atutakms2nniod8sie19kmfb3uqd60kq"
#define HASH_D    "2km8vfb1ttm1c2s1p6aagsi6hkuk0fss"
#define HASH_E    "ts5guc6qeb0lrifi5pelj61c0eudo34v"
#define HASH_NS   "kncb8asp44gj31sjvi5s29d8q49gb30r"
#define HASH_W    "tf4v2jbvf5iq28bheot32e5nsh2dbof3"
#define HASH_STAR "p9n5ptevjsjoskr5u50vc77gp9bdsck8"
#define NSEC3_RECORD(owner, flags, next) owner " NSEC3 1 " flags " 0 - " next "\n" SIG(owner, "NSEC3", "2")

/* In the order of hashes: d, the apex, c, ns, *.w, w, e. */
#define NSEC3_ZONE                                                                                 \
    SIGNED_APEX                                                                                    \
    "@ NSEC3PARAM 1 0 0 -\n" SIG("@", "NSEC3PARAM", "1")                                           \
    NSEC3_NAMES                                                                                    \
    NSEC3_RECORD(HASH_D, "0", HASH_APEX " NS DS RRSIG")                                            \
    NSEC3_RECORD(HASH_APEX, "0", HASH_C " NS SOA RRSIG DNSKEY NSEC3PARAM")                         \
    NSEC3_RECORD(HASH_W, "0", HASH_E)                                                              \
    NSEC3_RECORD(HASH_C, "0", HASH_NS " NS")                                                       \
    NSEC3_RECORD(HASH_NS, "0", HASH_STAR " A RRSIG")                                               \
    NSEC3_RECORD(HASH_STAR, "0", HASH_W " TXT RRSIG")                                              \
    NSEC3_RECORD(HASH_E, "0", HASH_D " DNAME RRSIG")
#define NSEC3_NAMES                                                                                \
    "c NS ns.c\n"                                                                                  \
    "ns.c A 192.0.2.1\n"                                                                           \
    "d NS ns.c\n"                                                                                  \
    "d " DS_DATA SIG("d", "DS", "2")                                                               \
    "e DNAME other.\n" SIG("e", "DNAME", "2")                                                      \
    "ns A 192.0.2.2\n" SIG("ns", "A", "2")                                                         \
    "*.w TXT x\n" SIG("*.w", "TXT", "2")

/* c has none. */
#define OPT_OUT_ZONE                                                                               \
    SIGNED_APEX                                                                                    \
    "@ NSEC3PARAM 1 0 0 -\n" SIG("@", "NSEC3PARAM", "1")                                           \
    NSEC3_NAMES                                                                                    \
    NSEC3_RECORD(HASH_D, "1", HASH_APEX " NS DS RRSIG")                                            \
    NSEC3_RECORD(HASH_APEX, "1", HASH_NS " NS SOA RRSIG DNSKEY NSEC3PARAM")                        \
    NSEC3_RECORD(HASH_NS, "1", HASH_STAR " A RRSIG")                                               \
    NSEC3_RECORD(HASH_STAR, "1", HASH_W " TXT RRSIG")                                              \
    NSEC3_RECORD(HASH_W, "1", HASH_E)                                                              \
    NSEC3_RECORD(HASH_E, "1", HASH_D " DNAME RRSIG")
/* clang-format on */

/* The zone with a part replaced, and what is said of it on 2026-01-01. */
static inline void signed_said(const char *zone, const char *part, const char *by, const char *said)
{
    struct building b;
    struct buf text = {.len = 0};
    const char *at = part != NULL ? strstr(zone, part) : zone + strlen(zone);
    ck_assert_msg(at != NULL, "no such part: %s", part);
    buf_add(&text, zone, (size_t)(at - zone));
    if (part != NULL) {
        buf_print(&text, "%s%s", by, at + strlen(part));
    }
    building_start(&b);
    b.job.now = (struct wall){INT64_C(1767225600000)};
    building_build(&b, buf_text(&text));
    building_said(&b, said);
    ck_assert_uint_eq(b.built.report.errors, 0); /* it is served all the same */
    building_serve(&b);
    building_stop(&b);
    buf_free(&text);
}

#endif
