/* store.h - the door to disk: an ordered key-value store with atomic, durable batches. LMDB in the
 * daemon (journal/store.c), memory with losable unsynced batches in tests/sim. What the bytes mean
 * is in rows.h. */
#ifndef SETTLED_JOURNAL_STORE_H
#define SETTLED_JOURNAL_STORE_H

#include "base/buf.h"
#include "base/oops.h"

enum store_table { STORE_ZONE, STORE_DELTA, STORE_IMAGE, STORE_PEER, STORE_CHANGE, STORE_TABLES };
#define STORE_KEY 300 /* longest key, octets */
#define STORE_VALUE                                                                                \
    1900 /* longest value; with keys up to 120 octets it needs no overflow pages                   \
          */

/* What one transaction does, in order: built anywhere (batch.c), carried out by store_commit. */
struct store_batch {
    struct buf ops; /* op, table, key length, key, value length, value */
    unsigned count;
};
void batch_put(struct store_batch *b, enum store_table t, const void *key, size_t klen,
               const void *value, size_t vlen);
void batch_delete(struct store_batch *b, enum store_table t, const void *key, size_t klen);
void batch_delete_below(struct store_batch *b, enum store_table t, const void *prefix,
                        size_t len); /* all keys with prefix */
/* Appends all of `from`; from is empty afterwards. */
void batch_join(struct store_batch *b, struct store_batch *from);
/* Memory ran out while it was built: it must not be committed (store_commit refuses it). */
bool batch_failed(const struct store_batch *b);
void batch_free(struct store_batch *b);
struct batch_op { /* for the doors */
    enum { BATCH_PUT, BATCH_DELETE, BATCH_DELETE_BELOW } what;
    enum store_table table;
    const uint8_t *key, *value;
    size_t klen, vlen;
};
bool batch_next(const struct store_batch *b, size_t *at, struct batch_op *op);

struct store;
/* Opens or creates the journal of the state directory `dir` (created 0700 if missing):
 * `dir`/journal. Says who has it if another process does. A damaged journal is not opened: see
 * store_set_aside. NULL: o. */
MUST_USE struct store *store_open(const char *dir, struct oops *o);
void store_close(struct store *s);
/* After store_open failed: moves a damaged journal of `dir` to `dir`/journal.damaged-<n>, whose
 * path is appended to `moved`, so that store_open then starts with an empty one. Looks for itself:
 * false (o) when another process has the journal, when nothing is wrong with it, or when it cannot
 * be moved. */
MUST_USE bool store_set_aside(const char *dir, struct buf *moved, struct oops *o);
/* All or nothing, on disk when it returns. One thread at a time (the disk's). On false (disk full,
 * EIO) nothing was changed and the store can be used further; the same batch may be tried again. */
MUST_USE bool store_commit(struct store *s, const struct store_batch *b, struct oops *o);
/* Appends the value to out. False: no such key, or (o has a text) damage, an error. Any thread. */
MUST_USE bool store_get(struct store *s, enum store_table t, const void *key, size_t klen,
                        struct buf *out, struct oops *o);
/* Visits keys with `prefix` in order; copies at most 1 MiB per transaction and holds none while
 * see() runs. see() false stops. False: an error (o). Any thread. */
MUST_USE bool store_scan(struct store *s, enum store_table t, const void *prefix, size_t len,
                         bool (*see)(void *ctx, const uint8_t *key, size_t klen,
                                     const uint8_t *value, size_t vlen),
                         void *ctx, struct oops *o);
/* Gives back the memory that reading and committing left mapped: pages of the file, which come
 * again when they are needed. Waits for what is under way, and holds up what comes meanwhile for as
 * long as two system calls take. The disk's thread. */
void store_rest(struct store *s);
/* Octets of disk in use by what is stored (not what the file once grew to), for metrics and the
 * bound over all journals. Any thread. */
uint64_t store_bytes(struct store *s);

#endif
