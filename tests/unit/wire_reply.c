/* wire_reply.c - tests of writing answers: what comes back out of them, room, OPT, and ldns
 * reads every one. */
#include "base/rand.h"
#include "cases.h"
#include "wire/edns.h"
#include "wire/record.h"
#include "wire/reply.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include <ldns/ldns.h>

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static const uint8_t *const www = (const uint8_t *)"\3www\7example\3com";
static const uint8_t *const apex = (const uint8_t *)"\7example\3com";

/* A question as it comes in. `edns` is its payload size, 0: none. */
static size_t ask(uint8_t *msg, const uint8_t *qname, unsigned edns)
{
    struct question question = {.id = 7,
                                .flags = MSG_RD | MSG_CD | MSG_AD,
                                .qname = qname,
                                .qtype = TYPE_A,
                                .edns = edns != 0};
    size_t len = question_write(&question, msg);
    if (edns != 0) {
        put_u16(msg + len - 8, (uint16_t)edns);
        msg[len - 4] = 0x80; /* DO */
    }
    return len;
}

/* An answer begun in the buffer of its question. */
struct desk {
    uint8_t msg[MSG_MAX];
    struct query q;
    struct reply r;
};

static void begin(struct desk *d, const uint8_t *qname, unsigned edns, size_t limit)
{
    size_t len = ask(d->msg, qname, edns);
    ck_assert_int_eq(query_read(d->msg, len, &d->q), QUERY_OK);
    reply_start(&d->r, d->msg, sizeof d->msg, &d->q, limit, 0);
}

/* Ends the answer; both readers must take it. The response reads on in a copy of exact size. */
static struct response end(struct desk *d, uint8_t **copy)
{
    struct response out;
    ldns_pkt *pkt = NULL;
    size_t len = reply_finish(&d->r);
    ck_assert_uint_le(len, d->r.limit);
    *copy = malloc(len);
    memcpy(*copy, d->msg, len);
    ck_assert(response_read(*copy, len, &out));
    ck_assert_int_eq(ldns_wire2pkt(&pkt, *copy, len), LDNS_STATUS_OK);
    ck_assert_uint_eq(ldns_pkt_ancount(pkt), d->r.counts[0]);
    ldns_pkt_free(pkt);
    return out;
}

static const struct rrset one_a = {
    .type = TYPE_A, .count = 1, .size = 6, .data = (const uint8_t *)"\0\4\300\0\2\1"};
static const struct rrset two_ns = {
    .type = TYPE_NS,
    .count = 2,
    .size = 38,
    .data = (const uint8_t *)"\0\21\3ns1\7example\3com\0\0\21\3ns2\7example\3com\0"};

START_TEST(header_and_question)
{
    struct desk d;
    uint8_t *copy;
    begin(&d, www, 0, 512);
    d.r.flags |= MSG_AA;
    d.r.rcode = RCODE_NXDOMAIN;
    struct response out = end(&d, &copy);
    ck_assert_uint_eq(out.id, 7);
    ck_assert_uint_eq(out.flags, MSG_QR | MSG_AA | MSG_RD | MSG_CD | RCODE_NXDOMAIN);
    ck_assert(out.has_question && name_same_case(out.qname.octets, www));
    ck_assert_uint_eq(out.qtype, TYPE_A);
    ck_assert_uint_eq(d.r.len, 12 + 17 + 4);
    ck_assert(!out.has_edns);
    free(copy);
}
END_TEST

START_TEST(another_buffer_is_as_good)
{
    struct desk d, e;
    begin(&d, www, 1232, 1232);
    reply_start(&e.r, e.msg, sizeof e.msg, &d.q, 1232, 0);
    ck_assert(reply_rrset(&d.r, SECTION_ANSWER, www, &one_a, 60));
    ck_assert(reply_rrset(&e.r, SECTION_ANSWER, www, &one_a, 60));
    size_t len = reply_finish(&d.r);
    ck_assert_uint_eq(reply_finish(&e.r), len);
    ck_assert_mem_eq(d.msg, e.msg, len);
}
END_TEST

