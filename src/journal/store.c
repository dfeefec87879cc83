/* store.c - the only file that knows LMDB: one environment, one tree, each key with its table's
 * number in front.
 *
 * store_commit runs on the disk thread, reads on any. Every read transaction lives within one call
 * here and copies what it gives, so that old pages are free to be used again. The lock is for the
 * moments when LMDB wants the environment to itself: growing the map, opening it again after a
 * write of its head failed (LMDB then refuses all further writes), and mapping it anew to give
 * memory back.
 *
 * A batch is on disk when mdb_txn_commit returns: data pages are written and synced before the head
 * that makes them count, so kill -9 or a power cut leaves the old state or the new one. The one
 * exception a caller can see: when the very last write, the head's, fails with EIO, the disk may
 * have taken it all the same, and a later start may find the batch committed. */
#include "journal/store.h"
#include "journal/store_map.h"
#include "journal/store_pages.h"
#include "journal/store_place.h"
#include <errno.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MAP_FIRST  (UINT64_C(64) << 30) /* sparse: address space, not disk */
#define MAP_LEAST  (UINT64_C(64) << 20)
#define READERS    256  /* read transactions at one time, over all threads */
#define SCAN_FIRST 4096 /* octets copied by a scan's first transaction: many scans stop at once */
#define SCAN_MOST  (1u << 20) /* octets copied in one transaction */
#define TRIES      16         /* of one commit: the map doubles with each */
#define TABLE_KEY  (1 + STORE_KEY)

struct store {
    struct place place;
    MDB_env *env;
    MDB_dbi tree;
    uint64_t map_size;
    pthread_rwlock_t lock; /* read: env is used; write: it is replaced, grown or mapped anew */
};
struct scan {
    const uint8_t *prefix;    /* table's number included */
    size_t len, most;         /* most: octets to copy in the next transaction */
    struct store_batch items; /* copied by the last one */
    bool more;
    uint8_t last[TABLE_KEY]; /* last key copied */
    size_t last_len;
};

static bool open_env(struct store *s, uint64_t map_size, struct oops *o);
static int try_open(struct store *s, uint64_t map_size);
static int open_tree(struct store *s);
static int carry_out(struct store *s, const struct store_batch *b);
static int carry_out_op(struct store *s, MDB_txn *txn, const struct batch_op *op);
static int delete_below(struct store *s, MDB_txn *txn, MDB_val *prefix);
static bool recover(struct store *s, int rc);
static bool failed(const struct store *s, const char *what, int rc, struct oops *o);
static size_t full_key(uint8_t out[TABLE_KEY], enum store_table t, const void *key, size_t klen);
static int get(struct store *s, MDB_val *key, struct buf *out);
static int copy_slice(struct store *s, struct scan *scan);
static int copy_items(MDB_cursor *cursor, struct scan *scan);
static int start_slice(MDB_cursor *cursor, const struct scan *scan, MDB_val *key, MDB_val *value);

struct store *store_open(const char *dir, struct oops *o)
{
    return store_open_map(dir, MAP_FIRST, o);
}

struct store *store_open_map(const char *dir, uint64_t map_size, struct oops *o)
{
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL) {
        oops(o, "state directory %s: out of memory", dir);
        return NULL;
    }
    if (!place_take(&s->place, dir, o)) {
        free(s);
        return NULL;
    }
    bool open = pages_check(s->place.data, o) == PAGES_SOUND;
    if (!open) {
        oops_in(o, "the journal is damaged or cannot be read");
    }
    if (!open || !open_env(s, map_size, o)) {
        place_leave(&s->place);
        free(s);
        return NULL;
    }
    must(pthread_rwlock_init(&s->lock, NULL) == 0);
    return s;
}

void store_close(struct store *s)
{
    if (s == NULL) {
        return;
    }
    if (s->env != NULL) {
        mdb_env_close(s->env);
    }
    pthread_rwlock_destroy(&s->lock);
    place_leave(&s->place);
    free(s);
}

bool store_set_aside(const char *dir, struct buf *moved, struct oops *o)
{
    struct place place;
    struct oops why = {""};
    if (!place_take(&place, dir, o)) {
        return false;
    }
    bool done = false;
    switch (pages_check(place.data, &why)) {
    case PAGES_SOUND:
        oops(o, "nothing is wrong with the journal %s", place.journal);
        break;
    case PAGES_UNREAD:
        oops(o, "the journal cannot be read: %s", why.text);
        break;
    case PAGES_DAMAGED:
        done = place_set_aside(&place, moved, o);
        break;
    }
    place_leave(&place);
    return done;
}

/* LMDB needs address space for the whole map; where that is scarce a smaller one does, and grows
 * when it is full. */
static bool open_env(struct store *s, uint64_t map_size, struct oops *o)
{
    int rc = try_open(s, map_size);
    while (rc == ENOMEM && map_size > MAP_LEAST) {
        map_size /= 2;
        rc = try_open(s, map_size);
    }
    s->map_size = map_size;
    return rc == 0 || failed(s, "open", rc, o);
}

