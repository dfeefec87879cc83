/* ready.h - answers that stand ready for questions that come again, octet for octet. It changes no
 * answer: each is what answer() would say. */
#ifndef SETTLED_ANSWER_READY_H
#define SETTLED_ANSWER_READY_H

#include "answer/ahead.h"
#include "answer/answer.h"

struct ready; /* a worker's own */
struct ready_place;

/* `seed` keys its hashes. NULL: no memory. */
MUST_USE struct ready *ready_new(uint64_t seed);
void ready_free(struct ready *r); /* NULL is fine */
/* Finds the places of a batch of questions that came over UDP: places[i] is where the answer to
 * questions[i] stands or may be put, NULL: nowhere. `count`: AHEAD_MOST at most. False: no question
 * has a place. Worker's thread; the places are good until it looks again. */
bool ready_look(struct ready *r, const struct ahead *questions, unsigned count,
                struct ready_place *places[]);
/* Writes the answer over the question in `packet`, counts both, and returns its length; 0: none
 * stands ready that holds in this world now. Worker's thread, inside its epoch; the packet has room
 * for any answer that was kept. */
size_t ready_answer(struct ready *r, const struct world *w, struct ready_place *p, uint8_t *packet,
                    size_t len, struct counters *n);
/* Before answer() writes over it, and after: keeps question and answer, if it lasts (answer_out).
 * No other question may come between the two. Worker's thread, inside one epoch. */
void ready_question(struct ready *r, struct ready_place *p, const uint8_t *packet, size_t len);
void ready_keep(struct ready *r, const struct world *w, struct ready_place *p,
                const struct answer_out *out, const uint8_t *packet);

#endif
