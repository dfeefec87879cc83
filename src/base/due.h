/* due.h - everything old has a due time: a heap of them, earliest first.
 * A `struct due` lives inside the thing it wakes; the heap holds pointers only. One thread at a
 * time. Equal times come out in the order they were set, so that a simulation has one trace. */
#ifndef SETTLED_BASE_DUE_H
#define SETTLED_BASE_DUE_H

#include "base/clock.h"
#include "base/must.h"
#include <stddef.h>

struct due { /* small: ten thousand zones have several each */
    struct mono at;
    void *owner;
    uint32_t order;      /* set by due_set: ties go first come first served */
    uint32_t place : 28; /* 1-based place in the heap, 0: not set */
    uint32_t kind : 4;   /* the owner's: which of its due times this is */
};
#define DUE_MOST ((UINT32_C(1) << 28) - 1) /* in one heap */
struct due_heap {
    struct due **items;
    size_t count, room;
    uint32_t next_order;
};

/* Sets or moves; false only when memory ran out (the due is then not set). */
MUST_USE bool due_set(struct due_heap *h, struct due *d, struct mono at);
/* Sets, or moves to `at` if that is earlier than what is set. */
MUST_USE bool due_no_later(struct due_heap *h, struct due *d, struct mono at);
void due_clear(struct due_heap *h, struct due *d);
static inline bool due_is_set(const struct due *d)
{
    return d->place != 0;
}
/* Takes out and returns the earliest that is at or before `now`, or NULL. */
struct due *due_take(struct due_heap *h, struct mono now);
/* When the earliest is due, MONO_NEVER when empty. */
struct mono due_next(const struct due_heap *h);
void due_heap_free(struct due_heap *h); /* frees the table, not the owners */

#endif
