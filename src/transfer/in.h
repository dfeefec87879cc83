/* in.h - a zone over the wire from a primary: a step table over the bytes of one TCP stream (RFC
 * 5936 2.2, 1995 4, 7766). Complete only at the closing SOA; "connection closed" is never "done".
 * Nothing is applied here: the caller gets records or changes and makes a zone job of them. Keeper
 * thread. */
#ifndef SETTLED_TRANSFER_IN_H
#define SETTLED_TRANSFER_IN_H

#include "base/clock.h"
#include "base/oops.h"
#include "wire/msg.h"
#include "zone/change.h"

enum transfer_in_kind {
    TRANSFER_AXFR,
    TRANSFER_IXFR,     /* from our SOA on; the answer may be the whole zone */
    TRANSFER_IXFR_ONLY /* a cache: changes or nothing; a whole zone is TRANSFER_IN_WHOLE at once */
};
enum transfer_in_status {
    TRANSFER_IN_MORE,    /* feed more bytes */
    TRANSFER_IN_CURRENT, /* one SOA not newer than ours: nothing to do; soa() gives it */
    TRANSFER_IN_ZONE,    /* the whole zone is in transfer_in_records */
    TRANSFER_IN_CHANGES, /* deltas are in transfer_in_changes */
    TRANSFER_IN_WHOLE,   /* IXFR_ONLY: the answer is a whole zone, given up */
    TRANSFER_IN_FAILED   /* o says why, in words: "REFUSED", "record of another zone: ...", ... */
};
struct transfer_in_start {
    enum transfer_in_kind kind;
    const uint8_t *apex;
    const uint8_t *soa; /* IXFR: rdata of ours */
    uint16_t soa_len;
    uint16_t id;
    uint64_t most_bytes, most_records; /* limits; 0: 1 GiB, 20 M */
    uint32_t most_s;                   /* whole transfer, 0: 3600 */
    uint32_t least_per_minute;         /* octets, 0: 10 KiB */
    struct mono now;
};
struct transfer_in;
MUST_USE struct transfer_in *transfer_in_new(const struct transfer_in_start *s);
/* The question with its TCP length in front, ready to be written. */
const uint8_t *transfer_in_question(const struct transfer_in *t, size_t *len);
enum transfer_in_status transfer_in_feed(struct transfer_in *t, const uint8_t *data, size_t len,
                                         struct mono now, struct oops *o);
/* When the stream must have moved on, for the keeper's due time: too slow or too long is
 * TRANSFER_IN_FAILED. */
struct mono transfer_in_due(const struct transfer_in *t);
enum transfer_in_status transfer_in_late(struct transfer_in *t, struct mono now, struct oops *o);
/* The stream ended: always a failure before completion; says how far it got. */
void transfer_in_closed(const struct transfer_in *t, struct oops *o);
const uint8_t *transfer_in_soa(const struct transfer_in *t,
                               uint16_t *len); /* first SOA seen; NULL: none yet */
/* Gives the records (or changes) away: moved into the caller's, who owns them. */
void transfer_in_take_records(struct transfer_in *t, struct buf *records);
unsigned transfer_in_take_changes(struct transfer_in *t,
                                  struct change **changes); /* malloc'd array */
uint64_t transfer_in_bytes(const struct transfer_in *t);    /* received */
uint64_t transfer_in_count(const struct transfer_in *t);    /* records received */
/* After FAILED: the rcode the primary answered with, 0 when that was not the trouble. FORMERR or
 * NOTIMP to an IXFR: try AXFR. */
unsigned transfer_in_rcode(const struct transfer_in *t);
void transfer_in_free(struct transfer_in *t);

#endif
