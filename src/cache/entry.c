/* entry.c - one RRset or one denial: built once, then only read.
 * Any worker. Builders write with a struct buf over memory of exactly the right size; readers trust
 * the form. What is not there (signatures, SOA, proof) takes no octet. */
#include "cache/entry.h"
#include "base/buf.h"
#include "base/hash.h"
#include "wire/name.h"
#include "wire/rrtype.h"
#include <stdlib.h>
#include <string.h>

#define SET_HEAD       6 /* count (16), size (32) in front of a set that is not the first */
#define PROOF_SET_HEAD 8 /* type in front of these */
#define SOA_HEAD       2
#define PROOF_HEAD     4  /* octets of all its sets */
#define STALE_TTL_S    30 /* RFC 8767 4 */
#define TTL_TOP        UINT32_C(0x80000000)

struct cache_proof {
    uint8_t octets[1]; /* size (32) of what follows; for each set owner, type, count, size, set */
};

static uint32_t lowest_ttl(const struct cache_entry *e);
static size_t tail_size(const struct cache_entry *e);
static size_t proof_size(const struct cache_entry *e);
static uint8_t flags_of(const struct cache_key *k, const struct cache_entry *e);
static uint8_t *put_bytes(uint8_t *to, const void *from, size_t len);
static uint8_t *put_set(uint8_t *to, const struct rrset *set);
static uint8_t *put_tail(uint8_t *to, const struct cache_entry *e);
static const uint8_t *get_set(const uint8_t *from, struct rrset *out);

void sought_make(struct sought *s, const struct cache_key *k, uint64_t seed)
{
    uint64_t rest = (uint64_t)k->zone->id << 32 | (uint32_t)k->type << 1 | (k->dnssec_ok ? 1 : 0);
    *s = (struct sought){.zone = k->zone,
                         .name = k->name,
                         .type = k->type,
                         .dnssec_ok = k->dnssec_ok,
                         .hash = hash_mix(name_hash(k->name, seed), rest)};
}

struct lifetime entry_lifetime(const struct cache_options *o, const struct cache_entry *e)
{
    uint32_t cap = e->kind == CACHE_RRSET ? o->max_ttl_s : o->max_negative_ttl_s;
    uint32_t ttl_s = lowest_ttl(e);
    if (ttl_s >= TTL_TOP) { /* RFC 2181 8 */
        ttl_s = 0;
    }
    if (ttl_s > cap) {
        ttl_s = cap;
    }
    return (struct lifetime){.ttl_s = ttl_s, .expires = mono_plus_s(e->asked, ttl_s)};
}

/* One TTL for all of it (RFC 2181 5.2); signatures and proof live no longer than what they are for
 * (RFC 4035 5.3.3). */
static uint32_t lowest_ttl(const struct cache_entry *e)
{
    uint32_t ttl_s = e->kind == CACHE_RRSET ? e->set.ttl : e->ttl_s;
    if (e->sigs != NULL && e->sigs->ttl < ttl_s) {
        ttl_s = e->sigs->ttl;
    }
    for (unsigned i = 0; i < e->proof_count; i++) {
        ttl_s = e->proof[i].ttl < ttl_s ? e->proof[i].ttl : ttl_s;
    }
    return ttl_s;
}

size_t entry_need(const struct cache_key *k, const struct cache_entry *e)
{
    size_t set = e->kind == CACHE_RRSET ? e->set.size : 0;
    return memory_of(offsetof(struct entry, octets) + name_len(k->name) + set + tail_size(e));
}

static size_t tail_size(const struct cache_entry *e)
{
    size_t size = e->sigs != NULL ? SET_HEAD + e->sigs->size : 0;
    if (e->soa != NULL) {
        size += SOA_HEAD + e->soa_len;
    }
    if (e->proof_count > 0) {
        size += PROOF_HEAD + proof_size(e);
    }
    return size;
}

static size_t proof_size(const struct cache_entry *e)
{
    size_t size = 0;
    for (unsigned i = 0; i < e->proof_count; i++) {
        size += name_len(e->proof_owners[i].octets) + PROOF_SET_HEAD + e->proof[i].size;
    }
    return size;
}

struct entry *entry_new(const struct cache_key *k, const struct cache_entry *e,
                        struct lifetime life)
{
    struct entry *n = malloc(entry_need(k, e));
    if (n == NULL) {
        return NULL;
    }
    bool positive = e->kind == CACHE_RRSET;
    size_t len = name_len(k->name);
    n->zone = k->zone;
    n->expires = life.expires;
    n->ttl_s = life.ttl_s;
    n->step = e->step;
    n->version = e->version;
    n->set_size = positive ? e->set.size : 0;
    n->type = e->kind == CACHE_NXDOMAIN ? 0 : k->type;
    n->count = positive ? e->set.count : 0;
    atomic_init(&n->marks, 0);
    n->flags = flags_of(k, e);
    n->name_len = (uint8_t)len;
    n->soa_labels = e->soa != NULL ? (uint8_t)name_labels(e->soa_owner) : 0;
    uint8_t *to = put_bytes(n->octets, k->name, len);
    put_tail(put_bytes(to, e->set.data, n->set_size), e);
    return n;
}

