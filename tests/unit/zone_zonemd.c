/* zone_zonemd.c - digests of whole zones: the examples of RFC 8976 appendix A, what is left out of
 * a digest and what is not, and what is said of zones that are not what their ZONEMD says. */
#include "cases.h"
#include "zone_building.h"

#define APEX                                                                                       \
    "example. 86400 IN SOA ns1 admin 2018031900 1800 900 604800 86400\n"                           \
    "example. 86400 IN NS ns1\n"                                                                   \
    "example. 86400 IN NS ns2\n"
#define NS1         "ns1 3600 IN A 203.0.113.63\n"
#define SIMPLE_ZONE APEX NS1 "ns2 3600 IN AAAA 2001:db8::63\n"
#define SIMPLE_DIGEST                                                                              \
    "c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730" \
    "044c"
#define ZONEMD(head, digest) "example. 86400 IN ZONEMD " head " " digest "\n"

#define COMPLEX_ZONE                                                                               \
    APEX NS1                                                                                       \
        "NS2 3600 IN AAAA 2001:db8::63\n"                                                          \
        "occluded.sub 7200 IN TXT \"I'm occluded but must be digested\"\n"                         \
        "sub 7200 IN NS ns1\n"                                                                     \
        "duplicate 300 IN TXT \"I must be digested just once\"\n"                                  \
        "duplicate 300 IN TXT \"I must be digested just once\"\n"                                  \
        "foo.test. 555 IN TXT \"out-of-zone data must be excluded\"\n"                             \
        "UPPERCASE 3600 IN TXT \"canonicalize uppercase owner names\"\n"                           \
        "* 777 IN PTR dont-forget-about-wildcards\n"                                               \
        "mail 3600 IN MX 20 MAIL1\n"                                                               \
        "mail 3600 IN MX 10 Mail2.Example.\n"                                                      \
        "sortme 3600 IN AAAA 2001:db8::5:61\n"                                                     \
        "sortme 3600 IN AAAA 2001:db8::3:62\n"                                                     \
        "sortme 3600 IN AAAA 2001:db8::4:63\n"                                                     \
        "sortme 3600 IN AAAA 2001:db8::1:65\n"                                                     \
        "sortme 3600 IN AAAA 2001:db8::2:64\n"                                                     \
        "non-apex 900 IN ZONEMD 2018031900 1 1 616c6c6f776564206275742069676e6f7265642e20616c6c"   \
        "6f776564206275742069676e6f7265642e20616c6c6f7765\n"
#define COMPLEX_DIGEST                                                                             \
    "a3b69bad980a3504e1cffcb0fd6397f93848071c93151f552ae2f6b1711d4bd2d8b39808226d7b9db71e34b72077" \
    "f8fe"

#define MULTIPLE_ZONE                                                                              \
    APEX NS1 "ns2 86400 IN TXT \"This example has multiple digests\"\n"                            \
             "NS2.EXAMPLE. 3600 IN AAAA 2001:db8::63\n"
#define MULTIPLE_384                                                                               \
    "62e6cf51b02e54b9b5f967d547ce43136792901f9f88e637493daaf401c92c279dd10f0edb1c56f8080211f8480e" \
    "e306"
#define MULTIPLE_512                                                                               \
    "08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a4e114d884e66f176eab121cb02db" \
    "7d652e0cc4827e7a3204f166b47e5613fd27"
#define OTHER_HASH   ZONEMD("2018031900 1 240", "e2d523f654b9422a96c5a8f44607bbee")
#define OTHER_SCHEME ZONEMD("2018031900 241 1", "e1846540e33a9e4189792d18d5d131f605fc283e")

/* What comes of a zone with these ZONEMD. */
static void expect(const char *zone, const char *zonemd, enum zonemd_state state, const char *text)
{
    struct building b;
    struct buf all = {.len = 0};
    buf_print(&all, "%s%s", zone, zonemd);
    building_start(&b);
    b.job.zonemd_verify = true;
    building_build(&b, buf_text(&all));
    ck_assert_str_eq(b.built.digest.text, text);
    ck_assert_int_eq(b.built.digest.state, state);
    ck_assert(b.built.ok == (state != ZONEMD_WRONG));
    if (b.built.ok) {
        building_serve(&b);
    } else {
        zone_built_free(&b.built);
    }
    building_stop(&b);
    buf_free(&all);
}

