/* ahead.c - searches that call for the memory they need and give way to others until it is there
 * (answer/ahead.c says what it is good for). In a zone of a million names the last three to five
 * branches of a search, and its leaf, are in no cache. */
#include "zone/ahead.h"
#include "zone/search.h"

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

bool zone_is_large(const struct zone_version *v)
{
    return v->is_large;
}

bool zone_ahead_start(struct zone_search *s, const struct zone_version *v, const uint8_t *name)
{
    return search_start(s, v, name);
}

/* The work between two calls gives the processor time to take them: of calls in a row it drops
 * some, and an answer costs a tenth more. */
unsigned zone_ahead_step(struct zone_search searches[], uint8_t going[], unsigned count)
{
    unsigned left = 0;
    for (unsigned i = 0; i < count; i++) {
        struct zone_search *s = &searches[going[i]];
        if (trie_is_leaf(s->ref)) {
            const uint8_t *leaf = heap_at(s->version->map, trie_place(s->ref));
            __builtin_prefetch(leaf + LINE);
            if (trie_is_stop(s->ref)) { /* glue often stands right behind its delegation */
                __builtin_prefetch(leaf + 2 * LINE);
                __builtin_prefetch(leaf + 3 * LINE);
            }
            continue;
        }
        search_step(s);
        __builtin_prefetch(heap_at(s->version->map, trie_place(s->ref)));
        going[left++] = going[i];
    }
    return left;
}
