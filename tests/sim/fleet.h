/* fleet.h - random fleets: a primary, a secondary, caches and sometimes more, over bad links, with
 * edits, crashes and full disks. */
#ifndef SETTLED_SIM_FLEET_H
#define SETTLED_SIM_FLEET_H

#include <stdbool.h>
#include <stdint.h>

struct fleet_result {
    bool ok;
    uint64_t trace; /* the same for the same seed */
    unsigned long answers, events;
};
/* Plays the fleet of this seed. A failure is said on stderr, with the shortest list of faults that
 * still shows it. */
struct fleet_result fleet_play(uint64_t seed, bool verbose);

#endif
