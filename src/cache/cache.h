/* cache.h - RRsets that get old. Shared by all workers: readers take no lock (epoch), writers one
 * lock per shard, never held while calling out. Bounded in bytes (entries, tables, what is retired
 * but not yet freed); SIEVE chooses who goes. Forgetting a whole zone is one step of its
 * cache_zone: entries of an older step are misses, and make room first. */
#ifndef SETTLED_CACHE_CACHE_H
#define SETTLED_CACHE_CACHE_H

#include "base/clock.h"
#include "base/epoch.h"
#include "cache/zone.h"
#include "count/counters.h"
#include "wire/rrset.h"

struct cache;
struct cache_options {
    uint64_t size; /* bytes, the bound */
    uint32_t max_ttl_s, max_negative_ttl_s, serve_stale_s;
    /* Percent of the TTL left when an asked-for entry is worth a refresh; 0: off. */
    unsigned refresh_at;
    uint64_t seed;
    struct epoch *epoch;
    bool nxdomain_covers_below; /* RFC 8020 */
};
/* Small at first: tables grow with what is in them. NULL: no memory. */
MUST_USE struct cache *cache_new(const struct cache_options *o);
/* Before or after its epoch; before its zones. */
void cache_free(struct cache *c);

enum cache_kind { CACHE_RRSET, CACHE_NODATA, CACHE_NXDOMAIN };
struct cache_key {
    const struct cache_zone *zone;
    const uint8_t *name;
    uint16_t type;  /* NXDOMAIN entries: 0 */
    bool dnssec_ok; /* answers with signatures are kept apart */
};
/* What is put. TTL rules of CONVERGENCE.md: ttl_s as received; the cache takes off the time since
 * `asked`, applies the caps. */
struct cache_entry {
    enum cache_kind kind;
    struct rrset set;         /* RRSET: type, count, data; its ttl as received */
    const struct rrset *sigs; /* RRSIGs covering it, or NULL */
    uint32_t ttl_s;           /* negative: min(SOA TTL, MINIMUM), RFC 2308 5 */
    const uint8_t *soa;       /* negative: rdata of the SOA that came along, NULL: none */
    uint16_t soa_len;
    const uint8_t *soa_owner;  /* with soa: its owner, the key's name or above it */
    const struct rrset *proof; /* with DO: authority RRsets that prove it (denial, wildcard) */
    const struct name *proof_owners; /* one for each of proof */
    unsigned proof_count;
    /* Serial of the zone this answer is of (ZONEVERSION, or SOA of a denial). */
    bool has_version;
    uint32_t version;
    uint32_t step;     /* of the zone when the question was sent */
    struct mono asked; /* when the question was sent */
    bool stale;        /* its server said that it is past its time: given on, not kept */
};
enum cache_put_status {
    CACHE_PUT,
    CACHE_PUT_ZERO, /* TTL 0 (or all of it used up), or stale: for those who wait, not kept */
    /* The zone took a step since the question was sent, or the version is older than known. */
    CACHE_PUT_FENCED,
    CACHE_PUT_FULL
};
/* Any worker, inside its epoch; `slot` is its epoch slot. */
enum cache_put_status cache_put(struct cache *c, unsigned slot, const struct cache_key *k,
                                const struct cache_entry *e, struct mono now);

/* What is found: a view into the entry, valid until the caller leaves the epoch. */
struct cache_found {
    enum cache_kind kind;
    struct rrset set, sigs; /* sigs.count 0: none; ttl fields: seconds left now */
    const uint8_t *soa;     /* negative: SOA rdata (NULL: none) */
    uint16_t soa_len;
    const uint8_t *soa_owner; /* of soa, NULL: none */
    uint32_t ttl_s;           /* what is left now; 30 for a stale one (RFC 8767 4) */
    bool stale;               /* expired, only with stale_ok; or where it came from said so */
    bool refresh; /* in its last tenth and asked for: worth a refresh; true for one asker only */
    bool has_version;
    uint32_t version, step;
    const uint8_t *owner;            /* the entry's name, case as received */
    const struct cache_proof *proof; /* opaque; walk with cache_proof_next */
};
/* Exactly this key. Marks it visited. Inside the epoch. */
bool cache_get(struct cache *c, const struct cache_key *k, struct mono now, bool stale_ok,
               struct cache_found *out);
/* An NXDOMAIN entry at or above the name (RFC 8020), within the zone. */
bool cache_get_nxdomain(struct cache *c, const struct cache_key *k, struct mono now, bool stale_ok,
                        struct cache_found *out);
/* The RRsets of the proof, one a call: start with *at = 0; false at the end. */
bool cache_proof_next(const struct cache_found *f, size_t *at, const uint8_t **owner,
                      struct rrset *set);

/* An entry that stands alone: what cache_put would not keep (TTL 0, no room), for those who waited.
 * `found` is what cache_get would have said, valid until cache_loose_free; its TTL is what is left
 * at `now`, 0 when all is used up. NULL: no memory. */
struct cache_loose;
MUST_USE struct cache_loose *cache_loose_new(const struct cache *c, const struct cache_key *k,
                                             const struct cache_entry *e, struct mono now,
                                             struct cache_found *found);
void cache_loose_free(struct cache_loose *l);

/* Questions on their way, so that identical ones are asked once by the whole process: claims the
 * question for `worker`; returns who has it: `worker` itself if it was free (or its own already).
 */
unsigned cache_claim(struct cache *c, const struct cache_key *k, unsigned worker, bool *was_free);
void cache_unclaim(struct cache *c, const struct cache_key *k, unsigned worker);

/* Forgetting by hand (settlectl flush): the name's entries of one type (0: all), or everything at
 * and below. Returns how many. Looks at every entry: 100 ms for a million, so not on a worker. */
uint64_t cache_forget(struct cache *c, unsigned slot, const struct cache_zone *z,
                      const uint8_t *name, uint16_t type, bool below);
/* Frees entries of old steps and long expired ones, a slice at a time; false when a whole round is
 * done. */
bool cache_sweep(struct cache *c, unsigned slot, struct mono now, unsigned most);
uint64_t cache_bytes(const struct cache *c);
uint64_t cache_entries(const struct cache *c);
uint64_t cache_refused(const struct cache *c); /* puts refused for want of room */
uint64_t cache_evictions(const struct cache *c);

#endif
