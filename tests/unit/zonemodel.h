/* zonemodel.h - the oracle of the store's tests: a zone as an array of records, asked by looking
 * at all of them, label by label as RFC 1034 4.3.2 tells it. */
#ifndef SETTLED_TESTS_UNIT_ZONEMODEL_H
#define SETTLED_TESTS_UNIT_ZONEMODEL_H

#include "base/rand.h"
#include "wire/rdata.h"
#include "zonekit.h"

#define MODEL_MOST 48

struct model {
    struct kit_record records[MODEL_MOST];
    unsigned count;
    struct name apex;
};

/* Labels that meet: case, digits, signs, octets with two symbols, the wildcard, a front of
 * another, hashes and what nearly is one. */
static inline unsigned model_label(struct rand *r, uint8_t *out)
{
    static const char *const labels[] = {"\1a",  "\1b",  "\1*",    "\2ab", "\1A",
                                         "\2a-", "\1\1", "\1\377", "\2*a", "\3xyz",
                                         "\40" "0123456789abcdefghijklmnopqrstuv",
                                         "\40" "V123456789abcdefghijklmnopqrstuv",
                                         "\40" "w123456789abcdefghijklmnopqrstuv"};
    const char *label = labels[rand_below(r, sizeof labels / sizeof labels[0])];
    memcpy(out, label, 1U + (uint8_t)label[0]);
    return 1U + (uint8_t)label[0];
}

static inline void model_name(const struct model *m, struct rand *r, unsigned most,
                              struct name *out)
{
    unsigned labels = rand_below(r, most + 1), at = 0;
    for (unsigned i = 0; i < labels; i++) {
        at += model_label(r, out->octets + at);
    }
    memcpy(out->octets + at, m->apex.octets, name_len(m->apex.octets));
}

/* The record at or after which an equal one stands, or count. */
static inline unsigned model_at(const struct model *m, const struct record *rr)
{
    unsigned i = 0;
    while (i < m->count &&
           !(m->records[i].rr.type == rr->type && name_same(m->records[i].rr.owner, rr->owner) &&
             rdata_same(rr->type, m->records[i].rr.rdata, m->records[i].rr.rdlen, rr->rdata,
                        rr->rdlen))) {
        i++;
    }
    return i;
}

static inline void model_set_ttl(struct model *m, const uint8_t *owner, uint16_t type, uint32_t ttl)
{
    for (unsigned i = 0; i < m->count; i++) {
        if (m->records[i].rr.type == type && name_same(m->records[i].rr.owner, owner)) {
            m->records[i].rr.ttl = ttl;
        }
    }
}

/* Records point into their own model: to be called after a copy. */
static inline void model_fix(struct model *m)
{
    for (unsigned i = 0; i < m->count; i++) {
        m->records[i].rr.owner = m->records[i].owner.octets;
        m->records[i].rr.rdata = m->records[i].rdata;
    }
}

/* RFC 2181 5.2: one TTL, the smallest. True when something changed. */
static inline bool model_add(struct model *m, const struct record *rr)
{
    uint32_t ttl = rr->ttl, old = UINT32_MAX;
    for (unsigned i = 0; i < m->count; i++) {
        const struct record *own = &m->records[i].rr;
        if (own->type == rr->type && name_same(own->owner, rr->owner)) {
            old = own->ttl;
        }
    }
    bool is_new = model_at(m, rr) == m->count;
    ttl = old < ttl ? old : ttl;
    if (is_new) {
        struct kit_record *k = &m->records[m->count++];
        must(m->count <= MODEL_MOST);
        name_copy(&k->owner, rr->owner);
        memcpy(k->rdata, rr->rdata, rr->rdlen);
        k->rr = *rr;
        model_fix(m);
    }
    model_set_ttl(m, rr->owner, rr->type, ttl);
    return is_new || ttl < old;
}

static inline bool model_remove(struct model *m, const struct record *rr)
{
    unsigned i = model_at(m, rr);
    if (i == m->count) {
        return false;
    }
    m->records[i] = m->records[--m->count];
    return true;
}

static inline bool model_has(const struct model *m, const uint8_t *owner, uint16_t type)
{
    for (unsigned i = 0; i < m->count; i++) {
        if (m->records[i].rr.type == type && name_same(m->records[i].owner.octets, owner)) {
            return true;
        }
    }
    return false;
}

static inline bool model_owns(const struct model *m, const uint8_t *owner)
{
    unsigned i = 0;
    while (i < m->count && !name_same(m->records[i].owner.octets, owner)) {
        i++;
    }
    return i < m->count;
}

