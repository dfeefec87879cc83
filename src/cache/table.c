/* table.c - where a shard's entries are found.
 * Tags and pointers are sequentially consistent atomics: a reader takes a tag first and its pointer
 * second, a writer stores them the other way round, so a tag seen has its pointer. A removed entry
 * leaves no gravestone: what follows it moves up, copied before the old place is cleared. The key
 * is compared in the entry itself, so a tag and a pointer that do not belong together are only "not
 * this one". */
#include "cache/table.h"
#include <stdlib.h>

static struct entry *search(const struct table *t, const struct sought *s, uint32_t *place);
static uint32_t tag_at(const struct table *t, uint32_t place);
static void put(struct table *t, uint32_t place, uint32_t tag, struct entry *e);

size_t table_need(uint32_t slots)
{
    return memory_of(sizeof(struct table) + slots * (sizeof(struct entry *) + sizeof(uint32_t)));
}

struct table *table_new(uint32_t slots, _Atomic uint64_t *bytes)
{
    struct table *t =
        calloc(1, sizeof *t + slots * (sizeof(struct entry *) + sizeof(_Atomic uint32_t)));
    if (t == NULL) {
        return NULL;
    }
    t->bytes = bytes;
    t->mask = slots - 1;
    t->tags = (_Atomic uint32_t *)&t->entries[slots];
    return t;
}

void table_free(struct table *t)
{
    free(t);
}

struct entry *table_find(const struct table *t, const struct sought *s)
{
    uint32_t place;
    return search(t, s, &place);
}

uint32_t table_place(const struct table *t, const struct sought *s)
{
    uint32_t place;
    return search(t, s, &place) != NULL ? place : TABLE_NONE;
}

/* Gives the entry as it was compared: a reader must not take it from the table a second time. */
static struct entry *search(const struct table *t, const struct sought *s, uint32_t *place)
{
    uint32_t tag = tag_of(s->hash), at = tag & t->mask;
    for (uint32_t steps = 0; steps <= t->mask; steps++) {
        uint32_t here = tag_at(t, at);
        if (here == 0) {
            return NULL;
        }
        struct entry *e = here == tag ? table_at(t, at) : NULL;
        if (e != NULL && entry_is(e, s)) {
            *place = at;
            return e;
        }
        at = (at + 1) & t->mask;
    }
    return NULL;
}

static uint32_t tag_at(const struct table *t, uint32_t place)
{
    return atomic_load_explicit(&t->tags[place], memory_order_seq_cst);
}

struct entry *table_at(const struct table *t, uint32_t place)
{
    return tag_at(t, place) == 0 ? NULL
                                 : atomic_load_explicit(&t->entries[place], memory_order_seq_cst);
}

bool table_is_full(const struct table *t)
{
    return t->used >= t->mask - t->mask / 8;
}

void table_add(struct table *t, uint32_t tag, struct entry *e)
{
    must(t->used < t->mask);
    uint32_t at = tag & t->mask;
    while (tag_at(t, at) != 0) {
        at = (at + 1) & t->mask;
    }
    put(t, at, tag, e);
    t->used++;
}

static void put(struct table *t, uint32_t place, uint32_t tag, struct entry *e)
{
    atomic_store_explicit(&t->entries[place], e, memory_order_seq_cst);
    atomic_store_explicit(&t->tags[place], tag, memory_order_seq_cst);
}

void table_set(struct table *t, uint32_t place, struct entry *e)
{
    atomic_store_explicit(&t->entries[place], e, memory_order_seq_cst);
}

void table_remove(struct table *t, uint32_t place)
{
    uint32_t gap = place, at = place;
    for (;;) {
        at = (at + 1) & t->mask;
        uint32_t tag = tag_at(t, at);
        if (tag == 0) {
            break;
        }
        uint32_t from_home = (at - tag) & t->mask, from_gap = (at - gap) & t->mask;
        if (from_home >= from_gap) { /* its search passes the gap: it may stand there */
            put(t, gap, tag, table_at(t, at));
            gap = at;
        }
    }
    atomic_store_explicit(&t->tags[gap], 0, memory_order_seq_cst);
    t->used--;
}

void table_copy(struct table *to, const struct table *from)
{
    for (uint32_t i = 0; i <= from->mask; i++) {
        struct entry *e = table_at(from, i);
        if (e != NULL) {
            table_add(to, tag_at(from, i), e);
        }
    }
}
