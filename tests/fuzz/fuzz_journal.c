/* fuzz_journal.c - any octets as what a journal holds. Input: values back to back, each: table, 1 if
 * its seal is to be right, length of the key, key, length of the value (16 bits), value. No disk: the
 * store here is this list. What is taken for good is written and read once more, and must be the
 * same. */
#include "journal/rows.h"
#include "journal/seal.h"
#include <stdlib.h>
#include <string.h>

#define VALUES_MOST 64
#define ROWS_MOST   8

struct value {
    enum store_table table;
    uint8_t key[STORE_KEY], octets[STORE_VALUE];
    size_t klen, vlen;
};
struct store {
    struct value values[VALUES_MOST];
    unsigned count;
};
struct rows {
    struct store *store;
    struct journal_zone rows[ROWS_MOST];
    struct name names[ROWS_MOST];
    unsigned count;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static void load(struct store *s, const uint8_t *data, size_t size);
static void add(struct store *s, const struct batch_op *op);
static bool see_row(void *ctx, const struct journal_zone *row);
static bool see_again(void *ctx, const struct journal_zone *row);
static void check_zone(struct store *s, const struct journal_zone *row);
static bool see_change(void *ctx, const struct journal_change *c);
static bool see_peer(void *ctx, const struct journal_peer *p);
static void check_deltas(struct store *s, const struct journal_zone *row);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store *s = calloc(1, sizeof *s);
    struct rows all = {.store = s};
    struct journal_zones_see see = {.row = see_row, .ctx = &all};
    struct oops o;
    must(s != NULL);
    load(s, data, size);
    must(journal_zones(s, &see, &o));
    for (unsigned i = 0; i < all.count; i++) {
        check_zone(s, &all.rows[i]);
    }
    free(s);
    return 0;
}

/* ---- the store ---- */

static void load(struct store *s, const uint8_t *data, size_t size)
{
    struct reader r;
    reader_start(&r, data, size);
    while (s->count < VALUES_MOST && reader_left(&r) > 0) {
        uint8_t table = read_u8(&r), sealed = read_u8(&r);
        size_t klen = read_u8(&r);
        const uint8_t *key = read_bytes(&r, klen);
        size_t vlen = read_u16(&r);
        vlen = vlen < reader_left(&r) ? vlen : reader_left(&r);
        const uint8_t *value = read_bytes(&r, vlen);
        struct seal_key k = {.table = table % STORE_TABLES, .len = klen};
        struct batch_op op = {
            .table = k.table, .key = key, .klen = klen, .value = value, .vlen = vlen};
        if (r.failed || klen == 0 || vlen > SEAL_MOST) {
            return;
        }
        memcpy(k.octets, key, klen);
        struct store_batch b = {.count = 0};
        size_t at = 0;
        if (sealed % 2 == 1) {
            seal_put_octets(&b, &k, value, vlen);
            must(batch_next(&b, &at, &op));
        }
        add(s, &op);
        batch_free(&b);
    }
}

static void add(struct store *s, const struct batch_op *op)
{
    struct value *v = &s->values[s->count++];
    v->table = op->table;
    v->klen = op->klen;
    v->vlen = op->vlen;
    memcpy(v->key, op->key, op->klen);
    memcpy(v->octets, op->value, op->vlen);
}

/* In place of journal/store.c, in the order of the input. */
bool store_scan(struct store *s, enum store_table t, const void *prefix, size_t len,
                bool (*see)(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value,
                            size_t vlen),
                void *ctx, struct oops *o)
{
    (void)o;
    for (unsigned i = 0; i < s->count; i++) {
        const struct value *v = &s->values[i];
        if (v->table != t || v->klen < len || (len > 0 && memcmp(v->key, prefix, len) != 0)) {
            continue;
        }
        uint8_t *exact = malloc(v->vlen + 1); /* so that ASan sees an octet too many */
        must(exact != NULL);
        memcpy(exact, v->octets, v->vlen);
        bool more = see(ctx, v->key, v->klen, exact, v->vlen);
        free(exact);
        if (!more) {
            break;
        }
    }
    return true;
}

/* The values of a batch as a store. */
static void store_of(struct store_batch *b, struct store *s)
{
    struct batch_op op;
    s->count = 0;
    for (size_t at = 0; batch_next(b, &at, &op);) {
        if (op.what == BATCH_PUT && s->count < VALUES_MOST) {
            add(s, &op);
        }
    }
    batch_free(b);
}

