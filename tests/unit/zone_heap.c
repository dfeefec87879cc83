/* zone_heap.c - blocks do not overlap, come back, and chunks go back when they are empty. */
#include "base/rand.h"
#include "cases.h"
#include "zone/heap.h"
#include <stdlib.h>
#include <string.h>

#define BLOCKS 2000

struct block {
    uint32_t place;
    size_t size;
    uint8_t mark;
};

static void fill(const struct heap *h, const struct block *b)
{
    memset(heap_at(h->map, b->place), b->mark, b->size);
}

static void expect_filled(const struct heap *h, const struct block *b)
{
    const uint8_t *p = heap_at(h->map, b->place);
    size_t same = 0;
    while (same < b->size && p[same] == b->mark) {
        same++;
    }
    ck_assert_uint_eq(same, b->size);
}

START_TEST(sizes_are_rounded_up_a_little)
{
    for (size_t size = 1; size <= HEAP_MOST; size += 1 + size / 50) {
        size_t block = heap_block(size);
        ck_assert_uint_ge(block, size);
        ck_assert_uint_eq(block % HEAP_GRANULE, 0);
        ck_assert_uint_eq(heap_block(block), block);
        ck_assert_uint_lt(block - size, size <= 512 ? 8 : size / 4 + 8);
    }
    ck_assert_uint_eq(heap_block(HEAP_MOST), HEAP_MOST);
}
END_TEST

START_TEST(blocks_keep_apart)
{
    struct heap h = {.used = 0};
    struct rand r;
    struct block *b = calloc(BLOCKS, sizeof *b);
    rand_seed(&r, 1);
    for (unsigned i = 0; i < 4 * BLOCKS; i++) {
        struct block *at = &b[rand_below(&r, BLOCKS)];
        if (at->place != 0) {
            expect_filled(&h, at);
            heap_put(&h, at->place, at->size);
        }
        at->size = 1 + rand_below(&r, rand_below(&r, 50) == 0 ? 3000 : 100);
        at->mark = (uint8_t)i;
        at->place = heap_get(&h, at->size);
        ck_assert_uint_ge(at->place, 64);
        fill(&h, at);
    }
    uint64_t used = 0;
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (b[i].place != 0) {
            expect_filled(&h, &b[i]);
            used += heap_block(b[i].size);
            heap_put(&h, b[i].place, b[i].size);
        }
    }
    ck_assert_uint_gt(used, 0);
    ck_assert_uint_eq(h.used, 0);
    ck_assert_uint_gt(h.taken, used);
    heap_trim(&h, UINT32_MAX);
    ck_assert_uint_eq(h.taken, 0);
    ck_assert_uint_eq(h.empty, 0);
    heap_clear(&h);
    free(b);
}
END_TEST

START_TEST(starts_small_and_doubles)
{
    struct heap h = {.used = 0};
    ck_assert_uint_eq(heap_get(&h, 8), 64);
    ck_assert_uint_eq(h.taken, 512);
    for (unsigned i = 1; i < 65; i++) {
        ck_assert_uint_ne(heap_get(&h, 8), 0);
    }
    ck_assert_uint_eq(h.taken, 512 + 1024);
    ck_assert_uint_ne(heap_get(&h, HEAP_MOST), 0);
    ck_assert_uint_ne(heap_get(&h, HEAP_MOST), 0);
    ck_assert_uint_eq(heap_get(&h, HEAP_MOST + 1), 0);
    ck_assert_uint_eq(h.taken, 512 + 1024 + 3 * HEAP_MOST);
    ck_assert_uint_eq(h.used, 65 * 8 + 2 * HEAP_MOST);
    heap_clear(&h);
    ck_assert_uint_eq(h.taken, 0);
}
END_TEST

/* What is expected gets a chunk of its size; what comes later another. */
START_TEST(a_small_zone_takes_what_it_needs)
{
    struct heap h = {.used = 0};
    heap_expect(&h, 104 + 200);
    uint32_t a = heap_get_fresh(&h, 100), b = heap_get_fresh(&h, 200);
    ck_assert_uint_ne(a, 0);
    ck_assert_uint_eq(b, a + 104 / HEAP_GRANULE);
    ck_assert_uint_eq(h.taken, 304);
    ck_assert_uint_eq(h.used, 304);
    ck_assert_ptr_eq(h.map, h.first_map);
    ck_assert_ptr_null(h.free);
    const uintptr_t *seen = h.map; /* by a reader */
    memset(heap_at(seen, a), 0x5a, 100);
    uint32_t c = heap_get(&h, 100), d = heap_get(&h, 5000); /* more chunks than there is room for */
    ck_assert(c != 0 && d != 0);
    ck_assert_ptr_ne(h.map, seen);
    ck_assert_ptr_eq(heap_at(seen, a), heap_at(h.map, a));
    heap_put(&h, a, 100);
    ck_assert_uint_eq(heap_get(&h, 100), a);
    heap_put(&h, a, 100);
    heap_put(&h, b, 200);
    heap_trim(&h, UINT32_MAX);
    ck_assert_uint_eq(h.taken, 1024 + 8192);
    heap_clear(&h);
}
END_TEST

