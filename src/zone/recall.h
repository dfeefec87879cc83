/* recall.h - an edit of a text whose pieces are remembered: which of them have to be read, and
 * whose records can be other than they were. For build.c, on the thread of a job. */
#ifndef SETTLED_ZONE_RECALL_H
#define SETTLED_ZONE_RECALL_H

#include "zone/pieces.h"
#include "zone/text.h"
#include "zone/version.h"

struct recall {
    const struct zone_version *base;
    const struct pieces *old;
    struct zone_text_piecing piecing; /* for the reading: first to look, then again */
    uint32_t *slots, mask;            /* pieces by their key: index + 1 */
    uint8_t *wanted;                  /* of each new piece: to be read */
    struct {                          /* hashes of owners that may be other than they were */
        uint32_t *list, mask, count;
        uint64_t filter[1024]; /* a bit for each 16 bits of a hash */
    } owners;
    struct name last; /* the owner that was last asked about */
    bool has_last, last_is;
    struct zone_node *nodes; /* those of the base, in canonical order */
    size_t node_count, node_room;
};

/* Of a text that becomes the successor of `base`, which was made of the `old` pieces; those
 * found go into `next`. So many octets may be read at first, 0: a quarter. False: no memory. */
MUST_USE bool recall_start(struct recall *r, const struct zone_version *base,
                           const struct pieces *old, struct pieces *next, uint64_t room);
/* After the text was looked through, and again when owners are `named` whose records are wanted
 * whatever they are (names one behind the other). False: no memory, or hardly anything is known. */
MUST_USE bool recall_settle(struct recall *r, const struct buf *named);
/* While it is read again: is the record of an owner that may be other than it was? */
bool recall_wants(struct recall *r, const struct record *rr);
void recall_free(struct recall *r);

#endif
