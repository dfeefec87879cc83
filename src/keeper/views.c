/* views.c - what control/ is shown of the keeper: values that point into it until the next step. */
#include "keeper/kept.h"
#include <string.h>

static bool follows(const struct kept *z);
static const char *activity(const struct kept *z);
static bool restoring(const struct kept *z);
static bool next_by_itself(const struct kept *z, struct now now, struct wall *next);

unsigned keeper_zone_count(const struct keeper *k)
{
    return k->world == NULL ? 0 : k->world->count;
}

unsigned keeper_zones_in_order(const struct keeper *k, size_t *numbers, unsigned room)
{
    unsigned n = keeper_zone_count(k);
    for (unsigned i = 0; i < n && i < room; i++)
        numbers[i] = k->world->zones[i].slot->number;
    return n < room ? n : room;
}

size_t keeper_zone_number(const struct keeper *k, unsigned index)
{
    return k->world->zones[index].slot->number;
}

bool keeper_find(const struct keeper *k, const uint8_t *name, size_t *number)
{
    const struct world_zone *w = k->world == NULL ? NULL : world_exact(k->world, name);
    if (w == NULL)
        return false;
    *number = w->slot->number;
    return true;
}

const struct ledger *keeper_ledger(const struct keeper *k, size_t number)
{
    const struct ledger *l = k->zones[number]->ledger;
    return l != NULL ? l : ledger_resting();
}

const struct ledger *keeper_history(const struct keeper *k, size_t number, struct now now)
{
    return ledgers_wake(k, k->zones[number], now) ? k->zones[number]->ledger : ledger_resting();
}

const char *keeper_unwatched(const struct keeper *k, size_t number, unsigned index)
{
    return k->zones[number]->unwatched[index];
}

bool kept_serial(const struct kept *z, uint32_t *serial)
{
    if (z->config->role == ROLE_CACHE)
        return follow_serial(z, serial);
    if (z->current == NULL)
        return false;
    *serial = zone_serial(z->current);
    return true;
}

bool keeper_zone(const struct keeper *k, size_t number, struct now now,
                 struct keeper_zone_view *out)
{
    if (number >= k->zone_count || k->zones[number]->removed)
        return false;
    struct kept *z = k->zones[number];
    unwatched_look(k, z);
    *out = (struct keeper_zone_view){
        .number = number,
        .name = z->name,
        .config = z->config,
        .slot = z->slot,
        .version = z->current,
        .role = z->config->role,
        .state = (enum slot_state)atomic_load_explicit(&z->slot->state, memory_order_relaxed),
        .activity = activity(z),
        .since = z->since,
        .refreshed = z->row.refreshed,
        .error = kept_error(z),
        .report = kept_report(z),
        .held = z->held,
        .follows = follows(z),
        .restoring = restoring(z),
        .unwatched_count = z->unwatched_count,
    };
    out->has_serial = kept_serial(z, &out->serial);
    out->has_next = next_by_itself(z, now, &out->next);
    if (z->config->role == ROLE_SECONDARY && z->current != NULL)
        out->expires = z->row.expires;
    if (z->current != NULL) {
        out->records = zone_records(z->current);
        out->bytes = z->job ? z->line_bytes : zone_line_bytes(z->line); /* the job's meanwhile */
    }
    return true;
}

/* Until it is known: it means to. */
static bool follows(const struct kept *z)
{
    bool known = z->pull != NULL && z->pull->follow_known;
    return known ? z->pull->follows : z->config->rules->follow;
}

static const char *activity(const struct kept *z)
{
    static const char *const refresh[] = {[REFRESH_CHECKING] = "checking",
                                          [REFRESH_FETCHING] = "fetching",
                                          [REFRESH_TAKING] = "building"};
    if (z->adoption != NULL)
        return "committing";
    if (z->pull != NULL && z->pull->refresh.step != REFRESH_IDLE)
        return refresh[z->pull->refresh.step];
    if (z->reading.running || restoring(z))
        return "reading";
    if (z->held)
        return "held";
    return "idle";
}

static bool restoring(const struct kept *z)
{
    return z->config->role == ROLE_SECONDARY && z->row.image != 0 && z->current == NULL &&
           atomic_load_explicit(&z->slot->state, memory_order_relaxed) == SLOT_LOADING;
}

static bool next_by_itself(const struct kept *z, struct now now, struct wall *next)
{
    if (z->pull == NULL || !due_is_set(&z->pull->refresh.due))
        return false;
    next->ms = now.wall.ms + mono_ms_between(now.mono, z->pull->refresh.due.at);
    return true;
}
