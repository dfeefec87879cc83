/* renumber.h - a version exchanged for one with another serial, or given up, before anybody saw
 * it. */
#ifndef SETTLED_ZONE_RENUMBER_H
#define SETTLED_ZONE_RENUMBER_H

#include "zone/version.h"

/* v, of which the caller has the one hold, becomes its successor with that serial; it is gone then.
 * False: o says why, and *v is as before. */
MUST_USE bool renumber_version(struct zone_line *l, struct zone_version **v, uint32_t serial,
                               struct oops *o);
/* Gives the one hold of v back, and frees what nobody else sees. */
void drop_version(struct zone_line *l, struct zone_version *v);

#endif