/* RFC 5155 7.2.8: an NSEC3 and what signs it are not there for questions. */
static inline bool model_is_hash(const struct model *m, const uint8_t *owner)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUV";
    bool is_alone = true;
    for (unsigned i = 0; i < m->count; i++) {
        uint16_t type = m->records[i].rr.type;
        is_alone = is_alone && (type == TYPE_NSEC3 || type == TYPE_RRSIG ||
                                !name_same(m->records[i].owner.octets, owner));
    }
    return is_alone && owner[0] == 32 && strspn((const char *)owner + 1, digits) >= 32 &&
           name_same(name_up(owner, 1), m->apex.octets) && model_has(m, owner, TYPE_NSEC3);
}

/* RFC 4592 2.2.2: a name exists if it, or a name below it, has records. */
static inline bool model_exists(const struct model *m, const uint8_t *name)
{
    for (unsigned i = 0; i < m->count; i++) {
        const uint8_t *owner = m->records[i].owner.octets;
        if (name_at_or_below(owner, name) && !model_is_hash(m, owner)) {
            return true;
        }
    }
    return false;
}

/* The answer: out->node is not set, its owner is. */
static inline enum zone_match model_find(const struct model *m, const uint8_t *name, bool above_cut,
                                         struct name *owner)
{
    unsigned all = name_labels(name), top = name_labels(m->apex.octets);
    if (!name_at_or_below(name, m->apex.octets)) {
        return ZONE_OUTSIDE;
    }
    for (unsigned n = top; n <= all; n++) {
        const uint8_t *here = name_suffix(name, n);
        name_copy(owner, here);
        if (n > top && model_has(m, here, TYPE_NS) && !(above_cut && n == all)) {
            return ZONE_CUT;
        }
        if (n < all && model_has(m, here, TYPE_DNAME)) {
            return ZONE_DNAME;
        }
        if (!model_exists(m, here)) {
            name_copy(owner, name_suffix(name, n - 1));
            struct name star;
            bool fits = name_wildcard(owner->octets, &star);
            return fits && model_exists(m, star.octets) ? ZONE_WILDCARD : ZONE_NONE;
        }
    }
    return ZONE_EXACT;
}

/* Does the node have exactly the model's records of this owner? */
static inline void model_expect(const struct model *m, struct zone_node node, const uint8_t *owner)
{
    unsigned want = 0, got = 0;
    struct rrset set;
    for (unsigned i = 0; i < m->count; i++) {
        want += name_same(m->records[i].owner.octets, owner);
    }
    for (unsigned at = 0; zone_rrset_next(node, &at, &set);) {
        struct record rr = {.owner = owner, .type = set.type};
        for (size_t i = 0; (rr.rdata = rrset_next(&set, &i, &rr.rdlen)) != NULL; got++) {
            unsigned found = model_at(m, &rr);
            must(found < m->count);
            must(m->records[found].rr.ttl == set.ttl);
        }
    }
    must(got == want);
    must(zone_node_empty(node) == (want == 0));
}

/* A record of any sort, most of those that steer a search. */
static inline void model_record(const struct model *m, struct rand *r, unsigned depth,
                                struct kit_record *out)
{
    static const uint16_t types[] = {TYPE_A,     TYPE_A,     TYPE_A,     TYPE_TXT,  TYPE_NS,
                                     TYPE_DNAME, TYPE_CNAME, TYPE_NSEC3, TYPE_RRSIG};
    static const char *const values[] = {"1", "2", "30", "4.5"};
    struct name owner;
    model_name(m, r, depth, &owner);
    kit_set(out, owner.octets, types[rand_below(r, sizeof types / sizeof types[0])],
            values[rand_below(r, 4)]);
    out->rr.ttl = 100 + rand_below(r, 3) * 100;
}

static inline void model_start(struct model *m, const char *apex)
{
    struct kit_record k;
    *m = (struct model){.apex = kit_name(apex)};
    model_add(m, kit_set(&k, m->apex.octets, TYPE_SOA, "1"));
}

/* Fills model and edit alike. */
static inline void model_fill(struct model *m, struct zone_edit *e, struct rand *r,
                              unsigned records)
{
    for (unsigned i = 0; i < records; i++) {
        struct kit_record k;
        model_record(m, r, 3, &k);
        bool changed = model_add(m, &k.rr);
        must(zone_edit_add(e, &k.rr) == (changed ? ZONE_EDIT_OK : ZONE_EDIT_SAME));
    }
}

#endif
