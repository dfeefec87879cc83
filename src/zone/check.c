/* check.c - what is wrong with a zone as a whole: what makes answers ambiguous is an error and
 * blocks, what is only unwise is a warning (INTERFACE.md, Zone files). Called at the end of a job,
 * on its thread. One walk in canonical order, so that all names below a cut or a DNAME come right
 * behind it. */
#include "zone/check.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/audit.h"
#include "zone/store.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PARTS_MOST   256   /* of a zone that several threads look at */
#define RECORDS_MANY 20000 /* for which that is worth it */

struct part { /* of a large zone: all owners below a node */
    uint32_t root;
    unsigned seen[CHECK_KINDS];
    bool again;
};
struct parts {
    const struct check *check;
    unsigned count;
    struct part list[PARTS_MOST];
};
struct owner { /* one node, looked over */
    const uint8_t *name;
    struct zone_node node;
    bool is_apex;
    struct rrset soa, ns, cname, dname, ds; /* count 0: none */
    unsigned others;                        /* RRsets that may not stand beside a CNAME */
    uint16_t other;                         /* one of their types */
    uint16_t not_at_cut;                    /* a type that a cut hides; 0: none */
    bool has_address;
};

static void check_walk(struct check *c, struct zone_walk *walk);
static void check_in_parts(struct check *c, const struct hands *hands);
static bool split_parts(const struct zone_version *v, struct parts *parts);
static unsigned kids_apart(const struct zone_version *v, uint32_t ref);
static void check_part(void *arg, unsigned index);
static void check_below(struct check *c, uint32_t root);
static void find_above(struct check *c, const uint8_t *name);
static void look_over(const struct check *c, const uint8_t *name, struct zone_node node,
                      struct owner *o);
static void check_owner(struct check *c, const struct owner *o);
static void check_apex(struct check *c, const struct owner *o);
static void check_timers(struct check *c, const struct owner *o);
static void check_aliases(struct check *c, const struct owner *o);
static bool check_hidden(struct check *c, const struct owner *o);
static void check_below_cut(struct check *c, const struct owner *o);
static bool is_glue(struct check *c, const uint8_t *name);
static void check_cut(struct check *c, const struct owner *o);
static void check_targets(struct check *c, const struct owner *o);
static void check_target(struct check *c, const struct record *rr, bool is_below);
static void report_kinds(struct check *c);
static void note_shown(struct check *c, enum check_kind kind, const uint8_t *owner);
static void wrong(struct check *c, const struct owner *o, uint16_t type, const char *format, ...)
    PRINTF_LIKE(4, 5);
static void unwise(struct check *c, enum check_kind kind, const struct owner *o, uint16_t type,
                   const char *format, ...) PRINTF_LIKE(5, 6);

void zone_check_version(const struct zone_check *t, struct checked *out, struct report *report)
{
    struct check c = {.v = t->v, .places = t->places, .report = report, .out = out};
    bool many = zone_records(t->v) >= hands_least(t->hands, RECORDS_MANY);
    out->known = false;
    if (t->before == NULL || !recheck(t, &c)) {
        if (hands_count(t->hands) > 1 && many && t->v->root[TRIE_HASHES] == 0) {
            check_in_parts(&c, t->hands);
        } else {
            struct zone_walk walk;
            zone_walk_start(&walk, t->v);
            check_walk(&c, &walk);
        }
    }
    report_kinds(&c);
    memcpy(out->seen, c.seen, sizeof out->seen);
    out->known = !out->shown.failed;
    ns_targets_free(&c.targets);
    audit_version(t->v, t->places, t->now, report);
}

static void check_walk(struct check *c, struct zone_walk *walk)
{
    struct name name;
    struct zone_node node;
    while (zone_walk_next(walk, &name, &node)) {
        struct owner o;
        look_over(c, name.octets, node, &o);
        check_owner(c, &o);
    }
}

/* All threads look whether there is anything to say; then this one says it, in order, of the
 * parts where there is. */
static void check_in_parts(struct check *c, const struct hands *hands)
{
    struct parts parts = {.check = c, .count = 1, .list = {{.root = c->v->root[TRIE_NAMES]}}};
    while (split_parts(c->v, &parts)) {
    }
    check_below(c,
                parts.list[0].root); /* the apex, and alone: a DNAME there hides all the others */
    hands_run(hands, parts.count, check_part, &parts);
    for (unsigned i = 1; i < parts.count; i++) {
        const struct part *part = &parts.list[i];
        bool shown = part->again;
        for (int kind = 0; kind < CHECK_KINDS; kind++) {
            shown = shown || (part->seen[kind] > 0 && c->seen[kind] < CHECK_SHOWN);
        }
        if (shown) {
            check_below(c, part->root);
            continue;
        }
        for (int kind = 0; kind < CHECK_KINDS; kind++) {
            c->seen[kind] += part->seen[kind];
        }
    }
}

