/* deadline.c - when no conforming cache can hold an old answer any more (CONVERGENCE.md, Deadline).
 *
 * The rule: deadline(r) is the largest, over all older versions v whose answer r differs, of
 * gone(v) + TTL_v(r) + 5 s, and a change's deadline is the largest of its old answers'. The ledger
 * keeps changes, not answers, so for change k, a -> b: own(k)      = gone(a) + the largest TTL of
 * k's old answers in a + 5 s deadline(k) = max of own(k) and own(j) of every older, unsettled
 * change j that may have touched one of k's old answers. That is what keeps a TTL lowered shortly
 * before an edit from fooling anybody: the lowering is such a j. An answer j did not touch has in
 * j's version the TTL it has in a, and gone(j's) <= gone(a): own(k) covers it. Never too early;
 * later than needed where j touched only some of k's answers, where hashes collide, where too much
 * was touched to remember, after a restart (what older changes touched is not on disk: all are
 * related), and where two changes became one.
 *
 * gone(a) is when the last of us and the watched secondaries was first seen at b. For one not seen
 * yet: its last refresh can be no later than our publication of b or its last request for a
 * transfer, and from there it serves no longer than the EXPIRE of what it holds, once per hop. A
 * cache that confirmed counts with that time and TTL 0. A change is settled when that time is over
 * and every watched peer is at it. */
#include "keeper/ledger_inside.h"
#include <stdlib.h>

static bool own(const struct ledger *l, unsigned index, struct mono *out);
static bool not_seen_yet(const struct ledger *l, unsigned index, const struct kept_peer *p,
                         struct mono *out);
static bool expire_of(const struct ledger *l, unsigned index, unsigned from, uint32_t *expire_s);
static struct mono later(struct mono a, struct mono b);
static void forget(struct ledger *l, unsigned index);
static void join_oldest(struct ledger *l);
static void unslot(struct ledger *l, unsigned slot, unsigned into);

bool ledger_settle(struct ledger *l, struct now now, struct journal_change *row)
{
    for (unsigned k = 0; k < l->change_count; k++) {
        struct kept_change *c = &l->changes[k];
        struct mono at;
        if (change_settled(c) || !c->served || !ledger_deadline(l, k, &at) ||
            mono_before(now.mono, at)) {
            continue;
        }
        c->row.settled = now.wall;
        c->dirty = true;
        ledger_touched_free(c->touched);
        c->touched = NULL;
        unslot(l, c->slot, c->slot);
        *row = c->row;
        return true;
    }
    return false;
}

struct mono ledger_due(const struct ledger *l, struct now now)
{
    struct mono due = MONO_NEVER;
    for (unsigned k = 0; k < l->change_count; k++) {
        struct mono at;
        if (!change_settled(&l->changes[k]) && l->changes[k].served && ledger_deadline(l, k, &at)) {
            due = mono_min(due, later(at, now.mono));
        }
    }
    return due;
}

bool ledger_deadline(const struct ledger *l, unsigned index, struct mono *out)
{
    const struct kept_change *c = &l->changes[index];
    if (!own(l, index, out)) {
        return false;
    }
    for (unsigned j = 0; j < index; j++) {
        struct mono at;
        const struct kept_change *older = &l->changes[j];
        if (change_settled(older) || (c->related >> older->slot & 1) == 0) {
            continue;
        }
        if (!own(l, j, &at)) {
            return false;
        }
        *out = later(*out, at);
    }
    return true;
}

static bool own(const struct ledger *l, unsigned index, struct mono *out)
{
    const struct kept_change *c = &l->changes[index];
    struct mono gone = c->gone;
    if (!change_has_old(c)) {
        *out = c->published; /* no answer became wrong: served is settled */
        return true;
    }
    for (unsigned i = 0; i < l->peer_count; i++) {
        const struct kept_peer *p = &l->peers[i];
        struct mono bound;
        if (!p->watch || p->kind == PEER_CACHE || ledger_peer_position(l, p) > index) {
            continue;
        }
        if (!not_seen_yet(l, index, p, &bound)) {
            return false;
        }
        gone = later(gone, bound);
    }
    *out = mono_plus_s(gone, (int64_t)c->row.old_ttl_s + LEDGER_GRACE_S);
    if (c->confirmed_any) {
        *out = later(*out, mono_plus_s(c->confirmed, LEDGER_GRACE_S));
    }
    return true;
}

