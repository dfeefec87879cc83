/* draft.c - writing what one owner is going to have. The thread that edits.
 * A draft has the form of the blob it becomes, so that storing it is one copy. */
#include "zone/draft.h"
#include "base/buf.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/heap.h"
#include <stdlib.h>

/* Where a record and its RRset are in a draft, or where they belong. */
struct spot {
    size_t head, record; /* offsets */
    bool has_set, has_record;
    struct blob_set set;
};

static void find_set(const struct blob *b, const struct record *rr, struct spot *s);
static void find_record(const struct blob *b, const struct record *rr, struct spot *s);
static void put_record(struct draft *d, const struct record *rr, size_t at);
static void new_set(struct draft *d, struct spot *s, uint32_t ttl);
static void drop_set(struct draft *d, const struct spot *s);
static void put_head(struct draft *d, const struct spot *s);
static bool reserve(struct draft *d, size_t size);
static void open_gap(struct draft *d, size_t at, size_t size);
static void close_gap(struct draft *d, size_t at, size_t size);
static uint8_t *draft_at(struct draft *d, size_t offset);

bool draft_start(struct draft *d, const struct key *k)
{
    size_t size = BLOB_HEAD + k->size;
    if (!reserve(d, size)) {
        return false;
    }
    *d->blob = (struct blob){.key_size = k->size};
    memcpy(d->blob->body, k->octets, k->size);
    d->size = size;
    return true;
}

bool draft_load(struct draft *d, const struct blob *b)
{
    size_t size = blob_size(b);
    if (!reserve(d, size)) {
        return false;
    }
    memcpy(d->blob, b, size);
    d->size = size;
    return true;
}

void draft_free(struct draft *d)
{
    free(d->blob);
    *d = (struct draft){.size = 0};
}

enum draft_status draft_add(struct draft *d, const struct record *rr)
{
    struct spot s;
    find_record(d->blob, rr, &s);
    if (s.has_record) {
        return DRAFT_SAME;
    }
    size_t more = 2U + rr->rdlen, size = d->size + more + (s.has_set ? 0 : BLOB_SET);
    if (s.set.size + more > DRAFT_SET_MOST || size > HEAP_MOST) {
        return DRAFT_FULL;
    }
    if (!reserve(d, size)) {
        return DRAFT_NO_MEMORY;
    }
    put_record(d, rr, s.record);
    if (!s.has_set) {
        new_set(d, &s, rr->ttl);
    }
    s.set.count++;
    s.set.size = (uint16_t)(s.set.size + more);
    put_head(d, &s);
    return DRAFT_OK;
}

enum draft_status draft_remove(struct draft *d, const struct record *rr)
{
    struct spot s;
    find_record(d->blob, rr, &s);
    if (!s.has_record) {
        return DRAFT_SAME;
    }
    size_t less = 2U + get_u16(draft_at(d, s.record));
    close_gap(d, s.record, less);
    s.set.count--;
    s.set.size = (uint16_t)(s.set.size - less);
    if (s.set.count == 0) {
        drop_set(d, &s);
        return DRAFT_OK;
    }
    put_head(d, &s);
    return DRAFT_OK;
}

void draft_ttl(struct draft *d, uint16_t type, uint32_t ttl)
{
    struct spot s;
    find_set(d->blob, &(struct record){.type = type}, &s);
    must(s.has_set);
    s.set.ttl[0] = (uint16_t)(ttl >> 16);
    s.set.ttl[1] = (uint16_t)ttl;
    put_head(d, &s);
}

static void find_record(const struct blob *b, const struct record *rr, struct spot *s)
{
    find_set(b, rr, s);
    size_t end = s->record + s->set.size;
    while (s->record < end) {
        const uint8_t *own = blob_at(b, s->record);
        int order = rdata_compare(rr->type, own + 2, get_u16(own), rr->rdata, rr->rdlen);
        if (order >= 0) {
            s->has_record = order == 0;
            return;
        }
        s->record += 2U + get_u16(own);
    }
}

static void find_set(const struct blob *b, const struct record *rr, struct spot *s)
{
    *s = (struct spot){.head = blob_heads(b), .record = blob_data(b), .set = {.type = rr->type}};
    for (unsigned i = 0; i < b->sets; i++) {
        struct blob_set set = blob_set(b, i);
        if (set.type >= rr->type) {
            s->has_set = set.type == rr->type;
            s->set = s->has_set ? set : s->set;
            return;
        }
        s->head += BLOB_SET;
        s->record += set.size;
    }
}

static void put_record(struct draft *d, const struct record *rr, size_t at)
{
    open_gap(d, at, 2U + rr->rdlen);
    put_u16(draft_at(d, at), rr->rdlen);
    if (rr->rdlen > 0) {
        memcpy(draft_at(d, at + 2), rr->rdata, rr->rdlen);
    }
}

static void new_set(struct draft *d, struct spot *s, uint32_t ttl)
{
    open_gap(d, s->head, BLOB_SET);
    s->set.ttl[0] = (uint16_t)(ttl >> 16);
    s->set.ttl[1] = (uint16_t)ttl;
    d->blob->sets++;
    d->blob->flags |= blob_flag_of(s->set.type, d->blob->key_size);
}

static void drop_set(struct draft *d, const struct spot *s)
{
    close_gap(d, s->head, BLOB_SET);
    d->blob->sets--;
    d->blob->flags &= (uint8_t)~blob_flag_of(s->set.type, d->blob->key_size);
}

static void put_head(struct draft *d, const struct spot *s)
{
    memcpy(draft_at(d, s->head), &s->set, sizeof s->set);
}

static bool reserve(struct draft *d, size_t size)
{
    if (size <= d->room) {
        return true;
    }
    size_t room = size < 256 ? 512 : size * 2;
    struct blob *blob = realloc(d->blob, room);
    if (blob == NULL) {
        return false;
    }
    d->blob = blob;
    d->room = room;
    return true;
}

static void open_gap(struct draft *d, size_t at, size_t size)
{
    memmove(draft_at(d, at + size), draft_at(d, at), d->size - at);
    d->size += size;
}

static void close_gap(struct draft *d, size_t at, size_t size)
{
    memmove(draft_at(d, at), draft_at(d, at + size), d->size - at - size);
    d->size -= size;
}

static uint8_t *draft_at(struct draft *d, size_t offset)
{
    return (uint8_t *)d->blob + offset;
}
