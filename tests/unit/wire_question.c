/* wire_question.c - tests of our own questions: what we write, our reader and ldns understand. */
#include "cases.h"
#include "wire/edns.h"
#include "wire/msg.h"
#include "wire/query.h"
#include "wire/rrtype.h"
#include <ldns/ldns.h>

static const uint8_t *const zone = (const uint8_t *)"\7Example\3com";
static const char soa[] = "\2ns\0\4host\0\0\0\0\7\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5";

static void ldns_reads(const uint8_t *msg, size_t len)
{
    ldns_pkt *pkt = NULL;
    ck_assert_int_eq(ldns_wire2pkt(&pkt, msg, len), LDNS_STATUS_OK);
    ck_assert_uint_eq(ldns_pkt_qdcount(pkt), 1);
    ldns_pkt_free(pkt);
}

START_TEST(plain_and_with_options)
{
    uint8_t out[1024];
    struct query back;
    struct buf options = {0};
    edns_option(&options, OPTION_ZONEVERSION, NULL, 0);
    struct question q = {.id = 77,
                         .flags = MSG_RD,
                         .qname = zone,
                         .qtype = TYPE_SOA,
                         .edns = true,
                         .options = options.data,
                         .options_len = (uint16_t)options.len};
    size_t len = question_write(&q, out);
    ck_assert_uint_eq(len, 12 + 13 + 4 + 11 + 4);
    ck_assert_int_eq(query_read(out, len, &back), QUERY_OK);
    ldns_reads(out, len);
    ck_assert_uint_eq(back.id, 77);
    ck_assert_uint_eq(back.flags, MSG_RD);
    ck_assert_mem_eq(back.qname, zone, 13);
    ck_assert_uint_eq(back.qtype, TYPE_SOA);
    ck_assert_uint_eq(back.qclass, CLASS_IN);
    ck_assert(back.has_edns && back.wants_zoneversion && !back.has_notify_serial);
    ck_assert_uint_eq(back.payload, MSG_UDP_DEFAULT);
    q.edns = false;
    len = question_write(&q, out);
    ck_assert_uint_eq(len, 12 + 13 + 4);
    ck_assert_int_eq(query_read(out, len, &back), QUERY_OK);
    ck_assert(!back.has_edns);
    buf_free(&options);
}
END_TEST

START_TEST(soa_goes_where_it_belongs)
{
    uint8_t out[1024];
    struct query back;
    struct question q = {.flags = OPCODE_NOTIFY << 11 | MSG_AA,
                         .qname = zone,
                         .qtype = TYPE_SOA,
                         .edns = true,
                         .soa = (const uint8_t *)soa,
                         .soa_len = sizeof soa - 1};
    size_t len = question_write(&q, out);
    ck_assert_int_eq(query_read(out, len, &back), QUERY_OK);
    ldns_reads(out, len);
    ck_assert_uint_eq(back.opcode, OPCODE_NOTIFY);
    ck_assert(back.has_notify_serial && back.notify_serial == 7);
    q.flags = 0;
    q.qtype = TYPE_IXFR;
    len = question_write(&q, out);
    ck_assert_int_eq(query_read(out, len, &back), QUERY_OK);
    ldns_reads(out, len);
    ck_assert_uint_eq(back.qtype, TYPE_IXFR);
    ck_assert(back.has_notify_serial && back.notify_serial == 7);
}
END_TEST

START_TEST(the_longest_question_fits)
{
    uint8_t out[1024], name[255], rdata[530] = {0};
    for (size_t i = 0; i < 254; i++) {
        name[i] = i % 2 == 0 ? 1 : 'a';
    }
    name[254] = 0;
    memcpy(rdata, name, sizeof name);
    memcpy(rdata + 255, name, sizeof name);
    struct query back;
    struct question q = {
        .qname = name, .qtype = TYPE_IXFR, .edns = true, .soa = rdata, .soa_len = sizeof rdata};
    size_t len = question_write(&q, out);
    ck_assert_uint_le(len, sizeof out);
    ck_assert_int_eq(query_read(out, len, &back), QUERY_OK);
    ck_assert(back.has_notify_serial);
}
END_TEST

TCase *case_wire_question(void)
{
    TCase *c = tcase_create("wire_question");
    tcase_add_test(c, plain_and_with_options);
    tcase_add_test(c, soa_goes_where_it_belongs);
    tcase_add_test(c, the_longest_question_fits);
    return c;
}
