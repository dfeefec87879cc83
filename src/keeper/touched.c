/* touched.c - what a change touched, kept small enough to remember until it has settled.
 *
 * A deadline asks of two changes: can the same answer have been changed by both? The old answers of
 * a change are all that CONVERGENCE.md, "What a cache forgets", would make a cache forget, as far
 * as they can differ between the versions: the touched RRsets themselves (`exact`), and, where an
 * owner appears or goes, a wildcard is touched, or a cut, DNAME or CNAME comes or goes, everything
 * at and below a name (`roots`). `above` holds the owners with their ancestors, so that "is
 * something touched at or below this root" is one look-up. Hashes that collide relate too much,
 * never too little.
 *
 * The TTL kept is the largest of all old answers: of the old RRset; min(SOA TTL, MINIMUM) for a
 * denial (RFC 2308 5); the wildcard's for an answer made from it; the largest of the zone where a
 * cut or DNAME comes to lie over other names. Any thread. */
#include "base/hash.h"
#include "keeper/ledger_inside.h"
#include "wire/rrtype.h"
#include <stdlib.h>
#include <string.h>

#define TOUCHED_SEED UINT64_C(0x70c4ed)
#define RAW_HASHES   (4 * TOUCHED_HASHES) /* before equal ones are put together */

struct looking {
    struct ledger_touched *t;
    const struct zone_version *old, *next;
    unsigned apex_labels;
    uint32_t negative_ttl_s;
    struct name last; /* owner looked at before: neighbours often share it */
    bool has_last;
};

static uint32_t negative_ttl(const struct zone_version *old);
static bool look(void *ctx, const struct change_rrset *r);
static void look_owner(struct looking *k, const uint8_t *owner, bool was, bool is);
static void look_type(struct looking *k, const struct change_rrset *r);
static bool is_server_address(const struct zone_version *old, const struct change_rrset *r);
static uint32_t wildcard_ttl(const struct zone_version *old, const uint8_t *owner);
static const uint8_t *below_star(const uint8_t *owner);
static const uint8_t *highest_missing(const struct looking *k, const struct zone_version *v,
                                      const uint8_t *owner);
static void at_least(struct ledger_touched *t, uint32_t ttl_s);
static void add(struct ledger_touched *t, struct hashes *h, uint64_t hash);
static void finish(struct ledger_touched *t);
static void sort_unique(struct hashes *h);
static int compare(const void *a, const void *b);
static bool meet(const struct hashes *a, const struct hashes *b);

struct ledger_touched *ledger_touch(const struct change *c, const struct zone_version *old,
                                    const struct zone_version *next)
{
    struct ledger_touched *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->everything = old == NULL;
    struct looking k = {.t = t, .old = old, .next = next, .negative_ttl_s = negative_ttl(old)};
    k.apex_labels = old != NULL ? name_labels(zone_apex(old)) : 0;
    if (!change_rrsets(c, old, look, &k)) {
        t->failed = true;
        t->rrsets = c->deleted_count > c->added_count ? c->deleted_count : c->added_count;
    }
    if (t->failed) {
        t->everything = true;
    }
    if (t->everything && old != NULL) {
        at_least(t, zone_max_ttl(old));
        at_least(t, k.negative_ttl_s);
    }
    finish(t);
    return t;
}

void ledger_touched_free(struct ledger_touched *t)
{
    if (t == NULL) {
        return;
    }
    free(t->exact.items);
    free(t->above.items);
    free(t->roots.items);
    free(t);
}

uint32_t ledger_touched_ttl(const struct ledger_touched *t)
{
    return t->old_ttl_s;
}

bool touched_related(const struct ledger_touched *older, const struct ledger_touched *newer)
{
    if (older == NULL || newer == NULL || older->everything || newer->everything) {
        return true;
    }
    if ((older->soa && newer->negative) || (newer->soa && (older->negative || older->denies))) {
        return true;
    }
    return meet(&older->exact, &newer->exact) || meet(&older->roots, &newer->above) ||
           meet(&newer->roots, &older->above);
}

