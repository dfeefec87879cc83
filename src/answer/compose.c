/* compose.c - the answer, written over the question: sections in order, truncation, EDNS, counters.
 * Worker's thread, inside its epoch. By now nothing can go wrong any more but room: what has to be
 * there and does not fit sets TC, what is only useful is left out. RFC 1035 4, 2181 9, 6604, 6891,
 * 8914, 9471, 9660. */
#include "answer/compose.h"
#include "answer/additional.h"
#include "answer/proof.h"
#include "answer/ration.h"
#include "answer/signature.h"
#include "wire/edns.h"
#include "wire/msg.h"
#include "wire/record.h"
#include "wire/rrtype.h"
#include <string.h>

#define EDE_OCTETS 6 /* code, length, info-code; the text goes in if there is room */

static void add_version(const struct job *j, struct composing *w, const struct chain *c);
static bool add_sections(const struct job *j, struct reply *r, const struct chain *c);
static bool add_link(const struct job *j, struct reply *r, const struct link *l);
static bool add_proofs(const struct job *j, struct reply *r, const struct chain *c);
static bool add_proof(const struct job *j, struct reply *r, const struct cache_found *f);
static bool add_soa(const struct job *j, struct reply *r, const struct chain *c);
static bool add_referral(const struct job *j, struct reply *r, const struct chain *c);
static void add_addresses(const struct job *j, struct reply *r, const struct chain *c);
static const struct zone_version *lasting(const struct job *j, const struct chain *c);
static size_t limit_of(const struct job *j);
static unsigned rcode_of(const struct chain *c);
static void count_rcode(struct counters *n, unsigned rcode);
static void count_cache(struct job *j, const struct chain *c);

enum verdict compose_chain(struct job *j, struct chain *c)
{
    enum verdict instead;
    if (ration_chain(j, c, &instead)) {
        return instead;
    }
    struct composing w;
    compose_start(&w);
    add_version(j, &w, c);
    compose_open(j, &w, c->ede, c->ede_text);
    struct reply *r = &w.reply;
    reply_base(r, j->out->zone->slot->labels);
    r->rcode = (uint16_t)rcode_of(c);
    if (c->authoritative && c->end != CHAIN_ERROR) {
        r->flags |= MSG_AA;
    }
    if (c->cached) {
        r->flags |= MSG_RA;
        count_cache(j, c);
    }
    if (c->end != CHAIN_ERROR && !add_sections(j, r, c)) {
        r->flags |= MSG_TC;
    }
    j->out->lasting = lasting(j, c);
    return compose_close(j, &w);
}

enum verdict compose_code(struct job *j, unsigned rcode, int ede)
{
    enum verdict instead;
    if (ration_code(j, &instead)) {
        return instead;
    }
    struct composing w;
    compose_start(&w);
    compose_open(j, &w, ede, NULL);
    w.reply.rcode = (uint16_t)rcode;
    return compose_close(j, &w);
}

enum verdict compose_slip(struct job *j)
{
    struct composing w;
    compose_start(&w);
    compose_open(j, &w, EDE_NONE, NULL);
    if (j->cookie != COOKIE_ABSENT) {
        w.reply.rcode = RCODE_BADCOOKIE;
    } else {
        w.reply.flags |= MSG_TC;
    }
    return compose_close(j, &w);
}

void compose_start(struct composing *w)
{
    /* one octet is left for the NUL every buf keeps: so it never grows */
    w->options = (struct buf){.data = w->space, .room = OPTIONS_MOST, .limit = OPTIONS_MOST - 1};
}

void compose_open(struct job *j, struct composing *w, int ede, const char *ede_text)
{
    const struct query *q = &j->query;
    const struct config_server *server = &j->worker->world->config->server;
    if (j->cookie != COOKIE_ABSENT) {
        edns_option(&w->options, OPTION_COOKIE, j->cookie_answer, COOKIE_SIZE);
    }
    if (q->wants_keepalive && j->packet->tcp) { /* RFC 7828 3.3.1: not over UDP */
        uint8_t time[2];
        put_u16(time, j->packet->keepalive);
        edns_option(&w->options, OPTION_KEEPALIVE, time, sizeof time);
    }
    if (q->wants_nsid && server->nsid != NULL) {
        edns_option(&w->options, OPTION_NSID, server->nsid, strlen(server->nsid));
    }
    size_t options = w->options.failed ? 0 : w->options.len;
    size_t room = options + (ede == EDE_NONE ? 0 : EDE_OCTETS);
    struct reply *r = &w->reply;
    reply_start(r, j->packet->buf, j->packet->room, q, limit_of(j), room);
    r->edns = q->has_edns;
    r->dnssec_ok = q->dnssec_ok;
    r->payload = server->udp_payload;
    r->ede = ede;
    r->ede_text = ede_text;
    r->options = w->space;
    r->options_len = (uint16_t)options;
}

