/* zone_pack.c - a packed trie has the same keys in the same order, one after the other in
 * memory. */
#include "cases.h"
#include "zone/store.h"
#include "zonekit.h"
#include <stdio.h>

static void put(struct trie *t, unsigned number)
{
    struct key k;
    struct trie_path path;
    struct draft d = {.size = 0};
    uint8_t octets[] = {4, 'a', 'b', (uint8_t)number, (uint8_t)(number * 7), 1, 'x'};
    key_of_octets(&k, octets, number % 3 == 0 ? sizeof octets : 5);
    must(draft_start(&d, &k));
    trie_seek(t, TRIE_NAMES, &k, &path);
    uint32_t leaf = trie_new_leaf(t, d.blob, d.size);
    must(leaf != 0 && trie_put(t, &k, &path, leaf));
    draft_free(&d);
}

START_TEST(lies_in_order)
{
    struct heap from = {.used = 0}, to = {.used = 0};
    struct trie t = {.heap = &from, .born = 1};
    for (unsigned i = 0; i < 256; i++) {
        put(&t, i * 37);
    }
    uint32_t root[TRIE_PARTS], last = 0;
    ck_assert(trie_pack(&t, &to, 5, root));
    ck_assert_uint_ne(root[TRIE_NAMES], 0);
    ck_assert_uint_eq(root[TRIE_HASHES], 0);
    ck_assert_uint_eq(to.used, t.bytes);
    struct zone_version old = {.map = from.map, .root = {t.root[TRIE_NAMES]}},
                        new = {.map = to.map, .root = {root[TRIE_NAMES]}};
    struct zone_walk_part a, b;
    walk_root(&a, &old, TRIE_NAMES);
    for (walk_root(&b, &new, TRIE_NAMES); b.at != 0;) {
        ck_assert_int_eq(trie_is_leaf(a.at), trie_is_leaf(b.at));
        ck_assert_uint_eq(trie_born(&to, b.at), 5);
        ck_assert_uint_gt(trie_place(b.at), last);
        last = trie_place(b.at);
        if (trie_is_leaf(b.at)) {
            ck_assert(blob_same(trie_blob(from.map, a.at), trie_blob(to.map, b.at)));
        }
        (trie_is_leaf(b.at) ? walk_next : walk_down)(&a);
        (trie_is_leaf(b.at) ? walk_next : walk_down)(&b);
    }
    ck_assert_uint_eq(a.at, 0);
    ck_assert_uint_lt(last * HEAP_GRANULE, to.taken + 64 * 1024);
    heap_clear(&from);
    heap_clear(&to);
}
END_TEST

/* What a zone of ten records costs. */
START_TEST(a_small_zone_is_small)
{
    static const struct kit_line lines[] = {
        {"z", TYPE_NS, "ns1.z"}, {"z", TYPE_NS, "ns2.z"}, {"z", TYPE_TXT, "some text"},
        {"z", TYPE_A, "1"},      {"www.z", TYPE_A, "1"},  {"ns1.z", TYPE_A, "1"},
        {"ns2.z", TYPE_A, "2"},  {"mail.z", TYPE_A, "3"}, {"*.x.z", TYPE_CNAME, "www.z"},
    };
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, 9);
    ck_assert_uint_eq(zone_records(v), 10);
    ck_assert_uint_lt(zone_line_bytes(l), 1700);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_pack(void)
{
    TCase *c = tcase_create("zone_pack");
    tcase_add_test(c, lies_in_order);
    tcase_add_test(c, a_small_zone_is_small);
    return c;
}
