/* evidence.c - what was observed of the peers, and which changes are served by it (CONVERGENCE.md,
 * Evidence).
 *
 * Only an observed answer moves a peer along the line of published serials; the rest (notified,
 * acked, fetching, trouble) says how far the newest change got on the wire and is shown until the
 * answer comes. A serial is placed by the history when it is in there, so that a serial far away by
 * RFC 1982 but published a while ago is still known, and by RFC 1982 otherwise. */
#include "keeper/ledger_inside.h"
#include "wire/rdata.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct kept_peer *peer_at(struct ledger *l, unsigned peer);
static bool step(struct ledger *l, unsigned peer, enum peer_state to);
static bool clear_reason(struct kept_peer *p);
static bool set_reason(struct kept_peer *p, uint32_t from, const char *text);
static void went_back(struct kept_peer *p, uint32_t from, uint32_t to, struct now now);
static void say_ahead(const struct ledger *l, struct kept_peer *p);
static bool all_reached(const struct ledger *l, unsigned change);

bool ledger_notified(struct ledger *l, unsigned peer)
{
    struct kept_peer *p = peer_at(l, peer);
    p->tries++;
    return p->step == PEER_PENDING && step(l, peer, PEER_NOTIFIED);
}

bool ledger_acked(struct ledger *l, unsigned peer)
{
    struct kept_peer *p = peer_at(l, peer);
    bool cleared = p->reason_from == LEDGER_NOTIFY && clear_reason(p);
    return (p->step < PEER_ACKED && step(l, peer, PEER_ACKED)) || cleared;
}

bool ledger_fetching(struct ledger *l, unsigned peer, struct now now)
{
    struct kept_peer *p = peer_at(l, peer);
    p->moved = true;
    p->moved_at = now.mono;
    bool cleared = p->reason_from == LEDGER_NOTIFY && clear_reason(p);
    return (p->step < PEER_FETCHING && step(l, peer, PEER_FETCHING)) || cleared;
}

bool ledger_seen(struct ledger *l, unsigned peer, unsigned address, uint32_t serial, struct now now)
{
    struct kept_peer *p = peer_at(l, peer);
    must(address < p->addresses);
    enum peer_state state = ledger_peer_state(l, p);
    unsigned before = ledger_peer_position(l, p);
    uint32_t least_before = 0, least = 0;
    bool had = ledger_peer_seen(p, &least_before);
    p->at[address] = (struct peer_address){.seen = true, .serial = serial};
    p->answered = true;
    p->seen_at = now.wall;
    p->seen_mono = now.mono;
    ledger_peer_seen(p, &least);
    if (p->reason_from == address) {
        clear_reason(p);
    }
    unsigned after = ledger_peer_position(l, p);
    bool moved = !had || least != least_before || before != after;
    if (moved) {
        p->serial_at = now.wall;
        l->peers_dirty = true;
    }
    if (after < before) {
        went_back(p, least_before, serial, now);
    }
    ledger_reached(l, p, before, after, now);
    bool served = ledger_judge(l, now);
    return served || moved || state != ledger_peer_state(l, p);
}

bool ledger_failing(struct ledger *l, unsigned peer, unsigned source, const char *reason)
{
    struct kept_peer *p = peer_at(l, peer);
    if (source == LEDGER_NOTIFY && ledger_peer_ahead(l, p, NULL)) {
        return false; /* it answers: that it does not take our NOTIFY follows from what it answers
                       */
    }
    bool serving = ledger_peer_serving(l, p);
    return set_reason(p, source, reason) && !serving;
}

unsigned ledger_position(const struct ledger *l, uint32_t serial, bool *ahead)
{
    *ahead = false;
    if (!l->has_serial || serial == l->serial) {
        return l->has_serial ? l->change_count : 0;
    }
    for (unsigned k = l->change_count; k-- > 0;) {
        const struct journal_change *c = &l->changes[k].row;
        if (c->to == serial) {
            return k + 1;
        }
        if (!c->first && c->from == serial) {
            return k;
        }
    }
    if (!serial_older(serial, l->serial)) {
        *ahead = true; /* newer, or at the distance of 2^31 that is neither (RFC 1982 3.2) */
        return 0;
    }
    unsigned k = l->change_count;
    while (k > 0 && !serial_older(l->changes[k - 1].row.to, serial)) {
        k--;
    }
    return k;
}

unsigned ledger_peer_position(const struct ledger *l, const struct kept_peer *p)
{
    unsigned least = l->change_count;
    for (unsigned i = 0; i < p->addresses; i++) {
        bool ahead = false;
        unsigned at = p->at[i].seen ? ledger_position(l, p->at[i].serial, &ahead) : 0;
        least = at < least ? at : least;
    }
    return least;
}

bool ledger_peer_ahead(const struct ledger *l, const struct kept_peer *p, uint32_t *serial)
{
    for (unsigned i = 0; i < p->addresses; i++) {
        bool ahead = false;
        if (p->at[i].seen) {
            ledger_position(l, p->at[i].serial, &ahead);
        }
        if (ahead) {
            if (serial != NULL) {
                *serial = p->at[i].serial;
            }
            return true;
        }
    }
    return false;
}

