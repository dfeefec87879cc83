/* kept.c - one zone that is kept, from the configuration that brings it to the one without it, and
 * the end of its versions. What is replaced goes through the epoch. The slot of a zone that went
 * stays allocated until the end: a question on its way upstream may still name it. */
#include "keeper/kept.h"
#include <stdlib.h>
#include <string.h>

#define RECLAIM_NODES   10000 /* freed in one turn at most (DESIGN.md, reclaiming) */
#define RECLAIM_BUSY_MS 50    /* a job has the line: look again */

struct retired_version {
    struct retired retired;
    struct keeper *k;
    struct kept *zone;
    struct zone_version *version;
};

static bool kept_fill(struct turn *t, struct kept *z);
static struct slot *slot_new(const uint8_t *name);
static struct pull *pull_new(struct kept *z);
static bool make_cache_zone(struct keeper *k, struct kept *z);
static void make_row(struct keeper *k, struct kept *z, const struct journal_zone *known);
static bool make_targets(struct pull *pull, const struct config_peers *primaries);
static void forget_above(const struct keeper *k, const uint8_t *name);
static void free_version(struct retired *retired, void *ctx);
static void pull_free(struct keeper *k, struct pull *p);

struct kept *kept_new(struct turn *t, const struct config_zone *config, const struct known *known)
{
    size_t size = strlen(config->text) + 1;
    struct kept *z = calloc(1, sizeof *z + size);
    if (z == NULL)
        return NULL;
    memcpy(z->name, config->text, size);
    z->config = config;
    z->reading.due = (struct due){.kind = DUE_READ, .owner = z};
    z->ledger_due = (struct due){.kind = DUE_LEDGER, .owner = z};
    z->reclaim_due = (struct due){.kind = DUE_RECLAIM, .owner = z};
    make_row(t->k, z, known_find(known, config->name));
    if (kept_fill(t, z))
        return z;
    kept_free(t->k, z);
    return NULL;
}

static bool kept_fill(struct turn *t, struct kept *z)
{
    const struct config_zone *config = z->config;
    bool cache = config->role == ROLE_CACHE;
    z->slot = slot_new(config->name);
    if (z->slot == NULL)
        return false;
    if (config->role != ROLE_PRIMARY && (z->pull = pull_new(z)) == NULL)
        return false;
    z->row.name = z->slot->name;
    atomic_store(&z->slot->state, cache ? SLOT_SERVING : SLOT_LOADING);
    if (cache && !make_cache_zone(t->k, z))
        return false;
    if (!cache)
        z->line = zone_line_new(z->slot->name, rand_u64(&t->k->rand));
    return (cache || z->line != NULL) && ledgers_begin(t, z);
}

static struct slot *slot_new(const uint8_t *name)
{
    size_t len = name_len(name);
    struct slot *slot = calloc(1, sizeof *slot + len);
    if (slot == NULL)
        return NULL;
    slot->name = memcpy(slot + 1, name, len); /* in lower case, as all of the configuration */
    slot->labels = (uint8_t)name_labels(name);
    return slot;
}

static struct pull *pull_new(struct kept *z)
{
    struct pull *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->refresh.due = (struct due){.kind = DUE_REFRESH, .owner = z};
    p->expire_due = (struct due){.kind = DUE_EXPIRE, .owner = z};
    p->fetch.due = (struct due){.kind = DUE_FETCH, .owner = z};
    p->confirm_due = (struct due){.kind = DUE_CONFIRM, .owner = z};
    if (make_targets(p, &z->config->rules->primaries))
        return p;
    free(p);
    return NULL;
}

static bool make_cache_zone(struct keeper *k, struct kept *z)
{
    const struct pull *p = z->pull;
    struct cache_zone *c = cache_zone_new(k->next_cache_id++, z->slot->name, p->target_count);
    if (c == NULL)
        return false;
    c->root = z->slot->labels == 0;
    atomic_store(&c->recursive, !z->config->rules->follow);
    for (unsigned i = 0; i < p->target_count; i++) {
        c->origins[i].address = p->targets[i].to;
        c->origins[i].via = p->targets[i].via;
        c->origins[i].has_via = p->targets[i].via.family != 0;
    }
    z->slot->cache = c;
    return true;
}

static void make_row(struct keeper *k, struct kept *z, const struct journal_zone *known)
{
    if (known != NULL)
        z->row = *known;
    if (z->config->role == ROLE_CACHE && z->row.role == ROLE_PRIMARY)
        z->row.has_serial = false; /* the serials of its primaries are others */
    if (z->row.id == 0)
        z->row.id = k->next_zone_id++;
    z->row.role = (uint8_t)z->config->role;
    z->since = z->row.committed;
    if (z->config->role != ROLE_SECONDARY)
        z->row.expires = z->row.refreshed = (struct wall){0};
}

static bool make_targets(struct pull *pull, const struct config_peers *primaries)
{
    unsigned n = 0;
    free(pull->targets);
    for (unsigned i = 0; i < primaries->count; i++)
        n += primaries->items[i]->address_count;
    pull->targets = calloc(n + 1, sizeof *pull->targets);
    pull->target_count = 0;
    for (unsigned i = 0; pull->targets != NULL && i < primaries->count; i++) {
        const struct config_peer *p = primaries->items[i];
        for (unsigned j = 0; j < p->address_count; j++)
            pull->targets[pull->target_count++] = (struct target){
                .peer = p, .to = p->address[j], .via = p->has_via ? p->via : (struct addr){0}};
    }
    return pull->targets != NULL;
}

