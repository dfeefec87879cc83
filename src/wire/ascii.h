/* ascii.h - case of ASCII letters, eight octets at a time (RFC 4343: the only case DNS knows).
 * Length octets of a name are below 64 and so never letters: whole names can be folded blindly. */
#ifndef SETTLED_WIRE_ASCII_H
#define SETTLED_WIRE_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t ascii_lower(uint8_t c)
{
    return (uint8_t)(c - 'A') < 26 ? (uint8_t)(c | 0x20) : c;
}

/* The same for each octet of a word. Bit 7 of the sums says "at least A" and "above Z". */
static inline uint64_t ascii_lower8(uint64_t w)
{
    uint64_t low = w & UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t from_a = low + UINT64_C(0x3f3f3f3f3f3f3f3f),
             past_z = low + UINT64_C(0x2525252525252525);
    uint64_t upper = from_a & ~past_z & ~w & UINT64_C(0x8080808080808080);
    return w | upper >> 2;
}

static inline uint64_t ascii_load8(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static inline void ascii_copy_lower(uint8_t *to, const uint8_t *from, size_t len)
{
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t w = ascii_lower8(ascii_load8(from + i));
        memcpy(to + i, &w, sizeof w);
    }
    for (; i < len; i++) {
        to[i] = ascii_lower(from[i]);
    }
}

static inline bool ascii_same(const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        if (ascii_lower8(ascii_load8(a + i)) != ascii_lower8(ascii_load8(b + i))) {
            return false;
        }
    }
    for (; i < len; i++) {
        if (ascii_lower(a[i]) != ascii_lower(b[i])) {
            return false;
        }
    }
    return true;
}

/* Order of the lower-case octets: <0, 0, >0. */
static inline int ascii_compare(const uint8_t *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int d = ascii_lower(a[i]) - ascii_lower(b[i]);
        if (d != 0) {
            return d;
        }
    }
    return 0;
}

#endif
