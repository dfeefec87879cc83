/* zone_grow.c - a zone larger than a chunk of the heap: written by many hands as an edit has it,
 * each chunk by one of them, and its upper branches together. */
#include "base/hash.h"
#include "cases.h"
#include "zone/store.h"
#include "zone_planting.h"
#include <stdio.h>

#define OWNERS 1500

static unsigned runs;

static void run_backwards(void *ctx, unsigned parts, void (*part)(void *arg, unsigned index),
                          void *arg)
{
    (void)ctx;
    runs++;
    while (parts > 0) {
        part(arg, --parts);
    }
}

static const struct hands backwards = {.count = 3, .run = run_backwards};

/* Of all sizes: some leaves fill half a chunk, most are small; some owners are hashes, too. */
static void add_owner(struct bulk *b, unsigned i)
{
    static uint8_t rdata[60000];
    char text[80];
    (void)snprintf(text, sizeof text, i % 9 == 0 ? "0123456789abcdefghijklmnopq%05u.z" : "%u.x.z",
                   i);
    struct name owner = kit_name(text);
    struct record rr = {.owner = owner.octets, .ttl = 300, .rdata = rdata};
    memset(rdata, (int)(i % 251), sizeof rdata);
    for (uint16_t n = 0; n < (i / 8 == 125 ? 16 : 1); n++) {
        rr.type = (uint16_t)(i % 9 == 0 ? TYPE_NSEC3 : TYPE_TXT + n * 256);
        rr.rdlen = (uint16_t)(i / 8 == 125 ? 20000 : i % 4 == 1 ? 3900 + i : 4 + i % 7);
        bulk_add(b, &rr, 0, 1);
    }
}

/* The same nodes, wherever they are. */
static void same_nodes(const struct zone_version *x, const struct zone_version *y, bool same_place)
{
    for (int part = 0; part < TRIE_PARTS; part++) {
        struct zone_walk_part a, b;
        walk_root(&a, x, (enum trie_part)part);
        for (walk_root(&b, y, (enum trie_part)part); b.at != 0;) {
            must(a.at != 0 && (a.at & 3) == (b.at & 3) && (!same_place || a.at == b.at));
            if (trie_is_leaf(a.at)) {
                must(blob_same(trie_blob(x->map, a.at), trie_blob(y->map, b.at)));
            } else {
                must(trie_branch(x->map, a.at)->word == trie_branch(y->map, b.at)->word);
            }
            (trie_is_leaf(a.at) ? walk_next : walk_down)(&a);
            (trie_is_leaf(b.at) ? walk_next : walk_down)(&b);
        }
        must(a.at == 0);
    }
}

static void collect(struct bulk *b, const struct name *apex)
{
    struct kit_record k;
    bulk_start(b, apex->octets);
    bulk_add(b, kit_set(&k, apex->octets, TYPE_SOA, "1"), 0, 1);
    for (unsigned i = 0; i < OWNERS; i++) {
        add_owner(b, i);
    }
    bulk_sort(b, NULL);
}

START_TEST(a_large_zone_is_what_an_edit_makes)
{
    struct zone_line *one = kit_line("z"), *many = kit_line("z"), *edited = kit_line("z");
    struct name apex = kit_name("z");
    struct bulk b;
    collect(&b, &apex);
    struct zone_version *x = planting_edit(edited, &b);
    struct zone_version *y = planting(one, &b, NULL), *z = planting(many, &b, &backwards);
    ck_assert_uint_gt(y->bytes, 3 * HEAP_MOST);
    ck_assert_uint_ge(runs, 2); /* of measuring and of writing, by several hands */
    same_nodes(x, y, false);
    same_nodes(y, z, true);
    ck_assert_uint_eq(x->bytes, y->bytes);
    ck_assert_uint_eq(one->heap.used, y->bytes); /* every octet is some node's */
    ck_assert_uint_eq(many->heap.used, y->bytes);
    ck_assert(x->content_hash == y->content_hash && x->records == y->records);
    (void)zone_release(x);
    (void)zone_release(y);
    (void)zone_release(z);
    bulk_free(&b);
    zone_line_free(one);
    zone_line_free(many);
    zone_line_free(edited);
}
END_TEST

struct upper {            /* branches above many owners */
    uint32_t first, last; /* places */
    unsigned count;
};

