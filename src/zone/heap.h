/* heap.h - the memory of one zone: blocks of whole 8-octet granules, named by 32-bit places
 * instead of pointers. One thread writes (get, put, trim); any thread may read a block it was
 * given the place of, through a map that it got together with the place (a map only ever gains
 * chunks, so an old one stays good for old places). */
#ifndef SETTLED_ZONE_HEAP_H
#define SETTLED_ZONE_HEAP_H

#include "base/must.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_GRANULE 8U
#define HEAP_MOST    ((size_t)1 << 20) /* octets of the largest block */
/* Places are below: 8 GiB a zone; two bits of a reference stay free for its kind. */
#define HEAP_PLACES  (UINT32_C(1) << 30)
#define HEAP_CLASSES 108 /* 64 exact ones up to 512 octets, then 4 a doubling up to HEAP_MOST */
#define HEAP_FIRST   2   /* chunks of a small zone: nothing is allocated to keep account of them */

struct heap_chunk { /* granules */
    uint32_t live;  /* in use */
    uint32_t size;
};
struct heap {                  /* may not be moved: `map` may point into it */
    uintptr_t *map;            /* for each chunk: its address less that of its first place */
    struct heap_chunk *chunks; /* and what is in it */
    unsigned room;             /* slots of both */
    unsigned empty;            /* chunks without a block in use */
    uint32_t next, end;        /* places never used yet, in the chunk opened last */
    uint64_t used;             /* octets in blocks given out */
    uint64_t taken;            /* octets of chunks taken from malloc */
    struct heap_old *old;      /* maps that were outgrown; readers may still have them */
    /* First free block of each class; its first 4 octets name the next. NULL: there never was
     * one. */
    uint32_t *free;
    uintptr_t first_map[HEAP_FIRST];
    struct heap_chunk first_chunks[HEAP_FIRST];
};

/* All zero is an empty heap. */
void heap_clear(struct heap *h); /* gives everything back at once */
/* A block of at least `size` octets, 8-aligned, contents undefined; its place, never 0. 0: no
 * memory, or over HEAP_MOST. */
MUST_USE uint32_t heap_get(struct heap *h, size_t size);
/* The same from places never used before: blocks got one after the other lie one after the
 * other. */
MUST_USE uint32_t heap_get_fresh(struct heap *h, size_t size);
/* The same for several blocks, one behind the other, of heap_block octets each, HEAP_MOST in all;
 * they are cut by the caller, and given back one by one, or all at once if none was. */
MUST_USE uint32_t heap_get_span(struct heap *h, size_t size);
void heap_put_span(struct heap *h, uint32_t place, size_t size);
bool heap_same_chunk(uint32_t a, uint32_t b);
/* A hint that `bytes` are going to be asked for fresh, and that a chunk that just holds them is
 * wanted. */
void heap_expect(struct heap *h, uint64_t bytes);
/* Gives back a block got with the same size. */
void heap_put(struct heap *h, uint32_t place, size_t size);
/* Octets a block of that size really takes. */
size_t heap_block(size_t size);
/* All places are below this one. */
uint32_t heap_places(const struct heap *h);
/* Gives empty chunks back to malloc, at most `most` of them. Costs a walk over the free blocks,
 * unless nothing is in use. */
void heap_trim(struct heap *h, unsigned most);

/* The block at a place. Chunk c begins at place 64 << c and has at most as many granules up to the
 * thirteenth; from there all have 2 MiB. */
static inline void *heap_at(const uintptr_t *map, uint32_t place)
{
    unsigned far = place >> 18;
    unsigned chunk = far != 0 ? far + 11 : 25U - (unsigned)__builtin_clz(place);
    return (void *)(map[chunk] + (uintptr_t)place * HEAP_GRANULE);
}

#endif