void kept_start(struct turn *t, struct kept *z)
{
    forget_above(t->k, z->slot->name);
    switch (z->config->role) {
    case ROLE_PRIMARY: /* worlds_go_on() has it read */
        break;
    case ROLE_SECONDARY:
        adopt_old_image(t, z);
        if (!restore_start(t, z))
            refresh_start(t, z);
        break;
    case ROLE_CACHE:
        if (z->config->rules->follow) {
            follow_start(z);
            refresh_start(t, z);
        }
        break;
    }
}

/* The same zone under a new configuration: its peers are new objects in any case; the rest only
 * if an option of it changed. */
void kept_update(struct turn *t, struct kept *z, const struct config_zone *config)
{
    bool changed = z->config->hash != config->hash;
    z->config = config;
    if (z->pull != NULL && !make_targets(z->pull, &config->rules->primaries))
        t->actions->failed = true;
    if (!followers_set(t, z))
        t->actions->failed = true;
    if (z->current != NULL || config->role == ROLE_CACHE)
        tell_change(t, z);
    if (changed && config->role == ROLE_PRIMARY)
        edit_due(t, z);
    if (changed && config->role == ROLE_SECONDARY)
        refresh_anew(t, z);
}

void kept_remove(struct turn *t, struct kept *z)
{
    struct keeper *k = t->k;
    z->removed = true;
    z->config = NULL;
    if (z->pull != NULL)
        refresh_stop(t, z);
    followers_drop(t, z);
    due_clear(&k->due, &z->reading.due);
    due_clear(&k->due, &z->ledger_due);
    if (z->adoption != NULL)
        due_clear(&k->due, &z->adoption->due);
    struct keeper_action *a = act(t, ACTION_UNWATCH);
    if (a != NULL)
        a->slot = z->number;
    atomic_store_explicit(&z->slot->state, SLOT_LOADING, memory_order_release);
    slot_publish(z->slot, NULL);
    if (z->current != NULL)
        retire_version(t, z, z->current);
    z->current = NULL;
    forget_above(k, z->slot->name);
    log_info(k->o.log, "zone %s: no longer configured", z->name);
}

/* A zone came or went: what a cache zone above it kept for names of it may be wrong
 * (CONVERGENCE.md, The edges). */
static void forget_above(const struct keeper *k, const uint8_t *name)
{
    for (unsigned labels = name_labels(name) + 1; labels-- > 0;) {
        const struct world_zone *w = world_exact(k->world, name_suffix(name, labels));
        struct cache_zone *c = w == NULL ? NULL : w->slot->cache;
        if (c != NULL)
            atomic_fetch_add_explicit(&c->step, 1, memory_order_acq_rel);
    }
}

/* Our hold on v goes when no reader can have it in hand any more. */
void retire_version(struct turn *t, struct kept *z, struct zone_version *v)
{
    struct retired_version *r = calloc(1, sizeof *r);
    t->k->published++;
    if (r == NULL)
        return; /* the version stays: better than a reader in freed memory */
    r->k = t->k;
    r->zone = z;
    r->version = v;
    epoch_retire(t->k->o.epoch, t->k->o.epoch_slot, &r->retired, free_version, r);
}

static void free_version(struct retired *retired, void *ctx)
{
    struct retired_version *r = ctx;
    (void)retired;
    bool set =
        zone_release(r->version) && due_set(&r->k->due, &r->zone->reclaim_due, (struct mono){0});
    (void)set; /* without memory for it, the next retired version reclaims this one too */
    free(r);
}

void reclaim_due(struct turn *t, struct kept *z)
{
    if (z->line == NULL)
        return;
    if (z->job)
        kept_set_due(t, &z->reclaim_due, mono_plus_ms(t->now.mono, RECLAIM_BUSY_MS));
    else if (zone_line_reclaim(z->line, RECLAIM_NODES))
        kept_set_due(t, &z->reclaim_due, mono_plus_ms(t->now.mono, 1));
}

void kept_free(struct keeper *k, struct kept *z)
{
    for (unsigned i = 0; i < z->follower_count; i++) {
        ask_cancel(k, &z->followers[i].notify);
        ask_cancel(k, &z->followers[i].probe);
    }
    pull_free(k, z->pull);
    free(z->followers);
    adopt_drop(z);
    if (z->current != NULL)
        (void)zone_release(z->current);
    if (z->line != NULL)
        zone_line_free(z->line);
    ledger_free(z->ledger);
    cache_zone_free(z->slot == NULL ? NULL : z->slot->cache);
    if (z->slot != NULL)
        free((void *)(uintptr_t)atomic_load(&z->slot->soa));
    free(z->slot);
    free(z->texts);
    unwatched_free(z);
    free(z->report);
    free(z);
}

static void pull_free(struct keeper *k, struct pull *p)
{
    if (p == NULL)
        return;
    if (p->fetch.active)
        transfer_in_free(p->fetch.in);
    ask_cancel(k, &p->refresh.ask);
    free(p->targets);
    free(p->confirm_soa);
    free(p);
}
