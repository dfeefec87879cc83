/* authority.c - one step of an answer in a zone of ours (RFC 1034 4.3.2 step 3, 2308, 4592, 6672,
 * 8482). Worker's thread, inside its epoch. A question loads each zone's version once. */
#include "answer/ahead.h"
#include "answer/chain.h"
#include "wire/msg.h"
#include "wire/rrtype.h"
#include "zone/ahead.h"

static bool load(struct chain *c);
static void look_up(const struct job *j, struct chain *c);
static const struct zone_version *version_of(struct chain *c);
static bool not_serving(struct chain *c);
static bool at_node(struct job *j, struct chain *c);
static bool any_set(struct chain *c);
static bool ends_with(struct chain *c, const struct rrset *set);
static struct link link_of(const struct chain *c, const struct rrset *set);
static bool below_dname(struct job *j, struct chain *c);
static bool denial(struct chain *c, enum chain_end end);

bool authority_step(struct job *j, struct chain *c)
{
    if (!load(c)) {
        return not_serving(c);
    }
    look_up(j, c);
    switch (c->found.match) {
    case ZONE_EXACT:
    case ZONE_WILDCARD:
        return at_node(j, c);
    case ZONE_NONE:
        return denial(c, CHAIN_NXDOMAIN);
    case ZONE_DNAME:
        return below_dname(j, c);
    case ZONE_CUT:
        c->authoritative = c->authoritative && c->links > 0;
        c->end = CHAIN_REFERRAL;
        return false;
    case ZONE_OUTSIDE:
        break;
    }
    must(false); /* the world gave us a zone that does not own the name */
    return false;
}

/* A search that was made ahead is as good, if it was made in this version. */
static void look_up(const struct job *j, struct chain *c)
{
    const struct ahead *ahead = c->links == 0 ? j->packet->ahead : NULL;
    const struct zone_search *s = ahead != NULL ? ahead->search : NULL;
    bool is_ds = j->query.qtype == TYPE_DS;
    if (s != NULL && s->version == c->version) {
        zone_ahead_found(s, is_ds, &c->found);
    } else if (is_ds) {
        zone_find_above_cut(c->version, c->name, &c->found);
    } else {
        zone_find(c->version, c->name, &c->found);
    }
}

/* The zone's version as this question sees it: the first look decides. */
static bool load(struct chain *c)
{
    for (unsigned i = 0; i < c->zones; i++) {
        if (c->seen[i].zone == c->zone) {
            c->version = c->seen[i].version;
            return c->version != NULL;
        }
    }
    must(c->zones < CHAIN_ZONES);
    c->version = version_of(c);
    c->seen[c->zones].zone = c->zone;
    c->seen[c->zones++].version = c->version;
    return c->version != NULL;
}

static const struct zone_version *version_of(struct chain *c)
{
    struct slot *slot = c->zone->slot;
    if (atomic_load_explicit(&slot->state, memory_order_acquire) != SLOT_SERVING) {
        return NULL;
    }
    return atomic_load_explicit(&slot->version, memory_order_acquire);
}

/* In mid-chain the asker gets what we have, as if the target were somebody else's. */
static bool not_serving(struct chain *c)
{
    if (c->links > 0) {
        c->end = CHAIN_STOP;
        return false;
    }
    if (atomic_load_explicit(&c->zone->slot->state, memory_order_relaxed) == SLOT_EXPIRED) {
        return chain_error(c, RCODE_SERVFAIL, EDE_INVALID_DATA, "zone expired");
    }
    return chain_error(c, RCODE_SERVFAIL, EDE_NOT_READY, "zone not loaded");
}

/* The name is there, or a wildcard stands for it. */
static bool at_node(struct job *j, struct chain *c)
{
    struct rrset set;
    if (j->query.qtype == TYPE_ANY) {
        return any_set(c);
    }
    /* RFC 5155 7.2.8: NSEC3 speak of hashes, also where one has the form of this name */
    if (j->query.qtype != TYPE_NSEC3 && zone_rrset(c->found.node, j->query.qtype, &set)) {
        return ends_with(c, &set);
    }
    if (zone_rrset(c->found.node, TYPE_CNAME, &set)) {
        struct link link = link_of(c, &set);
        return chain_cname(j, c, &link);
    }
    return denial(c, CHAIN_NODATA);
}

/* RFC 8482 4.1: ANY gives one of the RRsets there are, over TCP too. */
static bool any_set(struct chain *c)
{
    struct rrset set;
    unsigned at = 0;
    while (zone_rrset_next(c->found.node, &at, &set)) {
        if (set.type != TYPE_RRSIG && set.type != TYPE_NSEC && set.type != TYPE_NSEC3) {
            return ends_with(c, &set);
        }
    }
    return denial(c, CHAIN_NODATA);
}

static bool ends_with(struct chain *c, const struct rrset *set)
{
    struct link *l = chain_add(c, c->name, set);
    *l = link_of(c, set);
    c->end = CHAIN_ANSWER;
    return false;
}

static struct link link_of(const struct chain *c, const struct rrset *set)
{
    return (struct link){.owner = c->name,
                         .set = *set,
                         .node = c->found.node,
                         .from_wildcard = c->found.match == ZONE_WILDCARD,
                         .encloser_labels = (uint8_t)c->found.encloser_labels};
}

static bool below_dname(struct job *j, struct chain *c)
{
    struct link link = {.owner = name_suffix(c->name, c->found.node_labels), .node = c->found.node};
    bool is_there = zone_rrset(c->found.node, TYPE_DNAME, &link.set);
    must(is_there);
    return chain_dname(j, c, &link);
}

/* RFC 2308 3 and 5: the SOA goes along, with the smaller of its TTL and its MINIMUM. */
static bool denial(struct chain *c, enum chain_end end)
{
    uint32_t ttl;
    c->soa.owner = zone_apex(c->version);
    c->soa.rdata = zone_soa(c->version, &c->soa.rdlen, &ttl);
    must(c->soa.rdlen >= sizeof(uint32_t));
    uint32_t minimum = get_u32(c->soa.rdata + c->soa.rdlen - sizeof(uint32_t)); /* its last field */
    c->soa.ttl = minimum < ttl ? minimum : ttl;
    c->soa.cached = NULL;
    c->end = end;
    return false;
}
