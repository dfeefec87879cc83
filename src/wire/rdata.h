/* rdata.h - rdata by the layout of its type: taken off the wire, checked, walked, put in
 * canonical form. Stored rdata is always uncompressed and checked, case kept. */
#ifndef SETTLED_WIRE_RDATA_H
#define SETTLED_WIRE_RDATA_H

#include "base/buf.h"
#include "wire/reader.h"

/* Reads `rdlen` octets of rdata of `type` (names decompressed) and appends them to out, without
 * a length in front. False: malformed; the reader has then failed. A name must end inside the
 * rdata. Unknown types are copied. Without memory it is false, too; then out->failed is set. */
MUST_USE bool rdata_read(struct reader *r, uint16_t type, uint16_t rdlen, struct buf *out);
/* Is this uncompressed rdata well-formed for its type? */
MUST_USE bool rdata_check(uint16_t type, const uint8_t *rdata, size_t len);
/* Same rdata? Names inside compare without case (RFC 4034 6.2's types), the rest octet for
 * octet. */
bool rdata_same(uint16_t type, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen);
/* Canonical order (RFC 4034 6.3). */
int rdata_compare(uint16_t type, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen);
/* Puts rdata into canonical form, in place: names inside in lower case (RFC 4034 6.2's types). */
void rdata_lower(uint16_t type, uint8_t *rdata, size_t len);
/* A seeded hash under which rdata_same rdatas are equal. */
uint64_t rdata_hash(uint16_t type, const uint8_t *rdata, size_t len, uint64_t seed);
/* The name whose addresses belong in the additional section: target of NS, MX, SRV (RFC 1035
 * 3.3, 2782), else NULL. */
const uint8_t *rdata_target(uint16_t type, const uint8_t *rdata, size_t len);

/* SOA rdata taken apart (RFC 1035 3.3.13); the names point into the rdata. */
struct soa {
    const uint8_t *mname, *rname;
    uint32_t serial, refresh, retry, expire, minimum;
};
MUST_USE bool soa_read(const uint8_t *rdata, size_t len, struct soa *out);
/* Overwrites the serial in SOA rdata in place. */
void soa_set_serial(uint8_t *rdata, size_t len, uint32_t serial);

/* Serial arithmetic, RFC 1982 3.2: is a older than b? The undefined distance 2^31 is "no" both
 * ways. */
static inline int serial_older(uint32_t a, uint32_t b)
{
    return a != b && (uint32_t)(b - a) < UINT32_C(0x80000000);
}

#endif
