/* adopt.c - the only way a zone changes: check, commit, publish, tell (STYLE 4, RELIABILITY.md,
 * disk protocol).
 *
 * A file, a transfer and a restart all end in adopt() with a version nobody serves yet. It is
 * refused, or committed to disk and only then published; a commit that fails is tried again
 * while the old version serves on. One adoption per zone at a time. */
#include "keeper/kept.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHRINK_FROM                                                                                \
    20 /* zones of at most this many records may shrink as they like (INTERFACE.md) */
#define COMMIT_RETRY_MS      1000 /* first pause after a commit that failed; doubles */
#define COMMIT_RETRY_MOST_MS 60000
#define UNWRITTEN_MS         10000
#define DELTA_SHARE          2 /* change sets on disk grow to image / 2, then comes a new image */

static bool shrinks(const struct kept *z, const struct zone_built *b);
static bool goes_back(const struct kept *z, const struct candidate *c);
static struct adoption *begin(struct kept *z, struct candidate *c);
static bool known_already(const struct kept *z);
static bool note_in_ledger(struct turn *t, struct kept *z);
static void new_row(struct turn *t, struct kept *z);
static void commit(struct turn *t, struct kept *z);
static void put_secondary(struct turn *t, struct kept *z, struct store_batch *batch);
static struct keeper_action *commit_action(struct turn *t, struct kept *z,
                                           struct store_batch *batch);
static void commit_failed(struct turn *t, struct kept *z, const char *why);
static void publish(struct turn *t, struct kept *z);
static bool outlived(const struct turn *t, const struct kept *z);
static void log_change(struct turn *t, const struct kept *z, bool had, uint32_t before);
static void end_reading(struct turn *t, struct kept *z, bool ok);

bool adopt(struct turn *t, struct kept *z, struct candidate *c)
{
    must(z->adoption == NULL);
    if (c->source == SOURCE_FILE && !c->force && shrinks(z, c->built)) {
        z->held = true;
        kept_trouble(t, z,
                     "held: the edit would leave %u of %u records (max-shrink %u%%); to take it: "
                     "settlectl reload %s --force",
                     c->built->counted_after, c->built->counted_before,
                     z->config->rules->max_shrink, z->name);
        return false;
    }
    if (goes_back(z, c)) {
        kept_trouble(t, z, "serial %u is older than %u, which we serve: not taken",
                     zone_serial(c->built->next), z->row.serial);
        return false;
    }
    z->held = false;
    if (c->built->digest.text[0] != 0)
        log_info(t->k->o.log, "zone %s: %s", z->name, c->built->digest.text);
    z->adoption = begin(z, c);
    if (z->adoption == NULL) {
        kept_trouble(t, z, "out of memory: the new version is not taken");
        return false;
    }
    if (c->restored || known_already(z)) {
        publish(t, z);
        return true;
    }
    new_row(t, z);
    if (!note_in_ledger(t, z)) {
        adopt_drop(z);
        kept_trouble(t, z, "out of memory: the new version is not taken");
        return false;
    }
    commit(t, z);
    return true;
}

/* The disk thread did (or could not do) what we asked: commits come back in the order they were
 * given. */
void adopt_committed(struct turn *t, const struct keeper_event *e)
{
    struct kept *z = t->k->waiting_first;
    t->k->committed = e->number;
    if (z == NULL || e->number < z->adoption->first) {
        if (!e->ok)
            adopt_unwritten(t, e->text);
        return;
    }
    struct adoption *a = z->adoption;
    a->failed_part = a->failed_part || !e->ok;
    if (e->number < a->last)
        return;
    t->k->waiting_first = a->next_waiting;
    if (t->k->waiting_first == NULL)
        t->k->waiting_last = NULL;
    if (z->removed)
        adopt_drop(z);
    else if (a->failed_part)
        commit_failed(t, z, e->ok ? "an earlier part was not written" : e->text);
    else
        publish(t, z);
}

void adopt_due(struct turn *t, struct kept *z)
{
    if (z->adoption != NULL)
        commit(t, z);
}

void adopt_drop(struct kept *z)
{
    struct adoption *a = z->adoption;
    if (a == NULL)
        return;
    if (a->next != NULL)
        (void)zone_release(a->next);
    change_free(&a->change);
    buf_free(&a->image);
    ledger_touched_free(a->touched);
    free(a);
    z->adoption = NULL;
}

