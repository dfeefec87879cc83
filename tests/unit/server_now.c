/* server_now.c - clocks go on, and chance is chance. */
#include "cases.h"
#include "server/now.h"
#include <string.h>
#include <time.h>

static int64_t ns_of(struct timespec t)
{
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

START_TEST(both_clocks)
{
    struct timespec mono[2], wall[2];
    clock_gettime(CLOCK_MONOTONIC, &mono[0]);
    clock_gettime(CLOCK_REALTIME, &wall[0]);
    struct now now = now_read();
    clock_gettime(CLOCK_MONOTONIC, &mono[1]);
    clock_gettime(CLOCK_REALTIME, &wall[1]);
    ck_assert_int_ge(now.mono.ns, ns_of(mono[0]));
    ck_assert_int_le(now.mono.ns, ns_of(mono[1]));
    ck_assert_int_ge(now.wall.ms, ns_of(wall[0]) / NS_PER_MS);
    ck_assert_int_le(now.wall.ms, ns_of(wall[1]) / NS_PER_MS);
}
END_TEST

START_TEST(octets_are_never_given_twice)
{
    struct entropy_pool pool = {.left = 0};
    struct entropy e = entropy_from(&pool);
    uint8_t large[1000], zero[16] = {0};
    e.fill(e.ctx, large, sizeof large); /* more than the buffer holds */
    for (size_t at = 0; at + 16 <= sizeof large; at += 16) {
        for (size_t other = at + 16; other + 16 <= sizeof large; other += 16) {
            if (memcmp(large + at, large + other, 16) == 0) {
                ck_abort_msg("%zu is %zu again", other, at);
            }
        }
    }
    ck_assert_mem_ne(large + sizeof large - 16, zero, 16);
    for (size_t i = pool.left; i < sizeof pool.octets; i++) {
        ck_assert_uint_eq(pool.octets[i], 0); /* what was given is wiped */
        i += 15;
    }
    ck_assert_uint_ne(entropy_u64(&e), entropy_u64(&e));
}
END_TEST

TCase *case_server_now(void)
{
    TCase *c = tcase_create("server_now");
    tcase_add_test(c, both_clocks);
    tcase_add_test(c, octets_are_never_given_twice);
    return c;
}
