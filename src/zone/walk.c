/* walk.c - over the owners of a version in canonical order (RFC 4034 6.1): for AXFR, checks,
 * export; and node by node for diff. Any thread; the walk is on the caller's stack and asks for
 * no memory. */
#include "zone/store.h"

void zone_walk_start(struct zone_walk *w, const struct zone_version *v)
{
    walk_root(w, v);
}

bool zone_walk_next(struct zone_walk *w, struct name *owner, struct zone_node *node)
{
    if (w->at == 0) {
        return false;
    }
    while (!trie_is_leaf(w->at)) {
        walk_down(w);
    }
    const struct blob *b = trie_blob(w->version->map, w->at);
    key_name(b->body, b->key_size, &w->version->apex, owner);
    *node = (struct zone_node){.version = w->version, .ref = trie_place(w->at)};
    walk_next(w);
    return true;
}

void walk_root(struct zone_walk *w, const struct zone_version *v)
{
    w->version = v;
    w->depth = 0;
    w->at = v != NULL ? v->root : 0;
}

void walk_down(struct zone_walk *w)
{
    w->path[w->depth] = w->at;
    w->slot[w->depth++] = 0;
    w->at = trie_branch(w->version->map, w->at)->kid[0];
}

void walk_next(struct zone_walk *w)
{
    while (w->depth > 0) {
        const struct branch *b = trie_branch(w->version->map, w->path[w->depth - 1]);
        unsigned slot = ++w->slot[w->depth - 1];
        if (slot < branch_kids(b)) {
            w->at = b->kid[slot];
            return;
        }
        w->depth--;
    }
    w->at = 0;
}