static int try_open(struct store *s, uint64_t map_size)
{
    int rc = mdb_env_create(&s->env);
    if (rc != 0) {
        s->env = NULL;
        return rc;
    }
    rc = mdb_env_set_mapsize(s->env, map_size);
    rc = rc != 0 ? rc : mdb_env_set_maxreaders(s->env, READERS);
    /* NOTLS: a reader's place belongs to the transaction, so that any pool thread may read */
    rc = rc != 0 ? rc : mdb_env_open(s->env, s->place.journal, MDB_NOTLS, 0600);
    rc = rc != 0 ? rc : open_tree(s);
    if (rc != 0) {
        mdb_env_close(s->env);
        s->env = NULL;
    }
    return rc;
}

static int open_tree(struct store *s)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = mdb_dbi_open(txn, NULL, 0, &s->tree);
    mdb_txn_abort(txn);
    return rc;
}

bool store_commit(struct store *s, const struct store_batch *b, struct oops *o)
{
    if (batch_failed(b)) {
        return oops(o, "journal %s: out of memory", s->place.journal);
    }
    int rc = 0;
    for (unsigned tries = 0; tries < TRIES; tries++) {
        pthread_rwlock_rdlock(&s->lock);
        rc = carry_out(s, b);
        pthread_rwlock_unlock(&s->lock);
        if (rc == 0 || !recover(s, rc)) {
            break;
        }
    }
    return rc == 0 || failed(s, "write", rc, o);
}

static int carry_out(struct store *s, const struct store_batch *b)
{
    MDB_txn *txn;
    struct batch_op op;
    size_t at = 0;
    if (s->env == NULL) {
        return MDB_PANIC;
    }
    int rc = mdb_txn_begin(s->env, NULL, 0, &txn);
    if (rc != 0) {
        return rc;
    }
    while (rc == 0 && batch_next(b, &at, &op)) {
        rc = carry_out_op(s, txn, &op);
    }
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    return mdb_txn_commit(txn); /* aborts by itself when it fails */
}

static int carry_out_op(struct store *s, MDB_txn *txn, const struct batch_op *op)
{
    uint8_t octets[TABLE_KEY];
    MDB_val key = {.mv_size = full_key(octets, op->table, op->key, op->klen), .mv_data = octets};
    uint8_t copy[STORE_VALUE];
    MDB_val value = {.mv_size = op->vlen, .mv_data = copy};
    int rc;
    switch (op->what) {
    case BATCH_PUT:
        if (op->vlen > 0) {
            memcpy(copy, op->value, op->vlen);
        }
        return mdb_put(txn, s->tree, &key, &value, 0);
    case BATCH_DELETE:
        rc = mdb_del(txn, s->tree, &key, NULL);
        return rc == MDB_NOTFOUND ? 0 : rc;
    case BATCH_DELETE_BELOW:
        return delete_below(s, txn, &key);
    }
    return 0;
}

