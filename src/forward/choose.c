/* choose.c - which primary is asked next. Pure but for the dice.
 * A server that lags behind may be asked as well: its answer shows its version, or is not believed
 * (attempt.c). */
#include "forward/choose.h"
#include "wire/rdata.h"

#define EXPLORE 32 /* one question in so many may go to a slower server */

/* What speaks against a server, the worst first; all of one line count less than one of the line
 * above. */
#define COST_TRIED   ((int64_t)1 << 40)
#define COST_LAGS    ((int64_t)1 << 39)
#define COST_FAILING ((int64_t)1 << 38)
#define COST_SILENT  ((int64_t)1 << 37)

static int64_t cost_of(const struct choice *c, unsigned origin, bool explore);

unsigned choose_origin(const struct choice *c)
{
    bool explore = rand_below(c->rand, EXPLORE) == 0;
    int64_t best = INT64_MAX;
    unsigned chosen = CHOOSE_NONE;
    for (unsigned i = 0; i < c->zone->origin_count && i < CHOOSE_ORIGINS; i++) {
        int64_t cost = c->tried[i] < CHOOSE_TRIES ? cost_of(c, i, explore) : INT64_MAX;
        if (cost < best) {
            best = cost;
            chosen = i;
        }
    }
    return chosen;
}

static int64_t cost_of(const struct choice *c, unsigned origin, bool explore)
{
    const struct cache_origin *o = &c->zone->origins[origin];
    const struct habit *h = habit_of(c->habits, &o->address);
    int64_t cost = c->tried[origin] * COST_TRIED;
    cost += origin_is_current(c->zone, origin) ? 0 : COST_LAGS;
    cost += atomic_load_explicit(&o->failing, memory_order_relaxed) ? COST_FAILING : 0;
    if (h != NULL && mono_before(c->now, h->avoid_until)) {
        cost += COST_SILENT;
    }
    if (explore) {
        return cost + (int64_t)rand_below(c->rand, 1000);
    }
    return cost + (h != NULL ? h->srtt_us : HABIT_UNKNOWN_US);
}

bool origin_is_current(const struct cache_zone *z, unsigned origin)
{
    uint32_t known, seen;
    if (!cache_serial_get(atomic_load_explicit(&z->known, memory_order_acquire), &known)) {
        return true;
    }
    uint64_t last = atomic_load_explicit(&z->origins[origin].seen, memory_order_acquire);
    return cache_serial_get(last, &seen) && !serial_older(seen, known);
}
