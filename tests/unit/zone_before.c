/* zone_before.c - the last key at or before another, against a look at all of them. */
#include "base/rand.h"
#include "cases.h"
#include "zone/draft.h"
#include "zone/trie.h"

#define KEYS 60

static void random_key(struct key *k, struct rand *r)
{
    static const char letters[] = "ab-z09_*\001\377~";
    uint8_t octets[64];
    unsigned size = 0;
    for (unsigned labels = rand_below(r, 5); labels > 0; labels--) {
        unsigned length = 1 + rand_below(r, 3);
        octets[size++] = (uint8_t)length;
        for (; length > 0; length--) {
            octets[size++] = (uint8_t)letters[rand_below(r, sizeof letters - 1)];
        }
    }
    key_of_octets(k, octets, size);
}

static void put(struct trie *t, const struct key *k)
{
    struct trie_path path;
    struct draft d = {.size = 0};
    trie_seek(t, TRIE_NAMES, k, &path);
    must(draft_start(&d, k));
    uint32_t leaf = trie_new_leaf(t, d.blob, d.size);
    must(leaf != 0 && trie_put(t, k, &path, leaf));
    draft_free(&d);
}

static const struct key *before(const struct key *keys, unsigned count, const struct key *k)
{
    const struct key *best = NULL;
    for (unsigned i = 0; i < count; i++) {
        const struct key *one = &keys[i];
        if (key_compare(one->octets, one->size, k->octets, k->size) <= 0 &&
            (best == NULL || key_compare(best->octets, best->size, one->octets, one->size) < 0)) {
            best = one;
        }
    }
    return best;
}

static void expect(const struct trie *t, const struct key *k, const struct key *want)
{
    uint32_t got = trie_before(t->heap->map, t->root[TRIE_NAMES], k);
    must((got == 0) == (want == NULL));
    if (want != NULL) {
        const struct blob *b = trie_blob(t->heap->map, got);
        must(b->key_size == want->size && memcmp(b->body, want->octets, want->size) == 0);
    }
}

START_TEST(random_keys)
{
    struct rand r;
    struct key *keys = calloc(KEYS, sizeof *keys);
    rand_seed(&r, 11);
    for (unsigned round = 0; round < 100; round++) {
        struct heap h = {.used = 0};
        struct trie t = {.heap = &h, .born = 1};
        unsigned count = 1 + rand_below(&r, KEYS);
        for (unsigned i = 0; i < count; i++) {
            random_key(&keys[i], &r);
            put(&t, &keys[i]);
        }
        for (unsigned i = 0; i < 60; i++) {
            struct key k;
            random_key(&k, &r);
            expect(&t, &k, before(keys, count, &k));
            expect(&t, &keys[i % count], before(keys, count, &keys[i % count]));
        }
        uint32_t last = trie_last(h.map, t.root[TRIE_NAMES]);
        const struct blob *b = trie_blob(h.map, last);
        for (unsigned i = 0; i < count; i++) {
            must(key_compare(keys[i].octets, keys[i].size, b->body, b->key_size) <= 0);
        }
        heap_clear(&h);
    }
    free(keys);
}
END_TEST

TCase *case_zone_before(void)
{
    TCase *c = tcase_create("zone_before");
    tcase_add_test(c, random_keys);
    return c;
}
