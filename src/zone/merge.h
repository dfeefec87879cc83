/* merge.h - making an edit of the difference between a version and a sorted batch of records. */
#ifndef SETTLED_ZONE_MERGE_H
#define SETTLED_ZONE_MERGE_H

#include "zone/bulk.h"
#include "zone/tally.h"
#include "zone/version.h"

struct merge {
    struct zone_edit *edit;
    const struct zone_version *base; /* NULL: none */
    const struct bulk *batch;        /* sorted */
    /* Owners that it says are the same have no rows in the batch and stay as they are; NULL: the
     * batch has all. */
    const struct tally *tally;
    /* All owners of the base that may be other than they are in the batch, in canonical order, and
     * what the base has in all that counts; NULL: any. */
    const struct zone_node *nodes;
    size_t node_count;
    uint32_t counted;
    /* afterwards */
    bool changed;                           /* anything but the serial of the apex's SOA */
    uint32_t counted_before, counted_after; /* records without RRSIG, NSEC, NSEC3 */
    enum zone_edit_status status;           /* why it failed, and at which row */
    size_t row;
};
/* Adds and removes records until the edit of `base` holds what the batch holds. RRsets that are the
 * same are not touched, so both versions share them. False: see status. */
MUST_USE bool merge_records(struct merge *m);
/* Is a record of that type counted? */
bool merge_counts(uint16_t type);

#endif
