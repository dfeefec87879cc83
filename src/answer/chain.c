/* chain.c - follows CNAMEs and DNAMEs from zone to zone until the answer's end is found (RFC 1034
 * 4.3.2, 6672 3.2). Worker's thread, inside its epoch. Each step is taken by the zone that owns the
 * name: authority.c or cached.c. Nothing is written to the packet here. */
#include "answer/chain.h"
#include "answer/access.h"
#include "wire/msg.h"
#include "wire/rrtype.h"
#include <string.h>

static void begin(struct chain *c, const struct job *j, const struct world_zone *zone);
static bool enter(const struct job *j, struct chain *c);
static bool has_owner(const struct chain *c, uint16_t type, const uint8_t *name);
static bool cut(struct job *j, struct chain *c);
static bool go_on(struct chain *c, const uint8_t *target);
static const uint8_t *target_of(const struct rrset *cname);

void chain_follow(struct job *j, struct chain *c, const struct world_zone *zone)
{
    begin(c, j, zone);
    j->out->zone = zone;
    for (;;) {
        bool more = c->zone->config->role == ROLE_CACHE ? cached_step(j, c) : authority_step(j, c);
        if (c->links == (more ? 1u : 0u)) {
            j->out->found = c->found; /* the first step's, for `why` */
        }
        if (!more) {
            return;
        }
        must(c->links <= ANSWER_LINKS);
        if (!enter(j, c)) {
            c->end = CHAIN_STOP;
            return;
        }
    }
}

/* The arrays are left as they are: clearing them would cost more than many answers do. */
static void begin(struct chain *c, const struct job *j, const struct world_zone *zone)
{
    c->end = CHAIN_STOP;
    c->links = c->sets = c->zones = 0;
    c->name = j->query.qname;
    c->authoritative = zone->config->role != ROLE_CACHE;
    c->cached = c->stale = false;
    c->rcode = RCODE_NOERROR;
    c->ede = EDE_NONE;
    c->ede_text = NULL;
    c->zone = zone;
    c->version = NULL;
    c->found.match = ZONE_OUTSIDE;
    c->soa.rdata = NULL;
    c->soa.cached = NULL;
}

/* Steps into the zone that owns the chain's name, if the asker may. */
static bool enter(const struct job *j, struct chain *c)
{
    const struct world *world = j->worker->world;
    const struct world_zone *z = world_find(world, c->name, j->query.qtype);
    if (z == NULL || !access_may_ask(world, z, &j->packet->from)) {
        return false;
    }
    if (z->config->role == ROLE_CACHE && (j->query.flags & MSG_RD) == 0) {
        return false;
    }
    c->zone = z;
    return true;
}

struct link *chain_add(struct chain *c, const uint8_t *owner, const struct rrset *set)
{
    must(c->sets < CHAIN_SETS);
    struct link *l = &c->set[c->sets++];
    l->owner = owner;
    l->set = *set;
    l->node.ref = 0;
    l->from_wildcard = false;
    l->cached = NULL;
    return l;
}

bool chain_cname(struct job *j, struct chain *c, const struct link *link)
{
    if (c->links == ANSWER_LINKS) {
        return cut(j, c);
    }
    struct link *l = chain_add(c, link->owner, &link->set);
    *l = *link;
    const uint8_t *target = target_of(&l->set);
    if (has_owner(c, TYPE_CNAME, target)) {
        return cut(j, c);
    }
    return go_on(c, target);
}

bool chain_dname(struct job *j, struct chain *c, const struct link *link)
{
    if (c->links == ANSWER_LINKS) {
        return cut(j, c);
    }
    if (!has_owner(c, TYPE_DNAME, link->owner)) {
        *chain_add(c, link->owner, &link->set) = *link;
    }
    struct name target;
    unsigned keep = name_labels(link->owner);
    if (!name_substitute(c->name, keep, target_of(&link->set), &target)) {
        c->end = CHAIN_TOO_LONG;
        return false;
    }
    size_t len = name_len(target.octets);
    uint8_t *made = c->made[c->links];
    put_u16(made, (uint16_t)len);
    memcpy(made + 2, target.octets, len);
    /* RFC 6672 3.1: the CNAME has the DNAME's TTL */
    struct rrset cname = {.type = TYPE_CNAME,
                          .count = 1,
                          .ttl = link->set.ttl,
                          .size = (uint32_t)len + 2,
                          .data = made};
    chain_add(c, c->name, &cname);
    if (j->query.qtype == TYPE_CNAME || j->query.qtype == TYPE_ANY) {
        c->end = CHAIN_ANSWER;
        return false;
    }
    return has_owner(c, TYPE_CNAME, made + 2) ? cut(j, c) : go_on(c, made + 2);
}

bool chain_error(struct chain *c, unsigned rcode, int ede, const char *text)
{
    c->end = CHAIN_ERROR;
    c->rcode = (uint16_t)rcode;
    c->ede = ede;
    c->ede_text = text;
    return false;
}

static bool has_owner(const struct chain *c, uint16_t type, const uint8_t *name)
{
    for (unsigned i = 0; i < c->sets; i++) {
        if (c->set[i].set.type == type && name_same(c->set[i].owner, name)) {
            return true;
        }
    }
    return false;
}

/* A loop, or more links than anybody needs. A resolver that asked us as an authority may go on by
 * itself; who asked the cache wants an end, and there is none. */
static bool cut(struct job *j, struct chain *c)
{
    count(j->worker->counters, COUNT_cname_limit);
    c->end = CHAIN_STOP;
    if (!c->cached) {
        return false;
    }
    return chain_error(c, RCODE_SERVFAIL, EDE_OTHER, "CNAME loop or chain too long");
}

static bool go_on(struct chain *c, const uint8_t *target)
{
    c->links++;
    c->name = target;
    return true;
}

static const uint8_t *target_of(const struct rrset *cname)
{
    size_t at = 0;
    uint16_t rdlen;
    const uint8_t *rdata = rrset_next(cname, &at, &rdlen);
    must(rdata != NULL);
    return rdata;
}
