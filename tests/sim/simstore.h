/* simstore.h - the in-memory store behind journal/store.h: a disk that survives kill -9 of its
 * node, and can be full. */
#ifndef SETTLED_SIM_SIMSTORE_H
#define SETTLED_SIM_SIMSTORE_H

#include "journal/store.h"

struct sim_disk;
MUST_USE struct sim_disk *sim_disk_new(void);
void sim_disk_free(struct sim_disk *d);
/* From now on every commit says "No space left on device", or works again. */
void sim_disk_full(struct sim_disk *d, bool full);
/* A process opens the journal on the disk. store_close it when the process ends, well or badly:
 * what store_commit took is on the disk; what was on its way to store_commit dies with the events
 * of the node. */
MUST_USE struct store *sim_store_open(struct sim_disk *d);
/* A hash over all that is on the disk. */
uint64_t sim_disk_hash(const struct sim_disk *d);

#endif
