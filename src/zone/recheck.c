/* recheck.c - what is wrong with a version, when it is known of the one before and only a little
 * has changed.
 *
 * Called by check.c, on a job's thread. Looking at all owners of a million takes a second of CPU
 * time, most of it for the names that NS records point to. Here only those owners are looked at, in
 * both versions, of which the change can have changed what is said:
 * - the owners in the change;
 * - names that NS records of the change point to: their addresses are glue, or no longer;
 * - owners with an NS, MX or SRV that points into a region where something else is found now: at or
 *   below an owner that came, went, or got or lost NS, DNAME, CNAME or its addresses. When empty
 *   non-terminals came or went with it, the topmost of these; for a wildcard, all beside it. One
 *   walk over the zone's records of these types finds them, without any search: 0.1 s for a
 *   million names. Where an owner came and nothing was, not even by a wildcard, whoever points
 *   there was found to point to a name that does not exist: as long as all such findings were
 *   shown, no walk is needed;
 * - what was shown before, because it is to be shown again.
 * Whether any NS points to an address below a cut one more walk in each version tells, when such
 * an address is among them that is no glue of its own cut.
 * Numbers change by the difference. The first 20 of a kind are known as long as 20 are left up to
 * the last that was shown.
 *
 * All owners are looked at, as ever, in a signed zone, when an owner that was there and is there
 * becomes a cut or DNAME or ceases to be one (all below it changes), when a region is the whole
 * zone, and when much has changed. */
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/check.h"
#include "zone/store.h"
#include <stdlib.h>

#define RECORDS_MOST 5000 /* of a change */
#define REGIONS_MOST 8    /* each costs some nanoseconds for each record of the zone that points */
#define OWNERS_MOST  100000

struct owners { /* to be looked at */
    struct buf names;
    const uint8_t **list; /* in canonical order, each once */
    size_t count;
};
struct recheck {
    const struct zone_check *t;
    struct owners changed, all;
    struct name region[REGIONS_MOST];
    unsigned regions;
};
struct standing { /* what records that point to a name, and names below it, see of it */
    bool is_there, has_node, ns, dname, cname, address;
};

static bool is_fit(const struct zone_check *t);
static bool collect(struct recheck *r);
static bool add_changed(struct recheck *r, const struct buf *stream);
static bool add_regions(struct recheck *r);
static bool are_shown(const struct recheck *r, const uint8_t *owner);
static bool add_region(struct recheck *r, const uint8_t *owner);
static struct standing standing_of(const struct zone_version *v, const uint8_t *name);
static bool is_there(const struct zone_version *v, const uint8_t *name);
static bool add_pointing(struct recheck *r);
static bool points_into(const struct recheck *r, struct zone_node node);
static bool sort_owners(struct owners *o);
static int compare_names(const void *a, const void *b);
static bool count(const struct recheck *r, struct check *c, unsigned seen[CHECK_KINDS]);
static void say(const struct recheck *r, struct check *c);

bool recheck(const struct zone_check *t, struct check *c)
{
    struct recheck *r = is_fit(t) ? calloc(1, sizeof *r) : NULL;
    unsigned seen[CHECK_KINDS];
    if (r == NULL) {
        return false;
    }
    r->t = t;
    bool ok = collect(r) && count(r, c, seen);
    if (ok) {
        say(r, c);
        memcpy(c->seen, seen, sizeof c->seen);
    }
    buf_free(&r->changed.names);
    buf_free(&r->all.names);
    free(r->changed.list);
    free(r->all.list);
    free(r);
    return ok;
}

static bool is_fit(const struct zone_check *t)
{
    struct rrset sigs;
    return t->before->known && t->base->root[TRIE_HASHES] == 0 && t->v->root[TRIE_HASHES] == 0 &&
           !zone_rrset(zone_apex_node(t->v), TYPE_RRSIG, &sigs) && !t->change->first &&
           t->change->added_count + t->change->deleted_count <= RECORDS_MOST;
}

