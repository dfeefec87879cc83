/* rrset.h - a view of one RRset: what zone/, cache/ and answer/ hand to the reply writer. Owns
 * nothing. */
#ifndef SETTLED_WIRE_RRSET_H
#define SETTLED_WIRE_RRSET_H

#include <stddef.h>
#include <stdint.h>

struct rrset {
    uint16_t type;
    uint16_t count;      /* records, at least 1 */
    uint32_t ttl;        /* seconds; one for all (RFC 2181 5.2) */
    uint32_t size;       /* octets at data */
    const uint8_t *data; /* count times: rdlength (network order), uncompressed rdata */
};

/* The rdata behind `at` (0 the first time); advances *at. NULL at the end. */
const uint8_t *rrset_next(const struct rrset *s, size_t *at, uint16_t *rdlen);

#endif
