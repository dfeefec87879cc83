/* recall.h - an edit of a text whose pieces are remembered: which of them have to be read, and
 * whose records can be other than they were. For beside.c, intake.c and build.c, on the
 * thread of a job. */
#ifndef SETTLED_ZONE_RECALL_H
#define SETTLED_ZONE_RECALL_H

#include "zone/bulk.h"
#include "zone/pieces.h"
#include "zone/text.h"
#include "zone/version.h"

struct recall {
    const struct zone_version *base;
    const struct pieces *old;
    struct zone_text_piecing piecing; /* for the reading: first to look, then again */
    uint32_t *slots, mask;            /* pieces by their key: index + 1 */
    uint8_t *wanted, *known;          /* of each new piece: to be read; there before */
    struct {                          /* hashes of owners that may be other than they were */
        uint32_t *list, mask, count;
        uint64_t filter[1024]; /* a bit for each 16 bits of a hash */
    } owners;
    struct name last; /* the owner that was last asked about */
    bool has_last, last_is;
    uint64_t most; /* records that all owners concerned have in the base, or more */
    /* afterwards: those of them that the base has, in canonical order */
    struct zone_node *nodes;
    size_t node_count, node_room;
    uint64_t found; /* records of these */
};

/* Of a text that becomes the successor of `base`, which was made of the `old` pieces; those
 * found go into `next`. So many octets may be read at first, 0: a quarter. False: no memory. */
MUST_USE bool recall_start(struct recall *r, const struct zone_version *base,
                           const struct pieces *old, struct pieces *next, uint64_t room);
/* After the text was looked through, and again when owners are `named` whose records are wanted
 * whatever they are (names one behind the other). False: no memory, or hardly anything is known. */
MUST_USE bool recall_settle(struct recall *r, const struct buf *named);
/* Of each record while it is read again: is it of an owner that may be other than it was? */
bool recall_wants(struct recall *r, const struct record *rr);
/* When all that it wanted is in the batch, sorted: sets nodes. False: no memory. */
MUST_USE bool recall_find(struct recall *r, const struct bulk *batch);
void recall_free(struct recall *r);

#endif