/* ---- who is looked at ---- */

static bool collect(struct recheck *r)
{
    buf_add(&r->all.names, r->t->before->shown.data, r->t->before->shown.len);
    return add_changed(r, &r->t->change->deleted) && add_changed(r, &r->t->change->added) &&
           sort_owners(&r->changed) && add_regions(r) && (r->regions == 0 || add_pointing(r)) &&
           sort_owners(&r->all);
}

static bool add_changed(struct recheck *r, const struct buf *stream)
{
    struct record rr;
    for (size_t at = 0; record_next(stream->data, stream->len, &at, &rr, NULL);) {
        buf_add(&r->changed.names, rr.owner, name_len(rr.owner));
        buf_add(&r->all.names, rr.owner, name_len(rr.owner));
        if (rr.type == TYPE_NS) {
            struct name target; /* as findings name it */
            name_copy_lower(&target, rr.rdata);
            buf_add(&r->all.names, target.octets, rr.rdlen);
        }
    }
    return !r->changed.names.failed && !r->all.names.failed;
}

static bool add_regions(struct recheck *r)
{
    const struct zone_check *t = r->t;
    for (size_t i = 0; i < r->changed.count; i++) {
        const uint8_t *name = r->changed.list[i];
        struct standing was = standing_of(t->base, name), is = standing_of(t->v, name);
        bool both = was.is_there && is.is_there;
        if (both && (was.ns != is.ns || was.dname != is.dname)) {
            return false;
        }
        bool same = was.is_there == is.is_there && was.has_node == is.has_node && was.ns == is.ns &&
                    was.dname == is.dname && was.cname == is.cname && was.address == is.address;
        if (!same && !are_shown(r, name) && !add_region(r, name)) {
            return false;
        }
    }
    return true;
}

/* Are all who point to the owner, or to a name that came or is covered with it, among those that
 * were shown? They are if it came where nothing was, and no finding of this kind was left out. */
static bool are_shown(const struct recheck *r, const uint8_t *owner)
{
    struct zone_found f;
    zone_find(r->t->base, owner, &f);
    return f.match == ZONE_NONE && r->t->before->seen[CHECK_TARGET] <= CHECK_SHOWN;
}

/* False: the whole zone, or one too many. */
static bool add_region(struct recheck *r, const uint8_t *owner)
{
    const struct zone_check *t = r->t;
    unsigned apex = name_labels(zone_apex(t->v)), labels = name_labels(owner);
    while (labels > apex + 1) {
        const uint8_t *above = name_suffix(owner, labels - 1);
        if (is_there(t->base, above) == is_there(t->v, above)) {
            break;
        }
        labels--;
    }
    const uint8_t *top = name_suffix(owner, labels);
    if (labels > apex && name_is_wildcard(top)) {
        top = name_suffix(owner, --labels);
    }
    for (unsigned i = 0; i < r->regions; i++) {
        if (name_at_or_below(top, r->region[i].octets)) {
            return true;
        }
    }
    if (labels <= apex || r->regions == REGIONS_MOST) {
        return false;
    }
    name_copy(&r->region[r->regions++], top);
    return true;
}

static struct standing standing_of(const struct zone_version *v, const uint8_t *name)
{
    struct zone_node node = zone_lookup(v, name);
    struct rrset set;
    struct standing s = {.is_there = is_there(v, name), .has_node = node.ref != 0};
    if (s.has_node) {
        s.ns = zone_rrset(node, TYPE_NS, &set) && !name_same(name, zone_apex(v));
        s.dname = zone_rrset(node, TYPE_DNAME, &set);
        s.cname = zone_rrset(node, TYPE_CNAME, &set);
        s.address = zone_rrset(node, TYPE_A, &set) || zone_rrset(node, TYPE_AAAA, &set);
    }
    return s;
}

