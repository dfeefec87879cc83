/* rows.c - one row for each zone: what a restart serves, and where the rest of it lies.
 * Fields follow each other in the order of struct journal_zone; a new field is a new format
 * (seal.h). */
#include "journal/rows.h"
#include "journal/seal.h"
#include <string.h>

struct zones_scan {
    const struct journal_zones_see *see;
    struct name name; /* of the row that is seen */
};

static bool see_zone(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value, size_t vlen);
static bool read_zone(struct zones_scan *scan, const struct batch_op *found,
                      struct journal_zone *row, struct oops *o);
static void report(const struct journal_zones_see *see, uint32_t id, const char *why);

void journal_put_zone(struct store_batch *b, const struct journal_zone *row)
{
    struct seal_key key = seal_key(STORE_ZONE, row->id);
    struct buf c = {.len = 0};
    buf_add(&c, row->name, name_len(row->name));
    buf_add_u8(&c, row->role);
    buf_add_u8(&c, row->has_serial);
    buf_add_u32(&c, row->serial);
    buf_add_u64(&c, row->content_hash);
    buf_add_u32(&c, row->max_ttl_s);
    buf_add_u32(&c, row->expire_s);
    buf_add_u64(&c, (uint64_t)row->committed.ms);
    buf_add_u64(&c, (uint64_t)row->refreshed.ms);
    buf_add_u64(&c, (uint64_t)row->expires.ms);
    buf_add_u32(&c, row->image);
    buf_add_u32(&c, row->image_serial);
    buf_add_u64(&c, row->image_bytes);
    buf_add_u32(&c, row->old_image);
    buf_add_u64(&c, row->old_image_bytes);
    buf_add_u64(&c, row->delta_first);
    buf_add_u64(&c, row->delta_next);
    buf_add_u64(&c, row->delta_bytes);
    buf_add_u64(&c, row->change_next);
    seal_put(b, &key, &c);
    buf_free(&c);
}

void journal_drop_zone(struct store_batch *b, uint32_t id)
{
    for (enum store_table t = 0; t < STORE_TABLES; t++) {
        struct seal_key key = seal_key(t, id);
        batch_delete_below(b, t, key.octets, key.len);
    }
}

bool journal_zones(struct store *s, const struct journal_zones_see *see, struct oops *o)
{
    struct zones_scan scan = {.see = see};
    return store_scan(s, STORE_ZONE, NULL, 0, see_zone, &scan, o);
}

static bool see_zone(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value, size_t vlen)
{
    struct zones_scan *scan = ctx;
    struct batch_op found = {
        .table = STORE_ZONE, .key = key, .klen = klen, .value = value, .vlen = vlen};
    struct journal_zone row;
    struct oops why = {""};
    if (!read_zone(scan, &found, &row, &why)) {
        report(scan->see, klen == 4 ? get_u32(key) : 0, why.text);
        return true;
    }
    return scan->see->row(scan->see->ctx, &row);
}

static bool read_zone(struct zones_scan *scan, const struct batch_op *found,
                      struct journal_zone *row, struct oops *o)
{
    struct reader r;
    *row = (struct journal_zone){.name = scan->name.octets};
    if (!seal_open(found, &r, o)) {
        return false;
    }
    read_name(&r, &scan->name);
    row->role = read_u8(&r);
    row->has_serial = read_u8(&r) != 0;
    row->serial = read_u32(&r);
    row->content_hash = seal_u64(&r);
    row->max_ttl_s = read_u32(&r);
    row->expire_s = read_u32(&r);
    row->committed.ms = (int64_t)seal_u64(&r);
    row->refreshed.ms = (int64_t)seal_u64(&r);
    row->expires.ms = (int64_t)seal_u64(&r);
    row->image = read_u32(&r);
    row->image_serial = read_u32(&r);
    row->image_bytes = seal_u64(&r);
    row->old_image = read_u32(&r);
    row->old_image_bytes = seal_u64(&r);
    row->delta_first = seal_u64(&r);
    row->delta_next = seal_u64(&r);
    row->delta_bytes = seal_u64(&r);
    row->change_next = seal_u64(&r);
    if (found->klen != 4 || r.failed || reader_left(&r) != 0) {
        return oops(o, "damaged: not a zone's row");
    }
    row->id = get_u32(found->key);
    return true;
}

static void report(const struct journal_zones_see *see, uint32_t id, const char *why)
{
    struct oops text = {""};
    oops(&text, "the journal's row of zone number %u is %s", id, why);
    if (see->damaged != NULL) {
        see->damaged(see->ctx, id, text.text);
    }
}
