/* store.c - journal/store.h in memory: one sorted list of keys for each table. A batch is taken
 * whole or, when the disk is full, not at all; what store_commit took survives the process, as it
 * does on a disk that was synced. */
#include "base/hash.h"
#include "simstore.h"
#include <stdlib.h>
#include <string.h>

struct entry {
    size_t klen, vlen;
    uint8_t key[STORE_KEY];
    uint8_t value[];
};
struct table {
    struct entry **items; /* by key */
    size_t count, room;
};
struct sim_disk {
    struct table tables[STORE_TABLES];
    bool full;
};
struct store {
    struct sim_disk *disk;
};

static void carry_out(struct sim_disk *d, const struct batch_op *op);
static size_t place_of(const struct table *t, const void *key, size_t klen, bool *there);
static int compare(const struct entry *e, const void *key, size_t klen);
static bool is_below(const struct entry *e, const void *prefix, size_t len);
static void put(struct table *t, const struct batch_op *op);
static void take_out(struct table *t, size_t at);

struct sim_disk *sim_disk_new(void)
{
    return calloc(1, sizeof(struct sim_disk));
}

void sim_disk_free(struct sim_disk *d)
{
    for (unsigned i = 0; d != NULL && i < STORE_TABLES; i++) {
        while (d->tables[i].count > 0)
            take_out(&d->tables[i], d->tables[i].count - 1);
        free(d->tables[i].items);
    }
    free(d);
}

void sim_disk_full(struct sim_disk *d, bool full)
{
    d->full = full;
}

uint64_t sim_disk_hash(const struct sim_disk *d)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < STORE_TABLES; i++)
        for (size_t j = 0; j < d->tables[i].count; j++) {
            const struct entry *e = d->tables[i].items[j];
            hash = hash_mix(hash, hash_bytes(e->key, e->klen, i));
            hash = hash_mix(hash, hash_bytes(e->value, e->vlen, i));
        }
    return hash;
}

struct store *sim_store_open(struct sim_disk *d)
{
    struct store *s = calloc(1, sizeof *s);
    if (s != NULL)
        s->disk = d;
    return s;
}

void store_close(struct store *s)
{
    free(s);
}

bool store_commit(struct store *s, const struct store_batch *b, struct oops *o)
{
    struct batch_op op;
    if (s->disk->full)
        return oops(o, "cannot write the journal: No space left on device");
    if (batch_failed(b))
        return oops(o, "out of memory");
    for (size_t at = 0; batch_next(b, &at, &op);)
        carry_out(s->disk, &op);
    return true;
}

bool store_get(struct store *s, enum store_table t, const void *key, size_t klen, struct buf *out,
               struct oops *o)
{
    bool there;
    size_t at = place_of(&s->disk->tables[t], key, klen, &there);
    oops(o, "%s", "");
    if (there)
        buf_add(out, s->disk->tables[t].items[at]->value, s->disk->tables[t].items[at]->vlen);
    return there;
}

bool store_scan(struct store *s, enum store_table t, const void *prefix, size_t len,
                bool (*see)(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value,
                            size_t vlen),
                void *ctx, struct oops *o)
{
    bool there;
    const struct table *table = &s->disk->tables[t];
    (void)o;
    for (size_t at = place_of(table, prefix, len, &there); at < table->count; at++) {
        const struct entry *e = table->items[at];
        if (!is_below(e, prefix, len) || !see(ctx, e->key, e->klen, e->value, e->vlen))
            break;
    }
    return true;
}

uint64_t store_bytes(struct store *s)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < STORE_TABLES; i++)
        for (size_t j = 0; j < s->disk->tables[i].count; j++)
            bytes += s->disk->tables[i].items[j]->klen + s->disk->tables[i].items[j]->vlen;
    return bytes;
}

static void carry_out(struct sim_disk *d, const struct batch_op *op)
{
    struct table *t = &d->tables[op->table];
    bool there;
    size_t at = place_of(t, op->key, op->klen, &there);
    switch (op->what) {
    case BATCH_PUT:
        put(t, op);
        break;
    case BATCH_DELETE:
        if (there)
            take_out(t, at);
        break;
    case BATCH_DELETE_BELOW:
        while (at < t->count && is_below(t->items[at], op->key, op->klen))
            take_out(t, at);
        break;
    }
}

/* Where the key stands, or would stand. */
static size_t place_of(const struct table *t, const void *key, size_t klen, bool *there)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(t->items[middle], key, klen) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *there = low < t->count && compare(t->items[low], key, klen) == 0;
    return low;
}

static int compare(const struct entry *e, const void *key, size_t klen)
{
    size_t both = e->klen < klen ? e->klen : klen;
    int order = both == 0 ? 0 : memcmp(e->key, key, both);
    if (order != 0)
        return order;
    return e->klen < klen ? -1 : e->klen > klen;
}

static bool is_below(const struct entry *e, const void *prefix, size_t len)
{
    return e->klen >= len && (len == 0 || memcmp(e->key, prefix, len) == 0);
}

static void put(struct table *t, const struct batch_op *op)
{
    bool there;
    size_t at = place_of(t, op->key, op->klen, &there);
    struct entry *e = calloc(1, sizeof *e + op->vlen);
    must(e != NULL);
    e->klen = op->klen;
    e->vlen = op->vlen;
    memcpy(e->key, op->key, op->klen);
    memcpy(e->value, op->value, op->vlen);
    if (there) {
        free(t->items[at]);
        t->items[at] = e;
        return;
    }
    if (t->count == t->room) {
        t->room = t->room == 0 ? 16 : t->room * 2;
        t->items = realloc(t->items, t->room * sizeof *t->items);
        must(t->items != NULL);
    }
    memmove(t->items + at + 1, t->items + at, (t->count - at) * sizeof *t->items);
    t->items[at] = e;
    t->count++;
}

static void take_out(struct table *t, size_t at)
{
    free(t->items[at]);
    t->count--;
    memmove(t->items + at, t->items + at + 1, (t->count - at) * sizeof *t->items);
}