/* Puts the children of branches in their place, where that cuts between children of the apex:
 * what is below a cut or a DNAME is in the same part. False: nothing more to split. */
static bool split_parts(const struct zone_version *v, struct parts *parts)
{
    struct parts from = *parts;
    parts->count = 0;
    for (unsigned i = 0; i < from.count; i++) {
        uint32_t ref = from.list[i].root;
        unsigned left = PARTS_MOST - (from.count - i), kids = kids_apart(v, ref);
        if (kids == 0 || parts->count + kids > left) {
            parts->list[parts->count++] = from.list[i];
            continue;
        }
        for (unsigned k = 0; k < kids; k++) {
            parts->list[parts->count++].root = trie_branch(v->map, ref)->kid[k];
        }
    }
    return parts->count > from.count;
}

/* Children of a branch that asks about the label below the apex; 0: it is none. */
static unsigned kids_apart(const struct zone_version *v, uint32_t ref)
{
    if (trie_is_leaf(ref)) {
        return 0;
    }
    struct key key;
    const struct branch *b = trie_branch(v->map, ref);
    const struct blob *leaf = trie_blob(v->map, trie_any_leaf(v->map, ref));
    key_of_octets(&key, leaf->body, leaf->key_size);
    return branch_offset(b) == 0 || branch_offset(b) < key.end[1] ? branch_kids(b) : 0;
}

static void check_part(void *arg, unsigned index)
{
    struct parts *parts = arg;
    struct part *part = &parts->list[index];
    struct check c = {.v = parts->check->v,
                      .dname = parts->check->dname,
                      .has_dname = parts->check->has_dname,
                      .mute = true};
    if (index > 0) {
        check_below(&c, part->root);
        memcpy(part->seen, c.seen, sizeof part->seen);
        part->again = c.again;
    }
}

static void check_below(struct check *c, uint32_t root)
{
    struct zone_walk walk;
    zone_walk_start(&walk, c->v);
    walk.names.at = root;
    check_walk(c, &walk);
}

void check_one(struct check *c, const uint8_t *name)
{
    struct zone_node node = zone_lookup(c->v, name);
    struct owner o;
    if (node.ref == 0 || zone_node_empty(node)) {
        return;
    }
    find_above(c, name);
    look_over(c, name, node, &o);
    check_owner(c, &o);
}

/* The cut or DNAME above it that is nearest the apex: what a walk would have met. */
static void find_above(struct check *c, const uint8_t *name)
{
    unsigned apex = name_labels(zone_apex(c->v));
    c->has_cut = c->has_dname = false;
    for (unsigned labels = apex; labels < name_labels(name); labels++) {
        const uint8_t *above = name_suffix(name, labels);
        struct zone_node node = zone_lookup(c->v, above);
        struct rrset dname;
        c->has_cut = node.ref != 0 && labels > apex && zone_rrset(node, TYPE_NS, &c->cut_ns);
        c->has_dname = node.ref != 0 && zone_rrset(node, TYPE_DNAME, &dname);
        if (c->has_cut || c->has_dname) {
            name_copy(&c->cut, above);
            name_copy(&c->dname, above);
            return;
        }
    }
}

static void look_over(const struct check *c, const uint8_t *name, struct zone_node node,
                      struct owner *o)
{
    struct rrset set;
    *o = (struct owner){.name = name, .node = node, .is_apex = name_same(name, zone_apex(c->v))};
    for (unsigned at = 0; zone_rrset_next(node, &at, &set);) {
        bool dnssec = set.type == TYPE_RRSIG || set.type == TYPE_NSEC;
        bool address = set.type == TYPE_A || set.type == TYPE_AAAA;
        o->soa = set.type == TYPE_SOA ? set : o->soa;
        o->ns = set.type == TYPE_NS ? set : o->ns;
        o->cname = set.type == TYPE_CNAME ? set : o->cname;
        o->dname = set.type == TYPE_DNAME ? set : o->dname;
        o->ds = set.type == TYPE_DS ? set : o->ds;
        o->has_address = o->has_address || address;
        if (!dnssec && set.type != TYPE_CNAME) {
            o->others++;
            o->other = set.type;
        }
        if (!dnssec && !address && set.type != TYPE_NS && set.type != TYPE_DS) {
            o->not_at_cut = set.type;
        }
    }
}

