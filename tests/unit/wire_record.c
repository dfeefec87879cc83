/* wire_record.c - tests of records: streams of our own there and back, records off a message,
 * damage noticed. */
#include "base/rand.h"
#include "cases.h"
#include "wire/record.h"
#include "wire/rrtype.h"
#include <string.h>

static const uint8_t *const www = (const uint8_t *)"\3www\7example\3com";

START_TEST(streams_there_and_back)
{
    struct buf stream = {0};
    struct record rr = {.owner = www,
                        .type = TYPE_A,
                        .ttl = 300,
                        .rdlen = 4,
                        .rdata = (const uint8_t *)"\300\0\2\1"};
    struct record odd = {.owner = name_root, .type = 65280, .class = 254, .ttl = UINT32_MAX};
    record_add(&stream, &rr);
    record_add(&stream, &odd);
    ck_assert_uint_eq(stream.len, 17 + 14 + 11);
    size_t at = 0;
    struct record got;
    bool damaged = false;
    ck_assert(record_next(stream.data, stream.len, &at, &got, &damaged));
    ck_assert(name_same_case(got.owner, www));
    ck_assert_uint_eq(got.type, TYPE_A);
    ck_assert_uint_eq(got.class, 1);
    ck_assert_uint_eq(got.ttl, 300);
    ck_assert_uint_eq(got.rdlen, 4);
    ck_assert_mem_eq(got.rdata, "\300\0\2\1", 4);
    ck_assert(record_next(stream.data, stream.len, &at, &got, &damaged));
    ck_assert_uint_eq(got.type, 65280);
    ck_assert_uint_eq(got.class, 254);
    ck_assert_uint_eq(got.ttl, UINT32_MAX);
    ck_assert_uint_eq(got.rdlen, 0);
    ck_assert(!record_next(stream.data, stream.len, &at, &got, &damaged));
    ck_assert(!damaged);
    buf_free(&stream);
}
END_TEST

START_TEST(cut_streams_are_damaged)
{
    struct buf stream = {0};
    struct record rr = {
        .owner = www, .type = TYPE_A, .rdlen = 4, .rdata = (const uint8_t *)"\300\0\2\1"};
    record_add(&stream, &rr);
    for (size_t len = 1; len < stream.len; len++) {
        uint8_t *exact = malloc(len);
        memcpy(exact, stream.data, len);
        struct record got;
        size_t at = 0;
        bool damaged = false;
        ck_assert(!record_next(exact, len, &at, &got, &damaged));
        ck_assert(damaged);
        ck_assert(!record_next(exact, len, &at, &got, NULL));
        free(exact);
    }
    buf_free(&stream);
}
END_TEST

START_TEST(records_off_a_message)
{
    static const uint8_t msg[] = "\7example\3com\0"
                                 "\3www\xc0\x00\0\17\0\1\0\0\1\54\0\11\0\12\4mail\xc0\x00"
                                 "\xc0\x0d\0\1\0\3\x80\0\0\1\0\4abcd";
    struct reader r;
    struct buf into = {0};
    struct record rr;
    reader_start(&r, msg, sizeof msg - 1);
    r.at = 13;
    ck_assert(record_read(&r, &into, &rr));
    ck_assert(name_same_case(rr.owner, www));
    ck_assert_uint_eq(rr.type, TYPE_MX);
    ck_assert_uint_eq(rr.ttl, 300);
    ck_assert_uint_eq(rr.rdlen, 20);
    ck_assert_mem_eq(rr.rdata, "\0\12\4mail\7example\3com", 20);
    size_t at = 0;
    struct record again; /* what was appended is a stream */
    ck_assert(record_next(into.data, into.len, &at, &again, NULL));
    ck_assert(rr.owner == again.owner && rr.rdata == again.rdata && rr.rdlen == again.rdlen);
    ck_assert(rr.type == again.type && rr.class == again.class && rr.ttl == again.ttl);
    ck_assert(record_read(&r, &into, &rr));
    ck_assert_uint_eq(rr.class, 3);
    ck_assert_uint_eq(rr.ttl, 0); /* RFC 2181 8 */
    ck_assert_uint_eq(reader_left(&r), 0);
    ck_assert(!record_read(&r, &into, &rr));
    ck_assert(r.failed);
    ck_assert_uint_eq(into.len, 17 + 10 + 20 + 17 + 10 + 4);
    buf_free(&into);
}
END_TEST

START_TEST(a_cut_message_gives_nothing)
{
    static const uint8_t msg[] = "\3www\0\0\17\0\1\0\0\1\54\0\11\0\12\4mail\xc0\x00";
    for (size_t len = 0; len < sizeof msg - 1; len++) {
        struct reader r;
        struct buf into = {0};
        struct record rr;
        reader_start(&r, msg, len);
        ck_assert(!record_read(&r, &into, &rr));
        ck_assert_uint_eq(into.len, 0);
        buf_free(&into);
    }
}
END_TEST

START_TEST(no_memory_is_no_record)
{
    static const uint8_t msg[] = "\3www\0\0\20\0\1\0\0\1\54\0\5\4text";
    for (size_t limit = 1; limit < sizeof msg - 1; limit++) {
        struct reader r;
        struct buf into = {.limit = limit};
        struct record rr;
        reader_start(&r, msg, sizeof msg - 1);
        ck_assert(!record_read(&r, &into, &rr));
        ck_assert(into.failed);
        buf_free(&into);
    }
}
END_TEST

TCase *case_wire_record(void)
{
    TCase *c = tcase_create("wire_record");
    tcase_add_test(c, streams_there_and_back);
    tcase_add_test(c, cut_streams_are_damaged);
    tcase_add_test(c, records_off_a_message);
    tcase_add_test(c, a_cut_message_gives_nothing);
    tcase_add_test(c, no_memory_is_no_record);
    return c;
}
