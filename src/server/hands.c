/* hands.c - long work by several threads at once. They are made for each piece of work and
 * joined before it ends: some 50 us each, for work of at least a hundred times that. Nothing is
 * kept between two. */
#include "server/hands.h"
#include "base/must.h"
#include <stdatomic.h>
#include <stdint.h>
#include <uv.h>

#define HANDS_MOST 16

struct work {
    void (*part)(void *arg, unsigned index);
    void *arg;
    unsigned parts;
    atomic_uint next;
};

static void run(void *ctx, unsigned parts, void (*part)(void *arg, unsigned index), void *arg);
static void take_parts(void *work);

struct hands hands_of_threads(unsigned count)
{
    count = count < HANDS_MOST ? count : HANDS_MOST;
    return (struct hands){.count = count, .run = run, .ctx = (void *)(uintptr_t)count};
}

static void run(void *ctx, unsigned parts, void (*part)(void *arg, unsigned index), void *arg)
{
    struct work w = {.part = part, .arg = arg, .parts = parts};
    uv_thread_t threads[HANDS_MOST];
    unsigned count = 0, most = (unsigned)(uintptr_t)ctx;
    atomic_init(&w.next, 0);
    while (count + 1 < parts && count + 1 < most &&
           uv_thread_create(&threads[count], take_parts, &w) == 0)
        count++;
    take_parts(&w);
    for (unsigned i = 0; i < count; i++)
        uv_thread_join(&threads[i]);
}

static void take_parts(void *work)
{
    struct work *w = work;
    unsigned index;
    while ((index = atomic_fetch_add_explicit(&w->next, 1, memory_order_relaxed)) < w->parts)
        w->part(w->arg, index);
}
