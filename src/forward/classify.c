/* classify.c - what an answer from upstream says: the chain from the name that was asked, and its
 * end.
 *
 * Taken are only the RRsets of that chain, and of a denial the SOA (RFC 2308), each with what signs
 * and proves it if DNSSEC was asked for; never NS or additional records, and nothing outside the
 * cache zone (RELIABILITY.md, Hostile wire). Owners are not taken from the records but from the
 * question and the targets on the way, which they equal. A CNAME that a DNAME made is left out: the
 * DNAME makes it again, for every name below it. */
#include "forward/classify.h"
#include "forward/records.h"
#include "wire/msg.h"
#include "wire/rdata.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include <string.h>

struct work {
    const struct classify_question *q;
    struct response response;
    struct records records;
    struct classification *out;
    const uint8_t *name; /* where the chain stands */
};
#define PROOF_SETS 16 /* NSEC3 needs seven: three records, their signatures, and the SOA's */
struct proof {
    struct rrset sets[PROOF_SETS];
    struct name owners[PROOF_SETS];
};

static bool fits(const struct work *w);
static enum classified by_rcode(const struct work *w);
static enum classified follow(struct work *w);
static const uint8_t *dname_target(struct work *w);
static const uint8_t *cname_target(struct work *w);
static struct classify_link *add_set(struct work *w, const uint8_t *owner, uint16_t type);
static struct classify_link *add(struct work *w, const uint8_t *owner, uint16_t type);
static void add_sigs(struct work *w, struct classify_link *l);
static bool is_expanded(const struct rrset *sigs, const uint8_t *owner);
static void add_proof(struct work *w, struct classify_link *l);
static bool add_proof_set(struct work *w, struct classify_link *l, const struct record *rr,
                          struct proof *to);
static enum classified end(struct work *w);
static const struct record *find_soa(const struct work *w);
static enum classified deny(struct work *w, const struct record *rr);
static enum classified end_without_soa(struct work *w);
static bool has_authority(const struct work *w, uint16_t type);

enum classified classify(const struct classify_question *q, const uint8_t *msg, size_t len,
                         struct classification *out)
{
    struct work w = {.q = q, .out = out, .name = q->name};
    if (!response_read(msg, len, &w.response) || !fits(&w)) {
        return CLASSIFIED_MALFORMED;
    }
    if ((w.response.flags & MSG_TC) != 0) {
        return CLASSIFIED_TRUNCATED;
    }
    enum classified as = by_rcode(&w);
    if (as != CLASSIFIED_ANSWER) {
        return as;
    }
    if (!records_read(&w.response, &out->arena, &w.records)) {
        return CLASSIFIED_MALFORMED;
    }
    as = follow(&w);
    return arena_failed(&out->arena) ? CLASSIFIED_MALFORMED : as;
}

void classification_clear(struct classification *c)
{
    arena_free(&c->arena);
    c->count = 0;
}

/* The door has compared the question already; the simulation's door may be simpler. */
static bool fits(const struct work *w)
{
    const struct response *r = &w->response;
    return MSG_OPCODE(r->flags) == OPCODE_QUERY && r->has_question && r->qtype == w->q->type &&
           r->qclass == CLASS_IN && name_same(r->qname.octets, w->q->name);
}

static enum classified by_rcode(const struct work *w)
{
    switch (w->response.rcode) {
    case RCODE_NOERROR:
    case RCODE_NXDOMAIN:
    case RCODE_YXDOMAIN: /* RFC 6672 2.2: a DNAME's target is too long; the DNAME comes along */
        return CLASSIFIED_ANSWER;
    case RCODE_FORMERR:
    case RCODE_NOTIMP:
    case RCODE_BADVERS:
        return w->q->plain ? CLASSIFIED_LAME : CLASSIFIED_NO_EDNS;
    case RCODE_BADCOOKIE:
        return CLASSIFIED_BAD_COOKIE;
    case RCODE_SERVFAIL:
        return CLASSIFIED_SERVFAIL;
    default:
        return CLASSIFIED_LAME;
    }
}

/* RFC 1034 5.3.3 step 4, within one message. */
static enum classified follow(struct work *w)
{
    for (;;) {
        if (add_set(w, w->name, w->q->type) != NULL) {
            return CLASSIFIED_ANSWER;
        }
        const uint8_t *target = dname_target(w);
        if (target == NULL) {
            target = cname_target(w);
        }
        if (target == NULL) {
            return end(w);
        }
        w->name = target;
        if (w->out->count > ANSWER_LINKS - 1 || !name_at_or_below(target, w->q->zone->apex)) {
            return CLASSIFIED_ANSWER;
        }
    }
}

