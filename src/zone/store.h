/* store.h - what a line, a version and an edit are made of. For the store's own files only. */
#ifndef SETTLED_ZONE_STORE_H
#define SETTLED_ZONE_STORE_H

#include "zone/draft.h"
#include "zone/nsec3.h"
#include "zone/pieces.h"
#include "zone/trie.h"
#include "zone/version.h"
#include <stdatomic.h>

#define STORE_EMPTY                                                                                \
    1U /* the ref of a zone_node that is an empty non-terminal: no block has that place */

struct zone_line {
    struct heap heap;
    struct zone_version *oldest, *newest;
    struct zone_edit *edit; /* the one under way */
    struct apex apex;
    uint64_t seed;
    uint32_t edition; /* the last one given to a version; 2^32 last 136 years at one a second */
    uint8_t apex_octets[];
};

struct zone_version {
    /* for readers: never change */
    const uintptr_t *map;
    struct apex apex;
    uint32_t root[TRIE_PARTS];
    uint32_t apex_place;
    uint32_t stars; /* owners with a label "*" */
    uint32_t max_ttl, serial, soa_ttl;
    uint16_t soa_len;
    bool is_signed;
    bool is_large;  /* a search in it waits for memory */
    uint8_t denial; /* enum zone_denial */
    /* for the one that writes the line, here because there is room */
    bool tearing;
    bool alone;    /* its successor was built from nothing: it has all that is not older */
    unsigned torn; /* parts that are gone */
    /* for readers again */
    struct nsec3_parameters nsec3;
    const uint8_t *soa;
    uint64_t records, content_hash;
    struct zone_line *line;
    /* any thread */
    atomic_uint holds;
    /* for the one that writes the line */
    uint32_t edition;
    struct zone_version *older, *newer;
    uint64_t bytes;      /* of its nodes, shared or not */
    struct reflist gone; /* what it has and its successor has not */
    struct trie_tear tear;
    struct learned *learned; /* NULL: nothing, as of a small zone in order */
};
/* What building it taught, for whoever builds the next one. */
struct learned {
    struct buf *named;       /* owners that findings name; NULL: none */
    struct checked *checked; /* what was found in it; NULL: not known */
    struct pieces *pieces;   /* of the text it was made of; NULL: none are known */
};

struct zone_edit {
    struct zone_line *line;
    struct zone_version *base; /* NULL: none */
    struct zone_version *next; /* holds the totals meanwhile */
    struct trie trie;
    struct heap build; /* what is built from nothing is built here, and packed into the line's */
    bool failed;       /* memory ran out while an owner was stored: nothing to finish */
    /* the owner under the pen */
    bool has_owner, changed;
    struct name owner; /* as it was written */
    uint64_t owner_hash;
    struct key key;
    bool may_be_hash; /* path[TRIE_HASHES] leads to it */
    struct trie_path path[TRIE_PARTS];
    const struct blob *old; /* what it had; NULL: nothing */
    struct draft draft;
};

static inline const struct blob *store_blob(const struct zone_version *v, uint32_t place)
{
    return place == STORE_EMPTY ? &blob_empty : heap_at(v->map, place);
}
void version_free(struct zone_version *v); /* itself, not its nodes */
/* Brings an owner under the pen; OUTSIDE or NO_MEMORY when it cannot. */
enum zone_edit_status edit_owner(struct zone_edit *e, const uint8_t *owner);
/* Is the record there? TTL ignored. */
enum zone_edit_status edit_has(struct zone_edit *e, const struct record *rr, bool *has);

/* Node by node over one of a version's tries, for diff: `at` is the node, 0 behind the last. v
 * may be NULL: empty. */
void walk_root(struct zone_walk_part *w, const struct zone_version *v, enum trie_part part);
void walk_down(struct zone_walk_part *w); /* from a branch to its first child */
void walk_next(struct zone_walk_part *w); /* to what comes after the node and all below it */

#endif