static uint8_t flags_of(const struct cache_key *k, const struct cache_entry *e)
{
    unsigned flags = k->dnssec_ok ? FLAG_DNSSEC_OK : 0;
    flags |= e->kind == CACHE_NODATA ? FLAG_NODATA : 0;
    flags |= e->kind == CACHE_NXDOMAIN ? FLAG_NXDOMAIN : 0;
    flags |= e->has_version ? FLAG_VERSION : 0;
    flags |= e->sigs != NULL ? FLAG_SIGS : 0;
    flags |= e->soa != NULL ? FLAG_SOA : 0;
    flags |= e->proof_count > 0 ? FLAG_PROOF : 0;
    return (uint8_t)flags;
}

static uint8_t *put_tail(uint8_t *to, const struct cache_entry *e)
{
    if (e->sigs != NULL) {
        to = put_set(to, e->sigs);
    }
    if (e->soa != NULL) {
        put_u16(to, e->soa_len);
        to = put_bytes(to + SOA_HEAD, e->soa, e->soa_len);
    }
    if (e->proof_count > 0) {
        put_u32(to, (uint32_t)proof_size(e));
        to += PROOF_HEAD;
    }
    for (unsigned i = 0; i < e->proof_count; i++) {
        const uint8_t *owner = e->proof_owners[i].octets;
        to = put_bytes(to, owner, name_len(owner));
        put_u16(to, e->proof[i].type);
        to = put_set(to + 2, &e->proof[i]);
    }
    return to;
}

static uint8_t *put_bytes(uint8_t *to, const void *from, size_t len)
{
    if (len > 0) {
        memcpy(to, from, len);
    }
    return to + len;
}

static uint8_t *put_set(uint8_t *to, const struct rrset *set)
{
    put_u16(to, set->count);
    put_u32(to + 2, set->size);
    return put_bytes(to + SET_HEAD, set->data, set->size);
}

void entry_free(struct entry *e)
{
    free(e);
}

size_t entry_bytes(const struct entry *e)
{
    const uint8_t *at = e->octets + e->name_len + e->set_size;
    struct rrset set;
    if ((e->flags & FLAG_SIGS) != 0) {
        at = get_set(at, &set);
    }
    if ((e->flags & FLAG_SOA) != 0) {
        at += SOA_HEAD + get_u16(at);
    }
    if ((e->flags & FLAG_PROOF) != 0) {
        at += PROOF_HEAD + get_u32(at);
    }
    return memory_of(offsetof(struct entry, octets) + (size_t)(at - e->octets));
}

static const uint8_t *get_set(const uint8_t *from, struct rrset *out)
{
    out->count = get_u16(from);
    out->size = get_u32(from + 2);
    out->data = from + SET_HEAD;
    return out->data + out->size;
}

bool entry_is(const struct entry *e, const struct sought *s)
{
    return e->type == s->type && e->zone->id == s->zone->id &&
           ((e->flags & FLAG_DNSSEC_OK) != 0) == s->dnssec_ok && name_same(e->octets, s->name);
}

bool entry_is_dead(const struct entry *e, const struct cache_options *o, struct mono now)
{
    return e->step != atomic_load_explicit(&e->zone->step, memory_order_acquire) ||
           !mono_before(now, mono_plus_s(e->expires, o->serve_stale_s));
}

void entry_view(const struct entry *e, struct mono now, struct cache_found *out)
{
    const uint8_t *at = e->octets + e->name_len;
    *out = (struct cache_found){.owner = e->octets, .version = e->version, .step = e->step};
    out->kind = (e->flags & FLAG_NODATA) != 0     ? CACHE_NODATA
                : (e->flags & FLAG_NXDOMAIN) != 0 ? CACHE_NXDOMAIN
                                                  : CACHE_RRSET;
    out->has_version = (e->flags & FLAG_VERSION) != 0;
    out->stale = !mono_before(now, e->expires);
    out->ttl_s = out->stale ? STALE_TTL_S : (uint32_t)mono_s_between(now, e->expires);
    out->set = (struct rrset){e->type, e->count, out->ttl_s, e->set_size, at};
    at += e->set_size;
    if ((e->flags & FLAG_SIGS) != 0) {
        out->sigs = (struct rrset){.type = TYPE_RRSIG, .ttl = out->ttl_s};
        at = get_set(at, &out->sigs);
    }
    if ((e->flags & FLAG_SOA) != 0) {
        out->soa_len = get_u16(at);
        out->soa = at + SOA_HEAD;
        out->soa_owner = name_suffix(e->octets, e->soa_labels);
        at += SOA_HEAD + out->soa_len;
    }
    out->proof = (e->flags & FLAG_PROOF) != 0 ? (const struct cache_proof *)at : NULL;
}

bool cache_proof_next(const struct cache_found *f, size_t *at, const uint8_t **owner,
                      struct rrset *set)
{
    if (f->proof == NULL) {
        return false;
    }
    const uint8_t *sets = f->proof->octets + PROOF_HEAD, *here = sets + *at;
    if (*at == get_u32(f->proof->octets)) {
        return false;
    }
    *owner = here;
    here += name_len(here);
    set->type = get_u16(here);
    set->ttl = f->ttl_s;
    here = get_set(here + 2, set);
    *at = (size_t)(here - sets);
    return true;
}
