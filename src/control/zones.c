/* zones.c - history, export, diff: a zone's past, its text, and what a file would make of it. */
#include "control/order.h"
#include "server/diskfiles.h"
#include "wire/msg.h"
#include "wire/rrtype.h"
#include "zone/build.h"
#include <stdlib.h>

#define DIFF_SHOWN  200             /* RRsets named one by one */
#define EXPORT_PART ((size_t)65536) /* octets of text, and one owner more */

struct exporting {
    struct zone_version *version; /* our hold */
    size_t number;                /* of the zone */
    struct zone_walk walk;
};

struct differing {
    struct order *order;
    unsigned count;
    uint32_t old_ttl_s;
};

static void export_more(struct order *o);
static size_t export_owner(struct order *o, const struct name *owner, struct zone_node node);
static void export_drop(struct order *o);
static void print_rrset(struct buf *to, const uint8_t *owner, struct zone_node node,
                        const struct rrset *set);
static void say_change(struct order *o, const struct ledger_change_view *c);
static void say_difference(struct order *o, const struct keeper_zone_view *v,
                           const struct zone_version *next);
static bool see_rrset(void *ctx, const struct change_rrset *r);

void order_history(struct order *o)
{
    size_t number;
    if (!order_zone(o, 0, &number))
        return;
    const struct ledger *l = keeper_ledger(o->keeper, number);
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

void order_diff(struct order *o)
{
    size_t number;
    struct zone_built built = {0};
    if (!order_zone(o, 0, &number))
        return;
    struct keeper_zone_view v = order_view(o, number);
    struct name apex = v.slot->name;
    struct zone_line *line = zone_line_new(apex.octets, 1);
    must(line != NULL);
    struct zone_job job = {
        .kind = ZONE_JOB_FILE,
        .apex = apex.octets,
        .line = line,
        .path = o->arguments[1],
        .files = &disk_files,
        .limits = {.bytes = v.config->limits.zone_bytes, .records = v.config->limits.zone_records},
        .policy = SERIAL_KEEP,
        .now = now_read().wall,
        .zonemd_verify = v.config->zonemd_verify,
        .check_only = true,
    };
    zone_build(&job, &built);
    if (buf_text(&built.report.text)[0] != 0)
        say(o, NULL, "%s", buf_text(&built.report.text));
    if (v.version == NULL)
        finish(o, CONTROL_FAILED, NULL, "zone %s: nothing is served to compare with", v.name);
    else if (!built.ok || built.next == NULL)
        finish(o, CONTROL_FAILED,
               json_pack("{s:s, s:i, s:s}", "zone", v.name, "errors", (int)built.report.errors,
                         "report", buf_text(&built.report.text)),
               "%s has %u error%s", o->arguments[1], built.report.errors,
               built.report.errors == 1 ? "" : "s");
    else
        say_difference(o, &v, built.next);
    if (built.next != NULL)
        (void)zone_release(built.next);
    zone_built_free(&built);
    zone_line_free(line);
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

static void say_difference(struct order *o, const struct keeper_zone_view *v,
                           const struct zone_version *next)
{
    struct change change;
    struct differing d = {.order = o};
    char span[32];
    change_init(&change);
    bool ok =
        zone_diff(v->version, next, &change) && change_rrsets(&change, v->version, see_rrset, &d);
    struct ledger_touched *t = ok ? ledger_touch(&change, v->version, next) : NULL;
    if (t != NULL) /* also what a wildcard made, what a cut comes to cover, ... */
        d.old_ttl_s = ledger_touched_ttl(t);
    ledger_touched_free(t);
    change_free(&change);
    if (!ok) {
        finish(o, CONTROL_FAILED, NULL, "out of memory");
        return;
    }
    if (d.count > DIFF_SHOWN)
        say(o, NULL, "... and %u more", d.count - DIFF_SHOWN);
    for (unsigned i = 0; i < v->unwatched_count; i++)
        say(o, NULL, "not watched: %s", keeper_unwatched(o->keeper, v->number, i));
    json_t *f = json_pack("{s:s, s:i, s:I}", "zone", v->name, "rrsets", (int)d.count, "old_ttl_s",
                          (json_int_t)d.old_ttl_s);
    if (d.count == 0)
        finish(o, CONTROL_DONE, f, "no difference (serial %u is served, the file has %u)",
               v->serial, zone_serial(next));
    else
        finish(
            o, CONTROL_DONE, f,
            "%u RRset%s would change; old answers would live up to %s after the last server has it",
            d.count, d.count == 1 ? "" : "s", span_text((int64_t)d.old_ttl_s * 1000, span));
}

static bool see_rrset(void *ctx, const struct change_rrset *r)
{
    struct differing *d = ctx;
    char name[NAME_TEXT], type[RRTYPE_TEXT];
    const char *what = !r->was ? "added" : !r->is ? "removed" : "changed";
    if (r->old_ttl > d->old_ttl_s)
        d->old_ttl_s = r->old_ttl;
    if (d->count++ >= DIFF_SHOWN)
        return true;
    name_print(r->owner.octets, name);
    rrtype_print(r->type, type);
    say(d->order,
        json_pack("{s:s, s:s, s:s, s:s, s:I}", "list", "differences", "owner", name, "type", type,
                  "what", what, "old_ttl_s", (json_int_t)r->old_ttl),
        "%-8s %s %s (old answers: TTL %u)", what, name, type, r->old_ttl);
    return true;
}
