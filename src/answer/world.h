/* world.h - what a worker can see: the configuration and a table of zone slots, published by the
 * keeper through one pointer. A new configuration is a new world; slots of zones that stay are the
 * same in both. Each slot's version is published on its own; a question loads it once. */
#ifndef SETTLED_ANSWER_WORLD_H
#define SETTLED_ANSWER_WORLD_H

#include "cache/zone.h"
#include "config/config.h"
#include "zone/version.h"
#include <stdatomic.h>

enum slot_state {
    SLOT_LOADING, /* nothing to serve yet: SERVFAIL with EDE 14 */
    SLOT_SERVING, /* version is not NULL (cache zones: always serving) */
    SLOT_FAILED,  /* never could be loaded: SERVFAIL with EDE 14 */
    SLOT_EXPIRED  /* secondary: SERVFAIL with EDE 24 */
};
/* Owned by the keeper; retired through the epoch; in front, what questions need. The keeper puts
 * the name right behind it. */
struct slot {
    _Atomic(struct zone_version *) version; /* authoritative zones; NULL unless SERVING */
    _Atomic int state;                      /* enum slot_state */
    _Atomic uint32_t published;             /* how often slot_publish was called */
    struct cache_zone *cache;               /* cache zones, else NULL */
    _Atomic(const struct slot_soa *)
        soa;             /* cache zones: SOA of the coherent serial, NULL before the first */
    const uint8_t *name; /* in lower case */
    size_t number;       /* the keeper's index, for mail */
    _Atomic bool
        notified; /* a NOTIFY is on its way to the keeper: one is enough (RELIABILITY.md 13) */
    uint8_t labels;
};
struct slot_soa {
    uint32_t ttl;
    uint16_t len;
    uint8_t rdata[];
};
struct world_zone {
    struct slot *slot;
    const struct config_zone *config;
};
struct world {
    const struct config *config;
    uint64_t number; /* of all worlds of a process, each has its own; whoever publishes gives it */
    unsigned count;
    struct world_zone *zones; /* in config's order */
    uint64_t *table; /* open addressing: upper half of the name's hash, index + 1 below; 0: free */
    uint32_t table_mask;
    uint64_t seed;
    uint8_t deepest;    /* most labels of any zone: where the search starts */
    uint64_t depths[2]; /* bit n: some zone has n labels; other depths need no look */
    const struct prefix
        *own_networks;          /* interfaces' networks, for cache zones' default allow; the */
    unsigned own_network_count; /* caller's, and must outlive the world */
};

/* What the zone answers with from now on; NULL: nothing. The keeper's, and nobody else writes
 * slot->version. Whoever sees a version sees `published` counted up for it, too: so a version that
 * was met before is told from another one that has its place in memory by now. */
static inline void slot_publish(struct slot *s, struct zone_version *v)
{
    uint32_t times = atomic_load_explicit(&s->published, memory_order_relaxed) + 1;
    atomic_store_explicit(&s->published, times, memory_order_relaxed);
    atomic_store_explicit(&s->version, v, memory_order_release);
}

/* Makes room for the zones of `config` (may be NULL: none), in its order; zones[i].config is set.
 * The caller sets zones[i].slot, with at least the slot's name, then calls world_index() once, then
 * publishes. NULL: no memory. */
MUST_USE struct world *world_new(const struct config *config, uint64_t seed);
void world_index(struct world *w);
void world_free(struct world *w); /* neither config, slots nor own_networks; NULL is fine */
/* The deepest zone that owns `name` for a question of `type`: DS at an apex belongs to the zone
 * above, if we have one. NULL: none. */
const struct world_zone *world_find(const struct world *w, const uint8_t *name, uint16_t type);
/* Is there a zone of so many labels? */
static inline bool world_has_depth(const struct world *w, unsigned labels)
{
    return (w->depths[labels / 64] >> labels % 64 & 1) != 0;
}
/* The zone of exactly this name. */
const struct world_zone *world_exact(const struct world *w, const uint8_t *name);

#endif
