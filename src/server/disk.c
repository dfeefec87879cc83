/* disk.c - group commit: one LMDB transaction at a time; whatever arrived meanwhile is the next.
 * Nobody waits to fill a group. Disk thread: takes the list of orders, joins their batches,
 * commits, mails the answers. When the joined batch fails, each order is tried alone, so that
 * one too large for the disk does not spoil the others. Between orders it gives back the memory that
 * commits left, once it was asked to (disk_rest). */
#include "server/disk.h"
#include <stdlib.h>
#include <uv.h>

#define GROUP_BYTES                                                                                \
    (16u                                                                                           \
     << 20) /* joined batches stay below this: the longest a small commit waits for large ones */

struct order {
    struct order *next;
    uint64_t number;
    struct store_batch batch;
    struct disk_done *done; /* allocated with the order: an answer never fails for want of memory */
};
struct disk {
    struct store *store;
    struct mailbox *to;
    int kind;
    uv_thread_t thread;
    uv_mutex_t lock;
    uv_cond_t some;
    struct order *first, *last;
    bool stopping, resting;
};

static void run(void *arg);
static struct order *take(struct disk *d);
static void wait_or_rest(struct disk *d);
static struct order *cut_group(struct order *all, struct order **rest);
static void commit_group(struct disk *d, struct order *group);
static void answer_order(struct disk *d, struct order *o, bool ok, const struct oops *why);

struct disk *disk_start(struct store *store, struct mailbox *to, int kind, struct oops *o)
{
    struct disk *d = calloc(1, sizeof *d);
    if (d == NULL) {
        oops(o, "out of memory");
        return NULL;
    }
    d->store = store;
    d->to = to;
    d->kind = kind;
    must(uv_mutex_init(&d->lock) == 0 && uv_cond_init(&d->some) == 0);
    int rc = uv_thread_create(&d->thread, run, d);
    if (rc == 0)
        return d;
    oops(o, "cannot start the disk thread: %s", uv_strerror(rc));
    free(d);
    return NULL;
}

void disk_commit(struct disk *d, uint64_t number, struct store_batch *batch)
{
    struct order *o = calloc(1, sizeof *o);
    must(o != NULL);
    o->done = calloc(1, sizeof *o->done);
    must(o->done != NULL);
    o->number = number;
    o->batch = *batch;
    *batch = (struct store_batch){0};
    uv_mutex_lock(&d->lock);
    if (d->last == NULL)
        d->first = o;
    else
        d->last->next = o;
    d->last = o;
    uv_cond_signal(&d->some);
    uv_mutex_unlock(&d->lock);
}

void disk_rest(struct disk *d)
{
    uv_mutex_lock(&d->lock);
    d->resting = true;
    uv_cond_signal(&d->some);
    uv_mutex_unlock(&d->lock);
}

void disk_stop(struct disk *d)
{
    if (d == NULL)
        return;
    uv_mutex_lock(&d->lock);
    d->stopping = true;
    uv_cond_signal(&d->some);
    uv_mutex_unlock(&d->lock);
    uv_thread_join(&d->thread);
    uv_cond_destroy(&d->some);
    uv_mutex_destroy(&d->lock);
    free(d);
}

static void run(void *arg)
{
    struct disk *d = arg;
    struct order *rest;
    while ((rest = take(d)) != NULL)
        while (rest != NULL)
            commit_group(d, cut_group(rest, &rest));
}

/* All that waits; NULL: stop. */
static struct order *take(struct disk *d)
{
    uv_mutex_lock(&d->lock);
    while (d->first == NULL && !d->stopping)
        wait_or_rest(d);
    struct order *all = d->first;
    d->first = d->last = NULL;
    uv_mutex_unlock(&d->lock);
    return all;
}

static void wait_or_rest(struct disk *d)
{
    if (!d->resting) {
        uv_cond_wait(&d->some, &d->lock);
        return;
    }
    d->resting = false;
    uv_mutex_unlock(&d->lock);
    store_rest(d->store);
    uv_mutex_lock(&d->lock);
}

static struct order *cut_group(struct order *all, struct order **rest)
{
    size_t bytes = all->batch.ops.len;
    struct order *last = all;
    while (last->next != NULL && bytes + last->next->batch.ops.len <= GROUP_BYTES) {
        last = last->next;
        bytes += last->batch.ops.len;
    }
    *rest = last->next;
    last->next = NULL;
    return all;
}

static void commit_group(struct disk *d, struct order *group)
{
    struct store_batch joined = {0};
    struct oops why = {{0}};
    bool ok = false;
    if (group->next != NULL) {
        for (const struct order *o = group; o != NULL; o = o->next) {
            buf_add(&joined.ops, o->batch.ops.data, o->batch.ops.len);
            joined.count += o->batch.count;
            joined.ops.failed = joined.ops.failed || batch_failed(&o->batch);
        }
        ok = !joined.ops.failed && store_commit(d->store, &joined, &why);
        batch_free(&joined);
    }
    while (group != NULL) {
        struct order *next = group->next;
        why.text[0] = 0;
        answer_order(d, group, ok || store_commit(d->store, &group->batch, &why), &why);
        group = next;
    }
}

static void answer_order(struct disk *d, struct order *o, bool ok, const struct oops *why)
{
    struct disk_done *done = o->done;
    done->letter.kind = d->kind;
    done->number = o->number;
    done->ok = ok;
    done->why = *why;
    batch_free(&o->batch);
    free(o);
    mail_post(d->to, &done->letter);
}