static void check_owner(struct check *c, const struct owner *o)
{
    if (o->is_apex) {
        check_apex(c, o);
    } else if (o->soa.count > 0) {
        wrong(c, o, TYPE_SOA,
              "an SOA below the apex: a child zone is a zone, and a file, of its own");
    }
    check_aliases(c, o);
    if (check_hidden(c, o)) {
        return;
    }
    if (o->ns.count > 0 && !o->is_apex) {
        check_cut(c, o);
    } else if (o->ds.count > 0) {
        unwise(c, CHECK_OTHER, o, TYPE_DS,
               "a DS without NS beside it means nothing (RFC 4035 2.4)");
    }
    if (o->dname.count > 0) {
        name_copy(&c->dname, o->name);
        c->has_dname = true;
    }
    check_targets(c, o);
}

static void check_apex(struct check *c, const struct owner *o)
{
    if (o->ns.count == 0) {
        wrong(c, o, TYPE_SOA, "the zone has no NS at its apex: nobody could find it");
    }
    check_timers(c, o);
}

/* With EXPIRE that small, one lost refresh takes the zone off the air (RFC 1912 2.2). */
static void check_timers(struct check *c, const struct owner *o)
{
    uint16_t len;
    uint32_t ttl;
    struct soa soa;
    const uint8_t *rdata = zone_soa(c->v, &len, &ttl);
    if (soa_read(rdata, len, &soa) && soa.expire <= (uint64_t)soa.refresh + soa.retry) {
        unwise(
            c, CHECK_OTHER, o, TYPE_SOA,
            "EXPIRE %u is not more than REFRESH %u + RETRY %u: secondaries give up the zone before "
            "they have tried twice",
            soa.expire, soa.refresh, soa.retry);
    }
}

static void check_aliases(struct check *c, const struct owner *o)
{
    char type[RRTYPE_TEXT];
    if (o->cname.count > 1) {
        wrong(c, o, TYPE_CNAME, "%u CNAMEs: a name has one canonical name (RFC 2181 10.1)",
              o->cname.count);
    }
    if (o->cname.count > 0 && o->others > 0) {
        wrong(c, o, TYPE_CNAME,
              "a CNAME and also %s: nothing stands beside a CNAME (RFC 2181 10.1)",
              rrtype_print(o->other, type));
    }
    if (o->dname.count > 1) {
        wrong(c, o, TYPE_DNAME, "%u DNAMEs: a name has one (RFC 6672 2.4)", o->dname.count);
    }
    if (o->dname.count > 0 && o->ns.count > 0 && !o->is_apex) {
        wrong(c, o, TYPE_DNAME,
              "a DNAME and also NS: delegated or renamed, not both (RFC 6672 2.4)");
    }
}

/* Is the owner below a cut or a DNAME? Then nothing of it is ever answered but glue. */
static bool check_hidden(struct check *c, const struct owner *o)
{
    char above[NAME_TEXT];
    c->has_cut = c->has_cut && name_at_or_below(o->name, c->cut.octets);
    c->has_dname = c->has_dname && name_at_or_below(o->name, c->dname.octets);
    if (c->has_cut) {
        check_below_cut(c, o);
        return true;
    }
    if (c->has_dname) {
        unwise(c, CHECK_BELOW_DNAME, o, 0,
               "below the DNAME at %s, and so never answered (RFC 6672 2.4)",
               name_print_dot(c->dname.octets, above));
    }
    return c->has_dname;
}

static void check_below_cut(struct check *c, const struct owner *o)
{
    char above[NAME_TEXT], type[RRTYPE_TEXT];
    uint16_t hidden = o->ns.count > 0 ? TYPE_NS : o->ds.count > 0 ? TYPE_DS : o->not_at_cut;
    if (hidden != 0) {
        unwise(c, CHECK_BELOW_CUT, o, hidden,
               "%s below the delegation at %s is never answered; only glue addresses belong here",
               rrtype_print(hidden, type), name_print_dot(c->cut.octets, above));
    } else if (o->has_address && !is_glue(c, o->name)) {
        unwise(c, CHECK_BELOW_CUT, o, 0,
               "this address below the delegation at %s is no glue, for no NS points to it, and is "
               "never answered",
               name_print_dot(c->cut.octets, above));
    }
}

/* Nearly always the cut's own NS point to it; the targets of all others are collected only when
 * not. */
static bool is_glue(struct check *c, const uint8_t *name)
{
    const uint8_t *target;
    uint16_t len;
    for (size_t at = 0; (target = rrset_next(&c->cut_ns, &at, &len)) != NULL;) {
        if (name_same(target, name)) {
            return true;
        }
    }
    c->again = true;
    return (c->mute && !c->exact) || ns_targets_have(&c->targets, c->v, name);
}

