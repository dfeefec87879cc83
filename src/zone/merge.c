/* merge.c - making an edit of the difference between a version and a sorted batch of records.
 * Called by a zone job, on its thread. Both sides are walked once in canonical order, owner by
 * owner, RRset by RRset, rdata by rdata; what is equal is passed over. */
#include "zone/merge.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <stdlib.h>
#include <string.h>

struct rdata { /* one rdata */
    const uint8_t *rdata;
    uint16_t len;
};
struct rdatas {
    struct rdata *list;
    size_t count, room;
    uint16_t type;
};
struct walk { /* the owner on each side; rows of `first` up to `end` are one owner's */
    struct merge *m;
    struct zone_walk base;
    size_t next; /* of the nodes, if they are known */
    struct name owner;
    struct zone_node node;
    bool has_base;
    size_t first, end;
    struct rdatas old;
};

static void next_base(struct walk *w);
static void next_node(struct walk *w);
static uint32_t count_owner(struct zone_node n);
static void next_rows(struct walk *w);
static bool merge_owner(struct walk *w, int order);
static bool merge_types(struct walk *w);
static bool merge_rrset(struct walk *w, const struct rrset *set, size_t first, size_t end);
static bool merge_rdatas(struct walk *w, const uint8_t *owner, size_t first, size_t end);
static bool sort_rdatas(struct walk *w, const struct rrset *set);
static int compare_rdatas(const void *a, const void *b, void *rdatas);
static bool remove_rdata(struct walk *w, const uint8_t *owner, const struct rdata *one);
static bool remove_rrset(struct walk *w, const struct rrset *set);
static bool add_rows(struct walk *w, size_t first, size_t end);
static size_t rows_of_type(const struct walk *w, size_t first);
static uint32_t least_ttl(const struct walk *w, size_t first, size_t end);
static bool is_serial_only(const struct walk *w, const struct rrset *set, size_t first, size_t end);
static bool failed(struct walk *w, enum zone_edit_status status, size_t row);

bool merge_records(struct merge *m)
{
    struct walk w = {.m = m};
    bool ok = true;
    for (size_t i = 0; i < m->batch->count; i++) {
        m->counted_after += merge_counts(bulk_type(m->batch, i)) && !bulk_is_again(m->batch, i);
    }
    if (m->base != NULL) {
        zone_walk_start(&w.base, m->base);
        m->counted_before = m->nodes != NULL ? m->counted : 0;
        m->counted_after += m->counted_before;
        next_base(&w);
    }
    next_rows(&w);
    while (ok && (w.has_base || w.first < w.end)) {
        int order = !w.has_base ? 1 : w.first == w.end ? -1 : 0;
        if (order == 0) {
            order = name_compare(w.owner.octets, m->batch->rows[w.first].owner);
        }
        ok = merge_owner(&w, order);
        if (order <= 0) {
            next_base(&w);
        }
        if (order >= 0) {
            next_rows(&w);
        }
    }
    free(w.old.list);
    return ok;
}

/* order < 0: the owner is in the base alone; > 0: in the batch alone; 0: in both. */
static bool merge_owner(struct walk *w, int order)
{
    struct rrset set;
    if (order == 0) {
        return merge_types(w);
    }
    w->m->changed = true;
    if (order > 0) {
        return add_rows(w, w->first, w->end);
    }
    for (unsigned at = 0; zone_rrset_next(w->node, &at, &set);) {
        if (!remove_rrset(w, &set)) {
            return false;
        }
    }
    return true;
}

static void next_base(struct walk *w)
{
    bool is_same = true;
    if (w->m->nodes != NULL) {
        next_node(w);
        return;
    }
    while (is_same) {
        w->has_base = zone_walk_next(&w->base, NULL, &w->node);
        is_same =
            w->has_base && w->m->tally != NULL && tally_get(w->m->tally, w->node) == TALLY_SAME;
        uint32_t counted = w->has_base ? count_owner(w->node) : 0;
        w->m->counted_before += counted;
        w->m->counted_after += is_same ? counted : 0;
    }
    if (w->has_base) {
        zone_node_owner(w->node, &w->owner);
    }
}

