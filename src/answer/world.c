/* world.c - which zone owns a name: a hash table over the zones' names, deepest suffix first. The
 * keeper builds a world, publishes it and never writes it again; workers search it inside their
 * epoch. An entry of the table holds half of the hash, so that a suffix that is no zone touches no
 * zone's memory. */
#include "answer/world.h"
#include "wire/rrtype.h"
#include <stdlib.h>

#define TABLE_LEAST 4u /* places per zone are at least two: probes stay short */

static const struct world_zone *look(const struct world *w, const uint8_t *name);

struct world *world_new(const struct config *config, uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return NULL;
    }
    *w = (struct world){
        .config = config, .count = config != NULL ? config->zone_count : 0, .seed = seed};
    uint32_t places = TABLE_LEAST;
    while (places / 2 < w->count) {
        places *= 2;
    }
    w->table_mask = places - 1;
    w->table = calloc(places, sizeof *w->table);
    w->zones = calloc(w->count + 1, sizeof *w->zones);
    if (w->table == NULL || w->zones == NULL) {
        world_free(w);
        return NULL;
    }
    for (unsigned i = 0; i < w->count; i++) {
        w->zones[i].config = &config->zones[i];
    }
    return w;
}

void world_index(struct world *w)
{
    for (unsigned i = 0; i < w->count; i++) {
        const uint8_t *name = w->zones[i].slot->name;
        unsigned labels = name_labels(name);
        uint64_t hash = name_hash(name, w->seed);
        uint32_t place = (uint32_t)hash & w->table_mask;
        while (w->table[place] != 0) {
            place = (place + 1) & w->table_mask;
        }
        w->table[place] = (hash & ~UINT64_C(0xffffffff)) | (i + 1);
        w->depths[labels / 64] |= UINT64_C(1) << labels % 64;
        w->deepest = labels > w->deepest ? (uint8_t)labels : w->deepest;
    }
}

void world_free(struct world *w)
{
    if (w != NULL) {
        free(w->table);
        free(w->zones);
        free(w);
    }
}

const struct world_zone *world_find(const struct world *w, const uint8_t *name, uint16_t type)
{
    const struct world_zone *child = NULL;
    unsigned labels = name_labels(name);
    unsigned depth = labels < w->deepest ? labels : w->deepest;
    for (const uint8_t *suffix = name_up(name, labels - depth);;
         suffix = name_up(suffix, 1), depth--) {
        const struct world_zone *z = world_has_depth(w, depth) ? look(w, suffix) : NULL;
        if (z != NULL && (type != TYPE_DS || depth < labels)) {
            return z;
        }
        child = z != NULL ? z : child; /* RFC 4035 3.1.4.1: DS stands in the zone above */
        if (depth == 0) {
            return child;
        }
    }
}

const struct world_zone *world_exact(const struct world *w, const uint8_t *name)
{
    return look(w, name);
}

static const struct world_zone *look(const struct world *w, const uint8_t *name)
{
    uint64_t hash = name_hash(name, w->seed);
    for (uint32_t place = (uint32_t)hash & w->table_mask; w->table[place] != 0;
         place = (place + 1) & w->table_mask) {
        uint64_t entry = w->table[place];
        const struct world_zone *z = &w->zones[(uint32_t)entry - 1];
        if (entry >> 32 == hash >> 32 && name_same(z->slot->name, name)) {
            return z;
        }
    }
    return NULL;
}
