/* probe.h - private to answer/: the question "which serial are you coherent with?" (CONVERGENCE.md,
 * Evidence). */
#ifndef SETTLED_ANSWER_PROBE_H
#define SETTLED_ANSWER_PROBE_H

#include "answer/chain.h"

/* SOA of a cache zone's apex, RD=0, ZONEVERSION asked for. */
bool probe_is(const struct job *j, const struct world_zone *z);
enum verdict probe_answer(struct job *j, const struct world_zone *z);

#endif
