/* cache_fixture.h - what the cache's tests share: a cache with one zone, and short ways to put and
 * get. */
#ifndef SETTLED_TESTS_UNIT_CACHE_FIXTURE_H
#define SETTLED_TESTS_UNIT_CACHE_FIXTURE_H

#include "base/buf.h"
#include "cache/cache.h"
#include "cases.h"
#include "wire/name.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <stdio.h>
#include <string.h>

#define FIXTURE_SLOTS 4

struct fixture {
    struct epoch *epoch;
    struct cache *cache;
    struct cache_zone *zone;
    struct name name; /* of the last key */
};

static inline struct cache_options fixture_options(void)
{
    return (struct cache_options){.size = 1 << 20,
                                  .max_ttl_s = 86400,
                                  .max_negative_ttl_s = 10800,
                                  .serve_stale_s = 86400,
                                  .refresh_at = 10,
                                  .seed = 7,
                                  .nxdomain_covers_below = true};
}

static inline void fixture_start(struct fixture *f, struct cache_options o)
{
    struct name apex;
    ck_assert(name_from("example.com", &apex));
    f->epoch = epoch_new(FIXTURE_SLOTS);
    o.epoch = f->epoch;
    f->cache = cache_new(&o);
    f->zone = cache_zone_new(1, apex.octets, 0);
    ck_assert(f->cache != NULL && f->zone != NULL);
    epoch_enter(f->epoch, 0);
}

static inline void fixture_stop(struct fixture *f)
{
    epoch_leave(f->epoch, 0);
    cache_free(f->cache);
    epoch_free(f->epoch);
    cache_zone_free(f->zone);
}

/* Lets everything that was retired go. */
static inline void fixture_pass(struct fixture *f)
{
    epoch_leave(f->epoch, 0);
    ck_assert_uint_eq(epoch_sweep(f->epoch, 0, 1000000), 0);
    epoch_enter(f->epoch, 0);
}

static inline struct mono at_ms(int64_t ms)
{
    return (struct mono){ms * NS_PER_MS};
}

static inline struct cache_key fixture_key(struct fixture *f, const char *name, uint16_t type)
{
    ck_assert(name_from(name, &f->name));
    return (struct cache_key){.zone = f->zone, .name = f->name.octets, .type = type};
}

static const uint8_t fixture_address[] = {0, 4, 192, 0, 2, 1};

/* An address record, asked at time 0. */
static inline struct cache_entry fixture_entry(uint32_t ttl_s)
{
    return (struct cache_entry){
        .kind = CACHE_RRSET,
        .set = {TYPE_A, 1, ttl_s, sizeof fixture_address, fixture_address},
    };
}

static inline struct cache_entry fixture_denial(enum cache_kind kind, uint32_t ttl_s)
{
    return (struct cache_entry){.kind = kind, .ttl_s = ttl_s};
}

static inline enum cache_put_status fixture_put(struct fixture *f, const char *name,
                                                const struct cache_entry *e, int64_t ms)
{
    struct cache_key k = fixture_key(f, name, TYPE_A);
    return cache_put(f->cache, 0, &k, e, at_ms(ms));
}

static inline bool fixture_get(struct fixture *f, const char *name, int64_t ms,
                               struct cache_found *found)
{
    struct cache_key k = fixture_key(f, name, TYPE_A);
    return cache_get(f->cache, &k, at_ms(ms), false, found);
}

#endif
