/* cached.c - lookup and flush: looking into the cache, and having it forget. */
#include "control/order.h"
#include "wire/rrtype.h"
#include "zone/text.h"
#include <string.h>

struct looking {
    struct order *order;
    const struct world_zone *zone;
    struct name name;
    uint16_t type;
    bool below, found;
    uint64_t forgotten;
};

static bool prepare(struct order *o, struct looking *l);
static void look(void *ctx, unsigned slot);
static void say_entry(struct looking *l, const struct cache_found *f, bool dnssec_ok);
static void forget(void *ctx, unsigned slot);

void order_lookup(struct order *o)
{
    struct looking l = {.order = o};
    if (!prepare(o, &l))
        return;
    server_inside(o->server, look, &l);
    if (l.found)
        finish(o, CONTROL_DONE, json_pack("{s:s}", "name", o->arguments[0]), "%s", "");
    else
        finish(o, CONTROL_FAILED, NULL, "not in the cache");
}

void order_flush(struct order *o)
{
    struct looking l = {.order = o, .below = json_is_true(json_object_get(o->request, "below"))};
    if (!prepare(o, &l))
        return;
    if (o->argument_count == 1)
        l.type = 0;
    server_inside(o->server, forget, &l);
    finish(o, CONTROL_DONE, json_pack("{s:I}", "forgotten", (json_int_t)l.forgotten),
           "%llu entr%s forgotten", (unsigned long long)l.forgotten,
           l.forgotten == 1 ? "y" : "ies");
}

static bool prepare(struct order *o, struct looking *l)
{
    l->type = TYPE_A;
    if (!name_from(o->arguments[0], &l->name))
        finish(o, CONTROL_WRONG_USE, NULL, "'%s' is no domain name", o->arguments[0]);
    else if (o->argument_count == 2 &&
             !rrtype_parse(o->arguments[1], strlen(o->arguments[1]), &l->type))
        finish(o, CONTROL_WRONG_USE, NULL, "'%s' is no record type", o->arguments[1]);
    else if ((l->zone = server_zone(o->server, l->name.octets, l->type)) == NULL ||
             l->zone->slot->cache == NULL)
        finish(o, CONTROL_FAILED, NULL, "%s is in no cache zone of this server", o->arguments[0]);
    else
        return true;
    return false;
}

static void look(void *ctx, unsigned slot)
{
    struct looking *l = ctx;
    struct cache_found f;
    (void)slot;
    for (int dnssec_ok = 0; dnssec_ok < 2; dnssec_ok++) {
        struct cache_key k = {l->zone->slot->cache, l->name.octets, l->type, dnssec_ok != 0};
        if (cache_get(server_cache(l->order->server), &k, now_read().mono, false, &f) ||
            cache_get_nxdomain(server_cache(l->order->server), &k, now_read().mono, false, &f))
            say_entry(l, &f, dnssec_ok != 0);
    }
}

static void say_entry(struct looking *l, const struct cache_found *f, bool dnssec_ok)
{
    static const char *const kinds[] = {[CACHE_RRSET] = "records",
                                        [CACHE_NODATA] = "no such type",
                                        [CACHE_NXDOMAIN] = "no such name"};
    l->found = true;
    json_t *fields = json_pack("{s:s, s:s, s:I, s:b}", "list", "entries", "kind", kinds[f->kind],
                               "ttl", (json_int_t)f->ttl_s, "dnssec_ok", (int)dnssec_ok);
    json_t *records = json_array();
    struct buf lines = {0};
    struct record rr = {.owner = f->owner, .type = f->set.type, .ttl = f->ttl_s};
    size_t at = 0;
    while (f->kind == CACHE_RRSET && (rr.rdata = rrset_next(&f->set, &at, &rr.rdlen)) != NULL) {
        struct buf text = {0};
        record_print(&rr, &text);
        text.len -= text.len > 0; /* its newline */
        json_array_append_new(records, json_stringn(buf_text(&text), text.len));
        buf_print(&lines, "\n  %.*s", (int)text.len, buf_text(&text));
        buf_free(&text);
    }
    json_object_set_new(fields, "records", records);
    say(l->order, fields, "%s, %u s left%s%s", kinds[f->kind], f->ttl_s,
        dnssec_ok ? " (asked with DO)" : "", buf_text(&lines));
    buf_free(&lines);
}

static void forget(void *ctx, unsigned slot)
{
    struct looking *l = ctx;
    l->forgotten = cache_forget(server_cache(l->order->server), slot, l->zone->slot->cache,
                                l->name.octets, l->type, l->below);
}
