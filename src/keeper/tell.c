/* tell.c - NOTIFY to the peers of a zone, and the probes that see who serves what (RFC 1996;
 * CONVERGENCE.md, Evidence).
 *
 * NOTIFY is repeated with back-off until the serial has been observed, not until it is
 * acknowledged. The probe is a SOA question: first 5 ms after the change, doubling to a second
 * while a change is open, to a minute for a peer that does not answer, then on the zone's
 * REFRESH. An acknowledgement, a transfer question or a transfer's end only start a probe at
 * once. */
#include "base/hash.h"
#include "keeper/kept.h"
#include <stdio.h>
#include <stdlib.h>

#define NOTIFY_TIMEOUT_MS 1000
#define NOTIFY_PAUSE_MS   1000 /* first pause; doubles */
#define NOTIFY_MOST_MS    60000
#define NOTIFY_OFF_S      3600 /* after REFUSED, NOTAUTH, NOTIMP */
#define PROBE_FIRST_MS    5
#define PROBE_OPEN_MS     1000  /* longest pause while a change is open and the peer answers */
#define PROBE_SILENT_MS   60000 /* longest for a peer that does not answer */
#define PROBE_TIMEOUT_MS  1000
#define PROBE_LOST_MS     100 /* out for longer when we hear that the peer is there: it was lost */
#define FAILING_TRIES     3   /* unanswered in a row before a peer is called failing */
#define LOG_TRIES         5   /* the try that is logged */

static void start_follower(struct kept *z, struct follower *f, unsigned index);
static bool is_serving(const struct follower *f);
static void probe_soon(struct turn *t, struct follower *f, uint32_t ms);
static void probe_later(struct turn *t, struct follower *f);
static void saw_serial(struct turn *t, struct follower *f, uint32_t serial);
static void silent(struct turn *t, struct follower *f, unsigned source, const char *why);
static void failing(struct turn *t, struct follower *f, unsigned source, const char *why);
static int64_t after_ms(struct wall from, struct wall to);
static void news_if(struct turn *t, bool changed);
static uint64_t identity(const struct config_peer *p);
static struct follower *follower_at(struct kept *z, const struct addr *from);
static uint32_t refresh_ms(const struct kept *z);

bool followers_set(struct turn *t, struct kept *z)
{
    const struct config_peers *peers = &z->config->rules->notify;
    followers_drop(t, z);
    if (peers->count == 0 && z->ledger == NULL)
        return true;
    if (!ledgers_wake(t->k, z, t->now))
        return false;
    struct ledger_peer_start *starts = calloc(peers->count + 1, sizeof *starts);
    z->followers = calloc(peers->count, sizeof *z->followers); /* glibc: not NULL for none */
    if (starts == NULL || z->followers == NULL) {
        free(starts);
        return false;
    }
    for (unsigned i = 0; i < peers->count; i++) {
        const struct config_peer *p = peers->items[i];
        starts[i] = (struct ledger_peer_start){
            .name = p->name,
            .kind = p->kind,
            .watch = p->watch,
            .addresses = p->ask_count,
            .identity = identity(p),
        };
        z->followers[i].peer = p;
        start_follower(z, &z->followers[i], i);
    }
    z->follower_count = peers->count;
    bool ok = ledger_set_peers(z->ledger, starts, peers->count, t->now);
    free(starts);
    return ok;
}

void followers_drop(struct turn *t, struct kept *z)
{
    for (unsigned i = 0; i < z->follower_count; i++) {
        struct follower *f = &z->followers[i];
        ask_cancel(t->k, &f->notify);
        ask_cancel(t->k, &f->probe);
        due_clear(&t->k->due, &f->notify_due);
        due_clear(&t->k->due, &f->probe_due);
    }
    free(z->followers);
    z->followers = NULL;
    z->follower_count = 0;
}

void tell_change(struct turn *t, struct kept *z)
{
    for (unsigned i = 0; i < z->follower_count; i++) {
        struct follower *f = &z->followers[i];
        f->notify_off = false;
        f->notify_tries = f->probe_tries = f->good = 0;
        f->notify_ms = NOTIFY_PAUSE_MS;
        f->probe_ms = PROBE_FIRST_MS;
        probe_soon(t, f, PROBE_FIRST_MS);
        if (!is_serving(f))
            tell_due(t, f);
    }
    ledger_moved(t, z);
}

