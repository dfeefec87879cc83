/* base_rand.c - the repeatable source repeats and is even; the other asks whom it was told to ask.
 */
#include "base/rand.h"
#include "cases.h"
#include <string.h>

START_TEST(repeats)
{
    struct rand a, b, c;
    rand_seed(&a, 42);
    rand_seed(&b, 42);
    rand_seed(&c, 43);
    unsigned same = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t v = rand_u64(&a);
        ck_assert_uint_eq(v, rand_u64(&b));
        same += v == rand_u64(&c);
    }
    ck_assert_uint_eq(same, 0);
}
END_TEST

START_TEST(follows_the_published_generator)
{
    /* From the state {1, 2, 3, 4}: rotl(2 * 5, 7) * 9 = 11520; then s[1] is 2 ^ 3 ^ 1 = 0, ... */
    struct rand r = {.s = {1, 2, 3, 4}};
    ck_assert_uint_eq(rand_u64(&r), 11520);
    ck_assert_uint_eq(rand_u64(&r), 0);
    ck_assert_uint_eq(rand_u64(&r), 1509978240);
}
END_TEST

START_TEST(below_is_even)
{
    struct rand r;
    unsigned seen[8] = {0};
    rand_seed(&r, 0);
    for (int i = 0; i < 70000; i++) {
        uint32_t v = rand_below(&r, 7);
        seen[v < 7 ? v : 7]++;
    }
    ck_assert_uint_eq(seen[7], 0);
    for (int i = 0; i < 7; i++) {
        ck_assert_uint_gt(seen[i], 9500);
        ck_assert_uint_lt(seen[i], 10500);
    }
    for (int i = 0; i < 100; i++) {
        ck_assert_uint_eq(rand_below(&r, 1), 0);
        ck_assert_uint_lt(rand_below(&r, UINT32_MAX), UINT32_MAX);
    }
}
END_TEST

static void fill(void *ctx, void *out, size_t len)
{
    memset(out, 0xab, len);
    *(size_t *)ctx += len;
}

START_TEST(entropy_comes_from_outside)
{
    size_t asked = 0;
    struct entropy e = {.fill = fill, .ctx = &asked};
    ck_assert_uint_eq(entropy_u16(&e), 0xabab);
    ck_assert_uint_eq(entropy_u32(&e), 0xabababab);
    ck_assert_uint_eq(entropy_u64(&e), UINT64_C(0xabababababababab));
    ck_assert_uint_eq(asked, 14);
}
END_TEST

TCase *case_base_rand(void)
{
    TCase *c = tcase_create("base_rand");
    tcase_add_test(c, repeats);
    tcase_add_test(c, follows_the_published_generator);
    tcase_add_test(c, below_is_even);
    tcase_add_test(c, entropy_comes_from_outside);
    return c;
}