/* A DNAME above the name (RFC 6672 3.2); NULL: none, or its target would be too long. */
static const uint8_t *dname_target(struct work *w)
{
    struct wanted wanted = {.section = SECTION_ANSWER, .type = TYPE_DNAME};
    unsigned at = 0, labels = name_labels(w->name);
    const struct record *rr;
    while ((rr = records_next(&w->records, &wanted, &at)) != NULL) {
        unsigned keep = name_labels(rr->owner);
        if (keep >= labels || !name_at_or_below(w->name, rr->owner) ||
            !name_at_or_below(rr->owner, w->q->zone->apex)) {
            continue;
        }
        struct name *target = arena_get(&w->out->arena, sizeof *target);
        if (target == NULL || add_set(w, name_suffix(w->name, keep), TYPE_DNAME) == NULL ||
            !name_substitute(w->name, keep, rr->rdata, target)) {
            return NULL;
        }
        return target->octets;
    }
    return NULL;
}

static const uint8_t *cname_target(struct work *w)
{
    struct classify_link *l = add_set(w, w->name, TYPE_CNAME);
    if (l == NULL) {
        return NULL;
    }
    if (l->entry.set.count != 1) { /* RFC 2181 10.1 */
        w->out->count--;
        return NULL;
    }
    size_t at = 0;
    uint16_t rdlen;
    return rrset_next(&l->entry.set, &at, &rdlen);
}

/* The RRset of the answer section, with what signs it, as the next link; NULL: there is none. */
static struct classify_link *add_set(struct work *w, const uint8_t *owner, uint16_t type)
{
    struct wanted wanted = {.section = SECTION_ANSWER, .owner = owner, .type = type};
    struct rrset set;
    if (!records_set(&w->records, &wanted, &w->out->arena, &set)) {
        return NULL;
    }
    struct classify_link *l = add(w, owner, type);
    struct soa soa;
    l->entry.kind = CACHE_RRSET;
    l->entry.set = set;
    if (type == TYPE_SOA && name_same(owner, w->q->zone->apex) &&
        soa_read(set.data + 2, get_u16(set.data), &soa)) {
        l->entry.has_version = true;
        l->entry.version = soa.serial;
    }
    if (w->q->dnssec_ok) {
        add_sigs(w, l);
    }
    return l;
}

/* RFC 9660 3: ZONEVERSION speaks of the zone whose name has so many labels, and of the question's
 * name. */
static struct classify_link *add(struct work *w, const uint8_t *owner, uint16_t type)
{
    const struct response *r = &w->response;
    must(w->out->count < CLASSIFY_LINKS);
    struct classify_link *l = &w->out->links[w->out->count];
    *l = (struct classify_link){
        .key = {w->q->zone, owner, type, w->q->dnssec_ok},
        .entry = {.step = w->q->step, .asked = w->q->asked, .stale = r->stale},
    };
    if (w->out->count++ == 0 && r->has_zoneversion &&
        r->zoneversion_labels == name_labels(w->q->zone->apex)) {
        l->entry.has_version = true;
        l->entry.version = r->zoneversion;
    }
    return l;
}

static void add_sigs(struct work *w, struct classify_link *l)
{
    struct wanted wanted = {
        .section = SECTION_ANSWER, .owner = l->key.name, .type = TYPE_RRSIG, .covers = l->key.type};
    struct rrset *sigs = arena_get(&w->out->arena, sizeof *sigs);
    if (sigs == NULL || !records_set(&w->records, &wanted, &w->out->arena, sigs)) {
        return;
    }
    l->entry.sigs = sigs;
    if (is_expanded(sigs, l->key.name)) {
        add_proof(w, l);
    }
}

/* Made by a wildcard: signed under fewer labels than it has (RFC 4035 5.3.4). */
static bool is_expanded(const struct rrset *sigs, const uint8_t *owner)
{
    size_t at = 0;
    uint16_t rdlen;
    const uint8_t *rdata = rrset_next(sigs, &at, &rdlen);
    return rdata != NULL && rdlen > 3 && rdata[3] < name_labels(owner) && !name_is_wildcard(owner);
}

