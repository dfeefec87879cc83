/* ahead.h - memory that the answers to a batch of questions will need, called for before the first
 * of them is answered, and the searches for their names. It changes no answer. */
#ifndef SETTLED_ANSWER_AHEAD_H
#define SETTLED_ANSWER_AHEAD_H

#include "answer/world.h"
#include "zone/ahead.h"
#include <stddef.h>

#define AHEAD_MOST 32 /* questions of one batch */

/* Packets as they came: nothing about them is sure. */
struct ahead {
    const uint8_t *octets;
    size_t len;
    /* answer_ahead sets these */
    const struct world *world;
    const struct world_zone *zone;    /* what world_find gives for any type but DS; NULL: unknown */
    const struct zone_search *search; /* of the name asked; NULL: none was made */
};
/* A worker's; all zero at its start. */
struct ahead_room {
    unsigned rest; /* batches that go without, as there was nothing to wait for lately */
    struct zone_search searches[AHEAD_MOST];
};

/* Worker's thread, inside the epoch in which the questions are answered. `count`: AHEAD_MOST at
 * most. Searches stand in `room`, until the next call. */
void answer_ahead(const struct world *w, struct ahead_room *room, struct ahead *questions,
                  unsigned count);

#endif
