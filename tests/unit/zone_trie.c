/* zone_trie.c - keys go in and out in any order, earlier editions stay as they were, all memory
 * comes back. */
#include "base/rand.h"
#include "cases.h"
#include "zone/draft.h"
#include "zone/trie.h"

#define KEYS 400

struct set { /* the oracle: which keys are in */
    struct key keys[KEYS];
    bool in[KEYS];
};

/* Different keys: a random front, and its number in base 8 for the last label. */
static void make_keys(struct set *s, struct rand *r)
{
    static const char letters[] = "ab-z09_*";
    for (unsigned i = 0; i < KEYS; i++) {
        uint8_t octets[64];
        unsigned size = 0;
        for (unsigned labels = rand_below(r, 4); labels > 0; labels--) {
            octets[size++] = 2;
            octets[size++] = (uint8_t)letters[rand_below(r, 8)];
            octets[size++] = rand_below(r, 6) == 0 ? (uint8_t)(128 + i % 128) : 'x';
        }
        octets[size++] = 3;
        for (unsigned n = i, d = 0; d < 3; d++, n /= 8) {
            octets[size++] = (uint8_t)letters[n % 8];
        }
        key_of_octets(&s->keys[i], octets, size);
        s->in[i] = false;
    }
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

static void take(struct trie *t, const struct key *k)
{
    struct trie_path path;
    trie_seek(t, TRIE_NAMES, k, &path);
    must(trie_remove(t, &path));
}

static void expect(const struct trie *t, const struct set *s)
{
    struct trie_path path;
    for (unsigned i = 0; i < KEYS; i++) {
        trie_seek(t, TRIE_NAMES, &s->keys[i], &path);
        must((path.leaf != 0) == s->in[i]);
    }
}

static void change(struct trie *t, struct set *s, struct rand *r, unsigned times)
{
    for (; times > 0; times--) {
        unsigned i = rand_below(r, KEYS);
        if (s->in[i] && rand_below(r, 3) > 0) {
            take(t, &s->keys[i]);
            s->in[i] = false;
        } else {
            put(t, &s->keys[i]);
            s->in[i] = true;
        }
    }
}

static void tear_all(struct heap *h, uint32_t root, uint32_t after, unsigned at_a_time)
{
    struct trie_tear tear = {.at = root};
    while (tear.at != 0) {
        must(trie_tear(h, &tear, after, at_a_time) <= at_a_time);
    }
}

START_TEST(keys_in_and_out)
{
    struct heap h = {.used = 0};
    struct trie t = {.heap = &h, .born = 1};
    struct set *s = calloc(1, sizeof *s);
    struct rand r;
    rand_seed(&r, 5);
    make_keys(s, &r);
    for (unsigned round = 0; round < 20; round++) {
        change(&t, s, &r, 100);
        expect(&t, s);
        must(h.used == t.bytes && t.gone.count == 0);
    }
    for (unsigned i = 0; i < KEYS; i++) {
        if (s->in[i]) {
            take(&t, &s->keys[i]);
        }
    }
    ck_assert_uint_eq(t.root[TRIE_NAMES], 0);
    ck_assert_uint_eq(h.used, 0);
    heap_clear(&h);
    free(s);
}
END_TEST

/* A random trie of edition 1 is changed in edition 2: both hold what they should; then one of
 * them goes. */
static void two_editions(struct rand *r, bool drop_second)
{
    struct heap h = {.used = 0};
    struct trie first = {.heap = &h, .born = 1};
    struct set *a = calloc(2, sizeof *a), *b = a + 1;
    make_keys(a, r);
    change(&first, a, r, rand_below(r, 300));
    *b = *a;
    uint64_t used = h.used;
    struct trie second = {.heap = &h, .root = {first.root[TRIE_NAMES]}, .born = 2, .bytes = first.bytes};
    change(&second, b, r, rand_below(r, 200));
    expect(&first, a);
    expect(&second, b);
    if (drop_second) {
        tear_all(&h, second.root[TRIE_NAMES], 1, 1 + rand_below(r, 50));
        ck_assert_uint_eq(h.used, used);
        expect(&first, a);
        tear_all(&h, first.root[TRIE_NAMES], 0, 1 + rand_below(r, 50));
    } else {
        for (uint32_t ref; (ref = reflist_last(&second.gone)) != 0;
             reflist_drop_last(&second.gone)) {
            ck_assert_uint_eq(trie_born(&h, ref), 1);
            trie_free(&h, ref);
        }
        ck_assert_uint_eq(h.used, second.bytes);
        expect(&second, b);
        tear_all(&h, second.root[TRIE_NAMES], 0, 1 + rand_below(r, 50));
    }
    ck_assert_uint_eq(h.used, 0);
    reflist_clear(&second.gone);
    heap_clear(&h);
    free(a);
}

START_TEST(editions_share_and_part)
{
    struct rand r;
    rand_seed(&r, 6);
    for (unsigned i = 0; i < 30; i++) {
        two_editions(&r, i % 2 == 0);
    }
}
END_TEST

START_TEST(an_edit_copies_the_path_only)
{
    struct heap h = {.used = 0};
    struct trie t = {.heap = &h, .born = 1};
    struct set *s = calloc(1, sizeof *s);
    struct rand r;
    rand_seed(&r, 7);
    make_keys(s, &r);
    for (unsigned i = 0; i < KEYS; i++) {
        put(&t, &s->keys[i]);
    }
    t.born = 2;
    put(&t, &s->keys[123]);
    ck_assert_uint_gt(t.gone.count, 1);
    ck_assert_uint_lt(t.gone.count, 12);
    uint64_t once = t.gone.count;
    put(&t, &s->keys[123]);
    ck_assert_uint_eq(t.gone.count, once);
    reflist_clear(&t.gone);
    heap_clear(&h);
    free(s);
}
END_TEST

TCase *case_zone_trie(void)
{
    TCase *c = tcase_create("zone_trie");
    tcase_add_test(c, keys_in_and_out);
    tcase_add_test(c, editions_share_and_part);
    tcase_add_test(c, an_edit_copies_the_path_only);
    return c;
}