/* Only owners at hand are looked at; the others count as they did. */
static void next_node(struct walk *w)
{
    w->has_base = w->next < w->m->node_count;
    if (w->has_base) {
        w->node = w->m->nodes[w->next++];
        w->m->counted_after -= count_owner(w->node);
        zone_node_owner(w->node, &w->owner);
    }
}

static uint32_t count_owner(struct zone_node n)
{
    struct rrset set;
    uint32_t counted = 0;
    for (unsigned at = 0; zone_rrset_next(n, &at, &set);) {
        counted += merge_counts(set.type) ? set.count : 0;
    }
    return counted;
}

static void next_rows(struct walk *w)
{
    const struct bulk *b = w->m->batch;
    w->first = w->end;
    if (w->first == b->count) {
        return;
    }
    do {
        w->end++;
    } while (w->end < b->count && bulk_same_owner(b, w->end));
}

/* The RRsets of an owner that both sides have; types ascend on both. */
static bool merge_types(struct walk *w)
{
    const struct bulk *b = w->m->batch;
    struct rrset set;
    unsigned at = 0;
    size_t row = w->first;
    bool more = zone_rrset_next(w->node, &at, &set);
    while (more || row < w->end) {
        size_t end = row < w->end ? rows_of_type(w, row) : row;
        bool is_old = more && (row == w->end || set.type <= bulk_type(b, row));
        bool is_new = row < w->end && (!more || bulk_type(b, row) <= set.type);
        bool ok = is_old && is_new ? merge_rrset(w, &set, row, end)
                  : is_old         ? remove_rrset(w, &set)
                                   : add_rows(w, row, end);
        w->m->changed = w->m->changed || !is_old || !is_new;
        if (!ok) {
            return false;
        }
        row = is_new ? end : row;
        more = is_old ? zone_rrset_next(w->node, &at, &set) : more;
    }
    return true;
}

/* Rows first up to end against the set: removals first, so that a full RRset can be exchanged. */
static bool merge_rrset(struct walk *w, const struct rrset *set, size_t first, size_t end)
{
    struct merge *m = w->m;
    uint32_t ttl = least_ttl(w, first, end);
    bool was_changed = m->changed;
    if (!sort_rdatas(w, set)) {
        return failed(w, ZONE_EDIT_NO_MEMORY, first);
    }
    if (!merge_rdatas(w, w->owner.octets, first, end)) {
        return false;
    }
    enum zone_edit_status status = ZONE_EDIT_SAME;
    if (ttl != set->ttl && set->type != TYPE_RRSIG) { /* RRSIGs have those of what they cover */
        m->changed = true;
        status = zone_edit_ttl(m->edit, w->owner.octets, set->type, ttl);
    } else if (is_serial_only(w, set, first, end)) {
        m->changed = was_changed;
    }
    return status == ZONE_EDIT_OK || status == ZONE_EDIT_SAME || failed(w, status, first);
}

/* Both lists ascend. Additions come after all removals. */
static bool merge_rdatas(struct walk *w, const uint8_t *owner, size_t first, size_t end)
{
    struct merge *m = w->m;
    struct record rr;
    for (int adding = 0; adding < 2; adding++) {
        size_t old = 0, row = first;
        while (old < w->old.count || row < end) {
            int order = -1;
            if (row < end) {
                const struct rdata *p = &w->old.list[old];
                bulk_record(m->batch, row, &rr);
                order = old == w->old.count
                            ? 1
                            : rdata_compare(rr.type, p->rdata, p->len, rr.rdata, rr.rdlen);
            }
            m->changed = m->changed || order != 0;
            if ((order < 0 && !adding && !remove_rdata(w, owner, &w->old.list[old])) ||
                (order > 0 && adding && !add_rows(w, row, row + 1))) {
                return false;
            }
            old += order <= 0;
            row += order >= 0;
            while (order >= 0 && row < end && bulk_is_again(m->batch, row)) {
                row++;
            }
        }
    }
    return true;
}

