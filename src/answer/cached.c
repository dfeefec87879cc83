/* cached.c - one step of an answer in a cache zone: what is there, else what to ask (RFC 2308,
 * 6672, 8020, 8767). Worker's thread, inside its epoch, which keeps the entries it looks at alive.
 * What has just come from upstream (fresh) is looked at before the cache: it may be too short-lived
 * to be in there. */
#include "answer/chain.h"
#include "answer/local.h"
#include "wire/msg.h"
#include "wire/rrtype.h"

enum look { /* what a look for the chain's name gave */
            LOOK_NOTHING,
            LOOK_END, /* c->end is set */
            LOOK_LINK /* the chain goes on */
};

static bool unused_any(struct chain *c);
static enum look look(struct job *j, struct chain *c, bool stale_ok);
static bool get(struct job *j, const struct cache_key *k, bool stale_ok, struct cache_found *f);
static bool get_fresh(const struct job *j, const struct cache_key *k, struct cache_found *f);
static enum look exact(struct job *j, struct chain *c);
static enum look cname(struct job *j, struct chain *c);
static enum look dname(struct job *j, struct chain *c, struct cache_key k, bool stale_ok);
static enum look denial(struct job *j, struct chain *c);
static void note(struct job *j, struct chain *c);
static struct link link_of(const struct cache_found *f, const uint8_t *owner);
static bool missing(struct job *j, struct chain *c);
static void want(struct job *j, const struct chain *c);
static const struct cache_zone *enclosing(const struct world *world, const struct slot *slot);

bool cached_step(struct job *j, struct chain *c)
{
    c->cached = true;
    c->version = NULL;
    if (c->zone->slot->cache->root && c->zone->config->rules->local_names && local_step(j, c)) {
        return false;
    }
    if (j->worker->cache == NULL) {
        return chain_error(c, RCODE_SERVFAIL, EDE_NOT_READY, "no cache");
    }
    enum look found = look(j, c, false);
    if (found == LOOK_NOTHING && j->query.qtype == TYPE_ANY) {
        return unused_any(c);
    }
    return found == LOOK_NOTHING ? missing(j, c) : found == LOOK_LINK;
}

/* RFC 8482 4.2: nobody is asked for ANY; the answer says so, and nothing keeps it. */
static bool unused_any(struct chain *c)
{
    static const uint8_t hinfo[] = {0, 9, 7, 'R', 'F', 'C', '8', '4', '8', '2', 0};
    struct rrset set = {.type = TYPE_HINFO, .count = 1, .size = sizeof hinfo, .data = hinfo};
    chain_add(c, c->name, &set);
    c->end = CHAIN_ANSWER;
    return false;
}

static enum look look(struct job *j, struct chain *c, bool stale_ok)
{
    struct cache_key k = {.zone = c->zone->slot->cache,
                          .name = c->name,
                          .type = j->query.qtype,
                          .dnssec_ok = j->query.dnssec_ok};
    struct cache_found *f = &c->cache[c->links];
    if (k.type != TYPE_ANY && get(j, &k, stale_ok, f)) {
        return exact(j, c);
    }
    if (k.type != TYPE_CNAME) {
        k.type = TYPE_CNAME;
        if (get(j, &k, stale_ok, f) && f->kind == CACHE_RRSET) {
            return cname(j, c);
        }
    }
    k.type = 0;
    if (get_fresh(j, &k, f) || cache_get_nxdomain(j->worker->cache, &k, j->now.mono, stale_ok, f)) {
        return denial(j, c);
    }
    return dname(j, c, k, stale_ok);
}

static bool get(struct job *j, const struct cache_key *k, bool stale_ok, struct cache_found *f)
{
    return get_fresh(j, k, f) || cache_get(j->worker->cache, k, j->now.mono, stale_ok, f);
}

static bool get_fresh(const struct job *j, const struct cache_key *k, struct cache_found *f)
{
    for (unsigned i = 0; i < j->try->fresh_count; i++) {
        const struct answer_fresh *fresh = &j->try->fresh[i];
        if (fresh->key.zone == k->zone && fresh->key.type == k->type &&
            fresh->key.dnssec_ok == k->dnssec_ok && name_same(fresh->key.name, k->name)) {
            *f = fresh->found;
            return true;
        }
    }
    return false;
}