/* Slice by slice, each in a batch of its own; the last one also notes in the zone row that it is
 * gone. */
void adopt_old_image(struct turn *t, struct kept *z)
{
    struct journal_image image = {.id = z->row.id, .no = z->row.old_image};
    bool more = t->k->o.store != NULL && z->row.old_image != 0;
    while (more) {
        struct keeper_action *a = act(t, ACTION_COMMIT);
        if (a == NULL)
            return; /* the row still names it: the next start deletes it */
        a->number = t->k->next_commit++;
        more = journal_drop_image(&a->batch, &image, z->row.old_image_bytes);
        if (more)
            continue;
        z->dropped_image = z->row.old_image;
        z->dropped_image_bytes = z->row.old_image_bytes;
        z->row.old_image = 0;
        z->row.old_image_bytes = 0;
        journal_put_zone(&a->batch, &z->row);
    }
}

/* Not part of an adoption: peers' states, refresh times, what could be deleted. Which of them it
 * was is not known any more; all of it is written again. */
void adopt_unwritten(struct turn *t, const char *why)
{
    log_error(t->k->o.log, "journal: %s; what was not written is written again in %d s", why,
              UNWRITTEN_MS / 1000);
    for (size_t i = 0; i < t->k->zone_count; i++) {
        struct kept *z = t->k->zones[i];
        if (z->removed || !z->row.has_serial)
            continue;
        z->row_dirty = true;
        if (z->ledger != NULL)
            ledger_unsaved(z->ledger);
        if (z->row.old_image == 0) {
            z->row.old_image = z->dropped_image;
            z->row.old_image_bytes = z->dropped_image_bytes;
        }
    }
    kept_set_due(t, &t->k->flush_due, mono_plus_ms(t->now.mono, UNWRITTEN_MS));
}

static bool shrinks(const struct kept *z, const struct zone_built *b)
{
    uint64_t before = b->counted_before, after = b->counted_after;
    return z->current != NULL && before > SHRINK_FROM && z->config->rules->max_shrink < 100 &&
           after * 100 < before * (100 - z->config->rules->max_shrink);
}

/* I2: never backwards, but on the operator's order (retransfer) or when the zone had expired. */
static bool goes_back(const struct kept *z, const struct candidate *c)
{
    if (z->current == NULL || c->force || z->slot->state == SLOT_EXPIRED)
        return false;
    return serial_older(zone_serial(c->built->next), zone_serial(z->current));
}

static struct adoption *begin(struct kept *z, struct candidate *c)
{
    struct adoption *a = malloc(sizeof *a);
    if (a == NULL)
        return NULL;
    *a = (struct adoption){
        .next = c->built->next,
        .change = c->built->change,
        .source = c->source,
        .began = c->began,
        .row = z->row,
        .due = {.kind = DUE_COMMIT, .owner = z},
    };
    c->built->next = NULL;
    change_init(&c->built->change);
    snprintf(a->text, sizeof a->text, "%s", c->text);
    if (c->touched != NULL) {
        a->touched = *c->touched;
        *c->touched = NULL;
    }
    if (c->image != NULL) {
        a->image = *c->image;
        *c->image = (struct buf){0};
    }
    return a;
}

/* A restart that found on disk what it had served: nothing to commit, nothing to tell. */
static bool known_already(const struct kept *z)
{
    uint32_t told;
    const struct adoption *a = z->adoption;
    return z->current == NULL && z->row.has_serial && z->row.serial == zone_serial(a->next) &&
           z->row.content_hash == zone_content_hash(a->next) && a->image.len == 0 &&
           (z->ledger == NULL || (ledger_has_serial(z->ledger, &told) && told == z->row.serial));
}

static void new_row(struct turn *t, struct kept *z)
{
    struct adoption *a = z->adoption;
    struct journal_zone *row = &a->row;
    row->has_serial = true;
    row->serial = zone_serial(a->next);
    row->content_hash = zone_content_hash(a->next);
    row->max_ttl_s = zone_max_ttl(a->next);
    row->committed = t->now.wall;
    row->change_next = z->row.change_next + 1;
    uint16_t len;
    uint32_t ttl;
    struct soa soa;
    const uint8_t *rdata = zone_soa(a->next, &len, &ttl);
    must(soa_read(rdata, len, &soa));
    row->expire_s = soa.expire;
    if (z->config->role != ROLE_SECONDARY)
        return;
    uint32_t expire_s =
        soa.expire < z->config->rules->expire_max_s ? soa.expire : z->config->rules->expire_max_s;
    row->refreshed = z->pull->refresh.heard.wall; /* not when the disk had room at last */
    row->expires = wall_plus_s(z->pull->refresh.heard.wall, expire_s);
}

