/* key.h - an owner name as the trie sees it: labels from the apex outward, in lower case, the
 * apex's own left out. In two forms: octets (what a blob keeps: length octet and label, label
 * after label) and symbols (what branches ask for). A symbol is below 49, so that one 64-bit
 * word holds a branch's bitmap and its offset. The letters, digits and signs of ordinary names
 * are one symbol each, all other octets two; symbol 0 ends a label, and one more ends the key.
 * Order of symbols = canonical order of names (RFC 4034 6.1). */
#ifndef SETTLED_ZONE_KEY_H
#define SETTLED_ZONE_KEY_H

#include "wire/name.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_SYMBOLS 49  /* different symbols */
#define KEY_LENGTH  505 /* most symbols of a key, the end of the key included: offsets fit 9 bits */
#define KEY_STAR    2   /* the symbol of '*' */
#define KEY_PREFIX  10
#define KEY_HASH    32 /* octets of a hash written as a label */

struct key {
    uint16_t symbols; /* in symbol[], the last label's end included */
    uint8_t size;     /* of octets */
    uint8_t labels;
    bool star;                     /* one of the labels is "*" */
    uint16_t end[NAME_LABELS + 1]; /* end[n]: symbols of the first n labels */
    uint8_t octets[NAME_SIZE];
    uint8_t symbol
        [KEY_LENGTH +
         2]; /* [0] is 0, as if the apex's last label ended there; the key's own begin at [1] */
};

/* The name above all keys of a zone, in lower case. */
struct apex {
    const uint8_t *name;
    uint8_t size, labels;
};

/* The key of a name; false when it is not at or below the apex. */
bool key_of_name(struct key *k, const uint8_t *name, const struct apex *apex);
/* Its first KEY_PREFIX symbols, six bits each, without making all of it: ordered as names are, as
 * far as they go. False: as above. */
bool key_prefix(const uint8_t *name, const struct apex *apex, uint64_t *prefix);
/* The key of which a blob keeps the octets. */
void key_of_octets(struct key *k, const uint8_t *octets, size_t size);
/* Has it the form of an NSEC3's owner: one label of 32 digits in base 32 (RFC 5155 1.3)? */
bool key_is_hash(const uint8_t *octets, size_t size);
/* The name: octets turned round and put before the apex. */
void key_name(const uint8_t *octets, size_t size, const struct apex *apex, struct name *out);
/* Octets of the whole labels that both have at the front; *labels is their number. */
size_t key_common(const struct key *k, const uint8_t *octets, size_t size, unsigned *labels);
/* Canonical order of two keys' octets: <0, 0, >0. */
int key_compare(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size);
/* The first offset at which the symbols differ, or KEY_LENGTH when they are the same. */
unsigned key_difference(const struct key *a, const struct key *b);

/* The symbol at an offset; 0 behind the end. */
static inline unsigned key_at(const struct key *k, unsigned offset)
{
    return offset < k->symbols ? k->symbol[offset + 1] : 0;
}
/* Does a label begin at this offset (or the key end)? */
static inline bool key_at_label(const struct key *k, unsigned offset)
{
    return offset >= k->symbols || k->symbol[offset] == 0;
}

#endif
