/* reloads.c - reload, refresh, retransfer, notify: each waits for its effect and says what it
 * was. */
#include "control/order.h"
#include <stdlib.h>
#include <string.h>

struct one { /* waiting for one zone */
    size_t number;
    uint64_t ticket;
    bool refresh;
};
struct before { /* the zones there were when the order came */
    unsigned count;
    size_t newest;              /* the largest number among them: later ones have larger ones */
    const struct slot *slots[]; /* they stay when the zone goes */
};
struct every { /* waiting for every primary */
    unsigned count, failed;
    size_t *numbers;
    uint64_t tickets[];
};

static bool forced(struct order *o);
static void look_one(struct order *o);
static void say_result(struct order *o, size_t number, const struct keeper_reloaded *r);
static json_t *result_fields(const struct keeper_zone_view *v, const struct keeper_reloaded *r);
static struct before *zones_there(const struct order *o);
static void config_read_again(void *ctx, bool ok, struct report *report);
static void say_zones_that_went(struct order *o, const struct before *b);
static void say_zones_that_came(struct order *o, const struct before *b);
static void start_every(struct order *o);
static void look_every(struct order *o);
static void start_refresh(struct order *o, bool retransfer);

void order_reload(struct order *o)
{
    if (o->argument_count == 0) {
        o->busy = true;
        o->state = zones_there(o);
        server_reload(o->server, config_read_again, o);
        return;
    }
    size_t number;
    if (!order_zone(o, 0, &number))
        return;
    struct one *w = calloc(1, sizeof *w);
    struct keeper_actions actions = {0};
    must(w != NULL);
    w->number = number;
    w->refresh = order_view(o, number).role != ROLE_PRIMARY;
    w->ticket = keeper_reload(o->keeper, number, forced(o), now_read(), &actions);
    o->state = w;
    o->again = look_one;
    server_carry_out(o->server, &actions);
    if (!o->finished)
        look_one(o);
}

void order_refresh(struct order *o)
{
    start_refresh(o, false);
}

void order_retransfer(struct order *o)
{
    start_refresh(o, true);
}

void order_notify(struct order *o)
{
    size_t number;
    struct keeper_actions actions = {0};
    if (!order_zone(o, 0, &number))
        return;
    unsigned peers = ledger_peer_count(keeper_ledger(o->keeper, number));
    if (!order_view(o, number).has_serial) {
        finish(o, CONTROL_FAILED, NULL, "zone %s: there is no serial to tell of yet",
               o->arguments[0]);
        return;
    }
    keeper_notify(o->keeper, number, now_read(), &actions);
    server_carry_out(o->server, &actions);
    finish(o, CONTROL_DONE, json_pack("{s:s, s:i}", "zone", o->arguments[0], "peers", (int)peers),
           "zone %s: NOTIFY sent to %u peer%s", o->arguments[0], peers, peers == 1 ? "" : "s");
}

static void start_refresh(struct order *o, bool retransfer)
{
    size_t number;
    struct keeper_actions actions = {0};
    if (!order_zone(o, 0, &number))
        return;
    struct keeper_zone_view v = order_view(o, number);
    if (v.role == ROLE_PRIMARY || (v.role == ROLE_CACHE && retransfer)) {
        finish(o, CONTROL_FAILED, NULL, "zone %s is a %s here: %s", v.name,
               v.role == ROLE_PRIMARY ? "primary" : "cache",
               v.role == ROLE_PRIMARY ? "it has no primaries to ask (reload reads its file)"
                                      : "it has no copy to transfer");
        return;
    }
    struct one *w = calloc(1, sizeof *w);
    must(w != NULL);
    w->number = number;
    w->refresh = true;
    w->ticket = keeper_refresh(o->keeper, number, retransfer, now_read(), &actions);
    o->state = w;
    o->again = look_one;
    server_carry_out(o->server, &actions);
    if (!o->finished)
        look_one(o);
}

static bool forced(struct order *o)
{
    return json_is_true(json_object_get(o->request, "force"));
}

static void look_one(struct order *o)
{
    struct one *w = o->state;
    struct keeper_reloaded r;
    struct keeper_zone_view v;
    if (!keeper_zone(o->keeper, w->number, now_read(), &v)) {
        finish(o, CONTROL_FAILED, NULL, "the zone is no longer configured");
        return;
    }
    bool over = w->refresh ? keeper_refresh_done(o->keeper, w->number, w->ticket, &r)
                           : keeper_reload_done(o->keeper, w->number, w->ticket, &r);
    if (!over)
        return;
    say_result(o, w->number, &r);
    finish(o, r.ok ? CONTROL_DONE : CONTROL_FAILED, result_fields(&v, &r), "%s", "");
}

static void say_result(struct order *o, size_t number, const struct keeper_reloaded *r)
{
    struct keeper_zone_view v = order_view(o, number);
    if (r->report[0] != 0)
        say(o, NULL, "%s", r->report);
    if (!r->ok)
        say(o, NULL, "zone %s: %s%s", v.name,
            v.has_serial ? "not taken, the old one is served on: " : "", r->error);
    else if (!r->changed)
        say(o, NULL, "zone %s: serial %u, nothing changed", v.name, r->serial);
    else if (r->had_before)
        say(o, NULL, "zone %s: serial %u -> %u, %u RRset%s", v.name, r->before, r->serial,
            r->rrsets, r->rrsets == 1 ? "" : "s");
    else
        say(o, NULL, "zone %s: serial %u", v.name, r->serial);
}