/* Until when a secondary that was not seen at the change may serve older data. False: not known. */
static bool not_seen_yet(const struct ledger *l, unsigned index, const struct kept_peer *p,
                         struct mono *out)
{
    uint32_t expire_s;
    if (!expire_of(l, index, ledger_peer_position(l, p), &expire_s)) {
        return false;
    }
    struct mono refreshed = l->changes[index].published;
    if (p->moved) {
        refreshed = later(refreshed, p->moved_at);
    }
    *out = mono_plus_s(refreshed, (int64_t)expire_s * p->hops);
    if (p->answered) {
        *out = later(*out, p->seen_mono); /* it was still there then, whatever its EXPIRE says */
    }
    return true;
}

/* The largest EXPIRE of the versions it may hold: those before the changes [from, index]. */
static bool expire_of(const struct ledger *l, unsigned index, unsigned from, uint32_t *expire_s)
{
    *expire_s = 0;
    for (unsigned k = from; k <= index; k++) {
        const struct journal_change *row = &l->changes[k].row;
        if (row->first) {
            continue;
        }
        if (row->expire_s == 0) {
            return false;
        }
        *expire_s = row->expire_s > *expire_s ? row->expire_s : *expire_s;
    }
    return true;
}

static struct mono later(struct mono a, struct mono b)
{
    return mono_before(a, b) ? b : a;
}

void ledger_make_room(struct ledger *l, unsigned most)
{
    if (l->change_count < most) {
        return;
    }
    for (unsigned k = 0; k < l->change_count; k++) {
        if (change_settled(&l->changes[k])) {
            forget(l, k);
            return;
        }
    }
    join_oldest(l);
}

/* The two oldest become one, in the place of the later: gone() of the later is not before that of
 * the earlier. */
static void join_oldest(struct ledger *l)
{
    struct kept_change *a = &l->changes[0], *b = &l->changes[1];
    struct journal_change *row = &b->row;
    bool unknown = (a->row.expire_s == 0 && !a->row.first) || (row->expire_s == 0 && !row->first);
    row->from = a->row.first ? row->from : a->row.from;
    row->first = a->row.first && row->first;
    row->no_bound |= a->row.no_bound;
    row->parent_left_out |= a->row.parent_left_out;
    row->rrsets += a->row.rrsets;
    row->old_ttl_s = a->row.old_ttl_s > row->old_ttl_s ? a->row.old_ttl_s : row->old_ttl_s;
    row->expire_s = a->row.expire_s > row->expire_s ? a->row.expire_s : row->expire_s;
    row->expire_s = unknown ? 0 : row->expire_s;
    ledger_touched_free(b->touched);
    b->touched = NULL;
    b->dirty = true;
    unslot(l, a->slot, b->slot);
    forget(l, 0);
}

static void forget(struct ledger *l, unsigned index)
{
    struct kept_change *c = &l->changes[index];
    uint64_t *dropped = realloc(l->dropped, (l->dropped_count + 1) * sizeof *dropped);
    if (dropped != NULL) { /* else the row stays on disk; the next restart drops it */
        l->dropped = dropped;
        l->dropped[l->dropped_count++] = c->row.number;
    }
    unslot(l, c->slot, c->slot);
    ledger_touched_free(c->touched);
    ledger_drop_text(c->row.text);
    for (unsigned k = index; k + 1 < l->change_count; k++) {
        l->changes[k] = l->changes[k + 1];
    }
    l->change_count--;
}

/* Who counted the change in `slot` now counts the one in `into`; the same: nobody does. */
static void unslot(struct ledger *l, unsigned slot, unsigned into)
{
    for (unsigned k = 0; k < l->change_count; k++) {
        struct kept_change *c = &l->changes[k];
        bool had = (c->related >> slot & 1) != 0;
        c->related &= ~(UINT64_C(1) << slot);
        if (had && into != slot && c->slot != into) {
            c->related |= UINT64_C(1) << into;
        }
    }
}

void ledger_relate(struct ledger *l)
{
    struct kept_change *newest = &l->changes[l->change_count - 1];
    uint64_t taken = 0;
    newest->related = 0;
    for (unsigned k = 0; k + 1 < l->change_count; k++) {
        taken |= UINT64_C(1) << l->changes[k].slot;
    }
    newest->slot = 0;
    while ((taken >> newest->slot & 1) != 0) {
        newest->slot++;
    }
    for (unsigned k = 0; k + 1 < l->change_count; k++) {
        const struct kept_change *older = &l->changes[k];
        if (!change_settled(older) && touched_related(older->touched, newest->touched)) {
            newest->related |= UINT64_C(1) << older->slot;
        }
    }
}

struct mono ledger_since(struct wall at, struct now now)
{
    int64_t ago_ms = now.wall.ms - at.ms;
    return ago_ms > 0 ? (struct mono){now.mono.ns - ago_ms * NS_PER_MS} : now.mono;
}
