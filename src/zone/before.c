/* before.c - the last key of a trie at or before another, in canonical order (RFC 4034 6.1): where
 * NSEC and NSEC3 have the record that speaks of a name that is not there. Any thread; no
 * allocation.
 *
 * Down to a leaf that has most in common with the key, as any search goes; where the two differ,
 * all below that place is on one side of the key. Then back up to the first branch that has a
 * child on the other side, and down to that child's last. */
#include "zone/trie.h"

struct way { /* the branches down to the leaf, and where each was left */
    unsigned depth;
    uint32_t passed[KEY_LENGTH];
    uint8_t before[KEY_LENGTH]; /* children before the one taken */
};

static uint32_t go_down(const uintptr_t *map, uint32_t ref, const struct key *k, struct way *w);
static bool is_same(const struct blob *b, const struct key *k);
static uint32_t all_below(const uintptr_t *map, const struct way *w, uint32_t leaf,
                          unsigned difference, unsigned *level);
static uint32_t last_before(const uintptr_t *map, const struct way *w, unsigned level);

uint32_t trie_before(const uintptr_t *map, uint32_t root, const struct key *k)
{
    struct way w;
    struct key other;
    uint32_t leaf = go_down(map, root, k, &w);
    const struct blob *b = trie_blob(map, leaf);
    if (is_same(b, k)) {
        return leaf;
    }
    key_of_octets(&other, b->body, b->key_size);
    unsigned difference = key_difference(k, &other), level;
    uint32_t alike = all_below(map, &w, leaf, difference, &level);
    bool at_branch = !trie_is_leaf(alike) && branch_offset(trie_branch(map, alike)) == difference;
    if (at_branch) {
        level++; /* its children before the key's symbol come before the key */
    } else if (key_at(&other, difference) < key_at(k, difference)) {
        return trie_last(map, alike);
    }
    return last_before(map, &w, level);
}

uint32_t trie_last(const uintptr_t *map, uint32_t ref)
{
    while (!trie_is_leaf(ref)) {
        const struct branch *b = trie_branch(map, ref);
        ref = b->kid[branch_kids(b) - 1];
    }
    return ref;
}

static uint32_t go_down(const uintptr_t *map, uint32_t ref, const struct key *k, struct way *w)
{
    w->depth = 0;
    while (!trie_is_leaf(ref)) {
        const struct branch *b = trie_branch(map, ref);
        unsigned symbol = key_at(k, branch_offset(b)), i = branch_index(b, symbol);
        w->passed[w->depth] = ref;
        w->before[w->depth++] = (uint8_t)i;
        if (!branch_has(b, symbol)) {
            return trie_any_leaf(map, ref);
        }
        ref = b->kid[i];
    }
    return ref;
}

static bool is_same(const struct blob *b, const struct key *k)
{
    return b->key_size == k->size && memcmp(b->body, k->octets, k->size) == 0;
}

/* The top of all that is like the leaf up to the difference; *level is how many branches are above
 * it. */
static uint32_t all_below(const uintptr_t *map, const struct way *w, uint32_t leaf,
                          unsigned difference, unsigned *level)
{
    unsigned depth = w->depth;
    while (depth > 0 && branch_offset(trie_branch(map, w->passed[depth - 1])) >= difference) {
        depth--;
    }
    *level = depth;
    return depth < w->depth ? w->passed[depth] : leaf;
}

/* The last leaf before the way, at one of its first `level` branches; 0: none. */
static uint32_t last_before(const uintptr_t *map, const struct way *w, unsigned level)
{
    while (level > 0 && w->before[level - 1] == 0) {
        level--;
    }
    if (level == 0) {
        return 0;
    }
    const struct branch *b = trie_branch(map, w->passed[level - 1]);
    return trie_last(map, b->kid[w->before[level - 1] - 1]);
}
