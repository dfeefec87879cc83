/* ahead.h - memory that searches will need, called for before they begin; each step needs what the
 * one before called for, so that many searches, each a step at a time, wait for memory together.
 * No search depends on it. Any thread, inside the epoch of the version. */
#ifndef SETTLED_ZONE_AHEAD_H
#define SETTLED_ZONE_AHEAD_H

#include "zone/key.h"
#include "zone/version.h"

/* What any search in the version begins with, one of ZONE_AHEAD_STEPS steps at a time (0 first). */
#define ZONE_AHEAD_STEPS 3
void zone_ahead(const struct zone_version *v, unsigned step);

/* Then the way to one name. The caller's memory, nothing to free. */
struct zone_ahead {
    const uintptr_t *map;
    uint32_t ref; /* the node called for last */
    struct key key;
};
/* False: a search in so small a zone waits for nothing more, or the name is not in it. */
bool zone_ahead_start(struct zone_ahead *a, const struct zone_version *v, const uint8_t *name);
/* False: it is at its end. */
bool zone_ahead_step(struct zone_ahead *a);

#endif
