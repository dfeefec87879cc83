/* wait.c - `settlectl wait`: returns as soon as the last watched peer is there (I7), or the last
 * old answer is gone. */
#include "control/order.h"
#include <stdlib.h>
#include <string.h>

#define PEERS_SAID 256 /* peers whose arrival is said one by one */

struct waiting {
    size_t number;
    uint64_t ticket; /* of the reload; 0: none */
    bool has_serial;
    uint32_t serial;
    bool settled;       /* --for settled */
    int64_t timeout_ms; /* 0: none */
    bool said[PEERS_SAID];
};

static bool serial_from(const char *text, uint32_t *serial);
static void look(struct order *o);
static bool take_in(struct order *o, struct waiting *w);
static void say_arrivals(struct order *o, struct waiting *w);
static bool arrived(struct order *o, const struct waiting *w);
static void done(struct order *o, const struct waiting *w);
static bool late(struct order *o, const struct waiting *w);
static void give_up(struct order *o, const struct waiting *w);
static void say_missing(struct order *o, const struct ledger_peer_view *p);
static const char *among_the_watched(struct order *o, const struct waiting *w);
static const char *left_out(struct order *o, const struct waiting *w);

void order_wait(struct order *o)
{
    struct waiting *w = calloc(1, sizeof *w);
    const char *aim = json_string_value(json_object_get(o->request, "for"));
    must(w != NULL);
    o->state = w;
    if (!order_zone(o, 0, &w->number))
        return;
    w->settled = aim != NULL && strcmp(aim, "settled") == 0;
    w->timeout_ms = json_integer_value(json_object_get(o->request, "timeout_ms"));
    struct keeper_zone_view v = order_view(o, w->number);
    if (o->argument_count == 2) {
        w->has_serial = serial_from(o->arguments[1], &w->serial);
        if (!w->has_serial) {
            finish(o, CONTROL_WRONG_USE, NULL, "'%s' is no serial: a number up to 4294967295",
                   o->arguments[1]);
            return;
        }
    } else if (v.role == ROLE_PRIMARY) {
        struct keeper_actions actions = {0};
        w->ticket = keeper_reload(o->keeper, w->number, false, now_read(), &actions);
        server_carry_out(o->server, &actions);
    }
    o->again = look;
    look(o);
}

static bool serial_from(const char *text, uint32_t *serial)
{
    uint64_t n = 0;
    const char *at = text;
    while (*at >= '0' && *at <= '9' && n <= UINT32_MAX)
        n = n * 10 + (uint64_t)(*at++ - '0');
    *serial = (uint32_t)n;
    return at != text && *at == 0 && n <= UINT32_MAX;
}

static void look(struct order *o)
{
    struct waiting *w = o->state;
    struct keeper_zone_view v;
    if (!keeper_zone(o->keeper, w->number, now_read(), &v)) {
        finish(o, CONTROL_FAILED, NULL, "the zone is no longer configured");
        return;
    }
    if (!take_in(o, w)) {
        if (!o->finished && late(o, w))
            give_up(o, w);
        return;
    }
    if (!w->has_serial && v.has_serial) {
        w->serial = v.serial;
        w->has_serial = true;
    }
    say_arrivals(o, w);
    if (arrived(o, w))
        done(o, w);
    else if (late(o, w))
        give_up(o, w);
}

/* What was saved before the call is published first; false: not yet, or finished with its
 * errors. */
static bool take_in(struct order *o, struct waiting *w)
{
    struct keeper_reloaded r;
    if (w->ticket == 0)
        return true;
    if (!keeper_reload_done(o->keeper, w->number, w->ticket, &r))
        return false;
    if (!r.ok) {
        if (r.report[0] != 0)
            say(o, NULL, "%s", r.report);
        finish(o, CONTROL_FAILED,
               json_pack("{s:s, s:s, s:s}", "zone", order_view(o, w->number).name, "error", r.error,
                         "report", r.report),
               "%s", r.error);
        return false;
    }
    w->ticket = 0;
    return true;
}

static void say_arrivals(struct order *o, struct waiting *w)
{
    const struct ledger *l = keeper_ledger(o->keeper, w->number);
    if (!w->has_serial)
        return;
    for (unsigned i = 0; i < ledger_peer_count(l) && i < PEERS_SAID; i++) {
        struct ledger_peer_view p;
        char span[32];
        ledger_peer(l, i, &p);
        if (w->said[i] || !p.seen || serial_older(p.serial, w->serial) || p.state == PEER_AHEAD)
            continue;
        w->said[i] = true;
        int64_t ms = mono_ms_between(o->began, now_read().mono);
        say(o,
            json_pack("{s:s, s:s, s:s, s:I}", "list", "events", "peer", p.name, "state", "serving",
                      "serial", (json_int_t)p.serial),
            "peer %s serving %u after %s%s", p.name, p.serial, span_text(ms, span),
            p.watch ? "" : " (not waited for)");
    }
}