enum verdict compose_close(struct job *j, struct composing *w)
{
    compose_count(j->worker->counters, w->reply.rcode, (w->reply.flags & MSG_TC) != 0);
    j->out->len = reply_finish(&w->reply);
    return VERDICT_SEND;
}

void compose_count(struct counters *n, unsigned rcode, bool truncated)
{
    count(n, COUNT_answers);
    count_rcode(n, rcode);
    if (truncated) {
        count(n, COUNT_answers_truncated);
    }
}

/* The version that alone made the answer: nobody was refused on the way, nothing was counted, or
 * came from a cache. Who owns a DS depends on who asks (answer.c, zone_for). */
static const struct zone_version *lasting(const struct job *j, const struct chain *c)
{
    const struct config_acl *allow = &j->out->zone->config->rules->allow;
    bool is_for_all = allow->any && allow->count == 0 && j->query.cookie_len == 0 &&
                      j->query.qtype != TYPE_DS && !j->packet->tcp;
    bool is_zones_own =
        !c->cached && c->zones == 1 && c->end != CHAIN_STOP && c->end != CHAIN_ERROR;
    bool is_counted = j->worker->world->config->server.rate_limit != 0;
    return is_for_all && is_zones_own && !is_counted ? c->version : NULL;
}

/* RFC 9660: the version of the zone that owns the name asked, from an authority only. */
static void add_version(const struct job *j, struct composing *w, const struct chain *c)
{
    const struct world_zone *z = j->out->zone;
    if (!j->query.wants_zoneversion || c->zones == 0 || c->seen[0].zone != z) {
        return;
    }
    if (c->seen[0].version != NULL) {
        uint32_t serial = zone_serial(c->seen[0].version);
        edns_zoneversion(&w->options, name_labels(z->slot->name), serial);
    }
}

/* False: something that has to be there did not fit. */
static bool add_sections(const struct job *j, struct reply *r, const struct chain *c)
{
    for (unsigned i = 0; i < c->sets; i++) {
        if (!add_link(j, r, &c->set[i])) {
            return false;
        }
    }
    switch (c->end) {
    case CHAIN_NODATA:
    case CHAIN_NXDOMAIN:
        if (!add_soa(j, r, c)) {
            return false;
        }
        break;
    case CHAIN_REFERRAL:
        return add_referral(j, r, c);
    default:
        break;
    }
    if (j->query.dnssec_ok && !add_proofs(j, r, c)) {
        return false;
    }
    add_addresses(j, r, c);
    return true;
}

static bool add_link(const struct job *j, struct reply *r, const struct link *l)
{
    if (l->set.type == TYPE_RRSIG && l->node.ref != 0) {
        return signature_add_all(r, SECTION_ANSWER, l->owner, l->node);
    }
    if (!reply_rrset(r, SECTION_ANSWER, l->owner, &l->set, l->set.ttl)) {
        return false;
    }
    if (!j->query.dnssec_ok) {
        return true;
    }
    if (l->cached != NULL && l->cached->sigs.count > 0) {
        return reply_rrset(r, SECTION_ANSWER, l->owner, &l->cached->sigs, l->set.ttl);
    }
    return signature_add(r, SECTION_ANSWER, l->owner, l->node, &l->set);
}

/* What proves all of the chain. */
static bool add_proofs(const struct job *j, struct reply *r, const struct chain *c)
{
    for (unsigned i = 0; i < c->sets; i++) {
        if (c->set[i].cached != NULL && !add_proof(j, r, c->set[i].cached)) {
            return false;
        }
    }
    return proof_add(r, c);
}