/* Something of the very type that was asked. */
static enum look exact(struct job *j, struct chain *c)
{
    const struct cache_found *f = &c->cache[c->links];
    if (f->kind != CACHE_RRSET) {
        return denial(j, c);
    }
    note(j, c);
    struct link link = link_of(f, c->name);
    *chain_add(c, c->name, &link.set) = link;
    c->end = CHAIN_ANSWER;
    return LOOK_END;
}

static enum look cname(struct job *j, struct chain *c)
{
    note(j, c);
    struct link link = link_of(&c->cache[c->links], c->name);
    if (j->query.qtype == TYPE_ANY) {
        *chain_add(c, c->name, &link.set) = link;
        c->end = CHAIN_ANSWER;
        return LOOK_END;
    }
    return chain_cname(j, c, &link) ? LOOK_LINK : LOOK_END;
}

/* RFC 6672 3.4.1: a cached DNAME above the name makes its CNAME. Looked for from the name up to the
 * zone's apex. */
static enum look dname(struct job *j, struct chain *c, struct cache_key k, bool stale_ok)
{
    struct cache_found *f = &c->cache[c->links];
    unsigned apex = name_labels(k.zone->apex);
    k.type = TYPE_DNAME;
    for (unsigned labels = name_labels(c->name); labels > apex; labels--) {
        k.name = name_suffix(c->name, labels - 1);
        if (get(j, &k, stale_ok, f) && f->kind == CACHE_RRSET) {
            note(j, c);
            struct link link = link_of(f, k.name);
            return chain_dname(j, c, &link) ? LOOK_LINK : LOOK_END;
        }
    }
    return LOOK_NOTHING;
}

static enum look denial(struct job *j, struct chain *c)
{
    const struct cache_found *f = &c->cache[c->links];
    note(j, c);
    c->end = f->kind == CACHE_NXDOMAIN ? CHAIN_NXDOMAIN : CHAIN_NODATA;
    c->soa.owner = f->soa_owner;
    c->soa.rdata = f->soa;
    c->soa.rdlen = f->soa_len;
    c->soa.ttl = f->ttl_s;
    c->soa.cached = f;
    return LOOK_END;
}

/* What using an entry brings with it: stale marks the answer, one near its end is refreshed. */
static void note(struct job *j, struct chain *c)
{
    const struct cache_found *f = &c->cache[c->links];
    if (f->stale) {
        c->stale = true;
        c->ede = f->kind == CACHE_NXDOMAIN ? EDE_STALE_NXDOMAIN : EDE_STALE_ANSWER;
    }
    if (f->refresh && j->out->wish == WISH_NONE) {
        j->out->wish = WISH_REFRESH;
        want(j, c);
    }
}

static struct link link_of(const struct cache_found *f, const uint8_t *owner)
{
    return (struct link){.owner = owner, .set = f->set, .cached = f};
}

static bool missing(struct job *j, struct chain *c)
{
    const struct answer_try *t = j->try;
    bool unsure = atomic_load_explicit(&c->zone->slot->cache->unsure, memory_order_relaxed);
    if ((t->failed || t->stale_ok) && !unsure) {
        enum look found = look(j, c, true);
        if (found != LOOK_NOTHING) {
            return found == LOOK_LINK;
        }
    }
    if (t->failed) {
        return chain_error(c, RCODE_SERVFAIL, t->ede, NULL);
    }
    if (t->asked >= ANSWER_ASKS) {
        return chain_error(c, RCODE_SERVFAIL, EDE_OTHER, "too many questions upstream");
    }
    want(j, c);
    j->out->wish = WISH_NONE;
    c->end = CHAIN_ASK;
    return false;
}

static void want(struct job *j, const struct chain *c)
{
    struct answer_ask *ask = &j->out->ask;
    ask->zone = c->zone;
    ask->enclosing = enclosing(j->worker->world, c->zone->slot);
    name_copy(&ask->name, c->name);
    ask->type = j->query.qtype;
    ask->dnssec_ok = j->query.dnssec_ok;
    ask->checking_disabled = (j->query.flags & MSG_CD) != 0;
}

/* A zone of ours in between knows the cut itself: then nobody above is asked. */
static const struct cache_zone *enclosing(const struct world *world, const struct slot *slot)
{
    const uint8_t *apex = slot->name;
    const struct world_zone *z =
        slot->labels > 0 ? world_find(world, name_up(apex, 1), TYPE_SOA) : NULL;
    return z != NULL ? z->slot->cache : NULL;
}
