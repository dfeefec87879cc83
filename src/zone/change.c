/* change.c - a change set as a thing, and which RRsets it touches. Any thread. Streams of our
 * own (zone_diff) are in canonical order and merged as they are; those of a foreign IXFR are
 * sorted first. */
#include "zone/change.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <stdlib.h>

struct item { /* one record of a stream */
    const uint8_t *owner;
    uint16_t type;
    uint32_t ttl;
};
struct list {
    struct item *items;
    size_t count, at;
};
struct touched {
    const struct zone_version *old;
    uint32_t negative_ttl;
};

static uint32_t negative_ttl(const struct zone_version *old);
static bool soa_changed(const struct change *c);
static bool first_soa(const struct buf *stream, struct soa *soa, uint32_t *ttl);
static bool load(struct list *l, const struct buf *stream);
static int compare_items(const void *a, const void *b);
static const struct item *next_item(const struct list *deleted, const struct list *added);
static uint32_t take_all(struct list *l, const struct item *like);
static void describe(const struct touched *t, const struct item *item, uint32_t deleted,
                     uint32_t added, struct change_rrset *out);

void change_init(struct change *c)
{
    *c = (struct change){.from = 0};
}

void change_free(struct change *c)
{
    buf_free(&c->deleted);
    buf_free(&c->added);
    change_init(c);
}

bool change_rrsets(const struct change *c, const struct zone_version *old,
                   bool (*see)(void *ctx, const struct change_rrset *r), void *ctx)
{
    struct touched t = {.old = old, .negative_ttl = negative_ttl(old)};
    bool soa = soa_changed(c);
    struct list deleted = {.count = 0}, added = {.count = 0};
    bool loaded = load(&deleted, &c->deleted) && load(&added, &c->added);
    const struct item *item;
    while (loaded && (item = next_item(&deleted, &added)) != NULL) {
        struct change_rrset r;
        uint32_t gone = take_all(&deleted, item), come = take_all(&added, item);
        describe(&t, item, gone, come, &r);
        if ((item->type != TYPE_SOA || soa) && !see(ctx, &r)) {
            break;
        }
    }
    free(deleted.items);
    free(added.items);
    return loaded;
}

static uint32_t negative_ttl(const struct zone_version *old)
{
    struct soa soa;
    uint16_t len;
    uint32_t ttl;
    if (old == NULL) {
        return 0;
    }
    const uint8_t *rdata = zone_soa(old, &len, &ttl);
    must(soa_read(rdata, len, &soa)); /* it was read when the version was made */
    return ttl < soa.minimum ? ttl : soa.minimum;
}

static bool soa_changed(const struct change *c)
{
    struct soa a, b;
    uint32_t ttl_a, ttl_b;
    if (!first_soa(&c->deleted, &a, &ttl_a) || !first_soa(&c->added, &b, &ttl_b)) {
        return true;
    }
    return ttl_a != ttl_b || a.refresh != b.refresh || a.retry != b.retry || a.expire != b.expire ||
           a.minimum != b.minimum || !name_same(a.mname, b.mname) || !name_same(a.rname, b.rname);
}

static bool first_soa(const struct buf *stream, struct soa *soa, uint32_t *ttl)
{
    struct record rr;
    size_t at = 0;
    if (!record_next(stream->data, stream->len, &at, &rr, NULL) || rr.type != TYPE_SOA) {
        return false;
    }
    *ttl = rr.ttl;
    return soa_read(rr.rdata, rr.rdlen, soa);
}

/* The records of a stream, the SOA in front and the rest in canonical order. */
static bool load(struct list *l, const struct buf *stream)
{
    struct record rr;
    size_t count = 0;
    bool sorted = true;
    for (size_t at = 0; record_next(stream->data, stream->len, &at, &rr, NULL);) {
        count++;
    }
    l->items = malloc((count + 1) * sizeof l->items[0]);
    if (l->items == NULL) {
        return false;
    }
    for (size_t at = 0; record_next(stream->data, stream->len, &at, &rr, NULL); l->count++) {
        l->items[l->count] = (struct item){.owner = rr.owner, .type = rr.type, .ttl = rr.ttl};
        sorted = sorted && (l->count == 0 ||
                            compare_items(&l->items[l->count - 1], &l->items[l->count]) <= 0);
    }
    if (!sorted) {
        qsort(l->items, l->count, sizeof l->items[0], compare_items);
    }
    return true;
}

static int compare_items(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if ((x->type == TYPE_SOA) != (y->type == TYPE_SOA)) {
        return x->type == TYPE_SOA ? -1 : 1;
    }
    int order = name_same_case(x->owner, y->owner) ? 0 : name_compare(x->owner, y->owner);
    return order != 0 ? order : (x->type > y->type) - (x->type < y->type);
}

static const struct item *next_item(const struct list *deleted, const struct list *added)
{
    const struct item *d = deleted->at < deleted->count ? &deleted->items[deleted->at] : NULL;
    const struct item *a = added->at < added->count ? &added->items[added->at] : NULL;
    if (d == NULL || a == NULL) {
        return d != NULL ? d : a;
    }
    return compare_items(d, a) <= 0 ? d : a;
}

/* Passes over the records of one RRset; returns how many there were. */
static uint32_t take_all(struct list *l, const struct item *like)
{
    uint32_t count = 0;
    for (; l->at < l->count && compare_items(&l->items[l->at], like) == 0; l->at++) {
        count++;
    }
    return count;
}

static void describe(const struct touched *t, const struct item *item, uint32_t deleted,
                     uint32_t added, struct change_rrset *out)
{
    struct rrset set;
    struct zone_node node = {.ref = 0};
    if (t->old != NULL) {
        node = zone_lookup(t->old, item->owner);
    }
    name_copy(&out->owner, item->owner);
    out->type = item->type;
    out->was = node.ref != 0 && zone_rrset(node, item->type, &set);
    out->is = added > 0 || (out->was && deleted < set.count);
    out->old_ttl = out->was ? set.ttl : t->negative_ttl;
}
