/* zones.c - history and export: a zone's past, and its text. Keeper thread. */
#include "control/order.h"
#include "wire/msg.h"
#include "wire/rrtype.h"
#include "zone/text.h"
#include <stdlib.h>

#define EXPORT_PART ((size_t)65536) /* octets of text, and one owner more */

struct exporting {
    struct zone_version *version; /* our hold */
    size_t number;                /* of the zone */
    struct zone_walk walk;
};

static void export_more(struct order *o);
static size_t export_owner(struct order *o, const struct name *owner, struct zone_node node);
static void export_drop(struct order *o);
static void print_rrset(struct buf *to, const uint8_t *owner, struct zone_node node,
                        const struct rrset *set);
static void say_change(struct order *o, const struct ledger_change_view *c);

void order_history(struct order *o)
{
    size_t number;
    if (!order_zone(o, 0, &number))
        return;
    const struct ledger *l = keeper_history(o->keeper, number, now_read());
    unsigned count = ledger_change_count(l);
    if (count > 0)
        say(o, NULL, "%-24s %-22s %-10s %7s %12s %14s", "SERIALS", "WHEN", "SOURCE", "RRSETS",
            "SERVED AFTER", "SETTLED AFTER");
    for (unsigned i = count; i-- > 0;) {
        struct ledger_change_view c;
        ledger_change(l, i, now_read(), &c);
        say_change(o, &c);
    }
    finish(o, CONTROL_DONE, json_pack("{s:s}", "zone", o->arguments[0]), "%u change%s", count,
           count == 1 ? "" : "s");
}

void order_export(struct order *o)
{
    size_t number;
    if (!order_zone(o, 0, &number))
        return;
    struct keeper_zone_view v = order_view(o, number);
    if (v.version == NULL) {
        finish(o, CONTROL_FAILED, NULL,
               v.role == ROLE_CACHE ? "zone %s is a cache here: there is no copy of it"
                                    : "zone %s: nothing is served",
               v.name);
        return;
    }
    struct exporting *e = calloc(1, sizeof *e);
    must(e != NULL);
    zone_hold(v.version);
    *e = (struct exporting){.version = v.version, .number = number};
    zone_walk_start(&e->walk, v.version);
    o->state = e;
    o->more = export_more;
    o->drop = export_drop;
}

/* So much at a time that others are served meanwhile. */
static void export_more(struct order *o)
{
    struct exporting *e = o->state;
    struct name owner;
    struct zone_node node;
    for (size_t octets = 0; octets < EXPORT_PART;) {
        if (!zone_walk_next(&e->walk, &owner, &node)) {
            finish(o, CONTROL_DONE,
                   json_pack("{s:s, s:I}", "zone", o->arguments[0], "serial",
                             (json_int_t)zone_serial(e->version)),
                   "%s", "");
            return;
        }
        octets += export_owner(o, &owner, node);
    }
}

static size_t export_owner(struct order *o, const struct name *owner, struct zone_node node)
{
    struct buf text = {0};
    struct rrset set;
    char name[NAME_TEXT];
    unsigned at = 0;
    bool soa = zone_rrset(node, TYPE_SOA, &set); /* only the apex has one: it comes first */
    if (soa)
        print_rrset(&text, owner->octets, node, &set);
    while (zone_rrset_next(node, &at, &set))
        if (!soa || set.type != TYPE_SOA)
            print_rrset(&text, owner->octets, node, &set);
    size_t len = text.len - (text.len > 0); /* the last newline is the line's */
    name_print(owner->octets, name);
    say(o, json_pack("{s:s, s:s}", "list", "owners", "owner", name), "%.*s", (int)len,
        buf_text(&text));
    buf_free(&text);
    return len;
}

static void export_drop(struct order *o)
{
    struct exporting *e = o->state;
    if (zone_release(e->version))
        server_released(o->server, e->number);
}

static void print_rrset(struct buf *to, const uint8_t *owner, struct zone_node node,
                        const struct rrset *set)
{
    struct record rr = {.owner = owner, .type = set->type, .class = CLASS_IN};
    size_t at = 0;
    while ((rr.rdata = rrset_next(set, &at, &rr.rdlen)) != NULL) {
        rr.ttl = zone_record_ttl(node, set, rr.rdata);
        record_print(&rr, to);
    }
}

static void say_change(struct order *o, const struct ledger_change_view *c)
{
    const struct journal_change *r = &c->row;
    char serials[32], when[21], served[32] = "-", settled[32] = "-";
    if (r->first)
        snprintf(serials, sizeof serials, "%u", r->to);
    else
        snprintf(serials, sizeof serials, "%u -> %u", r->from, r->to);
    if (r->served.ms != 0)
        span_text(r->served.ms - r->committed.ms, served);
    if (r->settled.ms != 0)
        span_text(r->settled.ms - r->committed.ms, settled);
    json_t *f =
        json_pack("{s:s, s:I, s:s, s:s, s:i, s:b, s:b}", "list", "changes", "to", (json_int_t)r->to,
                  "source", change_source_name(r->source), "from_whom", r->text, "rrsets",
                  (int)r->rrsets, "served", (int)c->served, "settled", (int)c->settled);
    if (f != NULL && !r->first)
        json_object_set_new(f, "from", json_integer(r->from));
    if (f != NULL)
        json_object_set_new(f, "committed_ms", json_integer(r->committed.ms));
    if (f != NULL && r->parent_left_out)
        json_object_set_new(f, "parent_left_out", json_true());
    say(o, f, "%-24s %-22s %-10s %7u %12s %14s", serials, wall_text(r->committed, when),
        change_source_name(r->source), r->rrsets, served, settled);
}
