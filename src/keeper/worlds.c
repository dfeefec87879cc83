/* worlds.c - from a configuration to the zones that are kept, and the world that workers see.
 *
 * A new configuration makes a new world; zones that stay keep their slot, their versions and
 * their ledger. What is replaced goes through the epoch. Slots of zones that went stay allocated
 * until the end: a question on its way upstream may still name one.
 *
 * Of new primaries some are read at once, and with each that is read the next one begins, but no
 * faster than the disk takes them: ten thousand jobs and their results at a time took 60 MB, which
 * the zones' own memory came to lie between. */
#include "keeper/kept.h"
#include <stdlib.h>
#include <string.h>

#define RECLAIM_NODES   10000 /* freed in one turn at most (DESIGN.md, reclaiming) */
#define RECLAIM_BUSY_MS 50    /* a job has the line: look again */
#define FIRST_READINGS  64    /* jobs under way while primaries wait for their first reading */
#define FIRST_COMMITS   256   /* and commits: one transaction takes all that came meanwhile */

struct rows { /* what the journal knows, while a configuration is taken in */
    struct turn *t;
    struct arena names;
    struct journal_zone *items;
    size_t count, room;
    const struct journal_zone **table; /* by name, open addressing, at most half full */
    size_t mask;
};
struct retired_world {
    struct retired retired;
    struct world *world;
    struct config *config;
};
struct retired_version {
    struct retired retired;
    struct keeper *k;
    struct kept *zone;
    struct zone_version *version;
};

static void rows_read(struct turn *t, struct rows *rows);
static bool row_take(void *ctx, const struct journal_zone *row);
static void row_damaged(void *ctx, uint32_t id, const char *what);
static bool rows_index(struct rows *rows);
static void index_row(struct rows *rows, const struct journal_zone *row);
static const struct journal_zone *row_of(const struct rows *rows, const uint8_t *name);
static const struct journal_zone **row_spot(const struct rows *rows, const uint8_t *name);
static struct kept *stays(struct keeper *k, const struct config_zone *config);
static struct kept *kept_new(struct turn *t, const struct config_zone *config,
                             const struct rows *rows);
static bool kept_fill(struct turn *t, struct kept *z);
static struct slot *slot_new(const uint8_t *name);
static struct pull *pull_new(struct kept *z);
static void pull_free(struct keeper *k, struct pull *p);
static bool make_cache_zone(struct keeper *k, struct kept *z);
static void make_row(struct keeper *k, struct kept *z, const struct journal_zone *known);
static bool make_targets(struct pull *p, const struct config_peers *primaries);
static bool keep(struct keeper *k, struct kept *z);
static void publish_world(struct turn *t, struct world *world, struct config *config);
static void free_world(struct retired *r, void *ctx);
static void kept_start(struct turn *t, struct kept *z);
static void kept_update(struct turn *t, struct kept *z, const struct config_zone *config);
static void kept_remove(struct turn *t, struct kept *z);
static void forget_above(const struct keeper *k, const uint8_t *name);
static void free_version(struct retired *r, void *ctx);

/* First every zone of the new world gets its kept; then the world is published; then what is new
 * starts and what is gone stops. */
void world_change(struct turn *t, struct config *config)
{
    struct keeper *k = t->k;
    struct rows rows = {.t = t};
    size_t known = k->zone_count;
    struct world *world = world_new(config, rand_u64(&k->rand));
    bool *staying = calloc(known + 1, sizeof *staying);
    bool ok = world != NULL && staying != NULL;
    rows_read(t, &rows);
    ok = rows_index(&rows) && ok;
    for (unsigned i = 0; ok && i < config->zone_count; i++) {
        struct kept *z = stays(k, &config->zones[i]);
        if (z != NULL)
            staying[z->number] = true;
        else
            z = kept_new(t, &config->zones[i], &rows);
        ok = z != NULL;
        world->zones[i] = (struct world_zone){ok ? z->slot : NULL, &config->zones[i]};
    }
    arena_free(&rows.names);
    free(rows.items);
    free(rows.table);
    must(ok || k->config != NULL); /* no memory at start stops us */
    if (!ok) {
        log_error(k->o.log, "configuration not taken: out of memory; the old one is in use");
        for (size_t i = known; i < k->zone_count; i++)
            kept_remove(t, k->zones[i]);
        world_free(world);
        config_free(config);
        free(staying);
        return;
    }
    publish_world(t, world, config);
    for (size_t i = 0; i < known; i++)
        if (!staying[i] && !k->zones[i]->removed)
            kept_remove(t, k->zones[i]);
    for (unsigned i = 0; i < config->zone_count; i++) {
        struct kept *z = k->zones[world->zones[i].slot->number];
        if (z->number < known)
            kept_update(t, z, &config->zones[i]);
        else
            kept_start(t, z);
    }
    free(staying);
    k->news++;
}