static bool arrived(struct order *o, const struct waiting *w)
{
    const struct ledger *l = keeper_ledger(o->keeper, w->number);
    struct keeper_zone_view v = order_view(o, w->number);
    struct wall deadline;
    if (!w->has_serial || !v.has_serial || serial_older(v.serial, w->serial) ||
        v.state != SLOT_SERVING)
        return false;
    if (w->settled)
        return ledger_settled(l, w->serial, now_read(), &deadline);
    return ledger_served(l, w->serial);
}

static void done(struct order *o, const struct waiting *w)
{
    struct keeper_zone_view v = order_view(o, w->number);
    unsigned watched, serving = ledger_serving(keeper_ledger(o->keeper, w->number), &watched);
    const char *aim = w->settled ? "settled" : "served";
    json_t *fields =
        json_pack("{s:s, s:I, s:s, s:i, s:i}", "zone", v.name, "serial", (json_int_t)w->serial,
                  "state", aim, "serving", (int)serving, "watched", (int)watched);
    if (watched == 0)
        finish(o, CONTROL_DONE, fields,
               "zone %s: serial %u is %s; the zone has no peers to wait for%s%s", v.name, w->serial,
               aim, among_the_watched(o, w), left_out(o, w));
    else
        finish(o, CONTROL_DONE, fields, "zone %s: serial %u is %s by %u of %u peers%s%s", v.name,
               w->serial, aim, serving, watched, among_the_watched(o, w), left_out(o, w));
}

static bool late(struct order *o, const struct waiting *w)
{
    int64_t waited_ms = mono_ms_between(o->began, now_read().mono);
    struct wall deadline = {0};
    if (w->timeout_ms != 0)
        return waited_ms >= w->timeout_ms;
    if (!w->settled || !w->has_serial)
        return false;
    /* INTERFACE.md: the default timeout for settled is the deadline. None is known as long as a
     * peer is out without a bound, and there is nothing to run out where no answer became old (a
     * first version): served is all there is to wait for. */
    (void)ledger_settled(keeper_ledger(o->keeper, w->number), w->serial, now_read(), &deadline);
    int64_t first_ms = order_view(o, w->number).since.ms + LEDGER_GRACE_S * 1000;
    return deadline.ms >= first_ms && now_read().wall.ms > deadline.ms + 1000;
}

static void give_up(struct order *o, const struct waiting *w)
{
    const struct ledger *l = keeper_ledger(o->keeper, w->number);
    struct keeper_zone_view v = order_view(o, w->number);
    char span[32], here[64] = "";
    for (unsigned i = 0; i < ledger_peer_count(l); i++) {
        struct ledger_peer_view p;
        ledger_peer(l, i, &p);
        if (p.watch && (p.state != PEER_SERVING || serial_older(p.serial, w->serial)))
            say_missing(o, &p);
    }
    if (w->has_serial && v.has_serial && serial_older(v.serial, w->serial))
        snprintf(here, sizeof here, ": the serial here is %u", v.serial);
    json_t *fields = json_pack("{s:s, s:I, s:s}", "zone", v.name, "serial", (json_int_t)w->serial,
                               "error", v.error);
    if (fields != NULL && v.has_serial)
        json_object_set_new(fields, "serial_here", json_integer(v.serial));
    finish(o, CONTROL_NOT_SETTLED, fields, "zone %s: not %s within %s%s%s%s", v.name,
           w->settled ? "settled" : "served",
           span_text(mono_ms_between(o->began, now_read().mono), span), here,
           v.error[0] != 0 ? ": " : "", v.error);
}

/* "serving" may be true of an older serial: so the one it was seen at is said, too. */
static void say_missing(struct order *o, const struct ledger_peer_view *p)
{
    char seen[32] = "";
    if (p->seen)
        snprintf(seen, sizeof seen, ", seen at %u", p->serial);
    json_t *f = json_pack("{s:s, s:s, s:s, s:s}", "list", "missing", "peer", p->name, "state",
                          peer_state_name(p->state), "reason", p->reason);
    if (f != NULL && p->seen)
        json_object_set_new(f, "serial", json_integer(p->serial));
    say(o, f, "missing: peer %s %s%s%s%s", p->name, peer_state_name(p->state), seen,
        p->reason[0] != 0 ? ": " : "", p->reason);
}

static const char *among_the_watched(struct order *o, const struct waiting *w)
{
    return order_view(o, w->number).unwatched_count > 0
               ? " (among the watched: see status for name servers that are not)"
               : "";
}

/* What the deadline of a delegation could not count (CONVERGENCE.md, Deadline). */
static const char *left_out(struct order *o, const struct waiting *w)
{
    const struct ledger *l = keeper_history(o->keeper, w->number, now_read());
    struct ledger_change_view c;
    for (unsigned i = 0; w->settled && i < ledger_change_count(l); i++) {
        ledger_change(l, i, now_read(), &c);
        if (c.row.to == w->serial && c.row.parent_left_out)
            return " (the TTL of the delegation in the zone above is not counted)";
    }
    return "";
}
