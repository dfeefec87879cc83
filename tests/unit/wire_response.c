/* wire_response.c - tests of taking answers apart: header, question, EDNS, what is malformed,
 * what TC excuses. */
#include "base/rand.h"
#include "cases.h"
#include "wire/msg.h"
#include "wire/record.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include <string.h>

#define HEADER(flags, counts) "\0\7" flags counts
#define QUESTION              "\3www\0\0\1\0\1"
#define A                     "\xc0\x0c\0\1\0\1\0\0\0\3\0\4abcd"
#define BYTES(text)           (const uint8_t *)(text), sizeof(text) - 1

static bool reads(const uint8_t *octets, size_t len, struct response *out)
{
    uint8_t *exact = malloc(len > 0 ? len : 1);
    memcpy(exact, octets, len);
    bool good = response_read(exact, len, out);
    out->records.data = octets; /* so that the test may read on */
    free(exact);
    return good;
}

START_TEST(a_plain_answer)
{
    struct response out;
    struct record rr;
    struct buf into = {0};
    ck_assert(reads(BYTES(HEADER("\x84\3", "\0\1\0\1\0\1\0\0") QUESTION A A), &out));
    ck_assert_uint_eq(out.id, 7);
    ck_assert_uint_eq(out.flags, MSG_QR | MSG_AA | 3);
    ck_assert_uint_eq(out.rcode, RCODE_NXDOMAIN);
    ck_assert(out.has_question && name_same_case(out.qname.octets, (const uint8_t *)"\3www"));
    ck_assert_uint_eq(out.qtype, TYPE_A);
    ck_assert_uint_eq(out.qclass, CLASS_IN);
    ck_assert_uint_eq(out.counts[0], 1);
    ck_assert_uint_eq(out.counts[1], 1);
    ck_assert(!out.has_edns && !out.mark && !out.has_zoneversion);
    ck_assert(record_read(&out.records, &into, &rr));
    ck_assert(record_read(&out.records, &into, &rr));
    ck_assert_mem_eq(rr.rdata, "abcd", 4);
    ck_assert_uint_eq(reader_left(&out.records), 0);
    buf_free(&into);
}
END_TEST

START_TEST(edns_of_an_answer)
{
    struct response out;
    ck_assert(
        reads(BYTES(HEADER("\x80\7", "\0\0\0\0\0\0\0\1") "\0\0\x29\4\xd0\1\0\0\0\0\x0e"
                                                         "\xfe\x81\0\0\0\23\0\6\2\0\0\0\0\x2a"),
              &out));
    ck_assert(!out.has_question && out.has_edns && out.mark && out.has_zoneversion);
    ck_assert_uint_eq(out.rcode, 23);
    ck_assert_uint_eq(out.zoneversion_labels, 2);
    ck_assert_uint_eq(out.zoneversion, 42);
    /* another type of version, another length: not ours to understand */
    ck_assert(reads(BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0\1") "\0\0\x29\4\xd0\0\0\0\0\0\x0a"
                                                               "\0\23\0\6\2\1\0\0\0\x2a"),
                    &out));
    ck_assert(!out.has_zoneversion && !out.mark);
    ck_assert(reads(BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0\1") "\0\0\x29\4\xd0\0\0\0\0\0\4"
                                                               "\0\23\0\0"),
                    &out));
    ck_assert(!out.has_zoneversion);
}
END_TEST

/* RFC 8914: the first is shown; that an answer is stale may be said by any. */
START_TEST(extended_errors_of_an_answer)
{
    struct response out;
    ck_assert(reads(BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0\1") "\0\0\x29\4\xd0\0\0\0\0\0\x0d"
                                                               "\0\17\0\3\0\26x\0\17\0\2\0\3"),
                    &out));
    ck_assert_int_eq(out.ede, 22);
    ck_assert(out.stale);
    ck_assert(reads(BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0\1") "\0\0\x29\4\xd0\0\0\0\0\0\5"
                                                               "\0\17\0\1\3"),
                    &out));
    ck_assert_int_eq(out.ede, EDE_NONE);
    ck_assert(!out.stale);
    ck_assert(reads(BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0\1") "\0\0\x29\4\xd0\0\0\0\0\0\6"
                                                               "\0\17\0\2\0\23"),
                    &out));
    ck_assert_int_eq(out.ede, EDE_STALE_NXDOMAIN);
    ck_assert(out.stale);
}
END_TEST

