/* records.h - private to forward/: the answer and authority records of one message, and RRsets put
 * together from them. */
#ifndef SETTLED_FORWARD_RECORDS_H
#define SETTLED_FORWARD_RECORDS_H

#include "base/arena.h"
#include "wire/msg.h"
#include "wire/record.h"
#include "wire/response.h"
#include "wire/rrset.h"

struct records {
    const struct record *items;
    unsigned answers,
        count; /* the first are of the answer section, the rest of the authority section */
};
struct wanted {           /* which records make the set */
    enum section section; /* ANSWER or AUTHORITY */
    const uint8_t *owner;
    uint16_t type;
    uint16_t covers; /* RRSIG: the type they sign; 0: any */
};

/* Reads them off the response into the arena; those of another class than IN are left out. False:
 * malformed or no memory. */
MUST_USE bool records_read(const struct response *r, struct arena *arena, struct records *out);
/* The first of them from *at on in the section, of any owner (w->owner NULL) or that one; *at moves
 * behind it. NULL: none. */
const struct record *records_next(const struct records *r, const struct wanted *w, unsigned *at);
/* All of them as one RRset: each record once, the smallest TTL (RFC 2181 5). False: none, over 64
 * KiB, or no memory. */
bool records_set(const struct records *r, const struct wanted *w, struct arena *arena,
                 struct rrset *out);
uint16_t record_covers(const struct record *rr); /* RRSIG: the type it signs */

#endif
