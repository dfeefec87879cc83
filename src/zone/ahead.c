/* ahead.c - calls for the memory that searches in a version will need (answer/ahead.c says what it
 * is good for). In a zone of a million names the last three to five branches of a search, and its
 * leaf, are in no cache. */
#include "zone/ahead.h"
#include "zone/store.h"

#define LINE 64 /* octets of memory that come together */

void zone_ahead(const struct zone_version *v, unsigned step)
{
    switch (step) {
    case 0:
        __builtin_prefetch(v);
        __builtin_prefetch(&v->soa);
        break;
    case 1:
        __builtin_prefetch(v->apex.name);
        __builtin_prefetch(v->map);
        break;
    default:
        if (v->root[TRIE_NAMES] != 0) {
            const uint8_t *root = heap_at(v->map, trie_place(v->root[TRIE_NAMES]));
            __builtin_prefetch(root);
            __builtin_prefetch(root + LINE); /* small zones stand close together */
        }
        __builtin_prefetch(v->soa);
        break;
    }
}

bool zone_ahead_start(struct zone_ahead *a, const struct zone_version *v, const uint8_t *name)
{
    a->map = v->map;
    a->ref = v->root[TRIE_NAMES];
    return v->is_large && key_of_name(&a->key, name, &v->apex);
}

/* A branch is looked at only for the child that the name asks for: where it has none, the answer
 * comes from close by. */
bool zone_ahead_step(struct zone_ahead *a)
{
    if (trie_is_leaf(a->ref)) {
        __builtin_prefetch((const uint8_t *)trie_blob(a->map, a->ref) + LINE);
        return false;
    }
    const struct branch *b = trie_branch(a->map, a->ref);
    unsigned symbol = key_at(&a->key, branch_offset(b));
    if (!branch_has(b, symbol)) {
        return false;
    }
    a->ref = b->kid[branch_index(b, symbol)];
    __builtin_prefetch(heap_at(a->map, trie_place(a->ref)));
    return true;
}
