/* wire_rdata.c - tests of rdata by layout: read off messages, checked, compared as ldns
 * compares, hashed; SOA fields. */
#include "base/rand.h"
#include "cases.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <ldns/ldns.h>

/* Presentation forms that ldns turns into rdata; all must be accepted. */
static const char *const good[] = {
    "x. 1 IN A 192.0.2.1",
    "x. 1 IN NS ns1.Example.com.",
    "x. 1 IN CNAME .",
    "x. 1 IN SOA ns. host.example. 1 2 3 4 5",
    "x. 1 IN MINFO a. b.example.",
    "x. 1 IN MX 10 Mail.example.",
    "x. 1 IN TXT \"one\" \"\" \"three\"",
    "x. 1 IN HINFO \"CPU\" \"OS\"",
    "x. 1 IN WKS 192.0.2.1 6 25 80",
    "x. 1 IN PTR a.",
    "x. 1 IN RP a. b.",
    "x. 1 IN AFSDB 1 a.",
    "x. 1 IN X25 \"31161700956\"",
    "x. 1 IN ISDN \"150862028003217\" \"004\"",
    "x. 1 IN RT 10 a.",
    "x. 1 IN PX 10 a. b.",
    "x. 1 IN GPOS \"1.0\" \"2.0\" \"3.0\"",
    "x. 1 IN AAAA 2001:db8::1",
    "x. 1 IN LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
    "x. 1 IN SRV 1 2 3 Target.example.",
    "x. 1 IN NAPTR 100 10 \"U\" \"E2U+sip\" \"!^.*$!sip:a@b!\" .",
    "x. 1 IN KX 10 a.",
    "x. 1 IN CERT 1 2 3 AAAA",
    "x. 1 IN DNAME b.example.",
    "x. 1 IN APL 1:192.168.32.0/21 !1:192.168.38.0/28",
    "x. 1 IN DS 1 8 2 ABCD",
    "x. 1 IN SSHFP 1 1 ABCD",
    "x. 1 IN IPSECKEY 10 3 2 gw.example. AQNRU3mG7TVTO2BkR47usntb102uFJtu",
    "x. 1 IN RRSIG A 8 2 300 20300101000000 20200101000000 1 Example. AAAA",
    "x. 1 IN NSEC b. A NS TYPE1234",
    "x. 1 IN DNSKEY 256 3 8 AAAA",
    "x. 1 IN DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
    "x. 1 IN NSEC3 1 0 1 AB 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG",
    "x. 1 IN NSEC3 1 0 1 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR",
    "x. 1 IN NSEC3PARAM 1 0 1 -",
    "x. 1 IN TLSA 1 1 1 ABCD",
    "x. 1 IN SMIMEA 1 1 1 ABCD",
    "x. 1 IN CDS 0 0 0 00",
    "x. 1 IN CDNSKEY 0 3 0 AA==",
    "x. 1 IN OPENPGPKEY AAAA",
    "x. 1 IN CSYNC 66 3 A NS AAAA",
    "x. 1 IN ZONEMD 1 1 1 "
    "62E6CF51B02E54B9B5F967D547CE43136792901F9F88E637493DAAF401C92C279DD10F0EDB1C56F8080211F8480EE3"
    "06",
    "x. 1 IN SVCB 1 . alpn=h2,h3 port=53",
    "x. 1 IN HTTPS 0 svc.example.",
    "x. 1 IN NID 10 0014:4fff:ff20:ee64",
    "x. 1 IN L32 10 10.1.2.0",
    "x. 1 IN L64 10 2001:0DB8:1140:1000",
    "x. 1 IN LP 10 l64.example.",
    "x. 1 IN EUI48 00-00-5e-00-53-2a",
    "x. 1 IN EUI64 00-00-5e-ef-10-00-00-2a",
    "x. 1 IN URI 10 1 \"https://example.com/\"",
    "x. 1 IN CAA 0 issue \"ca.example\"",
    "x. 1 IN DLV 1 8 2 ABCD",
};
#define GOOD (sizeof good / sizeof good[0])