void keeper_notify(struct keeper *k, size_t number, struct now now, struct keeper_actions *actions)
{
    struct turn t = {k, now, actions};
    struct kept *z = k->zones[number];
    for (unsigned i = 0; i < z->follower_count; i++) {
        struct follower *f = &z->followers[i];
        f->notify_off = false;
        f->notify_tries = 0;
        f->notify_ms = NOTIFY_PAUSE_MS;
        tell_due(&t, f);
        probe_soon(&t, f, PROBE_FIRST_MS);
    }
}

void tell_due(struct turn *t, struct follower *f)
{
    uint16_t len;
    if (tell_soa(f, &len) == NULL)
        return;
    struct ask *a = &f->notify;
    a->purpose = ASK_NOTIFY;
    a->type = TYPE_SOA;
    a->to = f->peer->address[f->notify_tries % f->peer->address_count];
    a->via = f->peer->has_via ? f->peer->via : (struct addr){0};
    a->qname = f->zone->slot->name;
    a->owner = f;
    a->timeout_ms = NOTIFY_TIMEOUT_MS;
    ask_start(t, a);
    news_if(t, ledger_notified(f->zone->ledger, f->index));
    f->notify_tries++;
    if (f->notify_tries <
        f->peer->address_count) { /* the first round reaches every address at once */
        kept_set_due(t, &f->notify_due, t->now.mono);
        return;
    }
    kept_set_due(t, &f->notify_due, mono_plus_ms(t->now.mono, f->notify_ms));
    f->notify_ms = f->notify_ms * 2 > NOTIFY_MOST_MS ? NOTIFY_MOST_MS : f->notify_ms * 2;
}

void tell_answered(struct turn *t, struct ask *a, struct response *r)
{
    struct follower *f = a->owner;
    char why[64];
    f->silent = false;
    if (r->rcode == RCODE_NOERROR) {
        news_if(t, ledger_acked(f->zone->ledger, f->index));
        probe_soon(t, f, 0);
        return;
    }
    snprintf(why, sizeof why, "NOTIFY answered %s", rcode_name(r->rcode));
    failing(t, f, LEDGER_NOTIFY, why);
    if (r->rcode != RCODE_REFUSED && r->rcode != RCODE_NOTAUTH && r->rcode != RCODE_NOTIMP)
        return;
    f->notify_off = true;
    kept_set_due(t, &f->notify_due, mono_plus_s(t->now.mono, NOTIFY_OFF_S));
}

void tell_unanswered(struct turn *t, struct ask *a)
{
    struct follower *f = a->owner;
    char where[ADDR_TEXT];
    if (f->notify_tries < FAILING_TRIES)
        return;
    silent(t, f, LEDGER_NOTIFY, "NOTIFY timeout");
    if (f->notify_tries == LOG_TRIES)
        log_warning(t->k->o.log,
                    "zone %s: peer %s failing: NOTIFY timeout at %s, %u tries, next in %d s",
                    f->zone->name, f->peer->name, addr_print(&a->to, where), f->notify_tries,
                    (int)mono_s_between(t->now.mono, f->notify_due.at));
}

const uint8_t *tell_soa(const struct follower *f, uint16_t *len)
{
    const struct kept *z = f->zone;
    uint32_t ttl;
    if (z->config->role != ROLE_CACHE)
        return z->current == NULL ? NULL : zone_soa(z->current, len, &ttl);
    const struct slot_soa *soa = atomic_load_explicit(&z->slot->soa, memory_order_relaxed);
    if (soa == NULL)
        return NULL;
    *len = soa->len;
    return soa->rdata;
}

void probe_due(struct turn *t, struct follower *f)
{
    struct ask *a = &f->probe;
    if (a->active)
        return; /* one at a time; its end sets the next */
    a->purpose = ASK_PROBE;
    a->type = TYPE_SOA;
    a->to = f->peer->ask[f->ask_at];
    a->via = f->peer->has_via ? f->peer->via : (struct addr){0};
    a->qname = f->zone->slot->name;
    a->owner = f;
    a->timeout_ms = PROBE_TIMEOUT_MS;
    ask_start(t, a);
}

