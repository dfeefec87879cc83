/* answer.c - the table of contents of one answer: what kind of packet it is, who may ask it, who
 * answers it (RELIABILITY.md 14). Worker's thread, inside its epoch. Nothing here allocates, locks,
 * reads a clock or sends. A packet is kept as it came until the answer is certain; then the answer
 * is written over it. */
#include "answer/answer.h"
#include "answer/access.h"
#include "answer/ahead.h"
#include "answer/chain.h"
#include "answer/chaos.h"
#include "answer/compose.h"
#include "answer/notify.h"
#include "answer/probe.h"
#include "answer/xfr.h"
#include "wire/msg.h"
#include "wire/rrtype.h"
#include "wire/tsig.h"

static void look_at_cookie(struct job *j);
static enum verdict dispatch(struct job *j, enum query_status status);
static enum verdict key_unknown(struct job *j);
static enum verdict cookie_asked(struct job *j);
static enum verdict drop(struct job *j, enum counter why);
static enum verdict question(struct job *j);
static bool is_meta(uint16_t type);
static const struct world_zone *zone_for(const struct job *j);
static bool may_use(const struct job *j, const struct world_zone *z);
static enum verdict data(struct job *j, const struct world_zone *z);

enum verdict answer(struct answer_worker *w, const struct packet *p, const struct answer_try *t,
                    struct now now, struct answer_out *out)
{
    struct job j = {.worker = w, .packet = p, .try = t, .now = now, .out = out};
    out->wish = WISH_NONE;
    out->len = 0;
    out->zone = NULL;
    out->lasting = NULL;
    out->found = (struct zone_found){.match = ZONE_OUTSIDE};
    if (t->asked == 0) {
        count(w->counters, p->tcp ? COUNT_queries_tcp : COUNT_queries_udp);
    }
    if (!p->tcp && p->from.port == 0) { /* nobody to answer (RFC 768: no source port) */
        return drop(&j, COUNT_dropped_malformed);
    }
    enum query_status status = query_read(p->buf, p->len, &j.query);
    look_at_cookie(&j);
    return dispatch(&j, status);
}

/* RFC 7873 5.2: before anything is decided, for whoever has a good one is who it says it is. A bad
 * one is answered like none (5.2.4), with a new one. */
static void look_at_cookie(struct job *j)
{
    struct answer_worker *w = j->worker;
    if (j->query.cookie_len == 0 || w->cookies == NULL) {
        return;
    }
    struct cookie_sent sent = {j->query.cookie, j->query.cookie_len, &j->packet->from};
    j->cookie = cookie_look(w->cookies, &w->world->config->server.cookies, &sent, j->now.wall,
                            j->cookie_answer);
    if (j->try->asked == 0) {
        count(w->counters, j->cookie == COOKIE_GOOD  ? COUNT_cookies_good
                           : j->cookie == COOKIE_BAD ? COUNT_cookies_bad
                                                     : COUNT_cookies_new);
    }
}

static enum verdict dispatch(struct job *j, enum query_status status)
{
    const struct query *q = &j->query;
    switch (status) {
    case QUERY_SHORT:
        return drop(j, COUNT_dropped_short);
    case QUERY_RESPONSE:
        return drop(j, COUNT_dropped_response);
    case QUERY_MALFORMED:
        return compose_code(j, RCODE_FORMERR, EDE_NONE);
    case QUERY_COOKIE:
        return cookie_asked(j);
    case QUERY_BADVERS:
        return compose_code(j, RCODE_BADVERS, EDE_NONE);
    case QUERY_NOTIMP: /* an UPDATE we know, and do not take */
        return compose_code(j, q->opcode == OPCODE_UPDATE ? RCODE_REFUSED : RCODE_NOTIMP,
                            EDE_NOT_SUPPORTED);
    case QUERY_OK:
        break;
    }
    bool about_us = q->qclass == CLASS_CH && q->opcode == OPCODE_QUERY;
    if (q->qclass != CLASS_IN && !about_us) {
        return compose_code(j, RCODE_REFUSED, EDE_NOT_SUPPORTED);
    }
    if (q->has_tsig) {
        return key_unknown(j);
    }
    if (about_us) {
        return chaos_answer(j);
    }
    return q->opcode == OPCODE_NOTIFY ? notify_take(j) : question(j);
}

