/* bulk.c - the records of a whole zone on their way to a version, collected.
 * Used by one job. Records that come one after the other with the same owner are a run: the owner
 * stands once, and it is runs that are sorted (rows.c). Neither records nor runs are ever copied
 * to make room for more: they are in chunks and in lists, which double up to a large page. When
 * all are there, every record gets its row of 16 octets. */
#include "base/huge.h"
#include "wire/rdata.h"
#include "zone/packed.h"
#include <stdlib.h>
#include <string.h>

#define CHUNK_FIRST 2048U
#define CHUNK_MOST  HUGE_PAGE
#define LIST_FIRST  16U /* runs */
#define LIST_MOST   ((HUGE_PAGE - sizeof(struct bulk_list)) / sizeof(struct bulk_run))
#define RUN_TEXT    48 /* octets of zone text that are about one run */

struct bulk_chunk {
    struct bulk_chunk *next;
    size_t size;
    uint8_t octets[];
};

static bool new_run(struct bulk *b, const uint8_t *at, const uint8_t *owner);
static struct bulk_list *new_list(struct bulk *b);
static uint8_t *room_for(struct bulk *b, size_t size);

void bulk_start(struct bulk *b, const uint8_t *apex)
{
    *b = (struct bulk){.apex = {.name = apex,
                                .size = (uint8_t)name_len(apex),
                                .labels = (uint8_t)name_labels(apex)}};
}

void bulk_expect(struct bulk *b, size_t octets)
{
    b->expected = octets;
}

void bulk_add(struct bulk *b, const struct record *rr, uint16_t file, uint32_t line)
{
    size_t size = PACKED_PLACE + PACKED_FIXED + (size_t)rr->rdlen;
    bool same = b->last != NULL && name_same_case(b->last, rr->owner);
    if (!same || (size_t)(b->end - b->to) < size) {
        size_t owner = name_len(rr->owner);
        uint8_t *at = room_for(b, owner + size);
        if (at == NULL || !new_run(b, at, rr->owner)) {
            b->failed = true;
            return;
        }
        memcpy(at, rr->owner, owner);
        b->last = at;
        b->to = at + owner;
    }
    uint8_t *to = b->to;
    put_u32(to, line);
    put_u16(to + 4, file);
    to += PACKED_PLACE;
    put_u16(to, rr->type);
    put_u16(to + 2, rr->class);
    put_u32(to + 4, rr->ttl);
    put_u16(to + 8, rr->rdlen);
    if (rr->rdlen > 0) {
        memcpy(to + PACKED_FIXED, rr->rdata, rr->rdlen);
    }
    b->to += size;
    b->count++;
    b->lists->runs[b->lists->count - 1].count++;
}

bool bulk_take(struct bulk *b, const struct buf *stream)
{
    size_t at = 0, begin = 0;
    struct record rr;
    bool damaged = false;
    b->foreign = true;
    while (!b->failed && record_next(stream->data, stream->len, &at, &rr, &damaged)) {
        bool same = b->last != NULL && name_same_case(b->last, rr.owner);
        if (!same && !name_at_or_below(rr.owner, b->apex.name)) {
            return false;
        }
        if (!same && !new_run(b, stream->data + begin, rr.owner)) {
            b->failed = true;
            break;
        }
        b->last = same ? b->last : rr.owner;
        b->lists->runs[b->lists->count - 1].count++;
        b->count++;
        begin = at;
    }
    return !damaged;
}

static bool new_run(struct bulk *b, const uint8_t *at, const uint8_t *owner)
{
    struct bulk_list *l = b->lists;
    bool same = b->last != NULL && name_same_case(b->last, owner);
    uint64_t prefix;
    if (same) {
        prefix = l->runs[l->count - 1].prefix;
    } else if (!key_prefix(owner, &b->apex, &prefix)) {
        prefix = UINT64_MAX; /* of another zone, and in nobody's way at the end */
    }
    if (l == NULL || l->count == l->room) {
        l = new_list(b);
    }
    if (l == NULL) {
        return false;
    }
    l->runs[l->count++] = (struct bulk_run){.prefix = prefix, .at = at};
    return true;
}

