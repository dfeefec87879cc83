/* follow.c - a cache zone that follows its primaries: what happens when the SOA poll shows another
 * serial (CONVERGENCE.md, What a cache forgets).
 *
 * A change takes one step of the cache_zone: every entry of an older step is a miss from then on,
 * and answers to questions sent before it are not let in (the fence). When every worker has passed
 * a quiescent state since, nobody who waits can be given an old answer any more: only then the new
 * serial is confirmed, shown to probes, and told to our own caches (chains).
 *
 * What is confirmed is on disk before: after a restart a primary that lags behind it is not
 * believed (I5). When the disk takes nothing the serial is confirmed all the same: the journal's
 * alarm is out, and only a restart could tell the difference. */
#include "keeper/kept.h"
#include <stdlib.h>
#include <string.h>

/* Plain forwarding: how often we look whether the primaries can be followed after all. */
#define PLAIN_POLL_S    300
#define NO_SOA_LASTED_S 300 /* for REFRESH where no SOA tells it: after a restart */

static void plain(struct turn *t, struct kept *z);
static void take(struct turn *t, struct kept *z, const struct soa_seen *s);
static void forget(struct kept *z);
static void put_serial(struct turn *t, struct kept *z, uint32_t serial);
static void put_none(struct turn *t, struct kept *z);
static void put_row(struct turn *t, struct kept *z);
static void put_serial(struct turn *t, struct kept *z, uint32_t serial)
{
    if (z->row.has_serial && z->row.serial == serial)
        return;
    z->row.has_serial = true;
    z->row.serial = serial;
    z->row.committed = t->now.wall;
    put_row(t, z);
}

/* Coherent with nothing: whatever a primary says next is taken. */
static void put_none(struct turn *t, struct kept *z)
{
    atomic_store_explicit(&z->slot->cache->coherent, 0, memory_order_release);
    atomic_store_explicit(&z->slot->cache->known, 0, memory_order_release);
    if (!z->row.has_serial)
        return;
    z->row.has_serial = false;
    put_row(t, z);
}

static void put_row(struct turn *t, struct kept *z)
{
    if (z->row.image != 0) /* it was a secondary once */
        restore_drop_image(t, z);
    struct keeper_action *a = t->k->o.store == NULL ? NULL : act(t, ACTION_COMMIT);
    if (a == NULL)
        return;
    a->number = t->k->next_commit++;
    journal_put_zone(&a->batch, &z->row);
    z->pull->confirm_commit = a->number;
}

static struct slot_soa *copy_soa(const struct soa_seen *s);
static void publish_soa(struct turn *t, struct kept *z, struct slot_soa *soa);
static void confirm(struct turn *t, struct kept *z);
static void free_soa(struct retired *r, void *soa);

struct retired_soa {
    struct retired retired;
    struct slot_soa *soa;
};

bool follow_serial(const struct kept *z, uint32_t *serial)
{
    return cache_serial_get(atomic_load_explicit(&z->slot->cache->coherent, memory_order_relaxed),
                            serial);
}

void follow_start(struct kept *z)
{
    if (z->row.has_serial)
        atomic_store(&z->slot->cache->known, cache_serial(z->row.serial));
}

bool follow_floor(const struct kept *z, uint32_t *serial)
{
    *serial = z->row.serial;
    return z->config->role == ROLE_CACHE && z->row.has_serial;
}

/* A primary answered the SOA poll. */
void follow_seen(struct turn *t, struct kept *z, const struct soa_seen *s)
{
    uint32_t ours;
    bool has = follow_serial(z, &ours);
    if (!s->authoritative && !s->mark) {
        plain(t, z);
        return;
    }
    z->pull->follows = z->pull->follow_known = true;
    atomic_store_explicit(&z->slot->cache->recursive, s->mark && !s->authoritative,
                          memory_order_release);
    if (has && ours == s->serial)
        refresh_confirmed(t, z);
    else
        take(t, z, s);
}

/* Have all workers passed since the step, and is it on disk? */
void follow_due(struct turn *t, struct kept *z)
{
    if (!z->pull->confirming)
        return;
    if (z->pull->confirm_commit > t->k->committed ||
        !epoch_passed(t->k->o.epoch, z->pull->confirm_mark)) {
        kept_set_due(t, &z->pull->confirm_due, mono_plus_ms(t->now.mono, 1));
        return;
    }
    confirm(t, z);
}

/* Every primary is behind us. When that has lasted for a REFRESH they are right (rule 7):
 * forget, and take what they have. */