START_TEST(without_a_question)
{
    static const uint8_t notimp[] = {0, 9, 0x28, 0, 0, 2, 0, 1, 0, 0, 0, 0};
    uint8_t buf[512];
    struct query q;
    struct reply r;
    struct response out;
    ck_assert_int_eq(query_read(notimp, sizeof notimp, &q), QUERY_NOTIMP);
    reply_start(&r, buf, sizeof buf, &q, 512, 0);
    r.rcode = RCODE_NOTIMP;
    ck_assert_uint_eq(reply_finish(&r), 12);
    ck_assert(response_read(buf, 12, &out));
    ck_assert(!out.has_question);
    ck_assert_uint_eq(out.flags, 0x2800 | MSG_QR | RCODE_NOTIMP); /* the opcode comes back */
    ck_assert_uint_eq(get_u16(buf), 9);
}
END_TEST

START_TEST(the_common_answer_octet_for_octet)
{
    struct desk d;
    begin(&d, (const uint8_t *)"\3WWW\7example\3com", 0, 512);
    size_t start = d.r.len;
    ck_assert(reply_rrset(&d.r, SECTION_ANSWER, www, &one_a, 300));
    ck_assert(reply_rrset(&d.r, SECTION_AUTHORITY, apex, &two_ns, 86400));
    size_t len = reply_finish(&d.r);
    ck_assert_uint_eq(len - start, 16 + 18 + 18);
    ck_assert_mem_eq(d.msg + start, "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\300\0\2\1", 16);
    ck_assert_mem_eq(d.msg + start + 16, "\xc0\x10\0\2\0\1\0\1\x51\x80\0\6\3ns1\xc0\x10", 18);
    ck_assert_mem_eq(d.msg + start + 34, "\xc0\x10\0\2\0\1\0\1\x51\x80\0\6\3ns2\xc0\x10", 18);
}
END_TEST

START_TEST(long_owners_are_written_once)
{
    static const struct rrset three = {.type = TYPE_A,
                                       .count = 3,
                                       .size = 18,
                                       .data = (const uint8_t *)"\0\4aaaa\0\4bbbb\0\4cccc"};
    struct desk d;
    uint8_t *copy;
    begin(&d, www, 0, 512);
    size_t at = d.r.len;
    ck_assert(
        reply_rrset(&d.r, SECTION_ADDITIONAL, (const uint8_t *)"\4mail\5other\3net", &three, 1));
    ck_assert_uint_eq(d.r.len - at, 16 + 2 * 2 + 3 * 14);
    struct response out = end(&d, &copy);
    struct buf into = {0};
    struct record rr;
    for (int i = 0; i < 3; i++) {
        ck_assert(record_read(&out.records, &into, &rr));
        ck_assert(name_same_case(rr.owner, (const uint8_t *)"\4mail\5other\3net"));
        ck_assert_int_eq(rr.rdata[0], 'a' + i);
    }
    buf_free(&into);
    free(copy);
}
END_TEST

START_TEST(the_root_needs_no_pointer)
{
    struct desk d;
    begin(&d, name_root, 0, 512);
    size_t at = d.r.len;
    ck_assert(reply_rrset(&d.r, SECTION_ANSWER, name_root, &one_a, 300));
    ck_assert_uint_eq(d.r.len - at, 15);
    ck_assert_uint_eq(d.msg[at], 0);
}
END_TEST

START_TEST(whole_sets_or_nothing)
{
    struct desk d;
    begin(&d, www, 0, 512);
    size_t len = d.r.len;
    uint8_t names = d.r.names;
    uint8_t big[2 * 210] = {0};
    put_u16(big, 208);
    put_u16(big + 210, 208);
    struct rrset fits = {.type = 65280, .count = 2, .size = sizeof big, .data = big};
    ck_assert(reply_rrset(&d.r, SECTION_ANSWER, www, &fits, 1));
    ck_assert(!d.r.full);
    len = d.r.len;
    ck_assert_uint_eq(d.r.limit - len, 512 - 33 - 440);
    ck_assert(!reply_rrset(&d.r, SECTION_AUTHORITY, (const uint8_t *)"\1x\2yz", &two_ns, 1));
    ck_assert(d.r.full);
    ck_assert_uint_eq(d.r.len, len);
    ck_assert_uint_eq(d.r.names, names);
    ck_assert_uint_eq(d.r.counts[SECTION_AUTHORITY], 0);
    ck_assert(reply_rrset(&d.r, SECTION_AUTHORITY, www, &two_ns, 1)); /* a shorter one still goes */
    uint8_t *copy;
    end(&d, &copy);
    free(copy);
}
END_TEST

