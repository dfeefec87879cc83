/* siphash.h - SipHash-2-4 with 64 bits of result: a keyed hash of a few octets that nobody can make
 * or guess without the key. */
#ifndef SETTLED_GUARD_SIPHASH_H
#define SETTLED_GUARD_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY 16

/* The result as octets, in the order of the algorithm's authors (least significant first), which is
 * that of RFC 9018. Any thread. */
void siphash(const uint8_t key[SIPHASH_KEY], const void *data, size_t len, uint8_t out[8]);

#endif