START_TEST(malformed_answers)
{
    static const struct {
        const uint8_t *octets;
        size_t len;
    } rows[] = {
        {BYTES("")},
        {BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0"))},
        {BYTES(HEADER("\4\0", "\0\1\0\0\0\0\0\0") QUESTION)}, /* QR=0 */
        {BYTES(HEADER("\x80\0", "\0\2\0\0\0\0\0\0") QUESTION QUESTION)},
        {BYTES(HEADER("\x80\0", "\0\1\0\0\0\0\0\0"))},
        {BYTES(HEADER("\x80\0", "\0\1\0\0\0\0\0\0") "\3www\0\0\1\0")},
        {BYTES(HEADER("\x80\0", "\0\1\0\0\0\0\0\0") "\xc0\x0c\0\1\0\1")},
        {BYTES(HEADER("\x80\0", "\0\1\0\2\0\0\0\0") QUESTION A)},
        {BYTES(HEADER("\x80\0", "\0\1\0\0\0\0\0\0") QUESTION A)},
        {BYTES(HEADER("\x80\0", "\0\1\0\1\0\0\0\0") QUESTION "\xc0\x0c\0\1\0\1\0\0\0\3\0\5abcd")},
        {BYTES(HEADER("\x80\0", "\0\0\0\1\0\0\0\0") "\0\0\x29\4\xd0\0\0\0\0\0\0")},
        {BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0\1") "\1a\0\0\x29\4\xd0\0\0\0\0\0\0")},
        {BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0\2") "\0\0\x29\4\xd0\0\0\0\0\0\0"
                                                    "\0\0\x29\4\xd0\0\0\0\0\0\0")},
        {BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0\1") "\0\0\x29\4\xd0\0\0\0\0\0\3\0\3\0")},
        {BYTES(HEADER("\x80\0", "\0\0\0\0\0\0\0\1") "\0\0\x29\4\xd0\0\0\0\0\0\4\0\3\0\1")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct response out;
        ck_assert_msg(!reads(rows[i].octets, rows[i].len, &out), "row %zu", i);
    }
}
END_TEST

START_TEST(truncated_answers_have_no_records)
{
    struct response out;
    ck_assert(reads(BYTES(HEADER("\x82\0", "\0\1\0\2\0\1\0\0") QUESTION A "\xc0\x0c\0\1"), &out));
    ck_assert((out.flags & MSG_TC) != 0 && out.has_question);
    ck_assert_uint_eq(out.counts[0] + out.counts[1] + out.counts[2], 0);
    ck_assert(reads(BYTES(HEADER("\x82\0", "\0\1\0\1\0\0\0\0") QUESTION A), &out));
    ck_assert_uint_eq(out.counts[0], 1);
    ck_assert(!reads(BYTES(HEADER("\x82\0", "\0\1\0\1\0\0\0\0") "\3www\0\0\1"), &out));
}
END_TEST

START_TEST(any_change_stays_within_bounds)
{
    static const char whole[] = HEADER("\x84\0", "\0\1\0\1\0\1\0\1") QUESTION A
        "\xc0\x0c\0\17\0\1\0\0\0\3\0\7\0\1\2mx\xc0\x0c"
        "\0\0\x29\4\xd0\0\0\0\0\0\x0a\0\23\0\6\2\0\0\0\0\x2a";
    struct rand r;
    rand_seed(&r, 6);
    for (int i = 0; i < 2000; i++) {
        uint8_t changed[sizeof whole];
        size_t len = sizeof whole - 1 - (i % 4 == 0 ? rand_below(&r, sizeof whole) % 20 : 0);
        memcpy(changed, whole, sizeof whole);
        for (uint32_t n = rand_below(&r, 4); n > 0; n--) {
            changed[rand_below(&r, (uint32_t)len)] = (uint8_t)rand_u64(&r);
        }
        struct response out;
        if (!reads(changed, len, &out)) {
            continue;
        }
        struct buf into = {0};
        struct record rr;
        for (unsigned n = out.counts[0] + out.counts[1] + out.counts[2]; n > 0; n--) {
            if (!record_read(&out.records, &into, &rr)) {
                break; /* rdata may still be malformed */
            }
        }
        buf_free(&into);
    }
}
END_TEST

TCase *case_wire_response(void)
{
    TCase *c = tcase_create("wire_response");
    tcase_add_test(c, a_plain_answer);
    tcase_add_test(c, edns_of_an_answer);
    tcase_add_test(c, extended_errors_of_an_answer);
    tcase_add_test(c, malformed_answers);
    tcase_add_test(c, truncated_answers_have_no_records);
    tcase_add_test(c, any_change_stays_within_bounds);
    return c;
}
