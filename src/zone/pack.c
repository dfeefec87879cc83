/* pack.c - a trie that was built from nothing, copied in canonical order into the line's heap.
 *
 * Building leaves nodes where they came, and holes where they grew. Packed, the last branches of
 * a search and the blob they lead to share a page or a line, and a walk reads memory from front
 * to back. A zone of a million names (2.44 M records) then takes 59 octets a record, all of the
 * process included. The thread that writes the line. */
#include "zone/trie.h"

struct packing {
    const uintptr_t *from;
    struct heap *to;
    uint32_t born;
};

static uint32_t pack(const struct packing *p, uint32_t ref);
static uint32_t pack_leaf(const struct packing *p, uint32_t ref);
static uint32_t pack_branch(const struct packing *p, uint32_t ref);
static void fetch_kids(const uintptr_t *map, const struct branch *b, unsigned kids);
static void unpack(struct heap *h, uint32_t ref);

bool trie_pack(const struct trie *t, struct heap *to, uint32_t born, uint32_t root[TRIE_PARTS])
{
    struct packing p = {.from = t->heap->map, .to = to, .born = born};
    heap_expect(to, t->bytes);
    for (int part = 0; part < TRIE_PARTS; part++) {
        root[part] = t->root[part] != 0 ? pack(&p, t->root[part]) : 0;
        if (t->root[part] != 0 && root[part] == 0) {
            while (part > 0) {
                unpack(to, root[--part]);
            }
            return false;
        }
    }
    return true;
}

/* As deep as keys are long at most. */
static uint32_t pack(const struct packing *p, uint32_t ref)
{
    return trie_is_leaf(ref) ? pack_leaf(p, ref) : pack_branch(p, ref);
}

static uint32_t pack_leaf(const struct packing *p, uint32_t ref)
{
    const struct blob *old = trie_blob(p->from, ref);
    size_t size = blob_size(old);
    uint32_t place = heap_get_fresh(p->to, size);
    if (place == 0) {
        return 0;
    }
    struct blob *b = heap_at(p->to->map, place);
    memcpy(b, old, size);
    b->born = p->born;
    return place << 2 | (ref & 3);
}

static uint32_t pack_branch(const struct packing *p, uint32_t ref)
{
    const struct branch *old = trie_branch(p->from, ref);
    unsigned kids = branch_kids(old);
    uint32_t place = heap_get_fresh(p->to, BRANCH_HEAD + kids * sizeof old->kid[0]);
    if (place == 0) {
        return 0;
    }
    fetch_kids(p->from, old, kids);
    struct branch *b = heap_at(p->to->map, place);
    b->word = old->word;
    b->born = p->born;
    for (unsigned i = 0; i < kids; i++) {
        b->kid[i] = pack(p, old->kid[i]);
        if (b->kid[i] == 0) {
            while (i > 0) {
                unpack(p->to, b->kid[--i]);
            }
            heap_put(p->to, place, BRANCH_HEAD + kids * sizeof old->kid[0]);
            return 0;
        }
    }
    return place << 2 | TRIE_BRANCH;
}

/* All are going to be read: asked for at once they come in the time of one. */
static void fetch_kids(const uintptr_t *map, const struct branch *b, unsigned kids)
{
    for (unsigned i = 0; i < kids; i++) {
        __builtin_prefetch(heap_at(map, trie_place(b->kid[i])));
    }
}

static void unpack(struct heap *h, uint32_t ref)
{
    struct trie_tear tear = {.at = ref};
    (void)trie_tear(h, &tear, 0, UINT32_MAX);
}
