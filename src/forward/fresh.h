/* fresh.h - private to forward/: answers too short-lived for the cache, for those who waited. */
#ifndef SETTLED_FORWARD_FRESH_H
#define SETTLED_FORWARD_FRESH_H

#include "forward/classify.h"

#define FRESH_MOST ANSWER_ASKS /* entries one waiter may carry with it */

/* What one waiter got so far; it keeps them while it asks on for the rest of a chain. */
struct fresh {
    struct fresh *next; /* in forward's list of those handed out */
    unsigned count;
    struct answer_fresh items[FRESH_MOST];
    struct cache_loose *loose[FRESH_MOST];
};

/* A copy of the link for this waiter, made at *f if there is none yet. False: no memory or no room;
 * then it is asked again. */
bool fresh_add(struct fresh **f, const struct cache *c, const struct classify_link *l,
               struct mono now);
void fresh_free(struct fresh *f); /* NULL is fine */

#endif
