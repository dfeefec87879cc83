/* journal_desk.h - a journal in a directory of its own, and a hand that damages what is in it. */
#ifndef SETTLED_UNIT_JOURNAL_DESK_H
#define SETTLED_UNIT_JOURNAL_DESK_H

#include "journal/rows.h"
#include "journal/seal.h"
#include "journal_dir.h"
#include <string.h>

struct desk {
    char dir[DIR_PATH];
    struct store *store;
    struct store_batch batch;
    struct oops oops;
};

static inline void desk_start(struct desk *d)
{
    *d = (struct desk){.store = NULL};
    dir_make(d->dir);
    d->store = store_open(d->dir, &d->oops);
    ck_assert_msg(d->store != NULL, "%s", d->oops.text);
}

static inline void desk_stop(struct desk *d)
{
    batch_free(&d->batch);
    store_close(d->store);
    dir_remove(d->dir);
}

static inline void desk_commit(struct desk *d)
{
    ck_assert_msg(store_commit(d->store, &d->batch, &d->oops), "%s", d->oops.text);
    batch_free(&d->batch);
}

/* Flips the lowest bit of one octet of the value, counted from its end when below 0. */
static inline void desk_flip(struct desk *d, const struct seal_key *key, int at)
{
    struct buf value = {.len = 0};
    ck_assert(store_get(d->store, key->table, key->octets, key->len, &value, &d->oops));
    value.data[at < 0 ? value.len - (size_t)-at : (size_t)at] ^= 1;
    batch_put(&d->batch, key->table, key->octets, key->len, value.data, value.len);
    buf_free(&value);
    desk_commit(d);
}

/* Seals those octets there, whatever they are. */
static inline void desk_put(struct desk *d, const struct seal_key *key, const void *content,
                            size_t len)
{
    seal_put_octets(&d->batch, key, content, len);
    desk_commit(d);
}

static inline bool desk_count(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value,
                              size_t vlen)
{
    (void)key;
    (void)klen;
    (void)value;
    (void)vlen;
    ++*(unsigned *)ctx;
    return true;
}

/* How many values a table has below a key. */
static inline unsigned desk_values(struct desk *d, const struct seal_key *below)
{
    unsigned count = 0;
    ck_assert(store_scan(d->store, below->table, below->octets, below->len, desk_count, &count,
                         &d->oops));
    return count;
}

#endif
