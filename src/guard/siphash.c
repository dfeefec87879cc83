/* siphash.c - SipHash-2-4 (Aumasson and Bernstein, 2012). Any thread, no memory of its own.
 * OpenSSL has it too, as an EVP_MAC: a context for each worker, and 70 ns for the octets of a
 * cookie where this takes 29. */
#include "guard/siphash.h"
#include "base/buf.h"
#include <string.h>

struct sip {
    uint64_t a, b, c, d;
};

static uint64_t rotated(uint64_t v, unsigned bits);
static void rounds(struct sip *s, unsigned count);
static void take(struct sip *s, uint64_t word);
static uint64_t get_le64(const uint8_t *p);
static void put_le64(uint8_t *p, uint64_t v);

void siphash(const uint8_t key[SIPHASH_KEY], const void *data, size_t len, uint8_t out[8])
{
    uint64_t k0 = get_le64(key), k1 = get_le64(key + 8);
    struct sip s = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
                    k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
    const uint8_t *octets = data;
    size_t at = 0;
    for (; at + 8 <= len; at += 8) {
        take(&s, get_le64(octets + at));
    }
    uint8_t last[8] = {[7] = (uint8_t)len};
    memcpy(last, octets + at, len - at);
    take(&s, get_le64(last));
    s.c ^= 0xff;
    rounds(&s, 4);
    put_le64(out, s.a ^ s.b ^ s.c ^ s.d);
}

static void take(struct sip *s, uint64_t word)
{
    s->d ^= word;
    rounds(s, 2);
    s->a ^= word;
}

static void rounds(struct sip *s, unsigned count)
{
    while (count-- > 0) {
        s->a += s->b;
        s->c += s->d;
        s->b = rotated(s->b, 13) ^ s->a;
        s->d = rotated(s->d, 16) ^ s->c;
        s->a = rotated(s->a, 32);
        s->c += s->b;
        s->a += s->d;
        s->b = rotated(s->b, 17) ^ s->c;
        s->d = rotated(s->d, 21) ^ s->a;
        s->c = rotated(s->c, 32);
    }
}

static uint64_t rotated(uint64_t v, unsigned bits)
{
    return v << bits | v >> (64 - bits);
}

static uint64_t get_le64(const uint8_t *p)
{
    return __builtin_bswap64(get_u64(p));
}

static void put_le64(uint8_t *p, uint64_t v)
{
    put_u64(p, __builtin_bswap64(v));
}