START_TEST(every_limit_is_kept)
{
    static uint8_t long_rdata[2 + 300] = {300 >> 8, 300 & 255};
    struct rrset filler = {
        .type = 65280, .count = 1, .size = sizeof long_rdata, .data = long_rdata};
    for (size_t limit = 500; limit < 620; limit++) {
        struct desk d;
        uint8_t *copy;
        begin(&d, www, 1232, limit);
        d.r.ede = EDE_STALE_ANSWER;
        reply_rrset(&d.r, SECTION_ANSWER, www, &filler, 1);
        reply_rrset(&d.r, SECTION_AUTHORITY, apex, &two_ns, 1);
        for (int i = 0; i < 20; i++) {
            struct record rr = {.owner = i % 2 == 0 ? www : apex,
                                .type = TYPE_MX,
                                .rdlen = 8,
                                .rdata = (const uint8_t *)"\0\1\2mx\1\1\0"};
            reply_record(&d.r, SECTION_ADDITIONAL, &rr);
        }
        ck_assert(d.r.full);
        ck_assert_uint_eq(d.r.limit, limit < 512 ? 512 : limit);
        struct response out = end(&d, &copy);
        ck_assert(out.has_edns);
        free(copy);
    }
}
END_TEST

START_TEST(starting_over)
{
    struct desk d, fresh;
    begin(&d, www, 1232, 1232);
    begin(&fresh, www, 1232, 1232);
    ck_assert(reply_rrset(&d.r, SECTION_ANSWER, apex, &two_ns, 1));
    reply_rewind(&d.r);
    ck_assert(reply_rrset(&d.r, SECTION_AUTHORITY, apex, &two_ns, 2));
    ck_assert(reply_rrset(&fresh.r, SECTION_AUTHORITY, apex, &two_ns, 2));
    size_t len = reply_finish(&d.r);
    ck_assert_uint_eq(reply_finish(&fresh.r), len);
    ck_assert_mem_eq(d.msg, fresh.msg, len);
}
END_TEST

START_TEST(opt_carries_what_it_must)
{
    struct desk d;
    uint8_t *copy;
    struct buf options = {0};
    edns_option(&options, OPTION_NSID, "ns1", 3);
    edns_zoneversion(&options, 2, 42);
    edns_option(&options, OPTION_SETTLED_MARK, NULL, 0);
    begin(&d, www, 4096, 1232);
    d.r.options = options.data;
    d.r.options_len = (uint16_t)options.len;
    d.r.rcode = RCODE_BADCOOKIE;
    d.r.ede = EDE_NOT_READY;
    d.r.ede_text = "starting";
    struct response out = end(&d, &copy);
    ck_assert(out.has_edns && out.mark && out.has_zoneversion);
    ck_assert_uint_eq(out.rcode, RCODE_BADCOOKIE);
    ck_assert_uint_eq(out.zoneversion, 42);
    ck_assert_uint_eq(out.zoneversion_labels, 2);
    ck_assert_uint_eq(out.counts[2], 1);
    size_t opt = d.r.start;
    ck_assert_mem_eq(d.msg + opt, "\0\0\x29\4\xd0\1\0\x80\0\0\x23", 11); /* payload 1232, DO */
    ck_assert_mem_eq(d.msg + opt + 11, options.data, options.len);
    ck_assert_mem_eq(d.msg + opt + 11 + options.len, "\0\17\0\12\0\16starting", 14);
    free(copy);
    buf_free(&options);
}
END_TEST

/* Room runs out octet by octet: the text of the error goes first, then options from the end. */
START_TEST(opt_gives_way_in_order)
{
    struct buf options = {0};
    edns_option(&options, OPTION_COOKIE, "0123456789abcdef", 16);
    edns_option(&options, OPTION_NSID, "ns1", 3);
    size_t sizes[] = {11, 11 + 6, 11 + 6 + 20, 11 + 6 + 27, 11 + 6 + 27 + 4};
    for (size_t left = 11; left < 70; left++) {
        struct desk d;
        uint8_t *copy, filler[600];
        begin(&d, www, 1232, 512);
        size_t most = 512 - d.r.len - 12 - left;
        put_u16(filler, (uint16_t)most);
        struct rrset set = {.type = 65280, .count = 1, .size = (uint32_t)most + 2, .data = filler};
        ck_assert(reply_rrset(&d.r, SECTION_ANSWER, www, &set, 1));
        size_t before = d.r.len;
        d.r.options = options.data;
        d.r.options_len = (uint16_t)options.len;
        d.r.ede = EDE_OTHER;
        d.r.ede_text = "text";
        end(&d, &copy);
        size_t used = d.r.len - before, want = 0;
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            want = sizes[i] <= left ? sizes[i] : want;
        }
        /* between them the text may fit where the next option does not */
        ck_assert(used == want || (used == want + 4 && want >= 17));
        free(copy);
    }
    buf_free(&options);
}
END_TEST

