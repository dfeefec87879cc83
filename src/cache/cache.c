/* cache.c - RRsets that get old: the doors of the room.
 * Workers call get and put inside their epoch; whoever flushes or sweeps has a slot of its own.
 * Which shard, how long an entry lives and who may see it is decided here and in entry.c; how it is
 * kept in shard.c.
 *
 * The fence (CONVERGENCE.md): a zone's step is compared when something is put and each time
 * something is found, so an answer that was asked for before a change is neither kept nor given
 * after it, and forgetting a zone costs one store. */
#include "cache/cache.h"
#include "cache/shard.h"
#include "wire/name.h"
#include "wire/rdata.h"
#include <stdlib.h>

#define SHARDS_MOST 256
#define SHARD_LEAST 0x40000 /* 256 KiB: a smaller share would refuse large RRsets */
#define ROOM_LEAST  1024    /* of the bound, kept for what is on its way out */

static uint64_t limit_of(uint64_t bound);
static struct shard *shard_of(struct cache *c, const struct sought *s);
static bool is_fenced(const struct cache_zone *z, const struct cache_entry *e);
static bool get(struct cache *c, const struct cache_key *k, struct mono now, bool stale_ok,
                struct cache_found *out);
static bool is_usable(const struct cache *c, const struct cache_zone *z, const struct entry *e,
                      struct mono now);
static bool mark(const struct cache *c, struct entry *e, struct mono now);
static bool is_old(const struct cache *c, const struct entry *e, struct mono now);
static uint64_t sum(const struct cache *c, size_t member);

struct cache *cache_new(const struct cache_options *o)
{
    unsigned bits = 0;
    while ((2u << bits) <= SHARDS_MOST && (o->size >> (bits + 1)) >= SHARD_LEAST) {
        bits++;
    }
    unsigned shards = 1u << bits;
    size_t size = sizeof(struct cache) + shards * sizeof(struct shard);
    struct cache *c = aligned_alloc(_Alignof(struct cache), size);
    struct claims *claims = claims_new();
    if (c == NULL || claims == NULL) {
        claims_free(claims);
        free(c);
        return NULL;
    }
    *c = (struct cache){.options = *o, .claims = claims, .shards = shards, .shard_bits = bits};
    c->bound = o->size / shards;
    c->limit = limit_of(c->bound);
    atomic_init(&c->holds, 1);
    for (unsigned i = 0; i < shards; i++) {
        c->shard[i] = (struct shard){.live = 0};
    }
    return c;
}

/* A sixteenth is for what is retired but not yet freed. */
static uint64_t limit_of(uint64_t bound)
{
    uint64_t room = bound / 16 > ROOM_LEAST ? bound / 16 : ROOM_LEAST;
    return room < bound / 2 ? bound - room : bound / 2;
}

void cache_free(struct cache *c)
{
    if (c == NULL) {
        return;
    }
    for (unsigned i = 0; i < c->shards; i++) {
        shard_clear(&c->shard[i]);
    }
    claims_free(c->claims);
    cache_let_go(c);
}

void cache_let_go(struct cache *c)
{
    if (atomic_fetch_sub_explicit(&c->holds, 1, memory_order_acq_rel) == 1) {
        free(c);
    }
}

enum cache_put_status cache_put(struct cache *c, unsigned slot, const struct cache_key *k,
                                const struct cache_entry *e, struct mono now)
{
    if (is_fenced(k->zone, e)) {
        return CACHE_PUT_FENCED;
    }
    struct lifetime life = entry_lifetime(&c->options, e);
    if (e->stale || !mono_before(now, life.expires)) {
        return CACHE_PUT_ZERO;
    }
    struct cache_key key = *k;
    key.type = e->kind == CACHE_NXDOMAIN ? 0 : k->type;
    struct sought sought;
    sought_make(&sought, &key, c->options.seed);
    struct shard_put put = {
        .key = &key, .sought = &sought, .entry = e, .life = life, .slot = slot, .now = now};
    return shard_put(c, shard_of(c, &sought), &put);
}

static bool is_fenced(const struct cache_zone *z, const struct cache_entry *e)
{
    uint32_t known;
    if (e->step != atomic_load_explicit(&z->step, memory_order_acquire)) {
        return true;
    }
    return e->has_version &&
           cache_serial_get(atomic_load_explicit(&z->known, memory_order_acquire), &known) &&
           serial_older(e->version, known);
}

/* The table's places are of the low bits. */
static struct shard *shard_of(struct cache *c, const struct sought *s)
{
    return &c->shard[s->hash >> 48 & (c->shards - 1)];
}

