/* heap.c - the memory of one zone: chunks that double from 512 octets to 2 MiB, a large page, cut
 * into blocks. A zone's first version gets a chunk of its own size: nine zones of ten are never
 * edited, and what an edit needs then comes from the chunk after it. A block comes from the free
 * list of its class, else from the untouched end of the newest chunk, else from a larger free
 * block, else from a new chunk. Free blocks are not joined: what a zone's edits give back is what
 * its next edits ask for. Memory goes back to malloc by whole chunks (heap_trim). The writer of the
 * line is the only caller.
 *
 * An empty heap is 96 octets, and one of a zone that was read once is that and the zone; the
 * lists of free blocks (432 octets) come with the first block that is given back. */
#include "zone/heap.h"
#include "base/huge.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_CHUNK   64U /* granules of chunk 0, and its first place: no block has a place below */
#define FULL_CHUNK    (UINT32_C(1) << 18) /* granules of chunk 12 and all after it */
#define FIRST_LARGE   15U /* from 8 MiB on: half a large page that is not used is little then */
#define EXACT_CLASSES 64U

struct heap_old {
    struct heap_old *next;
    uintptr_t *map;
};

static uint32_t granules_of(size_t size);
static unsigned class_at_least(uint32_t granules);
static unsigned class_at_most(uint32_t granules);
static uint32_t class_granules(unsigned class);
static uint32_t take_free(struct heap *h, unsigned class);
static uint32_t take_fresh(struct heap *h, uint32_t granules);
static uint32_t split_larger(struct heap *h, unsigned class);
static unsigned chunk_for(const struct heap *h, uint32_t granules);
static bool open_chunk(struct heap *h, unsigned c, uint32_t granules);
static bool have_slot(struct heap *h, unsigned chunk);
static void give(struct heap *h, uint32_t place, uint32_t granules);
static void push(struct heap *h, unsigned class, uint32_t place);
static void count_live(struct heap *h, uint32_t place, uint32_t granules, bool in_use);
static void drop_lists_of_empty(struct heap *h);
static void close_chunk(struct heap *h, unsigned chunk);
static unsigned chunk_of(uint32_t place);
static uint32_t chunk_first(unsigned chunk);
static uint32_t chunk_granules(unsigned chunk);
static bool is_empty(const struct heap *h, unsigned chunk);

void heap_clear(struct heap *h)
{
    for (unsigned c = 0; c < h->room; c++) {
        if (h->map[c] != 0) {
            free(heap_at(h->map, chunk_first(c)));
        }
    }
    while (h->old != NULL) {
        struct heap_old *old = h->old;
        h->old = old->next;
        free(old->map);
        free(old);
    }
    if (h->room > HEAP_FIRST) {
        free(h->map);
        free(h->chunks);
    }
    free(h->free);
    *h = (struct heap){.used = 0};
}

uint32_t heap_get(struct heap *h, size_t size)
{
    if (size > HEAP_MOST) {
        return 0;
    }
    unsigned class = class_at_least(granules_of(size));
    uint32_t granules = class_granules(class);
    uint32_t place = take_free(h, class);
    if (place == 0) {
        place = take_fresh(h, granules);
    }
    if (place == 0) {
        place = split_larger(h, class);
    }
    if (place == 0) {
        return heap_get_fresh(h, size);
    }
    count_live(h, place, granules, true);
    return place;
}

uint32_t heap_get_fresh(struct heap *h, size_t size)
{
    return size <= HEAP_MOST ? heap_get_span(h, heap_block(size)) : 0;
}

uint32_t heap_get_span(struct heap *h, size_t size)
{
    if (size > HEAP_MOST) {
        return 0;
    }
    uint32_t granules = granules_of(size);
    uint32_t place = take_fresh(h, granules);
    if (place == 0) {
        unsigned c = chunk_for(h, granules);
        place = open_chunk(h, c, chunk_granules(c)) ? take_fresh(h, granules) : 0;
    }
    if (place != 0) {
        count_live(h, place, granules, true);
    }
    return place;
}

void heap_put_span(struct heap *h, uint32_t place, size_t size)
{
    count_live(h, place, granules_of(size), false);
    give(h, place, granules_of(size));
}