void probe_answered(struct turn *t, struct ask *a, struct response *r)
{
    struct follower *f = a->owner;
    struct buf space = {0};
    struct soa_seen s;
    const char *why = NULL;
    f->probe_tries = 0;
    f->silent = false;
    if (soa_answered(r, &space, &s, &why)) {
        if (f->peer->kind == PEER_CACHE && !s.mark)
            why = "it is no settled cache: it does not say what it is coherent with";
        else if (f->peer->kind != PEER_CACHE && !s.authoritative)
            why = "lame: its SOA answer is not authoritative";
    }
    buf_free(&space);
    if (why == NULL) {
        saw_serial(t, f, s.serial);
        return;
    }
    failing(t, f, f->ask_at, why);
    probe_later(t, f);
}

void probe_unanswered(struct turn *t, struct ask *a)
{
    struct follower *f = a->owner;
    unsigned at = f->ask_at;
    f->probe_tries++;
    f->ask_at = (f->ask_at + 1) % f->peer->ask_count;
    f->good = 0;
    if (f->probe_tries >= FAILING_TRIES) {
        char where[ADDR_TEXT], why[64 + ADDR_TEXT];
        snprintf(why, sizeof why, "no answer to SOA questions from %s",
                 addr_print(&f->peer->ask[at], where));
        silent(t, f, at, why);
    }
    probe_later(t, f);
}

/* Somebody asked for a transfer, or one ended: only a hint, but worth a look (TCP; addresses
 * that name one peer alone). */
void tell_hint(struct turn *t, struct kept *z, const struct addr *from, uint16_t type)
{
    struct follower *f = follower_at(z, from);
    if (f == NULL)
        return;
    if (type == TYPE_AXFR || type == TYPE_IXFR)
        news_if(t, ledger_fetching(z->ledger, f->index, t->now));
    f->probe_ms = PROBE_FIRST_MS;
    probe_soon(t, f, type == 0 ? 1 : PROBE_FIRST_MS);
}

void ledger_moved(struct turn *t, struct kept *z)
{
    struct journal_change row;
    unsigned watched;
    t->k->news++;
    while (z->ledger != NULL && ledger_take_served(z->ledger, &row)) {
        (void)ledger_serving(z->ledger, &watched);
        int64_t ms = after_ms(row.committed, row.served);
        if (watched == 0)
            continue;
        histogram_add(&t->k->settle, ms * 1000);
        log_info(t->k->o.log, "zone %s: serial %u served by %u/%u peers after %lld ms", z->name,
                 row.to, watched, watched, (long long)ms); /* of this serial, not of a newer one */
    }
    kept_ledger_due(t, z);
}

void kept_ledger_due(struct turn *t, struct kept *z)
{
    struct journal_change row;
    if (z->ledger == NULL)
        return;
    while (ledger_settle(z->ledger, t->now, &row)) {
        t->k->news++;
        if (row.first) /* there was no old answer to die */
            continue;
        log_info(t->k->o.log, "zone %s: serial %u settled after %lld s", z->name, row.to,
                 (long long)after_ms(row.committed, row.settled) / 1000);
    }
    struct mono next = ledger_due(z->ledger, t->now);
    if (next.ns != MONO_NEVER.ns)
        kept_set_due(t, &z->ledger_due, next);
    if (ledger_dirty(z->ledger))
        kept_flush_soon(t);
}

/* Between two readings of the wall clock, which may have been set back meanwhile. */
static int64_t after_ms(struct wall from, struct wall to)
{
    return to.ms > from.ms ? to.ms - from.ms : 0;
}

static void news_if(struct turn *t, bool changed)
{
    t->k->news += changed;
}

/* Other addresses, or another kind: what was observed under this name says nothing about it. */
static uint64_t identity(const struct config_peer *p)
{
    uint64_t sum = (uint64_t)p->kind;
    for (unsigned i = 0; i < p->ask_count; i++)
        sum = hash_mix(sum, hash_mix(addr_hash_ip(&p->ask[i], 0), p->ask[i].port));
    return sum;
}

