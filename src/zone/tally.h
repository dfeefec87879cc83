/* tally.h - what a reading found of each owner of a version: all of it just as it is, or something
 * else. Used by reload.c and merge.c, on the thread of a job. */
#ifndef SETTLED_ZONE_TALLY_H
#define SETTLED_ZONE_TALLY_H

#include "zone/version.h"

enum tally_state {
    TALLY_UNMET, /* nothing of it was met */
    TALLY_SAME,  /* all it has was met, each record once, and nothing else */
    TALLY_ODD    /* anything else */
};
struct tally_sum { /* the sum over the records met of one odd owner */
    uint32_t ref;  /* 0: free */
    uint64_t sum;
};
struct tally {
    const struct zone_version *base;
    uint8_t *states; /* two bits for each place of the heap */
    size_t size;     /* octets at states */
    struct tally_sum *sums;
    size_t sum_count, sum_room;
    bool failed; /* no memory: all is over */
};

/* Of a version that outlives the tally: nothing was met. False: no memory. */
MUST_USE bool tally_start(struct tally *t, const struct zone_version *base);
void tally_free(struct tally *t);
/* `n` is a node of the version. */
enum tally_state tally_get(const struct tally *t, struct zone_node n);
void tally_set(struct tally *t, struct zone_node n, enum tally_state state);
/* Adds one record met to the sum of its owner; its name is not looked at. */
void tally_add(struct tally *t, struct zone_node n, const struct record *rr);
/* Adds all that the owner has. */
void tally_add_all(struct tally *t, struct zone_node n);
/* All is met: odd owners with a sum that is what they have are the same. */
void tally_settle(struct tally *t);

#endif
