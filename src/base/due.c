/* due.c - a binary heap of due times, earliest first, ties in the order they were set.
 * One thread at a time. Each due knows its place, so that moving and clearing need no search. */
#include "base/due.h"
#include <stdlib.h>

static bool make_room(struct due_heap *h);
static bool before(const struct due *a, const struct due *b);
static void put(struct due_heap *h, struct due *d, size_t place);
static void settle(struct due_heap *h, size_t place);

bool due_set(struct due_heap *h, struct due *d, struct mono at)
{
    if (!due_is_set(d)) {
        if (!make_room(h)) {
            return false;
        }
        put(h, d, ++h->count);
    }
    d->at = at;
    d->order = h->next_order++;
    settle(h, d->place);
    return true;
}

bool due_no_later(struct due_heap *h, struct due *d, struct mono at)
{
    if (due_is_set(d) && !mono_before(at, d->at)) {
        return true;
    }
    return due_set(h, d, at);
}

void due_clear(struct due_heap *h, struct due *d)
{
    size_t place = d->place;
    if (place == 0) {
        return;
    }
    must(place <= h->count && h->items[place - 1] == d);
    struct due *last = h->items[--h->count];
    d->place = 0;
    if (last != d) {
        put(h, last, place);
        settle(h, place);
    }
}

struct due *due_take(struct due_heap *h, struct mono now)
{
    if (h->count == 0 || mono_before(now, h->items[0]->at)) {
        return NULL;
    }
    struct due *first = h->items[0];
    due_clear(h, first);
    return first;
}

struct mono due_next(const struct due_heap *h)
{
    return h->count == 0 ? MONO_NEVER : h->items[0]->at;
}

void due_heap_free(struct due_heap *h)
{
    for (size_t i = 0; i < h->count; i++) {
        h->items[i]->place = 0;
    }
    free(h->items);
    *h = (struct due_heap){.items = NULL};
}

static bool make_room(struct due_heap *h)
{
    if (h->count >= DUE_MOST) {
        return false;
    }
    if (h->count < h->room) {
        return true;
    }
    size_t room = h->room == 0 ? 16 : h->room * 2;
    struct due **items = reallocarray(h->items, room, sizeof(struct due *));
    if (items == NULL) {
        return false;
    }
    h->items = items;
    h->room = room;
    return true;
}

static bool before(const struct due *a, const struct due *b)
{
    if (a->at.ns != b->at.ns) {
        return a->at.ns < b->at.ns;
    }
    return a->order != b->order && b->order - a->order < UINT32_C(1) << 31; /* it may wrap */
}

static void put(struct due_heap *h, struct due *d, size_t place)
{
    h->items[place - 1] = d;
    d->place = place & DUE_MOST;
}

/* Moves the due at `place` up or down to where it belongs. */
static void settle(struct due_heap *h, size_t place)
{
    struct due *d = h->items[place - 1];
    while (place > 1 && before(d, h->items[place / 2 - 1])) {
        put(h, h->items[place / 2 - 1], place);
        place /= 2;
    }
    for (size_t child = 2 * place; child <= h->count; child = 2 * place) {
        if (child < h->count && before(h->items[child], h->items[child - 1])) {
            child++;
        }
        if (!before(h->items[child - 1], d)) {
            break;
        }
        put(h, h->items[child - 1], place);
        place = child;
    }
    put(h, d, place);
}
