/* daily.c - stats, watch, stop. */
#include "control/order.h"
#include <stdlib.h>
#include <string.h>

struct seen { /* what watch has shown of one zone */
    uint32_t serial;
    bool has_serial;
    unsigned serving;
    bool settled;
    char error[512];
};
struct watching {
    unsigned count;
    struct seen zones[];
};

static void look(struct order *o);
static void show(struct order *o, const struct keeper_zone_view *v, struct seen *s);

void order_stats(struct order *o)
{
    json_t *f = json_object();
    const struct histogram *h = keeper_settle_times(o->keeper);
    for (int i = 0; i < COUNTERS; i++) {
        uint64_t n = server_count(o->server, (enum counter)i);
        json_object_set_new(f, counter_name((enum counter)i), json_integer((json_int_t)n));
        say(o, NULL, "%-24s %12llu  %s", counter_name((enum counter)i), (unsigned long long)n,
            counter_text((enum counter)i));
    }
    struct cache *cache = server_cache(o->server);
    const struct {
        const char *name;
        uint64_t value;
        const char *text;
    } more[] = {
        {"cache_entries", cache_entries(cache), "entries in the cache"},
        {"cache_bytes", cache_bytes(cache), "memory of the cache, octets"},
        {"changes_served", histogram_count(h), "changes that every watched peer got to serve"},
        {"served_median_us", histogram_quantile(h, 0.5),
         "half of them within this many microseconds of the commit"},
        {"served_p99_us", histogram_quantile(h, 0.99), "99 % of them within this"},
    };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        json_object_set_new(f, more[i].name, json_integer((json_int_t)more[i].value));
        say(o, NULL, "%-24s %12llu  %s", more[i].name, (unsigned long long)more[i].value,
            more[i].text);
    }
    finish(o, CONTROL_DONE, f, "%s", "");
}

void order_watch(struct order *o)
{
    unsigned room = keeper_zone_count(o->keeper) + 64;
    struct watching *w = calloc(1, sizeof *w + room * sizeof(struct seen));
    must(w != NULL);
    w->count = room;
    o->state = w;
    o->again = look;
    look(o);
}

void order_stop(struct order *o)
{
    finish(o, CONTROL_DONE, NULL, "stopping");
    server_stop(o->server);
}

static void look(struct order *o)
{
    struct watching *w = o->state;
    for (size_t number = 0; number < w->count; number++) {
        struct keeper_zone_view v;
        if (keeper_zone(o->keeper, number, now_read(), &v))
            show(o, &v, &w->zones[number]);
    }
}

static void show(struct order *o, const struct keeper_zone_view *v, struct seen *s)
{
    const struct ledger *l = keeper_ledger(o->keeper, v->number);
    unsigned watched, serving = ledger_serving(l, &watched);
    struct wall deadline;
    bool settled = v->has_serial && ledger_settled(l, v->serial, now_read(), &deadline);
    if (v->has_serial && (!s->has_serial || s->serial != v->serial || s->serving != serving ||
                          s->settled != settled))
        say(o,
            json_pack("{s:s, s:s, s:I, s:i, s:i, s:b}", "list", "events", "zone", v->name, "serial",
                      (json_int_t)v->serial, "serving", (int)serving, "watched", (int)watched,
                      "settled", (int)settled),
            "%s: serial %u, %u of %u peers serve it%s", v->name, v->serial, serving, watched,
            settled ? ", settled" : "");
    if (strcmp(s->error, v->error) != 0 && v->error[0] != 0)
        say(o, json_pack("{s:s, s:s, s:s}", "list", "events", "zone", v->name, "error", v->error),
            "%s: %s", v->name, v->error);
    s->has_serial = v->has_serial;
    s->serial = v->serial;
    s->serving = serving;
    s->settled = settled;
    snprintf(s->error, sizeof s->error, "%s", v->error);
}
