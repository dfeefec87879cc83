/* zone.h - what workers know of one cache zone: which step its entries must be of, the serial it is
 * coherent with, and its primaries with the serial each was last seen at. The keeper writes the
 * atomics; anybody reads them. */
#ifndef SETTLED_CACHE_ZONE_H
#define SETTLED_CACHE_ZONE_H

#include "base/addr.h"
#include "base/must.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct cache_origin { /* one address of one primary */
    struct addr address, via;
    bool has_via;
    _Atomic uint64_t seen; /* 0: never; else 1 << 32 | serial it last answered with */
    _Atomic bool failing;  /* the keeper's last question to it was not answered */
};
struct cache_zone {
    uint32_t id; /* part of every key: never used again after the zone is gone */
    const uint8_t *apex;
    bool root; /* plain forwarding of everything else */
    /* Ask with RD=1: the primaries are caches or resolvers (or not known to answer with AA yet). */
    _Atomic bool recursive;
    /* Grows with every change of the zone: entries of an older step are forgotten. */
    _Atomic uint32_t step;
    /* 0: not (yet); else 1 << 32 | serial every answer given is at least as new as. */
    _Atomic uint64_t coherent;
    /* The same form: newest serial the keeper knows of (the fence), at or above coherent. */
    _Atomic uint64_t known;
    /* No primary answers the SOA poll: stale answers are not served (CONVERGENCE.md 7). */
    _Atomic bool unsure;
    unsigned origin_count;
    struct cache_origin origins[];
};

/* Zeroed but for what is given; NULL: no memory. The caller fills origins[]; `apex` is copied
 * behind them. Entries point to their zone: it is freed after the cache, or never. */
MUST_USE struct cache_zone *cache_zone_new(uint32_t id, const uint8_t *apex, unsigned origin_count);
void cache_zone_free(struct cache_zone *z);
static inline uint64_t cache_serial(uint32_t serial)
{
    return UINT64_C(1) << 32 | serial;
}
static inline bool cache_serial_get(uint64_t value, uint32_t *serial)
{
    *serial = (uint32_t)value;
    return value >> 32 != 0;
}

#endif
