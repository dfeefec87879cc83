/* audit_chain.c - does the chain of NSEC or NSEC3 go through all names of the zone and end where
 * it began, and does each say what is there (RFC 4034 4, 4035 2.3, 5155 7.1, 9276)? On a job's
 * thread. */
#include "wire/rrtype.h"
#include "zone/audit.h"
#include "zone/denial.h"
#include "zone/store.h"

struct denial { /* what an NSEC or NSEC3 lists */
    uint16_t type;
    const uint8_t *bitmap;
    size_t len;
};

static void nsec(struct audit *a, const struct audit_owner *o);
static void nsec3(struct audit *a, const struct audit_owner *o);
static bool may_opt_out(const struct audit_owner *o, struct zone_node covers);
static void compare_types(struct audit *a, const struct audit_owner *o, const struct denial *d);
static bool next_listed(const struct denial *d, uint32_t from, uint16_t *type);
static bool next_type(const struct audit *a, const struct audit_owner *o, unsigned *at,
                      uint16_t *type);
static void ring(struct audit *a);
static void link_of_ring(struct audit *a, const uint8_t *label, const uint8_t *next,
                         const uint8_t *after);
static void parameters(struct audit *a);

void audit_chain(struct audit *a, const struct audit_owner *o)
{
    switch (zone_denial(a->v)) {
    case DENIAL_NSEC:
        nsec(a, o);
        break;
    case DENIAL_NSEC3:
        nsec3(a, o);
        break;
    case DENIAL_NONE:
        break;
    }
}

static void nsec(struct audit *a, const struct audit_owner *o)
{
    struct rrset set;
    char next[NAME_TEXT], name[NAME_TEXT];
    uint16_t len;
    size_t at = 0;
    if (zone_node_empty(o->node)) {
        return;
    }
    if (!zone_rrset(o->node, TYPE_NSEC, &set)) {
        audit_warn(a, AUDIT_CHAIN, o->name, 0,
                   "no NSEC: nothing proves what is not there (RFC 4035 2.3)");
        return;
    }
    if (a->next != NULL && !name_same(a->next, o->name)) {
        audit_warn(a, AUDIT_CHAIN, a->last.octets, TYPE_NSEC,
                   "the NSEC points to %s, but the next name is %s", name_print_dot(a->next, next),
                   name_print_dot(o->name, name));
    }
    const uint8_t *rdata = rrset_next(&set, &at, &len);
    struct denial d = {.type = TYPE_NSEC, .bitmap = rdata + name_len(rdata)};
    d.len = len - name_len(rdata);
    name_copy(&a->last, o->name);
    a->next = rdata;
    compare_types(a, o, &d);
}

static void nsec3(struct audit *a, const struct audit_owner *o)
{
    const uint8_t *rdata;
    uint16_t len;
    bool matches;
    struct zone_node node = zone_nsec3(a->v, o->name, &matches);
    struct denial d = {.type = TYPE_NSEC3};
    if (!matches) {
        uint8_t label[NSEC3_LABEL];
        nsec3_hash(zone_nsec3_parameters(a->v), o->name, label);
        if (!may_opt_out(o, node)) {
            audit_warn(a, AUDIT_CHAIN, o->name, 0,
                       "no NSEC3 for this name, whose hash is %.*s: who validates will not believe "
                       "that it is there (RFC 5155 7.1)",
                       KEY_HASH, (const char *)label + 1);
        }
        return;
    }
    a->matched++;
    if (denial_nsec3(node, &rdata, &len) && nsec3_next(rdata, len, &d.bitmap, &d.len) != NULL) {
        compare_types(a, o, &d);
    }
}

/* RFC 5155 7.1: unsigned delegations, and what has nothing else below it, if what covers them opts
 * out. */
static bool may_opt_out(const struct audit_owner *o, struct zone_node covers)
{
    struct rrset ds;
    struct nsec3_parameters p;
    const uint8_t *rdata;
    uint16_t len;
    bool is_unsigned =
        zone_node_empty(o->node) || (o->is_cut && !zone_rrset(o->node, TYPE_DS, &ds));
    return is_unsigned && covers.ref != 0 && denial_nsec3(covers, &rdata, &len) &&
           nsec3_read(rdata, len, &p) && (p.flags & NSEC3_OPT_OUT) != 0;
}