/* False: no memory. */
static bool note_in_ledger(struct turn *t, struct kept *z)
{
    struct adoption *a = z->adoption;
    bool unseen = z->ledger == NULL && !z->row.has_serial;
    if (!unseen && !ledgers_wake(t->k, z, t->now))
        return false;
    struct ledger_change change = {
        .change = &a->change,
        .old = z->current,
        .next = a->next,
        .touched = a->touched,
        .old_max_ttl_s = z->row.max_ttl_s,
        .old_expire_s = z->row.expire_s,
        .had_served = z->row.has_serial && (z->row.serial != a->row.serial ||
                                            z->row.content_hash != a->row.content_hash),
        .from = z->row.serial,
        .to = a->row.serial,
        .source = a->source,
        .text = a->text,
        .number = z->row.change_next,
    };
    a->touched = NULL;
    change.parent_known = parent_ttl(t->k, z, &change.parent_ttl_s);
    if (unseen)
        ledger_first(&change, t->now, &a->ledger_row);
    else
        ledger_prepare(z->ledger, &change, t->now, &a->ledger_row);
    a->unseen = unseen;
    a->prepared = !unseen;
    a->rrsets = a->ledger_row.rrsets;
    return true;
}

static void commit(struct turn *t, struct kept *z)
{
    struct adoption *a = z->adoption;
    if (t->k->o.store == NULL) {
        publish(t, z);
        return;
    }
    struct store_batch batch = {0};
    a->first = t->k->next_commit;
    a->failed_part = false;
    if (a->unseen) { /* a second try is served later */
        struct journal_change *row = &a->ledger_row;
        row->published = row->served = row->settled = t->now.wall;
    }
    if (z->config->role == ROLE_SECONDARY)
        put_secondary(t, z, &batch);
    journal_put_zone(&batch, &a->row);
    journal_put_change(&batch, z->row.id, &a->ledger_row);
    if (commit_action(t, z, &batch) == NULL) {
        commit_failed(t, z, "out of memory");
        return;
    }
    a->next_waiting = NULL;
    if (t->k->waiting_last == NULL)
        t->k->waiting_first = z;
    else
        t->k->waiting_last->adoption->next_waiting = z;
    t->k->waiting_last = z;
}

/* What a restart of a secondary needs without its primary: a change set behind the image that is
 * there, or a new image. The zone row flips to the new image with the last batch, which also
 * drops the old one. */
static void put_secondary(struct turn *t, struct kept *z, struct store_batch *batch)
{
    struct adoption *a = z->adoption;
    struct journal_zone *row = &a->row;
    uint64_t size = a->change.deleted.len + a->change.added.len;
    *row = z->row; /* a second try starts over */
    new_row(t, z);
    a->as_delta = z->row.image != 0 && !a->change.first && a->change.from == z->row.serial &&
                  size <= JOURNAL_SLICE &&
                  (z->row.delta_bytes + size) * DELTA_SHARE < z->row.image_bytes;
    if (a->as_delta || a->image.len == 0) {
        journal_put_delta(batch, row->id, row->delta_next, &a->change);
        row->delta_next++;
        row->delta_bytes += size;
        return;
    }
    struct journal_image image = {.id = row->id, .no = z->row.image + 1};
    struct journal_image left = {.id = row->id, .no = z->row.old_image};
    if (left.no != 0) /* its deletion failed before */
        (void)journal_drop_image(batch, &left, 0);
    while (journal_put_image(batch, &image, &a->image))
        if (commit_action(t, z, batch) == NULL)
            return; /* a part will be missed and the image be found incomplete: transferred again */
    row->old_image = z->row.image;
    row->old_image_bytes = z->row.image_bytes;
    row->image = image.no;
    row->image_serial = row->serial;
    row->image_bytes = a->image.len;
    journal_drop_deltas(batch, row->id, z->row.delta_first, z->row.delta_next);
    row->delta_first = row->delta_next;
    row->delta_bytes = 0;
}