static json_t *result_fields(const struct keeper_zone_view *v, const struct keeper_reloaded *r)
{
    json_t *f = json_pack("{s:s, s:b, s:b, s:i}", "zone", v->name, "ok", (int)r->ok, "changed",
                          (int)r->changed, "rrsets", (int)r->rrsets);
    if (v->has_serial)
        json_object_set_new(f, "serial", json_integer(v->serial));
    if (!r->ok)
        json_object_set_new(f, "error", json_string(r->error));
    if (r->report[0] != 0)
        json_object_set_new(f, "report", json_string(r->report));
    return f;
}

static struct before *zones_there(const struct order *o)
{
    unsigned count = keeper_zone_count(o->keeper);
    struct before *b = calloc(1, sizeof *b + count * sizeof *b->slots);
    must(b != NULL);
    for (; b->count < count; b->count++) {
        struct keeper_zone_view v;
        size_t number = keeper_zone_number(o->keeper, b->count);
        must(keeper_zone(o->keeper, number, now_read(), &v));
        b->slots[b->count] = v.slot;
        b->newest = number > b->newest ? number : b->newest;
    }
    return b;
}

/* server_reload's answer. Every primary's file was ordered to be read just before. */
static void config_read_again(void *ctx, bool ok, struct report *report)
{
    struct order *o = ctx;
    if (!o->cancelled) {
        if (report_text(report)[0] != 0)
            say(o, NULL, "%s", report_text(report));
        if (ok) {
            say_zones_that_went(o, o->state);
            say_zones_that_came(o, o->state);
            start_every(o);
        } else
            finish(o, CONTROL_FAILED,
                   json_pack("{s:i, s:s}", "errors", (int)report->errors, "report",
                             report_text(report)),
                   "configuration not taken, the old one is in use: %u error%s", report->errors,
                   report->errors == 1 ? "" : "s");
    }
    order_unbusy(o);
}

static void say_zones_that_went(struct order *o, const struct before *b)
{
    char name[NAME_TEXT];
    size_t number;
    for (unsigned i = 0; i < b->count; i++)
        if (!keeper_find(o->keeper, b->slots[i]->name, &number))
            say(o,
                json_pack("{s:s, s:s}", "list", "removed", "zone",
                          name_print(b->slots[i]->name, name)),
                "zone %s: no longer configured", name_print(b->slots[i]->name, name));
}

/* Also one whose role is another now: it begins anew. */
static void say_zones_that_came(struct order *o, const struct before *b)
{
    static const char *const roles[] = {
        [ROLE_PRIMARY] = "primary", [ROLE_SECONDARY] = "secondary", [ROLE_CACHE] = "cache"};
    for (unsigned i = 0; i < keeper_zone_count(o->keeper); i++) {
        size_t number = keeper_zone_number(o->keeper, i);
        if (b->count > 0 && number <= b->newest)
            continue;
        struct keeper_zone_view v = order_view(o, number);
        say(o, json_pack("{s:s, s:s, s:s}", "list", "added", "zone", v.name, "role", roles[v.role]),
            "zone %s: new here, as %s", v.name, roles[v.role]);
    }
}

static void start_every(struct order *o)
{
    unsigned count = keeper_zone_count(o->keeper);
    struct keeper_actions actions = {0};
    struct every *w = calloc(1, sizeof *w + count * (sizeof(uint64_t) + sizeof(size_t)));
    must(w != NULL);
    size_t *numbers = (size_t *)(w->tickets + count);
    count = keeper_zones_in_order(o->keeper, numbers, count);
    w->numbers = numbers;
    for (unsigned i = 0; i < count; i++) {
        if (order_view(o, numbers[i]).role != ROLE_PRIMARY)
            continue;
        numbers[w->count] = numbers[i];
        w->tickets[w->count++] =
            keeper_reload(o->keeper, numbers[i], forced(o), now_read(), &actions);
    }
    free(o->state);
    o->state = w;
    o->again = look_every;
    server_carry_out(o->server, &actions);
    if (!o->finished)
        look_every(o);
}

static void look_every(struct order *o)
{
    struct every *w = o->state;
    struct keeper_reloaded r;
    for (unsigned i = 0; i < w->count; i++) {
        struct keeper_zone_view v;
        if (keeper_zone(o->keeper, w->numbers[i], now_read(), &v) &&
            !keeper_reload_done(o->keeper, w->numbers[i], w->tickets[i], &r))
            return;
    }
    for (unsigned i = 0; i < w->count; i++) {
        struct keeper_zone_view v;
        if (!keeper_zone(o->keeper, w->numbers[i], now_read(), &v))
            continue;
        (void)keeper_reload_done(o->keeper, w->numbers[i], w->tickets[i], &r);
        w->failed += !r.ok;
        if (!r.ok || r.changed || r.report[0] != 0) {
            say_result(o, w->numbers[i], &r);
            json_t *f = result_fields(&v, &r);
            json_object_set_new(f, "list", json_string("zones"));
            say(o, f, "%s", "");
        }
    }
    finish(o, w->failed == 0 ? CONTROL_DONE : CONTROL_FAILED,
           json_pack("{s:i, s:i}", "read", (int)w->count, "failed", (int)w->failed),
           "%u zone file%s read, %u with errors", w->count, w->count == 1 ? "" : "s", w->failed);
}