void heap_expect(struct heap *h, uint64_t bytes)
{
    uint32_t granules = granules_of(bytes < HEAP_MOST ? (size_t)bytes : HEAP_MOST);
    if (h->end - h->next < granules) {
        /* if it cannot, whoever asks for a block will know */
        (void)open_chunk(h, chunk_for(h, granules), granules);
    }
}

void heap_put(struct heap *h, uint32_t place, size_t size)
{
    unsigned class = class_at_least(granules_of(size));
    count_live(h, place, class_granules(class), false);
    push(h, class, place);
}

size_t heap_block(size_t size)
{
    return (size_t)class_granules(class_at_least(granules_of(size))) * HEAP_GRANULE;
}

uint32_t heap_places(const struct heap *h)
{
    unsigned c = h->room;
    while (c > 0 && h->map[c - 1] == 0) {
        c--;
    }
    return c > 0 ? chunk_first(c - 1) + chunk_granules(c - 1) : 0;
}

void heap_trim(struct heap *h, unsigned most)
{
    if (h->empty == 0) {
        return;
    }
    if (h->end != 0 && is_empty(h, chunk_of(h->end - 1))) {
        h->next = h->end = 0; /* its untouched places go with it */
    }
    drop_lists_of_empty(h);
    for (unsigned c = 0; c < h->room && most > 0; c++) {
        if (is_empty(h, c)) {
            close_chunk(h, c);
            most--;
        }
    }
}

static uint32_t granules_of(size_t size)
{
    return size == 0 ? 1 : (uint32_t)((size + HEAP_GRANULE - 1) / HEAP_GRANULE);
}

/* Class c < 64 has c + 1 granules; above, four classes a doubling: 80, 96, 112, 128, 160, ... */
static uint32_t class_granules(unsigned class)
{
    if (class < EXACT_CLASSES) {
        return class + 1;
    }
    unsigned step = class - EXACT_CLASSES;
    return (5 + step % 4) << (4 + step / 4);
}

static unsigned class_at_least(uint32_t granules)
{
    if (granules <= EXACT_CLASSES) {
        return granules - 1;
    }
    unsigned doubling = 31 - (unsigned)__builtin_clz(granules - 1); /* 6 for 65..128 */
    return EXACT_CLASSES + (doubling - 6) * 4 + (((granules - 1) >> (doubling - 2)) & 3);
}

static unsigned class_at_most(uint32_t granules)
{
    unsigned class = class_at_least(granules);
    return class_granules(class) > granules ? class - 1 : class;
}

static uint32_t take_free(struct heap *h, unsigned class)
{
    uint32_t place = h->free != NULL ? h->free[class] : 0;
    if (place != 0) {
        memcpy(&h->free[class], heap_at(h->map, place), sizeof place);
    }
    return place;
}

static uint32_t take_fresh(struct heap *h, uint32_t granules)
{
    if (h->end - h->next < granules) {
        return 0;
    }
    h->next += granules;
    return h->next - granules;
}

static uint32_t split_larger(struct heap *h, unsigned class)
{
    uint32_t granules = class_granules(class);
    for (unsigned c = class + 1; h->free != NULL && c < HEAP_CLASSES; c++) {
        uint32_t place = take_free(h, c);
        if (place != 0) {
            give(h, place + granules, class_granules(c) - granules);
            return place;
        }
    }
    return 0;
}

/* The lowest chunk that is not there and large enough: 512 octets first, then twice as much, ... */
static unsigned chunk_for(const struct heap *h, uint32_t granules)
{
    unsigned c = 0;
    while ((c < h->room && h->map[c] != 0) || chunk_granules(c) < granules) {
        c++;
    }
    return c;
}

static bool open_chunk(struct heap *h, unsigned c, uint32_t granules)
{
    if (chunk_first(c) >= HEAP_PLACES || !have_slot(h, c)) {
        return false;
    }
    size_t size = (size_t)granules * HEAP_GRANULE;
    void *memory = size < HUGE_PAGE ? malloc(size) : aligned_alloc(HUGE_PAGE, size);
    if (memory == NULL) {
        return false;
    }
    if (c >= FIRST_LARGE) {
        huge_hint(memory, size);
    }
    give(h, h->next, h->end - h->next);
    h->map[c] = (uintptr_t)memory - (uintptr_t)chunk_first(c) * HEAP_GRANULE;
    h->chunks[c] = (struct heap_chunk){.size = granules};
    h->next = chunk_first(c);
    h->end = h->next + granules;
    h->taken += size;
    h->empty++;
    return true;
}