bool ledger_peer_serving(const struct ledger *l, const struct kept_peer *p)
{
    for (unsigned i = 0; i < p->addresses; i++) {
        if (!l->has_serial || !p->at[i].seen || p->at[i].serial != l->serial) {
            return false;
        }
    }
    return true;
}

bool ledger_peer_seen(const struct kept_peer *p, uint32_t *serial)
{
    bool any = false;
    for (unsigned i = 0; i < p->addresses; i++) {
        if (p->at[i].seen && (!any || serial_older(p->at[i].serial, *serial))) {
            *serial = p->at[i].serial;
            any = true;
        }
    }
    return any;
}

enum peer_state ledger_peer_state(const struct ledger *l, const struct kept_peer *p)
{
    if (ledger_peer_serving(l, p)) {
        return PEER_SERVING;
    }
    if (p->reason_from == REASON_AHEAD) {
        return PEER_AHEAD;
    }
    return p->reason_from != REASON_NONE ? PEER_FAILING : p->step;
}

void ledger_reached(struct ledger *l, const struct kept_peer *p, unsigned from, unsigned to,
                    struct now now)
{
    for (unsigned k = from; p->watch && k < to; k++) {
        struct kept_change *c = &l->changes[k];
        if (change_settled(c)) {
            continue;
        }
        if (p->kind == PEER_CACHE) {
            c->confirmed_any = true;
            c->confirmed = now.mono;
        } else {
            c->gone = now.mono;
            c->row.gone = now.wall;
        }
        c->dirty = true;
    }
}

bool ledger_judge(struct ledger *l, struct now now)
{
    bool news = false;
    for (unsigned i = 0; i < l->peer_count; i++) {
        say_ahead(l, &l->peers[i]);
    }
    for (unsigned k = 0; k < l->change_count; k++) {
        struct kept_change *c = &l->changes[k];
        if (change_settled(c)) {
            continue;
        }
        c->served = all_reached(l, k);
        if (c->served && c->row.served.ms == 0) {
            c->row.served = now.wall;
            c->tell = true;
            c->dirty = true;
            news = true;
        }
    }
    return news;
}

void ledger_start_over(struct ledger *l)
{
    for (unsigned i = 0; i < l->peer_count; i++) {
        struct kept_peer *p = &l->peers[i];
        p->step = PEER_PENDING;
        p->tries = 0;
        clear_reason(p);
    }
}

static struct kept_peer *peer_at(struct ledger *l, unsigned peer)
{
    must(peer < l->peer_count);
    return &l->peers[peer];
}

/* True when a person sees it: a peer that serves already, or is in trouble, looks the same. */
static bool step(struct ledger *l, unsigned peer, enum peer_state to)
{
    struct kept_peer *p = peer_at(l, peer);
    enum peer_state before = ledger_peer_state(l, p);
    p->step = to;
    return ledger_peer_state(l, p) != before;
}

static bool clear_reason(struct kept_peer *p)
{
    bool had = p->reason_from != REASON_NONE;
    p->reason_from = REASON_NONE;
    p->reason[0] = '\0';
    return had;
}

static bool set_reason(struct kept_peer *p, uint32_t from, const char *text)
{
    char cut[LEDGER_REASON];
    snprintf(cut, sizeof cut, "%s", text);
    bool news = p->reason_from == REASON_NONE || strcmp(p->reason, cut) != 0;
    memcpy(p->reason, cut, sizeof cut);
    p->reason_from = from;
    return news;
}

/* It serves older data again (a restored backup, a machine that lagged behind the same address):
 * whatever it held then may be handed out again, and its EXPIRE runs from now at the latest. */
static void went_back(struct kept_peer *p, uint32_t from, uint32_t to, struct now now)
{
    char text[LEDGER_REASON];
    p->moved = true;
    p->moved_at = now.mono;
    snprintf(text, sizeof text, "went back from serial %" PRIu32 " to %" PRIu32, from, to);
    set_reason(p, REASON_WENT_BACK, text);
}

/* Puts the sentence for a peer that is ahead, and takes away what is no longer true. */
static void say_ahead(const struct ledger *l, struct kept_peer *p)
{
    uint32_t serial = 0;
    if (!ledger_peer_ahead(l, p, &serial)) {
        bool over = p->reason_from == REASON_AHEAD ||
                    (p->reason_from == REASON_WENT_BACK && ledger_peer_serving(l, p));
        if (over) {
            clear_reason(p);
        }
        return;
    }
    if (p->reason_from != REASON_NONE && p->reason_from != REASON_WENT_BACK &&
        p->reason_from != LEDGER_NOTIFY && p->reason_from != REASON_AHEAD) {
        return; /* a question went wrong since it was seen */
    }
    char name[NAME_TEXT], text[LEDGER_REASON];
    snprintf(text, sizeof text,
             "answers serial %" PRIu32 ", newer than %" PRIu32
             ", the newest published here: give %.60s a serial above %" PRIu32
             " if state was lost here, or let only one server be primary",
             serial, l->serial, name_print(l->zone, name), serial);
    set_reason(p, REASON_AHEAD, text);
}

static bool all_reached(const struct ledger *l, unsigned change)
{
    for (unsigned i = 0; i < l->peer_count; i++) {
        const struct kept_peer *p = &l->peers[i];
        if (p->watch && ledger_peer_position(l, p) <= change) {
            return false;
        }
    }
    return true;
}