void worlds_go_on(struct turn *t)
{
    struct keeper *k = t->k;
    for (; k->unread < k->zone_count && k->jobs < FIRST_READINGS; k->unread++) {
        if (k->next_commit - k->committed > FIRST_COMMITS)
            return; /* goes on when one of them is done */
        struct kept *z = k->zones[k->unread];
        if (!z->removed && z->config->role == ROLE_PRIMARY)
            edit_start(t, z);
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

void keeper_free(struct keeper *k)
{
    if (k == NULL)
        return;
    while (epoch_sweep(k->o.epoch, k->o.epoch_slot, 1000) > 0)
        must(epoch_passed(k->o.epoch,
                          epoch_mark(k->o.epoch))); /* a worker still runs: that is our bug */
    due_heap_free(&k->due);                         /* first: what is due lies in zones and lanes */
    for (size_t i = 0; i < k->zone_count; i++)
        kept_free(k, k->zones[i]);
    free(k->zones);
    asks_free(k);
    atomic_store(k->o.world, NULL);
    world_free(k->world);
    config_free(k->config != NULL ? k->config : k->o.config);
    free(k);
}

static void rows_read(struct turn *t, struct rows *rows)
{
    struct oops o = {{0}};
    struct journal_zones_see see = {row_take, row_damaged, rows};
    if (t->k->o.store != NULL && !journal_zones(t->k->o.store, &see, &o))
        log_error(t->k->o.log, "journal: %s", o.text);
}

static bool row_take(void *ctx, const struct journal_zone *row)
{
    struct rows *rows = ctx;
    if (rows->count == rows->room) {
        size_t room = rows->room == 0 ? 16 : rows->room * 2;
        struct journal_zone *more = realloc(rows->items, room * sizeof *more);
        if (more == NULL)
            return false;
        rows->items = more;
        rows->room = room;
    }
    struct journal_zone *item = &rows->items[rows->count];
    *item = *row;
    item->name = arena_copy(&rows->names, row->name, name_len(row->name));
    if (item->name == NULL)
        return false;
    rows->count++;
    if (row->id >= rows->t->k->next_zone_id)
        rows->t->k->next_zone_id = row->id + 1;
    return true;
}

static void row_damaged(void *ctx, uint32_t id, const char *what)
{
    struct turn *t = ((struct rows *)ctx)->t;
    log_error(t->k->o.log, "journal: %s: dropped", what);
    struct keeper_action *a = id == 0 ? NULL : act(t, ACTION_COMMIT);
    if (a == NULL)
        return;
    a->number = t->k->next_commit++;
    journal_drop_zone(&a->batch, id);
    if (id >= t->k->next_zone_id)
        t->k->next_zone_id = id + 1;
}

/* What is known of a zone's past: of one removed in this life, or from the journal. Ten thousand
 * zones come at once, so each is found by its hash. */
static bool rows_index(struct rows *rows)
{
    const struct keeper *k = rows->t->k;
    size_t size = 16;
    while (size < 2 * (rows->count + k->zone_count))
        size *= 2;
    rows->table = calloc(size, sizeof(struct journal_zone *));
    rows->mask = size - 1;
    if (rows->table == NULL)
        return false;
    for (size_t i = 0; i < rows->count; i++)
        if (*row_spot(rows, rows->items[i].name) == NULL) /* the first one counts */
            index_row(rows, &rows->items[i]);
    for (size_t i = 0; i < k->zone_count; i++)
        if (k->zones[i]->row.id != 0)
            index_row(rows, &k->zones[i]->row);
    return true;
}

static void index_row(struct rows *rows, const struct journal_zone *row)
{
    *row_spot(rows, row->name) = row;
}

static const struct journal_zone *row_of(const struct rows *rows, const uint8_t *name)
{
    return *row_spot(rows, name);
}

/* Where the row of that name is, or belongs. */
static const struct journal_zone **row_spot(const struct rows *rows, const uint8_t *name)
{
    size_t at =
        name_hash(name, 0) & rows->mask; /* our own zones' names: nobody plants collisions */
    while (rows->table[at] != NULL && !name_same(rows->table[at]->name, name))
        at = (at + 1) & rows->mask;
    return &rows->table[at];
}

static struct kept *stays(struct keeper *k, const struct config_zone *config)
{
    size_t number;
    if (!keeper_find(k, config->name, &number))
        return NULL;
    struct kept *z = k->zones[number];
    bool same_cache = config->role != ROLE_CACHE || config->hash == z->config->hash;
    return z->config->role == config->role && same_cache ? z : NULL;
}

static struct kept *kept_new(struct turn *t, const struct config_zone *config,
                             const struct rows *rows)
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
    make_row(t->k, z, row_of(rows, config->name));
    if (kept_fill(t, z) && keep(t->k, z))
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

static bool keep(struct keeper *k, struct kept *z)
{
    if (k->zone_count == k->zone_room) {
        size_t room = k->zone_room == 0 ? 16 : k->zone_room * 2;
        struct kept **more = realloc(k->zones, room * sizeof *more);
        if (more == NULL)
            return false;
        k->zones = more;
        k->zone_room = room;
    }
    z->number = z->slot->number = k->zone_count;
    k->zones[k->zone_count++] = z;
    return true;
}

static void publish_world(struct turn *t, struct world *world, struct config *config)
{
    struct keeper *k = t->k;
    struct retired_world *r = calloc(1, sizeof *r);
    world->own_networks = k->o.own_networks;
    world->own_network_count = k->o.own_network_count;
    world->number = ++k->published;
    world_index(world);
    atomic_store_explicit(k->o.world, world, memory_order_release);
    if (r != NULL) {
        r->world = k->world;
        r->config = k->config;
        epoch_retire(k->o.epoch, k->o.epoch_slot, &r->retired, free_world, r);
    }
    k->world = world;
    k->config = config;
}

static void free_world(struct retired *retired, void *ctx)
{
    struct retired_world *r = ctx;
    (void)retired;
    world_free(r->world);
    if (r->config != NULL)
        config_free(r->config);
    free(r);
}

static void kept_start(struct turn *t, struct kept *z)
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
static void kept_update(struct turn *t, struct kept *z, const struct config_zone *config)
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

static void kept_remove(struct turn *t, struct kept *z)
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

static void free_version(struct retired *retired, void *ctx)
{
    struct retired_version *r = ctx;
    (void)retired;
    bool set =
        zone_release(r->version) && due_set(&r->k->due, &r->zone->reclaim_due, (struct mono){0});
    (void)set; /* without memory for it, the next retired version reclaims this one too */
    free(r);
}
