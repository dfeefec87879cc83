/* shard.h - private to cache/: the cache's memory, and one of its up to 256 shards with lock,
 * table, share of the bound and SIEVE hand. Finding takes no lock; everything else takes the
 * shard's and does a bounded amount of work under it. Callers are inside their epoch. */
#ifndef SETTLED_CACHE_SHARD_H
#define SETTLED_CACHE_SHARD_H

#include "cache/claim.h"
#include "cache/entry.h"
#include "cache/lock.h"
#include "cache/table.h"

struct grave;
struct shard {
    _Alignas(64) struct lock lock;
    _Atomic(struct table *) table; /* NULL until the first entry */
    _Atomic uint32_t moved;        /* odd while the table closes a gap */
    _Atomic uint64_t bytes;        /* entries, tables, and what is retired but not yet freed */
    _Atomic uint64_t entries, evicted, refused;
    /* under the lock: */
    uint64_t live;       /* of bytes: what is not retired */
    uint32_t hand;       /* SIEVE: the place to look at next */
    struct grave *grave; /* taken out of the table, not yet handed to the epoch */
};
struct cache {
    struct cache_options options;
    uint64_t bound, limit;    /* of one shard: most bytes, and most of them live */
    _Atomic uint32_t holds;   /* cache_free, and everything retired: the last one frees the cache */
    _Atomic uint64_t denials; /* NXDOMAIN entries: while there are none, RFC 8020 costs nothing */
    struct claims *claims;
    struct { /* where cache_sweep goes on */
        struct lock lock;
        unsigned shard;
        uint32_t place;
    } sweep;
    unsigned shard_bits;
    unsigned shards;
    struct shard shard[];
};

struct shard_put {
    const struct cache_key *key;
    const struct sought *sought;
    const struct cache_entry *entry;
    struct lifetime life;
    unsigned slot; /* of the epoch */
    struct mono now;
};
struct shard_sift { /* which entries are taken out */
    bool (*goes)(const struct cache *c, const void *ctx, const struct entry *e);
    const void *ctx;
    unsigned slot;
    unsigned most; /* places to look at */
};

void cache_let_go(struct cache *c); /* gives one hold back */
/* Frees all entries at once: nobody reads any more. */
void shard_clear(struct shard *s);
struct entry *shard_find(struct shard *s, const struct sought *sought);
enum cache_put_status shard_put(struct cache *c, struct shard *s, const struct shard_put *p);
/* Looks at places from *place on, moves *place, adds to *taken; hands to the epoch what was taken
 * out. False: that was the last place. */
bool shard_sift(struct cache *c, struct shard *s, const struct shard_sift *how, uint32_t *place,
                uint64_t *taken);

#endif
