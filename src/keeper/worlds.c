/* worlds.c - from a configuration to the zones that are kept, and the world that workers see.
 *
 * A new configuration makes a new world; zones that stay keep their slot, their versions and
 * their ledger. What is replaced goes through the epoch.
 *
 * Of new primaries some are read at once, and with each that is read the next one begins, but no
 * faster than the disk takes them: ten thousand jobs and their results at a time took 60 MB, which
 * the zones' own memory came to lie between. */
#include "keeper/kept.h"
#include <stdlib.h>

#define FIRST_READINGS 64  /* jobs under way while primaries wait for their first reading */
#define FIRST_COMMITS  256 /* and commits: one transaction takes all that came meanwhile */

struct retired_world {
    struct retired retired;
    struct world *world;
    struct config *config;
};

static bool fill(struct turn *t, struct world *world, bool *staying);
static struct kept *stays(struct keeper *k, const struct config_zone *config);
static struct kept *begins(struct turn *t, const struct config_zone *config,
                           const struct known *known);
static void give_up(struct turn *t, struct world *world, struct config *config, size_t known);
static void publish_world(struct turn *t, struct world *world, struct config *config);
static void free_world(struct retired *retired, void *ctx);
static void start_and_stop(struct turn *t, const bool *staying, size_t known);

/* First every zone of the new world gets its kept; then the world is published; then what is new
 * starts and what is gone stops. */
void world_change(struct turn *t, struct config *config)
{
    struct keeper *k = t->k;
    size_t known = k->zone_count;
    struct world *world = world_new(config, rand_u64(&k->rand));
    bool *staying = calloc(known + 1, sizeof *staying);
    if (world != NULL && staying != NULL && fill(t, world, staying)) {
        publish_world(t, world, config);
        start_and_stop(t, staying, known);
        k->news++;
    } else {
        must(k->config != NULL); /* no memory at start stops us */
        give_up(t, world, config, known);
    }
    free(staying);
}

static bool fill(struct turn *t, struct world *world, bool *staying)
{
    struct known known;
    bool ok = known_read(t, &known);
    for (unsigned i = 0; ok && i < world->count; i++) {
        const struct config_zone *config = world->zones[i].config;
        struct kept *z = stays(t->k, config);
        if (z != NULL)
            staying[z->number] = true;
        else
            z = begins(t, config, &known);
        world->zones[i].slot = z != NULL ? z->slot : NULL;
        ok = z != NULL;
    }
    known_free(&known);
    return ok;
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

static struct kept *begins(struct turn *t, const struct config_zone *config,
                           const struct known *known)
{
    struct keeper *k = t->k;
    if (k->zone_count == k->zone_room) {
        size_t room = k->zone_room == 0 ? 16 : k->zone_room * 2;
        struct kept **more = realloc(k->zones, room * sizeof *more);
        if (more == NULL)
            return NULL;
        k->zones = more;
        k->zone_room = room;
    }
    struct kept *z = kept_new(t, config, known);
    if (z == NULL)
        return NULL;
    z->number = z->slot->number = k->zone_count;
    k->zones[k->zone_count++] = z;
    return z;
}

static void give_up(struct turn *t, struct world *world, struct config *config, size_t known)
{
    log_error(t->k->o.log, "configuration not taken: out of memory; the old one is in use");
    for (size_t i = known; i < t->k->zone_count; i++)
        kept_remove(t, t->k->zones[i]);
    world_free(world);
    config_free(config);
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

/* `staying`: by number, of the zones that there were before. */
static void start_and_stop(struct turn *t, const bool *staying, size_t known)
{
    struct keeper *k = t->k;
    for (size_t i = 0; i < known; i++)
        if (!staying[i] && !k->zones[i]->removed)
            kept_remove(t, k->zones[i]);
    for (unsigned i = 0; i < k->world->count; i++) {
        struct kept *z = k->zones[k->world->zones[i].slot->number];
        if (z->number < known)
            kept_update(t, z, k->world->zones[i].config);
        else
            kept_start(t, z);
    }
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