/* NSEC and NSEC3 of the authority section, and the signatures of these and of the SOA. */
static void add_proof(struct work *w, struct classify_link *l)
{
    struct proof *to = arena_get(&w->out->arena, sizeof *to);
    for (unsigned i = w->records.answers; to != NULL && i < w->records.count; i++) {
        const struct record *rr = &w->records.items[i];
        uint16_t of = rr->type == TYPE_RRSIG ? record_covers(rr) : rr->type;
        bool proves = of == TYPE_NSEC || of == TYPE_NSEC3;
        bool signs = rr->type == TYPE_RRSIG && of == TYPE_SOA && l->entry.soa != NULL;
        if ((proves || signs) && !add_proof_set(w, l, rr, to)) {
            return;
        }
    }
}

/* The set that rr is of, unless it is there already. False: no more room. */
static bool add_proof_set(struct work *w, struct classify_link *l, const struct record *rr,
                          struct proof *to)
{
    struct wanted wanted = {SECTION_AUTHORITY, rr->owner, rr->type, record_covers(rr)};
    unsigned first = w->records.answers;
    if (records_next(&w->records, &wanted, &first) != rr) {
        return true; /* it came with the first of its set */
    }
    unsigned n = l->entry.proof_count;
    if (n == PROOF_SETS || !records_set(&w->records, &wanted, &w->out->arena, &to->sets[n])) {
        return false;
    }
    name_copy(&to->owners[n], rr->owner);
    l->entry.proof = to->sets;
    l->entry.proof_owners = to->owners;
    l->entry.proof_count = n + 1;
    return true;
}

/* The chain ends here without what was asked for: a denial, or all this server has. */
static enum classified end(struct work *w)
{
    const struct record *soa = find_soa(w);
    if (soa != NULL) {
        return deny(w, soa);
    }
    return end_without_soa(w);
}

/* One that can deny the name: at or above it, and not above our zone. */
static const struct record *find_soa(const struct work *w)
{
    struct wanted wanted = {.section = SECTION_AUTHORITY, .type = TYPE_SOA};
    unsigned at = 0;
    const struct record *rr;
    while ((rr = records_next(&w->records, &wanted, &at)) != NULL) {
        if (name_at_or_below(w->name, rr->owner) && name_at_or_below(rr->owner, w->q->zone->apex)) {
            return rr;
        }
    }
    return NULL;
}

/* RFC 2308 2, 5. The serial is the denial's version if the SOA is our zone's own. */
static enum classified deny(struct work *w, const struct record *rr)
{
    struct soa soa;
    if (!soa_read(rr->rdata, rr->rdlen, &soa)) {
        return CLASSIFIED_MALFORMED;
    }
    bool nxdomain = w->response.rcode == RCODE_NXDOMAIN;
    struct classify_link *l = add(w, w->name, nxdomain ? 0 : w->q->type);
    l->entry.kind = nxdomain ? CACHE_NXDOMAIN : CACHE_NODATA;
    l->entry.ttl_s = rr->ttl < soa.minimum ? rr->ttl : soa.minimum;
    l->entry.soa = rr->rdata;
    l->entry.soa_len = rr->rdlen;
    l->entry.soa_owner = rr->owner;
    l->entry.has_version = name_same(rr->owner, w->q->zone->apex);
    l->entry.version = soa.serial;
    if (w->q->dnssec_ok) {
        add_proof(w, l);
    }
    return CLASSIFIED_ANSWER;
}

static enum classified end_without_soa(struct work *w)
{
    if (w->out->count > 0) { /* a chain that leads on: what it leads to is asked for next */
        return CLASSIFIED_ANSWER;
    }
    uint16_t flags = w->response.flags;
    bool nxdomain = w->response.rcode == RCODE_NXDOMAIN;
    if (!nxdomain && (flags & MSG_AA) == 0 && has_authority(w, TYPE_NS)) {
        return CLASSIFIED_REFERRAL;
    }
    if ((flags & (MSG_AA | MSG_RA)) == 0 || has_authority(w, TYPE_SOA)) {
        return CLASSIFIED_LAME; /* it knows nothing, or speaks for another zone */
    }
    struct classify_link *l = add(w, w->name, nxdomain ? 0 : w->q->type);
    l->entry.kind =
        nxdomain ? CACHE_NXDOMAIN : CACHE_NODATA; /* RFC 2308 5: not to be kept: TTL 0 */
    return CLASSIFIED_ANSWER;
}

static bool has_authority(const struct work *w, uint16_t type)
{
    struct wanted wanted = {.section = SECTION_AUTHORITY, .type = type};
    unsigned at = 0;
    return records_next(&w->records, &wanted, &at) != NULL;
}