static int delete_below(struct store *s, MDB_txn *txn, MDB_val *prefix)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, s->tree, &cursor);
    if (rc != 0) {
        return rc;
    }
    for (;;) {
        MDB_val key = *prefix, value;
        rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        if (rc != 0 || key.mv_size < prefix->mv_size ||
            memcmp(key.mv_data, prefix->mv_data, prefix->mv_size) != 0) {
            break;
        }
        rc = mdb_cursor_del(cursor, 0);
        if (rc != 0) {
            break;
        }
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* What can be done after a failed commit, once each time: a full map grows; after a failed write of
 * the head LMDB refuses to write until it is opened again. True: worth another try. */
static bool recover(struct store *s, int rc)
{
    if (rc != MDB_MAP_FULL && rc != MDB_PANIC) {
        return false;
    }
    pthread_rwlock_wrlock(&s->lock);
    uint64_t before = s->map_size;
    if (s->env != NULL) {
        mdb_env_close(s->env);
        s->env = NULL;
    }
    bool sound = pages_check(s->place.data, NULL) == PAGES_SOUND;
    bool open = sound && open_env(s, rc == MDB_MAP_FULL ? before * 2 : before, NULL);
    pthread_rwlock_unlock(&s->lock);
    return open && (rc != MDB_MAP_FULL || s->map_size > before);
}

static bool failed(const struct store *s, const char *what, int rc, struct oops *o)
{
    if (rc == MDB_MAP_FULL) {
        return oops(o, "journal %s: cannot %s: it is full at %llu MiB of address space",
                    s->place.journal, what, (unsigned long long)(s->map_size >> 20));
    }
    return oops(o, "journal %s: cannot %s: %s", s->place.journal, what, mdb_strerror(rc));
}

static size_t full_key(uint8_t out[TABLE_KEY], enum store_table t, const void *key, size_t klen)
{
    must(t < STORE_TABLES && klen <= STORE_KEY);
    out[0] = (uint8_t)t;
    if (klen > 0) {
        memcpy(out + 1, key, klen);
    }
    return klen + 1;
}

bool store_get(struct store *s, enum store_table t, const void *key, size_t klen, struct buf *out,
               struct oops *o)
{
    uint8_t octets[TABLE_KEY];
    MDB_val k = {.mv_size = full_key(octets, t, key, klen), .mv_data = octets};
    oops(o, "%s", "");
    pthread_rwlock_rdlock(&s->lock);
    int rc = get(s, &k, out);
    pthread_rwlock_unlock(&s->lock);
    if (rc == MDB_NOTFOUND) {
        return false;
    }
    return rc == 0 || failed(s, "read", rc, o);
}

static int get(struct store *s, MDB_val *key, struct buf *out)
{
    MDB_txn *txn;
    MDB_val value;
    int rc = s->env == NULL ? MDB_PANIC : mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = mdb_get(txn, s->tree, key, &value);
    if (rc == 0 && value.mv_size > STORE_VALUE) {
        rc = MDB_CORRUPTED; /* we never wrote it */
    }
    if (rc == 0) {
        buf_add(out, value.mv_data, value.mv_size);
        rc = out->failed ? ENOMEM : 0;
    }
    mdb_txn_abort(txn);
    return rc;
}

bool store_scan(struct store *s, enum store_table t, const void *prefix, size_t len,
                bool (*see)(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value,
                            size_t vlen),
                void *ctx, struct oops *o)
{
    uint8_t octets[TABLE_KEY];
    struct scan scan = {
        .prefix = octets, .len = full_key(octets, t, prefix, len), .most = SCAN_FIRST};
    int rc = 0;
    bool go = true;
    do {
        pthread_rwlock_rdlock(&s->lock);
        rc = copy_slice(s, &scan);
        pthread_rwlock_unlock(&s->lock);
        size_t at = 0;
        struct batch_op item;
        while (rc == 0 && go && batch_next(&scan.items, &at, &item)) {
            go = see(ctx, item.key, item.klen, item.value, item.vlen);
        }
        scan.most = scan.most * 8 < SCAN_MOST ? scan.most * 8 : SCAN_MOST;
    } while (rc == 0 && go && scan.more);
    batch_free(&scan.items);
    return rc == 0 || failed(s, "read", rc, o);
}

/* Copies the next items into the scan, in a transaction of its own. */
static int copy_slice(struct store *s, struct scan *scan)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    int rc = s->env == NULL ? MDB_PANIC : mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = mdb_cursor_open(txn, s->tree, &cursor);
    if (rc == 0) {
        rc = copy_items(cursor, scan);
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return rc;
}

static int copy_items(MDB_cursor *cursor, struct scan *scan)
{
    MDB_val key, value;
    int rc = start_slice(cursor, scan, &key, &value);
    scan->items.ops.len = 0;
    scan->more = false;
    while (rc == 0 && key.mv_size >= scan->len &&
           memcmp(key.mv_data, scan->prefix, scan->len) == 0) {
        if (scan->items.ops.len >= scan->most) {
            scan->more = true;
            return 0;
        }
        if (key.mv_size < 2 || key.mv_size > TABLE_KEY || value.mv_size > STORE_VALUE) {
            return MDB_CORRUPTED; /* we never wrote it */
        }
        memcpy(scan->last, key.mv_data, key.mv_size);
        scan->last_len = key.mv_size;
        batch_put(&scan->items, scan->prefix[0], scan->last + 1, key.mv_size - 1, value.mv_data,
                  value.mv_size);
        rc = batch_failed(&scan->items) ? ENOMEM : mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* At the first key with the prefix, or behind the last one that was copied. */
static int start_slice(MDB_cursor *cursor, const struct scan *scan, MDB_val *key, MDB_val *value)
{
    uint8_t from[TABLE_KEY];
    bool again = scan->last_len > 0;
    key->mv_size = again ? scan->last_len : scan->len;
    memcpy(from, again ? scan->last : scan->prefix, key->mv_size);
    key->mv_data = from;
    int rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (rc == 0 && again && key->mv_size == scan->last_len &&
        memcmp(key->mv_data, scan->last, scan->last_len) == 0) {
        rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
    }
    return rc;
}

/* LMDB maps the file anew when it is told its size, also when that is the same. */
void store_rest(struct store *s)
{
    pthread_rwlock_wrlock(&s->lock);
    if (s->env != NULL && mdb_env_set_mapsize(s->env, s->map_size) != 0) {
        mdb_env_close(s->env); /* it has no map now */
        s->env = NULL;
        (void)open_env(s, s->map_size, NULL); /* if not, the next commit opens it */
    }
    pthread_rwlock_unlock(&s->lock);
}

uint64_t store_bytes(struct store *s)
{
    MDB_stat stat = {.ms_psize = 0};
    pthread_rwlock_rdlock(&s->lock);
    if (s->env == NULL || mdb_env_stat(s->env, &stat) != 0) {
        stat.ms_psize = 0;
    }
    pthread_rwlock_unlock(&s->lock);
    return (uint64_t)stat.ms_psize *
           (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages);
}
