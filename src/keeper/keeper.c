/* keeper.c - one event in, actions out: the table of what each event and each due time means.
 * Keeper thread only. Nothing here takes longer than its event; long work is a job
 * (ACTION_BUILD). */
#include "keeper/kept.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLUSH_MS                                                                                   \
    1000 /* peers' states reach the disk at the latest after this (DESIGN.md, the store on disk) */
#define DUE_A_TURN 1000 /* due things handled in one turn: packets get theirs in between */

static void handle(struct turn *t, const struct keeper_event *e);
static void handle_due(struct turn *t, struct due *d);
static void start(struct turn *t);
static void built(struct turn *t, struct keeper_job *job);
static void flush_zone(struct keeper *k, struct kept *z, struct store_batch *batch);
static bool all_committed(const struct keeper *k);
static void flush(struct turn *t);
static void sweep(struct turn *t);
static struct kept *kept_of(struct keeper *k, size_t number);

struct keeper *keeper_new(const struct keeper_options *o)
{
    struct keeper *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->o = *o;
    k->next_commit = 1;
    k->next_conn = 1;
    k->next_cache_id = 1;
    k->next_zone_id = 1;
    rand_seed(&k->rand, o->seed);
    k->flush_due = (struct due){.kind = DUE_FLUSH, .owner = k};
    k->sweep_due = (struct due){.kind = DUE_SWEEP, .owner = k};
    return k;
}

void keeper_step(struct keeper *k, struct now now, const struct keeper_event *e,
                 struct keeper_actions *actions)
{
    struct turn t = {k, now, actions};
    handle(&t, e);
    worlds_go_on(&t);
    struct due *d;
    for (int i = 0; i < DUE_A_TURN && (d = due_take(&k->due, now.mono)) != NULL; i++)
        handle_due(&t, d);
    sweep(&t);
}

struct mono keeper_due(const struct keeper *k)
{
    return due_next(&k->due);
}

uint64_t keeper_news(const struct keeper *k)
{
    return k->news;
}

const struct config *keeper_config(const struct keeper *k)
{
    return k->config;
}

const struct histogram *keeper_settle_times(const struct keeper *k)
{
    return &k->settle;
}

void kept_set_due(struct turn *t, struct due *d, struct mono at)
{
    if (!due_set(&t->k->due, d, at))
        t->actions->failed = true;
}

void kept_trouble(struct turn *t, struct kept *z, const char *format, ...)
{
    char text[sizeof z->texts->error];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (strcmp(text, kept_error(z)) == 0)
        return; /* said already */
    memcpy(kept_texts(t, z)->error, text, sizeof text);
    z->untold = z->texts == NULL;
    t->k->news++;
    log_warning(t->k->o.log, "zone %s: %s", z->name, text);
}

struct kept_texts *kept_texts(struct turn *t, struct kept *z)
{
    if (z->texts == NULL && (z->texts = calloc(1, sizeof *z->texts)) != NULL && z->untold) {
        strcpy(z->texts->error, UNTOLD);
        strcpy(z->texts->reading, UNTOLD);
        z->untold = false;
    }
    return z->texts != NULL ? z->texts : &t->k->spare;
}

void kept_well(struct turn *t, struct kept *z)
{
    if (kept_error(z)[0] == 0)
        return;
    z->untold = false;
    if (z->texts != NULL)
        z->texts->error[0] = 0;
    t->k->news++;
}

void kept_flush_soon(struct turn *t)
{
    if (!due_is_set(&t->k->flush_due))
        kept_set_due(t, &t->k->flush_due, mono_plus_ms(t->now.mono, FLUSH_MS));
}

static void handle(struct turn *t, const struct keeper_event *e)
{
    struct kept *z = kept_of(t->k, e->slot);
    switch (e->kind) {
    case KEEPER_START:
        start(t);
        break;
    case KEEPER_TIME:
        break;
    case KEEPER_PACKET:
        asks_packet(t, &e->from, e->data, e->len);
        break;
    case KEEPER_CONNECTED:
    case KEEPER_RECEIVED:
    case KEEPER_CLOSED:
        fetch_event(t, e);
        break;
    case KEEPER_COMMITTED:
        adopt_committed(t, e);
        break;
    case KEEPER_BUILT:
        built(t, e->job);
        break;
    case KEEPER_FILE_CHANGED:
        if (z != NULL && z->config->role == ROLE_PRIMARY)
            edit_changed(t, z);
        break;
    case KEEPER_NOTIFIED:
        if (z != NULL && z->config->role != ROLE_PRIMARY)
            refresh_notified(t, z, e);
        break;
    case KEEPER_HINT:
        if (z != NULL)
            tell_hint(t, z, &e->from, e->type);
        break;
    case KEEPER_NEWS:
        if (z != NULL && z->config->role == ROLE_CACHE)
            refresh_notified(t, z, e);
        break;
    case KEEPER_RELEASED:
        if (z != NULL)
            kept_set_due(t, &z->reclaim_due, t->now.mono);
        break;
    case KEEPER_CONFIG:
        world_change(t, e->config);
        break;
    }
}

