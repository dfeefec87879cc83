/* hash.h - the one hash of the program (XXH3, 64 bits, seeded). Not for secrets. */
#ifndef SETTLED_BASE_HASH_H
#define SETTLED_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed);
uint64_t hash_mix(uint64_t a, uint64_t b); /* one value from two */

#endif