static bool sort_rdatas(struct walk *w, const struct rrset *set)
{
    struct rdatas *p = &w->old;
    if (set->count > p->room) {
        struct rdata *list = realloc(p->list, set->count * sizeof *list);
        if (list == NULL) {
            return false;
        }
        p->list = list;
        p->room = set->count;
    }
    size_t at = 0;
    for (p->count = 0; p->count < set->count; p->count++) {
        struct rdata *one = &p->list[p->count];
        one->rdata = rrset_next(set, &at, &one->len);
    }
    p->type = set->type;
    qsort_r(p->list, p->count, sizeof *p->list, compare_rdatas, p);
    return true;
}

static int compare_rdatas(const void *a, const void *b, void *rdatas)
{
    const struct rdata *x = a, *y = b;
    const struct rdatas *p = rdatas;
    return rdata_compare(p->type, x->rdata, x->len, y->rdata, y->len);
}

static bool remove_rdata(struct walk *w, const uint8_t *owner, const struct rdata *one)
{
    struct record rr = {
        .owner = owner, .type = w->old.type, .rdata = one->rdata, .rdlen = one->len};
    enum zone_edit_status status = zone_edit_remove(w->m->edit, &rr);
    return status == ZONE_EDIT_OK || status == ZONE_EDIT_SAME || failed(w, status, w->first);
}

static bool remove_rrset(struct walk *w, const struct rrset *set)
{
    struct rdata one;
    w->old.type = set->type;
    for (size_t at = 0; (one.rdata = rrset_next(set, &at, &one.len)) != NULL;) {
        if (!remove_rdata(w, w->owner.octets, &one)) {
            return false;
        }
    }
    return true;
}

static bool add_rows(struct walk *w, size_t first, size_t end)
{
    struct record rr;
    for (size_t row = first; row < end; row++) {
        bulk_record(w->m->batch, row, &rr);
        enum zone_edit_status status = zone_edit_add(w->m->edit, &rr);
        if (status != ZONE_EDIT_OK && status != ZONE_EDIT_SAME) {
            return failed(w, status, row);
        }
    }
    return true;
}

/* Behind the last row of the type that row `first` has. */
static size_t rows_of_type(const struct walk *w, size_t first)
{
    const struct bulk *b = w->m->batch;
    size_t end = first + 1;
    while (end < w->end && bulk_type(b, end) == bulk_type(b, first)) {
        end++;
    }
    return end;
}

/* RFC 2181 5.2: one TTL for all. */
static uint32_t least_ttl(const struct walk *w, size_t first, size_t end)
{
    uint32_t least = UINT32_MAX;
    for (size_t row = first; row < end; row++) {
        struct record rr;
        bulk_record(w->m->batch, row, &rr);
        least = rr.ttl < least ? rr.ttl : least;
    }
    return least;
}

/* Is this the apex's SOA, with nothing new but its serial? */
static bool is_serial_only(const struct walk *w, const struct rrset *set, size_t first, size_t end)
{
    uint8_t old[2 * NAME_SIZE + 20], new[2 * NAME_SIZE + 20];
    struct record rr;
    uint16_t len;
    size_t at = 0;
    while (end - first > 1 && bulk_is_again(w->m->batch, end - 1)) {
        end--;
    }
    if (set->type != TYPE_SOA || set->count != 1 || end - first != 1) {
        return false;
    }
    const uint8_t *rdata = rrset_next(set, &at, &len);
    bulk_record(w->m->batch, first, &rr);
    if (len > sizeof old || rr.rdlen > sizeof new) {
        return false;
    }
    memcpy(old, rdata, len);
    memcpy(new, rr.rdata, rr.rdlen);
    soa_set_serial(old, len, 0);
    soa_set_serial(new, rr.rdlen, 0);
    return rdata_same(TYPE_SOA, old, len, new, rr.rdlen);
}

static bool failed(struct walk *w, enum zone_edit_status status, size_t row)
{
    w->m->status = status;
    w->m->row = row;
    return false;
}

bool merge_counts(uint16_t type)
{
    return type != TYPE_RRSIG && type != TYPE_NSEC && type != TYPE_NSEC3;
}
