/* pieces.h - what is remembered of a text that a version was made of: its pieces, what each was
 * read under, and which owners stand in it. For piecing.c, which reads, and recall.c, which
 * edits. */
#ifndef SETTLED_ZONE_PIECES_H
#define SETTLED_ZONE_PIECES_H

#include "base/buf.h"

#define PIECE_FAR   ((size_t)1 << 19) /* octets: no piece that is remembered is longer */
#define PIECE_AHEAD 64                /* octets behind a piece that say whether it ends there */
#define STATE_MOST  (9 + 255)         /* octets of a state */

struct piece {
    uint64_t key;         /* of its octets, and of the reader's state at its beginning */
    uint32_t len, lines;  /* octets; newlines */
    uint32_t after;       /* the state at its end: where it begins in `states` */
    uint32_t first_owner; /* its number: see pieces_owners */
    uint32_t owner_count;
    uint32_t records;
    bool sound; /* its octets and that state say all that there is to know */
};
/* Hashes that a memory and its successors have in common. For the one that writes the line, like
 * the versions that carry them. */
struct piece_owners {
    uint32_t *list;
    uint32_t count;
    unsigned holders;
};
struct pieces {
    struct piece *list;
    size_t count, room;
    /* a hash for each run of records, never 0: those shared have the first numbers */
    struct piece_owners *shared; /* NULL: none */
    uint32_t *owners;
    size_t owner_count, owner_room;
    struct buf states; /* one behind the other, each with its length before it (16 bits) */
    uint64_t seed;
    size_t apex_size;   /* octets of the zone's name */
    size_t least, most; /* octets of a piece, usually */
    uint64_t rarity;    /* every so many line starts is one where a piece may begin */
    uint32_t hash_mask; /* of the hash of an owner */
    uint32_t counted;   /* records of the version that count for max-shrink */
    bool failed;        /* no memory: of no use */
};

/* Of a zone; `least` octets of a piece, 0: what is good. NULL: no memory. */
MUST_USE struct pieces *pieces_new(const uint8_t *apex, uint64_t seed, size_t least);
void pieces_free(struct pieces *p); /* NULL is fine */
/* How long the piece is that begins there: up to a line that begins with an owner, or all of it. */
size_t pieces_cut(const struct pieces *p, const char *text, size_t len);
/* Does a piece end there, `len` octets from its beginning? That many are at hand: all up to the end
 * of the text, or PIECE_AHEAD more. */
bool pieces_ends(const struct pieces *p, const char *text, size_t len, size_t at_hand);
uint64_t pieces_key(const struct pieces *p, const char *text, size_t len, const uint8_t *state,
                    size_t state_len);
/* The hash of an owner in the zone, case ignored: 32 bits, so two owners may have the same. And the
 * same by its key's octets (key.h), which is all that the store has of it. */
uint32_t pieces_hash(const struct pieces *p, const uint8_t *owner);
uint32_t pieces_hash_key(const struct pieces *p, const uint8_t *octets, size_t size);
/* Puts a piece behind the others; first_owner and owner_count are there. */
void pieces_add(struct pieces *p, const struct piece *piece);
/* An owner of the piece that is to be added next, and the number that it will have. */
void pieces_owner(struct pieces *p, uint32_t hash);
uint32_t pieces_next_owner(const struct pieces *p);
/* Hashes of the piece's owners. */
const uint32_t *pieces_owners(const struct pieces *p, const struct piece *piece);
/* p, which is empty, becomes the successor of `old`, and has room for as much. */
void pieces_follow(struct pieces *p, const struct pieces *old);
/* Keeps a state; gives where. */
uint32_t pieces_state(struct pieces *p, const uint8_t *state, size_t len);
const uint8_t *pieces_state_at(const struct pieces *p, uint32_t at, size_t *len);
/* The piece `index` of another memory, with its owners and its state. */
void pieces_copy(struct pieces *p, const struct pieces *from, size_t index);
/* Takes over all pieces of `from`, which is empty then. */
void pieces_join(struct pieces *p, struct pieces *from);
void pieces_clear(struct pieces *p);
/* All pieces are there: gives back what it does not need, and lets successors share the rest. */
void pieces_settle(struct pieces *p);
uint64_t pieces_bytes(const struct pieces *p);

#endif
