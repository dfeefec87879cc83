/* wire_reader.c - tests of reading foreign bytes: bounds, compressed names, pointers that must
 * not loop, the work limit. */
#include "cases.h"
#include "wire/reader.h"
#include <string.h>

START_TEST(numbers_and_bounds)
{
    struct reader r;
    reader_start(&r, (const uint8_t *)"\1\2\3\4\5\6\7\10", 8);
    ck_assert_uint_eq(read_u8(&r), 1);
    ck_assert_uint_eq(read_u16(&r), 0x0203);
    ck_assert_uint_eq(read_u32(&r), 0x04050607);
    ck_assert_uint_eq(reader_left(&r), 1);
    ck_assert_uint_eq(read_u16(&r), 0); /* one octet is missing */
    ck_assert(r.failed);
    ck_assert_uint_eq(reader_left(&r), 0);
    ck_assert_uint_eq(read_u8(&r), 0); /* a failed reader gives zeros */
    ck_assert_ptr_null(read_bytes(&r, 0));
}
END_TEST

START_TEST(compressed_names)
{
    static const uint8_t data[] = "\7example\3com\0\3www\xc0\x00\xc0\x0d\4rest";
    struct reader r;
    struct name n, want;
    reader_start(&r, data, sizeof data - 1);
    ck_assert(read_name(&r, &n) && name_from("example.com", &want));
    ck_assert(name_same_case(n.octets, want.octets));
    ck_assert_uint_eq(r.at, 13);
    ck_assert(read_name(&r, &n) && name_from("www.example.com", &want));
    ck_assert(name_same_case(n.octets, want.octets));
    ck_assert_uint_eq(r.at, 19);
    ck_assert(read_name(&r, &n)); /* a pointer to a name that ends in a pointer */
    ck_assert(name_same_case(n.octets, want.octets));
    ck_assert_uint_eq(r.at, 21);
    ck_assert_uint_eq(read_u8(&r), 4);
}
END_TEST

static bool reads(const void *octets, size_t len, size_t at)
{
    struct reader r;
    struct name n;
    uint8_t *exact = malloc(len > 0 ? len : 1); /* so that the sanitizer sees a step too far */
    memcpy(exact, octets, len);
    reader_start(&r, exact, len);
    r.at = at;
    bool good = read_name(&r, &n);
    ck_assert(good == !r.failed);
    ck_assert(len == 0 || r.work > 0); /* loops are seen, not just given up */
    free(exact);
    return good;
}

START_TEST(malformed_names)
{
    ck_assert(reads("\1a\0", 3, 0));
    ck_assert(!reads("", 0, 0));
    ck_assert(!reads("\1a", 2, 0));                 /* no end */
    ck_assert(!reads("\5a\0", 3, 0));               /* label runs over */
    ck_assert(!reads("\xc0", 1, 0));                /* half a pointer */
    ck_assert(!reads("\xc0\x00", 2, 0));            /* to itself */
    ck_assert(!reads("\1a\xc0\x00", 4, 0));         /* loop through a label */
    ck_assert(!reads("\xc0\x02\1a\0", 5, 0));       /* forward */
    ck_assert(!reads("\xc0\x02\xc0\x00", 4, 2));    /* two that point at each other */
    ck_assert(!reads("\1a\xc0\x00\xc0\x00", 6, 4)); /* a loop below */
    ck_assert(!reads("\x40\1a\0", 4, 0));           /* label types 01, 10 */
    ck_assert(!reads("\x80\1a\0", 4, 0));
    ck_assert(!reads("\1a\0\x80\0", 5, 3));
    ck_assert(!reads("\1a\0\x40\0", 5, 3));
    ck_assert(!reads("\0\xff\xff", 3, 1)); /* far out */
    ck_assert(reads("\1a\0\xc0\x00", 5, 3));
}
END_TEST

START_TEST(names_longer_than_255_octets)
{
    uint8_t data[400];
    for (size_t i = 0; i < sizeof data; i += 2) {
        data[i] = 1;
        data[i + 1] = 'a';
    }
    data[254] = 0;
    ck_assert(reads(data, sizeof data, 0));
    memcpy(data + 255, "\1b\xc0\x00", 4); /* one label more in front */
    ck_assert(!reads(data, sizeof data, 255));
    memcpy(data + 255, "\1b\xc0\x02", 4);
    ck_assert(reads(data, sizeof data, 255));
    memcpy(data, "\2aa", 3); /* 3, 125 times 2, 1: 254 octets */
    for (size_t i = 3; i < 253; i += 2) {
        memcpy(data + i, "\1a", 2);
    }
    data[253] = 0;
    ck_assert(reads(data, sizeof data, 0));
    memcpy(data + 255, "\1b\xc0\x00", 4);
    ck_assert(!reads(data, sizeof data, 255));
}
END_TEST

/* Pointer after pointer: each name costs as many jumps as stand before it. */
START_TEST(work_is_bounded)
{
    static uint8_t data[8192];
    struct reader r;
    struct name n;
    size_t names = 0;
    for (size_t at = 2; at < sizeof data; at += 2) {
        data[at] = (uint8_t)(0xc0 | (at - 2) >> 8);
        data[at + 1] = (uint8_t)(at - 2);
    }
    reader_start(&r, data, sizeof data);
    for (r.at = 2; r.at < sizeof data && read_name(&r, &n);) {
        names++;
    }
    ck_assert(r.failed);
    ck_assert_uint_lt(names, 300);
}
END_TEST

/* What an honest server may send: short records under one long owner name. */
START_TEST(honest_compression_is_not_too_much_work)
{
    static uint8_t data[12 + 74 + 60000];
    struct reader r;
    struct name n;
    size_t at = 12;
    for (int i = 0; i < 32; i++, at += 2) {
        memcpy(data + at, "\1f", 2);
    }
    memcpy(data + at, "\3ip6\4arpa", 10);
    at += 10;
    for (; at + 16 <= sizeof data; at += 16) {
        memcpy(data + at, "\xc0\x0c", 2); /* the rest of the record does not matter */
    }
    reader_start(&r, data, at);
    for (r.at = 12 + 74; r.at + 16 <= at; r.at += 14) {
        ck_assert(read_name(&r, &n));
    }
}
END_TEST

START_TEST(names_can_be_skipped)
{
    struct reader r;
    reader_start(&r,
                 (const uint8_t *)"\1a\0\1b\xc0\x00\xc0\x63\0"
                                  "\5abc",
                 14);
    ck_assert(skip_name(&r));
    ck_assert_uint_eq(r.at, 3);
    ck_assert(skip_name(&r));
    ck_assert_uint_eq(r.at, 7);
    ck_assert(skip_name(&r)); /* not followed, so not judged */
    ck_assert_uint_eq(r.at, 9);
    ck_assert(skip_name(&r));
    ck_assert_uint_eq(r.at, 10);
    ck_assert(!skip_name(&r));
    ck_assert(r.failed);
    reader_start(&r, (const uint8_t *)"\x80\0", 2);
    ck_assert(!skip_name(&r) && r.failed);
}
END_TEST

TCase *case_wire_reader(void)
{
    TCase *c = tcase_create("wire_reader");
    tcase_add_test(c, numbers_and_bounds);
    tcase_add_test(c, compressed_names);
    tcase_add_test(c, malformed_names);
    tcase_add_test(c, names_longer_than_255_octets);
    tcase_add_test(c, work_is_bounded);
    tcase_add_test(c, honest_compression_is_not_too_much_work);
    tcase_add_test(c, names_can_be_skipped);
    return c;
}
