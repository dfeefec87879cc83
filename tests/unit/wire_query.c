/* wire_query.c - tests of taking questions apart: what is answered, refused, dropped; EDNS,
 * cookies, TSIG, serials. */
#include "base/rand.h"
#include "cases.h"
#include "wire/msg.h"
#include "wire/query.h"
#include "wire/rrtype.h"
#include <string.h>

/* A message put together from parts; `msg` is exactly as large as it must be, so overruns are
 * seen. */
struct parts {
    uint8_t octets[2048];
    size_t len;
};

#define QUESTION          "\3wWw\7example\3com\0\0\1\0\1"
#define OPT(payload, ttl) "\0\0\x29" payload ttl
#define ROOT_OPT          OPT("\x04\xd0", "\0\0\0\0")
#define SOA_RDATA         "\2ns\xc0\x0c\xc0\x0c\0\0\0\7\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"
#define BYTES(text)       text, sizeof(text) - 1

static struct parts header(uint16_t flags, const char counts[4])
{
    struct parts p = {.octets = {0x12, 0x34, (uint8_t)(flags >> 8), (uint8_t)flags}, .len = 12};
    for (int i = 0; i < 4; i++) {
        p.octets[5 + 2 * i] = (uint8_t)counts[i];
    }
    return p;
}

static void add(struct parts *p, const char *octets, size_t len)
{
    memcpy(p->octets + p->len, octets, len);
    p->len += len;
}

static enum query_status status_of(const struct parts *p, struct query *q)
{
    uint8_t *exact = malloc(p->len + 1);
    memcpy(exact, p->octets, p->len);
    exact = realloc(exact, p->len > 0 ? p->len : 1);
    enum query_status status = query_read(exact, p->len, q);
    free(exact);
    return query_read(p->octets, p->len, q) == status ? status : (enum query_status) - 1;
}

/* A plain question with an OPT whose options are these. */
static enum query_status with_options(const char *options, size_t len, struct query *q)
{
    static struct parts p;
    p = header(0, "\1\0\0\1");
    add(&p, BYTES(QUESTION));
    add(&p, BYTES(OPT("\x10\0", "\0\0\x80\0")));
    add(&p, (const char[]){(char)(len >> 8), (char)len}, 2);
    add(&p, options, len);
    return status_of(&p, q);
}

START_TEST(a_plain_question)
{
    struct parts p = header(MSG_RD | MSG_AD, "\1\0\0\0");
    struct query q;
    add(&p, BYTES(QUESTION));
    ck_assert_int_eq(status_of(&p, &q), QUERY_OK);
    ck_assert_uint_eq(q.id, 0x1234);
    ck_assert_uint_eq(q.flags, MSG_RD | MSG_AD);
    ck_assert_uint_eq(q.opcode, OPCODE_QUERY);
    ck_assert(q.has_question);
    ck_assert_ptr_eq(q.qname, p.octets + 12);
    ck_assert_mem_eq(q.qname, "\3wWw\7example\3com", 17);
    ck_assert_uint_eq(q.qname_len, 17);
    ck_assert_uint_eq(q.qtype, TYPE_A);
    ck_assert_uint_eq(q.qclass, CLASS_IN);
    ck_assert(!q.has_edns && !q.has_tsig && !q.has_notify_serial && q.cookie == NULL);
    ck_assert_uint_eq(q.payload, 512);
}
END_TEST

START_TEST(dropped_messages)
{
    struct parts p = header(MSG_QR, "\1\0\0\0");
    struct query q;
    ck_assert_int_eq(status_of(&p, &q), QUERY_RESPONSE);
    for (p.len = 0; p.len < 12; p.len++) {
        ck_assert_int_eq(status_of(&p, &q), QUERY_SHORT);
    }
}
END_TEST

