/* attempt.c - the search for one question's answer: which server next, how long to wait for it,
 * and whether to believe what it says.
 *
 * Worker's thread. An answer is believed if it shows a version at least as new as the newest serial
 * we know of the zone, or comes from a server seen at it (CONVERGENCE.md, The fence). A server that
 * lags may catch up in a moment, so when all do, the question pauses and is asked again, from 20 ms
 * on; it is never answered with what the change made wrong. */
#include "forward/attempt.h"
#include "wire/rdata.h"
#include <string.h>

#define TIMEOUT_LEAST_MS 250  /* an authoritative server answers from memory */
#define RESOLVER_MS      1000 /* one that asks others first may take longer */
#define TIMEOUT_MOST_MS  3000
#define PLAIN_S          3600 /* how long a server that said FORMERR is asked without EDNS */
#define COOKIES_MOST     2    /* BADCOOKIE answers; then TCP (RFC 7873 5.3) */
#define COMPLAIN_S       60   /* one line a minute about one server */

static bool send_one(struct asking *a, struct now now);
static uint32_t timeout_of(const struct asking *a, const struct habit *h, bool recursive);
static enum attempt silent(struct asking *a);
static enum attempt judge_kind(struct asking *a, enum classified kind,
                               const struct classification *c);
static enum attempt judge_answer(struct asking *a, const struct classification *c);
static enum attempt again_over_tcp(struct asking *a, const char *why);
static enum attempt again_plain(struct asking *a);
static enum attempt referral(struct asking *a);
static enum attempt useless(struct asking *a, const char *why);
static void give_up_on(struct asking *a);
static bool is_own_zone(const struct asking *a);

bool attempt_send(struct asking *a, struct now now)
{
    struct choice choice = {a->origins, &a->f->habits, &a->f->rand, a->tried, now.mono};
    while (a->packets < a->packets_most) {
        bool same = a->tcp && a->packets > 0; /* after a truncated answer: the same server */
        unsigned origin = same ? a->origin : choose_origin(&choice);
        if (origin == CHOOSE_NONE) {
            return false;
        }
        a->origin = origin;
        a->packets++;
        if (send_one(a, now)) {
            a->in_flight = true;
            return true;
        }
        a->tcp = false;
        a->tried[origin]++;
        a->ede = EDE_NETWORK_ERROR;
    }
    return false;
}

static bool send_one(struct asking *a, struct now now)
{
    const struct cache_origin *to = &a->origins->origins[a->origin];
    const struct habit *h = habit_of(&a->f->habits, &to->address);
    bool recursive = atomic_load_explicit(&a->origins->recursive, memory_order_acquire);
    a->plain = h != NULL && mono_before(now.mono, h->plain_until);
    a->step = atomic_load_explicit(&a->zone->step, memory_order_acquire);
    a->sent = now.mono;
    struct upstream_question q = {
        .to = to->address,
        .name = a->name.octets,
        .type = a->type,
        .flags = (uint16_t)((recursive ? MSG_RD : 0) | (a->checking_disabled ? MSG_CD : 0)),
        .dnssec_ok = a->dnssec_ok,
        .tcp = a->tcp,
        .plain = a->plain,
        .timeout_ms = timeout_of(a, h, recursive),
        .token = a,
    };
    if (to->has_via) {
        q.via = to->via;
    }
    return upstream_ask(a->f->o.upstream, &q, now);
}

/* Three round-trip times, doubled with each packet to the same server (RFC 6298 5.5). */
static uint32_t timeout_of(const struct asking *a, const struct habit *h, bool recursive)
{
    int64_t least_ms = recursive ? RESOLVER_MS : TIMEOUT_LEAST_MS;
    int64_t ms = h != NULL ? h->srtt_us * 3 / 1000 : least_ms;
    ms = ms < least_ms ? least_ms : ms;
    ms <<= a->tried[a->origin];
    return (uint32_t)(ms < TIMEOUT_MOST_MS ? ms : TIMEOUT_MOST_MS);
}

enum attempt attempt_judge(struct asking *a, const uint8_t *msg, size_t len,
                           struct classification *out)
{
    if (msg == NULL) {
        return silent(a);
    }
    struct habit *h = habit_of(&a->f->habits, &a->origins->origins[a->origin].address);
    if (h != NULL) {
        habit_answered(h, (a->f->now.ns - a->sent.ns) / 1000);
    }
    struct classify_question q = {
        .zone = a->zone,
        .name = a->name.octets,
        .type = a->type,
        .dnssec_ok = a->dnssec_ok,
        .plain = a->plain,
        .step = a->step,
        .asked = a->sent,
    };
    return judge_kind(a, classify(&q, msg, len, out), out);
}

