/* proof.c - which NSEC records prove an answer of a signed zone of ours (RFC 4035 3.1.3, 3.1.4).
 * Worker's thread, inside its epoch. Names are looked up while the answer is written: who does not set
 * DO pays nothing. One record often proves two things, and goes in once. A zone whose chain is broken
 * is answered from all the same, without what is missing; the checks have said where it is. */
#include "answer/proof.h"
#include "answer/signature.h"
#include "wire/rrtype.h"
#include "zone/denial.h"

#define RECORDS_MOST (ANSWER_LINKS + 4) /* one a wildcard on the way, and the end's */

struct proof {
    struct reply *reply;
    bool fits;
    unsigned count;
    struct zone_node nodes[RECORDS_MOST]; /* whose record is in */
};

static void wildcard(struct proof *p, const struct link *l);
static void no_name(struct proof *p, const struct chain *c);
static void no_type(struct proof *p, const struct chain *c);
static void delegation(struct proof *p, const struct chain *c);
static void add_ds(struct proof *p, const uint8_t *cut, const struct rrset *ds,
                   struct zone_node node);
static void add_star(struct proof *p, const struct chain *c);
static void add_nsec(struct proof *p, const struct zone_version *v, const uint8_t *name);
static void add(struct proof *p, struct zone_node node, uint16_t type);

bool proof_add(struct reply *r, const struct chain *c)
{
    struct proof p = {.reply = r, .fits = true};
    for (unsigned i = 0; i < c->sets; i++) {
        if (c->set[i].from_wildcard) {
            wildcard(&p, &c->set[i]);
        }
    }
    if (c->version == NULL) { /* it ended in a cache zone */
        return p.fits;
    }
    switch (c->end) {
    case CHAIN_NXDOMAIN:
        no_name(&p, c);
        break;
    case CHAIN_NODATA:
        no_type(&p, c);
        break;
    case CHAIN_REFERRAL:
        delegation(&p, c);
        break;
    default:
        break;
    }
    return p.fits;
}

/* RFC 4035 3.1.3.3: nothing closer than the wildcard. */
static void wildcard(struct proof *p, const struct link *l)
{
    add_nsec(p, l->node.version, l->owner);
}

/* 3.1.3.2: neither the name nor a wildcard for it. */
static void no_name(struct proof *p, const struct chain *c)
{
    add_nsec(p, c->version, c->name);
    add_star(p, c);
}

/* 3.1.3.1: the name has not that type. 3.1.3.4: nor has the wildcard that stands for it. */
static void no_type(struct proof *p, const struct chain *c)
{
    add_nsec(p, c->version, c->name);
    if (c->found.match == ZONE_WILDCARD) {
        add_star(p, c);
    }
}

/* 3.1.4. A DS goes along only from a zone that is signed, and so has signed it (3.1): in any other
 * nobody could believe it. */
static void delegation(struct proof *p, const struct chain *c)
{
    const uint8_t *cut = name_suffix(c->name, c->found.node_labels);
    struct rrset ds, sigs;
    if (!zone_rrset(c->found.node, TYPE_DS, &ds)) {
        add_nsec(p, c->version, cut);
    } else if (zone_rrset(c->found.node, TYPE_RRSIG, &sigs)) {
        add_ds(p, cut, &ds, c->found.node);
    }
}

static void add_ds(struct proof *p, const uint8_t *cut, const struct rrset *ds,
                   struct zone_node node)
{
    p->fits = p->fits && reply_rrset(p->reply, SECTION_AUTHORITY, cut, ds, ds->ttl) &&
              signature_add(p->reply, SECTION_AUTHORITY, cut, node, ds);
}

/* The wildcard below the closest encloser. There is none where its name would be too long. */
static void add_star(struct proof *p, const struct chain *c)
{
    struct name star;
    if (name_wildcard(name_suffix(c->name, c->found.encloser_labels), &star)) {
        add_nsec(p, c->version, star.octets);
    }
}

static void add_nsec(struct proof *p, const struct zone_version *v, const uint8_t *name)
{
    if (zone_denial(v) == DENIAL_NSEC) {
        add(p, zone_nsec(v, name), TYPE_NSEC);
    }
}

static void add(struct proof *p, struct zone_node node, uint16_t type)
{
    struct rrset set;
    struct name owner;
    for (unsigned i = 0; i < p->count; i++) {
        if (p->nodes[i].version == node.version && p->nodes[i].ref == node.ref) {
            return;
        }
    }
    if (!p->fits || node.ref == 0 || !zone_rrset(node, type, &set)) {
        return;
    }
    must(p->count < RECORDS_MOST);
    p->nodes[p->count++] = node;
    zone_node_owner(node, &owner);
    p->fits = reply_rrset(p->reply, SECTION_AUTHORITY, owner.octets, &set, set.ttl) &&
              signature_add(p->reply, SECTION_AUTHORITY, owner.octets, node, &set);
}