START_TEST(malformed_questions)
{
    static const struct {
        const char *counts;
        const char *octets;
        size_t len;
        bool has_question;
    } rows[] = {
        {"\0\0\0\0", BYTES(""), false},
        {"\2\0\0\0", BYTES(QUESTION QUESTION), false},
        {"\1\0\0\0", BYTES(""), false},
        {"\1\0\0\0", BYTES("\3www"), false},
        {"\1\0\0\0", BYTES("\0\0\1\0"), false},
        {"\1\0\0\0", BYTES("\xc0\x0c\0\1\0\1"), false},
        {"\1\0\0\0", BYTES(QUESTION "x"), true}, /* more than the counts say */
        {"\1\0\0\1", BYTES(QUESTION), true},     /* less */
        {"\1\0\0\1", BYTES(QUESTION "\xc0\x0c\0\1\0\1\0\0\0\0\0\4abc"), true},
        {"\1\1\0\0", BYTES(QUESTION "\x80\0\1\0\1\0\0\0\0\0\0"), true},
        {"\1\0\0\2", BYTES(QUESTION ROOT_OPT "\0\0" ROOT_OPT "\0\0"), true},
        {"\1\0\0\1", BYTES(QUESTION "\1a" ROOT_OPT "\0\0"), true}, /* OPT of another name */
        {"\1\1\0\0", BYTES(QUESTION ROOT_OPT "\0\0"), true},       /* OPT in another section */
        {"\1\0\0\1", BYTES(QUESTION ROOT_OPT "\0\1"), true},
        {"\1\0\0\2", BYTES(QUESTION "\1k\0\0\xfa\0\xff\0\0\0\0\0\0" ROOT_OPT "\0\0"), true},
        {"\1\0\0\2", BYTES(QUESTION "\1k\0\0\xfa\0\xff\0\0\0\0\0\0\1k\0\0\xfa\0\xff\0\0\0\0\0\0"),
         true},
        {"\1\1\0\0", BYTES(QUESTION "\1k\0\0\xfa\0\xff\0\0\0\0\0\0"), true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parts p = header(0, rows[i].counts);
        struct query q;
        add(&p, rows[i].octets, rows[i].len);
        ck_assert_msg(status_of(&p, &q) == QUERY_MALFORMED, "row %zu", i);
        ck_assert_msg(q.has_question == rows[i].has_question, "row %zu", i);
    }
}
END_TEST

START_TEST(opcodes)
{
    for (unsigned opcode = 0; opcode < 16; opcode++) {
        struct parts p = header((uint16_t)(opcode << 11), "\1\0\0\1"), bare;
        struct query q;
        add(&p, BYTES(QUESTION ROOT_OPT "\0\0"));
        bool known = opcode == OPCODE_QUERY || opcode == OPCODE_NOTIFY;
        ck_assert_int_eq(status_of(&p, &q), known ? QUERY_OK : QUERY_NOTIMP);
        ck_assert(q.has_question && q.has_edns);
        ck_assert_uint_eq(q.opcode, opcode);
        struct parts later = header((uint16_t)(opcode << 11), "\1\0\0\1");
        add(&later, BYTES(QUESTION OPT("\4\xd0", "\0\1\0\0") "\0\0"));
        ck_assert_int_eq(status_of(&later, &q), QUERY_BADVERS);
        bare = header((uint16_t)(opcode << 11), "\0\0\0\0"); /* a DSO message, say */
        ck_assert_int_eq(status_of(&bare, &q), known ? QUERY_MALFORMED : QUERY_NOTIMP);
        ck_assert(!q.has_question);
    }
}
END_TEST

START_TEST(edns)
{
    struct query q;
    ck_assert_int_eq(with_options(BYTES(""), &q), QUERY_OK);
    ck_assert(q.has_edns && q.dnssec_ok);
    ck_assert_uint_eq(q.payload, 4096);
    ck_assert_uint_eq(q.edns_version, 0);
    ck_assert(!q.wants_nsid && !q.wants_zoneversion && !q.wants_keepalive);
    ck_assert_int_eq(with_options(BYTES("\0\3\0\0\0\x13\0\0\0\x0b\0\0\xff\xff\0\1x"), &q),
                     QUERY_OK);
    ck_assert(q.wants_nsid && q.wants_zoneversion && q.wants_keepalive);
    ck_assert_int_eq(with_options(BYTES("\0\x0b\0\2\0\1"), &q), QUERY_OK);
    ck_assert(!q.wants_keepalive); /* RFC 7828 3.2.1: its time is the server's to say */
    ck_assert_int_eq(with_options(BYTES("\0\x13\0\1\0"), &q), QUERY_MALFORMED); /* RFC 9660 3.2 */
    ck_assert_int_eq(with_options(BYTES("\0\x13\0\0\0\x13\0\0"), &q), QUERY_OK);
    ck_assert(q.wants_zoneversion); /* one too many does no harm */
    ck_assert_int_eq(with_options(BYTES("\0\3\0"), &q), QUERY_MALFORMED);
    ck_assert_int_eq(with_options(BYTES("\0\3\0\1"), &q), QUERY_MALFORMED);
    struct parts p = header(0, "\1\0\0\1");
    add(&p, BYTES(QUESTION OPT("\1\0", "\0\1\0\0") "\0\2xx"));
    ck_assert_int_eq(status_of(&p, &q), QUERY_BADVERS);
    ck_assert_uint_eq(q.edns_version, 1);
    ck_assert_uint_eq(q.payload, 512); /* less counts as 512 */
    ck_assert(q.has_edns && !q.dnssec_ok);
}
END_TEST

START_TEST(cookies)
{
    char option[4 + 48] = {0, OPTION_COOKIE};
    for (int len = 0; len <= 44; len++) {
        struct query q;
        option[3] = (char)len;
        bool good = len == 8 || (len >= 16 && len <= 40);
        ck_assert_int_eq(with_options(option, 4 + (size_t)len, &q),
                         good ? QUERY_OK : QUERY_MALFORMED);
        ck_assert_uint_eq(q.cookie_len, good ? (unsigned)len : 0);
        ck_assert((q.cookie != NULL) == good);
    }
    struct query q;
    ck_assert_int_eq(with_options(BYTES("\0\12\0\10aaaaaaaa\0\12\0\10bbbbbbbb"), &q), QUERY_OK);
    ck_assert_mem_eq(q.cookie, "aaaaaaaa", 8); /* the first counts */
}
END_TEST

/* RFC 7873 5.4, 9619: a QUERY without a question that has a cookie wants ours. */
START_TEST(cookie_without_a_question)
{
#define COOKIE_OPT OPT("\x04\xd0", "\0\0\0\0") "\0\x0c\0\12\0\10aaaaaaaa"
    static const struct {
        uint16_t flags;
        const char *counts;
        const char *octets;
        size_t len;
        enum query_status status;
    } rows[] = {
        {0, "\0\0\0\1", BYTES(COOKIE_OPT), QUERY_COOKIE},
        {0, "\0\0\0\1", BYTES(ROOT_OPT "\0\0"), QUERY_MALFORMED},
        {0, "\0\0\0\0", BYTES(COOKIE_OPT), QUERY_MALFORMED},
        {0, "\0\0\0\2", BYTES(COOKIE_OPT COOKIE_OPT), QUERY_MALFORMED},
        {0, "\0\0\0\1", BYTES(OPT("\0\0", "\0\1\0\0") "\0\0"), QUERY_BADVERS},
        {OPCODE_NOTIFY << 11, "\0\0\0\1", BYTES(COOKIE_OPT), QUERY_MALFORMED},
        {OPCODE_UPDATE << 11, "\0\0\0\1", BYTES(COOKIE_OPT), QUERY_NOTIMP},
        {0, "\0\0\1\1",
         BYTES("\0\0\6\0\1\0\0\0\0\0\x16\0\0" /* a SOA of nobody's */
               "\0\0\0\7\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5" COOKIE_OPT),
         QUERY_COOKIE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parts p = header(rows[i].flags, rows[i].counts);
        struct query q;
        add(&p, rows[i].octets, rows[i].len);
        ck_assert_msg(status_of(&p, &q) == rows[i].status, "row %zu", i);
        ck_assert(!q.has_question && q.qname == NULL && !q.has_notify_serial);
    }
}
END_TEST

START_TEST(tsig_comes_last)
{
    struct parts p = header(0, "\1\0\0\2");
    struct query q;
    add(&p, BYTES(QUESTION ROOT_OPT "\0\0"));
    size_t at = p.len;
    add(&p, BYTES("\3key\0\0\xfa\0\xff\0\0\0\0\0\2xx"));
    ck_assert_int_eq(status_of(&p, &q), QUERY_OK);
    ck_assert(q.has_tsig && q.has_edns);
    ck_assert_uint_eq(q.tsig_at, at);
}
END_TEST

START_TEST(serials_that_come_along)
{
    struct query q;
    struct parts p = header(OPCODE_NOTIFY << 11, "\1\1\0\0");
    add(&p, BYTES(QUESTION "\xc0\x0c\0\6\0\1\0\0\0\0\0\x1b" SOA_RDATA));
    ck_assert_int_eq(status_of(&p, &q), QUERY_OK);
    ck_assert(q.has_notify_serial);
    ck_assert_uint_eq(q.notify_serial, 7);
    p = header(OPCODE_NOTIFY << 11, "\1\0\1\0"); /* not where a NOTIFY has it */
    add(&p, BYTES(QUESTION "\xc0\x0c\0\6\0\1\0\0\0\0\0\x1b" SOA_RDATA));
    ck_assert_int_eq(status_of(&p, &q), QUERY_OK);
    ck_assert(!q.has_notify_serial);
    p = header(0, "\1\0\1\0");
    add(&p, BYTES("\3WWW\7example\3com\0\0\xfb\0\1"));
    add(&p, BYTES("\3www\xc0\x10\0\6\0\1\0\0\0\0\0\x1b" SOA_RDATA));
    ck_assert_int_eq(status_of(&p, &q), QUERY_OK);
    ck_assert(q.has_notify_serial);
    ck_assert_uint_eq(q.notify_serial, 7);
    p = header(0, "\1\0\1\0"); /* another name's */
    add(&p, BYTES("\3www\7example\3com\0\0\xfb\0\1\xc0\x10\0\6\0\1\0\0\0\0\0\x1b" SOA_RDATA));
    ck_assert_int_eq(status_of(&p, &q), QUERY_OK);
    ck_assert(!q.has_notify_serial);
    p = header(0, "\1\0\1\0"); /* cut */
    add(&p, BYTES("\3www\7example\3com\0\0\xfb\0\1\xc0\x0c\0\6\0\1\0\0\0\0\0\4\0\0\0\0"));
    ck_assert_int_eq(status_of(&p, &q), QUERY_MALFORMED);
    p = header(0, "\1\0\1\0"); /* an octet too many */
    add(&p, BYTES("\3www\7example\3com\0\0\xfb\0\1\xc0\x0c\0\6\0\1\0\0\0\0\0\x1c" SOA_RDATA "x"));
    ck_assert_int_eq(status_of(&p, &q), QUERY_MALFORMED);
    p = header(0, "\1\0\1\0"); /* an ordinary question takes no notice */
    add(&p, BYTES(QUESTION "\xc0\x0c\0\6\0\1\0\0\0\0\0\x1b" SOA_RDATA));
    ck_assert_int_eq(status_of(&p, &q), QUERY_OK);
    ck_assert(!q.has_notify_serial);
}
END_TEST

/* Wherever it stands, and though nobody wants it. */
START_TEST(malformed_records_of_any_type)
{
#define WWW         "\xc0\x0c"
#define IN_60(type) type "\0\1\0\0\0\x3c"
    static const struct {
        const char *octets;
        size_t len;
        bool good;
    } records[] = {
        {BYTES(WWW IN_60("\0\1") "\0\4\1\2\3\4"), true},
        {BYTES("\0" IN_60("\xff\x78") "\0\3abc"), true}, /* of an unknown type */
        {BYTES(WWW IN_60("\0\2") "\0\2\xc0\x10"), true},
        {BYTES(WWW IN_60("\0\1") "\0\3\1\2\3"), false},
        {BYTES(WWW IN_60("\0\1") "\0\0"), false},
        {BYTES(WWW IN_60("\0\1") "\0\5\1\2\3\4"), false}, /* over the end */
        {BYTES(WWW IN_60("\0\2") "\0\0"), false},
        {BYTES(WWW IN_60("\0\2") "\0\2\xc0\xff"), false},
        {BYTES(WWW IN_60("\0\2") "\0\4\1a\0x"), false},
        {BYTES(WWW IN_60("\0\6") "\0\5\0\0abc"), false},
        {BYTES(WWW IN_60("\0\17") "\0\2\0\1"), false},
        {BYTES(WWW IN_60("\0\20") "\0\3\5ab"), false},
        {BYTES("\x41z\0" IN_60("\0\1") "\0\4\1\2\3\4"), false},
        {BYTES("\xc0\x21" IN_60("\0\1") "\0\4\1\2\3\4"), false}, /* at itself */
        {BYTES("\xc0\xf0" IN_60("\0\1") "\0\4\1\2\3\4"), false},
    };
    static const char counts[][4] = {"\1\1\0\0", "\1\0\1\0", "\1\0\0\1"};
    for (size_t i = 0; i < 3 * sizeof records / sizeof *records; i++) {
        struct query q;
        struct parts p = header(0, counts[i % 3]);
        add(&p, BYTES(QUESTION));
        add(&p, records[i / 3].octets, records[i / 3].len);
        ck_assert_msg(status_of(&p, &q) == (records[i / 3].good ? QUERY_OK : QUERY_MALFORMED),
                      "record %zu", i / 3);
    }
}
END_TEST

/* Names of all records together may cost so much (RELIABILITY.md, limits). */
START_TEST(records_share_what_names_may_cost)
{
    for (unsigned records = 1; records <= 50; records++) {
        struct query q;
        struct parts p = header(0, (const char[]){1, 0, 0, (char)records});
        for (unsigned label = 0; label < 120; label++) {
            add(&p, BYTES("\1a"));
        }
        add(&p, BYTES("\0\0\1\0\1"));
        for (unsigned i = 0; i < records; i++) {
            add(&p, BYTES("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\1\2\3\4"));
        }
        bool dear = records * 121 > 4 * p.len;
        if (records < 10 || records > 40) { /* by far */
            ck_assert(dear == (records > 40));
            ck_assert(status_of(&p, &q) == (dear ? QUERY_MALFORMED : QUERY_OK));
        }
    }
}
END_TEST

START_TEST(any_cut_or_change_stays_within_bounds)
{
    struct parts whole = header(0, "\1\0\1\2");
    add(&whole, BYTES("\3www\7example\3com\0\0\xfb\0\1\xc0\x0c\0\6\0\1\0\0\0\0\0\x1b" SOA_RDATA));
    add(&whole, BYTES(ROOT_OPT "\0\20\0\12\0\10aaaaaaaa\0\3\0\0"));
    add(&whole, BYTES("\3key\0\0\xfa\0\xff\0\0\0\0\0\2xx"));
    struct query q;
    ck_assert_int_eq(status_of(&whole, &q), QUERY_OK);
    for (size_t len = 12; len < whole.len; len++) {
        struct parts cut = whole;
        cut.len = len;
        ck_assert_int_eq(status_of(&cut, &q), QUERY_MALFORMED);
    }
    struct rand r;
    rand_seed(&r, 4);
    for (int i = 0; i < 2000; i++) {
        struct parts changed = whole;
        for (uint32_t n = 1 + rand_below(&r, 3); n > 0; n--) {
            changed.octets[rand_below(&r, (uint32_t)whole.len)] = (uint8_t)rand_u64(&r);
        }
        ck_assert_int_ge((int)status_of(&changed, &q), 0);
    }
}
END_TEST

TCase *case_wire_query(void)
{
    TCase *c = tcase_create("wire_query");
    tcase_add_test(c, a_plain_question);
    tcase_add_test(c, dropped_messages);
    tcase_add_test(c, malformed_questions);
    tcase_add_test(c, opcodes);
    tcase_add_test(c, edns);
    tcase_add_test(c, cookies);
    tcase_add_test(c, cookie_without_a_question);
    tcase_add_test(c, tsig_comes_last);
    tcase_add_test(c, serials_that_come_along);
    tcase_add_test(c, malformed_records_of_any_type);
    tcase_add_test(c, records_share_what_names_may_cost);
    tcase_add_test(c, any_cut_or_change_stays_within_bounds);
    return c;
}
