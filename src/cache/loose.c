/* loose.c - an entry that stands alone, for those who waited for an answer that is not kept.
 * One worker. The same entry and the same view as in the cache, so that answer() need not know the
 * difference. */
#include "cache/cache.h"
#include "cache/shard.h"
#include <stdlib.h>

struct cache_loose {
    struct entry *entry;
};

struct cache_loose *cache_loose_new(const struct cache *c, const struct cache_key *k,
                                    const struct cache_entry *e, struct mono now,
                                    struct cache_found *found)
{
    struct lifetime life = entry_lifetime(&c->options, e);
    struct cache_loose *l = malloc(sizeof *l);
    struct entry *entry = entry_new(k, e, life);
    if (l == NULL || entry == NULL) {
        free(l);
        entry_free(entry);
        return NULL;
    }
    l->entry = entry;
    /* used up is not stale: it was asked for just now, and is given with TTL 0 */
    entry_view(entry, mono_min(now, life.expires), found);
    found->stale = e->stale;
    if (!mono_before(now, life.expires)) {
        found->ttl_s = found->set.ttl = found->sigs.ttl = 0;
    }
    return l;
}

void cache_loose_free(struct cache_loose *l)
{
    if (l != NULL) {
        entry_free(l->entry);
        free(l);
    }
}
