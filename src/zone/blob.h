/* blob.h - all that one owner has, in one block of the heap: its key, and its RRsets in
 * ascending types, the records of each in canonical order (RFC 4034 6.3), so that equal content
 * is equal octets whatever order it came in.
 *   8 octets of head, the key's octets, 10 octets for each RRset, then the data of each: count
 *   times rdlength and rdata. */
#ifndef SETTLED_ZONE_BLOB_H
#define SETTLED_ZONE_BLOB_H

#include "base/must.h"
#include "wire/rrset.h"
#include "zone/key.h"
#include <string.h>

#define BLOB_HEAD 8U
#define BLOB_SET  10U

enum blob_flag {
    BLOB_CUT = 1, /* NS below the apex: a delegation (RFC 1034 4.2) */
    BLOB_DNAME = 2
};
struct blob {
    uint32_t born; /* the edition that made it */
    uint16_t sets;
    uint8_t key_size;
    uint8_t flags;
    uint8_t body[]; /* key, heads, data */
};
struct blob_set { /* the head of an RRset as it lies in a blob, unaligned */
    uint16_t type, count, size;
    uint16_t ttl[2];
};
_Static_assert(sizeof(struct blob) == BLOB_HEAD && sizeof(struct blob_set) == BLOB_SET, "no holes");

extern const struct blob blob_empty; /* what an empty non-terminal has */

size_t blob_size(const struct blob *b);
/* The RRset of a type: false when there is none. */
bool blob_find(const struct blob *b, uint16_t type, struct rrset *out);
/* The RRset at an index below b->sets. */
void blob_get(const struct blob *b, unsigned index, struct rrset *out);
/* The TTL of one record of its RRset. RRSIGs are stored as one set, whose TTL says nothing: each
 * has that of the set it covers (RFC 4034 3), or where there is none the original one (3.1.4). */
uint32_t blob_ttl(const struct blob *b, const struct rrset *set, const uint8_t *rdata);
/* What an owner is in the zone (RFC 5155 7.2.8): one that has the form of a hash and an NSEC3
 * stands for that hash; with nothing but NSEC3 and RRSIG it is not a name that anybody can ask
 * for. */
bool blob_is_hash(const struct blob *b);
bool blob_is_name(const struct blob *b);
/* The flag that an RRset of that type is to its owner; 0: none. */
uint8_t blob_flag_of(uint16_t type, unsigned key_size);
/* Are the two equal but for the edition? */
bool blob_same(const struct blob *a, const struct blob *b);

static inline const uint8_t *blob_at(const struct blob *b, size_t offset)
{
    return (const uint8_t *)b + offset;
}
static inline size_t blob_heads(const struct blob *b) /* offset of the RRsets' heads */
{
    return BLOB_HEAD + b->key_size;
}
static inline size_t blob_data(const struct blob *b) /* offset of the first RRset's data */
{
    return blob_heads(b) + (size_t)b->sets * BLOB_SET;
}
static inline struct blob_set blob_set(const struct blob *b, unsigned index)
{
    struct blob_set s;
    memcpy(&s, blob_at(b, blob_heads(b) + (size_t)index * BLOB_SET), sizeof s);
    return s;
}

#endif
