/* trie.c - writing the trie: seek, put, remove by copying the path; and taking apart what nobody
 * sees any more. The thread that writes the line. */
#include "zone/trie.h"

#define SHIFT KEY_SYMBOLS

static struct branch *branch_at(const struct heap *h, uint32_t ref);
static size_t branch_size(unsigned kids);
static uint32_t new_branch(struct trie *t, uint64_t word, unsigned kids);
static bool own(struct trie *t, struct trie_path *p, unsigned levels);
static bool let_go(struct trie *t, uint32_t ref);
static void undo(struct trie *t, uint32_t ref);
static void link_at(struct trie *t, const struct trie_path *p, unsigned level, uint32_t ref);
static uint32_t linked_at(const struct trie *t, const struct trie_path *p, unsigned level);
static bool replace_leaf(struct trie *t, struct trie_path *p, uint32_t leaf);
static bool put_branch(struct trie *t, const struct key *k, struct trie_path *p, uint32_t leaf);
static bool put_kid(struct trie *t, const struct key *k, struct trie_path *p, uint32_t leaf);
static bool drop_kid(struct trie *t, struct trie_path *p);
static bool drop_branch(struct trie *t, struct trie_path *p);
static bool replace_branch(struct trie *t, struct trie_path *p, uint32_t next);
static void enter(struct heap *h, struct trie_tear *t, uint32_t ref, uint32_t from);
static void leave(struct heap *h, struct trie_tear *t);

uint32_t trie_any_leaf(const uintptr_t *map, uint32_t ref)
{
    while (!trie_is_leaf(ref)) {
        ref = trie_any_kid(trie_branch(map, ref));
    }
    return ref;
}

uint32_t trie_any_kid(const struct branch *b)
{
    unsigned kids = branch_kids(b), i = 0;
    while (i < kids && !trie_is_leaf(b->kid[i])) {
        i++;
    }
    return b->kid[i < kids ? i : 0];
}

void trie_seek(const struct trie *t, enum trie_part part, const struct key *k, struct trie_path *p)
{
    uint32_t ref = t->root[part];
    p->part = part;
    p->depth = p->difference = p->symbol = 0;
    p->leaf = 0;
    while (ref != 0 && !trie_is_leaf(ref)) {
        const struct branch *b = branch_at(t->heap, ref);
        unsigned symbol = key_at(k, branch_offset(b)), i = branch_index(b, symbol);
        p->ref[p->depth] = ref;
        p->index[p->depth++] = (uint8_t)i;
        ref = branch_has(b, symbol) ? b->kid[i] : trie_any_leaf(t->heap->map, ref);
    }
    if (ref == 0) {
        return;
    }
    const struct blob *blob = trie_blob(t->heap->map, ref);
    if (blob->key_size == k->size && memcmp(blob->body, k->octets, k->size) == 0) {
        p->leaf = ref;
        return;
    }
    struct key other;
    key_of_octets(&other, blob->body, blob->key_size);
    p->difference = key_difference(k, &other);
    p->symbol = key_at(&other, p->difference);
    while (p->depth > 0 &&
           branch_offset(branch_at(t->heap, p->ref[p->depth - 1])) > p->difference) {
        p->depth--;
    }
}

uint32_t trie_new_leaf(struct trie *t, const struct blob *draft, size_t size)
{
    uint32_t place = heap_get(t->heap, size);
    if (place == 0) {
        return 0;
    }
    struct blob *b = heap_at(t->heap->map, place);
    memcpy(b, draft, size);
    b->born = t->born;
    t->bytes += heap_block(size);
    return place << 2 | (b->flags != 0 ? TRIE_STOP : TRIE_LEAF);
}

bool trie_put(struct trie *t, const struct key *k, struct trie_path *p, uint32_t leaf)
{
    bool at_branch = p->depth > 0 && p->leaf == 0 &&
                     branch_offset(branch_at(t->heap, p->ref[p->depth - 1])) == p->difference;
    if (t->root[p->part] == 0) {
        t->root[p->part] = leaf;
        return true;
    }
    bool done = p->leaf != 0 ? replace_leaf(t, p, leaf)
                : at_branch  ? put_kid(t, k, p, leaf)
                             : put_branch(t, k, p, leaf);
    if (!done) {
        undo(t, leaf);
    }
    return done;
}

