/* epoch.h - freeing what readers may still look at. Each thread has a slot; it reads shared
 * pointers only between epoch_enter and epoch_leave. What was replaced is retired by any slot's
 * thread and freed after every thread that was inside has left. Nothing here blocks. C11 atomics
 * only, so that TSan understands it. */
#ifndef SETTLED_BASE_EPOCH_H
#define SETTLED_BASE_EPOCH_H

#include "base/must.h"
#include <stdbool.h>
#include <stdint.h>

struct epoch;
struct retired { /* embedded in what is retired */
    struct retired *next;
    void (*free)(struct retired *r, void *ctx);
    void *ctx;
};

MUST_USE struct epoch *epoch_new(unsigned slots); /* NULL: no memory */
/* Frees all that is still retired, then the domain. No thread may be inside. */
void epoch_free(struct epoch *e);
void epoch_enter(struct epoch *e, unsigned slot);
void epoch_leave(struct epoch *e, unsigned slot);
/* Hands `r` over; `free` runs later on this slot's thread, from epoch_sweep. Outside or inside the
 * epoch. */
void epoch_retire(struct epoch *e, unsigned slot, struct retired *r,
                  void (*free)(struct retired *, void *), void *ctx);
/* Frees what this slot retired and nobody can see any more; at most `most` things. Returns how many
 * are left. */
unsigned epoch_sweep(struct epoch *e, unsigned slot, unsigned most);
/* A moment; epoch_passed is true once every slot was outside, or entered anew, since then. Any
 * thread. */
uint64_t epoch_mark(struct epoch *e);
bool epoch_passed(struct epoch *e, uint64_t mark);

#endif
