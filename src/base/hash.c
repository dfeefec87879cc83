/* hash.c - the one hash of the program, over libxxhash. Any thread.
 * Tables that a stranger can fill are seeded at start, so that collisions cannot be prepared. */
#include "base/hash.h"
#include <xxhash.h>

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, len, seed);
}

uint64_t hash_mix(uint64_t a, uint64_t b)
{
    uint64_t v = a * UINT64_C(0x9e3779b97f4a7c15) + (b << 32 | b >> 32);
    v = (v ^ v >> 32) * UINT64_C(0xd6e8feb86659fd93);
    v = (v ^ v >> 29) * UINT64_C(0xd6e8feb86659fd93);
    return v ^ v >> 32;
}
