/* image.c - a secondary's zone on disk: the image, cut into values, and the change sets that lead
 * on from it.
 *
 * The keeper builds the batches; reading is for the pool. An image counts only when the zone row
 * says so, and only whole: each part carries its number in its key and its checksum, the row says
 * how long all of them are together. So an interrupted write, a lost slice or a damaged part all
 * end the same way: the zone is transferred again. */
#include "journal/rows.h"
#include "journal/seal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PART_COST   (STORE_VALUE + 32) /* what a part takes up in a batch, at most */
#define SLICE_PARTS (JOURNAL_SLICE / PART_COST)
#define SLICE_BYTES ((uint64_t)SLICE_PARTS * SEAL_MOST)
#define DELTA_HEAD  (4 + 4 + 1 + 4 + 4 + 8 + 8)
#define DELTAS_MOST 1000000 /* a zone's; more in a row is a damaged one */

struct parts_scan {
    enum store_table table;
    size_t prefix; /* octets of the key before the part's number */
    uint32_t next; /* part expected */
    uint64_t most; /* octets in all */
    struct buf *out;
    struct oops *o;
    bool damaged;
};

static struct seal_key image_key(const struct journal_image *i);
static struct seal_key delta_key(uint32_t id, uint64_t seq);
static void put_parts(struct store_batch *b, const struct seal_key *below, const struct buf *all);
static bool read_parts(struct store *s, const struct seal_key *below, uint64_t most,
                       struct buf *out, struct oops *o);
static bool see_part(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value, size_t vlen);
static bool read_delta(struct store *s, const struct seal_key *below, struct change *c,
                       struct oops *o);
static bool take_apart(const struct buf *all, struct change *c);
static bool take_stream(struct reader *r, uint64_t len, uint32_t count, struct buf *out);
static bool chains(const struct journal_zone *row, const struct change *changes, unsigned count,
                   struct oops *o);

bool journal_put_image(struct store_batch *b, struct journal_image *i, const struct buf *records)
{
    if (i->at == 0) {
        struct seal_key all = image_key(i);
        batch_delete_below(b, all.table, all.octets, all.len);
    }
    for (unsigned n = 0; n < SLICE_PARTS && i->at < records->len; n++) {
        size_t left = records->len - (size_t)i->at;
        size_t len = left < SEAL_MOST ? left : SEAL_MOST;
        struct seal_key key = image_key(i);
        seal_key_u32(&key, (uint32_t)(i->at / SEAL_MOST));
        seal_put_octets(b, &key, records->data + i->at, len);
        i->at += len;
    }
    return i->at < records->len;
}

bool journal_drop_image(struct store_batch *b, struct journal_image *i, uint64_t bytes)
{
    struct seal_key all = image_key(i);
    if (bytes <= i->at + SLICE_BYTES) {
        batch_delete_below(b, all.table, all.octets, all.len); /* the rest, whatever it is */
        return false;
    }
    for (unsigned n = 0; n < SLICE_PARTS; n++) {
        struct seal_key key = all;
        seal_key_u32(&key, (uint32_t)(i->at / SEAL_MOST));
        batch_delete(b, key.table, key.octets, key.len);
        i->at += SEAL_MOST;
    }
    return true;
}

bool journal_read_image(struct store *s, const struct journal_zone *row, struct buf *records,
                        struct oops *o)
{
    struct seal_key below = image_key(&(struct journal_image){.id = row->id, .no = row->image});
    size_t before = records->len;
    if (row->image == 0) {
        return oops(o, "no image of the zone is on disk");
    }
    if (!read_parts(s, &below, row->image_bytes, records, o)) {
        records->len = before;
        return oops_in(o, "the zone's image %" PRIu32 " on disk", row->image);
    }
    if (records->len - before != row->image_bytes) {
        oops(o, "the zone's image %" PRIu32 " on disk: %zu of %" PRIu64 " octets are there",
             row->image, records->len - before, row->image_bytes);
        records->len = before;
        return false;
    }
    return true;
}

void journal_put_delta(struct store_batch *b, uint32_t id, uint64_t seq, const struct change *c)
{
    struct seal_key key = delta_key(id, seq);
    struct buf all = {.len = 0};
    buf_add_u32(&all, c->from);
    buf_add_u32(&all, c->to);
    buf_add_u8(&all, c->first);
    buf_add_u32(&all, c->deleted_count);
    buf_add_u32(&all, c->added_count);
    buf_add_u64(&all, c->deleted.len);
    buf_add_u64(&all, c->added.len);
    buf_add(&all, c->deleted.data, c->deleted.len);
    buf_add(&all, c->added.data, c->added.len);
    put_parts(b, &key, &all);
    buf_free(&all);
}

void journal_drop_deltas(struct store_batch *b, uint32_t id, uint64_t first, uint64_t end)
{
    for (uint64_t seq = first; seq < end; seq++) {
        struct seal_key key = delta_key(id, seq);
        batch_delete_below(b, key.table, key.octets, key.len);
    }
}