static uint32_t negative_ttl(const struct zone_version *old)
{
    struct soa soa;
    uint16_t len;
    uint32_t ttl;
    if (old == NULL) {
        return 0;
    }
    const uint8_t *rdata = zone_soa(old, &len, &ttl);
    must(soa_read(rdata, len, &soa));
    return ttl < soa.minimum ? ttl : soa.minimum;
}

static bool look(void *ctx, const struct change_rrset *r)
{
    struct looking *k = ctx;
    struct ledger_touched *t = k->t;
    t->rrsets++;
    at_least(t, r->old_ttl);
    if (t->everything) {
        return true; /* only to be counted */
    }
    const uint8_t *owner = r->owner.octets;
    add(t, &t->exact, hash_mix(name_hash(owner, TOUCHED_SEED), r->type));
    if (!k->has_last || !name_same(k->last.octets, owner)) {
        name_copy(&k->last, owner);
        k->has_last = true;
        look_owner(k, owner, r->was, r->is);
    }
    look_type(k, r);
    return true;
}

/* What holds for an owner whichever type was touched. `was`, `is`: of one RRset, where the next
 * version is not known. */
static void look_owner(struct looking *k, const uint8_t *owner, bool was, bool is)
{
    struct ledger_touched *t = k->t;
    unsigned labels = name_labels(owner);
    for (unsigned n = k->apex_labels; n <= labels; n++) {
        add(t, &t->above, name_hash(name_suffix(owner, n), TOUCHED_SEED));
    }
    const uint8_t *star = below_star(owner);
    if (star != NULL) { /* `*` as any label: everything below its parent */
        add(t, &t->roots, name_hash(star, TOUCHED_SEED));
        t->negative = true;
        at_least(t, k->negative_ttl_s);
    }
    bool existed = zone_lookup(k->old, owner).ref != 0;
    bool exists = k->next != NULL ? zone_lookup(k->next, owner).ref != 0 : is && was;
    if (existed && exists) {
        return;
    }
    const struct zone_version *without = existed ? k->next : k->old;
    add(t, &t->roots, name_hash(highest_missing(k, without, owner), TOUCHED_SEED));
    t->negative = true;
    at_least(t, k->negative_ttl_s);
    if (!existed) {
        at_least(t, wildcard_ttl(k->old, owner));
    }
}

/* What holds for the type. */
static void look_type(struct looking *k, const struct change_rrset *r)
{
    struct ledger_touched *t = k->t;
    const uint8_t *owner = r->owner.octets;
    bool appears = r->was != r->is, apex = name_labels(owner) == k->apex_labels;
    t->soa |= r->type == TYPE_SOA;
    t->delegation |= (r->type == TYPE_NS && apex) || is_server_address(k->old, r);
    t->denies |= !r->is;
    t->negative |= !r->was || r->type == TYPE_NSEC || r->type == TYPE_NSEC3;
    if (r->type == TYPE_NSEC3PARAM) {
        t->everything = true;
    }
    if (r->type == TYPE_NSEC || r->type == TYPE_NSEC3) {
        at_least(t, k->negative_ttl_s);
    }
    bool covers = r->type == TYPE_DNAME || (r->type == TYPE_NS && !apex);
    if (!appears || (!covers && r->type != TYPE_CNAME)) {
        return;
    }
    add(t, &t->roots, name_hash(owner, TOUCHED_SEED));
    t->negative = true;
    at_least(t, k->negative_ttl_s);
    if (covers) {
        at_least(t, zone_max_ttl(k->old));
    }
}

