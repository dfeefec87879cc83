/* rand.c - chance that can be repeated (xoshiro256**, seeded by splitmix64), and chance that cannot
 * be guessed. One thread at a time per struct rand. Neither reads the system: the shell hands seed
 * and entropy in. */
#include "base/rand.h"
#include "base/must.h"

static uint64_t turn(uint64_t v, unsigned by);

void rand_seed(struct rand *r, uint64_t seed)
{
    for (unsigned i = 0; i < 4;
         i++) { /* splitmix64: any seed, 0 too, gives a state that is not all zero */
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t v = seed;
        v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
        r->s[i] = v ^ v >> 31;
    }
}

uint64_t rand_u64(struct rand *r)
{
    uint64_t *s = r->s;
    uint64_t result = turn(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = turn(s[3], 45);
    return result;
}

static uint64_t turn(uint64_t v, unsigned by)
{
    return v << by | v >> (64 - by);
}

uint32_t rand_below(struct rand *r, uint32_t n)
{
    must(n > 0);
    uint32_t uneven =
        -n % n; /* this many of the 2^32 products' low halves would be counted twice */
    for (;;) {
        uint64_t product = (rand_u64(r) >> 32) * n;
        if ((uint32_t)product >= uneven) {
            return (uint32_t)(product >> 32);
        }
    }
}

uint16_t entropy_u16(const struct entropy *e)
{
    uint16_t v;
    e->fill(e->ctx, &v, sizeof v);
    return v;
}

uint32_t entropy_u32(const struct entropy *e)
{
    uint32_t v;
    e->fill(e->ctx, &v, sizeof v);
    return v;
}

uint64_t entropy_u64(const struct entropy *e)
{
    uint64_t v;
    e->fill(e->ctx, &v, sizeof v);
    return v;
}
