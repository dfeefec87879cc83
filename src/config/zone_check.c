/* zone_check.c - what two options of a zone mean together: role and file, the root and follow.
 * Called by zones.c for each zone, after its options and lists are read.
 * What only `defaults` say and does not fit the role is passed over: defaults are for zones of
 * every role. */
#include "config/zone_check.h"

static bool given(const struct zone_check *c, enum option_id id);
static bool wrong(const struct zone_check *c, enum option_id id);
static void check_roles(const struct zone_check *c);
static const char *roles_words(unsigned roles);
static void check_needs(const struct zone_check *c);
static void check_follow(const struct zone_check *c);
static bool refresh_crossed(const struct zone_options *z);
static void tell_refresh(struct reading *r, const struct zone_options *z, const struct given *g);

bool zone_check(const struct zone_check *c)
{
    struct draft *d = c->draft;
    d->follow_given = given(c, ZONE_follow);
    d->allow_given = given(c, ZONE_allow);
    if (c->own->at[ZONE_refresh_min_s] != NULL || c->own->at[ZONE_refresh_max_s] != NULL) {
        tell_refresh(c->r, &d->zone, c->own);
    }
    if (!given(c, ZONE_role) && !c->r->broken) {
        finding_add(&c->r->findings, d->at->at, "zone %s: a 'role' is missing", d->text);
    }
    if (!given(c, ZONE_role) || wrong(c, ZONE_role)) {
        return false;
    }
    check_roles(c);
    check_needs(c);
    check_follow(c);
    return true;
}

static bool given(const struct zone_check *c, enum option_id id)
{
    return c->own->at[id] != NULL || c->defaults->at[id] != NULL;
}

static bool wrong(const struct zone_check *c, enum option_id id)
{
    return c->own->at[id] != NULL ? c->own->wrong[id] : c->defaults->wrong[id];
}

static void check_roles(const struct zone_check *c)
{
    unsigned role = 1u << c->draft->zone.role;
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        const struct node *n = c->own->at[i];
        if (n != NULL && o->scope == SCOPE_ZONE && (o->roles & role) == 0) {
            finding_add(&c->r->findings, n->key->at, "'%s' is for %s, and zone %s is a %s", o->name,
                        roles_words(o->roles), c->draft->text, roles_words(role));
        }
    }
}

static const char *roles_words(unsigned roles)
{
    switch (roles) {
    case ROLES_PRIMARY:
        return "primary";
    case ROLES_SECONDARY:
        return "secondary";
    case ROLES_CACHE:
        return "cache";
    case ROLES_ASKING:
        return "secondary and cache";
    default:
        return "every role";
    }
}

static void check_needs(const struct zone_check *c)
{
    const struct zone_options *z = &c->draft->zone;
    bool primary = z->role == ROLE_PRIMARY;
    if (c->r->broken) {
        return; /* it may stand in the part that could not be read */
    }
    if (primary && z->file == NULL && !wrong(c, ZONE_file)) {
        finding_add(&c->r->findings, c->draft->at->at, "zone %s: a primary needs a 'file'",
                    c->draft->text);
    }
    if (!primary && z->rules.primaries.count == 0 && !wrong(c, ZONE_primaries)) {
        finding_add(&c->r->findings, c->draft->at->at, "zone %s: a %s needs 'primaries'",
                    c->draft->text, z->role == ROLE_CACHE ? "cache" : "secondary");
    }
}

/* The root has no serial that tells of changes below it. */
static void check_follow(const struct zone_check *c)
{
    const struct zone_options *z = &c->draft->zone;
    const struct node *n = c->own->at[ZONE_follow];
    if (n != NULL && z->role == ROLE_CACHE && z->rules.follow && z->name[0] == 0) {
        finding_add(&c->r->findings, n->at,
                    "follow: the root cannot be followed, for its serial says nothing about the "
                    "zones below");
    }
}

void zone_check_defaults(struct reading *r, const struct zone_options *zone, const struct given *g)
{
    if (g->at[ZONE_refresh_min_s] != NULL || g->at[ZONE_refresh_max_s] != NULL) {
        tell_refresh(r, zone, g);
    }
}

static bool refresh_crossed(const struct zone_options *z)
{
    return z->rules.refresh_min_s > z->rules.refresh_max_s;
}

static void tell_refresh(struct reading *r, const struct zone_options *z, const struct given *g)
{
    const struct node *min = g->at[ZONE_refresh_min_s], *max = g->at[ZONE_refresh_max_s];
    if (refresh_crossed(z)) {
        finding_add(&r->findings, (min != NULL ? min : max)->at,
                    "refresh-min (%us) is above refresh-max (%us)",
                    (unsigned)z->rules.refresh_min_s, (unsigned)z->rules.refresh_max_s);
    }
}

void zone_tell_twice(struct reading *r, const struct draft *second, const struct draft *first)
{
    const struct spot *at = &first->at->at;
    finding_add(&r->findings, second->at->at, "zone %s is there twice: first in %s, line %u",
                second->text, at->source->path, at->line);
}