bool trie_remove(struct trie *t, struct trie_path *p)
{
    must(p->leaf != 0);
    if (p->depth == 0) {
        t->root[p->part] = 0;
        return let_go(t, p->leaf);
    }
    unsigned kids = branch_kids(branch_at(t->heap, p->ref[p->depth - 1]));
    return kids == 2 ? drop_branch(t, p) : drop_kid(t, p);
}

static bool replace_leaf(struct trie *t, struct trie_path *p, uint32_t leaf)
{
    if (!own(t, p, p->depth) || !let_go(t, p->leaf)) {
        return false;
    }
    link_at(t, p, p->depth, leaf);
    return true;
}

/* A new branch between the last one above and what the path leads to: the two differ before any
 * branch below does. */
static bool put_branch(struct trie *t, const struct key *k, struct trie_path *p, uint32_t leaf)
{
    unsigned mine = key_at(k, p->difference);
    uint64_t bitmap = UINT64_C(1) << mine | UINT64_C(1) << p->symbol;
    uint32_t next =
        own(t, p, p->depth) ? new_branch(t, bitmap | (uint64_t)p->difference << SHIFT, 2) : 0;
    if (next == 0) {
        return false;
    }
    struct branch *b = branch_at(t->heap, next);
    b->kid[mine > p->symbol] = leaf;
    b->kid[mine < p->symbol] = linked_at(t, p, p->depth);
    link_at(t, p, p->depth, next);
    return true;
}

static bool put_kid(struct trie *t, const struct key *k, struct trie_path *p, uint32_t leaf)
{
    const struct branch *old = branch_at(t->heap, p->ref[p->depth - 1]);
    unsigned kids = branch_kids(old), i = p->index[p->depth - 1];
    uint64_t bit = UINT64_C(1) << key_at(k, p->difference);
    if (old->born == t->born &&
        heap_block(branch_size(kids)) == heap_block(branch_size(kids + 1))) {
        struct branch *b = branch_at(t->heap, p->ref[p->depth - 1]);
        memmove(b->kid + i + 1, b->kid + i, (kids - i) * sizeof b->kid[0]);
        b->kid[i] = leaf;
        b->word |= bit;
        return true;
    }
    uint32_t next = new_branch(t, old->word | bit, kids + 1);
    if (next == 0) {
        return false;
    }
    struct branch *b = branch_at(t->heap, next);
    memcpy(b->kid, old->kid, i * sizeof b->kid[0]);
    memcpy(b->kid + i + 1, old->kid + i, (kids - i) * sizeof b->kid[0]);
    b->kid[i] = leaf;
    return replace_branch(t, p, next);
}

static bool drop_kid(struct trie *t, struct trie_path *p)
{
    const struct branch *old = branch_at(t->heap, p->ref[p->depth - 1]);
    unsigned kids = branch_kids(old), i = p->index[p->depth - 1];
    uint64_t bitmap = old->word & TRIE_BITMAP;
    for (unsigned skip = i; skip > 0; skip--) {
        bitmap &= bitmap - 1;
    }
    uint32_t next = new_branch(t, old->word & ~(bitmap & -bitmap), kids - 1);
    if (next == 0) {
        return false;
    }
    struct branch *b = branch_at(t->heap, next);
    memcpy(b->kid, old->kid, i * sizeof b->kid[0]);
    memcpy(b->kid + i, old->kid + i + 1, (kids - 1 - i) * sizeof b->kid[0]);
    return replace_branch(t, p, next) && let_go(t, p->leaf);
}

/* The last but one child goes: the branch goes too, its other child takes its place. */
static bool drop_branch(struct trie *t, struct trie_path *p)
{
    uint32_t ref = p->ref[p->depth - 1],
             other = branch_at(t->heap, ref)->kid[1 - p->index[p->depth - 1]];
    if (!own(t, p, p->depth - 1) || !let_go(t, ref)) {
        return false;
    }
    link_at(t, p, p->depth - 1, other);
    return let_go(t, p->leaf);
}

/* Puts `next` where the last branch of the path is. */
static bool replace_branch(struct trie *t, struct trie_path *p, uint32_t next)
{
    unsigned last = p->depth - 1;
    if (!own(t, p, last) || !let_go(t, p->ref[last])) {
        undo(t, next);
        return false;
    }
    link_at(t, p, last, next);
    return true;
}

/* Makes the first branches of the path ours, copying those of earlier editions from the root
 * down. */