static ldns_rr *rr_of(const char *text)
{
    ldns_rr *rr = NULL;
    ldns_status status = ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL);
    ck_assert_msg(status == LDNS_STATUS_OK, "%s: %s", text, ldns_get_errorstr_by_id(status));
    return rr;
}

struct sample {
    uint16_t type;
    size_t len;
    uint8_t rdata[512];
};

static struct sample sample_of(const ldns_rr *rr)
{
    struct sample s = {.type = (uint16_t)ldns_rr_get_type(rr)};
    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
        const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
        memcpy(s.rdata + s.len, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
        s.len += ldns_rdf_size(rdf);
    }
    return s;
}

static void read_samples(struct sample *out)
{
    for (size_t i = 0; i < GOOD; i++) {
        ldns_rr *rr = rr_of(good[i]);
        out[i] = sample_of(rr);
        ldns_rr_free(rr);
    }
}

START_TEST(ldns_rdata_is_accepted)
{
    static struct sample samples[GOOD];
    read_samples(samples);
    for (size_t i = 0; i < GOOD; i++) {
        ck_assert_msg(rdata_check(samples[i].type, samples[i].rdata, samples[i].len), "%s",
                      good[i]);
    }
}
END_TEST

/* Cut, lengthened, changed: whatever comes, reading and checking agree and stay within bounds. */
START_TEST(mutated_rdata_stays_within_bounds)
{
    static struct sample samples[GOOD];
    struct rand rand;
    rand_seed(&rand, 3);
    read_samples(samples);
    for (int round = 0; round < 4000; round++) {
        struct sample s = samples[rand_below(&rand, GOOD)];
        s.len = rand_below(&rand, 3) == 0 ? rand_below(&rand, (uint32_t)s.len + 2) : s.len;
        for (uint32_t n = rand_below(&rand, 4); n > 0 && s.len > 0; n--) {
            s.rdata[rand_below(&rand, (uint32_t)s.len)] = (uint8_t)(rand_u64(&rand) % 0xc0);
        }
        uint8_t *exact = malloc(s.len + 1);
        memcpy(exact, s.rdata, s.len);
        struct reader r;
        struct buf out = {0};
        reader_start(&r, exact, s.len);
        bool read = rdata_read(&r, s.type, (uint16_t)s.len, &out);
        ck_assert_int_eq(read, rdata_check(s.type, exact, s.len)); /* no pointers: the same */
        ck_assert(!read || (out.len == s.len && memcmp(out.data, exact, s.len) == 0));
        ck_assert(read ? r.at == s.len : r.failed && out.len == 0);
        buf_free(&out);
        free(exact);
    }
}
END_TEST

START_TEST(keys_and_digests_are_not_empty)
{
    const uint8_t *octets = (const uint8_t *)"\xc0\0\3\0\0\0\0\0\0\0";
    ck_assert(rdata_check(TYPE_KEY, octets, 4)); /* RFC 2535 3.1.2: there is no key */
    ck_assert(rdata_check(TYPE_RKEY, octets, 4));
    ck_assert(rdata_check(TYPE_SINK, octets, 3)); /* meaning, coding, subcoding, and no data */
    ck_assert(!rdata_check(TYPE_SINK, octets, 2));
    ck_assert(rdata_check(TYPE_DOA, octets, 10));
    ck_assert(!rdata_check(TYPE_DNSKEY, octets, 4));
    ck_assert(!rdata_check(TYPE_DS, octets, 4));
    ck_assert(rdata_check(TYPE_DS, octets, 5));
}
END_TEST

