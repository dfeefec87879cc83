/* zones.c - zones, each beginning as a copy of the defaults. Called by read.c last.
 * What two options of a zone mean together is in zone_check.c. */
#include "config/zones.h"
#include "config/acl.h"
#include "config/fingerprint.h"
#include "config/peers.h"
#include "config/section.h"
#include "config/zone_check.h"
#include <stdlib.h>

#define SEEN 64 /* rules that are remembered: any number does, more share better */

struct reading_zones {
    struct reading *r;
    struct zone_options defaults;
    struct given defaults_given;
    struct config_acl loopback; /* shared by all caches: who may ask unless said otherwise */
    struct draft *drafts;
    unsigned count;                        /* drafts with a name */
    const struct config_rules *seen[SEEN]; /* by their hash */
};

static void read_defaults(struct reading_zones *z, const struct node *n);
static void read_zone(struct reading_zones *z, const struct node *n);
static void read_lists(struct reading *r, struct zone_options *zone, struct given *g);
static void complete(struct reading_zones *z, struct draft *d);
static const struct config_rules *share(struct reading_zones *z, const struct config_rules *rules);
static void sort(struct reading_zones *z);
static void fill(struct config_zone *zone, const struct draft *d);
static int by_name(const void *a, const void *b);
static unsigned count_zones(const struct reading *r);

void zones_read(struct reading *r, const struct node *root)
{
    struct reading_zones z = {.r = r, .loopback = acl_loopback(&r->config->arena)};
    z.drafts = arena_get(&r->scratch, count_zones(r) * sizeof *z.drafts);
    read_defaults(&z, tree_child(root, "defaults"));
    for (struct source *s = r->sources; s != NULL && z.drafts != NULL; s = s->next) {
        for (const struct node *n = section_entries(r, s, "zones"); n != NULL; n = n->next) {
            read_zone(&z, n);
        }
    }
    if (!arena_failed(&r->scratch)) {
        sort(&z);
    }
}

static unsigned count_zones(const struct reading *r)
{
    unsigned count = 0;
    for (const struct source *s = r->sources; s != NULL; s = s->next) {
        const struct node *list = tree_child(s->root, "zones");
        count += list == NULL ? 0 : list->count;
    }
    return count;
}

static void read_defaults(struct reading_zones *z, const struct node *n)
{
    struct reading *r = z->r;
    section_defaults(r, SCOPE_ZONE, &z->defaults);
    if (!section_read(r, SCOPE_ZONE, n, &z->defaults, &z->defaults_given)) {
        return;
    }
    read_lists(r, &z->defaults, &z->defaults_given);
    const struct node *name = z->defaults_given.at[ZONE_name];
    if (name != NULL) {
        finding_add(&r->findings, name->key->at,
                    "defaults cannot give a name: every zone has its own");
    }
    zone_check_defaults(r, &z->defaults, &z->defaults_given);
}

static void read_zone(struct reading_zones *z, const struct node *n)
{
    struct reading *r = z->r;
    struct draft *d = &z->drafts[z->count];
    struct given own;
    char text[NAME_TEXT];
    *d = (struct draft){.zone = z->defaults, .number = z->count};
    if (!section_read(r, SCOPE_ZONE, n, &d->zone, &own)) {
        return;
    }
    read_lists(r, &d->zone, &own);
    section_require(r, SCOPE_ZONE, n, &own);
    d->at = own.at[ZONE_name];
    if (d->at == NULL || own.wrong[ZONE_name]) {
        return;
    }
    z->count++;
    d->text = arena_text(&r->config->arena, name_print(d->zone.name, text));
    struct zone_check check = {r, d, &own, &z->defaults_given};
    if (zone_check(&check)) {
        complete(z, d);
    }
}

static void read_lists(struct reading *r, struct zone_options *zone, struct given *g)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        char *at = (char *)zone + o->offset;
        if (g->at[i] == NULL || o->scope != SCOPE_ZONE) {
            continue;
        }
        if (o->kind == KIND_PEERS) {
            struct config_peers list;
            g->wrong[i] = !peers_list(r, g->at[i], &list);
            *(struct config_peers *)(void *)at =
                g->wrong[i] ? (struct config_peers){NULL, 0} : list;
        }
        if (o->kind == KIND_ACL) {
            struct config_acl list;
            g->wrong[i] = !acl_read(r, g->at[i], &list);
            *(struct config_acl *)(void *)at = g->wrong[i] ? (struct config_acl){.count = 0} : list;
        }
    }
}

/* Fills in what follows from role and name, now that both are known to be right. */
static void complete(struct reading_zones *z, struct draft *d)
{
    struct config_rules *rules = &d->zone.rules;
    bool cache = d->zone.role == ROLE_CACHE, root = d->zone.name[0] == 0;
    if (!d->follow_given) {
        rules->follow = true;
    }
    rules->follow = rules->follow && cache && !root;
    if (d->zone.role != ROLE_PRIMARY) {
        d->zone.file = NULL;
    } else {
        rules->primaries = (struct config_peers){.count = 0};
        rules->notify_from = (struct config_acl){.count = 0};
    }
    if (!d->allow_given) {
        rules->allow = cache ? z->loopback : (struct config_acl){.any = true};
        rules->allow.own_networks = cache;
    }
    d->shared = share(z, rules);
}

/* The same rules of an earlier zone, or a copy that later ones find; NULL: no memory. */
static const struct config_rules *share(struct reading_zones *z, const struct config_rules *rules)
{
    uint64_t hash = fingerprint_rules(rules);
    const struct config_rules **seen = &z->seen[hash % SEEN];
    if (*seen == NULL || (*seen)->hash != hash) {
        struct config_rules *copy = arena_get(&z->r->config->arena, sizeof *copy);
        if (copy == NULL) {
            return NULL;
        }
        *copy = *rules;
        copy->hash = hash;
        acl_add_peers(z->r, &copy->notify_from, &copy->primaries);
        *seen = copy;
    }
    return *seen;
}

/* Puts the zones into canonical order; two of a name are next to each other then. */
static void sort(struct reading_zones *z)
{
    struct reading *r = z->r;
    struct draft **order = arena_get(&r->scratch, z->count * sizeof(struct draft *));
    struct config_zone *zones = arena_get(&r->config->arena, z->count * sizeof *zones);
    if (order == NULL || zones == NULL) {
        return;
    }
    for (unsigned i = 0; i < z->count; i++) {
        order[i] = &z->drafts[i];
    }
    if (z->count > 1) {
        qsort(order, z->count, sizeof(struct draft *), by_name);
    }
    for (unsigned i = 0; i < z->count; i++) {
        fill(&zones[i], order[i]);
        if (i > 0 && name_same(zones[i].name, zones[i - 1].name)) {
            zone_tell_twice(r, order[i], order[i - 1]);
        }
    }
    r->config->zones = zones;
    r->config->zone_count = z->count;
}

static void fill(struct config_zone *zone, const struct draft *d)
{
    *zone = (struct config_zone){
        .rules = d->shared,
        .text = d->text,
        .name = d->zone.name,
        .file = d->zone.file,
        .role = d->zone.role,
    };
    if (zone->rules != NULL) {
        zone->hash = fingerprint_zone(zone);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct draft *x = *(struct draft *const *)a, *y = *(struct draft *const *)b;
    int order = name_compare(x->zone.name, y->zone.name);
    return order != 0 ? order : x->number < y->number ? -1 : 1;
}
