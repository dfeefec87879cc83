/* bulk.c - the records of a whole zone on their way to a version, sorted.
 * Used by one job on its thread. A record costs its wire form and a row of 32 octets. Zone images
 * and transfers come sorted, so that is looked at first. */
#include "zone/bulk.h"
#include "wire/rdata.h"
#include <stdlib.h>
#include <string.h>

static struct bulk_row *new_row(struct bulk *b);
static uint64_t owner_prefix(const struct bulk *b, const uint8_t *owner);
static bool is_sorted(struct bulk *b);
static int compare_rows(const void *x, const void *y, void *batch);
static int compare_owner(const struct bulk *b, const struct bulk_row *row, const uint8_t *owner,
                         uint64_t prefix);

void bulk_start(struct bulk *b, const uint8_t *apex)
{
    *b = (struct bulk){.apex = apex, .apex_labels = name_labels(apex)};
}

void bulk_add(struct bulk *b, const struct record *rr, uint16_t file, uint32_t line)
{
    size_t at = b->own.len;
    struct bulk_row *row = new_row(b);
    record_add(&b->own, rr);
    if (row == NULL || b->own.failed) {
        b->failed = true;
        return;
    }
    b->stream = b->own.data;
    b->stream_len = b->own.len;
    *row = (struct bulk_row){.at = at, .line = line, .file = file, .type = rr->type};
    bool same_owner = b->count > 1 && name_same_case(b->own.data + row[-1].at, b->own.data + at);
    row->prefix = same_owner ? row[-1].prefix : owner_prefix(b, rr->owner);
}

bool bulk_take(struct bulk *b, const struct buf *stream)
{
    size_t at = 0, begin = 0;
    struct record rr;
    bool damaged = false;
    b->stream = stream->data;
    b->stream_len = stream->len;
    while (!b->failed && record_next(stream->data, stream->len, &at, &rr, &damaged)) {
        struct bulk_row *row = new_row(b);
        if (row == NULL) {
            b->failed = true;
            break;
        }
        *row = (struct bulk_row){.at = begin, .type = rr.type};
        bool same_owner = b->count > 1 && name_same_case(b->stream + row[-1].at, rr.owner);
        if (!same_owner && !name_at_or_below(rr.owner, b->apex)) {
            return false;
        }
        row->prefix = same_owner ? row[-1].prefix : owner_prefix(b, rr.owner);
        begin = at;
    }
    return !damaged;
}

static struct bulk_row *new_row(struct bulk *b)
{
    if (b->count == b->room) {
        size_t room = b->room == 0 ? 64 : b->room * 2;
        struct bulk_row *rows = realloc(b->rows, room * sizeof *rows);
        if (rows == NULL) {
            return NULL;
        }
        b->rows = rows;
        b->room = room;
    }
    return &b->rows[b->count++];
}

/* Keys are ordered as memory is (wire/name.h), so the number of their first octets is, too. */
static uint64_t owner_prefix(const struct bulk *b, const uint8_t *owner)
{
    uint8_t key[NAME_KEY];
    uint8_t first[8] = {0};
    size_t len = name_key(owner, b->apex_labels, key);
    memcpy(first, key, len < sizeof first ? len : sizeof first);
    return get_u64(first);
}

void bulk_sort(struct bulk *b)
{
    if (!is_sorted(b)) {
        qsort_r(b->rows, b->count, sizeof *b->rows, compare_rows, b);
    }
}

static bool is_sorted(struct bulk *b)
{
    for (size_t i = 1; i < b->count; i++) {
        if (compare_rows(&b->rows[i - 1], &b->rows[i], b) > 0) {
            return false;
        }
    }
    return true;
}

static int compare_rows(const void *x, const void *y, void *batch)
{
    const struct bulk *b = batch;
    const struct bulk_row *p = x, *q = y;
    int order = compare_owner(b, p, b->stream + q->at, q->prefix);
    if (order != 0) {
        return order;
    }
    if (p->type != q->type) {
        return p->type < q->type ? -1 : 1;
    }
    struct record one, other;
    size_t at = p->at;
    must(record_next(b->stream, b->stream_len, &at, &one, NULL));
    at = q->at;
    must(record_next(b->stream, b->stream_len, &at, &other, NULL));
    order = rdata_compare(p->type, one.rdata, one.rdlen, other.rdata, other.rdlen);
    return order != 0 ? order : (p->at > q->at) - (p->at < q->at);
}

static int compare_owner(const struct bulk *b, const struct bulk_row *row, const uint8_t *owner,
                         uint64_t prefix)
{
    if (row->prefix != prefix) {
        return row->prefix < prefix ? -1 : 1;
    }
    return name_compare(b->stream + row->at, owner);
}

void bulk_record(const struct bulk *b, size_t row, struct record *out)
{
    must(row < b->count);
    size_t at = b->rows[row].at;
    must(record_next(b->stream, b->stream_len, &at, out, NULL));
}

bool bulk_find(const struct bulk *b, const uint8_t *owner, uint16_t type, size_t *row)
{
    size_t from = 0, to = b->count;
    uint64_t prefix = owner_prefix(b, owner);
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare_owner(b, &b->rows[middle], owner, prefix);
        if (order < 0 || (order == 0 && b->rows[middle].type < type)) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    *row = from;
    return from < b->count && compare_owner(b, &b->rows[from], owner, prefix) == 0 &&
           (type == 0 || b->rows[from].type == type);
}

bool bulk_is_again(const struct bulk *b, size_t row)
{
    struct record before, rr;
    if (row == 0 || b->rows[row].type != b->rows[row - 1].type ||
        b->rows[row].prefix != b->rows[row - 1].prefix) {
        return false;
    }
    bulk_record(b, row - 1, &before);
    bulk_record(b, row, &rr);
    return name_same(before.owner, rr.owner) &&
           rdata_same(rr.type, before.rdata, before.rdlen, rr.rdata, rr.rdlen);
}

void bulk_free(struct bulk *b)
{
    free(b->rows);
    buf_free(&b->own);
    *b = (struct bulk){.apex = NULL};
}