START_TEST(names_are_decompressed)
{
    /* example.com at 0; MX 10 mail.example.com, SOA, NSEC with a pointer */
    static const uint8_t msg[] = "\7example\3com\0"
                                 "\0\12\4mail\xc0\x00"
                                 "\2ns\xc0\x00\xc0\x00\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"
                                 "\xc0\x00\0\1\x40";
    struct reader r;
    struct buf out = {0};
    reader_start(&r, msg, sizeof msg - 1);
    r.at = 13;
    ck_assert(rdata_read(&r, TYPE_MX, 9, &out));
    ck_assert_uint_eq(r.at, 22);
    ck_assert_uint_eq(out.len, 20);
    ck_assert_mem_eq(out.data, "\0\12\4mail\7example\3com\0", 20);
    struct soa soa;
    ck_assert(rdata_read(&r, TYPE_SOA, 27, &out));
    ck_assert(soa_read(out.data + 20, out.len - 20, &soa));
    ck_assert_mem_eq(soa.rname, "\7example\3com\0", 13);
    size_t before = out.len;
    ck_assert(!rdata_read(&r, TYPE_NSEC, 5, &out)); /* RFC 3597 4: nobody may compress here */
    ck_assert(r.failed);
    ck_assert_uint_eq(out.len, before);
    buf_free(&out);
}
END_TEST

START_TEST(a_name_ends_inside_its_rdata)
{
    static const uint8_t msg[] = "\1a\1b\0";
    struct reader r;
    struct buf out = {0};
    reader_start(&r, msg, 5);
    ck_assert(!rdata_read(&r, TYPE_NS, 2, &out));
    reader_start(&r, msg, 5);
    ck_assert(!rdata_read(&r, TYPE_NS, 4, &out));
    reader_start(&r, msg, 5);
    ck_assert(!rdata_read(&r, TYPE_NS, 6, &out)); /* more than there is */
    reader_start(&r, (const uint8_t *)"\1a\0\0", 4);
    ck_assert(!rdata_read(&r, TYPE_NS, 4, &out)); /* an octet too many */
    reader_start(&r, (const uint8_t *)"\xc0\x0c\xff", 3);
    ck_assert(rdata_read(&r, 65280, 3, &out)); /* unknown types are opaque */
    ck_assert_uint_eq(out.len, 3);
    buf_free(&out);
}
END_TEST

START_TEST(decompressed_rdata_may_grow_too_long)
{
    static uint8_t data[255 + 65535]; /* a longest name, then rdata that points to it */
    struct reader r;
    struct buf out = {0};
    for (size_t i = 0; i < 254; i++) {
        data[i] = i % 2 == 0 ? 1 : 'a';
    }
    memcpy(data + 255 + 18, "\xc0\x00", 2); /* RRSIG: eight fields, the signer, the signature */
    for (uint16_t rdlen = UINT16_MAX; rdlen > UINT16_MAX - 2; rdlen--) {
        reader_start(&r, data, sizeof data);
        r.at = 255;
        ck_assert(!rdata_read(&r, TYPE_RRSIG, rdlen, &out));
    }
    reader_start(&r, data, sizeof data);
    r.at = 255;
    ck_assert(rdata_read(&r, TYPE_RRSIG, UINT16_MAX - 253, &out));
    ck_assert_uint_eq(out.len, UINT16_MAX);
    buf_free(&out);
}
END_TEST

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* Several of a type each, with names that differ in case, length and place. */
static const char *const orders[] = {
    "x. 1 IN NS a.",
    "x. 1 IN NS A.",
    "x. 1 IN NS b.a.",
    "x. 1 IN NS B.",
    "x. 1 IN NS ab.",
    "x. 1 IN NS .",
    "x. 1 IN MX 10 A.",
    "x. 1 IN MX 9 b.",
    "x. 1 IN MX 10 a.b.",
    "x. 1 IN MX 256 a.",
    "x. 1 IN SOA A. b. 1 2 3 4 5",
    "x. 1 IN SOA a. B. 2 2 3 4 5",
    "x. 1 IN SOA a. b.c. 1 2 3 4 5",
    "x. 1 IN TXT \"a\"",
    "x. 1 IN TXT \"A\"",
    "x. 1 IN TXT \"aa\"",
    "x. 1 IN TXT \"a\" \"a\"",
    "x. 1 IN SRV 0 0 1 a.",
    "x. 1 IN SRV 0 0 1 B.",
    "x. 1 IN SRV 0 0 1 A.b.",
    "x. 1 IN NAPTR 1 1 \"u\" \"\" \"\" A.",
    "x. 1 IN NAPTR 1 1 \"U\" \"\" \"\" a.",
    "x. 1 IN NSEC A. A",
    "x. 1 IN NSEC a. A",
    "x. 1 IN NSEC a. A NS",
    "x. 1 IN RRSIG A 8 2 300 20300101000000 20200101000000 1 Example. AAAA",
    "x. 1 IN RRSIG A 8 2 300 20300101000000 20200101000000 1 example. AAAB",
    "x. 1 IN RRSIG A 8 2 300 20300101000000 20200101000000 1 example. AAAAAA==",
    "x. 1 IN A 192.0.2.1",
    "x. 1 IN A 192.0.2.200",
    "x. 1 IN A 1.2.3.4",
    "x. 1 IN DNAME a.",
    "x. 1 IN DNAME A.a.",
    "x. 1 IN HTTPS 1 a.",
    "x. 1 IN HTTPS 1 A.",
};
#define ORDERS (sizeof orders / sizeof orders[0])

