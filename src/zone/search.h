/* search.h - private to zone/: one search for a name, a step at a time: find.c goes all of them at
 * once, ahead.c those of many searches in turns. */
#ifndef SETTLED_ZONE_SEARCH_H
#define SETTLED_ZONE_SEARCH_H

#include "zone/ahead.h"
#include "zone/store.h"

/* False: the name is not at or below the apex. */
static inline bool search_start(struct zone_search *s, const struct zone_version *v,
                                const uint8_t *name)
{
    s->version = v;
    s->ref = v->root[TRIE_NAMES];
    s->depth = 0;
    s->is_lost = false;
    return key_of_name(&s->key, name, &v->apex);
}

/* From the branch s->ref to its child: towards the leaf that has most in common with the key, or to
 * the first owner above it where a search must stop. That one is the first child of a branch at the
 * end of its key; the others are below it. */
static inline void search_step(struct zone_search *s)
{
    const struct branch *b = trie_branch(s->version->map, s->ref);
    unsigned offset = branch_offset(b), symbol = key_at(&s->key, offset);
    if (s->is_lost) {
        s->ref = trie_any_kid(b);
        return;
    }
    s->passed[s->depth++] = s->ref;
    if (symbol != 0 && branch_has(b, 0) && trie_is_stop(b->kid[0]) &&
        key_at_label(&s->key, offset)) {
        s->ref = b->kid[0];
    } else if (branch_has(b, symbol)) {
        s->ref = b->kid[branch_index(b, symbol)];
    } else {
        s->is_lost = true;
        s->ref = trie_any_kid(b);
    }
}

#endif
