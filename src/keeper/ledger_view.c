/* ledger_view.c - what users ask of the ledger: each peer's state, each change's deadline, "is it
 * everywhere yet?" (CONVERGENCE.md I7). Nothing is changed here; deadlines are shown on the wall
 * clock as it is now. */
#include "keeper/ledger_inside.h"
#include "wire/rdata.h"
#include <stddef.h>

static bool reached(const struct ledger *l, uint32_t at, uint32_t serial);
static bool counts_for(const struct ledger *l, unsigned index, uint32_t serial);
static struct wall as_wall(struct mono at, struct now now);

const char *peer_state_name(enum peer_state s)
{
    static const char *const names[PEER_STATES] = {
        [PEER_PENDING] = "pending",   [PEER_NOTIFIED] = "notified", [PEER_ACKED] = "acked",
        [PEER_FETCHING] = "fetching", [PEER_SERVING] = "serving",   [PEER_FAILING] = "failing",
        [PEER_AHEAD] = "ahead"};
    must(s < PEER_STATES);
    return names[s];
}

const char *change_source_name(enum change_source s)
{
    switch (s) {
    case SOURCE_FILE:
        return "file";
    case SOURCE_TRANSFER:
        return "transfer";
    case SOURCE_UPDATE:
        return "update";
    case SOURCE_RESTART:
        return "restart";
    }
    return "unknown";
}

bool ledger_has_serial(const struct ledger *l, uint32_t *published)
{
    if (l->has_serial) {
        *published = l->serial;
    }
    return l->has_serial;
}

unsigned ledger_peer_count(const struct ledger *l)
{
    return l->peer_count;
}

void ledger_peer(const struct ledger *l, unsigned peer, struct ledger_peer_view *out)
{
    must(peer < l->peer_count);
    const struct kept_peer *p = &l->peers[peer];
    *out = (struct ledger_peer_view){.name = p->name,
                                     .kind = p->kind,
                                     .watch = p->watch,
                                     .state = ledger_peer_state(l, p),
                                     .seen_at = p->seen_at,
                                     .reason = "",
                                     .tries = p->tries};
    out->seen = ledger_peer_seen(p, &out->serial);
    if (out->state == PEER_FAILING || out->state == PEER_AHEAD) {
        out->reason = p->reason;
    }
}

unsigned ledger_serving(const struct ledger *l, unsigned *watched)
{
    unsigned serving = 0;
    *watched = 0;
    for (unsigned i = 0; i < l->peer_count; i++) {
        if (l->peers[i].watch) {
            (*watched)++;
            serving += ledger_peer_serving(l, &l->peers[i]);
        }
    }
    return serving;
}

unsigned ledger_change_count(const struct ledger *l)
{
    return l->change_count;
}

void ledger_change(const struct ledger *l, unsigned index, struct now now,
                   struct ledger_change_view *out)
{
    must(index < l->change_count);
    unsigned k = l->change_count - 1 - index;
    const struct kept_change *c = &l->changes[k];
    *out = (struct ledger_change_view){.row = c->row};
    out->settled = change_settled(c);
    out->served = out->settled || c->served;
    out->deadline_final = out->served;
    if (out->settled) {
        out->has_deadline = true;
        out->deadline = c->row.settled;
        return;
    }
    struct mono at;
    out->has_deadline = ledger_deadline(l, k, &at);
    if (out->has_deadline) {
        out->deadline = as_wall(at, now);
    }
}

bool ledger_served(const struct ledger *l, uint32_t serial)
{
    if (l->at_rest) {
        return true;
    }
    if (!l->has_serial || !reached(l, l->serial, serial)) {
        return false;
    }
    for (unsigned i = 0; i < l->peer_count; i++) {
        const struct kept_peer *p = &l->peers[i];
        for (unsigned a = 0; p->watch && a < p->addresses; a++) {
            if (!p->at[a].seen || !reached(l, p->at[a].serial, serial)) {
                return false;
            }
        }
    }
    return true;
}

bool ledger_settled(const struct ledger *l, uint32_t serial, struct now now, struct wall *deadline)
{
    bool settled = ledger_served(l, serial);
    *deadline = (struct wall){0};
    if (l->at_rest) {
        return true;
    }
    if (!l->has_serial || !reached(l, l->serial, serial)) {
        return false;
    }
    for (unsigned k = 0; k < l->change_count; k++) {
        const struct kept_change *c = &l->changes[k];
        struct mono at;
        if (!counts_for(l, k, serial)) {
            continue;
        }
        struct wall when = c->row.settled;
        if (!change_settled(c)) {
            if (!ledger_deadline(l, k, &at)) {
                *deadline = (struct wall){0};
                return false;
            }
            when = as_wall(at, now);
            settled = settled && !mono_before(now.mono, at);
        }
        *deadline = wall_before(*deadline, when) ? when : *deadline;
    }
    return settled;
}

/* Is a server that answers `at` as new as `serial`? The history knows better than RFC 1982 where
 * both are in it. */
static bool reached(const struct ledger *l, uint32_t at, uint32_t serial)
{
    bool ahead;
    unsigned position = ledger_position(l, at, &ahead);
    if (ahead) {
        return false;
    }
    for (unsigned k = l->change_count; k-- > 0;) {
        if (l->changes[k].row.to == serial) {
            return position > k;
        }
    }
    return at == serial || serial_older(serial, at);
}

/* Does the change lead to `serial`, directly or from further back? */
static bool counts_for(const struct ledger *l, unsigned index, uint32_t serial)
{
    for (unsigned k = l->change_count; k-- > 0;) {
        if (l->changes[k].row.to == serial) {
            return index <= k;
        }
    }
    return !serial_older(serial, l->changes[index].row.to);
}

static struct wall as_wall(struct mono at, struct now now)
{
    int64_t ns = at.ns - now.mono.ns;
    return (struct wall){now.wall.ms + ns / NS_PER_MS + (ns % NS_PER_MS > 0)};
}
