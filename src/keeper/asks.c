/* asks.c - UDP questions of the keeper: refresh, probe, NOTIFY. Each is embedded in what asks, so
 * nothing is allocated.
 *
 * A question leaves when its lane lets it. A lane is one address and one of two purposes
 * (checking with primaries; telling and probing peers), so that neither starves the other: 100
 * questions a second to an address that has not answered or answered slowly, else 5,000
 * (RELIABILITY.md, limits). Matching an answer: ID, address and port, question (RFC 5452 9.1). */
#include "keeper/kept.h"
#include "wire/edns.h"
#include "wire/query.h"
#include <stdlib.h>
#include <string.h>

#define LANE_SLOW_NS  (10 * NS_PER_MS)
#define LANE_QUICK_NS (NS_PER_MS / 5)
#define LANE_BURST    16  /* questions that may leave at once after a pause */
#define LANE_QUICK_MS 100 /* an answer faster than this makes the lane quick */

struct lane {
    struct lane *next;
    struct addr to;
    bool checking; /* purpose: refresh; else notify and probe */
    bool quick;
    struct mono free_at; /* when the last question's share of time is over */
    struct ask *first, *last;
    struct due due;
};

static bool answers(const struct response *r, const struct addr *from, const struct ask *a);
static struct lane *lane_for(struct keeper *k, const struct ask *a);
static bool lane_free(const struct lane *l, struct mono now);
static void lane_answered(struct lane *l, struct mono sent, struct mono now);
static void lane_queue(struct turn *t, struct lane *l, struct ask *a);
static void ask_send(struct turn *t, struct ask *a);
static void ask_unlink(struct keeper *k, struct ask *a);
static bool write_question(const struct ask *a, struct buf *out);

void ask_start(struct turn *t, struct ask *a)
{
    ask_cancel(t->k, a);
    a->lane = lane_for(t->k, a);
    a->active = true;
    a->due = (struct due){.kind = DUE_ASK, .owner = a};
    a->next = NULL;
    if (a->lane != NULL && (a->lane->first != NULL || !lane_free(a->lane, t->now.mono)))
        lane_queue(t, a->lane, a);
    else
        ask_send(t, a);
}

void ask_cancel(struct keeper *k, struct ask *a)
{
    if (!a->active)
        return;
    ask_unlink(k, a);
    due_clear(&k->due, &a->due);
    a->active = false;
}

void asks_packet(struct turn *t, const struct addr *from, const uint8_t *msg, size_t len)
{
    struct response r;
    if (!response_read(msg, len, &r) || !r.has_question || r.qclass != CLASS_IN)
        return;
    struct ask *a = t->k->asks[r.id % ASK_BUCKETS];
    while (a != NULL && !answers(&r, from, a))
        a = a->next;
    if (a == NULL)
        return;
    if (a->lane != NULL)
        lane_answered(a->lane, a->sent, t->now.mono);
    ask_cancel(t->k, a);
    if (a->purpose == ASK_REFRESH)
        refresh_answered(t, a, &r);
    else if (a->purpose == ASK_PROBE)
        probe_answered(t, a, &r);
    else
        tell_answered(t, a, &r);
}

static bool answers(const struct response *r, const struct addr *from, const struct ask *a)
{
    unsigned opcode = a->purpose == ASK_NOTIFY ? OPCODE_NOTIFY : OPCODE_QUERY;
    return a->id == r->id && MSG_OPCODE(r->flags) == opcode && addr_same(&a->to, from) &&
           a->type == r->qtype && name_same(a->qname, r->qname.octets);
}

void ask_late(struct turn *t, struct ask *a)
{
    if (a->lane != NULL)
        a->lane->quick = false;
    ask_cancel(t->k, a);
    if (a->purpose == ASK_REFRESH)
        refresh_unanswered(t, a);
    else if (a->purpose == ASK_PROBE)
        probe_unanswered(t, a);
    else
        tell_unanswered(t, a);
}

void lane_due(struct turn *t, struct lane *l)
{
    while (l->first != NULL && lane_free(l, t->now.mono)) {
        struct ask *a = l->first;
        l->first = a->next;
        if (l->first == NULL)
            l->last = NULL;
        a->queued = false;
        a->next = NULL;
        ask_send(t, a);
    }
    if (l->first != NULL)
        kept_set_due(t, &l->due, mono_plus_ms(t->now.mono, 1));
}