START_TEST(empty_chunks_go_back_and_come_again)
{
    struct heap h = {.used = 0};
    uint32_t small = heap_get(&h, 500), place[40];
    memset(heap_at(h.map, small), 0x5a, 500);
    uint64_t before = h.taken;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 40; i++) {
            place[i] = heap_get(&h, 100000 + i);
            ck_assert_uint_ne(place[i], 0);
        }
        for (unsigned i = 0; i < 40; i++) {
            heap_put(&h, place[i], 100000 + i);
        }
        unsigned empty = h.empty;
        heap_trim(&h, 1);
        ck_assert_uint_eq(h.empty, empty - 1);
        heap_trim(&h, UINT32_MAX);
        ck_assert_uint_eq(h.taken, before);
    }
    for (unsigned i = 0; i < 500; i++) {
        ck_assert_uint_eq(((const uint8_t *)heap_at(h.map, small))[i], 0x5a);
    }
    heap_clear(&h);
}
END_TEST

/* What is got whole may be given back block by block, or whole. */
START_TEST(several_blocks_are_got_at_once)
{
    struct heap h = {.used = 0};
    size_t first = heap_block(100), both = first + heap_block(24);
    uint32_t a = heap_get_span(&h, both), b = heap_get_span(&h, HEAP_MOST);
    ck_assert(a != 0 && b != 0);
    ck_assert(heap_same_chunk(a, a + 1) && !heap_same_chunk(a, b));
    ck_assert_uint_eq(heap_get_span(&h, HEAP_MOST + 1), 0);
    ck_assert_uint_eq(h.used, both + HEAP_MOST);
    heap_put(&h, a, 100);
    heap_put(&h, a + (uint32_t)(first / HEAP_GRANULE), 24);
    heap_put_span(&h, b, HEAP_MOST);
    ck_assert_uint_eq(h.used, 0);
    heap_trim(&h, UINT32_MAX);
    ck_assert_uint_eq(h.taken, 0);
    heap_clear(&h);
}
END_TEST

/* As if all 8 GiB but the last chunk, of 2 MiB, had been taken. */
START_TEST(it_ends_where_places_do)
{
    enum { CHUNKS = HEAP_PLACES / (1 << 18) + 11 };
    struct heap h = {.room = CHUNKS};
    h.map = calloc(CHUNKS, sizeof *h.map);
    h.chunks = calloc(CHUNKS, sizeof *h.chunks);
    must(h.map != NULL && h.chunks != NULL);
    memset(h.map, 1, (CHUNKS - 1) * sizeof *h.map);
    uint32_t place = heap_get_span(&h, HEAP_MOST), last = 0;
    ck_assert_uint_eq(place, HEAP_PLACES - 2 * HEAP_MOST / HEAP_GRANULE);
    while ((place = heap_get_span(&h, HEAP_MOST / 2)) != 0) {
        last = place;
    }
    ck_assert_uint_eq(last, HEAP_PLACES - HEAP_MOST / 2 / HEAP_GRANULE);
    heap_expect(&h, UINT64_MAX);
    ck_assert_uint_eq(heap_get(&h, HEAP_MOST), 0);
    ck_assert_uint_eq(heap_places(&h), HEAP_PLACES);
    memset(h.map, 0, (CHUNKS - 1) * sizeof *h.map);
    heap_clear(&h);
}
END_TEST

START_TEST(large_free_blocks_are_split_before_more_is_taken)
{
    struct heap h = {.used = 0};
    uint32_t large = heap_get(&h, HEAP_MOST);
    heap_put(&h, large, HEAP_MOST);
    uint64_t before = h.taken;
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert_uint_ne(heap_get(&h, 1000), 0);
    }
    ck_assert_uint_eq(h.taken, before);
    heap_clear(&h);
}
END_TEST

TCase *case_zone_heap(void)
{
    TCase *c = tcase_create("zone_heap");
    tcase_add_test(c, sizes_are_rounded_up_a_little);
    tcase_add_test(c, blocks_keep_apart);
    tcase_add_test(c, starts_small_and_doubles);
    tcase_add_test(c, a_small_zone_takes_what_it_needs);
    tcase_add_test(c, empty_chunks_go_back_and_come_again);
    tcase_add_test(c, several_blocks_are_got_at_once);
    tcase_add_test(c, it_ends_where_places_do);
    tcase_add_test(c, large_free_blocks_are_split_before_more_is_taken);
    return c;
}