bool cache_get(struct cache *c, const struct cache_key *k, struct mono now, bool stale_ok,
               struct cache_found *out)
{
    must(k->type != 0);
    return get(c, k, now, stale_ok, out);
}

static bool get(struct cache *c, const struct cache_key *k, struct mono now, bool stale_ok,
                struct cache_found *out)
{
    struct sought sought;
    sought_make(&sought, k, c->options.seed);
    struct entry *e = shard_find(shard_of(c, &sought), &sought);
    if (e == NULL || e->step != atomic_load_explicit(&k->zone->step, memory_order_acquire)) {
        return false;
    }
    if (!mono_before(now, e->expires) && !(stale_ok && is_usable(c, k->zone, e, now))) {
        return false;
    }
    entry_view(e, now, out);
    out->refresh = mark(c, e, now);
    return true;
}

/* RFC 8767 4, and not while no primary confirms that nothing has changed (CONVERGENCE.md, What a
 * cache forgets 7). */
static bool is_usable(const struct cache *c, const struct cache_zone *z, const struct entry *e,
                      struct mono now)
{
    return mono_before(now, mono_plus_s(e->expires, c->options.serve_stale_s)) &&
           !atomic_load_explicit(&z->unsure, memory_order_acquire);
}

/* Notes that it was asked for; true for the one asker that is to refresh it. Written only when
 * something changes: an entry that everybody asks for stays in every worker's own cache line. */
static bool mark(const struct cache *c, struct entry *e, struct mono now)
{
    const uint8_t both = MARK_VISITED | MARK_ASKED;
    uint8_t marks = atomic_load_explicit(&e->marks, memory_order_relaxed);
    if ((marks & both) != both) {
        atomic_fetch_or_explicit(&e->marks, both, memory_order_relaxed);
    }
    if ((marks & MARK_ASKED) == 0 || (marks & MARK_CLAIMED) != 0 || !is_old(c, e, now)) {
        return false;
    }
    return (atomic_fetch_or_explicit(&e->marks, MARK_CLAIMED, memory_order_relaxed) &
            MARK_CLAIMED) == 0;
}

/* In its last tenth (refresh_at)? An expired one is being asked for already. */
static bool is_old(const struct cache *c, const struct entry *e, struct mono now)
{
    int64_t left_ns = e->expires.ns - now.ns;
    return left_ns > 0 && left_ns <= e->ttl_s * (NS_PER_S / 100) * c->options.refresh_at;
}

/* RFC 8020: what does not exist has nothing below it. The apex is left out: that our zone does not
 * exist is no reason to deny all its names for hours, and each name asked gets its own answer. */
bool cache_get_nxdomain(struct cache *c, const struct cache_key *k, struct mono now, bool stale_ok,
                        struct cache_found *out)
{
    if (atomic_load_explicit(&c->denials, memory_order_relaxed) == 0) {
        return false;
    }
    struct cache_key key = {k->zone, k->name, 0, k->dnssec_ok};
    if (get(c, &key, now, stale_ok, out)) {
        return true;
    }
    unsigned labels = name_labels(k->name), least = name_labels(k->zone->apex);
    for (unsigned up = 1; c->options.nxdomain_covers_below && labels > least + up; up++) {
        key.name = name_up(k->name, up);
        if (get(c, &key, now, stale_ok, out)) {
            return true;
        }
    }
    return false;
}

unsigned cache_claim(struct cache *c, const struct cache_key *k, unsigned worker, bool *was_free)
{
    struct sought sought;
    sought_make(&sought, k, c->options.seed);
    return claims_take(c->claims, &sought, worker, was_free);
}

void cache_unclaim(struct cache *c, const struct cache_key *k, unsigned worker)
{
    struct sought sought;
    sought_make(&sought, k, c->options.seed);
    claims_give(c->claims, &sought, worker);
}

uint64_t cache_bytes(const struct cache *c)
{
    return sum(c, offsetof(struct shard, bytes));
}

uint64_t cache_entries(const struct cache *c)
{
    return sum(c, offsetof(struct shard, entries));
}

uint64_t cache_refused(const struct cache *c)
{
    return sum(c, offsetof(struct shard, refused));
}

uint64_t cache_evictions(const struct cache *c)
{
    return sum(c, offsetof(struct shard, evicted));
}

static uint64_t sum(const struct cache *c, size_t member)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < c->shards; i++) {
        const char *shard = (const char *)&c->shard[i];
        n += atomic_load_explicit((const _Atomic uint64_t *)(const void *)(shard + member),
                                  memory_order_relaxed);
    }
    return n;
}