/* Grows the map if need be. The old one is kept until the end: a reader may be looking at it. */
static bool have_slot(struct heap *h, unsigned chunk)
{
    if (chunk < HEAP_FIRST && h->room == 0) {
        h->map = h->first_map;
        h->chunks = h->first_chunks;
        h->room = HEAP_FIRST;
    }
    if (chunk < h->room) {
        return true;
    }
    bool is_outgrown = h->room > HEAP_FIRST; /* and not part of the heap itself */
    unsigned room = chunk + 4 > h->room * 2 ? chunk + 4 : h->room * 2;
    uintptr_t *map = calloc(room, sizeof *map);
    struct heap_chunk *chunks = calloc(room, sizeof *chunks);
    struct heap_old *old = is_outgrown ? malloc(sizeof *old) : NULL;
    if (map == NULL || chunks == NULL || (is_outgrown && old == NULL)) {
        free(map);
        free(chunks);
        free(old);
        return false;
    }
    if (h->room > 0) {
        memcpy(map, h->map, h->room * sizeof *map);
        memcpy(chunks, h->chunks, h->room * sizeof *chunks);
    }
    if (old != NULL) {
        *old = (struct heap_old){.next = h->old, .map = h->map};
        h->old = old;
        free(h->chunks);
    }
    h->map = map;
    h->chunks = chunks;
    h->room = room;
    return true;
}

static void give(struct heap *h, uint32_t place, uint32_t granules)
{
    while (granules > 0) {
        unsigned class = class_at_most(granules);
        push(h, class, place);
        place += class_granules(class);
        granules -= class_granules(class);
    }
}

/* Without memory for the lists the block rests until its chunk is empty. */
static void push(struct heap *h, unsigned class, uint32_t place)
{
    h->free = h->free != NULL ? h->free : calloc(HEAP_CLASSES, sizeof *h->free);
    if (h->free == NULL) {
        return;
    }
    memcpy(heap_at(h->map, place), &h->free[class], sizeof place);
    h->free[class] = place;
}

static void count_live(struct heap *h, uint32_t place, uint32_t granules, bool in_use)
{
    uint32_t *live = &h->chunks[chunk_of(place)].live;
    h->empty -= in_use && *live == 0;
    *live = in_use ? *live + granules : *live - granules;
    h->empty += !in_use && *live == 0;
    uint64_t size = (uint64_t)granules * HEAP_GRANULE;
    h->used = in_use ? h->used + size : h->used - size;
}

static void drop_lists_of_empty(struct heap *h)
{
    for (unsigned class = 0; h->free != NULL && class < HEAP_CLASSES; class ++) {
        uint32_t place = h->free[class], kept = 0;
        while (h->used > 0 && place != 0) {
            uint32_t next;
            memcpy(&next, heap_at(h->map, place), sizeof next);
            if (!is_empty(h, chunk_of(place))) {
                memcpy(heap_at(h->map, place), &kept, sizeof kept);
                kept = place;
            }
            place = next;
        }
        h->free[class] = kept;
    }
}

static void close_chunk(struct heap *h, unsigned chunk)
{
    free(heap_at(h->map, chunk_first(chunk)));
    h->map[chunk] = 0;
    h->taken -= (uint64_t)h->chunks[chunk].size * HEAP_GRANULE;
    h->empty--;
}

bool heap_same_chunk(uint32_t a, uint32_t b)
{
    return chunk_of(a) == chunk_of(b);
}

static unsigned chunk_of(uint32_t place)
{
    return place >> 18 != 0 ? (place >> 18) + 11 : 25U - (unsigned)__builtin_clz(place);
}

static uint32_t chunk_first(unsigned chunk)
{
    return chunk < 12 ? FIRST_CHUNK << chunk : (uint32_t)(chunk - 11) << 18;
}

static uint32_t chunk_granules(unsigned chunk)
{
    return chunk < 12 ? FIRST_CHUNK << chunk : FULL_CHUNK;
}

static bool is_empty(const struct heap *h, unsigned chunk)
{
    return h->map[chunk] != 0 && h->chunks[chunk].live == 0;
}
