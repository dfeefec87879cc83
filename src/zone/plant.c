/* plant.c - the first version of a zone, made at once of all its records: a first look at them.
 * The thread of the job, and other hands.
 *
 * An edit builds a trie owner by owner, and packs it when there was nothing before. When all
 * owners are there and sorted, neither is needed: two neighbours tell where their keys part, a
 * branch asks at the first offset at which any two neighbours below it part, and so every node
 * can be written once, at the place where packing would put it (pack.c says why there). The
 * first look, shared by all hands, says what the records add up to, how large every leaf is, and
 * where neighbours part; grow.c writes. */
#include "base/huge.h"
#include "wire/rrtype.h"
#include "zone/content.h"
#include "zone/merge.h"
#include "zone/store.h"
#include "zone/twig.h"
#include <stdlib.h>
#include <string.h>

#define SHARES 32
#define SHARE  512 /* owners that are worth it */
#define AHEAD  24  /* rows whose memory is asked for before its turn comes */

struct sums { /* of a share of the owners */
    uint64_t records, content_hash;
    uint32_t max_ttl, stars, counted;
    bool mixed_ttls, has_hashes;
    enum zone_edit_status status;
    size_t row;
};
struct survey {
    const struct bulk *batch;
    const struct apex *apex;
    struct plant_twigs *twigs;
    unsigned shares;
    struct sums sums[SHARES];
};
struct owner { /* the one that is looked at */
    const struct survey *s;
    struct twig *twig;
    const struct key *key;
    struct sums *sums;
    uint64_t hash;
    size_t size; /* of its blob, so far */
    bool has_nsec3, has_others;
};

static bool find_owners(struct plant *p);
static void survey_share(void *arg, unsigned index);
static bool survey_owner(struct owner *o, size_t end);
static bool survey_set(struct owner *o, size_t first, size_t end);
static bool wrong(struct sums *sums, enum zone_edit_status status, size_t row);
static void part_keys(struct twig *twig, const struct key *before, const struct key *key);
static bool sum_up(struct plant *p, const struct survey *s);
static bool sort_twigs(struct plant_twigs *t);
static void pick_twigs(struct plant_twigs *t, enum trie_part part);
static void widen(struct twig *gap, const struct twig *next);

static size_t twig_end(const struct plant_twigs *t, const struct bulk *b, size_t i)
{
    return i + 1 < t->count ? t->all[i + 1].row : b->count;
}

bool plant_survey(struct plant *p)
{
    struct survey s = {.batch = p->batch, .apex = &p->edit->line->apex};
    p->status = ZONE_EDIT_NO_MEMORY;
    if (!find_owners(p)) {
        return false;
    }
    s.twigs = p->twigs;
    s.shares = s.twigs->count / SHARES < hands_least(p->hands, SHARE) ? 1 : SHARES;
    hands_run(p->hands, s.shares, survey_share, &s);
    if (sum_up(p, &s) && !sort_twigs(p->twigs)) {
        p->status = ZONE_EDIT_NO_MEMORY;
    }
    return p->status == ZONE_EDIT_OK;
}

static bool find_owners(struct plant *p)
{
    const struct bulk *b = p->batch;
    size_t count = 0;
    for (size_t row = 0; row < b->count; row++) {
        count += !bulk_same_owner(b, row);
    }
    p->twigs =
        b->count > UINT32_MAX ? NULL : malloc(sizeof *p->twigs + count * sizeof p->twigs->all[0]);
    if (p->twigs == NULL) {
        return false;
    }
    huge_hint(p->twigs, count * sizeof p->twigs->all[0]);
    *p->twigs = (struct plant_twigs){.count = 0};
    for (size_t row = 0; row < b->count; row++) {
        if (!bulk_same_owner(b, row)) {
            p->twigs->all[p->twigs->count++] = (struct twig){.row = (uint32_t)row};
        }
    }
    return true;
}

static void survey_share(void *arg, unsigned index)
{
    struct survey *s = arg;
    struct plant_twigs *t = s->twigs;
    struct sums *sums = &s->sums[index];
    size_t first = t->count * index / s->shares, end = t->count * (index + 1) / s->shares;
    struct key keys[2];
    keys[0].symbols = 0;
    bool ok =
        first == 0 || key_of_name(&keys[0], s->batch->rows[t->all[first].row - 1].owner, s->apex);
    for (size_t i = first; ok && i < end; i++) {
        struct key *key = &keys[(i - first + 1) % 2], *before = &keys[(i - first) % 2];
        struct twig *twig = &t->all[i];
        if (twig->row + AHEAD < s->batch->count) {
            __builtin_prefetch(s->batch->rows[twig->row + AHEAD].at);
            __builtin_prefetch(s->batch->rows[twig->row + AHEAD].owner);
        }
        if (!key_of_name(key, s->batch->rows[twig->row].owner, s->apex)) {
            ok = wrong(sums, ZONE_EDIT_OUTSIDE, twig->row);
            break;
        }
        if (i > 0) {
            part_keys(twig, before, key);
        }
        struct owner o = {.s = s, .twig = twig, .key = key, .sums = sums};
        ok = survey_owner(&o, twig_end(t, s->batch, i));
    }
}

static void part_keys(struct twig *twig, const struct key *before, const struct key *key)
{
    unsigned offset = key_difference(before, key);
    must(offset < KEY_LENGTH);
    twig->offset = offset & 511;
    twig->mine = key_at(key, offset) & 63;
    twig->before = key_at(before, offset) & 63;
}