static void handle_due(struct turn *t, struct due *d)
{
    switch ((enum due_kind)d->kind) {
    case DUE_ASK:
        ask_late(t, d->owner);
        break;
    case DUE_LANE:
        lane_due(t, d->owner);
        break;
    case DUE_READ:
        edit_due(t, d->owner);
        break;
    case DUE_REFRESH:
        refresh_due(t, d->owner);
        break;
    case DUE_EXPIRE:
        expire_due(t, d->owner);
        break;
    case DUE_FETCH:
        fetch_due(t, d->owner);
        break;
    case DUE_COMMIT:
        adopt_due(t, d->owner);
        break;
    case DUE_LEDGER:
        kept_ledger_due(t, d->owner);
        break;
    case DUE_CONFIRM:
        follow_due(t, d->owner);
        break;
    case DUE_RECLAIM:
        reclaim_due(t, d->owner);
        break;
    case DUE_NOTIFY:
        tell_due(t, d->owner);
        break;
    case DUE_PROBE:
        probe_due(t, d->owner);
        break;
    case DUE_FLUSH:
        flush(t);
        break;
    case DUE_SWEEP:
        break; /* every step sweeps */
    }
}

static void start(struct turn *t)
{
    struct config *first = t->k->o.config;
    t->k->o.config = NULL;
    world_change(t, first);
}

static void built(struct turn *t, struct keeper_job *job)
{
    struct kept *z = t->k->zones[job->number];
    z->job = false;
    t->k->jobs--;
    if (z->removed) {
        keeper_job_drop(job);
        kept_set_due(t, &z->reclaim_due, t->now.mono);
        return;
    }
    switch (job->what) {
    case JOB_READ:
        edit_built(t, z, job);
        break;
    case JOB_TRANSFER:
        fetch_built(t, z, job);
        break;
    case JOB_RESTORE:
        restore_built(t, z, job);
        break;
    }
    keeper_job_drop(job);
    kept_set_due(t, &z->reclaim_due, t->now.mono);
}

/* Peers' states and refresh times that changed since the last flush. */
bool keeper_last_batch(struct keeper *k, struct now now, struct store_batch *batch)
{
    (void)now;
    for (size_t i = 0; i < k->zone_count; i++)
        if (!k->zones[i]->removed)
            flush_zone(k, k->zones[i], batch);
    return batch->count > 0;
}

/* A zone that is edited all the time always has an adoption: what its ledger drops must go all the
 * same, or it grows without end. */
static void flush_zone(struct keeper *k, struct kept *z, struct store_batch *batch)
{
    bool adopting = z->adoption != NULL; /* its commit carries the row, which this must not undo */
    if (z->row_dirty && !adopting) {
        journal_put_zone(batch, &z->row);
        z->row_dirty = false;
    }
    if (z->ledger != NULL)
        ledger_saved(z->ledger, k->committed);
    if (all_committed(k) && !adopting)
        ledgers_rest(k, z);
    if (z->ledger != NULL && ledger_dirty(z->ledger) && z->config->role != ROLE_CACHE)
        ledger_save(z->ledger, z->row.id, k->next_commit, batch);
}

static bool all_committed(const struct keeper *k)
{
    return k->committed + 1 == k->next_commit;
}

static void flush(struct turn *t)
{
    if (t->k->o.store == NULL)
        return;
    struct store_batch batch = {0};
    struct keeper_action *a = NULL;
    if (keeper_last_batch(t->k, t->now, &batch) && (a = act(t, ACTION_COMMIT)) == NULL)
        adopt_unwritten(t, "out of memory");
    if (a == NULL) {
        batch_free(&batch);
        if (!all_committed(t->k))
            kept_flush_soon(t); /* the disk is slow: what rests can go later */
        return;
    }
    a->number = t->k->next_commit++;
    batch_join(&a->batch, &batch);
    kept_flush_soon(t); /* by then it is committed, and ledgers that rest can go */
}

/* Frees what was retired; looks again soon while a reader may still be inside. */
static void sweep(struct turn *t)
{
    if (epoch_sweep(t->k->o.epoch, t->k->o.epoch_slot, 100) > 0 && !due_is_set(&t->k->sweep_due))
        kept_set_due(t, &t->k->sweep_due, mono_plus_ms(t->now.mono, 1));
}

static struct kept *kept_of(struct keeper *k, size_t number)
{
    if (number >= k->zone_count || k->zones[number]->removed)
        return NULL;
    return k->zones[number];
}