static bool own(struct trie *t, struct trie_path *p, unsigned levels)
{
    for (unsigned i = 0; i < levels; i++) {
        const struct branch *old = branch_at(t->heap, p->ref[i]);
        if (old->born == t->born) {
            continue;
        }
        unsigned kids = branch_kids(old);
        uint32_t next = new_branch(t, old->word, kids);
        if (next == 0) {
            return false;
        }
        memcpy(branch_at(t->heap, next)->kid, old->kid, kids * sizeof old->kid[0]);
        if (!let_go(t, p->ref[i])) {
            undo(t, next);
            return false;
        }
        link_at(t, p, i, next);
        p->ref[i] = next;
    }
    return true;
}

/* A node that the trie is about to lose: freed if it is ours, else named for those who still see
 * it. */
static bool let_go(struct trie *t, uint32_t ref)
{
    size_t size = heap_block(trie_size(t->heap, ref));
    if (trie_born(t->heap, ref) == t->born) {
        trie_free(t->heap, ref);
    } else if (!reflist_put(&t->gone, ref)) {
        return false;
    }
    t->bytes -= size;
    return true;
}

/* A node of ours that did not get in. */
static void undo(struct trie *t, uint32_t ref)
{
    t->bytes -= heap_block(trie_size(t->heap, ref));
    trie_free(t->heap, ref);
}

static void link_at(struct trie *t, const struct trie_path *p, unsigned level, uint32_t ref)
{
    if (level == 0) {
        t->root[p->part] = ref;
        return;
    }
    branch_at(t->heap, p->ref[level - 1])->kid[p->index[level - 1]] = ref;
}

static uint32_t linked_at(const struct trie *t, const struct trie_path *p, unsigned level)
{
    return level == 0 ? t->root[p->part]
                      : branch_at(t->heap, p->ref[level - 1])->kid[p->index[level - 1]];
}

static uint32_t new_branch(struct trie *t, uint64_t word, unsigned kids)
{
    uint32_t place = heap_get(t->heap, branch_size(kids));
    if (place == 0) {
        return 0;
    }
    struct branch *b = heap_at(t->heap->map, place);
    b->word = word;
    b->born = t->born;
    t->bytes += heap_block(branch_size(kids));
    return place << 2 | TRIE_BRANCH;
}

static struct branch *branch_at(const struct heap *h, uint32_t ref)
{
    return heap_at(h->map, trie_place(ref));
}

static size_t branch_size(unsigned kids)
{
    return BRANCH_HEAD + kids * sizeof(uint32_t);
}

uint32_t trie_born(const struct heap *h, uint32_t ref)
{
    return trie_is_leaf(ref) ? trie_blob(h->map, ref)->born : trie_branch(h->map, ref)->born;
}

size_t trie_size(const struct heap *h, uint32_t ref)
{
    return trie_is_leaf(ref) ? blob_size(trie_blob(h->map, ref))
                             : branch_size(branch_kids(trie_branch(h->map, ref)));
}

void trie_free(struct heap *h, uint32_t ref)
{
    heap_put(h, trie_place(ref), trie_size(h, ref));
}

unsigned trie_tear(struct heap *h, struct trie_tear *t, uint32_t after, unsigned most)
{
    unsigned seen = 0;
    while (t->at != 0 && seen < most) {
        struct branch *b = t->entered ? branch_at(h, t->at) : NULL;
        if (b != NULL && (b->word & TRIE_BITMAP) == 0) {
            leave(h, t);
            continue;
        }
        uint32_t from = t->entered ? t->at : 0, ref = t->at;
        if (b != NULL) { /* take its last child */
            ref = b->kid[branch_kids(b) - 1];
            b->word &= b->word - 1;
        }
        seen++;
        if (trie_born(h, ref) <= after) {
            t->at = from;
        } else if (trie_is_leaf(ref)) {
            trie_free(h, ref);
            t->at = from;
        } else {
            enter(h, t, ref, from);
        }
    }
    return seen;
}

/* From now on the branch's bitmap says how many children are left, its offset how many there
 * were, its edition who is above. */
static void enter(struct heap *h, struct trie_tear *t, uint32_t ref, uint32_t from)
{
    struct branch *b = branch_at(h, ref);
    b->word = (b->word & TRIE_BITMAP) | (uint64_t)branch_kids(b) << SHIFT;
    b->born = from;
    t->at = ref;
    t->entered = true;
}

static void leave(struct heap *h, struct trie_tear *t)
{
    const struct branch *b = branch_at(h, t->at);
    uint32_t place = trie_place(t->at);
    t->at = b->born;
    heap_put(h, place, branch_size(branch_offset(b)));
}
