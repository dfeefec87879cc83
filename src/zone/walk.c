/* walk.c - over the owners of a version in canonical order (RFC 4034 6.1): for AXFR, checks,
 * export; and node by node for diff. Any thread; the walk is on the caller's stack and asks for
 * no memory. */
#include "zone/store.h"

static const struct blob *to_leaf(struct zone_walk_part *w);
static bool next_hash(struct zone_walk_part *w);
static struct zone_walk_part *first_of(struct zone_walk *w);

void zone_walk_start(struct zone_walk *w, const struct zone_version *v)
{
    w->version = v;
    walk_root(&w->names, v, TRIE_NAMES);
    walk_root(&w->hashes, v, TRIE_HASHES);
}

bool zone_walk_next(struct zone_walk *w, struct name *owner, struct zone_node *node)
{
    struct zone_walk_part *part = next_hash(&w->hashes) ? first_of(w) : &w->names;
    if (part->at == 0) {
        return false;
    }
    const struct blob *b = to_leaf(part);
    if (owner != NULL) {
        key_name(b->body, b->key_size, &w->version->apex, owner);
    }
    *node = (struct zone_node){.version = w->version, .ref = trie_place(part->at)};
    walk_next(part);
    return true;
}

static const struct blob *to_leaf(struct zone_walk_part *w)
{
    while (!trie_is_leaf(w->at)) {
        walk_down(w);
    }
    return trie_blob(w->map, w->at);
}

/* Passes over what is a name too: it comes as a name. */
static bool next_hash(struct zone_walk_part *w)
{
    while (w->at != 0 && blob_is_name(to_leaf(w))) {
        walk_next(w);
    }
    return w->at != 0;
}

static struct zone_walk_part *first_of(struct zone_walk *w)
{
    if (w->names.at == 0) {
        return &w->hashes;
    }
    const struct blob *name = to_leaf(&w->names), *hash = to_leaf(&w->hashes);
    int order = key_compare(name->body, name->key_size, hash->body, hash->key_size);
    return order < 0 ? &w->names : &w->hashes;
}

void walk_root(struct zone_walk_part *w, const struct zone_version *v, enum trie_part part)
{
    w->map = v != NULL ? v->map : NULL;
    w->depth = 0;
    w->at = v != NULL ? v->root[part] : 0;
}

void walk_down(struct zone_walk_part *w)
{
    w->path[w->depth] = w->at;
    w->slot[w->depth++] = 0;
    w->at = trie_branch(w->map, w->at)->kid[0];
}

void walk_next(struct zone_walk_part *w)
{
    while (w->depth > 0) {
        const struct branch *b = trie_branch(w->map, w->path[w->depth - 1]);
        unsigned slot = ++w->slot[w->depth - 1];
        if (slot < branch_kids(b)) {
            w->at = b->kid[slot];
            return;
        }
        w->depth--;
    }
    w->at = 0;
}
