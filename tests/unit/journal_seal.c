/* journal_seal.c - every flipped bit, every cut, and every other place is found out. */
#include "base/hash.h"
#include "cases.h"
#include "journal/rows.h"
#include "journal/seal.h"
#include <string.h>

static void sealed(struct store_batch *b, struct batch_op *op)
{
    struct seal_key key = seal_key(STORE_PEER, 7);
    struct buf content = {.len = 0};
    size_t at = 0;
    seal_key_text(&key, "ns2");
    buf_add_u32(&content, 42);
    seal_add_text(&content, "a text");
    buf_add_u64(&content, UINT64_C(0x123456789abcdef0));
    seal_put(b, &key, &content);
    buf_free(&content);
    ck_assert(batch_next(b, &at, op));
}

START_TEST(opens_what_was_sealed)
{
    struct store_batch b = {.count = 0};
    struct batch_op op;
    struct reader r;
    struct oops o;
    char text[16];
    sealed(&b, &op);
    ck_assert_uint_eq(op.klen, 7);
    ck_assert(seal_open(&op, &r, &o));
    ck_assert_uint_eq(read_u32(&r), 42);
    seal_text(&r, text, sizeof text);
    ck_assert_str_eq(text, "a text");
    ck_assert_uint_eq(seal_u64(&r), UINT64_C(0x123456789abcdef0));
    ck_assert_uint_eq(reader_left(&r), 0);
    ck_assert(!r.failed);
    batch_free(&b);
}
END_TEST

START_TEST(sees_every_flipped_bit)
{
    struct store_batch b = {.count = 0};
    struct batch_op op;
    struct reader r;
    struct oops o;
    uint8_t value[64];
    sealed(&b, &op);
    memcpy(value, op.value, op.vlen);
    op.value = value;
    for (size_t bit = 0; bit < op.vlen * 8; bit++) {
        value[bit / 8] ^= (uint8_t)(1u << bit % 8);
        o.text[0] = '\0';
        ck_assert_msg(!seal_open(&op, &r, &o), "bit %zu", bit);
        ck_assert_str_ne(o.text, "");
        value[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ck_assert(seal_open(&op, &r, &o));
    while (op.vlen > 0) {
        op.vlen--;
        ck_assert(!seal_open(&op, &r, &o));
    }
    batch_free(&b);
}
END_TEST

START_TEST(sees_another_place)
{
    struct store_batch b = {.count = 0};
    struct batch_op op;
    struct reader r;
    struct oops o;
    sealed(&b, &op);
    op.table = STORE_CHANGE;
    ck_assert(!seal_open(&op, &r, &o));
    op.table = STORE_PEER;
    op.klen--;
    ck_assert(!seal_open(&op, &r, &o));
    uint8_t key[7];
    memcpy(key, op.key, 7);
    key[3]++;
    op.key = key;
    op.klen = 7;
    ck_assert(!seal_open(&op, &r, &o));
    batch_free(&b);
}
END_TEST

START_TEST(another_format_is_said)
{
    struct batch_op op;
    struct reader r;
    struct oops o;
    uint8_t value[SEAL_SIZE] = {SEAL_FORMAT + 1};
    uint8_t all[] = {STORE_ZONE, SEAL_FORMAT + 1, 0, 1, 'k'};
    put_u64(value + 1, hash_bytes(all, sizeof all, SEAL_SEED));
    op = (struct batch_op){.table = STORE_ZONE,
                           .key = (const uint8_t *)"k",
                           .klen = 1,
                           .value = value,
                           .vlen = sizeof value};
    ck_assert(!seal_open(&op, &r, &o));
    ck_assert_msg(strstr(o.text, "format 2") != NULL, "%s", o.text);
}
END_TEST

START_TEST(texts_that_do_not_fit_fail)
{
    uint8_t octets[] = {5, 'a', 'b', 'c', 'd', 'e', 9, 'x'};
    struct reader r;
    char text[5];
    reader_start(&r, octets, sizeof octets);
    seal_text(&r, text, sizeof text);
    ck_assert(r.failed);
    ck_assert_str_eq(text, "");
    reader_start(&r, octets + 6, 2);
    seal_text(&r, text, sizeof text);
    ck_assert(r.failed);
}
END_TEST

TCase *case_journal_seal(void)
{
    TCase *c = tcase_create("journal_seal");
    tcase_add_test(c, opens_what_was_sealed);
    tcase_add_test(c, sees_every_flipped_bit);
    tcase_add_test(c, sees_another_place);
    tcase_add_test(c, another_format_is_said);
    tcase_add_test(c, texts_that_do_not_fit_fail);
    return c;
}
