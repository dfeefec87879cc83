/* denial.c - which NSEC or NSEC3 speaks of a name (RFC 4035 3.1.3, 5155 7). Any thread; no
 * allocation. */
#include "zone/denial.h"
#include "wire/rrtype.h"
#include "zone/store.h"

#define FOREIGN_MOST 64 /* records of another chain that lie between two of ours (salt rollover) */

static bool is_used(const struct zone_version *v, const struct nsec3_parameters *p);
static struct zone_node above_hidden(const struct zone_version *v, uint32_t place);
static uint32_t hash_before(const struct zone_version *v, uint8_t label[NSEC3_LABEL]);
static bool has_chain(const struct blob *b, const struct nsec3_parameters *p);
static bool find_chain(const struct blob *b, const struct nsec3_parameters *p,
                       const uint8_t **rdata, uint16_t *len);

enum zone_denial zone_denial(const struct zone_version *v)
{
    return (enum zone_denial)v->denial;
}

const struct nsec3_parameters *zone_nsec3_parameters(const struct zone_version *v)
{
    must(v->denial == DENIAL_NSEC3);
    return &v->nsec3;
}

/* RFC 5155 4.1.2: NSEC3PARAM with a flag set, or of an unknown algorithm, is not for us. */
enum zone_denial denial_of(const struct zone_version *v, struct nsec3_parameters *out)
{
    struct zone_node apex = zone_apex_node(v);
    struct rrset set;
    const uint8_t *rdata;
    uint16_t len;
    if (v->root[TRIE_HASHES] != 0 && zone_rrset(apex, TYPE_NSEC3PARAM, &set)) {
        for (size_t at = 0; (rdata = rrset_next(&set, &at, &len)) != NULL;) {
            if (nsec3_read(rdata, len, out) && is_used(v, out)) {
                return DENIAL_NSEC3;
            }
        }
    }
    return zone_rrset(apex, TYPE_NSEC, &set) ? DENIAL_NSEC : DENIAL_NONE;
}

/* Of a chain that is there the apex has a record. */
static bool is_used(const struct zone_version *v, const struct nsec3_parameters *p)
{
    uint8_t label[NSEC3_LABEL];
    struct key k;
    if (p->algorithm != NSEC3_SHA1 || p->flags != 0 || p->iterations > NSEC3_ITERATIONS_MOST) {
        return false;
    }
    nsec3_hash(p, v->apex.name, label);
    key_of_octets(&k, label, sizeof label);
    uint32_t ref = trie_before(v->map, v->root[TRIE_HASHES], &k);
    const struct blob *b = ref != 0 ? trie_blob(v->map, ref) : NULL;
    return b != NULL && memcmp(b->body, label, sizeof label) == 0 && has_chain(b, p);
}

struct zone_node zone_nsec(const struct zone_version *v, const uint8_t *name)
{
    struct zone_node node = {.version = v};
    struct rrset nsec;
    struct key k;
    if (!key_of_name(&k, name, &v->apex)) {
        return node;
    }
    node.ref = trie_place(trie_before(v->map, v->root[TRIE_NAMES], &k)); /* the apex at least */
    if (!zone_rrset(node, TYPE_NSEC, &nsec)) {
        node = above_hidden(v, node.ref);
    }
    return node;
}

/* The owner of a cut or DNAME, if what stands at `place` is below it. */
static struct zone_node above_hidden(const struct zone_version *v, uint32_t place)
{
    struct zone_found f;
    struct rrset nsec;
    struct name owner;
    zone_node_owner((struct zone_node){.version = v, .ref = place}, &owner);
    zone_find_above_cut(v, owner.octets, &f);
    bool is_hidden = f.match == ZONE_CUT || f.match == ZONE_DNAME;
    if (!is_hidden || !zone_rrset(f.node, TYPE_NSEC, &nsec)) {
        f.node.ref = 0;
    }
    return f.node;
}

struct zone_node zone_nsec3(const struct zone_version *v, const uint8_t *name, bool *matches)
{
    struct zone_node node = {.version = v};
    uint8_t wanted[NSEC3_LABEL], label[NSEC3_LABEL];
    must(v->denial == DENIAL_NSEC3);
    nsec3_hash(&v->nsec3, name, wanted);
    memcpy(label, wanted, sizeof label);
    *matches = false;
    for (unsigned i = 0; i < FOREIGN_MOST; i++) {
        uint32_t ref = hash_before(v, label);
        const struct blob *b = trie_blob(v->map, ref);
        memcpy(label, b->body, sizeof label);
        if (has_chain(b, &v->nsec3)) {
            *matches = memcmp(label, wanted, sizeof label) == 0;
            node.ref = trie_place(ref);
            break;
        }
        nsec3_step_back(label);
    }
    return node;
}

/* The chain is a ring: before the first comes the last. */
static uint32_t hash_before(const struct zone_version *v, uint8_t label[NSEC3_LABEL])
{
    struct key k;
    key_of_octets(&k, label, NSEC3_LABEL);
    uint32_t ref = trie_before(v->map, v->root[TRIE_HASHES], &k);
    return ref != 0 ? ref : trie_last(v->map, v->root[TRIE_HASHES]);
}

static bool has_chain(const struct blob *b, const struct nsec3_parameters *p)
{
    const uint8_t *rdata;
    uint16_t len;
    return find_chain(b, p, &rdata, &len);
}

bool denial_nsec3(struct zone_node n, const uint8_t **rdata, uint16_t *len)
{
    return find_chain(store_blob(n.version, n.ref), &n.version->nsec3, rdata, len);
}

static bool find_chain(const struct blob *b, const struct nsec3_parameters *p,
                       const uint8_t **rdata, uint16_t *len)
{
    struct rrset set;
    struct nsec3_parameters own;
    if (!blob_find(b, TYPE_NSEC3, &set)) {
        return false;
    }
    for (size_t at = 0; (*rdata = rrset_next(&set, &at, len)) != NULL;) {
        if (nsec3_read(*rdata, *len, &own) && nsec3_same(&own, p)) {
            return true;
        }
    }
    return false;
}
