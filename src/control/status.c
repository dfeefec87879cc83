/* status.c - what each zone is doing, for people and programs. */
#include "control/order.h"
#include <stdlib.h>
#include <string.h>

static void all(struct order *o);
static void one(struct order *o, size_t number);
static json_t *zone_fields(struct order *o, const struct keeper_zone_view *v);
static json_t *peer_fields(const struct ledger_peer_view *p);
static const char *state_word(struct order *o, const struct keeper_zone_view *v);
static const char *age_text(const struct keeper_zone_view *v, char out[32]);
static const char *next_text(const struct keeper_zone_view *v, char out[32]);
static void say_peers(struct order *o, const struct keeper_zone_view *v);
static void say_change(struct order *o, const struct keeper_zone_view *v);

static const char *const roles[] = {
    [ROLE_PRIMARY] = "primary", [ROLE_SECONDARY] = "secondary", [ROLE_CACHE] = "cache"};

void order_status(struct order *o)
{
    size_t number;
    if (o->argument_count == 0)
        all(o);
    else if (order_zone(o, 0, &number))
        one(o, number);
}

static void all(struct order *o)
{
    unsigned count = keeper_zone_count(o->keeper);
    size_t *numbers = calloc(count + 1, sizeof *numbers);
    must(numbers != NULL);
    count = keeper_zones_in_order(o->keeper, numbers, count);
    if (count > 0)
        say(o, NULL, "%-32s %-9s %10s  %-9s %4s %5s  %s", "ZONE", "ROLE", "SERIAL", "STATE", "AGE",
            "PEERS", "NEXT");
    for (unsigned i = 0; i < count; i++) {
        struct keeper_zone_view v = order_view(o, numbers[i]);
        unsigned watched, serving = ledger_serving(keeper_ledger(o->keeper, numbers[i]), &watched);
        char serial[16] = "-", age[32], next[32], peers[32];
        if (v.has_serial)
            snprintf(serial, sizeof serial, "%u", v.serial);
        snprintf(peers, sizeof peers, "%u/%u", serving, watched);
        json_t *fields = zone_fields(o, &v);
        json_object_set_new(fields, "list", json_string("zones"));
        say(o, fields, "%-32s %-9s %10s  %-9s %4s %5s  %s%s%s", v.name, roles[v.role], serial,
            state_word(o, &v), age_text(&v, age), watched == 0 ? "-" : peers, next_text(&v, next),
            v.error[0] != 0 ? "\n    " : "", v.error);
    }
    free(numbers);
    finish(o, CONTROL_DONE, NULL, "%u zone%s", count, count == 1 ? "" : "s");
}

static void one(struct order *o, size_t number)
{
    struct keeper_zone_view v = order_view(o, number);
    char since[21], next[32], refreshed[21], expires[21];
    say(o, NULL, "zone %s: %s, %s", v.name, roles[v.role], state_word(o, &v));
    if (v.has_serial)
        say(o, NULL, "  serial %u since %s", v.serial, wall_text(v.since, since));
    if (v.version != NULL)
        say(o, NULL, "  %llu records, %llu octets", (unsigned long long)v.records,
            (unsigned long long)v.bytes);
    if (v.role != ROLE_PRIMARY)
        say(o, NULL, "  confirmed by a primary %s, next check in %s",
            wall_text(v.refreshed, refreshed), next_text(&v, next));
    if (v.expires.ms != 0)
        say(o, NULL, "  expires %s unless a primary confirms it", wall_text(v.expires, expires));
    if (v.role == ROLE_CACHE)
        say(o, NULL,
            v.follows ? "  follows its primaries: changes are forgotten as they come"
                      : "  plain forwarding: changes are not followed, entries just get old");
    if (strcmp(v.activity, "idle") != 0)
        say(o, NULL, "  %s", v.activity);
    if (v.error[0] != 0 && strstr(v.report, v.error) == NULL) /* what the file says comes next */
        say(o, NULL, "  error: %s", v.error);
    if (v.report[0] != 0)
        say(o, NULL, "%s", v.report);
    say_peers(o, &v);
    say_change(o, &v);
    json_t *fields = zone_fields(o, &v);
    finish(o, CONTROL_DONE, fields, "%s", "");
}

