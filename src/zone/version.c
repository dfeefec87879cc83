/* version.c - a zone's line of versions: what it is, what a version says about itself, who holds
 * it. Reading and holding: any thread. Making and freeing a line: the one that writes it.
 * Freeing of versions is in reclaim.c. */
#include "wire/rrtype.h"
#include "zone/check.h"
#include "zone/store.h"
#include <stdlib.h>
#include <string.h>

static bool learns(struct zone_version *v, bool any);

struct zone_line *zone_line_new(const uint8_t *apex, uint64_t seed)
{
    size_t size = name_len(apex);
    struct zone_line *l = malloc(sizeof *l + size);
    if (l == NULL) {
        return NULL;
    }
    *l = (struct zone_line){.seed = seed};
    l->apex = (struct apex){
        .name = l->apex_octets, .size = (uint8_t)size, .labels = (uint8_t)name_labels(apex)};
    struct name lower;
    name_copy_lower(&lower, apex);
    memcpy(l->apex_octets, lower.octets, size);
    return l;
}

void zone_line_free(struct zone_line *l)
{
    if (l == NULL) {
        return;
    }
    must(l->edit == NULL);
    while (l->oldest != NULL) {
        struct zone_version *v = l->oldest;
        must(atomic_load(&v->holds) == 0);
        l->oldest = v->newer;
        version_free(v);
    }
    heap_clear(&l->heap);
    free(l);
}

void version_free(struct zone_version *v)
{
    reflist_clear(&v->gone);
    zone_remember(v, NULL, NULL);
    if (v->learned != NULL) {
        free(v->learned->named);
        free(v->learned);
    }
    free(v);
}

const uint8_t *zone_line_apex(const struct zone_line *l)
{
    return l->apex.name;
}

uint64_t zone_line_seed(const struct zone_line *l)
{
    return l->seed;
}

uint64_t zone_line_bytes(const struct zone_line *l)
{
    uint64_t bytes = sizeof *l + l->apex.size + l->heap.taken;
    for (const struct zone_version *v = l->oldest; v != NULL; v = v->newer) {
        const struct pieces *pieces = zone_remembered(v);
        bytes += sizeof *v + v->gone.bytes + (pieces != NULL ? pieces_bytes(pieces) : 0);
    }
    return bytes;
}

uint64_t zone_line_pinned(const struct zone_line *l)
{
    uint64_t seen = l->newest != NULL ? l->newest->bytes : 0;
    return l->heap.used - seen;
}

const uint8_t *zone_apex(const struct zone_version *v)
{
    return v->apex.name;
}

uint32_t zone_serial(const struct zone_version *v)
{
    return v->serial;
}

const uint8_t *zone_soa(const struct zone_version *v, uint16_t *rdlen, uint32_t *ttl)
{
    *rdlen = v->soa_len;
    *ttl = v->soa_ttl;
    return v->soa;
}

uint64_t zone_records(const struct zone_version *v)
{
    return v->records;
}

uint64_t zone_content_hash(const struct zone_version *v)
{
    return v->content_hash;
}

uint32_t zone_max_ttl(const struct zone_version *v)
{
    return v->max_ttl;
}

bool zone_is_signed(const struct zone_version *v)
{
    return v->is_signed;
}

uint64_t zone_bytes(const struct zone_version *v)
{
    return v->bytes;
}

struct zone_line *zone_version_line(const struct zone_version *v)
{
    return v->line;
}

void zone_name_owners(struct zone_version *v, struct buf *named)
{
    bool any = !named->failed && named->len != 0;
    struct buf *copy = any ? malloc(sizeof *copy + named->len) : NULL;
    if (copy != NULL) { /* in one piece: it is seldom more than one name */
        *copy = (struct buf){.data = (uint8_t *)(copy + 1), .len = named->len};
        memcpy(copy->data, named->data, named->len);
    }
    buf_free(named);
    if (learns(v, copy != NULL)) {
        free(v->learned->named);
        v->learned->named = copy;
    } else {
        free(copy);
    }
}

/* Is there a place for what it learns? Made only if there is something (`any`) to put there. */
static bool learns(struct zone_version *v, bool any)
{
    if (v->learned == NULL && any) {
        v->learned = calloc(1, sizeof *v->learned);
    }
    return v->learned != NULL;
}

const struct buf *zone_named_owners(const struct zone_version *v)
{
    static const struct buf none = {.len = 0};
    return v->learned != NULL && v->learned->named != NULL ? v->learned->named : &none;
}

void zone_remember(struct zone_version *v, struct pieces *pieces, struct checked *checked)
{
    if (learns(v, pieces != NULL || checked != NULL)) {
        struct learned before = *v->learned;
        v->learned->pieces = pieces;
        v->learned->checked = checked;
        pieces = before.pieces;
        checked = before.checked;
    }
    pieces_free(pieces);
    if (checked != NULL) {
        buf_free(&checked->shown);
        free(checked);
    }
}

void zone_forget_older(struct zone_version *v)
{
    for (v = v->older; v != NULL; v = v->older) {
        zone_remember(v, NULL, NULL);
    }
}

const struct pieces *zone_remembered(const struct zone_version *v)
{
    return v->learned != NULL ? v->learned->pieces : NULL;
}

const struct checked *zone_checked(const struct zone_version *v)
{
    return v->learned != NULL ? v->learned->checked : NULL;
}

void zone_hold(struct zone_version *v)
{
    must(atomic_fetch_add_explicit(&v->holds, 1, memory_order_relaxed) > 0);
}

/* Whoever frees it must come after all that was read through any hold: release here, acquire at
 * the last. */
bool zone_release(struct zone_version *v)
{
    unsigned holds = atomic_fetch_sub_explicit(&v->holds, 1, memory_order_acq_rel);
    must(holds > 0);
    return holds == 1;
}