bool journal_read_deltas(struct store *s, const struct journal_zone *row, struct change **changes,
                         unsigned *count, struct oops *o)
{
    uint64_t wanted = row->delta_next - row->delta_first;
    if (row->delta_next < row->delta_first || wanted > DELTAS_MOST) {
        return oops(o, "the zone's row on disk counts change sets wrongly");
    }
    struct change *list = calloc(wanted + 1, sizeof *list);
    if (list == NULL) {
        return oops(o, "out of memory");
    }
    unsigned got = 0;
    bool good = true;
    for (; good && got < wanted; got++) {
        struct seal_key key = delta_key(row->id, row->delta_first + got);
        change_init(&list[got]);
        good = read_delta(s, &key, &list[got], o);
    }
    if (good && chains(row, list, got, o)) {
        *changes = list;
        *count = got;
        return true;
    }
    while (got > 0) {
        change_free(&list[--got]);
    }
    free(list);
    return oops_in(o, "the zone's change sets on disk");
}

static struct seal_key image_key(const struct journal_image *i)
{
    struct seal_key key = seal_key(STORE_IMAGE, i->id);
    seal_key_u32(&key, i->no);
    return key;
}

static struct seal_key delta_key(uint32_t id, uint64_t seq)
{
    struct seal_key key = seal_key(STORE_DELTA, id);
    seal_key_u64(&key, seq);
    return key;
}

static void put_parts(struct store_batch *b, const struct seal_key *below, const struct buf *all)
{
    batch_delete_below(b, below->table, below->octets, below->len);
    b->ops.failed |= all->failed;
    uint32_t part = 0;
    for (size_t at = 0; at < all->len; at += SEAL_MOST) {
        struct seal_key key = *below;
        size_t left = all->len - at;
        seal_key_u32(&key, part++);
        seal_put_octets(b, &key, all->data + at, left < SEAL_MOST ? left : SEAL_MOST);
    }
}

/* All parts below the key, in order and without a gap, `most` octets at most. */
static bool read_parts(struct store *s, const struct seal_key *below, uint64_t most,
                       struct buf *out, struct oops *o)
{
    struct parts_scan scan = {
        .table = below->table, .prefix = below->len, .most = out->len + most, .out = out, .o = o};
    if (!store_scan(s, below->table, below->octets, below->len, see_part, &scan, o)) {
        return false;
    }
    return !scan.damaged && (!out->failed || oops(o, "out of memory"));
}

static bool see_part(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value, size_t vlen)
{
    struct parts_scan *scan = ctx;
    struct batch_op found = {
        .table = scan->table, .key = key, .klen = klen, .value = value, .vlen = vlen};
    struct reader r;
    if (klen != scan->prefix + 4 || get_u32(key + scan->prefix) != scan->next) {
        scan->damaged = true;
        return oops(scan->o, "part %" PRIu32 " is missing", scan->next);
    }
    if (!seal_open(&found, &r, scan->o)) {
        scan->damaged = true;
        return oops_in(scan->o, "part %" PRIu32, scan->next);
    }
    size_t len = reader_left(&r);
    if (len > scan->most - scan->out->len) {
        scan->damaged = true;
        return oops(scan->o, "longer than its row says");
    }
    buf_add(scan->out, read_bytes(&r, len), len);
    scan->next++;
    return !scan->out->failed;
}

static bool read_delta(struct store *s, const struct seal_key *below, struct change *c,
                       struct oops *o)
{
    struct buf all = {.len = 0};
    bool good = read_parts(s, below, UINT32_MAX, &all, o);
    if (good && !take_apart(&all, c)) {
        good = oops(o, all.len == 0 ? "one is missing" : "one is damaged");
    }
    buf_free(&all);
    return good;
}

static bool take_apart(const struct buf *all, struct change *c)
{
    struct reader r;
    reader_start(&r, all->data, all->len);
    c->from = read_u32(&r);
    c->to = read_u32(&r);
    c->first = read_u8(&r) != 0;
    c->deleted_count = read_u32(&r);
    c->added_count = read_u32(&r);
    uint64_t deleted = seal_u64(&r), added = seal_u64(&r);
    return take_stream(&r, deleted, c->deleted_count, &c->deleted) &&
           take_stream(&r, added, c->added_count, &c->added) && reader_left(&r) == 0;
}

static bool take_stream(struct reader *r, uint64_t len, uint32_t count, struct buf *out)
{
    if (r->failed || len > reader_left(r)) {
        return false;
    }
    struct record rr;
    size_t at = 0;
    bool damaged = false;
    uint32_t records = 0;
    buf_add(out, read_bytes(r, (size_t)len), (size_t)len);
    while (!out->failed && record_next(out->data, out->len, &at, &rr, &damaged)) {
        records++;
    }
    return !out->failed && !damaged && records == count;
}

/* RFC 1995 4: each begins where the one before it ended. */
static bool chains(const struct journal_zone *row, const struct change *changes, unsigned count,
                   struct oops *o)
{
    uint32_t serial = row->image_serial;
    for (unsigned i = 0; i < count; i++) {
        if (changes[i].first) {
            return oops(o, "one is a zone's first, where serial %" PRIu32 " was reached", serial);
        }
        if (changes[i].from != serial) {
            return oops(o, "one begins at serial %" PRIu32 " where %" PRIu32 " was reached",
                        changes[i].from, serial);
        }
        serial = changes[i].to;
    }
    if (serial != row->serial) {
        return oops(o, "they end at serial %" PRIu32 " where %" PRIu32 " was committed", serial,
                    row->serial);
    }
    return true;
}
