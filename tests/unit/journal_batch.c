/* journal_batch.c - what goes into a batch comes out in the same order; two become one. */
#include "cases.h"
#include "journal/store.h"
#include <string.h>

START_TEST(gives_back_what_was_put)
{
    struct store_batch b = {.count = 0};
    struct batch_op op;
    size_t at = 0;
    batch_put(&b, STORE_DELTA, "key", 3, "value", 5);
    batch_delete(&b, STORE_PEER, "gone", 4);
    batch_delete_below(&b, STORE_IMAGE, NULL, 0);
    batch_put(&b, STORE_ZONE, "k", 1, NULL, 0);
    ck_assert_uint_eq(b.count, 4);
    ck_assert(batch_next(&b, &at, &op));
    ck_assert_int_eq(op.what, BATCH_PUT);
    ck_assert_int_eq(op.table, STORE_DELTA);
    ck_assert_uint_eq(op.klen, 3);
    ck_assert_mem_eq(op.key, "key", 3);
    ck_assert_uint_eq(op.vlen, 5);
    ck_assert_mem_eq(op.value, "value", 5);
    ck_assert(batch_next(&b, &at, &op));
    ck_assert_int_eq(op.what, BATCH_DELETE);
    ck_assert_mem_eq(op.key, "gone", 4);
    ck_assert(batch_next(&b, &at, &op));
    ck_assert_int_eq(op.what, BATCH_DELETE_BELOW);
    ck_assert_uint_eq(op.klen, 0);
    ck_assert(batch_next(&b, &at, &op));
    ck_assert_uint_eq(op.vlen, 0);
    ck_assert(!batch_next(&b, &at, &op));
    batch_free(&b);
}
END_TEST

START_TEST(longest_key_and_value)
{
    uint8_t key[STORE_KEY], value[STORE_VALUE];
    struct store_batch b = {.count = 0};
    struct batch_op op;
    size_t at = 0;
    memset(key, 'k', sizeof key);
    memset(value, 'v', sizeof value);
    batch_put(&b, STORE_CHANGE, key, sizeof key, value, sizeof value);
    ck_assert(batch_next(&b, &at, &op));
    ck_assert_mem_eq(op.key, key, sizeof key);
    ck_assert_mem_eq(op.value, value, sizeof value);
    batch_free(&b);
}
END_TEST

START_TEST(joins)
{
    struct store_batch a = {.count = 0}, b = {.count = 0};
    struct batch_op op;
    size_t at = 0;
    batch_put(&b, STORE_ZONE, "1", 1, "x", 1);
    batch_join(&a, &b);
    ck_assert_uint_eq(a.count, 1);
    ck_assert_uint_eq(b.count, 0);
    batch_put(&b, STORE_ZONE, "2", 1, "y", 1);
    batch_join(&a, &b);
    batch_join(&a, &b); /* empty: nothing happens */
    ck_assert_uint_eq(a.count, 2);
    ck_assert(batch_next(&a, &at, &op) && batch_next(&a, &at, &op));
    ck_assert_mem_eq(op.key, "2", 1);
    ck_assert(!batch_next(&a, &at, &op));
    batch_free(&a);
}
END_TEST

START_TEST(remembers_that_memory_ran_out)
{
    struct store_batch a = {.ops.limit = 10}, b = {.count = 0};
    struct batch_op op;
    size_t at = 0;
    batch_put(&a, STORE_ZONE, "1", 1, "0123456789", 10);
    ck_assert(batch_failed(&a));
    ck_assert(!batch_next(&a, &at, &op));
    batch_put(&b, STORE_ZONE, "1", 1, "x", 1);
    batch_join(&b, &a);
    ck_assert(batch_failed(&b));
    batch_free(&b);
}
END_TEST

TCase *case_journal_batch(void)
{
    TCase *c = tcase_create("journal_batch");
    tcase_add_test(c, gives_back_what_was_put);
    tcase_add_test(c, longest_key_and_value);
    tcase_add_test(c, joins);
    tcase_add_test(c, remembers_that_memory_ran_out);
    return c;
}
