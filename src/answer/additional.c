/* additional.c - the additional section: glue of referrals, addresses of name, mail and service
 * hosts (RFC 1034 4.3.2 step 6). Worker's thread. The loops run over one RRset of a zone and end
 * when the message is full. */
#include "answer/additional.h"
#include "answer/signature.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"

#define HOSTS_MOST 32 /* hosts of one MX or SRV RRset whose addresses go along */

struct delegation {
    const struct zone_version *version;
    const uint8_t *cut;
    const struct rrset *ns;
};
struct host { /* its addresses are wanted */
    const uint8_t *name;
    struct zone_node node;
    bool dnssec_ok; /* its RRSIGs too; glue has none */
};

static bool add_glue(struct reply *r, const struct delegation *d, bool inside, bool *any_other);
static void add_signatures(struct reply *r, const struct delegation *d);
static bool add_signature(struct reply *r, const struct host *h, uint16_t type);
static bool is_repeated(const struct rrset *set, const uint8_t *target);
static struct zone_node node_of(const struct zone_version *v, const uint8_t *name, bool glue_too);
static bool add_host(struct reply *r, const struct host *h);
static bool add_set(struct reply *r, const struct host *h, uint16_t type);

bool additional_glue(struct reply *r, const struct zone_version *v, const uint8_t *cut,
                     const struct rrset *ns)
{
    struct delegation d = {.version = v, .cut = cut, .ns = ns};
    bool any_other = false;
    if (!add_glue(r, &d, true, &any_other)) {
        return false;
    }
    if ((!any_other || add_glue(r, &d, false, &any_other)) && r->dnssec_ok && zone_is_signed(v)) {
        add_signatures(r, &d);
    }
    return true;
}

void additional_addresses(struct reply *r, const struct zone_version *v, const struct rrset *set,
                          bool dnssec_ok)
{
    if (set->type != TYPE_NS && set->type != TYPE_MX && set->type != TYPE_SRV) {
        return;
    }
    size_t at = 0;
    uint16_t rdlen;
    const uint8_t *rdata;
    for (unsigned n = 0; n < HOSTS_MOST && (rdata = rrset_next(set, &at, &rdlen)) != NULL; n++) {
        const uint8_t *target = rdata_target(set->type, rdata, rdlen);
        if (target == NULL || is_repeated(set, target)) {
            continue;
        }
        struct host h = {.name = target,
                         .node = node_of(v, target, set->type == TYPE_NS),
                         .dnssec_ok = dnssec_ok};
        if (!add_host(r, &h)) {
            return;
        }
    }
}

/* The servers inside the delegated zone, or those outside it; says whether there are others. What
 * is below the cut needs no search for it. False: one did not fit. */
static bool add_glue(struct reply *r, const struct delegation *d, bool inside, bool *any_other)
{
    size_t at = 0;
    uint16_t rdlen;
    const uint8_t *target;
    while ((target = rrset_next(d->ns, &at, &rdlen)) != NULL) {
        if (name_at_or_below(target, d->cut) != inside) {
            *any_other = true;
            continue;
        }
        struct host h = {.name = target,
                         .node = inside ? zone_lookup(d->version, target)
                                        : node_of(d->version, target, true)};
        if (!add_host(r, &h)) {
            return false;
        }
    }
    return true;
}

/* RFC 4035 3.1.1: RRSIGs go with an RRset, and are left out where there is no room. What is no glue
 * but the zone's own has some; they come last, so that they take no address's room. */
static void add_signatures(struct reply *r, const struct delegation *d)
{
    size_t at = 0;
    uint16_t rdlen;
    const uint8_t *target;
    while ((target = rrset_next(d->ns, &at, &rdlen)) != NULL) {
        struct host h = {.name = target, .node = node_of(d->version, target, false)};
        if (h.node.ref != 0 &&
            (!add_signature(r, &h, TYPE_A) || !add_signature(r, &h, TYPE_AAAA))) {
            return;
        }
    }
}

static bool add_signature(struct reply *r, const struct host *h, uint16_t type)
{
    struct rrset set;
    return !zone_rrset(h->node, type, &set) ||
           signature_add(r, SECTION_ADDITIONAL, h->name, h->node, &set);
}

/* Several SRV often lead to one host: has a record before this one named it? */
static bool is_repeated(const struct rrset *set, const uint8_t *target)
{
    size_t at = 0;
    uint16_t rdlen;
    const uint8_t *rdata;
    while ((rdata = rrset_next(set, &at, &rdlen)) != NULL) {
        const uint8_t *other = rdata_target(set->type, rdata, rdlen);
        if (other == target) {
            return false;
        }
        if (other != NULL && name_same(other, target)) {
            return true;
        }
    }
    return false;
}

/* Data of ours, or with glue_too what stands below a cut; never what a DNAME hides (RFC 6672
 * 2.4). */
static struct zone_node node_of(const struct zone_version *v, const uint8_t *name, bool glue_too)
{
    struct zone_found f;
    zone_find(v, name, &f);
    if (f.match == ZONE_EXACT) {
        return f.node;
    }
    if (f.match == ZONE_CUT && glue_too) {
        return zone_lookup(v, name);
    }
    return (struct zone_node){.version = v, .ref = 0};
}

static bool add_host(struct reply *r, const struct host *h)
{
    return h->node.ref == 0 || (add_set(r, h, TYPE_A) && add_set(r, h, TYPE_AAAA));
}

static bool add_set(struct reply *r, const struct host *h, uint16_t type)
{
    struct rrset set;
    if (!zone_rrset(h->node, type, &set)) {
        return true;
    }
    if (!reply_rrset(r, SECTION_ADDITIONAL, h->name, &set, set.ttl)) {
        return false;
    }
    return !h->dnssec_ok || signature_add(r, SECTION_ADDITIONAL, h->name, h->node, &set);
}
