/* targets.c - what becomes of the names that NS, MX and SRV records point to (RFC 2181 10.3, 2782,
 * 9471), and which addresses below a cut are glue. Called by check.c, on its thread. */
#include "zone/targets.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <stdlib.h>

#define SEED 0 /* names of one zone among themselves: nobody gains by a collision */

static bool has_address(struct zone_node n);
static bool collect(struct ns_targets *t, const struct zone_version *v);
static bool is_of_use(const struct ns_targets *t, uint64_t hash);
static bool add_target(struct ns_targets *t, uint64_t hash);
static int compare_hashes(const void *a, const void *b);

enum target_state target_state(const struct zone_version *v, const uint8_t *target)
{
    struct zone_found f;
    struct rrset set;
    if (target[0] == 0) {
        return TARGET_FINE; /* "." means none (RFC 7505 3, 2782) */
    }
    zone_find(v, target, &f);
    switch (f.match) {
    case ZONE_OUTSIDE:
        return TARGET_FINE;
    case ZONE_NONE:
        return TARGET_MISSING;
    case ZONE_DNAME:
        return TARGET_ALIAS;
    case ZONE_CUT:
        return target_below_cut(v, target);
    case ZONE_EXACT:
    case ZONE_WILDCARD:
        break;
    }
    if (zone_rrset(f.node, TYPE_CNAME, &set)) {
        return TARGET_ALIAS;
    }
    return has_address(f.node) ? TARGET_FINE : TARGET_BARE;
}

enum target_state target_below_cut(const struct zone_version *v, const uint8_t *target)
{
    struct zone_node glue = zone_lookup(v, target);
    return glue.ref != 0 && has_address(glue) ? TARGET_FINE : TARGET_NO_GLUE;
}

static bool has_address(struct zone_node n)
{
    struct rrset set;
    return zone_rrset(n, TYPE_A, &set) || zone_rrset(n, TYPE_AAAA, &set);
}

void ns_targets_limit(struct ns_targets *t, const uint8_t *name)
{
    uint64_t hash = name_hash(name, SEED);
    t->is_limited = true;
    t->limits[hash / 64 % 64] |= UINT64_C(1) << hash % 64;
}

bool ns_targets_have(struct ns_targets *t, const struct zone_version *v, const uint8_t *name)
{
    if (!t->ready) {
        t->ready = true;
        t->failed = !collect(t, v);
        if (t->count > 0) {
            qsort(t->hashes, t->count, sizeof *t->hashes, compare_hashes);
        }
    }
    uint64_t hash = name_hash(name, SEED);
    return t->failed || (t->count > 0 && bsearch(&hash, t->hashes, t->count, sizeof *t->hashes,
                                                 compare_hashes) != NULL);
}

static bool collect(struct ns_targets *t, const struct zone_version *v)
{
    struct zone_walk walk;
    struct zone_node node;
    struct rrset set;
    zone_walk_start(&walk, v);
    while (zone_walk_next(&walk, NULL, &node)) {
        uint16_t len;
        const uint8_t *rdata;
        size_t at = 0;
        if (!zone_rrset(node, TYPE_NS, &set)) {
            continue;
        }
        while ((rdata = rrset_next(&set, &at, &len)) != NULL) {
            uint64_t hash = name_hash(rdata, SEED);
            if (is_of_use(t, hash) && !add_target(t, hash)) {
                return false;
            }
        }
    }
    return true;
}

static bool is_of_use(const struct ns_targets *t, uint64_t hash)
{
    return !t->is_limited || (t->limits[hash / 64 % 64] >> hash % 64 & 1) != 0;
}

static bool add_target(struct ns_targets *t, uint64_t hash)
{
    if (t->count == t->room) {
        size_t room = t->room == 0 ? 64 : t->room * 2;
        uint64_t *hashes = realloc(t->hashes, room * sizeof *hashes);
        if (hashes == NULL) {
            return false;
        }
        t->hashes = hashes;
        t->room = room;
    }
    t->hashes[t->count++] = hash;
    return true;
}

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void ns_targets_free(struct ns_targets *t)
{
    free(t->hashes);
    *t = (struct ns_targets){.hashes = NULL};
}
