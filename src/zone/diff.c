/* diff.c - what leads from one version to another, as two streams of records (RFC 1995 4). Any
 * thread that may read both.
 *
 * Both tries are walked side by side in canonical order. Where both walks stand at the same node
 * of the same line they skip it and all below: so a one-record edit of a zone of millions costs
 * a few dozen nodes. Standing apart, the walk whose branch looks at the earlier symbol goes
 * down, which brings the two together again as soon as the tries are the same again. */
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/change.h"
#include "zone/store.h"

struct diff {
    struct zone_walk_part a, b;
    bool shared; /* of one line: the same reference is the same node */
    enum trie_part part;
    const struct apex *apex;
    struct change *out;
    struct name owner; /* looked at now, and what it has on each side; NULL: nothing */
    const struct blob *blob_a, *blob_b;
};

static void diff_soa(struct diff *d, const struct zone_version *v, bool added);
static void step(struct diff *d);
static unsigned offset_of(const struct zone_walk_part *w);
static void step_leaf(struct diff *d);
static const struct blob *of_part(const struct diff *d, const struct blob *b);
static void diff_owner(struct diff *d, const struct blob *a, const struct blob *b);
static bool next_set(const struct blob *b, unsigned *index, struct rrset *out);
static void diff_rrset(struct diff *d, const struct rrset *a, const struct rrset *b);
static bool next_record(const struct blob *b, const struct rrset *set, size_t *at,
                        struct record *out);
static int compare(const struct record *a, const struct record *b);
static void put(struct diff *d, const struct record *rr, bool added);

bool zone_diff(const struct zone_version *a, const struct zone_version *b, struct change *out)
{
    struct diff d = {.out = out, .shared = a != NULL && a->line == b->line, .apex = &b->apex};
    change_init(out);
    out->first = a == NULL;
    out->from = a != NULL ? a->serial : 0;
    out->to = b->serial;
    if (a != NULL) {
        diff_soa(&d, a, false);
    }
    diff_soa(&d, b, true);
    for (d.part = 0; d.part < TRIE_PARTS; d.part++) {
        walk_root(&d.a, a, d.part);
        walk_root(&d.b, b, d.part);
        while (d.a.at != 0 || d.b.at != 0) {
            step(&d);
        }
    }
    if (out->deleted.failed || out->added.failed) {
        change_free(out);
        return false;
    }
    return true;
}

bool change_first(const struct zone_version *v, struct change *out)
{
    struct diff d = {.out = out};
    change_init(out);
    out->first = true;
    out->to = v->serial;
    diff_soa(&d, v, true);
    out->added_count = (uint32_t)v->records;
    return !out->added.failed;
}

/* RFC 1995 4: both streams begin with a SOA, even if it is the same. */
static void diff_soa(struct diff *d, const struct zone_version *v, bool added)
{
    struct record rr = {.owner = v->apex.name, .type = TYPE_SOA};
    rr.rdata = zone_soa(v, &rr.rdlen, &rr.ttl);
    put(d, &rr, added);
}

static void step(struct diff *d)
{
    if (d->shared && d->a.at == d->b.at) {
        walk_next(&d->a);
        walk_next(&d->b);
        return;
    }
    unsigned a = offset_of(&d->a), b = offset_of(&d->b);
    if (a == KEY_LENGTH && b == KEY_LENGTH) {
        step_leaf(d);
        return;
    }
    if (a <= b) {
        walk_down(&d->a);
    }
    if (b <= a) {
        walk_down(&d->b);
    }
}

/* Where the branch looks; KEY_LENGTH for a leaf, and behind the last. */
static unsigned offset_of(const struct zone_walk_part *w)
{
    bool is_branch = w->at != 0 && !trie_is_leaf(w->at);
    return is_branch ? branch_offset(trie_branch(w->map, w->at)) : KEY_LENGTH;
}

