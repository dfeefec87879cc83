/* access.h - private to answer/: who may ask what, by source address (INTERFACE.md: allow,
 * transfer, notify-from). */
#ifndef SETTLED_ANSWER_ACCESS_H
#define SETTLED_ANSWER_ACCESS_H

#include "answer/world.h"

/* Questions about the zone (`allow`). Any worker, on the world it is in; `from` without its port.
 * The three below are alike. */
bool access_may_ask(const struct world *w, const struct world_zone *z, const struct addr *from);
/* That the zone has changed (`primaries` and `notify-from`). */
bool access_may_notify(const struct world *w, const struct world_zone *z, const struct addr *from);
/* AXFR and IXFR (`transfer`). */
bool access_may_transfer(const struct world *w, const struct world_zone *z,
                         const struct addr *from);
/* The SOA question by which the zone's primaries and neighbours find out whether our cache has
 * settled. */
bool access_may_probe(const struct world *w, const struct world_zone *z, const struct addr *from);

#endif