static struct keeper_action *commit_action(struct turn *t, struct kept *z,
                                           struct store_batch *batch)
{
    struct keeper_action *action = batch_failed(batch) ? NULL : act(t, ACTION_COMMIT);
    if (action == NULL) {
        batch_free(batch);
        return NULL;
    }
    action->number = t->k->next_commit++;
    z->adoption->last = action->number;
    batch_join(&action->batch, batch);
    return action;
}

static void commit_failed(struct turn *t, struct kept *z, const char *why)
{
    struct adoption *a = z->adoption;
    int64_t pause_ms = (int64_t)COMMIT_RETRY_MS << (a->tries < 6 ? a->tries : 6);
    char meanwhile[64] = "nothing is served";
    if (pause_ms > COMMIT_RETRY_MOST_MS)
        pause_ms = COMMIT_RETRY_MOST_MS;
    a->tries++;
    a->first = a->last = 0;
    if (z->current != NULL)
        snprintf(meanwhile, sizeof meanwhile, "serial %u is served on", zone_serial(z->current));
    kept_trouble(t, z, "serial %u cannot be kept on disk: %s; %s, next try in %d s", a->row.serial,
                 why, meanwhile, (int)(pause_ms / 1000));
    kept_set_due(t, &a->due, mono_plus_ms(t->now.mono, pause_ms));
    end_reading(t, z, false);
}

static void publish(struct turn *t, struct kept *z)
{
    struct adoption *a = z->adoption;
    struct zone_version *old = z->current;
    bool had = old != NULL;
    uint32_t before = had ? zone_serial(old) : 0;
    z->current = a->next;
    a->next = NULL;
    t->k->published++;
    if (a->row.has_serial)
        z->row = a->row;
    z->since = z->row.committed;
    if (!outlived(t, z)) {
        slot_publish(z->slot, z->current);
        atomic_store_explicit(&z->slot->state, SLOT_SERVING, memory_order_release);
    }
    if (old != NULL)
        retire_version(t, z, old);
    log_change(t, z, had, before);
    uint32_t rrsets = a->rrsets;
    if (a->prepared)
        ledger_committed(z->ledger, t->now);
    if (a->unseen && z->ledger != NULL) /* it was asked for meanwhile */
        ledger_restore_change(z->ledger, &a->ledger_row, t->now);
    adopt_drop(z);
    adopt_old_image(t, z);
    z->reading.changed = true;
    z->reading.had_before = had;
    z->reading.before = before;
    z->reading.rrsets = rrsets;
    tell_change(t, z);
    t->k->news++;
    kept_well(t, z);
    end_reading(t, z, true);
    if (z->config->role == ROLE_SECONDARY)
        refresh_adopted(t, z, true);
}

/* The disk was full until what was fetched had expired: nobody gets to see it (I6), and
 * expire_due() comes next. */
static bool outlived(const struct turn *t, const struct kept *z)
{
    const struct journal_zone *row = &z->row;
    if (z->adoption->source != SOURCE_TRANSFER)
        return false;
    struct mono over =
        mono_plus_ms(z->pull->refresh.heard.mono, row->expires.ms - row->refreshed.ms);
    return !mono_before(t->now.mono, over);
}

/* "zone example.com: serial 7 -> 8 from file, 3 RRsets, 12 ms" (INTERFACE.md, log lines) */
static void log_change(struct turn *t, const struct kept *z, bool had, uint32_t before)
{
    const struct adoption *a = z->adoption;
    int ms = (int)mono_ms_between(a->began, t->now.mono);
    if (had)
        log_info(t->k->o.log, "zone %s: serial %u -> %u from %s, %u RRset%s, %d ms", z->name,
                 before, z->row.serial, a->text, a->rrsets, a->rrsets == 1 ? "" : "s", ms);
    else
        log_info(t->k->o.log, "zone %s: serial %u from %s, %llu records, %d ms", z->name,
                 z->row.serial, a->text, (unsigned long long)zone_records(z->current), ms);
}

static void end_reading(struct turn *t, struct kept *z, bool ok)
{
    if (z->config->role == ROLE_PRIMARY)
        edit_adopted(t, z, ok);
}