START_TEST(order_is_canonical)
{
    static struct sample samples[ORDERS];
    static ldns_rr *canonical[ORDERS];
    for (size_t i = 0; i < ORDERS; i++) {
        canonical[i] = rr_of(orders[i]);
        samples[i] = sample_of(canonical[i]);
        ldns_rr2canonical(canonical[i]);
    }
    for (size_t i = 0; i < ORDERS * ORDERS; i++) {
        const struct sample *a = &samples[i / ORDERS], *b = &samples[i % ORDERS];
        if (a->type == b->type) {
            int want = sign(ldns_rr_compare(canonical[i / ORDERS], canonical[i % ORDERS]));
            int got = sign(rdata_compare(a->type, a->rdata, a->len, b->rdata, b->len));
            ck_assert_msg(got == want, "%s: %s", orders[i / ORDERS], orders[i % ORDERS]);
            ck_assert(rdata_same(a->type, a->rdata, a->len, b->rdata, b->len) == (want == 0));
        }
    }
    for (size_t i = 0; i < ORDERS; i++) {
        ldns_rr_free(canonical[i]);
    }
}
END_TEST

START_TEST(case_in_names_only)
{
    static const struct {
        uint16_t type;
        const char *a, *b;
        size_t len;
        bool same;
    } rows[] = {
        {TYPE_NS, "\2NS\0", "\2ns\0", 4, true},
        {TYPE_MX, "\0\1\2MX\0", "\0\1\2mx\0", 6, true},
        {TYPE_MX, "AA\2mx\0", "aa\2mx\0", 6, false}, /* a number, not letters */
        {TYPE_SRV, "\0\1\0\2\0\3\1T\0", "\0\1\0\2\0\3\1t\0", 9, true},
        {TYPE_NAPTR, "\0\1\0\2\1U\1s\1r\1N\0", "\0\1\0\2\1U\1s\1r\1n\0", 13, true},
        {TYPE_NAPTR, "\0\1\0\2\1U\1s\1r\1n\0", "\0\1\0\2\1u\1s\1r\1n\0", 13, false},
        {TYPE_TXT, "\2AB", "\2ab", 3, false},
        {TYPE_SVCB, "\0\1\1A\0", "\0\1\1a\0", 5, false},         /* RFC 4034 6.2 does not list it */
        {TYPE_NSEC, "\1A\0\0\1\x40", "\1a\0\0\1\x40", 6, false}, /* RFC 6840 5.1 */
        {65280, "A", "a", 1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t *a = (const uint8_t *)rows[i].a, *b = (const uint8_t *)rows[i].b;
        size_t len = rows[i].len;
        ck_assert(rdata_check(rows[i].type, a, len));
        ck_assert(rdata_same(rows[i].type, a, len, b, len) == rows[i].same);
        ck_assert((rdata_hash(rows[i].type, a, len, 9) == rdata_hash(rows[i].type, b, len, 9)) ==
                  rows[i].same);
        uint8_t lower[16]; /* b is the canonical form of what is the same */
        memcpy(lower, a, len);
        rdata_lower(rows[i].type, lower, len);
        ck_assert(memcmp(lower, rows[i].same ? b : a, len) == 0);
    }
}
END_TEST

START_TEST(shorter_first)
{
    const uint8_t *one = (const uint8_t *)"\1a\0\0\1\x40\0\1\x80";
    ck_assert_int_lt(rdata_compare(65280, one, 3, one, 4), 0);
    ck_assert_int_gt(rdata_compare(65280, one, 4, one, 3), 0);
    ck_assert_int_lt(rdata_compare(65280, one, 0, one, 1), 0);
    ck_assert_int_eq(rdata_compare(65280, one, 0, one, 0), 0);
    ck_assert_int_lt(
        rdata_compare(TYPE_NS, (const uint8_t *)"\1a\0", 3, (const uint8_t *)"\1A\1b\0", 5), 0);
    ck_assert_int_gt(
        rdata_compare(TYPE_NS, (const uint8_t *)"\1a\1b\0", 5, (const uint8_t *)"\1A\0", 3), 0);
    ck_assert(!rdata_same(TYPE_NS, (const uint8_t *)"\1a\1b\0", 5, (const uint8_t *)"\1A\0", 3));
    ck_assert_uint_ne(rdata_hash(TYPE_TXT, (const uint8_t *)"\1a", 2, 1),
                      rdata_hash(TYPE_TXT, (const uint8_t *)"\1a", 2, 2));
}
END_TEST

START_TEST(soa_fields)
{
    uint8_t rdata[] = "\2ns\0\4host\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5";
    struct soa soa;
    size_t len = sizeof rdata - 1;
    soa_set_serial(rdata, len, 0xfffffff0);
    ck_assert(soa_read(rdata, len, &soa));
    ck_assert_ptr_eq(soa.mname, rdata);
    ck_assert_ptr_eq(soa.rname, rdata + 4);
    ck_assert_uint_eq(soa.serial, 0xfffffff0);
    ck_assert_uint_eq(soa.refresh, 2);
    ck_assert_uint_eq(soa.retry, 3);
    ck_assert_uint_eq(soa.expire, 4);
    ck_assert_uint_eq(soa.minimum, 5);
    ck_assert(!soa_read(rdata, len - 1, &soa));
}
END_TEST

START_TEST(serials)
{
    ck_assert(serial_older(1, 2) && !serial_older(2, 1) && !serial_older(1, 1));
    ck_assert(serial_older(0xfffffff0, 3) && !serial_older(3, 0xfffffff0));
    ck_assert(!serial_older(0, 0x80000000) && !serial_older(0x80000000, 0));
    ck_assert(serial_older(0, 0x7fffffff));
}
END_TEST

START_TEST(targets)
{
    const uint8_t *octets = (const uint8_t *)"\0\1\0\2\0\3\1t\0";
    ck_assert_ptr_eq(rdata_target(TYPE_SRV, octets, 9), octets + 6);
    ck_assert_ptr_eq(rdata_target(TYPE_MX, octets, 9), octets + 2);
    ck_assert_ptr_eq(rdata_target(TYPE_NS, octets, 9), octets);
    ck_assert_ptr_null(rdata_target(TYPE_CNAME, octets, 9));
    ck_assert_ptr_null(rdata_target(TYPE_A, octets, 4));
}
END_TEST

TCase *case_wire_rdata(void)
{
    TCase *c = tcase_create("wire_rdata");
    tcase_add_test(c, ldns_rdata_is_accepted);
    tcase_add_test(c, mutated_rdata_stays_within_bounds);
    tcase_add_test(c, keys_and_digests_are_not_empty);
    tcase_add_test(c, names_are_decompressed);
    tcase_add_test(c, a_name_ends_inside_its_rdata);
    tcase_add_test(c, decompressed_rdata_may_grow_too_long);
    tcase_add_test(c, order_is_canonical);
    tcase_add_test(c, case_in_names_only);
    tcase_add_test(c, shorter_first);
    tcase_add_test(c, soa_fields);
    tcase_add_test(c, serials);
    tcase_add_test(c, targets);
    return c;
}
