/* ledger.c - the ledger's life: its peers, its changes, and how both are kept on disk.
 *
 * A change is prepared (its row goes into the commit), then committed (from now on we serve it).
 * What happens to it later, being served, settled, joined or dropped, is marked and written by
 * ledger_save, which the keeper calls with the next commit or within a second; what is lost in that
 * second is observed again. After kill -9 a change whose row does not say when we began to serve it
 * counts as published at the restart: never too early (CONVERGENCE.md I8).
 *
 * There is room for two changes from the beginning (with one alone nothing could be joined), and
 * the text of most, "file", is kept once. */
#include "keeper/ledger_inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST                                                                                 \
    2 /* changes there is always room for, so that joining can help when memory is out */
#define LOOK_AT_MOST                                                                               \
    2000 /* records of a change looked at on the keeper's thread; larger ones bring `touched`      \
            along */

static const char file_text[] = "file", no_text[] = "";

static bool make_peer(const struct ledger *l, const struct ledger_peer_start *s,
                      struct kept_peer *out);
static void free_peers(struct kept_peer *peers, unsigned count);
static struct kept_peer *find_peer(const struct ledger *l, const char *name, uint64_t identity);
static void drop_prepared(struct ledger *l);
static struct kept_change *make_place(struct ledger *l);
static const char *keep_text(const char *text);
static void make_row(const struct ledger_change *c, const struct ledger_touched *t, struct now now,
                     struct journal_change *row);
static void describe(const struct ledger_change *c, const struct ledger_touched *t,
                     struct journal_change *row);
static void describe_unseen(const struct ledger_change *c, struct journal_change *row);
static void peer_row(const struct kept_peer *p, struct journal_peer *row);

struct ledger *ledger_new(const uint8_t *zone)
{
    struct ledger *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return NULL;
    }
    l->changes = calloc(ROOM_FIRST, sizeof *l->changes);
    if (l->changes == NULL) {
        free(l);
        return NULL;
    }
    l->change_room = ROOM_FIRST;
    l->zone = zone;
    return l;
}

void ledger_free(struct ledger *l)
{
    if (l == NULL) {
        return;
    }
    for (unsigned k = 0; k < l->change_count; k++) {
        ledger_touched_free(l->changes[k].touched);
        ledger_drop_text(l->changes[k].row.text);
    }
    drop_prepared(l);
    free_peers(l->peers, l->peer_count);
    free(l->changes);
    free(l->dropped);
    free(l);
}

bool ledger_set_peers(struct ledger *l, const struct ledger_peer_start *peers, unsigned count,
                      struct now now)
{
    struct kept_peer *list = calloc(count, sizeof *list); /* glibc: not NULL for none */
    unsigned made = 0;
    while (list != NULL && made < count && make_peer(l, &peers[made], &list[made])) {
        made++;
    }
    if (list == NULL || made < count) {
        free_peers(list, made);
        return false;
    }
    l->peers_dirty |= count > 0 || l->peer_count > 0;
    free_peers(l->peers, l->peer_count);
    l->peers = list;
    l->peer_count = count;
    ledger_judge(l, now);
    return true;
}

/* A peer as it is asked for, with what is known under its name. */
static bool make_peer(const struct ledger *l, const struct ledger_peer_start *s,
                      struct kept_peer *out)
{
    must(s->addresses > 0);
    const struct kept_peer *old = find_peer(l, s->name, s->identity);
    *out = old != NULL ? *old : (struct kept_peer){.reason_from = REASON_NONE};
    out->at = calloc(s->addresses, sizeof *out->at);
    if (out->at == NULL) {
        return false;
    }
    if (old != NULL) {
        unsigned both = old->addresses < s->addresses ? old->addresses : s->addresses;
        memcpy(out->at, old->at, both * sizeof *out->at);
    }
    snprintf(out->name, sizeof out->name, "%s", s->name);
    out->identity = s->identity;
    out->kind = s->kind;
    out->watch = s->watch;
    out->addresses = s->addresses;
    out->hops = s->hops > 0 ? s->hops : 1;
    return true;
}

static void free_peers(struct kept_peer *peers, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        free(peers[i].at);
    }
    free(peers);
}

static struct kept_peer *find_peer(const struct ledger *l, const char *name, uint64_t identity)
{
    for (unsigned i = 0; i < l->peer_count; i++) {
        struct kept_peer *p = &l->peers[i];
        if (p->identity == identity && strncmp(p->name, name, sizeof p->name - 1) == 0) {
            return p;
        }
    }
    return NULL;
}

