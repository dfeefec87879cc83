/* ledgers.c - a zone's ledger is in memory only while it has peers, or something to settle or to
 * write.
 *
 * Nine zones of ten have neither: their history lies on disk, as after a restart, and is read back
 * by whoever asks for it or changes the zone. Their first version gets its row without a ledger,
 * for no answer became old with it. A ledger with one change takes 416 octets. Cache zones, and
 * keepers without a store, have all in memory. */
#include "keeper/kept.h"

struct recall {
    struct kept *zone;
    struct now now;
};

static bool lies_on_disk(const struct keeper *k, const struct kept *z);
static void recall(const struct keeper *k, struct kept *z, struct now now);
static bool see_change(void *ctx, const struct journal_change *row);
static bool see_peer(void *ctx, const struct journal_peer *row);

bool ledgers_begin(struct turn *t, struct kept *z)
{
    bool needed = !lies_on_disk(t->k, z) || z->config->rules->notify.count > 0 || z->row.has_serial;
    z->ledger = needed ? ledger_new(z->slot->name) : NULL;
    if ((needed && z->ledger == NULL) || !followers_set(t, z))
        return false;
    if (needed)
        recall(t->k, z, t->now); /* its peers have to be there by then */
    ledgers_rest(t->k, z);
    return true;
}

bool ledgers_wake(const struct keeper *k, struct kept *z, struct now now)
{
    if (z->ledger != NULL)
        return true;
    z->ledger = ledger_new(z->slot->name);
    if (z->ledger != NULL)
        recall(k, z, now);
    return z->ledger != NULL;
}

void ledgers_rest(const struct keeper *k, struct kept *z)
{
    if (z->ledger == NULL || !lies_on_disk(k, z) || !ledger_at_rest(z->ledger))
        return;
    ledger_free(z->ledger);
    z->ledger = NULL;
}

static bool lies_on_disk(const struct keeper *k, const struct kept *z)
{
    return k->o.store != NULL && z->config->role != ROLE_CACHE;
}

static void recall(const struct keeper *k, struct kept *z, struct now now)
{
    struct recall r = {z, now};
    struct oops o = {{0}};
    if (!lies_on_disk(k, z) || !z->row.has_serial)
        return;
    if (!journal_changes(k->o.store, z->row.id, see_change, &r, &o) ||
        !journal_peers(k->o.store, z->row.id, see_peer, &r, &o))
        log_error(k->o.log, "zone %s: journal: %s", z->name, o.text);
    ledger_restore_serial(z->ledger, z->row.serial);
}

static bool see_change(void *ctx, const struct journal_change *row)
{
    const struct recall *r = ctx;
    ledger_restore_change(r->zone->ledger, row, r->now);
    return true;
}

static bool see_peer(void *ctx, const struct journal_peer *row)
{
    const struct recall *r = ctx;
    ledger_restore_peer(r->zone->ledger, row, r->now);
    return true;
}
