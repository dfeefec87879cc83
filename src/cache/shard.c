/* shard.c - one part of the cache: finding, putting, evicting, taking out.
 *
 * Bytes: `live` is what is in the table (and the table), `bytes` also what was retired and is not
 * yet freed. A put makes room while live is above the limit, and is refused when bytes would pass
 * the bound: so the bound holds whatever readers do, and the difference is what may be on its way
 * out.
 *
 * Who goes is chosen by SIEVE: the hand walks the places, clears `visited`, and takes the first
 * entry that nobody visited since it passed. Places are in the order of a hash, not of age: that
 * costs no link in an entry, and every entry is passed once a round all the same.
 *
 * What is taken out lies in a grave of up to 30 entries, handed to the epoch when it is full or
 * heavy, or at the next sweep: so an entry needs no room for a `struct retired`. */
#include "cache/shard.h"
#include <stdlib.h>

#define FIRST_SLOTS  8
#define GRAVE_PLACES 30
#define GRAVE_WEIGHT 64 /* this part of the shard's bound is heavy */
#define HAND_ENTRIES 64 /* visited entries the hand passes for one eviction; then the next goes */
#define HAND_PLACES  4096
#define EVICT_MOST   64 /* for one put: a large RRset may be refused a few times before it fits */
#define FIND_TRIES   8  /* searches again after a gap was closed meanwhile; then it is a miss */

struct grave {
    struct retired retired;
    struct cache *cache;
    struct shard *shard;
    uint64_t bytes; /* of the entries, and of the grave itself */
    unsigned count;
    struct entry *entries[GRAVE_PLACES];
};

static bool is_newer(const struct entry *there, const struct shard_put *p);
static enum cache_put_status put_built(struct cache *c, struct shard *s, const struct shard_put *p,
                                       struct entry *e);
static bool make_room(struct cache *c, struct shard *s, const struct shard_put *p, uint64_t need);
static bool fits(const struct cache *c, const struct shard *s, uint64_t need);
static bool make_place(struct cache *c, struct shard *s, const struct shard_put *p);
static bool grow(struct cache *c, struct shard *s, unsigned slot);
static bool evict(struct cache *c, struct shard *s, const struct shard_put *p);
static uint32_t choose(struct cache *c, struct shard *s, struct mono now);
static void replace(struct cache *c, struct shard *s, uint32_t place, struct entry *e);
static void insert(struct cache *c, struct shard *s, const struct sought *sought, struct entry *e);
static void take_out(struct cache *c, struct shard *s, uint32_t place);
static bool grave_ready(struct cache *c, struct shard *s, unsigned slot);
static void bury(struct shard *s, struct entry *e);
static void hand_over(struct cache *c, struct shard *s, unsigned slot);
static void free_grave(struct retired *r, void *ctx);
static void free_table(struct retired *r, void *ctx);
static struct table *table_of(struct shard *s);
static void add(_Atomic uint64_t *to, uint64_t n);
static void take(_Atomic uint64_t *from, uint64_t n);
static uint64_t denials_in(const struct entry *e);

void shard_clear(struct shard *s)
{
    struct table *t = table_of(s);
    for (uint32_t i = 0; t != NULL && i <= t->mask; i++) {
        entry_free(table_at(t, i));
    }
    for (unsigned i = 0; s->grave != NULL && i < s->grave->count; i++) {
        entry_free(s->grave->entries[i]);
    }
    table_free(t);
    free(s->grave);
}

struct entry *shard_find(struct shard *s, const struct sought *sought)
{
    for (unsigned tries = 0; tries < FIND_TRIES; tries++) {
        uint32_t moved = atomic_load_explicit(&s->moved, memory_order_seq_cst);
        const struct table *t = table_of(s);
        struct entry *e = t != NULL ? table_find(t, sought) : NULL;
        if (e != NULL) {
            return e;
        }
        if (moved % 2 == 0 && atomic_load_explicit(&s->moved, memory_order_seq_cst) == moved) {
            return NULL;
        }
    }
    return NULL;
}

static struct table *table_of(struct shard *s)
{
    return atomic_load_explicit(&s->table, memory_order_seq_cst);
}

enum cache_put_status shard_put(struct cache *c, struct shard *s, const struct shard_put *p)
{
    struct entry *e = entry_new(p->key, p->entry, p->life);
    enum cache_put_status status = CACHE_PUT_FULL;
    if (e != NULL) {
        lock_take(&s->lock);
        status = put_built(c, s, p, e);
        lock_give(&s->lock);
    }
    if (status == CACHE_PUT_FULL) {
        entry_free(e);
        add(&s->refused, 1);
    }
    return status;
}