START_TEST(room_for_options_is_kept)
{
    struct desk d;
    uint8_t *copy, filler[600];
    struct buf options = {0};
    edns_option(&options, OPTION_COOKIE, "0123456789abcdef", 16);
    size_t len = ask(d.msg, www, 1232);
    ck_assert_int_eq(query_read(d.msg, len, &d.q), QUERY_OK);
    reply_start(&d.r, d.msg, sizeof d.msg, &d.q, 512, options.len);
    size_t most = 512 - d.r.len - 12 - 11 - options.len;
    put_u16(filler, (uint16_t)most + 1);
    struct rrset set = {.type = 65280, .count = 1, .size = (uint32_t)most + 3, .data = filler};
    ck_assert(!reply_rrset(&d.r, SECTION_ANSWER, www, &set, 1));
    put_u16(filler, (uint16_t)most);
    set.size = (uint32_t)most + 2;
    ck_assert(reply_rrset(&d.r, SECTION_ANSWER, www, &set, 1));
    d.r.options = options.data;
    d.r.options_len = (uint16_t)options.len;
    end(&d, &copy);
    ck_assert_uint_eq(d.r.len, 512);
    free(copy);
    buf_free(&options);
}
END_TEST

START_TEST(high_rcodes_need_edns)
{
    struct desk d;
    uint8_t *copy;
    begin(&d, www, 0, 512);
    d.r.rcode = RCODE_BADVERS;
    struct response out = end(&d, &copy);
    ck_assert_uint_eq(out.rcode, RCODE_SERVFAIL);
    free(copy);
}
END_TEST

START_TEST(bare_messages)
{
    struct desk d;
    uint8_t *copy;
    reply_start_bare(&d.r, d.msg, sizeof d.msg, 99, www, TYPE_AXFR);
    d.r.flags = MSG_AA;
    ck_assert(reply_rrset(&d.r, SECTION_ANSWER, www, &one_a, 5));
    struct response out = end(&d, &copy);
    ck_assert_uint_eq(out.id, 99);
    ck_assert_uint_eq(out.flags, MSG_QR | MSG_AA);
    ck_assert_uint_eq(out.qtype, TYPE_AXFR);
    ck_assert_uint_eq(out.qclass, CLASS_IN);
    ck_assert_uint_eq(d.r.len, 12 + 17 + 4 + 16);
    free(copy);
    reply_start_bare(&d.r, d.msg, sizeof d.msg, 99, NULL, 0);
    ck_assert(reply_rrset(&d.r, SECTION_ANSWER, www, &one_a, 5));
    out = end(&d, &copy);
    ck_assert(!out.has_question);
    ck_assert_uint_eq(d.r.len, 12 + 17 + 14);
    free(copy);
}
END_TEST

/* ---- random answers: what goes in comes out ---- */

static const uint8_t *random_name(struct rand *r, struct name *out)
{
    static const char *const labels[] = {"\3com", "\3net", "\7example", "\7Example", "\2ns",
                                         "\3ns2", "\1a",   "\1A",       "\4mail",    "\6settle"};
    size_t at = 0;
    for (uint32_t n = rand_below(r, 5); n > 0; n--) {
        const char *label = labels[rand_below(r, 10)];
        memcpy(out->octets + at, label, 1U + (uint8_t)label[0]);
        at += 1U + (uint8_t)label[0];
    }
    out->octets[at] = 0;
    return out->octets;
}

static void random_rdata(struct rand *r, uint16_t type, struct buf *out)
{
    for (const char *layout = rrtype_layout(type); *layout != '\0'; layout++) {
        struct name name;
        switch (*layout) {
        case 'n':
        case 'd':
        case 'N':
            random_name(r, &name);
            buf_add(out, name.octets, name_len(name.octets));
            break;
        case 'h':
            buf_add_u16(out, (uint16_t)rand_u64(r));
            break;
        case 'S':
            buf_add(out, "\5hello", 6);
            break;
        default:
            buf_add_u32(out, (uint32_t)rand_u64(r));
        }
    }
}

