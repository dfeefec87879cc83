/* trie.h - a persistent qp-trie: from the key of an owner to the reference of its blob.
 *
 * A reference is 32 bits: a place in the heap and its kind. A branch is one block: a word with
 * the bitmap of the symbols that occur at one offset of the keys below, the edition it was born
 * in, and the references of its children in order of symbols. So the first child of a branch at
 * the end of a label is, when symbol 0 is there, the owner of all the others' parent domain; its
 * kind says whether a search has to stop there, and a search needs no look at its blob.
 *
 * Readers (zone/find.c, zone/walk.c) go over it with the inline functions below, on any thread.
 * `struct trie` is for the one that edits: what was born in its own edition is changed in place,
 * anything else is copied and named in `gone`. */
#ifndef SETTLED_ZONE_TRIE_H
#define SETTLED_ZONE_TRIE_H

#include "zone/blob.h"
#include "zone/heap.h"
#include "zone/reflist.h"

/* The low two bits of a reference. */
enum trie_kind {
    TRIE_BRANCH = 0,
    TRIE_LEAF = 1,
    TRIE_STOP = 3 /* a leaf with a cut or a DNAME */
};
#define TRIE_BITMAP ((UINT64_C(1) << KEY_SYMBOLS) - 1)

struct branch {
    uint64_t word; /* bitmap, and above it the offset */
    uint32_t born;
    uint32_t kid[];
};
#define BRANCH_HEAD offsetof(struct branch, kid)

static inline bool trie_is_leaf(uint32_t ref)
{
    return (ref & TRIE_LEAF) != 0;
}
static inline bool trie_is_stop(uint32_t ref)
{
    return (ref & 3) == TRIE_STOP;
}
static inline uint32_t trie_place(uint32_t ref)
{
    return ref >> 2;
}
static inline const struct branch *trie_branch(const uintptr_t *map, uint32_t ref)
{
    return heap_at(map, trie_place(ref));
}
static inline const struct blob *trie_blob(const uintptr_t *map, uint32_t ref)
{
    return heap_at(map, trie_place(ref));
}
/* Bits set in a word. Each step of a search waits for one, so the instruction is used where the
 * processor has it; not every processor of the distribution's x86-64 does. */
static inline unsigned trie_count(uint64_t w)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("popcnt")) {
        uint64_t n;
        __asm__("popcnt %1, %0" : "=r"(n) : "r"(w) : "cc");
        return (unsigned)n;
    }
#endif
    w -= (w >> 1) & UINT64_C(0x5555555555555555);
    w = (w & UINT64_C(0x3333333333333333)) + ((w >> 2) & UINT64_C(0x3333333333333333));
    w = (w + (w >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(w * UINT64_C(0x0101010101010101) >> 56);
}
static inline unsigned branch_offset(const struct branch *b)
{
    return (unsigned)(b->word >> KEY_SYMBOLS);
}
static inline unsigned branch_kids(const struct branch *b)
{
    return trie_count(b->word & TRIE_BITMAP);
}
static inline bool branch_has(const struct branch *b, unsigned symbol)
{
    return (b->word >> symbol & 1) != 0;
}
/* How many children come before that symbol's. */
static inline unsigned branch_index(const struct branch *b, unsigned symbol)
{
    return trie_count(b->word & ((UINT64_C(1) << symbol) - 1));
}
/* Some leaf below; one close by if there is. */
uint32_t trie_any_leaf(const uintptr_t *map, uint32_t ref);
uint32_t trie_any_kid(const struct branch *b); /* one step towards it */
uint32_t trie_last(const uintptr_t *map, uint32_t ref); /* the last of all leaves below */
/* The last leaf at or before the key in canonical order; 0 when all are behind it. */
uint32_t trie_before(const uintptr_t *map, uint32_t root, const struct key *k);

/* ---- writing ---- */

/* A zone has two: names, and hashes of names, which are the owners of NSEC3. A search for a name
 * never meets a hash (RFC 5155 7.2.8), and the hash before another is next to it. An owner that
 * is both is in both, each with a blob of its own. */
enum trie_part { TRIE_NAMES, TRIE_HASHES, TRIE_PARTS };
struct trie {
    struct heap *heap;
    uint32_t root[TRIE_PARTS]; /* 0: empty */
    uint32_t born;             /* the edition of the edit */
    uint64_t bytes;            /* of the blocks of all its nodes */
    struct reflist gone;       /* what was born before it and is no longer in it */
};
/* Where a key is, or belongs. Good until the trie changes. */
struct trie_path {
    enum trie_part part;
    unsigned depth;      /* branches above it */
    uint32_t leaf;       /* the leaf of exactly that key, or 0 */
    unsigned difference; /* when there is none: the offset at which it differs from all others */
    unsigned symbol;     /* the symbol the others have there (for the branch to be made) */
    uint32_t ref[KEY_LENGTH];
    uint8_t index[KEY_LENGTH]; /* of the child taken */
};

void trie_seek(const struct trie *t, enum trie_part part, const struct key *k, struct trie_path *p);
/* A leaf with a copy of the draft; 0: no memory. */
MUST_USE uint32_t trie_new_leaf(struct trie *t, const struct blob *draft, size_t size);
/* Puts a new leaf where the path leads; one that was there is gone. False: no memory; the leaf
 * is freed, and the trie holds the same keys as before. */
MUST_USE bool trie_put(struct trie *t, const struct key *k, struct trie_path *p, uint32_t leaf);
/* Takes out the leaf the path leads to. */
MUST_USE bool trie_remove(struct trie *t, struct trie_path *p);

/* Copies a whole trie into another heap, in canonical order: what a search meets last lies
 * together, what a walk meets next lies next. Its nodes are born in `born`. False: no memory,
 * nothing taken. */
MUST_USE bool trie_pack(const struct trie *t, struct heap *to, uint32_t born,
                        uint32_t root[TRIE_PARTS]);

/* Freeing all nodes below a root that were born after an edition, some at a time. Nobody may see
 * them any more: they hold the way back themselves, so that giving memory back never asks for
 * memory. */
struct trie_tear {
    uint32_t at;  /* start with the root; 0 when done */
    bool entered; /* start with false */
};
/* Looks at no more than `most` nodes; returns how many it looked at. */
unsigned trie_tear(struct heap *h, struct trie_tear *t, uint32_t after, unsigned most);
/* One node. */
uint32_t trie_born(const struct heap *h, uint32_t ref);
size_t trie_size(const struct heap *h, uint32_t ref); /* octets of its block */
void trie_free(struct heap *h, uint32_t ref);

#endif
