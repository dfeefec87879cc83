/* hands.h - a piece of long work done by several threads at once, without saying here what a
 * thread is: the shell, the tests and the simulation each have their own. NULL, or one hand: one
 * part after the other, by the caller. */
#ifndef SETTLED_BASE_HANDS_H
#define SETTLED_BASE_HANDS_H

#include <stddef.h>

struct hands {
    unsigned count; /* threads that may work at the same time, the caller's included */
    /* Calls part(arg, 0) to part(arg, parts - 1), in any order, on any of its threads, and returns
     * when all are through: what they wrote the caller sees. */
    void (*run)(void *ctx, unsigned parts, void (*part)(void *arg, unsigned index), void *arg);
    void *ctx;
    size_t least; /* less work, in whatever it is counted, is not parted; 0: what is good */
};

static inline unsigned hands_count(const struct hands *h)
{
    return h != NULL && h->count > 1 ? h->count : 1;
}

static inline size_t hands_least(const struct hands *h, size_t good)
{
    return h != NULL && h->least != 0 ? h->least : good;
}

static inline void hands_run(const struct hands *h, unsigned parts,
                             void (*part)(void *arg, unsigned index), void *arg)
{
    if (parts > 1 && hands_count(h) > 1) {
        h->run(h->ctx, parts, part, arg);
        return;
    }
    for (unsigned i = 0; i < parts; i++) {
        part(arg, i);
    }
}

#endif