static bool is_server_address(const struct zone_version *old, const struct change_rrset *r)
{
    struct rrset ns;
    size_t at = 0;
    uint16_t len;
    const uint8_t *server;
    if ((r->type != TYPE_A && r->type != TYPE_AAAA) ||
        !zone_rrset(zone_apex_node(old), TYPE_NS, &ns)) {
        return false;
    }
    while ((server = rrset_next(&ns, &at, &len)) != NULL) {
        if (name_same(server, r->owner.octets)) {
            return true;
        }
    }
    return false;
}

/* The largest TTL of what the old version made from a wildcard for this name, 0 if nothing. */
static uint32_t wildcard_ttl(const struct zone_version *old, const uint8_t *owner)
{
    struct zone_found found;
    struct rrset set;
    unsigned at = 0;
    uint32_t most = 0;
    zone_find(old, owner, &found);
    if (found.match != ZONE_WILDCARD) {
        return 0;
    }
    while (zone_rrset_next(found.node, &at, &set)) {
        most = set.ttl > most ? set.ttl : most;
    }
    return most;
}

/* The name below the highest `*` label: p for *.p and x.*.p. NULL: no such label. */
static const uint8_t *below_star(const uint8_t *owner)
{
    unsigned labels = name_labels(owner);
    for (unsigned n = 1; n <= labels; n++) {
        const uint8_t *name = name_suffix(owner, n);
        if (name_is_wildcard(name)) {
            return name_up(name, 1);
        }
    }
    return NULL;
}

/* The owner or the highest of its ancestors that `v` does not have; NULL as v: the child of the
 * apex above it. */
static const uint8_t *highest_missing(const struct looking *k, const struct zone_version *v,
                                      const uint8_t *owner)
{
    unsigned labels = name_labels(owner);
    for (unsigned n = k->apex_labels + 1; n < labels; n++) {
        const uint8_t *name = name_suffix(owner, n);
        if (v == NULL || zone_lookup(v, name).ref == 0) {
            return name;
        }
    }
    return owner;
}

static void at_least(struct ledger_touched *t, uint32_t ttl_s)
{
    t->old_ttl_s = ttl_s > t->old_ttl_s ? ttl_s : t->old_ttl_s;
}

static void add(struct ledger_touched *t, struct hashes *h, uint64_t hash)
{
    if (t->exact.count + t->above.count + t->roots.count >= RAW_HASHES) {
        t->everything = true;
        return;
    }
    if (h->count == h->room) {
        unsigned room = h->room == 0 ? 8 : h->room * 2;
        uint64_t *items = realloc(h->items, room * sizeof *items);
        if (items == NULL) {
            t->failed = true;
            return;
        }
        h->items = items;
        h->room = room;
    }
    h->items[h->count++] = hash;
}

static void finish(struct ledger_touched *t)
{
    sort_unique(&t->exact);
    sort_unique(&t->above);
    sort_unique(&t->roots);
    if (t->exact.count + t->above.count + t->roots.count > TOUCHED_HASHES) {
        t->everything = true;
    }
    if (t->everything) {
        free(t->exact.items);
        free(t->above.items);
        free(t->roots.items);
        t->exact = t->above = t->roots = (struct hashes){.count = 0};
    }
}

static void sort_unique(struct hashes *h)
{
    unsigned kept = 0;
    if (h->count == 0) {
        return;
    }
    qsort(h->items, h->count, sizeof *h->items, compare);
    for (unsigned i = 0; i < h->count; i++) {
        if (i == 0 || h->items[i] != h->items[kept - 1]) {
            h->items[kept++] = h->items[i];
        }
    }
    h->count = kept;
    uint64_t *items = realloc(h->items, kept * sizeof *items);
    h->items = items != NULL ? items : h->items;
}

static int compare(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static bool meet(const struct hashes *a, const struct hashes *b)
{
    unsigned i = 0, j = 0;
    while (i < a->count && j < b->count) {
        if (a->items[i] == b->items[j]) {
            return true;
        }
        if (a->items[i] < b->items[j]) {
            i++;
        } else {
            j++;
        }
    }
    return false;
}
