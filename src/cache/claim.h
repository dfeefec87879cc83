/* claim.h - private to cache/: which worker is asking upstream for what. Claims are few and
 * short-lived; they are kept in lists, in stripes with a lock each. */
#ifndef SETTLED_CACHE_CLAIM_H
#define SETTLED_CACHE_CLAIM_H

#include "cache/entry.h"

struct claims;
MUST_USE struct claims *claims_new(void);
void claims_free(struct claims *c);
/* Who has it: `worker` if it was free (*was_free), or if there is no memory to write it down (two
 * may ask then). */
unsigned claims_take(struct claims *c, const struct sought *s, unsigned worker, bool *was_free);
void claims_give(struct claims *c, const struct sought *s,
                 unsigned worker); /* not its own, not there: nothing */

#endif