static enum attempt judge_kind(struct asking *a, enum classified kind,
                               const struct classification *c)
{
    switch (kind) {
    case CLASSIFIED_ANSWER:
        return judge_answer(a, c);
    case CLASSIFIED_TRUNCATED:
        return again_over_tcp(a, "a truncated answer over TCP");
    case CLASSIFIED_NO_EDNS:
        return again_plain(a);
    case CLASSIFIED_BAD_COOKIE:
        return ++a->cookies < COOKIES_MOST ? ATTEMPT_NEXT : again_over_tcp(a, "BADCOOKIE over TCP");
    case CLASSIFIED_SERVFAIL:
        return useless(a, "SERVFAIL");
    case CLASSIFIED_REFERRAL:
        return referral(a);
    case CLASSIFIED_LAME:
        return useless(a, "no answer for this zone (lame)");
    case CLASSIFIED_MALFORMED:
        break;
    }
    a->ede = EDE_NETWORK_ERROR;
    return useless(a, "an answer that makes no sense");
}

static enum attempt silent(struct asking *a)
{
    struct habit *h = habit_of(&a->f->habits, &a->origins->origins[a->origin].address);
    if (h != NULL) {
        habit_silent(h, a->f->now);
    }
    a->tcp = false;
    a->tried[a->origin]++;
    a->ede = EDE_NO_REACHABLE_AUTHORITY;
    return ATTEMPT_NEXT;
}

/* The first link tells the version of all: one server gave them in one message. */
static enum attempt judge_answer(struct asking *a, const struct classification *c)
{
    const struct cache_entry *e = &c->links[0].entry;
    uint32_t known;
    a->tcp = false;
    if (!is_own_zone(a) ||
        !cache_serial_get(atomic_load_explicit(&a->zone->known, memory_order_acquire), &known)) {
        return ATTEMPT_ANSWERED;
    }
    struct forward_news news = {.slot = a->slot, .has_serial = true, .serial = e->version};
    if (e->has_version && serial_older(known, e->version)) {
        news_add(&a->f->news, &news, a->f->now);
    }
    bool believed =
        e->has_version ? !serial_older(e->version, known) : origin_is_current(a->zone, a->origin);
    return believed ? ATTEMPT_ANSWERED : attempt_fenced(a);
}

enum attempt attempt_fenced(struct asking *a)
{
    count(a->f->o.counters, COUNT_cache_fenced);
    a->tcp = false;
    a->ede = EDE_OTHER;
    if (a->step != atomic_load_explicit(&a->zone->step, memory_order_acquire)) {
        return ATTEMPT_NEXT; /* the zone changed while the question was under way */
    }
    /* Another one first; but it stays in the list, because it may have caught up by then. */
    if (a->tried[a->origin] + 1 < CHOOSE_TRIES) {
        a->tried[a->origin]++;
    }
    for (unsigned i = 0; i < a->zone->origin_count && i < CHOOSE_ORIGINS; i++) {
        if (i != a->origin && a->tried[i] < a->tried[a->origin]) {
            return ATTEMPT_NEXT;
        }
    }
    struct forward_news news = {.slot = a->slot, .has_serial = false};
    news_add(&a->f->news, &news, a->f->now);
    return ATTEMPT_PAUSE;
}

/* `why` it is of no use if that was over TCP already. */
static enum attempt again_over_tcp(struct asking *a, const char *why)
{
    if (a->tcp) {
        return useless(a, why);
    }
    a->tcp = true;
    return ATTEMPT_NEXT;
}

/* RFC 6891 7. Once an hour it is tried with EDNS again. */
static enum attempt again_plain(struct asking *a)
{
    struct habit *h = habit_of(&a->f->habits, &a->origins->origins[a->origin].address);
    if (h == NULL) {
        return useless(a, "FORMERR");
    }
    h->plain_until = mono_plus_s(a->f->now, PLAIN_S);
    return ATTEMPT_NEXT;
}

/* The name is in a zone of its own below this one: outside of what we follow. The next enclosing
 * cache zone's servers know (CONVERGENCE.md, The edges). */
static enum attempt referral(struct asking *a)
{
    if (a->enclosing == NULL) {
        return useless(a, "a referral, and no cache zone above is configured");
    }
    a->origins = a->enclosing;
    a->enclosing = NULL;
    memset(a->tried, 0, sizeof a->tried);
    return ATTEMPT_NEXT;
}

static enum attempt useless(struct asking *a, const char *why)
{
    const struct addr *to = &a->origins->origins[a->origin].address;
    struct habit *h = habit_of(&a->f->habits, to);
    if (h != NULL && !mono_before(a->f->now, h->complain_at)) {
        char zone[NAME_TEXT], name[NAME_TEXT], server[ADDR_TEXT];
        h->complain_at = mono_plus_s(a->f->now, COMPLAIN_S);
        log_notice(a->f->o.log, "zone %s: %s gave %s when asked for %s",
                   name_print(a->zone->apex, zone), addr_print(to, server), why,
                   name_print(a->name.octets, name));
    }
    give_up_on(a);
    return ATTEMPT_NEXT;
}

static void give_up_on(struct asking *a)
{
    a->tcp = false;
    a->tried[a->origin] = CHOOSE_TRIES;
    if (a->ede == EDE_NONE) {
        a->ede = EDE_NO_REACHABLE_AUTHORITY;
    }
}

/* Not asked above a zone cut: there our zone's serials mean nothing. */
static bool is_own_zone(const struct asking *a)
{
    return a->origins == a->zone;
}