static json_t *zone_fields(struct order *o, const struct keeper_zone_view *v)
{
    struct now now = now_read();
    const struct ledger *l = keeper_ledger(o->keeper, v->number);
    json_t *f = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "zone", v->name, "role", roles[v->role],
                          "state", state_word(o, v), "activity", v->activity, "error", v->error,
                          "held", (int)v->held);
    if (f == NULL)
        f = json_pack("{s:s, s:s}", "zone", v->name, "role", roles[v->role]);
    if (v->has_serial)
        json_object_set_new(f, "serial", json_integer(v->serial));
    if (v->since.ms != 0)
        json_object_set_new(f, "age_s", json_integer((now.wall.ms - v->since.ms) / 1000));
    if (v->has_next)
        json_object_set_new(f, "next_s", json_integer((v->next.ms - now.wall.ms) / 1000));
    if (v->expires.ms != 0)
        json_object_set_new(f, "expires_s", json_integer((v->expires.ms - now.wall.ms) / 1000));
    if (v->role == ROLE_CACHE)
        json_object_set_new(f, "follows", json_boolean(v->follows));
    if (v->report[0] != 0)
        json_object_set_new(f, "report", json_string(v->report));
    json_object_set_new(f, "records", json_integer((json_int_t)v->records));
    json_t *peers = json_array(), *unwatched = json_array();
    for (unsigned i = 0; i < ledger_peer_count(l); i++) {
        struct ledger_peer_view p;
        ledger_peer(l, i, &p);
        json_array_append_new(peers, peer_fields(&p));
    }
    for (unsigned i = 0; i < v->unwatched_count; i++)
        json_array_append_new(unwatched, json_string(keeper_unwatched(o->keeper, v->number, i)));
    json_object_set_new(f, "peers", peers);
    json_object_set_new(f, "unwatched", unwatched);
    return f;
}

static json_t *peer_fields(const struct ledger_peer_view *p)
{
    json_t *f = json_pack("{s:s, s:s, s:b, s:s, s:s}", "name", p->name, "kind",
                          p->kind == PEER_CACHE ? "cache" : "secondary", "watch", (int)p->watch,
                          "state", peer_state_name(p->state), "reason", p->reason);
    if (p->seen)
        json_object_set_new(f, "serial", json_integer(p->serial));
    return f;
}

/* One word for people: how far the zone is. */
static const char *state_word(struct order *o, const struct keeper_zone_view *v)
{
    static const char *const states[] = {[SLOT_LOADING] = "loading",
                                         [SLOT_SERVING] = "serving",
                                         [SLOT_FAILED] = "failed",
                                         [SLOT_EXPIRED] = "expired"};
    const struct ledger *l = keeper_ledger(o->keeper, v->number);
    struct wall deadline;
    if (v->held)
        return "held";
    if (v->role == ROLE_CACHE && !v->has_serial)
        return v->follows ? "checking" : "forwards";
    if (v->state != SLOT_SERVING)
        return states[v->state];
    if (ledger_settled(l, v->serial, now_read(), &deadline))
        return "settled";
    return ledger_served(l, v->serial) ? "served" : "spreading";
}

/* How long this serial has been served, in its largest unit: a column of one word. */
static const char *age_text(const struct keeper_zone_view *v, char out[32])
{
    long long s = (now_read().wall.ms - v->since.ms) / 1000;
    if (v->since.ms == 0)
        return "-";
    s = s < 0 ? 0 : s;
    if (s < 60)
        snprintf(out, 32, "%llds", s);
    else if (s < 3600)
        snprintf(out, 32, "%lldm", s / 60);
    else if (s < 86400)
        snprintf(out, 32, "%lldh", s / 3600);
    else
        snprintf(out, 32, "%lldd", s / 86400);
    return out;
}

static const char *next_text(const struct keeper_zone_view *v, char out[32])
{
    return v->has_next ? span_text(v->next.ms - now_read().wall.ms, out) : "-";
}

static void say_peers(struct order *o, const struct keeper_zone_view *v)
{
    const struct ledger *l = keeper_ledger(o->keeper, v->number);
    for (unsigned i = 0; i < ledger_peer_count(l); i++) {
        struct ledger_peer_view p;
        char serial[24] = "";
        ledger_peer(l, i, &p);
        if (p.seen)
            snprintf(serial, sizeof serial, " serial %u", p.serial);
        say(o, NULL, "  peer %-20s %-9s%s%s%s%s", p.name, peer_state_name(p.state), serial,
            p.reason[0] != 0 ? ": " : "", p.reason, p.watch ? "" : " (not waited for)");
    }
    for (unsigned i = 0; i < v->unwatched_count; i++)
        say(o, NULL,
            "  %s is a name server of the zone that nobody watches: no peer has its address",
            keeper_unwatched(o->keeper, v->number, i));
}

static void say_change(struct order *o, const struct keeper_zone_view *v)
{
    struct now now = now_read();
    const struct ledger *l = keeper_history(o->keeper, v->number, now);
    struct ledger_change_view c;
    char span[32];
    if (ledger_change_count(l) == 0)
        return;
    ledger_change(l, 0, now, &c);
    if (c.settled)
        say(o, NULL, "  serial %u has settled", c.row.to);
    else if (c.has_deadline)
        say(o, NULL, "  serial %u: the last old answer is gone from conforming caches in %s%s",
            c.row.to, span_text(c.deadline.ms - now.wall.ms, span),
            c.deadline_final ? "" : " at the latest");
    else
        say(o, NULL, "  serial %u: no bound for the last old answer: a peer was not seen at it",
            c.row.to);
    if (!c.settled && c.row.parent_left_out)
        say(o, NULL,
            "  not counted: the TTL of the delegation in the zone above, which is not served here");
}
