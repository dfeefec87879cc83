/* record.h - one resource record of a message, and the plain stream of records that change sets,
 * zone images and transfers are made of: owner (uncompressed), type, class, TTL, rdlength, rdata
 * (uncompressed), back to back. */
#ifndef SETTLED_WIRE_RECORD_H
#define SETTLED_WIRE_RECORD_H

#include "base/buf.h"
#include "wire/reader.h"

struct record {
    const uint8_t *owner;
    uint16_t type, class;
    uint32_t ttl;
    uint16_t rdlen;
    const uint8_t *rdata;
};

/* Appends a record (class IN is written when class is 0). */
void record_add(struct buf *stream, const struct record *rr);
/* The record at *at of a stream we wrote ourselves; advances *at; false at the end. The stream
 * is trusted in form only: a record that does not fit ends it and *damaged (may be NULL) is set. */
bool record_next(const uint8_t *stream, size_t len, size_t *at, struct record *out, bool *damaged);
/* Reads one record off a message, appending its uncompressed form to `into` (out points into it;
 * valid until `into` grows). TTL's top bit set counts as 0 (RFC 2181 8). False: malformed. */
MUST_USE bool record_read(struct reader *r, struct buf *into, struct record *out);

#endif