/* Both in ascending order: the first type that only one of them has. */
static void compare_types(struct audit *a, const struct audit_owner *o, const struct denial *d)
{
    uint16_t listed = 0, own = 0;
    unsigned at = 0;
    char type[RRTYPE_TEXT];
    const char *what = d->type == TYPE_NSEC ? "NSEC" : "NSEC3";
    for (uint32_t from = 0;; from = listed + 1U) {
        bool has_listed = next_listed(d, from, &listed), has_own = next_type(a, o, &at, &own);
        if (!has_listed && !has_own) {
            return;
        }
        if (!has_own || (has_listed && listed < own)) {
            uint16_t at_nsec = d->type == TYPE_NSEC ? TYPE_NSEC : 0;
            audit_warn(a, AUDIT_TYPES, o->name, at_nsec, "the %s lists %s, which is not there",
                       what, rrtype_print(listed, type));
            return;
        }
        if (!has_listed || own < listed) {
            audit_warn(a, AUDIT_TYPES, o->name, own,
                       "the %s does not list %s, so that it proves there is none", what,
                       rrtype_print(own, type));
            return;
        }
    }
}

/* The first type from there on in a bitmap (RFC 4034 4.1.2). */
static bool next_listed(const struct denial *d, uint32_t from, uint16_t *type)
{
    const uint8_t *b = d->bitmap;
    for (size_t at = 0; at + 2 <= d->len && at + 2 + b[at + 1] <= d->len; at += 2U + b[at + 1]) {
        for (unsigned i = 0; i < b[at + 1] * 8U; i++) {
            uint32_t here = b[at] * 256U + i;
            bool is_set = (b[at + 2 + i / 8] >> (7 - i % 8) & 1) != 0;
            if (is_set && here >= from) {
                *type = (uint16_t)here;
                return true;
            }
        }
    }
    return false;
}

/* The next type of the owner that a denial has to list. At a cut an NSEC lists NS, too; RRSIG only
 * where something is signed (RFC 4035 2.3, 5155 7.1). */
static bool next_type(const struct audit *a, const struct audit_owner *o, unsigned *at,
                      uint16_t *type)
{
    struct rrset set, ds;
    while (zone_rrset_next(o->node, at, &set)) {
        bool counts =
            o->is_cut ? set.type == TYPE_NS || audit_is_ours(o, set.type) : set.type != TYPE_NSEC3;
        if (o->is_cut && set.type == TYPE_RRSIG) {
            counts = zone_denial(a->v) == DENIAL_NSEC || zone_rrset(o->node, TYPE_DS, &ds);
        }
        if (counts) {
            *type = set.type;
            return true;
        }
    }
    return false;
}

void audit_chain_end(struct audit *a)
{
    char next[NAME_TEXT];
    switch (zone_denial(a->v)) {
    case DENIAL_NSEC:
        if (a->next != NULL && !name_same(a->next, zone_apex(a->v))) {
            audit_warn(
                a, AUDIT_CHAIN, a->last.octets, TYPE_NSEC,
                "the NSEC points to %s, but this is the last name: it must point to the apex",
                name_print_dot(a->next, next));
        }
        break;
    case DENIAL_NSEC3:
        ring(a);
        break;
    case DENIAL_NONE:
        break;
    }
    parameters(a);
}

