/* ahead.h - searches that are made side by side; each step needs memory that the one before called
 * for, so that many searches, each a step at a time, wait for memory together. Any thread, inside
 * the epoch of the version. */
#ifndef SETTLED_ZONE_AHEAD_H
#define SETTLED_ZONE_AHEAD_H

#include "zone/key.h"
#include "zone/version.h"

/* What any search in the version begins with, one of ZONE_AHEAD_STEPS steps at a time (0 first). */
#define ZONE_AHEAD_STEPS 3
void zone_ahead(const struct zone_version *v, unsigned step);

/* Then one search for a name. The caller's memory, nothing to free; good as long as the version. */
struct zone_search {
    const struct zone_version *version;
    uint32_t ref; /* the node called for last; in the end the leaf */
    unsigned depth;
    bool is_lost; /* no owner goes on as the name does: any leaf below will do */
    struct key key;
    uint32_t passed[KEY_LENGTH]; /* the branches on the way */
};
/* False: the name is not at or below the apex. */
bool zone_ahead_start(struct zone_search *s, const struct zone_version *v, const uint8_t *name);
/* All searches that `going` has the numbers of go a step; those that were at their end are taken
 * out. Returns how many are left. */
unsigned zone_ahead_step(struct zone_search searches[], uint8_t going[], unsigned count);
/* Searches in it wait for memory that stands in no cache. */
bool zone_is_large(const struct zone_version *v);
/* What zone_find, or zone_find_above_cut, would find by a search that is at its end. */
void zone_ahead_found(const struct zone_search *s, bool above_cut, struct zone_found *out);

#endif
