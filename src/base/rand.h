/* rand.h - two sources of chance, both handed in: `struct rand` for jitter and hashing seeds
 * (fast, seeded, repeatable), `struct entropy` for what an attacker must not guess (IDs, ports,
 * cookies). */
#ifndef SETTLED_BASE_RAND_H
#define SETTLED_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

struct rand {
    uint64_t s[4]; /* xoshiro256** */
};
/* The same seed gives the same numbers. One thread at a time for each `struct rand`. */
void rand_seed(struct rand *r, uint64_t seed);
uint64_t rand_u64(struct rand *r);
uint32_t rand_below(struct rand *r, uint32_t n); /* 0 .. n-1, unbiased; n > 0 */

struct entropy {
    void (*fill)(void *ctx, void *out, size_t len);
    void *ctx;
};
/* As good as `fill` is: the kernel's, in the daemon. */
uint16_t entropy_u16(const struct entropy *e);
uint32_t entropy_u32(const struct entropy *e);
uint64_t entropy_u64(const struct entropy *e);

#endif
