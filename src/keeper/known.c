/* known.c - what the journal knows of zones' pasts, found by their names while a configuration is
 * taken in. Ten thousand zones come at once, so each is found by its hash. */
#include "keeper/kept.h"
#include <stdlib.h>

static bool row_take(void *ctx, const struct journal_zone *row);
static void row_damaged(void *ctx, uint32_t id, const char *what);
static bool index_all(struct known *known);
static const struct journal_zone **spot_of(const struct known *known, const uint8_t *name);

bool known_read(struct turn *t, struct known *known)
{
    struct oops o = {{0}};
    struct journal_zones_see see = {row_take, row_damaged, known};
    *known = (struct known){.t = t};
    if (t->k->o.store != NULL && !journal_zones(t->k->o.store, &see, &o))
        log_error(t->k->o.log, "journal: %s", o.text);
    return index_all(known);
}

void known_free(struct known *known)
{
    arena_free(&known->names);
    free(known->items);
    free(known->table);
}

const struct journal_zone *known_find(const struct known *known, const uint8_t *name)
{
    return *spot_of(known, name);
}

static bool row_take(void *ctx, const struct journal_zone *row)
{
    struct known *known = ctx;
    if (known->count == known->room) {
        size_t room = known->room == 0 ? 16 : known->room * 2;
        struct journal_zone *more = realloc(known->items, room * sizeof *more);
        if (more == NULL)
            return false;
        known->items = more;
        known->room = room;
    }
    struct journal_zone *item = &known->items[known->count];
    *item = *row;
    item->name = arena_copy(&known->names, row->name, name_len(row->name));
    if (item->name == NULL)
        return false;
    known->count++;
    if (row->id >= known->t->k->next_zone_id)
        known->t->k->next_zone_id = row->id + 1;
    return true;
}

static void row_damaged(void *ctx, uint32_t id, const char *what)
{
    struct turn *t = ((struct known *)ctx)->t;
    log_error(t->k->o.log, "journal: %s: dropped", what);
    struct keeper_action *a = id == 0 ? NULL : act(t, ACTION_COMMIT);
    if (a == NULL)
        return;
    a->number = t->k->next_commit++;
    journal_drop_zone(&a->batch, id);
    if (id >= t->k->next_zone_id)
        t->k->next_zone_id = id + 1;
}

/* Those on disk, and those of this life, which go before: also of zones that were removed. */
static bool index_all(struct known *known)
{
    const struct keeper *k = known->t->k;
    size_t size = 16;
    while (size < 2 * (known->count + k->zone_count))
        size *= 2;
    known->table = calloc(size, sizeof(struct journal_zone *));
    known->mask = size - 1;
    if (known->table == NULL)
        return false;
    for (size_t i = 0; i < known->count; i++)
        if (*spot_of(known, known->items[i].name) == NULL) /* the first one counts */
            *spot_of(known, known->items[i].name) = &known->items[i];
    for (size_t i = 0; i < k->zone_count; i++)
        if (k->zones[i]->row.id != 0)
            *spot_of(known, k->zones[i]->row.name) = &k->zones[i]->row;
    return true;
}

/* Where the row of that name is, or belongs. */
static const struct journal_zone **spot_of(const struct known *known, const uint8_t *name)
{
    size_t at =
        name_hash(name, 0) & known->mask; /* our own zones' names: nobody plants collisions */
    while (known->table[at] != NULL && !name_same(known->table[at]->name, name))
        at = (at + 1) & known->mask;
    return &known->table[at];
}