static void start_follower(struct kept *z, struct follower *f, unsigned index)
{
    f->zone = z;
    f->index = index;
    f->notify_ms = NOTIFY_PAUSE_MS;
    f->probe_ms = PROBE_FIRST_MS;
    f->notify_due = (struct due){.kind = DUE_NOTIFY, .owner = f};
    f->probe_due = (struct due){.kind = DUE_PROBE, .owner = f};
}

static bool is_serving(const struct follower *f)
{
    struct ledger_peer_view view;
    ledger_peer(f->zone->ledger, f->index, &view);
    return view.state == PEER_SERVING;
}

static void probe_soon(struct turn *t, struct follower *f, uint32_t ms)
{
    struct ask *a = &f->probe;
    if (a->active && !a->queued && mono_ms_between(a->sent, t->now.mono) > PROBE_LOST_MS)
        ask_cancel(t->k, a);
    if (!due_no_later(&t->k->due, &f->probe_due, mono_plus_ms(t->now.mono, ms)))
        t->actions->failed = true;
}

/* The next one: soon while this peer is behind, on REFRESH once it is there. */
static void probe_later(struct turn *t, struct follower *f)
{
    uint32_t most = f->probe_tries >= FAILING_TRIES ? PROBE_SILENT_MS : PROBE_OPEN_MS;
    uint32_t ms = f->probe_ms < most ? f->probe_ms : most;
    if (is_serving(f))
        ms = refresh_ms(f->zone);
    else
        f->probe_ms = ms * 2 > most ? most : ms * 2;
    kept_set_due(t, &f->probe_due, mono_plus_ms(t->now.mono, ms));
}

static void saw_serial(struct turn *t, struct follower *f, uint32_t serial)
{
    struct kept *z = f->zone;
    uint32_t ours;
    bool good = kept_serial(z, &ours) && serial == ours;
    bool moved = ledger_seen(z->ledger, f->index, f->ask_at, serial, t->now);
    f->good = good ? f->good + 1 : 0;
    if (good)
        f->ask_at = (f->ask_at + 1) % f->peer->ask_count;
    if (is_serving(f)) {
        due_clear(&t->k->due, &f->notify_due);
        ask_cancel(t->k, &f->notify);
    }
    if (moved)
        ledger_moved(t, z);
    else if (ledger_dirty(z->ledger))
        kept_flush_soon(t);
    if (good && f->good < f->peer->ask_count)
        probe_soon(t, f, 0);
    else
        probe_later(t, f);
}

/* Said once, whichever of NOTIFY and probe saw it first, or the log would hear of both for ever.
 * For the next change it is failing again. */
static void silent(struct turn *t, struct follower *f, unsigned source, const char *why)
{
    struct ledger_peer_view view;
    ledger_peer(f->zone->ledger, f->index, &view);
    if (!f->silent)
        failing(t, f, source, why);
    else if (view.state != PEER_FAILING)
        news_if(t, ledger_failing(f->zone->ledger, f->index, source, why));
    f->silent = true;
}

static void failing(struct turn *t, struct follower *f, unsigned source, const char *why)
{
    if (!ledger_failing(f->zone->ledger, f->index, source, why))
        return;
    t->k->news++;
    log_warning(t->k->o.log, "zone %s: peer %s failing: %s", f->zone->name, f->peer->name, why);
}

static struct follower *follower_at(struct kept *z, const struct addr *from)
{
    struct follower *found = NULL;
    for (unsigned i = 0; i < z->follower_count; i++)
        for (unsigned j = 0; j < z->followers[i].peer->address_count; j++)
            if (addr_same_ip(&z->followers[i].peer->address[j], from)) {
                if (found != NULL && found != &z->followers[i])
                    return NULL; /* several peers behind one address */
                found = &z->followers[i];
            }
    return found;
}

static uint32_t refresh_ms(const struct kept *z)
{
    uint16_t len;
    uint32_t ttl, most_s = 86400;
    struct soa soa;
    const uint8_t *rdata = z->current == NULL ? NULL : zone_soa(z->current, &len, &ttl);
    if (rdata == NULL || !soa_read(rdata, len, &soa))
        return 60000;
    uint32_t s = soa.refresh < 1 ? 1 : soa.refresh;
    return (s < most_s ? s : most_s) * 1000;
}