static void step_leaf(struct diff *d)
{
    const struct blob *a = d->a.at != 0 ? trie_blob(d->a.map, d->a.at) : NULL;
    const struct blob *b = d->b.at != 0 ? trie_blob(d->b.map, d->b.at) : NULL;
    int order = a == NULL   ? 1
                : b == NULL ? -1
                            : key_compare(a->body, a->key_size, b->body, b->key_size);
    diff_owner(d, order <= 0 ? of_part(d, a) : NULL, order >= 0 ? of_part(d, b) : NULL);
    if (order <= 0) {
        walk_next(&d->a);
    }
    if (order >= 0) {
        walk_next(&d->b);
    }
}

/* What is a name and a hash is met twice, and counts as a name. */
static const struct blob *of_part(const struct diff *d, const struct blob *b)
{
    return b != NULL && d->part == TRIE_HASHES && blob_is_name(b) ? NULL : b;
}

static void diff_owner(struct diff *d, const struct blob *a, const struct blob *b)
{
    const struct blob *any = a != NULL ? a : b;
    if (any == NULL || (a != NULL && b != NULL && blob_same(a, b))) {
        return;
    }
    key_name(any->body, any->key_size, d->apex, &d->owner);
    d->blob_a = a;
    d->blob_b = b;
    unsigned i = 0, j = 0;
    struct rrset set_a, set_b;
    bool has_a = next_set(a, &i, &set_a), has_b = next_set(b, &j, &set_b);
    while (has_a || has_b) {
        bool use_a = has_a && (!has_b || set_a.type <= set_b.type);
        bool use_b = has_b && (!has_a || set_b.type <= set_a.type);
        diff_rrset(d, use_a ? &set_a : NULL, use_b ? &set_b : NULL);
        has_a = use_a ? next_set(a, &i, &set_a) : has_a;
        has_b = use_b ? next_set(b, &j, &set_b) : has_b;
    }
}

/* The apex's SOA is left out: it stands in front. */
static bool next_set(const struct blob *b, unsigned *index, struct rrset *out)
{
    if (b == NULL || *index >= b->sets) {
        return false;
    }
    blob_get(b, (*index)++, out);
    return out->type == TYPE_SOA && b->key_size == 0 ? next_set(b, index, out) : true;
}

/* Record by record, both in canonical order. One whose TTL changed is deleted and added. */
static void diff_rrset(struct diff *d, const struct rrset *a, const struct rrset *b)
{
    size_t i = 0, j = 0;
    struct record ra = {.owner = d->owner.octets}, rb = ra;
    bool has_a = next_record(d->blob_a, a, &i, &ra), has_b = next_record(d->blob_b, b, &j, &rb);
    while (has_a || has_b) {
        int order = !has_a ? 1 : !has_b ? -1 : compare(&ra, &rb);
        bool is_same = order == 0 && ra.ttl == rb.ttl;
        if (order <= 0) {
            if (!is_same) {
                put(d, &ra, false);
            }
            has_a = next_record(d->blob_a, a, &i, &ra);
        }
        if (order >= 0) {
            if (!is_same) {
                put(d, &rb, true);
            }
            has_b = next_record(d->blob_b, b, &j, &rb);
        }
    }
}

static bool next_record(const struct blob *b, const struct rrset *set, size_t *at,
                        struct record *out)
{
    out->rdata = set != NULL ? rrset_next(set, at, &out->rdlen) : NULL;
    if (out->rdata == NULL) {
        return false;
    }
    out->type = set->type;
    out->ttl = blob_ttl(b, set, out->rdata);
    return true;
}

static int compare(const struct record *a, const struct record *b)
{
    return rdata_compare(a->type, a->rdata, a->rdlen, b->rdata, b->rdlen);
}

static void put(struct diff *d, const struct record *rr, bool added)
{
    record_add(added ? &d->out->added : &d->out->deleted, rr);
    *(added ? &d->out->added_count : &d->out->deleted_count) += 1;
}