/* From hash to hash, and from the last to the first. */
static void ring(struct audit *a)
{
    struct zone_walk_part w;
    const uint8_t *first = NULL, *label = NULL, *next = NULL, *rdata, *bitmap;
    uint16_t len;
    size_t bitmap_len;
    uint64_t count = 0;
    for (walk_root(&w, a->v, TRIE_HASHES); w.at != 0; walk_next(&w)) {
        while (!trie_is_leaf(w.at)) {
            walk_down(&w);
        }
        struct zone_node node = {.version = a->v, .ref = trie_place(w.at)};
        if (!denial_nsec3(node, &rdata, &len)) {
            continue;
        }
        const uint8_t *here = trie_blob(w.map, w.at)->body;
        if (first == NULL) {
            first = here;
        } else {
            link_of_ring(a, label, next, here);
        }
        label = here;
        next = nsec3_next(rdata, len, &bitmap, &bitmap_len);
        count++;
    }
    link_of_ring(a, label, next, first);
    if (count > a->matched) {
        audit_warn(a, AUDIT_CHAIN, zone_apex(a->v), TYPE_NSEC3PARAM,
                   "%llu NSEC3 are of names that are not there",
                   (unsigned long long)(count - a->matched));
    }
}

/* Does the NSEC3 at `label` point to what comes after it? */
static void link_of_ring(struct audit *a, const uint8_t *label, const uint8_t *next,
                         const uint8_t *after)
{
    uint8_t printed[NSEC3_LABEL] = {0};
    struct name owner;
    if (next != NULL) {
        nsec3_print(next, printed);
    }
    if (next != NULL && memcmp(printed, after, sizeof printed) == 0) {
        return;
    }
    memcpy(owner.octets, label, NSEC3_LABEL);
    memcpy(owner.octets + NSEC3_LABEL, zone_apex(a->v), name_len(zone_apex(a->v)));
    audit_warn(a, AUDIT_CHAIN, owner.octets, TYPE_NSEC3,
               "the NSEC3 points to %.*s, but the next is %.*s", next != NULL ? KEY_HASH : 1,
               next != NULL ? (const char *)printed + 1 : "?", KEY_HASH, (const char *)after + 1);
}

/* What can be said of the parameters, and of a chain that is not used. */
static void parameters(struct audit *a)
{
    struct rrset set;
    struct nsec3_parameters p;
    const uint8_t *rdata;
    uint16_t len;
    if (!zone_rrset(zone_apex_node(a->v), TYPE_NSEC3PARAM, &set)) {
        if (zone_denial(a->v) == DENIAL_NONE) {
            audit_warn(a, AUDIT_CHAIN, zone_apex(a->v), TYPE_SOA,
                       "signed, but with neither NSEC nor NSEC3PARAM: nothing proves what is not "
                       "there (RFC 4035 2.3, 5155 7.1)");
        }
        return;
    }
    for (size_t at = 0; (rdata = rrset_next(&set, &at, &len)) != NULL;) {
        if (!nsec3_read(rdata, len, &p) || p.flags != 0) {
            continue; /* RFC 5155 4.1.2: not for servers */
        }
        if (p.algorithm != NSEC3_SHA1) {
            audit_warn(a, AUDIT_CHAIN, zone_apex(a->v), TYPE_NSEC3PARAM,
                       "NSEC3 of hash algorithm %u, which is unknown: it is not used", p.algorithm);
        } else if (p.iterations > NSEC3_ITERATIONS_MOST) {
            audit_warn(a, AUDIT_CHAIN, zone_apex(a->v), TYPE_NSEC3PARAM,
                       "NSEC3 of %u iterations: more than %u are not used, and hardly anybody "
                       "believes them; RFC 9276 3.1 wants 0",
                       p.iterations, NSEC3_ITERATIONS_MOST);
        } else if (zone_denial(a->v) != DENIAL_NSEC3) {
            audit_warn(a, AUDIT_CHAIN, zone_apex(a->v), TYPE_NSEC3PARAM,
                       "an NSEC3PARAM, but the apex has no NSEC3 that fits it: it is not used");
        } else if (p.iterations > 0 || p.salt_len > 0) {
            audit_warn(
                a, AUDIT_CHAIN, zone_apex(a->v), TYPE_NSEC3PARAM,
                "NSEC3 with %u iterations and %u octets of salt: RFC 9276 3.1 wants neither, "
                "for they slow down all and protect nobody",
                p.iterations, p.salt_len);
        }
    }
}
