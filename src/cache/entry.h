/* entry.h - private to cache/: one RRset, or one denial, that gets old. One piece of memory, never
 * changed once built but for its marks. */
#ifndef SETTLED_CACHE_ENTRY_H
#define SETTLED_CACHE_ENTRY_H

#include "cache/cache.h"
#include <stdatomic.h>

/* Atomic bits: visited since SIEVE's hand passed; asked for since it was stored; somebody was told
 * to refresh it. */
enum entry_mark { MARK_VISITED = 1, MARK_ASKED = 2, MARK_CLAIMED = 4 };
enum entry_flag {
    FLAG_NODATA = 1,
    FLAG_NXDOMAIN = 2,
    FLAG_DNSSEC_OK = 4,
    FLAG_VERSION = 8,
    FLAG_SIGS = 16,
    FLAG_SOA = 32,
    FLAG_PROOF = 64
};
struct entry {
    const struct cache_zone *zone;
    struct mono expires; /* asked + ttl_s */
    uint32_t ttl_s;      /* after the caps: what refresh_at is a part of */
    uint32_t step;
    uint32_t version;
    uint32_t set_size;
    uint16_t type;
    uint16_t count; /* records of the set */
    _Atomic uint8_t marks;
    uint8_t flags;
    uint8_t name_len;
    uint8_t soa_labels; /* of the SOA's owner, a suffix of the name */
    /* name, set; where the flags say so: count, size and set of signatures; length and rdata of the
     * SOA; size of the proof and, for each of its sets, owner, type, count, size, set */
    uint8_t octets[];
};

/* The key with what is worked out once: where to look, and the parts that are compared. */
struct sought {
    const struct cache_zone *zone;
    const uint8_t *name;
    uint16_t type;
    bool dnssec_ok;
    uint64_t hash;
};

void sought_make(struct sought *s, const struct cache_key *k, uint64_t seed);
/* TTL rules of CONVERGENCE.md 1 to 4: when what `e` says ends, counted from the moment its question
 * was sent. */
struct lifetime {
    uint32_t ttl_s;
    struct mono expires;
};
struct lifetime entry_lifetime(const struct cache_options *o, const struct cache_entry *e);
/* Octets of memory of an entry for `e`, the allocator's share included. */
size_t entry_need(const struct cache_key *k, const struct cache_entry *e);
/* NULL: no memory. */
MUST_USE struct entry *entry_new(const struct cache_key *k, const struct cache_entry *e,
                                 struct lifetime life);
void entry_free(struct entry *e);
size_t entry_bytes(const struct entry *e); /* what entry_need said when it was built */
bool entry_is(const struct entry *e, const struct sought *s);
/* Can nobody be given it any more: of an older step, or expired for longer than stale answers live?
 */
bool entry_is_dead(const struct entry *e, const struct cache_options *o, struct mono now);
/* Fills the view, all but `refresh`. Whole seconds that are left, rounded down. */
void entry_view(const struct entry *e, struct mono now, struct cache_found *out);
/* Memory as the allocator really takes it: 8 octets in front, pieces of 16. */
static inline size_t memory_of(size_t size)
{
    return size + 8 <= 32 ? 32 : (size + 8 + 15) / 16 * 16;
}

#endif
