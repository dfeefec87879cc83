/* draft.h - what one owner is going to have: a blob being written, outside the heap. One thread,
 * the one that edits. */
#ifndef SETTLED_ZONE_DRAFT_H
#define SETTLED_ZONE_DRAFT_H

#include "wire/record.h"
#include "zone/blob.h"

#define DRAFT_SET_MOST 65535U /* octets of one RRset's data */

struct draft { /* all zero is one without memory yet */
    struct blob *blob;
    size_t size, room;
};
enum draft_status { DRAFT_OK, DRAFT_SAME, DRAFT_FULL, DRAFT_NO_MEMORY };

MUST_USE bool draft_start(struct draft *d, const struct key *k); /* an owner without RRsets */
MUST_USE bool draft_load(struct draft *d, const struct blob *b); /* a copy */
void draft_free(struct draft *d);
/* Adds a record (owner and class are not looked at). SAME: it is there. The TTL is used only
 * when the RRset is new. FULL: the RRset would be over DRAFT_SET_MOST, or the owner over
 * HEAP_MOST. */
enum draft_status draft_add(struct draft *d, const struct record *rr);
/* Removes a record, and its RRset when it was the last. SAME: it is not there. */
enum draft_status draft_remove(struct draft *d, const struct record *rr);
/* Sets the TTL of an RRset that is there. */
void draft_ttl(struct draft *d, uint16_t type, uint32_t ttl);

#endif
