/* counters.h - a number with a name for everything that happens often. Each worker has its own;
 * readers add them up. */
#ifndef SETTLED_COUNT_COUNTERS_H
#define SETTLED_COUNT_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum counter {
#define COUNTER(name, text) COUNT_##name,
#include "count/counters.def"
#undef COUNTER
    COUNTERS
};

struct counters { /* one writer; relaxed reads from anywhere */
    _Alignas(64) _Atomic uint64_t n[COUNTERS];
};

/* Adds one. The owner's thread only: a load and a store, no locked instruction. */
static inline void count(struct counters *c, enum counter which)
{
    atomic_store_explicit(&c->n[which],
                          atomic_load_explicit(&c->n[which], memory_order_relaxed) + 1,
                          memory_order_relaxed);
}
static inline uint64_t counted(const struct counters *c, enum counter which)
{
    return atomic_load_explicit(&((struct counters *)(uintptr_t)c)->n[which], memory_order_relaxed);
}
const char *counter_name(enum counter which);
const char *counter_text(enum counter which);

#endif