/* What proved a cached denial, or that a wildcard was right. */
static bool add_proof(const struct job *j, struct reply *r, const struct cache_found *f)
{
    const uint8_t *owner;
    struct rrset set;
    size_t at = 0;
    while (j->query.dnssec_ok && cache_proof_next(f, &at, &owner, &set)) {
        if (!reply_rrset(r, SECTION_AUTHORITY, owner, &set, set.ttl)) {
            return false;
        }
    }
    return true;
}

static bool add_soa(const struct job *j, struct reply *r, const struct chain *c)
{
    if (c->soa.rdata == NULL) {
        return true;
    }
    struct record soa = {.owner = c->soa.owner,
                         .type = TYPE_SOA,
                         .class = CLASS_IN,
                         .ttl = c->soa.ttl,
                         .rdlen = c->soa.rdlen,
                         .rdata = c->soa.rdata};
    if (!reply_record(r, SECTION_AUTHORITY, &soa)) {
        return false;
    }
    if (c->soa.cached != NULL) {
        return add_proof(j, r, c->soa.cached);
    }
    if (!j->query.dnssec_ok || c->version == NULL) {
        return true;
    }
    struct rrset covered = {.type = TYPE_SOA, .ttl = c->soa.ttl};
    return signature_add(r, SECTION_AUTHORITY, c->soa.owner, zone_apex_node(c->version), &covered);
}

/* RFC 1034 4.2.1, 4035 3.1.4, 9471: NS, the DS that goes with it or a proof that there is none, and
 * glue. */
static bool add_referral(const struct job *j, struct reply *r, const struct chain *c)
{
    const uint8_t *cut = name_suffix(c->name, c->found.node_labels);
    struct rrset ns;
    bool is_there = zone_rrset(c->found.node, TYPE_NS, &ns);
    must(is_there);
    return reply_rrset(r, SECTION_AUTHORITY, cut, &ns, ns.ttl) &&
           (!j->query.dnssec_ok || add_proofs(j, r, c)) && additional_glue(r, c->version, cut, &ns);
}

static void add_addresses(const struct job *j, struct reply *r, const struct chain *c)
{
    if (c->end == CHAIN_ANSWER && c->set[c->sets - 1].node.ref != 0) {
        additional_addresses(r, c->version, &c->set[c->sets - 1].set, j->query.dnssec_ok);
    }
}

static size_t limit_of(const struct job *j)
{
    if (j->packet->tcp) {
        return MSG_MAX;
    }
    size_t ours = j->worker->world->config->server.udp_payload;
    size_t theirs = j->query.payload < MSG_UDP_PLAIN ? MSG_UDP_PLAIN : j->query.payload;
    return ours < theirs ? ours : theirs;
}

/* RFC 6604 3: the rcode speaks of the last name of the chain. */
static unsigned rcode_of(const struct chain *c)
{
    switch (c->end) {
    case CHAIN_NXDOMAIN:
        return RCODE_NXDOMAIN;
    case CHAIN_TOO_LONG:
        return RCODE_YXDOMAIN;
    case CHAIN_ERROR:
        return c->rcode;
    default:
        return RCODE_NOERROR;
    }
}

static void count_rcode(struct counters *n, unsigned rcode)
{
    switch (rcode) {
    case RCODE_NOERROR:
        count(n, COUNT_noerror);
        break;
    case RCODE_FORMERR:
        count(n, COUNT_formerr);
        break;
    case RCODE_SERVFAIL:
        count(n, COUNT_servfail);
        break;
    case RCODE_NXDOMAIN:
        count(n, COUNT_nxdomain);
        break;
    case RCODE_NOTIMP:
        count(n, COUNT_notimp);
        break;
    case RCODE_REFUSED:
        count(n, COUNT_refused);
        break;
    case RCODE_BADVERS:
        count(n, COUNT_badvers);
        break;
    case RCODE_BADCOOKIE:
        count(n, COUNT_badcookie);
        break;
    default:
        break;
    }
}

static void count_cache(struct job *j, const struct chain *c)
{
    if (j->try->asked == 0 && c->end != CHAIN_ERROR) {
        count(j->worker->counters, COUNT_cache_hits);
    }
    if (c->stale && c->end != CHAIN_ERROR) {
        count(j->worker->counters, COUNT_cache_stale);
    }
}
