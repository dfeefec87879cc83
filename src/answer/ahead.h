/* ahead.h - memory that the answers to a batch of questions will need, called for before the first
 * of them is answered. It changes no answer. */
#ifndef SETTLED_ANSWER_AHEAD_H
#define SETTLED_ANSWER_AHEAD_H

#include "answer/world.h"
#include <stddef.h>

#define AHEAD_MOST 32 /* questions of one batch */

/* Packets as they came: nothing about them is sure. */
struct ahead {
    const uint8_t *octets;
    size_t len;
};
/* A worker's; all zero at its start. */
struct ahead_pace {
    unsigned rest; /* batches that go without, as there was nothing to wait for lately */
};

/* Worker's thread, inside the epoch in which the questions are answered. `count`: AHEAD_MOST at
 * most. */
void answer_ahead(const struct world *w, struct ahead_pace *pace, const struct ahead *questions,
                  unsigned count);

#endif
