/* records.c - the answer and authority records of one message, and RRsets put together from them.
 * Worker's thread; everything lives in the caller's arena. The message was walked once by
 * response_read, so what is left to go wrong is rdata. */
#include "forward/records.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <string.h>

#define STREAM_MOST  0x80000 /* octets of all records uncompressed: 8 times the largest message */
#define SET_MOST     0xffff  /* octets of one RRset (RELIABILITY.md, limits) */
#define COMPARE_MOST 128     /* records of a set that are looked through for doubles */

static bool read_all(const struct response *r, struct buf *stream);
static bool keep_all(const struct buf *stream, unsigned answers, struct arena *arena,
                     struct records *out);
static bool is_double(const struct records *r, const struct wanted *w, const struct record *rr,
                      unsigned before);

bool records_read(const struct response *r, struct arena *arena, struct records *out)
{
    struct buf stream = {.limit = STREAM_MOST};
    bool good = read_all(r, &stream) && keep_all(&stream, r->counts[SECTION_ANSWER], arena, out);
    buf_free(&stream);
    return good;
}

static bool read_all(const struct response *r, struct buf *stream)
{
    struct reader reader = r->records;
    unsigned all = r->counts[SECTION_ANSWER] + r->counts[SECTION_AUTHORITY];
    for (unsigned i = 0; i < all; i++) { /* 11 octets each at least */
        struct record rr;
        if (!record_read(&reader, stream, &rr)) {
            return false;
        }
    }
    return !stream->failed;
}

static bool keep_all(const struct buf *stream, unsigned answers, struct arena *arena,
                     struct records *out)
{
    const uint8_t *copy = arena_copy(arena, stream->data, stream->len);
    size_t at = 0;
    unsigned count = 0, kept = 0;
    struct record rr;
    while (record_next(stream->data, stream->len, &at, &rr, NULL)) {
        count++;
    }
    struct record *items = arena_get(arena, count * sizeof *items);
    if (copy == NULL || items == NULL) {
        return false;
    }
    *out = (struct records){.items = items};
    at = 0;
    for (unsigned i = 0; record_next(copy, stream->len, &at, &rr, NULL); i++) {
        if (rr.class == CLASS_IN) {
            items[kept++] = rr;
            out->answers += i < answers ? 1 : 0;
        }
    }
    out->count = kept;
    return true;
}

const struct record *records_next(const struct records *r, const struct wanted *w, unsigned *at)
{
    unsigned first = w->section == SECTION_ANSWER ? 0 : r->answers;
    unsigned last = w->section == SECTION_ANSWER ? r->answers : r->count;
    for (unsigned i = *at < first ? first : *at; i < last; i++) {
        const struct record *rr = &r->items[i];
        if (rr->type == w->type && (w->owner == NULL || name_same(rr->owner, w->owner)) &&
            (w->covers == 0 || record_covers(rr) == w->covers)) {
            *at = i + 1;
            return rr;
        }
    }
    return NULL;
}

uint16_t record_covers(const struct record *rr)
{
    return rr->type == TYPE_RRSIG && rr->rdlen >= 2 ? get_u16(rr->rdata) : 0;
}

bool records_set(const struct records *r, const struct wanted *w, struct arena *arena,
                 struct rrset *out)
{
    const struct record *rr;
    struct buf data = {.limit = SET_MOST};
    unsigned at = 0;
    *out = (struct rrset){.type = w->type, .ttl = UINT32_MAX};
    while ((rr = records_next(r, w, &at)) != NULL) {
        out->ttl = rr->ttl < out->ttl ? rr->ttl : out->ttl;
        if (!is_double(r, w, rr, out->count)) {
            buf_add_u16(&data, rr->rdlen);
            buf_add(&data, rr->rdata, rr->rdlen);
            out->count++;
        }
    }
    out->size = (uint32_t)data.len;
    out->data = data.failed || out->count == 0 ? NULL : arena_copy(arena, data.data, data.len);
    buf_free(&data);
    return out->data != NULL;
}

static bool is_double(const struct records *r, const struct wanted *w, const struct record *rr,
                      unsigned before)
{
    const struct record *other;
    unsigned at = 0;
    if (before > COMPARE_MOST) { /* so many are no accident; doubles do no harm */
        return false;
    }
    while ((other = records_next(r, w, &at)) != NULL && other != rr) {
        if (rdata_same(rr->type, rr->rdata, rr->rdlen, other->rdata, other->rdlen)) {
            return true;
        }
    }
    return false;
}