static enum cache_put_status put_built(struct cache *c, struct shard *s, const struct shard_put *p,
                                       struct entry *e)
{
    struct table *t = table_of(s);
    uint32_t place = t != NULL ? table_place(t, p->sought) : TABLE_NONE;
    if (place != TABLE_NONE && is_newer(table_at(t, place), p)) {
        entry_free(e);
        return CACHE_PUT;
    }
    uint64_t need = entry_bytes(e);
    if (!make_room(c, s, p, need) || !grave_ready(c, s, p->slot) || !fits(c, s, need)) {
        return CACHE_PUT_FULL;
    }
    t = table_of(s);
    place = t != NULL ? table_place(t, p->sought) : TABLE_NONE; /* evicting moved things */
    if (place != TABLE_NONE) {
        replace(c, s, place, e);
        return CACHE_PUT;
    }
    if (!make_place(c, s, p) || !fits(c, s, need)) {
        return CACHE_PUT_FULL;
    }
    insert(c, s, p->sought, e);
    return CACHE_PUT;
}

/* Two answers may overtake each other: what was asked later stays. */
static bool is_newer(const struct entry *there, const struct shard_put *p)
{
    struct mono asked = {there->expires.ns - there->ttl_s * NS_PER_S};
    return there->step == p->entry->step && mono_before(p->entry->asked, asked) &&
           mono_before(p->now, there->expires);
}

static bool make_room(struct cache *c, struct shard *s, const struct shard_put *p, uint64_t need)
{
    for (unsigned i = 0; i < EVICT_MOST && s->live + need > c->limit; i++) {
        if (!evict(c, s, p)) {
            return false;
        }
    }
    return fits(c, s, need);
}

/* Asked last of all: a grave and a larger table take room, too. */
static bool fits(const struct cache *c, const struct shard *s, uint64_t need)
{
    return s->live + need <= c->limit &&
           atomic_load_explicit(&s->bytes, memory_order_relaxed) + need <= c->bound;
}

/* A place in the table for one more. */
static bool make_place(struct cache *c, struct shard *s, const struct shard_put *p)
{
    struct table *t = table_of(s);
    if (t != NULL && !table_is_full(t)) {
        return true;
    }
    return grow(c, s, p->slot) || (t != NULL && evict(c, s, p));
}

static bool grow(struct cache *c, struct shard *s, unsigned slot)
{
    struct table *old = table_of(s);
    uint32_t slots = old != NULL ? (old->mask + 1) * 2 : FIRST_SLOTS;
    uint64_t need = table_need(slots), less = old != NULL ? table_need(old->mask + 1) : 0;
    if (atomic_load_explicit(&s->bytes, memory_order_relaxed) + need > c->bound ||
        s->live + need - less > c->limit) {
        return false;
    }
    struct table *t = table_new(slots, &s->bytes);
    if (t == NULL) {
        return false;
    }
    if (old != NULL) {
        table_copy(t, old);
    }
    atomic_store_explicit(&s->table, t, memory_order_seq_cst);
    s->live += need - less;
    s->hand = 0;
    add(&s->bytes, need);
    if (old != NULL) {
        atomic_fetch_add_explicit(&c->holds, 1, memory_order_relaxed);
        epoch_retire(c->options.epoch, slot, &old->retired, free_table, c);
    }
    return true;
}

static bool evict(struct cache *c, struct shard *s, const struct shard_put *p)
{
    uint32_t place = choose(c, s, p->now);
    if (place == TABLE_NONE || !grave_ready(c, s, p->slot)) {
        return false;
    }
    take_out(c, s, place);
    add(&s->evicted, 1);
    return true;
}

/* SIEVE's hand. An entry that is of no use to anybody goes before its turn. */
static uint32_t choose(struct cache *c, struct shard *s, struct mono now)
{
    struct table *t = table_of(s);
    unsigned passed = 0;
    for (uint32_t i = 0; t != NULL && i < HAND_PLACES; i++, s->hand++) {
        s->hand &= t->mask;
        struct entry *e = table_at(t, s->hand);
        if (e == NULL) {
            continue;
        }
        uint8_t marks = atomic_load_explicit(&e->marks, memory_order_relaxed);
        if ((marks & MARK_VISITED) == 0 || passed == HAND_ENTRIES ||
            entry_is_dead(e, &c->options, now)) {
            return s->hand;
        }
        atomic_fetch_and_explicit(&e->marks, (uint8_t)~MARK_VISITED, memory_order_relaxed);
        passed++;
    }
    return TABLE_NONE;
}