/* Also what is empty, and what is only covered: below a cut or DNAME. */
static bool is_there(const struct zone_version *v, const uint8_t *name)
{
    struct zone_found f;
    zone_find(v, name, &f);
    return f.match != ZONE_NONE && f.match != ZONE_WILDCARD;
}

static bool add_pointing(struct recheck *r)
{
    struct zone_walk walk;
    struct zone_node node;
    struct name owner;
    zone_walk_start(&walk, r->t->v);
    while (zone_walk_next(&walk, NULL, &node)) {
        if (points_into(r, node)) {
            zone_node_owner(node, &owner);
            buf_add(&r->all.names, owner.octets, name_len(owner.octets));
        }
    }
    return !r->all.names.failed;
}

static bool points_into(const struct recheck *r, struct zone_node node)
{
    struct rrset set;
    for (unsigned at = 0; zone_rrset_next(node, &at, &set);) {
        const uint8_t *rdata;
        uint16_t len;
        size_t next = 0;
        if (set.type != TYPE_NS && set.type != TYPE_MX && set.type != TYPE_SRV) {
            continue;
        }
        while ((rdata = rrset_next(&set, &next, &len)) != NULL) {
            const uint8_t *target = rdata_target(set.type, rdata, len);
            for (unsigned i = 0; i < r->regions; i++) {
                if (name_at_or_below(target, r->region[i].octets)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static bool sort_owners(struct owners *o)
{
    size_t total = 0, kept = 0;
    for (size_t at = 0; at < o->names.len; at += name_len(o->names.data + at)) {
        total++;
    }
    o->list = total <= OWNERS_MOST ? malloc((total + 1) * sizeof(*o->list)) : NULL;
    if (o->list == NULL) {
        return false;
    }
    total = 0;
    for (size_t at = 0; at < o->names.len; at += name_len(o->names.data + at)) {
        o->list[total++] = o->names.data + at;
    }
    qsort(o->list, total, sizeof(*o->list), compare_names);
    for (size_t i = 0; i < total; i++) {
        if (kept == 0 || !name_same(o->list[kept - 1], o->list[i])) {
            o->list[kept++] = o->list[i];
        }
    }
    o->count = kept;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    const uint8_t *const *x = a, *const *y = b;
    return name_compare(*x, *y);
}

/* ---- what is said ---- */

/* How many there are of each kind in all. False: it is not known which are the first. c has the
 * targets that were found on the way. */
static bool count(const struct recheck *r, struct check *c, unsigned seen[CHECK_KINDS])
{
    const struct checked *before = r->t->before;
    struct check was = {.v = r->t->base, .mute = true, .exact = true};
    struct check is = {.v = r->t->v, .mute = true, .exact = true};
    unsigned first[CHECK_KINDS] = {0};
    bool ok = true;
    for (size_t i = 0; i < r->all.count; i++) {
        ns_targets_limit(&was.targets, r->all.list[i]);
        ns_targets_limit(&is.targets, r->all.list[i]);
    }
    for (size_t i = 0; i < r->all.count; i++) {
        const uint8_t *name = r->all.list[i];
        check_one(&was, name);
        check_one(&is, name);
        for (int kind = 0; kind < CHECK_KINDS; kind++) {
            bool is_among = before->seen[kind] > CHECK_SHOWN &&
                            name_compare(name, before->last[kind].octets) <= 0;
            first[kind] = is_among ? is.seen[kind] : first[kind];
        }
    }
    for (int kind = 0; kind < CHECK_KINDS; kind++) {
        seen[kind] = before->seen[kind] - was.seen[kind] + is.seen[kind];
        ok = ok && (before->seen[kind] <= CHECK_SHOWN || first[kind] >= CHECK_SHOWN);
    }
    ns_targets_free(&was.targets);
    c->targets = is.targets;
    if (!ok) {
        ns_targets_free(&c->targets);
    }
    return ok;
}

static void say(const struct recheck *r, struct check *c)
{
    for (size_t i = 0; i < r->all.count; i++) {
        check_one(c, r->all.list[i]);
    }
}
