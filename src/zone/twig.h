/* twig.h - the owners of a zone that is planted, as leaves to be: what plant.c found out, and
 * grow.c writes. */
#ifndef SETTLED_ZONE_TWIG_H
#define SETTLED_ZONE_TWIG_H

#include "zone/plant.h"
#include "zone/trie.h"

#define TWIG_NO_GAP 511 /* behind every offset */
#define TWIG_LARGE  255U

/* One owner: where its rows begin; and, of the owner before it, the offset at which their keys
 * part, and both symbols there. */
struct twig {
    uint32_t row;
    uint32_t offset : 9, mine : 6, before : 6, is_name : 1, is_hash : 1, has_again : 1;
    uint32_t size : 8; /* granules of its block; TWIG_LARGE: that or more */
};
struct plant_twigs {
    size_t count;
    bool has_hashes;
    struct twig *list[TRIE_PARTS]; /* the leaves of each trie */
    size_t length[TRIE_PARTS];
    struct twig all[]; /* every owner; the names' list, too, if there are no hashes */
};

#endif