static void replace(struct cache *c, struct shard *s, uint32_t place, struct entry *e)
{
    struct table *t = table_of(s);
    struct entry *old = table_at(t, place);
    uint64_t need = entry_bytes(e);
    table_set(t, place, e);
    s->live += need;
    s->live -= entry_bytes(old);
    add(&s->bytes, need);
    add(&c->denials, denials_in(e));
    take(&c->denials, denials_in(old));
    bury(s, old);
}

static void insert(struct cache *c, struct shard *s, const struct sought *sought, struct entry *e)
{
    uint64_t need = entry_bytes(e);
    add(&c->denials, denials_in(e)); /* before it can be found */
    table_add(table_of(s), tag_of(sought->hash), e);
    s->live += need;
    add(&s->bytes, need);
    add(&s->entries, 1);
}

/* The grave must be ready. */
static void take_out(struct cache *c, struct shard *s, uint32_t place)
{
    struct table *t = table_of(s);
    struct entry *e = table_at(t, place);
    atomic_fetch_add_explicit(&s->moved, 1, memory_order_seq_cst);
    table_remove(t, place);
    atomic_fetch_add_explicit(&s->moved, 1, memory_order_seq_cst);
    s->live -= entry_bytes(e);
    take(&s->entries, 1);
    take(&c->denials, denials_in(e));
    bury(s, e);
}

static uint64_t denials_in(const struct entry *e)
{
    return (e->flags & FLAG_NXDOMAIN) != 0 ? 1 : 0;
}

/* A grave with a free place. Its memory counts, so at the very bound there may be none until
 * something is freed. */
static bool grave_ready(struct cache *c, struct shard *s, unsigned slot)
{
    struct grave *g = s->grave;
    if (g != NULL && (g->count == GRAVE_PLACES || g->bytes > c->bound / GRAVE_WEIGHT)) {
        hand_over(c, s, slot);
    }
    if (s->grave != NULL) {
        return true;
    }
    uint64_t need = memory_of(sizeof *g);
    if (atomic_load_explicit(&s->bytes, memory_order_relaxed) + need > c->bound) {
        return false;
    }
    g = malloc(sizeof *g);
    if (g == NULL) {
        return false;
    }
    *g = (struct grave){.cache = c, .shard = s, .bytes = need};
    s->grave = g;
    add(&s->bytes, need);
    return true;
}

static void bury(struct shard *s, struct entry *e)
{
    struct grave *g = s->grave;
    must(g != NULL && g->count < GRAVE_PLACES);
    g->entries[g->count++] = e;
    g->bytes += entry_bytes(e);
}

static void hand_over(struct cache *c, struct shard *s, unsigned slot)
{
    struct grave *g = s->grave;
    s->grave = NULL;
    if (g != NULL) {
        atomic_fetch_add_explicit(&c->holds, 1, memory_order_relaxed);
        epoch_retire(c->options.epoch, slot, &g->retired, free_grave, g);
    }
}

static void free_grave(struct retired *r, void *ctx)
{
    struct grave *g = ctx;
    must(r == &g->retired);
    for (unsigned i = 0; i < g->count; i++) {
        entry_free(g->entries[i]);
    }
    take(&g->shard->bytes, g->bytes);
    cache_let_go(g->cache);
    free(g);
}

static void free_table(struct retired *r, void *ctx)
{
    struct table *t = (struct table *)r; /* its first member */
    take(t->bytes, table_need(t->mask + 1));
    cache_let_go(ctx);
    table_free(t);
}

bool shard_sift(struct cache *c, struct shard *s, const struct shard_sift *how, uint32_t *place,
                uint64_t *taken)
{
    lock_take(&s->lock);
    struct table *t = table_of(s);
    for (unsigned i = 0; t != NULL && *place <= t->mask && i < how->most; i++) {
        struct entry *e = table_at(t, *place);
        if (e == NULL || !how->goes(c, how->ctx, e) || !grave_ready(c, s, how->slot)) {
            ++*place;
            continue;
        }
        take_out(c, s, *place); /* another one may stand here now */
        ++*taken;
    }
    bool more = t != NULL && *place <= t->mask;
    hand_over(c, s, how->slot);
    lock_give(&s->lock);
    return more;
}

static void add(_Atomic uint64_t *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static void take(_Atomic uint64_t *from, uint64_t n)
{
    atomic_fetch_sub_explicit(from, n, memory_order_relaxed);
}
