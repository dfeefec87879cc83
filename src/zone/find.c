/* find.c - the questions' way into a version: one walk down for exact match, delegation, DNAME,
 * closest encloser, and a short one more for the wildcard (RFC 1034 4.3.2, 4592 3.3.1, 6672
 * 3.2). Any thread; no allocation.
 *
 * Empty non-terminals are not stored. A name exists if its key is the front of some key there is
 * (RFC 4592 2.2.2), and the leaf where a search ends has the longest front in common with what
 * was asked: its whole labels are the closest encloser. */
#include "wire/rrtype.h"
#include "zone/search.h"

struct outcome {
    const struct blob *blob; /* of the leaf */
    unsigned labels;         /* that it and the key have in common */
    bool is_above;           /* all of the blob's key: it is the owner, or stands above */
    bool is_below;           /* all of the key: the name, or something below it */
};

static void find(const struct zone_version *v, const uint8_t *name, bool above_cut,
                 struct zone_found *out);
static void compare(const struct zone_search *s, struct outcome *o);
static enum zone_match match_of(const struct outcome *o, bool above_cut);
static uint32_t find_wildcard(const struct zone_search *s, unsigned encloser);
static uint32_t wildcard_of(const struct blob *b, unsigned encloser, uint32_t place);
static uint32_t look_up(const struct zone_version *v, enum trie_part part, const struct key *key);

void zone_find(const struct zone_version *v, const uint8_t *name, struct zone_found *out)
{
    find(v, name, false, out);
}

void zone_find_above_cut(const struct zone_version *v, const uint8_t *name, struct zone_found *out)
{
    find(v, name, true, out);
}

static void find(const struct zone_version *v, const uint8_t *name, bool above_cut,
                 struct zone_found *out)
{
    struct zone_search s;
    if (!search_start(&s, v, name)) {
        *out = (struct zone_found){.match = ZONE_OUTSIDE, .node.version = v};
        return;
    }
    while (!trie_is_leaf(s.ref)) {
        search_step(&s);
    }
    zone_ahead_found(&s, above_cut, out);
}

void zone_ahead_found(const struct zone_search *s, bool above_cut, struct zone_found *out)
{
    const struct zone_version *v = s->version;
    struct outcome o;
    compare(s, &o);
    *out = (struct zone_found){.match = match_of(&o, above_cut), .node.version = v};
    out->node_labels = out->encloser_labels = v->apex.labels + o.labels;
    if (out->match != ZONE_NONE) {
        out->node.ref = o.is_above ? trie_place(s->ref) : STORE_EMPTY;
        return;
    }
    out->node.ref = v->stars != 0 ? find_wildcard(s, o.labels) : 0;
    out->match = out->node.ref != 0 ? ZONE_WILDCARD : ZONE_NONE;
}

static void compare(const struct zone_search *s, struct outcome *o)
{
    o->blob = trie_blob(s->version->map, s->ref);
    size_t size = o->blob->key_size;
    if (size == s->key.size && memcmp(o->blob->body, s->key.octets, size) == 0) {
        o->labels = s->key.labels;
        o->is_above = o->is_below = true;
        return;
    }
    size_t common = key_common(&s->key, o->blob->body, size, &o->labels);
    o->is_above = common == size;
    o->is_below = common == s->key.size;
}

/* RFC 6672 2.3: a DNAME redirects what is below it, not itself. A cut that has a DNAME too is a
 * cut (3.2: step B before C). */
static enum zone_match match_of(const struct outcome *o, bool above_cut)
{
    if (o->is_above && o->is_below) {
        return (o->blob->flags & BLOB_CUT) != 0 && !above_cut ? ZONE_CUT : ZONE_EXACT;
    }
    if (o->is_above && o->blob->flags != 0) {
        return (o->blob->flags & BLOB_CUT) != 0 ? ZONE_CUT : ZONE_DNAME;
    }
    return o->is_below ? ZONE_EXACT : ZONE_NONE;
}

/* The wildcard right below the closest encloser, STORE_EMPTY when it is an empty non-terminal
 * (it counts, RFC 4592 2.2.2), 0 when there is none. All below the encloser is below the first
 * branch that looks behind its key. */
static uint32_t find_wildcard(const struct zone_search *s, unsigned encloser)
{
    const struct zone_version *v = s->version;
    unsigned front = s->key.end[encloser], depth = s->depth;
    uint32_t ref = s->ref;
    while (depth > 0 && branch_offset(trie_branch(v->map, s->passed[depth - 1])) >= front) {
        ref = s->passed[--depth];
    }
    while (!trie_is_leaf(ref)) {
        const struct branch *b = trie_branch(v->map, ref);
        unsigned symbol = branch_offset(b) == front ? KEY_STAR : 0;
        if (!branch_has(b, symbol)) {
            ref = trie_any_leaf(v->map, ref);
            break;
        }
        ref = b->kid[branch_index(b, symbol)];
    }
    return wildcard_of(trie_blob(v->map, ref), encloser, trie_place(ref));
}

static uint32_t wildcard_of(const struct blob *b, unsigned encloser, uint32_t place)
{
    size_t at = 0;
    for (; encloser > 0 && at < b->key_size; encloser--) {
        at += 1U + b->body[at];
    }
    if (at >= b->key_size || b->body[at] != 1 || b->body[at + 1] != '*') {
        return 0;
    }
    return at + 2 == b->key_size ? place : STORE_EMPTY;
}

struct zone_node zone_lookup(const struct zone_version *v, const uint8_t *name)
{
    struct key key;
    struct zone_node node = {.version = v};
    if (!key_of_name(&key, name, &v->apex)) {
        return node;
    }
    node.ref = look_up(v, TRIE_NAMES, &key);
    if (node.ref == 0 && v->root[TRIE_HASHES] != 0 && key_is_hash(key.octets, key.size)) {
        node.ref = look_up(v, TRIE_HASHES, &key);
    }
    return node;
}

static uint32_t look_up(const struct zone_version *v, enum trie_part part, const struct key *key)
{
    uint32_t ref = v->root[part];
    while (!trie_is_leaf(ref)) {
        const struct branch *b = trie_branch(v->map, ref);
        unsigned symbol = key_at(key, branch_offset(b));
        if (!branch_has(b, symbol)) {
            return 0;
        }
        ref = b->kid[branch_index(b, symbol)];
    }
    const struct blob *b = trie_blob(v->map, ref);
    bool same = b->key_size == key->size && memcmp(b->body, key->octets, key->size) == 0;
    return same ? trie_place(ref) : 0;
}

struct zone_node zone_apex_node(const struct zone_version *v)
{
    return (struct zone_node){.version = v, .ref = v->apex_place};
}

bool zone_node_empty(struct zone_node n)
{
    return store_blob(n.version, n.ref)->sets == 0;
}

void zone_node_owner(struct zone_node n, struct name *out)
{
    const struct blob *b = store_blob(n.version, n.ref);
    key_name(b->body, b->key_size, &n.version->apex, out);
}

bool zone_rrset(struct zone_node n, uint16_t type, struct rrset *out)
{
    return blob_find(store_blob(n.version, n.ref), type, out);
}

bool zone_rrset_next(struct zone_node n, unsigned *at, struct rrset *out)
{
    const struct blob *b = store_blob(n.version, n.ref);
    if (*at >= b->sets) {
        return false;
    }
    blob_get(b, (*at)++, out);
    return true;
}

uint32_t zone_record_ttl(struct zone_node n, const struct rrset *set, const uint8_t *rdata)
{
    return blob_ttl(store_blob(n.version, n.ref), set, rdata);
}
