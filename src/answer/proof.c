/* proof.c - which NSEC or NSEC3 prove an answer of a signed zone of ours (RFC 4035 3.1.3, 5155
 * 7.2). Worker's thread, inside its epoch. Names are looked up while the answer is written: who
 * does not set DO pays nothing. One record often proves two things, and goes in once. A zone
 * whose chain is broken is answered from all the same, without what is missing; the checks have
 * said where it is. */
#include "answer/proof.h"
#include "answer/signature.h"
#include "wire/rrtype.h"
#include "zone/denial.h"

#define RECORDS_MOST (ANSWER_LINKS + 3) /* one for each wildcard on the way, three for the end */

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
static void add_star(struct proof *p, const struct chain *c, unsigned encloser);
static void add_nsec(struct proof *p, const struct zone_version *v, const uint8_t *name);
static void add_nsec3(struct proof *p, const struct zone_version *v, const uint8_t *name);
static void add_unhashed(struct proof *p, const struct zone_version *v, const uint8_t *name);
static unsigned add_encloser(struct proof *p, const struct zone_version *v, const uint8_t *name,
                             unsigned labels);
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

/* RFC 4035 3.1.3.3, 5155 7.2.6: nothing closer than the wildcard. */
static void wildcard(struct proof *p, const struct link *l)
{
    const struct zone_version *v = l->node.version;
    switch (zone_denial(v)) {
    case DENIAL_NSEC:
        add_nsec(p, v, l->owner);
        break;
    case DENIAL_NSEC3:
        add_nsec3(p, v, name_suffix(l->owner, l->encloser_labels + 1U));
        break;
    case DENIAL_NONE:
        break;
    }
}

/* RFC 4035 3.1.3.2, 5155 7.2.2: neither the name nor a wildcard for it. */
static void no_name(struct proof *p, const struct chain *c)
{
    unsigned encloser = c->found.encloser_labels;
    switch (zone_denial(c->version)) {
    case DENIAL_NSEC:
        add_nsec(p, c->version, c->name);
        break;
    case DENIAL_NSEC3:
        encloser = add_encloser(p, c->version, c->name, encloser);
        break;
    case DENIAL_NONE:
        return;
    }
    add_star(p, c, encloser);
}

/* RFC 4035 3.1.3.1, 3.1.3.4, 5155 7.2.3 to 7.2.5: the name has not that type, nor has the
 * wildcard that stands for it. */
static void no_type(struct proof *p, const struct chain *c)
{
    bool from_wildcard = c->found.match == ZONE_WILDCARD;
    switch (zone_denial(c->version)) {
    case DENIAL_NSEC:
        add_nsec(p, c->version, c->name);
        break;
    case DENIAL_NSEC3:
        if (from_wildcard) {
            add_encloser(p, c->version, c->name, c->found.encloser_labels);
        } else {
            add_unhashed(p, c->version, c->name);
        }
        break;
    case DENIAL_NONE:
        return;
    }
    if (from_wildcard) {
        add_star(p, c, c->found.encloser_labels);
    }
}

/* RFC 4035 3.1.4, 5155 7.2.7. A DS goes along only from a zone that is signed, and so has signed it
 * (3.1): in any other nobody could believe it. */
static void delegation(struct proof *p, const struct chain *c)
{
    const uint8_t *cut = name_suffix(c->name, c->found.node_labels);
    struct rrset ds, sigs;
    if (zone_rrset(c->found.node, TYPE_DS, &ds)) {
        if (zone_rrset(c->found.node, TYPE_RRSIG, &sigs)) {
            add_ds(p, cut, &ds, c->found.node);
        }
    } else if (zone_denial(c->version) == DENIAL_NSEC) {
        add_nsec(p, c->version, cut);
    } else if (zone_denial(c->version) == DENIAL_NSEC3) {
        add_unhashed(p, c->version, cut);
    }
}

static void add_ds(struct proof *p, const uint8_t *cut, const struct rrset *ds,
                   struct zone_node node)
{
    p->fits = p->fits && reply_rrset(p->reply, SECTION_AUTHORITY, cut, ds, ds->ttl) &&
              signature_add(p->reply, SECTION_AUTHORITY, cut, node, ds);
}

/* The wildcard below the closest encloser. There is none where its name would be too long. */
static void add_star(struct proof *p, const struct chain *c, unsigned encloser)
{
    struct name star;
    if (name_wildcard(name_suffix(c->name, encloser), &star)) {
        bool is_hashed = zone_denial(c->version) == DENIAL_NSEC3;
        (is_hashed ? add_nsec3 : add_nsec)(p, c->version, star.octets);
    }
}

static void add_nsec(struct proof *p, const struct zone_version *v, const uint8_t *name)
{
    add(p, zone_nsec(v, name), TYPE_NSEC);
}

static void add_nsec3(struct proof *p, const struct zone_version *v, const uint8_t *name)
{
    bool matches;
    add(p, zone_nsec3(v, name, &matches), TYPE_NSEC3);
}

/* A name that is there. Under opt-out it may have no NSEC3 of its own, when it is an unsigned
 * delegation or has nothing else below it: then what covers it says so (RFC 5155 7.2.4). */
static void add_unhashed(struct proof *p, const struct zone_version *v, const uint8_t *name)
{
    bool matches;
    struct zone_node node = zone_nsec3(v, name, &matches);
    if (matches) {
        add(p, node, TYPE_NSEC3);
    } else if (name_labels(name) > name_labels(zone_apex(v))) {
        add_encloser(p, v, name, name_labels(name) - 1);
    }
}

/* RFC 5155 7.2.1: the closest encloser that has an NSEC3, at `labels` or above, and that the
 * name one label longer has none. Gives the encloser's labels. */
static unsigned add_encloser(struct proof *p, const struct zone_version *v, const uint8_t *name,
                             unsigned labels)
{
    unsigned apex = name_labels(zone_apex(v));
    for (;; labels--) {
        bool matches;
        struct zone_node node = zone_nsec3(v, name_suffix(name, labels), &matches);
        if (matches || labels == apex) {
            add(p, node, TYPE_NSEC3);
            break;
        }
    }
    add_nsec3(p, v, name_suffix(name, labels + 1));
    return labels;
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