START_TEST(examples_of_rfc_8976)
{
    static const char *const right_384 =
                                 "serial 2018031900: the zone is what its ZONEMD says (SHA-384)",
                             *const right_512 =
                                 "serial 2018031900: the zone is what its ZONEMD says (SHA-512)";
    expect(SIMPLE_ZONE, ZONEMD("2018031900 1 1", SIMPLE_DIGEST), ZONEMD_RIGHT, right_384);
    expect(COMPLEX_ZONE, ZONEMD("2018031900 1 1", COMPLEX_DIGEST), ZONEMD_RIGHT, right_384);
    expect(MULTIPLE_ZONE,
           ZONEMD("2018031900 1 1", MULTIPLE_384) ZONEMD("2018031900 1 2", MULTIPLE_512)
               OTHER_HASH OTHER_SCHEME,
           ZONEMD_RIGHT, right_384);
    expect(MULTIPLE_ZONE, ZONEMD("2018031900 1 2", MULTIPLE_512) OTHER_HASH OTHER_SCHEME,
           ZONEMD_RIGHT, right_512);
}
END_TEST

START_TEST(one_that_fits_is_enough)
{
    expect(MULTIPLE_ZONE,
           ZONEMD("2018031900 1 1", SIMPLE_DIGEST) ZONEMD("2018031900 1 2", MULTIPLE_512),
           ZONEMD_RIGHT, "serial 2018031900: the zone is what its ZONEMD says (SHA-512)");
}
END_TEST

/* Neither the ZONEMD at the apex nor what signs it; another RRSIG is. */
START_TEST(signatures_of_the_digest_are_left_out)
{
#define SIGNATURE(type)                                                                            \
    "example. 86400 IN RRSIG " type " 8 1 86400 20300101000000 20200101000000 1 example. AAAA\n"
    expect(SIMPLE_ZONE SIGNATURE("ZONEMD"), ZONEMD("2018031900 1 1", SIMPLE_DIGEST), ZONEMD_RIGHT,
           "serial 2018031900: the zone is what its ZONEMD says (SHA-384)");
    expect(SIMPLE_ZONE SIGNATURE("NS"), ZONEMD("2018031900 1 1", SIMPLE_DIGEST), ZONEMD_WRONG,
           "serial 2018031900: the zone is not what its ZONEMD says: SHA-384 of its records is "
           "56984145..., not c68090d9... (RFC 8976 4)");
}
END_TEST

START_TEST(what_is_not_known_cannot_be_verified)
{
    static const char *const said = "serial 2018031900: the zone's digest cannot be verified: each "
                                    "ZONEMD is of a scheme or hash that is not known here";
    expect(SIMPLE_ZONE, "", ZONEMD_NONE, "");
    expect(SIMPLE_ZONE, OTHER_HASH, ZONEMD_UNKNOWN, said);
    expect(SIMPLE_ZONE, OTHER_SCHEME OTHER_HASH, ZONEMD_UNKNOWN, said);
    expect(SIMPLE_ZONE, OTHER_SCHEME ZONEMD("2018031900 1 1", SIMPLE_DIGEST), ZONEMD_RIGHT,
           "serial 2018031900: the zone is what its ZONEMD says (SHA-384)");
}
END_TEST

START_TEST(what_is_not_the_zone)
{
    expect(SIMPLE_ZONE "x TXT y\n", ZONEMD("2018031900 1 1", SIMPLE_DIGEST), ZONEMD_WRONG,
           "serial 2018031900: the zone is not what its ZONEMD says: SHA-384 of its records is "
           "ca6b6b9f..., not c68090d9... (RFC 8976 4)");
    expect(SIMPLE_ZONE, ZONEMD("2018031901 1 1", SIMPLE_DIGEST), ZONEMD_WRONG,
           "serial 2018031900: the ZONEMD is for serial 2018031901 (RFC 8976 4)");
    expect(SIMPLE_ZONE, ZONEMD("2018031900 1 1", "e2d523f654b9422a96c5a8f44607bbee"), ZONEMD_WRONG,
           "serial 2018031900: the digest of the ZONEMD has 16 octets, SHA-384 has 48");
    expect(SIMPLE_ZONE,
           ZONEMD("2018031900 1 1", SIMPLE_DIGEST) ZONEMD("2018031900 1 1", COMPLEX_DIGEST),
           ZONEMD_WRONG,
           "serial 2018031900: more than one ZONEMD of scheme 1 and hash 1, so that none counts "
           "(RFC 8976 4)");
    expect(SIMPLE_ZONE, OTHER_HASH ZONEMD("2018031900 1 1", COMPLEX_DIGEST), ZONEMD_WRONG,
           "serial 2018031900: the zone is not what its ZONEMD says: SHA-384 of its records is "
           "c68090d9..., not a3b69bad... (RFC 8976 4)");
}
END_TEST