static struct rrset random_set(struct rand *r, struct buf *data)
{
    static const uint16_t types[] = {TYPE_A,   TYPE_NS,  TYPE_CNAME, TYPE_SOA, TYPE_MX,
                                     TYPE_TXT, TYPE_SRV, TYPE_DNAME, 14,       17 /* MINFO, RP */};
    uint16_t type = types[rand_below(r, 10)], count = (uint16_t)(1 + rand_below(r, 3));
    data->len = 0;
    for (unsigned i = 0; i < count; i++) {
        size_t at = data->len;
        buf_add_u16(data, 0);
        random_rdata(r, type, data);
        put_u16(data->data + at, (uint16_t)(data->len - at - 2));
    }
    return (struct rrset){
        .type = type, .count = count, .size = (uint32_t)data->len, .data = data->data};
}

static void expect(struct buf *wanted, const uint8_t *owner, const struct rrset *set)
{
    size_t at = 0;
    uint16_t len;
    for (const uint8_t *rdata; (rdata = rrset_next(set, &at, &len)) != NULL;) {
        struct record rr = {
            .owner = owner, .type = set->type, .ttl = 3, .rdlen = len, .rdata = rdata};
        record_add(wanted, &rr);
    }
}

static void compare(struct response *out, const struct buf *wanted)
{
    size_t at = 0;
    struct record want, got;
    struct buf into = {0};
    while (record_next(wanted->data, wanted->len, &at, &want, NULL)) {
        ck_assert(record_read(&out->records, &into, &got));
        ck_assert(name_same(got.owner, want.owner));
        ck_assert_uint_eq(got.type, want.type);
        ck_assert_uint_eq(got.ttl, want.ttl);
        ck_assert_uint_eq(got.rdlen, want.rdlen);
        ck_assert_mem_eq(got.rdata, want.rdata, want.rdlen); /* case and all */
        into.len = 0;
    }
    buf_free(&into);
}

START_TEST(random_answers_come_back)
{
    static struct desk d;
    struct rand r;
    struct buf data = {0}, wanted = {0};
    rand_seed(&r, 5);
    for (int round = 0; round < 150; round++) {
        struct name name;
        uint8_t *copy;
        bool far = round % 75 == 0; /* beyond the reach of pointers */
        begin(&d, random_name(&r, &name), 1232, far ? 40000 : 512 + rand_below(&r, 1500));
        wanted.len = 0;
        for (uint32_t sets = far ? 1200 : rand_below(&r, 40); sets > 0; sets--) {
            struct rrset set = random_set(&r, &data);
            random_name(&r, &name);
            size_t before = d.r.len;
            if (reply_rrset(&d.r, SECTION_ANSWER, name.octets, &set, 3)) {
                expect(&wanted, name.octets, &set);
            } else {
                ck_assert_uint_eq(d.r.len, before);
            }
        }
        struct response out = end(&d, &copy);
        ck_assert(!far || d.r.len > 0x4000);
        compare(&out, &wanted);
        free(copy);
    }
    buf_free(&data);
    buf_free(&wanted);
}
END_TEST

TCase *case_wire_reply(void)
{
    TCase *c = tcase_create("wire_reply");
    tcase_add_test(c, header_and_question);
    tcase_add_test(c, another_buffer_is_as_good);
    tcase_add_test(c, without_a_question);
    tcase_add_test(c, the_common_answer_octet_for_octet);
    tcase_add_test(c, long_owners_are_written_once);
    tcase_add_test(c, the_root_needs_no_pointer);
    tcase_add_test(c, whole_sets_or_nothing);
    tcase_add_test(c, every_limit_is_kept);
    tcase_add_test(c, starting_over);
    tcase_add_test(c, opt_carries_what_it_must);
    tcase_add_test(c, opt_gives_way_in_order);
    tcase_add_test(c, room_for_options_is_kept);
    tcase_add_test(c, high_rcodes_need_edns);
    tcase_add_test(c, bare_messages);
    tcase_add_test(c, random_answers_come_back);
    return c;
}
