/* pool.c - a sorted list of jobs and threads that take the smallest. Among equals first come,
 * first served. */
#include "server/pool.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#define POOL_NICE 10

struct waiting {
    uint64_t size, order;
    struct pool_job *job;
};
struct pool {
    struct mailbox *to;
    uv_mutex_t lock;
    uv_cond_t some;
    struct waiting *heap; /* smallest first */
    size_t count, room;
    uint64_t next_order;
    bool stopping;
    unsigned threads;
    uv_thread_t ids[];
};

static void run(void *arg);
static bool before(const struct waiting *a, const struct waiting *b);
static void push(struct pool *p, struct waiting w);
static struct pool_job *pop(struct pool *p);

struct pool *pool_start(unsigned threads, struct mailbox *to, struct oops *o)
{
    struct pool *p = calloc(1, sizeof *p + threads * sizeof(uv_thread_t));
    if (p == NULL) {
        oops(o, "out of memory");
        return NULL;
    }
    p->to = to;
    must(uv_mutex_init(&p->lock) == 0 && uv_cond_init(&p->some) == 0);
    for (; p->threads < threads; p->threads++) {
        int rc = uv_thread_create(&p->ids[p->threads], run, p);
        if (rc == 0)
            continue;
        oops(o, "cannot start a pool thread: %s", uv_strerror(rc));
        pool_stop(p);
        return NULL;
    }
    return p;
}

void pool_add(struct pool *p, struct pool_job *job)
{
    uv_mutex_lock(&p->lock);
    push(p, (struct waiting){job->size, p->next_order++, job});
    uv_cond_signal(&p->some);
    uv_mutex_unlock(&p->lock);
}

void pool_stop(struct pool *p)
{
    if (p == NULL)
        return;
    uv_mutex_lock(&p->lock);
    p->stopping = true;
    uv_cond_broadcast(&p->some);
    uv_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++)
        uv_thread_join(&p->ids[i]);
    while (p->count > 0)
        mail_post(p->to, &pop(p)->letter);
    uv_cond_destroy(&p->some);
    uv_mutex_destroy(&p->lock);
    free(p->heap);
    free(p);
}

static void run(void *arg)
{
    struct pool *p = arg;
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), POOL_NICE);
    for (;;) {
        uv_mutex_lock(&p->lock);
        while (p->count == 0 && !p->stopping)
            uv_cond_wait(&p->some, &p->lock);
        struct pool_job *job = p->stopping ? NULL : pop(p);
        uv_mutex_unlock(&p->lock);
        if (job == NULL)
            return;
        job->run(job->ctx);
        mail_post(p->to, &job->letter);
    }
}

static bool before(const struct waiting *a, const struct waiting *b)
{
    return a->size != b->size ? a->size < b->size : a->order < b->order;
}

static void push(struct pool *p, struct waiting w)
{
    if (p->count == p->room) {
        p->room = p->room == 0 ? 64 : p->room * 2;
        p->heap = realloc(p->heap, p->room * sizeof *p->heap);
        must(p->heap != NULL);
    }
    size_t at = p->count++;
    while (at > 0 && before(&w, &p->heap[(at - 1) / 2])) {
        p->heap[at] = p->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    p->heap[at] = w;
}

static struct pool_job *pop(struct pool *p)
{
    struct pool_job *job = p->heap[0].job;
    struct waiting w = p->heap[--p->count];
    size_t at = 0, child;
    while ((child = at * 2 + 1) < p->count) {
        if (child + 1 < p->count && before(&p->heap[child + 1], &p->heap[child]))
            child++;
        if (!before(&p->heap[child], &w))
            break;
        p->heap[at] = p->heap[child];
        at = child;
    }
    p->heap[at] = w;
    return job;
}