void ledger_restore_change(struct ledger *l, const struct journal_change *c, struct now now)
{
    struct kept_change *k = make_place(l);
    *k = (struct kept_change){.row = *c};
    k->row.text = keep_text(c->text);
    l->change_count++;
    k->published = now.mono;
    if (c->published.ms != 0) {
        k->published = ledger_since(c->published, now);
    } else {
        k->row.published = now.wall;
        k->dirty = true;
    }
    k->gone = c->gone.ms != 0 ? ledger_since(c->gone, now) : k->published;
    if (c->served.ms != 0) { /* by then every cache had confirmed too */
        k->confirmed_any = true;
        k->confirmed = ledger_since(c->served, now);
    }
    l->has_serial = true;
    l->serial = c->to;
    ledger_relate(l);
    ledger_judge(l, now);
}

void ledger_restore_peer(struct ledger *l, const struct journal_peer *p, struct now now)
{
    struct kept_peer *peer = find_peer(l, p->name, p->identity);
    l->peers_dirty |= peer == NULL;
    if (peer == NULL || !p->seen) {
        return;
    }
    for (unsigned i = 0; i < peer->addresses; i++) {
        peer->at[i] = (struct peer_address){.seen = true, .serial = p->serial};
    }
    peer->answered = true;
    peer->serial_at = peer->seen_at = p->at;
    peer->seen_mono = ledger_since(p->at, now);
    unsigned position = ledger_peer_position(l, peer);
    for (unsigned k = 0; k < position; k++) {
        struct kept_change *c = &l->changes[k];
        bool lost = c->row.gone.ms == 0 && c->row.served.ms == 0;
        if (lost && peer->watch && mono_before(c->gone, peer->seen_mono)) {
            c->gone = peer->seen_mono;
        }
    }
    ledger_judge(l, now);
}

void ledger_restore_serial(struct ledger *l, uint32_t serial)
{
    l->has_serial = true;
    l->serial = serial;
}

void ledger_prepare(struct ledger *l, const struct ledger_change *c, struct now now,
                    struct journal_change *row)
{
    struct ledger_touched *t = c->touched;
    bool looked = t == NULL && c->old != NULL &&
                  c->change->deleted_count + c->change->added_count <= LOOK_AT_MOST;
    if (looked) {
        t = ledger_touch(c->change, c->old, c->next);
    }
    make_row(c, t, now, row);
    row->text = keep_text(c->text);
    drop_prepared(l);
    *make_place(l) = (struct kept_change){.row = *row, .touched = t};
    l->prepared = true;
}

void ledger_first(const struct ledger_change *c, struct now now, struct journal_change *row)
{
    must(!c->had_served);
    make_row(c, c->touched, now, row);
    row->published = row->served = row->settled = now.wall;
    ledger_touched_free(c->touched);
}

static void drop_prepared(struct ledger *l)
{
    if (l->prepared) {
        ledger_touched_free(l->changes[l->change_count].touched);
        ledger_drop_text(l->changes[l->change_count].row.text);
        l->prepared = false;
    }
}

static const char *keep_text(const char *text)
{
    if (strcmp(text, file_text) == 0) {
        return file_text;
    }
    const char *copy = strndup(text, JOURNAL_TEXT - 1);
    return copy != NULL ? copy : no_text; /* without memory the change is told of without it */
}

void ledger_drop_text(const char *text)
{
    if (text != file_text && text != no_text) {
        free((char *)(uintptr_t)text);
    }
}

static void make_row(const struct ledger_change *c, const struct ledger_touched *t, struct now now,
                     struct journal_change *row)
{
    *row = (struct journal_change){.number = c->number,
                                   .first = !c->had_served,
                                   .from = c->from,
                                   .to = c->to,
                                   .source = (uint8_t)c->source,
                                   .text = c->text,
                                   .committed = now.wall};
    describe(c, t, row);
}

static void describe(const struct ledger_change *c, const struct ledger_touched *t,
                     struct journal_change *row)
{
    row->expire_s = c->had_served ? c->old_expire_s : 0;
    if (t == NULL) {
        describe_unseen(c, row);
    } else {
        row->rrsets = t->rrsets;
        row->old_ttl_s = t->old_ttl_s;
    }
    if (t != NULL && t->delegation && !row->first) {
        bool longer = c->parent_known && c->parent_ttl_s > row->old_ttl_s;
        row->old_ttl_s = longer ? c->parent_ttl_s : row->old_ttl_s;
        row->parent_left_out = !c->parent_known;
    }
    row->no_bound = c->had_served && c->old == NULL;
    if (row->no_bound) {
        row->old_ttl_s = c->old_max_ttl_s;
    }
    if (row->first) {
        row->old_ttl_s = 0;
    }
}

/* Nobody looked at what was touched: a first version, one too large, or no memory. Records stand in
 * for RRsets. */
