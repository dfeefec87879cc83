/* lock.h - a lock for a few microseconds: one shard of the cache, or one stripe of its claims.
 * Spinning, on C11 atomics: no thread call in the core, and TSan understands it. Whoever holds one
 * calls nothing that can wait and does a bounded amount of work. Only the sweep holds two: its own,
 * then a shard's. All zero is a free lock. */
#ifndef SETTLED_CACHE_LOCK_H
#define SETTLED_CACHE_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>

struct lock {
    _Atomic bool taken;
};

static inline void lock_take(struct lock *l)
{
    while (atomic_exchange_explicit(&l->taken, true, memory_order_acquire)) {
        while (atomic_load_explicit(&l->taken, memory_order_relaxed)) {
            /* reading alone leaves the line shared until the holder writes it */
        }
    }
}
static inline void lock_give(struct lock *l)
{
    atomic_store_explicit(&l->taken, false, memory_order_release);
}

#endif
