/* table.h - private to cache/: where a shard's entries are found. Open addressing with linear
 * probing; beside each pointer a tag of 32 bits, so that a search touches only entries that are
 * very likely the right one, and growing touches none. One writer at a time (the shard's lock), any
 * number of readers inside their epoch. A search that found nothing while a writer was closing a
 * gap may have been misled: shard.c knows (struct shard, moved) and searches again. */
#ifndef SETTLED_CACHE_TABLE_H
#define SETTLED_CACHE_TABLE_H

#include "cache/entry.h"

struct table {
    struct retired retired; /* a table that was replaced is freed when nobody can be searching it */
    _Atomic uint64_t *bytes; /* where its memory is counted */
    uint32_t mask;           /* slots - 1, a power of two */
    uint32_t used;           /* writer only */
    _Atomic uint32_t *tags;  /* 0: free; behind the entries, same memory */
    _Atomic(struct entry *) entries[];
};

#define TABLE_NONE UINT32_MAX

static inline uint32_t tag_of(uint64_t hash)
{
    uint32_t tag = (uint32_t)hash;
    return tag != 0 ? tag : 1;
}
size_t table_need(uint32_t slots); /* octets of memory */
/* A power of two; NULL: no memory. */
MUST_USE struct table *table_new(uint32_t slots, _Atomic uint64_t *bytes);
void table_free(struct table *t); /* not the entries */
struct entry *table_find(const struct table *t, const struct sought *s);

/* ---- the writer ---- */
uint32_t table_place(const struct table *t, const struct sought *s); /* TABLE_NONE: not there */
struct entry *table_at(const struct table *t, uint32_t place);       /* NULL: free */
bool table_is_full(const struct table *t); /* growing is due: 7 of 8 slots are in use */
void table_add(struct table *t, uint32_t tag,
               struct entry *e); /* not there yet; must not be full */
void table_set(struct table *t, uint32_t place, struct entry *e); /* another one of the same key */
void table_remove(struct table *t, uint32_t place); /* moves later ones up: look at `place` again */
void table_copy(struct table *to,
                const struct table *from); /* all of them, into an empty larger one */

#endif