/* RFC 8945 5.2.1: signed with a key we do not have. */
static enum verdict key_unknown(struct job *j)
{
    struct tsig t;
    if (!tsig_read(&j->query, &t)) {
        return compose_code(j, RCODE_FORMERR, EDE_NONE);
    }
    enum verdict v = compose_code(j, RCODE_NOTAUTH, EDE_NOT_SUPPORTED);
    if (v == VERDICT_SEND) {
        j->out->len = tsig_refuse(&t, TSIG_BADKEY, j->packet->buf, j->out->len,
                                  j->packet->tcp ? j->packet->room : MSG_UDP_PLAIN);
    }
    return v;
}

/* RFC 7873 5.4: no question but for a cookie of ours. */
static enum verdict cookie_asked(struct job *j)
{
    if (j->cookie == COOKIE_ABSENT) {
        return compose_code(j, RCODE_FORMERR, EDE_NONE);
    }
    return compose_code(j, j->cookie == COOKIE_BAD ? RCODE_BADCOOKIE : RCODE_NOERROR, EDE_NONE);
}

static enum verdict drop(struct job *j, enum counter why)
{
    count(j->worker->counters, why);
    return VERDICT_DROP;
}

static enum verdict question(struct job *j)
{
    const struct query *q = &j->query;
    if (q->qtype == TYPE_AXFR || q->qtype == TYPE_IXFR) {
        return xfr_answer(j);
    }
    if (q->qtype == TYPE_MAILA || q->qtype == TYPE_MAILB) { /* obsolete: RFC 6895 3.1 */
        return compose_code(j, RCODE_NOTIMP, EDE_NOT_SUPPORTED);
    }
    if (is_meta(q->qtype)) {
        return compose_code(j, RCODE_FORMERR, EDE_NONE);
    }
    const struct world_zone *z = zone_for(j);
    if (z == NULL) {
        return compose_code(j, RCODE_REFUSED, EDE_NOT_AUTHORITATIVE);
    }
    if (probe_is(j, z)) {
        j->out->zone = z;
        return probe_answer(j, z);
    }
    if (!access_may_ask(j->worker->world, z, &j->packet->from)) {
        return compose_code(j, RCODE_REFUSED, EDE_PROHIBITED);
    }
    /* What others asked before is nobody's business: without RD a cache gives nothing away. */
    if (z->config->role == ROLE_CACHE && (q->flags & MSG_RD) == 0) {
        return compose_code(j, RCODE_REFUSED, EDE_NOT_AUTHORITATIVE);
    }
    return data(j, z);
}

/* Types that no zone can have (RFC 6895 3.1), but for ANY. */
static bool is_meta(uint16_t type)
{
    return type != TYPE_ANY && rrtype_is_meta(type);
}

/* DS of our own apex belongs to the zone above, unless that is a cache zone the asker may not use
 * (RFC 4035 3.1.4.1). */
static const struct world_zone *zone_for(const struct job *j)
{
    const struct query *q = &j->query;
    const struct world *world = j->worker->world;
    const struct ahead *ahead = j->packet->ahead;
    if (ahead != NULL && ahead->zone != NULL && ahead->world == world && q->qtype != TYPE_DS) {
        return ahead->zone;
    }
    const struct world_zone *z = world_find(world, q->qname, q->qtype);
    if (q->qtype == TYPE_DS && z != NULL && z->config->role == ROLE_CACHE && !may_use(j, z)) {
        const struct world_zone *own = world_exact(world, q->qname);
        return own != NULL ? own : z;
    }
    return z;
}

static bool may_use(const struct job *j, const struct world_zone *z)
{
    return (j->query.flags & MSG_RD) != 0 && access_may_ask(j->worker->world, z, &j->packet->from);
}

static enum verdict data(struct job *j, const struct world_zone *z)
{
    struct chain c;
    chain_follow(j, &c, z);
    if (c.end == CHAIN_ASK) {
        if (j->try->asked == 0) {
            count(j->worker->counters, COUNT_cache_misses);
        }
        return VERDICT_ASK;
    }
    if (j->query.qtype == TYPE_SOA && name_same(j->query.qname, z->slot->name)) {
        xfr_hint(j, z);
    }
    return compose_chain(j, &c);
}