static bool survey_owner(struct owner *o, size_t end)
{
    const struct bulk *b = o->s->batch;
    size_t set_end;
    o->hash = content_owner(b->rows[o->twig->row].owner);
    o->size = BLOB_HEAD + o->key->size;
    for (size_t first = o->twig->row; first < end; first = set_end) {
        uint16_t type = bulk_type(b, first);
        for (set_end = first + 1; set_end < end && bulk_type(b, set_end) == type;) {
            set_end++;
        }
        o->has_nsec3 = o->has_nsec3 || type == TYPE_NSEC3;
        o->has_others = o->has_others || (type != TYPE_NSEC3 && type != TYPE_RRSIG);
        if (!survey_set(o, first, set_end)) {
            return false;
        }
    }
    o->twig->is_hash = o->has_nsec3 && key_is_hash(o->key->octets, o->key->size);
    o->twig->is_name = !o->twig->is_hash || o->has_others;
    o->sums->has_hashes = o->sums->has_hashes || o->twig->is_hash;
    o->sums->stars += o->twig->is_name && o->key->star;
    size_t granules = heap_block(o->size) / HEAP_GRANULE;
    o->twig->size = granules < TWIG_LARGE ? granules & 255 : TWIG_LARGE;
    return true;
}

/* The rows of one RRset. Its TTL is the smallest (RFC 2181 5.2). */
static bool survey_set(struct owner *o, size_t first, size_t end)
{
    const struct bulk *b = o->s->batch;
    struct record rr;
    struct sums *sums = o->sums;
    bulk_record(b, first, &rr);
    struct rrset set = {.type = rr.type, .ttl = rr.ttl};
    for (size_t row = first + 1; row < end; row++) {
        bulk_record(b, row, &rr);
        sums->mixed_ttls = sums->mixed_ttls || (rr.ttl != set.ttl && rr.type != TYPE_RRSIG);
        set.ttl = rr.ttl < set.ttl ? rr.ttl : set.ttl;
    }
    size_t size = 0;
    o->size += BLOB_SET;
    for (size_t row = first; row < end; row++) {
        if (row > first && bulk_is_again(b, row)) {
            o->twig->has_again = true;
            continue;
        }
        bulk_record(b, row, &rr);
        size += 2U + rr.rdlen;
        o->size += 2U + rr.rdlen;
        if (size > DRAFT_SET_MOST || o->size > HEAP_MOST) {
            return wrong(sums, ZONE_EDIT_FULL, row);
        }
        sums->records++;
        sums->counted += merge_counts(rr.type);
        sums->content_hash += content_record(o->hash, &set, rr.rdata, rr.rdlen);
        sums->max_ttl = rr.ttl > sums->max_ttl ? rr.ttl : sums->max_ttl;
    }
    return true;
}

static bool wrong(struct sums *sums, enum zone_edit_status status, size_t row)
{
    sums->status = status;
    sums->row = row;
    return false;
}

static bool sum_up(struct plant *p, const struct survey *s)
{
    struct zone_version *v = p->edit->next;
    p->status = ZONE_EDIT_OK;
    for (unsigned i = 0; i < s->shares; i++) {
        const struct sums *one = &s->sums[i];
        p->mixed_ttls = p->mixed_ttls || one->mixed_ttls;
        p->counted += one->counted;
        v->records += one->records;
        v->content_hash += one->content_hash;
        v->stars += one->stars;
        v->max_ttl = one->max_ttl > v->max_ttl ? one->max_ttl : v->max_ttl;
        p->twigs->has_hashes = p->twigs->has_hashes || one->has_hashes;
        if (p->status == ZONE_EDIT_OK && one->status != ZONE_EDIT_OK) { /* the first in order */
            p->status = one->status;
            p->row = one->row;
        }
    }
    return p->status == ZONE_EDIT_OK;
}

/* Which owner goes into which trie. */
static bool sort_twigs(struct plant_twigs *t)
{
    t->list[TRIE_NAMES] = t->all;
    t->length[TRIE_NAMES] = t->count;
    if (!t->has_hashes) {
        return true;
    }
    for (int part = 0; part < TRIE_PARTS; part++) {
        t->list[part] = malloc(t->count * sizeof t->all[0]);
        if (t->list[part] == NULL) {
            return false;
        }
        pick_twigs(t, (enum trie_part)part);
    }
    return true;
}

static void pick_twigs(struct plant_twigs *t, enum trie_part part)
{
    size_t length = 0;
    struct twig gap = {.offset = TWIG_NO_GAP};
    for (size_t i = 0; i < t->count; i++) {
        widen(&gap, &t->all[i]);
        if (part == TRIE_NAMES ? t->all[i].is_name : t->all[i].is_hash) {
            struct twig *twig = &t->list[part][length++];
            *twig = t->all[i];
            twig->offset = gap.offset;
            twig->mine = gap.mine;
            twig->before = gap.before;
            gap.offset = TWIG_NO_GAP;
        }
    }
    t->length[part] = length;
}

/* Two owners part where the first two of those between them do. */
static void widen(struct twig *gap, const struct twig *next)
{
    if (next->offset < gap->offset) {
        gap->offset = next->offset;
        gap->mine = next->mine;
        gap->before = next->before;
    } else if (next->offset == gap->offset) {
        gap->mine = next->mine;
    }
}

void plant_free(struct plant *p)
{
    struct plant_twigs *t = p->twigs;
    for (int part = 0; t != NULL && part < TRIE_PARTS; part++) {
        if (t->list[part] != t->all) {
            free(t->list[part]);
        }
    }
    free(t);
    p->twigs = NULL;
}