static struct bulk_list *new_list(struct bulk *b)
{
    size_t room = b->lists == NULL ? LIST_FIRST : b->lists->room * 2;
    room = room > b->expected / RUN_TEXT ? room : b->expected / RUN_TEXT;
    room = room < LIST_MOST ? room : LIST_MOST;
    size_t size = sizeof(struct bulk_list) + room * sizeof(struct bulk_run);
    struct bulk_list *l = room < LIST_MOST ? malloc(size) : aligned_alloc(HUGE_PAGE, HUGE_PAGE);
    if (l == NULL) {
        return NULL;
    }
    huge_hint(l, room < LIST_MOST ? size : HUGE_PAGE);
    *l = (struct bulk_list){.next = b->lists, .room = room};
    b->lists = l;
    return l;
}

static uint8_t *room_for(struct bulk *b, size_t size)
{
    if ((size_t)(b->end - b->to) >= size && b->chunks != NULL) {
        return b->to;
    }
    size_t room = b->chunks == NULL ? CHUNK_FIRST : b->chunks->size * 2;
    room = room > b->expected ? room : b->expected;
    room = room > sizeof(struct bulk_chunk) + size ? room : sizeof(struct bulk_chunk) + size;
    room = room < CHUNK_MOST ? room : CHUNK_MOST; /* the largest record is far smaller */
    struct bulk_chunk *chunk = room < CHUNK_MOST ? malloc(room) : aligned_alloc(CHUNK_MOST, room);
    if (chunk == NULL) {
        return NULL;
    }
    huge_hint(chunk, room);
    *chunk = (struct bulk_chunk){.next = b->chunks, .size = room};
    b->chunks = chunk;
    b->to = chunk->octets;
    b->end = (uint8_t *)chunk + room;
    return b->to;
}

void bulk_join(struct bulk *b, struct bulk *next)
{
    b->failed = b->failed || next->failed;
    if (next->count > 0) {
        struct bulk_list **list = &next->lists;
        struct bulk_chunk **chunk = &next->chunks;
        while (*list != NULL) {
            list = &(*list)->next;
        }
        while (*chunk != NULL) {
            chunk = &(*chunk)->next;
        }
        *list = b->lists;
        *chunk = b->chunks;
        b->lists = next->lists;
        b->chunks = next->chunks;
        b->count += next->count;
        b->to = b->end = NULL;
        b->last = NULL;
        next->lists = NULL;
        next->chunks = NULL;
    }
    bulk_free(next);
}

/* ---- reading ---- */

static int compare_owner(const struct bulk *b, size_t row, const uint8_t *owner);

void bulk_record(const struct bulk *b, size_t row, struct record *out)
{
    must(row < b->count && b->rows != NULL);
    packed_read(b->rows[row].at, out);
    out->owner = b->rows[row].owner;
}

uint16_t bulk_type(const struct bulk *b, size_t row)
{
    return get_u16(b->rows[row].at);
}

uint16_t bulk_file(const struct bulk *b, size_t row)
{
    return b->foreign ? 0 : get_u16(b->rows[row].at - PACKED_PLACE + 4);
}

uint32_t bulk_line(const struct bulk *b, size_t row)
{
    return b->foreign ? 0 : get_u32(b->rows[row].at - PACKED_PLACE);
}

bool bulk_find(const struct bulk *b, const uint8_t *owner, uint16_t type, size_t *row)
{
    size_t from = 0, to = b->rows == NULL ? 0 : b->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare_owner(b, middle, owner);
        if (order < 0 || (order == 0 && bulk_type(b, middle) < type)) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    *row = from;
    return b->rows != NULL && from < b->count && compare_owner(b, from, owner) == 0 &&
           (type == 0 || bulk_type(b, from) == type);
}

static int compare_owner(const struct bulk *b, size_t row, const uint8_t *owner)
{
    return name_compare(b->rows[row].owner, owner);
}

bool bulk_is_again(const struct bulk *b, size_t row)
{
    struct record before, rr;
    if (!bulk_same_owner(b, row) || bulk_type(b, row) != bulk_type(b, row - 1)) {
        return false;
    }
    bulk_record(b, row - 1, &before);
    bulk_record(b, row, &rr);
    return rdata_same(rr.type, before.rdata, before.rdlen, rr.rdata, rr.rdlen);
}

void bulk_free(struct bulk *b)
{
    while (b->chunks != NULL) {
        struct bulk_chunk *chunk = b->chunks;
        b->chunks = chunk->next;
        free(chunk);
    }
    bulk_free_lists(b);
    free(b->rows);
    *b = (struct bulk){.count = 0};
}

void bulk_free_lists(struct bulk *b)
{
    while (b->lists != NULL) {
        struct bulk_list *list = b->lists;
        b->lists = list->next;
        free(list);
    }
}