void asks_free(struct keeper *k)
{
    while (k->lanes != NULL) {
        struct lane *l = k->lanes;
        k->lanes = l->next;
        free(l);
    }
}

static struct lane *lane_for(struct keeper *k, const struct ask *a)
{
    bool checking = a->purpose == ASK_REFRESH;
    for (struct lane *l = k->lanes; l != NULL; l = l->next)
        if (l->checking == checking && addr_same(&l->to, &a->to))
            return l;
    struct lane *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL; /* no pacing rather than no question */
    l->to = a->to;
    l->checking = checking;
    l->due = (struct due){.kind = DUE_LANE, .owner = l};
    l->next = k->lanes;
    k->lanes = l;
    return l;
}

static bool lane_free(const struct lane *l, struct mono now)
{
    int64_t share = l->quick ? LANE_QUICK_NS : LANE_SLOW_NS;
    return l->free_at.ns <= now.ns + (LANE_BURST - 1) * share;
}

/* What was sent while nobody knew how quick it is does not hold up what comes now. */
static void lane_answered(struct lane *l, struct mono sent, struct mono now)
{
    bool quick = mono_ms_between(sent, now) < LANE_QUICK_MS;
    if (quick && !l->quick)
        l->free_at = mono_min(l->free_at, now);
    l->quick = quick;
}

static void lane_queue(struct turn *t, struct lane *l, struct ask *a)
{
    a->queued = true;
    if (l->last == NULL)
        l->first = a;
    else
        l->last->next = a;
    l->last = a;
    if (!due_is_set(&l->due)) /* else those who queue would put it off for ever */
        kept_set_due(t, &l->due, mono_plus_ms(t->now.mono, 1));
}

static void ask_send(struct turn *t, struct ask *a)
{
    a->id = entropy_u16(t->k->o.entropy);
    a->sent = t->now.mono;
    a->next = t->k->asks[a->id % ASK_BUCKETS];
    t->k->asks[a->id % ASK_BUCKETS] = a;
    if (a->lane != NULL) {
        int64_t share = a->lane->quick ? LANE_QUICK_NS : LANE_SLOW_NS;
        int64_t from = a->lane->free_at.ns > t->now.mono.ns ? a->lane->free_at.ns : t->now.mono.ns;
        a->lane->free_at.ns = from + share;
    }
    kept_set_due(t, &a->due, mono_plus_ms(t->now.mono, a->timeout_ms));
    struct keeper_action *send = act(t, ACTION_SEND);
    if (send == NULL)
        return; /* it will be late, and asked again */
    send->to = a->to;
    send->via = a->via;
    if (!write_question(a, &send->data))
        t->actions->failed = true;
}

/* Takes it out of the table of those on their way, or of its lane's queue. */
static void ask_unlink(struct keeper *k, struct ask *a)
{
    struct ask **from = a->queued ? &a->lane->first : &k->asks[a->id % ASK_BUCKETS];
    struct ask *before = NULL;
    while (*from != NULL && *from != a) {
        before = *from;
        from = &(*from)->next;
    }
    must(*from == a);
    *from = a->next;
    if (a->queued && a->lane->last == a)
        a->lane->last = before;
    a->queued = false;
    a->next = NULL;
}

/* A probe or check is a SOA question with RD=0 that asks for ZONEVERSION (CONVERGENCE.md,
 * Evidence). */
static bool write_question(const struct ask *a, struct buf *out)
{
    uint8_t packet[1024];
    struct buf options = {0};
    bool notify = a->purpose == ASK_NOTIFY;
    uint16_t soa_len = 0;
    const uint8_t *soa = notify ? tell_soa(a->owner, &soa_len) : NULL;
    if (!notify)
        edns_option(&options, OPTION_ZONEVERSION, NULL, 0);
    struct question q = {
        .id = a->id,
        .flags = notify ? OPCODE_NOTIFY << 11 | MSG_AA : 0,
        .qname = a->qname,
        .qtype = a->type,
        .edns = !notify, /* a NOTIFY needs nothing from EDNS, and old servers refuse it there */
        .options = options.data,
        .options_len = (uint16_t)options.len,
        .soa = soa,
        .soa_len = soa_len,
    };
    buf_add(out, packet, question_write(&q, packet));
    buf_free(&options);
    return !out->failed;
}
