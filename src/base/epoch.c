/* epoch.c - freeing what readers may still look at, by counting moments.
 *
 * `now` counts marks. A slot holds 0 outside, else the `now` its thread read on the way in. A mark
 * is passed when every slot is 0 or holds at least the mark. Why that is enough, without a fence
 * (TSan does not know fences):
 * - Slot holds at least the mark: its thread read `now` after the marker's increment, hence
 * (acquire) after what the marker did before: it sees the new pointers. What it did before it
 * entered anew happened before.
 * - Slot is 0: epoch_passed reads it with a read-modify-write. A thread that enters later swaps its
 * slot, reads what we wrote there, and so happens after us: it too sees the new pointers, even if
 * the `now` it brings is old. So epoch_passed may turn false again for a mark that was passed; that
 * costs a wait, never a use after free.
 *
 * What a slot retires gathers in `fresh`; a sweep turns all of it into one batch with one mark, and
 * frees the batch when the mark has passed. Retiring itself touches nothing shared. */
#include "base/epoch.h"
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

struct slot {
    /* 0: outside. Own cache line, so that slots do not disturb each other. */
    _Alignas(64) _Atomic uint64_t inside;
    /* The rest is the slot's thread's alone. */
    struct retired *fresh; /* retired since the batch was marked, newest first */
    struct retired *batch; /* waits for `mark` */
    uint64_t mark;
    unsigned left; /* in fresh and batch */
};
struct epoch {
    _Alignas(64) _Atomic uint64_t now;
    unsigned slots;
    struct slot slot[];
};

static struct slot *slot_of(struct epoch *e, unsigned slot);
static bool slot_passed(struct slot *s, uint64_t mark);
static void free_first(struct slot *s);

struct epoch *epoch_new(unsigned slots)
{
    size_t size = sizeof(struct epoch) + slots * sizeof(struct slot);
    struct epoch *e = aligned_alloc(_Alignof(struct epoch), size);
    if (e == NULL) {
        return NULL;
    }
    atomic_init(&e->now, 1);
    e->slots = slots;
    for (unsigned i = 0; i < slots; i++) {
        e->slot[i] = (struct slot){.left = 0};
        atomic_init(&e->slot[i].inside, 0);
    }
    return e;
}

void epoch_free(struct epoch *e)
{
    if (e == NULL) {
        return;
    }
    bool again = true;
    while (again) { /* a free function may retire more, on any slot */
        again = false;
        for (unsigned i = 0; i < e->slots; i++) {
            must(atomic_load_explicit(&e->slot[i].inside, memory_order_acquire) == 0);
            again = again || e->slot[i].left > 0;
            epoch_sweep(e, i, e->slot[i].left);
        }
    }
    free(e);
}

void epoch_enter(struct epoch *e, unsigned slot)
{
    uint64_t now = atomic_load_explicit(&e->now, memory_order_acquire);
    must(atomic_exchange_explicit(&slot_of(e, slot)->inside, now, memory_order_acq_rel) == 0);
}

void epoch_leave(struct epoch *e, unsigned slot)
{
    struct slot *s = slot_of(e, slot);
    must(atomic_load_explicit(&s->inside, memory_order_relaxed) != 0);
    atomic_store_explicit(&s->inside, 0, memory_order_release);
}

static struct slot *slot_of(struct epoch *e, unsigned slot)
{
    must(slot < e->slots);
    return &e->slot[slot];
}

void epoch_retire(struct epoch *e, unsigned slot, struct retired *r,
                  void (*free)(struct retired *, void *), void *ctx)
{
    struct slot *s = slot_of(e, slot);
    *r = (struct retired){.next = s->fresh, .free = free, .ctx = ctx};
    s->fresh = r;
    s->left++;
}

unsigned epoch_sweep(struct epoch *e, unsigned slot, unsigned most)
{
    struct slot *s = slot_of(e, slot);
    while (most > 0 && s->left > 0) {
        if (s->batch == NULL) {
            s->batch = s->fresh;
            s->fresh = NULL;
            s->mark = epoch_mark(e);
        }
        if (!epoch_passed(e, s->mark)) {
            break;
        }
        for (; most > 0 && s->batch != NULL; most--) {
            free_first(s);
        }
    }
    return s->left;
}

static void free_first(struct slot *s)
{
    struct retired *r = s->batch;
    s->batch = r->next;
    s->left--;
    r->free(r, r->ctx);
}

uint64_t epoch_mark(struct epoch *e)
{
    return atomic_fetch_add_explicit(&e->now, 1, memory_order_acq_rel) + 1;
}

bool epoch_passed(struct epoch *e, uint64_t mark)
{
    for (unsigned i = 0; i < e->slots; i++) {
        if (!slot_passed(&e->slot[i], mark)) {
            return false;
        }
    }
    return true;
}

static bool slot_passed(struct slot *s, uint64_t mark)
{
    uint64_t inside = atomic_load_explicit(&s->inside, memory_order_acquire);
    if (inside == 0) { /* must be written, not only read: see above */
        inside = atomic_fetch_add_explicit(&s->inside, 0, memory_order_acq_rel);
    }
    return inside == 0 || inside >= mark;
}