/* ---- what is read ---- */

static bool see_row(void *ctx, const struct journal_zone *row)
{
    struct rows *all = ctx;
    size_t len;
    must(name_check(row->name, NAME_SIZE, &len));
    name_copy(&all->names[all->count], row->name);
    all->rows[all->count] = *row;
    all->rows[all->count].name = all->names[all->count].octets;
    all->count++;
    return all->count < ROWS_MOST;
}

static bool see_again(void *ctx, const struct journal_zone *row)
{
    const struct journal_zone *first = ctx;
    must(row->id == first->id && row->serial == first->serial && row->image == first->image);
    must(row->has_serial == first->has_serial && row->role == first->role);
    must(row->delta_next == first->delta_next && row->change_next == first->change_next);
    must(name_same_case(row->name, first->name));
    return true;
}

static void check_zone(struct store *s, const struct journal_zone *row)
{
    struct store *copy = calloc(1, sizeof *copy);
    struct store_batch b = {.count = 0};
    struct buf records = {.len = 0};
    struct oops o = {""};
    must(copy != NULL);
    journal_put_zone(&b, row);
    store_of(&b, copy);
    struct journal_zone first = *row;
    struct journal_zones_see see = {.row = see_again, .ctx = &first};
    must(journal_zones(copy, &see, &o));
    must(journal_changes(s, row->id, see_change, copy, &o));
    must(journal_peers(s, row->id, see_peer, copy, &o));
    o.text[0] = '\0';
    bool whole = journal_read_image(s, row, &records, &o);
    must(whole ? records.len == row->image_bytes : records.len == 0 && o.text[0] != '\0');
    check_deltas(s, row);
    buf_free(&records);
    free(copy);
}

static bool same_change(void *ctx, const struct journal_change *c)
{
    const struct journal_change *first = ctx;
    must(c->number == first->number && c->from == first->from && c->to == first->to);
    must(c->first == first->first && c->no_bound == first->no_bound);
    must(c->settled.ms == first->settled.ms && strcmp(c->text, first->text) == 0);
    return true;
}

static bool see_change(void *ctx, const struct journal_change *c)
{
    struct store *copy = ctx;
    struct store_batch b = {.count = 0};
    struct journal_change first = *c;
    struct oops o;
    must(strlen(c->text) < JOURNAL_TEXT);
    journal_put_change(&b, 1, c);
    store_of(&b, copy);
    must(journal_changes(copy, 1, same_change, &first, &o) && o.text[0] == '\0');
    return true;
}

static bool same_peer(void *ctx, const struct journal_peer *p)
{
    const struct journal_peer *first = ctx;
    must(strcmp(p->name, first->name) == 0 && p->identity == first->identity);
    must(p->seen == first->seen && p->serial == first->serial && p->at.ms == first->at.ms);
    return true;
}

static bool see_peer(void *ctx, const struct journal_peer *p)
{
    struct store *copy = ctx;
    struct store_batch b = {.count = 0};
    struct journal_peer first = *p;
    struct oops o;
    must(memchr(p->name, '\0', sizeof p->name) != NULL);
    journal_put_peer(&b, 1, p);
    store_of(&b, copy);
    must(journal_peers(copy, 1, same_peer, &first, &o) && o.text[0] == '\0');
    return true;
}

static void check_stream(const struct buf *stream, uint32_t count)
{
    struct record rr;
    size_t at = 0, len;
    bool damaged = false;
    uint32_t records = 0;
    while (record_next(stream->data, stream->len, &at, &rr, &damaged)) {
        must(name_check(rr.owner, NAME_SIZE, &len));
        records++;
    }
    must(!damaged && at == stream->len && records == count);
}

static void check_deltas(struct store *s, const struct journal_zone *row)
{
    struct change *changes = NULL;
    unsigned count = 0;
    uint32_t serial = row->image_serial;
    struct oops o = {""};
    struct journal_zone few = *row; /* a million of them are no more than eight */
    few.delta_next = few.delta_first + (few.delta_next - few.delta_first) % 8;
    if (!journal_read_deltas(s, &few, &changes, &count, &o)) {
        must(o.text[0] != '\0' && changes == NULL);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        must(!changes[i].first && changes[i].from == serial);
        serial = changes[i].to;
        check_stream(&changes[i].deleted, changes[i].deleted_count);
        check_stream(&changes[i].added, changes[i].added_count);
        change_free(&changes[i]);
    }
    must(serial == row->serial);
    free(changes);
}
