/* store_place.h - the state directory: made, locked against a second process, and a damaged journal
 * moved out of the way. Part of the door to disk; only store.c uses it. */
#ifndef SETTLED_JOURNAL_STORE_PLACE_H
#define SETTLED_JOURNAL_STORE_PLACE_H

#include "base/buf.h"
#include "base/oops.h"

struct place {
    int lock;      /* descriptor that holds the lock */
    char *journal; /* path of the LMDB environment's directory */
    char *data;    /* path of its data file */
};
/* Makes `dir` and its journal directory (0700) where missing, and takes the lock. False: o. */
MUST_USE bool place_take(struct place *p, const char *dir, struct oops *o);
void place_leave(struct place *p);
/* Renames the journal directory to the first free journal.damaged-<n>; its path is appended to
 * `moved`. */
MUST_USE bool place_set_aside(const struct place *p, struct buf *moved, struct oops *o);

#endif