static void describe_unseen(const struct ledger_change *c, struct journal_change *row)
{
    uint32_t deleted = c->change->deleted_count, added = c->change->added_count;
    uint32_t most = deleted > added ? deleted : added;
    row->rrsets = most > 0 ? most - 1 : 0; /* the SOA aside */
    if (c->old != NULL) {
        row->old_ttl_s = zone_max_ttl(c->old); /* a denial's TTL is at most the SOA's */
    }
}

void ledger_committed(struct ledger *l, struct now now)
{
    must(l->prepared);
    struct kept_change *c = &l->changes[l->change_count++];
    c->row.published = now.wall;
    c->published = c->gone = now.mono;
    c->dirty = true;
    l->prepared = false;
    l->has_serial = true;
    l->serial = c->row.to;
    ledger_relate(l);
    ledger_start_over(l);
    for (unsigned i = 0; i < l->peer_count; i++) { /* one that was ahead may be there already */
        const struct kept_peer *p = &l->peers[i];
        unsigned position = ledger_peer_position(l, p);
        ledger_reached(l, p, l->change_count - 1, position, now);
    }
    ledger_judge(l, now);
}

/* Behind the last change; where there is no room to be had, older ones give way. */
static struct kept_change *make_place(struct ledger *l)
{
    must(!l->prepared);
    ledger_make_room(l, LEDGER_CHANGES);
    if (l->change_count == l->change_room) {
        unsigned room = l->change_room * 2;
        struct kept_change *changes = realloc(l->changes, room * sizeof *changes);
        if (changes != NULL) {
            l->changes = changes;
            l->change_room = room;
        }
    }
    ledger_make_room(l, l->change_room);
    return &l->changes[l->change_count];
}

bool ledger_take_served(struct ledger *l, struct journal_change *row)
{
    for (unsigned k = 0; k < l->change_count; k++) {
        if (l->changes[k].tell) {
            l->changes[k].tell = false;
            *row = l->changes[k].row;
            return true;
        }
    }
    return false;
}

bool ledger_dirty(const struct ledger *l)
{
    bool dirty = l->peers_dirty || l->dropped_count > l->dropping;
    for (unsigned k = 0; !dirty && k < l->change_count; k++) {
        dirty = l->changes[k].dirty;
    }
    return dirty;
}

bool ledger_at_rest(const struct ledger *l)
{
    bool rests = l->peer_count == 0 && !l->prepared && !ledger_dirty(l);
    for (unsigned k = 0; rests && k < l->change_count; k++) {
        rests = change_settled(&l->changes[k]);
    }
    return rests;
}

const struct ledger *ledger_resting(void)
{
    static const struct ledger resting = {.at_rest = true};
    return &resting;
}

void ledger_save(struct ledger *l, uint32_t id, uint64_t commit, struct store_batch *b)
{
    if (l->dropping == 0) { /* one commit at a time: with a slow disk the last one is never back */
        for (unsigned i = 0; i < l->dropped_count; i++) {
            journal_drop_change(b, id, l->dropped[i]);
        }
        l->dropping = l->dropped_count;
        l->dropping_with = commit;
    }
    for (unsigned k = 0; k < l->change_count; k++) {
        if (l->changes[k].dirty) {
            journal_put_change(b, id, &l->changes[k].row);
            l->changes[k].dirty = false;
        }
    }
    if (l->peers_dirty) {
        journal_drop_peers(b, id);
    }
    for (unsigned i = 0; l->peers_dirty && i < l->peer_count; i++) {
        struct journal_peer row;
        peer_row(&l->peers[i], &row);
        if (row.seen) {
            journal_put_peer(b, id, &row);
        }
    }
    l->peers_dirty = false;
}

void ledger_saved(struct ledger *l, uint64_t committed)
{
    if (l->dropping == 0 || committed < l->dropping_with) {
        return;
    }
    for (unsigned i = l->dropping; i < l->dropped_count; i++) {
        l->dropped[i - l->dropping] = l->dropped[i];
    }
    l->dropped_count -= l->dropping;
    l->dropping = 0;
}

void ledger_unsaved(struct ledger *l)
{
    l->dropping = 0;
    l->peers_dirty = true;
    for (unsigned k = 0; k < l->change_count; k++) {
        l->changes[k].dirty = true;
    }
}

static void peer_row(const struct kept_peer *p, struct journal_peer *row)
{
    *row = (struct journal_peer){.identity = p->identity, .seen = true, .at = p->serial_at};
    memcpy(row->name, p->name, sizeof row->name);
    for (unsigned i = 0; i < p->addresses; i++) {
        row->seen = row->seen && p->at[i].seen;
    }
    ledger_peer_seen(p, &row->serial);
}