/* At the cut itself there may be NS, DS, and glue if the name is its own server. */
static void check_cut(struct check *c, const struct owner *o)
{
    char type[RRTYPE_TEXT];
    name_copy(&c->cut, o->name);
    c->cut_ns = o->ns;
    c->has_cut = true;
    if (o->not_at_cut != 0 && o->cname.count == 0 && o->dname.count == 0) {
        unwise(c, CHECK_AT_CUT, o, o->not_at_cut,
               "%s stands at a delegation and is never answered: it belongs into the child zone",
               rrtype_print(o->not_at_cut, type));
    } else if (o->has_address && !is_glue(c, o->name)) {
        unwise(c, CHECK_AT_CUT, o, 0,
               "an address at a delegation is never answered: it belongs into the child zone");
    }
}

static void check_targets(struct check *c, const struct owner *o)
{
    static const uint16_t types[] = {TYPE_NS, TYPE_MX, TYPE_SRV};
    bool is_cut = o->ns.count > 0 && !o->is_apex;
    for (size_t i = 0; i < (is_cut ? 1 : sizeof types / sizeof types[0]); i++) {
        struct rrset set;
        const uint8_t *rdata;
        uint16_t len;
        size_t at = 0;
        if (!zone_rrset(o->node, types[i], &set)) {
            continue;
        }
        while ((rdata = rrset_next(&set, &at, &len)) != NULL) {
            struct record rr = {.owner = o->name, .type = types[i], .rdata = rdata, .rdlen = len};
            const uint8_t *target = rdata_target(rr.type, rdata, len);
            bool is_below = is_cut && o->dname.count == 0 && name_at_or_below(target, o->name);
            check_target(c, &rr, is_below);
        }
    }
}

/* `is_below`: at or below the cut whose NS it is, as most are; that saves a search. */
static void check_target(struct check *c, const struct record *rr, bool is_below)
{
    static const char *const words[] = {
        [TARGET_MISSING] = "a name that does not exist",
        [TARGET_BARE] = "which has no address",
        [TARGET_ALIAS] = "which is an alias (RFC 2181 10.3)",
        [TARGET_NO_GLUE] = "which is delegated, but there is no glue address for it",
    };
    const uint8_t *target = rdata_target(rr->type, rr->rdata, rr->rdlen);
    enum target_state state =
        is_below ? target_below_cut(c->v, target) : target_state(c->v, target);
    enum check_kind kind = state == TARGET_NO_GLUE ? CHECK_GLUE : CHECK_TARGET;
    if (state == TARGET_FINE || (state == TARGET_NO_GLUE && rr->type != TYPE_NS)) {
        return; /* behind a cut MX and SRV are the child zone's business */
    }
    if (c->seen[kind]++ < CHECK_SHOWN && !c->mute) {
        note_shown(c, kind, rr->owner);
        char owner[NAME_TEXT], type[RRTYPE_TEXT], name[NAME_TEXT];
        struct place place = place_of_record(c->places, rr);
        report_warning(c->report, &place, "%s: %s points to %s, %s",
                       name_print_dot(rr->owner, owner), rrtype_print(rr->type, type),
                       name_print_dot(target, name), words[state]);
    }
}

/* How many of each kind were not shown. */
static void report_kinds(struct check *c)
{
    static const char *const words[CHECK_KINDS] = {
        [CHECK_BELOW_CUT] = "names below a delegation",
        [CHECK_AT_CUT] = "names at a delegation",
        [CHECK_BELOW_DNAME] = "names below a DNAME",
        [CHECK_TARGET] = "records with such a target",
        [CHECK_GLUE] = "delegations without glue addresses",
        [CHECK_OTHER] = "findings",
    };
    for (int kind = 0; kind < CHECK_KINDS; kind++) {
        if (c->seen[kind] > CHECK_SHOWN) {
            report_warning(c->report, NULL, "%u more %s", c->seen[kind] - CHECK_SHOWN, words[kind]);
        }
    }
}

static void wrong(struct check *c, const struct owner *o, uint16_t type, const char *format, ...)
{
    char text[1500], name[NAME_TEXT];
    c->again = true;
    if (c->mute) {
        return;
    }
    struct place place = place_of_owner(c->places, o->name, type);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    report_error(c->report, &place, "%s: %s", name_print_dot(o->name, name), text);
}

static void unwise(struct check *c, enum check_kind kind, const struct owner *o, uint16_t type,
                   const char *format, ...)
{
    char text[1500], name[NAME_TEXT];
    if (c->seen[kind]++ >= CHECK_SHOWN || c->mute) {
        return;
    }
    note_shown(c, kind, o->name);
    struct place place = place_of_owner(c->places, o->name, type);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    report_warning(c->report, &place, "%s: %s", name_print_dot(o->name, name), text);
}

/* So that it can be shown again when the zone has changed elsewhere. */
static void note_shown(struct check *c, enum check_kind kind, const uint8_t *owner)
{
    if (c->out != NULL) {
        buf_add(&c->out->shown, owner, name_len(owner));
        name_copy(&c->out->last[kind], owner);
    }
}
