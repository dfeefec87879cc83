/* fresh.c - answers too short-lived for the cache (TTL 0), or refused room in it, for those who
 * waited (CONVERGENCE.md, TTL rule 2). Each waiter has its own copies: such answers are rare, and
 * nobody need count who still looks at one. */
#include "forward/fresh.h"
#include <stdlib.h>

bool fresh_add(struct fresh **f, const struct cache *c, const struct classify_link *l,
               struct mono now)
{
    if (*f == NULL && (*f = calloc(1, sizeof **f)) == NULL) {
        return false;
    }
    struct fresh *to = *f;
    if (to->count == FRESH_MOST) {
        return false;
    }
    struct answer_fresh *item = &to->items[to->count];
    struct cache_loose *loose = cache_loose_new(c, &l->key, &l->entry, now, &item->found);
    if (loose == NULL) {
        return false;
    }
    to->loose[to->count++] = loose;
    item->key = l->key;
    item->key.name = item->found.owner;
    return true;
}

void fresh_free(struct fresh *f)
{
    for (unsigned i = 0; f != NULL && i < f->count; i++) {
        cache_loose_free(f->loose[i]);
    }
    free(f);
}
