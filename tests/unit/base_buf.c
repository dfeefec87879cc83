/* base_buf.c - grows, keeps its bound, and remembers that it failed. */
#include "base/buf.h"
#include "cases.h"

START_TEST(grows)
{
    struct buf b = {.len = 0};
    ck_assert_str_eq(buf_text(&b), "");
    for (unsigned i = 0; i < 1000; i++) {
        buf_add_u8(&b, (uint8_t)i);
    }
    ck_assert_uint_eq(b.len, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert_uint_eq(b.data[i], i & 0xff);
    }
    buf_free(&b);
    ck_assert_ptr_null(b.data);
}
END_TEST

START_TEST(writes_network_order)
{
    struct buf b = {.len = 0};
    buf_add_u16(&b, 0x0102);
    buf_add_u32(&b, 0x03040506);
    buf_add_u64(&b, UINT64_C(0x0708090a0b0c0d0e));
    ck_assert_uint_eq(b.len, 14);
    for (unsigned i = 0; i < 14; i++) {
        ck_assert_uint_eq(b.data[i], i + 1);
    }
    ck_assert_uint_eq(get_u16(b.data), 0x0102);
    ck_assert_uint_eq(get_u32(b.data + 2), 0x03040506);
    ck_assert_uint_eq(get_u64(b.data + 6), UINT64_C(0x0708090a0b0c0d0e));
    buf_free(&b);
}
END_TEST

START_TEST(prints_and_skips)
{
    struct buf b = {.len = 0};
    buf_print(&b, "%0100d", 7);
    buf_print(&b, "%s", "");
    ck_assert_uint_eq(b.len, 100);
    buf_skip(&b, 98);
    ck_assert_str_eq(buf_text(&b), "07");
    buf_skip(&b, 2);
    ck_assert_str_eq(buf_text(&b), "");
    ck_assert_ptr_nonnull(buf_room(&b, 0));
    buf_free(&b);
}
END_TEST

START_TEST(keeps_its_bound)
{
    struct buf b = {.limit = 10};
    buf_add(&b, "0123456789", 10);
    ck_assert(!b.failed);
    ck_assert_str_eq(buf_text(&b), "0123456789");
    buf_add(&b, NULL, 0);
    ck_assert(!b.failed);
    buf_add_u8(&b, 1);
    ck_assert(b.failed);
    ck_assert_uint_eq(b.len, 10);
    ck_assert_str_eq(buf_text(&b), "");
    buf_skip(&b, 10);
    buf_add_u8(&b, 1);
    ck_assert(b.failed); /* for ever, until freed */
    ck_assert_uint_eq(b.len, 0);
    buf_free(&b);
    ck_assert(!b.failed);
    buf_print(&b, "%s", "12345678901");
    ck_assert(b.failed); /* the bound survives buf_free */
    buf_free(&b);
}
END_TEST

START_TEST(refuses_absurd_lengths)
{
    struct buf b = {.len = 0};
    ck_assert_ptr_null(buf_room(&b, SIZE_MAX));
    ck_assert(b.failed);
    buf_free(&b);
}
END_TEST

TCase *case_base_buf(void)
{
    TCase *c = tcase_create("base_buf");
    tcase_add_test(c, grows);
    tcase_add_test(c, writes_network_order);
    tcase_add_test(c, prints_and_skips);
    tcase_add_test(c, keeps_its_bound);
    tcase_add_test(c, refuses_absurd_lengths);
    return c;
}