void follow_went_back(struct turn *t, struct kept *z)
{
    struct refresh *r = &z->pull->refresh;
    struct soa soa;
    const struct slot_soa *held = atomic_load_explicit(&z->slot->soa, memory_order_relaxed);
    if (!r->older_running) {
        r->older_running = true;
        r->older_since = t->now.mono;
    }
    bool has_soa = held != NULL && soa_read(held->rdata, held->len, &soa);
    int64_t lasted_s = mono_s_between(r->older_since, t->now.mono);
    if (lasted_s < (has_soa ? (int64_t)soa.refresh : NO_SOA_LASTED_S))
        return;
    log_warning(t->k->o.log,
                "zone %s: every primary has gone back to serial %u: all entries forgotten", z->name,
                r->older);
    r->older_running = false;
    put_none(t, z);
    forget(z);
}

/* The primaries are not authoritative and no settled caches: nothing can be promised, entries
 * just get old. */
static void plain(struct turn *t, struct kept *z)
{
    if (!z->pull->follow_known || z->pull->follows) {
        log_notice(t->k->o.log,
                   "zone %s: its primaries are not authoritative: plain forwarding, changes are "
                   "not followed",
                   z->name);
        forget(z);
    }
    z->pull->follow_known = true;
    z->pull->follows = false;
    atomic_store_explicit(&z->slot->cache->recursive, true, memory_order_release);
    put_none(t, z);
    z->pull->refresh.hinted = false;
    refresh_confirmed(t, z);
    if (z->pull->refresh.step == REFRESH_IDLE)
        kept_set_due(t, &z->pull->refresh.due, mono_plus_s(t->now.mono, PLAIN_POLL_S));
}

static void take(struct turn *t, struct kept *z, const struct soa_seen *s)
{
    struct slot_soa *soa = copy_soa(s);
    if (soa == NULL) {
        refresh_next(t, z, "out of memory");
        return;
    }
    free(z->pull->confirm_soa);
    z->pull->confirm_soa = soa;
    z->pull->confirm_serial = s->serial;
    z->pull->refresh.step = REFRESH_TAKING;
    atomic_store_explicit(&z->slot->cache->known, cache_serial(s->serial), memory_order_release);
    forget(z);
    put_serial(t, z, s->serial);
    z->pull->confirm_mark = epoch_mark(t->k->o.epoch);
    z->pull->confirming = true;
    follow_due(t, z);
}

static void forget(struct kept *z)
{
    atomic_fetch_add_explicit(&z->slot->cache->step, 1, memory_order_acq_rel);
}

static struct slot_soa *copy_soa(const struct soa_seen *s)
{
    struct slot_soa *soa = malloc(sizeof *soa + s->len);
    if (soa == NULL)
        return NULL;
    soa->ttl = s->ttl;
    soa->len = s->len;
    memcpy(soa->rdata, s->rdata, s->len);
    return soa;
}

static void confirm(struct turn *t, struct kept *z)
{
    uint32_t before;
    bool had = follow_serial(z, &before);
    struct change change;
    change_init(&change);
    change.first = !had;
    struct ledger_change c = {
        .change = &change,
        .old_max_ttl_s = t->k->config->cache.max_ttl_s,
        .had_served = had,
        .from = before,
        .to = z->pull->confirm_serial,
        .source = SOURCE_TRANSFER,
        .text = z->pull->targets[z->pull->refresh.target].peer->name,
        .number = z->row.change_next++,
    };
    z->pull->confirming = false;
    publish_soa(t, z, z->pull->confirm_soa);
    z->pull->confirm_soa = NULL;
    atomic_store_explicit(&z->slot->cache->coherent, cache_serial(z->pull->confirm_serial),
                          memory_order_release);
    z->since = t->now.wall;
    struct journal_change row;
    ledger_prepare(z->ledger, &c, t->now, &row);
    ledger_committed(z->ledger, t->now);
    change_free(&change);
    if (had)
        log_info(t->k->o.log, "zone %s: serial %u -> %u at %s, all entries forgotten", z->name,
                 before, z->pull->confirm_serial, c.text);
    else
        log_info(t->k->o.log, "zone %s: serial %u at %s", z->name, z->pull->confirm_serial, c.text);
    tell_change(t, z);
    t->k->news++;
    refresh_confirmed(t, z);
}

static void publish_soa(struct turn *t, struct kept *z, struct slot_soa *soa)
{
    const struct slot_soa *old = atomic_exchange_explicit(&z->slot->soa, soa, memory_order_acq_rel);
    struct retired_soa *r = old == NULL ? NULL : calloc(1, sizeof *r);
    if (r == NULL)
        return; /* nothing to free, or no memory to remember it by: it stays */
    r->soa = (struct slot_soa *)(uintptr_t)old;
    epoch_retire(t->k->o.epoch, t->k->o.epoch_slot, &r->retired, free_soa, r);
}

static void free_soa(struct retired *retired, void *ctx)
{
    struct retired_soa *r = ctx;
    (void)retired;
    free(r->soa);
    free(r);
}