/* The error stands at the ZONEMD; without zonemd_verify nothing is looked at. */
START_TEST(refused_unless_told_otherwise)
{
    struct building b;
    building_start(&b);
    building_build(&b, SIMPLE_ZONE ZONEMD("2018031900 1 1", COMPLEX_DIGEST));
    building_serve(&b);
    b.job.zonemd_verify = true;
    building_build(&b, NULL);
    building_refused(&b, "z:6:1: error: serial 2018031900: the zone is not what its ZONEMD says: "
                         "SHA-384 of its records is c68090d9..., not a3b69bad... (RFC 8976 4)\n");
    building_stop(&b);
}
END_TEST

/* All records of what is served, as they come in a transfer. */
static void stream(const struct zone_version *v, struct buf *out)
{
    struct zone_walk w;
    struct name owner;
    struct zone_node node;
    struct rrset set;
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &node);) {
        for (unsigned at = 0; zone_rrset_next(node, &at, &set);) {
            struct record rr = {.owner = owner.octets, .type = set.type, .ttl = set.ttl};
            for (size_t i = 0; (rr.rdata = rrset_next(&set, &i, &rr.rdlen)) != NULL;) {
                record_add(out, &rr);
            }
        }
    }
}

#define WITH_ANOTHER                                                                               \
    "serial 2018031900: the zone is not what its ZONEMD says: SHA-384 of its records is "          \
    "ca6b6b9f..., not c68090d9... (RFC 8976 4)\n"

START_TEST(transfers_too)
{
    struct building b;
    building_start(&b);
    building_build(&b, SIMPLE_ZONE ZONEMD("2018031900 1 1", SIMPLE_DIGEST) "x 3600 TXT y\n");
    building_serve(&b);
    b.job.kind = ZONE_JOB_RECORDS;
    stream(b.base, &b.job.records);
    b.job.zonemd_verify = true;
    building_build(&b, NULL);
    building_refused(&b, "error: " WITH_ANOTHER);
    zone_job_clear(&b.job);
    building_stop(&b);
}
END_TEST

START_TEST(deltas_too)
{
    struct building b;
    struct name x;
    struct rrset soa;
    uint16_t len;
    ck_assert(name_from("x.example", &x));
    building_start(&b);
    building_build(&b, SIMPLE_ZONE ZONEMD("2018031900 1 1", SIMPLE_DIGEST));
    building_serve(&b);
    ck_assert(zone_rrset(zone_apex_node(b.base), TYPE_SOA, &soa));
    size_t at = 0;
    struct record rr = {.owner = b.apex.octets, .type = TYPE_SOA, .ttl = soa.ttl};
    rr.rdata = rrset_next(&soa, &at, &len);
    rr.rdlen = len;
    b.job.kind = ZONE_JOB_CHANGES;
    b.job.changes = calloc(1, sizeof *b.job.changes);
    b.job.change_count = 1;
    struct change *c = &b.job.changes[0];
    change_init(c);
    c->from = c->to = 2018031900;
    record_add(&c->deleted, &rr);
    record_add(&c->added, &rr);
    rr = (struct record){.owner = x.octets,
                         .type = TYPE_TXT,
                         .ttl = 3600,
                         .rdata = (const uint8_t *)"\1y",
                         .rdlen = 2};
    record_add(&c->added, &rr);
    c->deleted_count = 1;
    c->added_count = 2;
    b.job.zonemd_verify = true;
    building_build(&b, NULL);
    building_refused(&b, "error: " WITH_ANOTHER);
    zone_job_clear(&b.job);
    building_stop(&b);
}
END_TEST

TCase *case_zone_zonemd(void)
{
    TCase *c = tcase_create("zone_zonemd");
    tcase_add_test(c, examples_of_rfc_8976);
    tcase_add_test(c, one_that_fits_is_enough);
    tcase_add_test(c, signatures_of_the_digest_are_left_out);
    tcase_add_test(c, what_is_not_known_cannot_be_verified);
    tcase_add_test(c, what_is_not_the_zone);
    tcase_add_test(c, refused_unless_told_otherwise);
    tcase_add_test(c, transfers_too);
    tcase_add_test(c, deltas_too);
    return c;
}