/* Returns the leaves below. */
static unsigned find_upper(const uintptr_t *map, uint32_t ref, struct upper *u)
{
    unsigned leaves = 0;
    if (trie_is_leaf(ref)) {
        return 1;
    }
    const struct branch *b = trie_branch(map, ref);
    for (unsigned i = 0; i < branch_kids(b); i++) {
        leaves += find_upper(map, b->kid[i], u);
    }
    if (leaves > 128) {
        uint32_t place = trie_place(ref);
        u->first = place < u->first ? place : u->first;
        u->last = place > u->last ? place : u->last;
        u->count++;
    }
    return leaves;
}

START_TEST(branches_above_many_owners_lie_together)
{
    struct zone_line *l = kit_line("z");
    struct name apex = kit_name("z");
    struct bulk b;
    struct upper u = {.first = UINT32_MAX};
    collect(&b, &apex);
    struct zone_version *v = planting(l, &b, NULL);
    for (int part = 0; part < TRIE_PARTS; part++) {
        (void)find_upper(v->map, v->root[part], &u);
    }
    ck_assert_uint_ge(u.count, 4);
    ck_assert_uint_lt((u.last - u.first) * HEAP_GRANULE, 4096);
    (void)zone_release(v);
    bulk_free(&b);
    zone_line_free(l);
}
END_TEST

#define CHUNKS 32

static const struct heap *watched;
static unsigned written[CHUNKS]; /* by so many shares of the work */

static uint64_t hash_of_chunk(unsigned c)
{
    if (c >= watched->room || watched->map[c] == 0) {
        return 0;
    }
    uint32_t first = c < 12 ? 64U << c : (c - 11) << 18; /* heap.h, heap_at */
    return hash_bytes(heap_at(watched->map, first), (size_t)watched->chunks[c].size * HEAP_GRANULE,
                      0);
}

static void run_watching(void *ctx, unsigned parts, void (*part)(void *arg, unsigned index),
                         void *arg)
{
    (void)ctx;
    uint64_t before[CHUNKS], after;
    for (unsigned c = 0; c < CHUNKS; c++) {
        before[c] = hash_of_chunk(c);
    }
    for (unsigned i = 0; i < parts; i++) {
        part(arg, i);
        for (unsigned c = 0; c < CHUNKS; c++) {
            after = hash_of_chunk(c);
            written[c] += after != before[c];
            before[c] = after;
        }
    }
}

START_TEST(no_chunk_is_written_by_two_hands)
{
    static const struct hands hands = {.count = 3, .run = run_watching};
    struct zone_line *l = kit_line("z");
    struct name apex = kit_name("z");
    struct bulk b;
    unsigned chunks = 0;
    collect(&b, &apex);
    watched = &l->heap;
    struct zone_version *v = planting(l, &b, &hands);
    for (unsigned c = 0; c < CHUNKS; c++) {
        ck_assert_uint_le(written[c], 1);
        chunks += written[c];
    }
    ck_assert_uint_ge(chunks, 3);
    (void)zone_release(v);
    bulk_free(&b);
    zone_line_free(l);
}
END_TEST

/* When a chunk among others cannot be had, nothing is left of what has got its place. */
START_TEST(one_that_finds_no_memory_leaves_none_behind)
{
    struct zone_line *l = kit_line("z");
    struct name apex = kit_name("z");
    struct bulk b;
    collect(&b, &apex);
    struct plant p = {.edit = kit_start(l, NULL), .batch = &b};
    (void)no_memory_for(HEAP_MOST / 2);
    ck_assert(plant_survey(&p) && !plant_grow(&p));
    ck_assert(no_memory_for(0));
    ck_assert_uint_ge(l->heap.taken, HEAP_MOST); /* it was not the first */
    ck_assert_uint_eq(l->heap.used, 0);
    plant_free(&p);
    zone_edit_drop(p.edit);
    ck_assert_uint_eq(l->heap.taken, 0);
    struct zone_version *v = planting(l, &b, NULL);
    ck_assert_uint_eq(l->heap.used, v->bytes);
    (void)zone_release(v);
    bulk_free(&b);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_grow(void)
{
    TCase *c = tcase_create("zone_grow");
    tcase_add_test(c, a_large_zone_is_what_an_edit_makes);
    tcase_add_test(c, branches_above_many_owners_lie_together);
    tcase_add_test(c, no_chunk_is_written_by_two_hands);
    tcase_add_test(c, one_that_finds_no_memory_leaves_none_behind);
    return c;
}
