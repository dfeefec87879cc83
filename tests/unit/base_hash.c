/* base_hash.c - the hash depends on every octet, on the length and on the seed. */
#include "base/hash.h"
#include "cases.h"
#include <string.h>

START_TEST(depends_on_everything)
{
    unsigned char data[64] = {0};
    uint64_t plain = hash_bytes(data, sizeof data, 1);
    ck_assert_uint_eq(plain, hash_bytes(data, sizeof data, 1));
    ck_assert_uint_ne(plain, hash_bytes(data, sizeof data, 2));
    ck_assert_uint_ne(plain, hash_bytes(data, sizeof data - 1, 1));
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] ^= 1;
        ck_assert_uint_ne(plain, hash_bytes(data, sizeof data, 1));
        data[i] ^= 1;
    }
}
END_TEST

START_TEST(mixes)
{
    ck_assert_uint_ne(hash_mix(1, 2), hash_mix(2, 1));
    unsigned low_bits[16] = {0};
    for (uint64_t i = 0; i < 1600; i++) {
        low_bits[hash_mix(7, i << 20) & 15]++;
    }
    for (int i = 0; i < 16; i++) {
        ck_assert_uint_gt(low_bits[i], 50);
    }
}
END_TEST

TCase *case_base_hash(void)
{
    TCase *c = tcase_create("base_hash");
    tcase_add_test(c, depends_on_everything);
    tcase_add_test(c, mixes);
    return c;
}
