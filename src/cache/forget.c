/* forget.c - taking entries out by hand (settlectl flush), and clearing away what nobody can be
 * given any more. Any thread with a slot of the epoch. Forgetting looks at every entry and holds a
 * shard's lock while it goes through it, so that nothing slips past by moving; sweeping goes a
 * slice at a time. */
#include "cache/shard.h"
#include "wire/name.h"
#include <limits.h>

struct flush {
    uint32_t zone;
    const uint8_t *name;
    uint16_t type; /* 0: all */
    bool below;
};

static bool is_flushed(const struct cache *c, const void *ctx, const struct entry *e);
static bool sweep_on(struct cache *c, unsigned slot, struct mono now, unsigned *done,
                     unsigned most);
static bool is_swept(const struct cache *c, const void *ctx, const struct entry *e);

uint64_t cache_forget(struct cache *c, unsigned slot, const struct cache_zone *z,
                      const uint8_t *name, uint16_t type, bool below)
{
    struct flush flush = {.zone = z->id, .name = name, .type = type, .below = below};
    struct shard_sift how = {.goes = is_flushed, .ctx = &flush, .slot = slot, .most = UINT_MAX};
    uint64_t taken = 0;
    for (unsigned i = 0; i < c->shards; i++) {
        uint32_t place = 0;
        must(!shard_sift(c, &c->shard[i], &how, &place, &taken));
    }
    return taken;
}

/* A denial of the name denies every type of it. */
static bool is_flushed(const struct cache *c, const void *ctx, const struct entry *e)
{
    const struct flush *f = ctx;
    (void)c;
    return e->zone->id == f->zone && (f->type == 0 || e->type == 0 || e->type == f->type) &&
           (f->below ? name_at_or_below(e->octets, f->name) : name_same(e->octets, f->name));
}

bool cache_sweep(struct cache *c, unsigned slot, struct mono now, unsigned most)
{
    bool more = true;
    lock_take(&c->sweep.lock);
    for (unsigned done = 0; more && done < most;) {
        more = sweep_on(c, slot, now, &done, most);
    }
    lock_give(&c->sweep.lock);
    return more;
}

/* Goes on in the shard where the last slice ended. False: that was the end of the last shard. */
static bool sweep_on(struct cache *c, unsigned slot, struct mono now, unsigned *done, unsigned most)
{
    struct shard_sift how = {.goes = is_swept, .ctx = &now, .slot = slot, .most = most - *done};
    uint32_t from = c->sweep.place;
    uint64_t taken = 0;
    bool more = shard_sift(c, &c->shard[c->sweep.shard], &how, &c->sweep.place, &taken);
    *done += c->sweep.place - from + (unsigned)taken + 1;
    if (more) {
        return true;
    }
    c->sweep.place = 0;
    c->sweep.shard = (c->sweep.shard + 1) % c->shards;
    return c->sweep.shard != 0;
}

static bool is_swept(const struct cache *c, const void *ctx, const struct entry *e)
{
    const struct mono *now = ctx;
    return entry_is_dead(e, &c->options, *now);
}
