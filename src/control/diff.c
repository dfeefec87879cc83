/* diff.c - what a file would change in a zone that is served. The file is read, checked and
 * compared on another thread; what came of it is said on the keeper's. */
#include "control/order.h"
#include "server/diskfiles.h"
#include "wire/rrtype.h"
#include "zone/build.h"
#include <stdlib.h>

#define SHOWN 200 /* RRsets named one by one */

struct diff {
    struct zone_job job;
    struct name apex;
    struct zone_version *served; /* our hold; NULL: nothing */
    size_t number;               /* of the zone */
    struct zone_built built;
    bool compared;
    struct change change;
    uint32_t old_ttl_s;
    /* while it is said */
    struct order *order;
    unsigned count;
};

static void build(void *state);
static void compare(struct diff *d);
static void say_result(struct order *o);
static void say_differences(struct order *o, struct diff *d);
static bool say_rrset(void *ctx, const struct change_rrset *r);
static void give_back(struct order *o, struct diff *d);

void order_diff(struct order *o)
{
    size_t number;
    if (!order_zone(o, 0, &number))
        return;
    struct keeper_zone_view v = order_view(o, number);
    struct diff *d = calloc(1, sizeof *d);
    must(d != NULL);
    name_copy(&d->apex, v.slot->name);
    d->number = number;
    d->served = v.version;
    if (d->served != NULL)
        zone_hold(d->served);
    change_init(&d->change);
    d->job = (struct zone_job){
        .kind = ZONE_JOB_FILE,
        .apex = d->apex.octets,
        .line = zone_line_new(d->apex.octets, 1),
        .path = o->arguments[1],
        .files = &disk_files,
        .limits = {.bytes = v.config->rules->limits.zone_bytes,
                   .records = v.config->rules->limits.zone_records},
        .policy = SERIAL_KEEP,
        .now = now_read().wall,
        .zonemd_verify = v.config->rules->zonemd_verify,
        .check_only = true,
    };
    must(d->job.line != NULL);
    o->state = d;
    order_aside(o, build, say_result);
}

static void build(void *state)
{
    struct diff *d = state;
    zone_build(&d->job, &d->built);
    if (d->served != NULL && d->built.ok && d->built.next != NULL)
        compare(d);
}

/* The TTLs of old answers: also of what a wildcard made, of what a cut comes to cover, ... */
static void compare(struct diff *d)
{
    bool ok = zone_diff(d->served, d->built.next, &d->change);
    struct ledger_touched *t = ok ? ledger_touch(&d->change, d->served, d->built.next) : NULL;
    if (t != NULL)
        d->old_ttl_s = ledger_touched_ttl(t);
    ledger_touched_free(t);
    d->compared = t != NULL;
}

static void say_result(struct order *o)
{
    struct diff *d = o->state;
    struct report *r = &d->built.report;
    const char *zone = o->arguments[0];
    if (buf_text(&r->text)[0] != 0)
        say(o, NULL, "%s", buf_text(&r->text));
    if (d->served == NULL)
        finish(o, CONTROL_FAILED, NULL, "zone %s: nothing is served to compare with", zone);
    else if (!d->built.ok || d->built.next == NULL)
        finish(o, CONTROL_FAILED,
               json_pack("{s:s, s:i, s:s}", "zone", zone, "errors", (int)r->errors, "report",
                         buf_text(&r->text)),
               "%s has %u error%s", o->arguments[1], r->errors, r->errors == 1 ? "" : "s");
    else
        say_differences(o, d);
    give_back(o, d);
}

static void say_differences(struct order *o, struct diff *d)
{
    char span[32];
    d->order = o;
    if (!d->compared || !change_rrsets(&d->change, d->served, say_rrset, d)) {
        finish(o, CONTROL_FAILED, NULL, "out of memory");
        return;
    }
    if (d->count > SHOWN)
        say(o, NULL, "... and %u more", d->count - SHOWN);
    struct keeper_zone_view v; /* unless it has been removed meanwhile */
    bool is_there = keeper_zone(o->keeper, d->number, now_read(), &v);
    for (unsigned i = 0; is_there && i < v.unwatched_count; i++)
        say(o, NULL, "not watched: %s", keeper_unwatched(o->keeper, d->number, i));
    json_t *f = json_pack("{s:s, s:i, s:I}", "zone", o->arguments[0], "rrsets", (int)d->count,
                          "old_ttl_s", (json_int_t)d->old_ttl_s);
    if (d->count == 0)
        finish(o, CONTROL_DONE, f, "no difference (serial %u is served, the file has %u)",
               zone_serial(d->served), zone_serial(d->built.next));
    else
        finish(
            o, CONTROL_DONE, f,
            "%u RRset%s would change; old answers would live up to %s after the last server has it",
            d->count, d->count == 1 ? "" : "s", span_text((int64_t)d->old_ttl_s * 1000, span));
}

static bool say_rrset(void *ctx, const struct change_rrset *r)
{
    struct diff *d = ctx;
    char name[NAME_TEXT], type[RRTYPE_TEXT];
    const char *what = !r->was ? "added" : !r->is ? "removed" : "changed";
    if (r->old_ttl > d->old_ttl_s)
        d->old_ttl_s = r->old_ttl;
    if (d->count++ >= SHOWN)
        return true;
    name_print(r->owner.octets, name);
    rrtype_print(r->type, type);
    say(d->order,
        json_pack("{s:s, s:s, s:s, s:s, s:I}", "list", "differences", "owner", name, "type", type,
                  "what", what, "old_ttl_s", (json_int_t)r->old_ttl),
        "%-8s %s %s (old answers: TTL %u)", what, name, type, r->old_ttl);
    return true;
}

static void give_back(struct order *o, struct diff *d)
{
    if (d->served != NULL && zone_release(d->served))
        server_released(o->server, d->number);
    if (d->built.next != NULL)
        (void)zone_release(d->built.next);
    change_free(&d->change);
    zone_built_free(&d->built);
    zone_line_free(d->job.line);
}
