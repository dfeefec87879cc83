/* grow.c - the trie of a zone's first version, written at once of its twigs.
 *
 * The upper branches are written by the thread of the job, one behind the other: every search
 * meets some of them, and so they share the few pages to which the processor remembers the way.
 * Measured as CPU time for an answer from a million names, without the kernel's part: 7 to 11 %
 * less than with each of them in front of what is below it. What is below them, some hundred
 * owners each, is a bough, in canonical order, each node in front of what is below it, as packing
 * puts it (pack.c). How much a bough takes is known before it is written, it gets its place whole,
 * in one chunk of the heap, and any hand writes it there. So most of the writing, and of asking the
 * system for memory, is done by all hands, and how many there are does not show in what comes
 * out. */
#include "wire/ascii.h"
#include "zone/store.h"
#include "zone/twig.h"
#include <stdlib.h>
#include <string.h>

#define BOUGH  128 /* owners; larger ones leave more of a chunk unused at its end */
#define SHARES 64  /* of the boughs, for the hands */
#define FEW    8   /* boughs and branches are written before a thread has begun */
#define AHEAD  24  /* rows whose memory is asked for before its turn comes */

struct shape { /* of a branch */
    unsigned offset, kids;
    uint64_t bitmap;
};
struct limb { /* one of the upper branches, or a bough (no shape) with all that is in it */
    const struct twig *first, *end;
    struct shape shape;
    uint32_t place;
    uint64_t bytes;
};
struct growth {
    const struct plant *p;
    const struct apex *apex;
    struct heap *heap;
    uint32_t born;
    struct limb *limbs; /* each before those below it, and these in order */
    size_t count, room, next;
    bool failed;             /* no memory for limbs */
    size_t beds[SHARES + 1]; /* limbs with which a share of the work begins */
};
struct pen { /* writes block after block */
    const struct growth *g;
    uint32_t place;
};
struct leaf { /* an owner's rows, and what becomes of them */
    size_t first, end, size;
    uint16_t sets;
    bool again; /* some record is there twice */
};

static bool grow(struct growth *g, uint32_t root[TRIE_PARTS]);
static const struct hands *hands_for(const struct growth *g);
static void plan(struct growth *g, const struct twig *first, const struct twig *end);
static void plan_branch(struct growth *g, const struct twig *first, const struct twig *end);
static bool is_bough(const struct growth *g, struct limb *l);
static bool add_limb(struct growth *g, const struct limb *l);
static struct shape shape_of(const struct twig *first, const struct twig *end);
static size_t shape_size(const struct shape *s);
static const struct twig *next_kid(const struct shape *s, const struct twig *kid,
                                   const struct twig *end);
static void measure_some(void *arg, unsigned index);
static uint64_t measure(const struct twig *first, const struct twig *end);
static uint64_t size_of_leaf(const struct growth *g, const struct twig *twig);
static bool place_branches(struct growth *g);
static uint32_t raise(struct growth *g);
static uint32_t raise_branch(struct growth *g, const struct limb *l);
static void lower(struct growth *g);
static void make_beds(struct growth *g);
static bool begins_chunk(const struct growth *g, size_t limb);
static void write_bed(void *arg, unsigned index);
static uint32_t write_node(struct pen *pen, const struct twig *first, const struct twig *end);
static uint32_t write_branch(struct pen *pen, const struct twig *first, const struct twig *end);
static uint32_t write_leaf(struct pen *pen, const struct twig *twig);
static uint32_t take(struct pen *pen, size_t size);
static void measure_leaf(const struct bulk *batch, struct leaf *l);
static void write_sets(const struct bulk *batch, const struct leaf *l, struct blob *b);
static size_t key_octets(const struct apex *apex, const uint8_t *owner, uint8_t *out);

bool plant_grow(struct plant *p)
{
    struct zone_edit *e = p->edit;
    struct growth g = {
        .p = p, .apex = &e->line->apex, .heap = &e->line->heap, .born = e->trie.born};
    uint32_t root[TRIE_PARTS] = {0};
    bool ok = grow(&g, root);
    for (size_t i = 0; ok && i < g.count; i++) {
        e->trie.bytes += g.limbs[i].bytes;
    }
    if (ok) {
        e->trie.heap = g.heap;
        memcpy(e->trie.root, root, sizeof root);
    }
    free(g.limbs);
    return ok;
}

static bool grow(struct growth *g, uint32_t root[TRIE_PARTS])
{
    const struct plant_twigs *t = g->p->twigs;
    uint64_t bytes = 0;
    for (int part = 0; part < TRIE_PARTS; part++) {
        if (t->length[part] > 0) {
            plan(g, t->list[part], t->list[part] + t->length[part]);
        }
    }
    if (g->failed) {
        return false;
    }
    const struct hands *hands = hands_for(g);
    hands_run(hands, SHARES, measure_some, g);
    for (size_t i = 0; i < g->count; i++) {
        bytes += g->limbs[i].bytes;
    }
    heap_expect(g->heap, bytes);
    bool ok = place_branches(g);
    for (int part = 0; ok && part < TRIE_PARTS; part++) {
        root[part] = t->length[part] > 0 ? raise(g) : 0;
        ok = t->length[part] == 0 || root[part] != 0;
    }
    if (!ok) {
        lower(g);
        return false;
    }
    make_beds(g);
    hands_run(hands, SHARES, write_bed, g);
    return true;
}

static const struct hands *hands_for(const struct growth *g)
{
    return g->count < hands_least(g->p->hands, FEW) ? NULL : g->p->hands;
}

/* ---- the upper branches ---- */

/* As deep as keys are long at most. */
static void plan(struct growth *g, const struct twig *first, const struct twig *end)
{
    struct limb limb = {.first = first, .end = end};
    if (!is_bough(g, &limb)) {
        plan_branch(g, first, end);
    } else {
        (void)add_limb(g, &limb);
    }
}

static void plan_branch(struct growth *g, const struct twig *first, const struct twig *end)
{
    struct limb limb = {.first = first, .end = end, .shape = shape_of(first, end)};
    limb.bytes = heap_block(shape_size(&limb.shape));
    if (!add_limb(g, &limb)) {
        return;
    }
    for (const struct twig *kid = first, *next; kid < end; kid = next) {
        next = next_kid(&limb.shape, kid, end);
        plan(g, kid, next);
    }
}

/* Its blocks have room in one chunk, branches included. Counts its leaves. */
static bool is_bough(const struct growth *g, struct limb *l)
{
    size_t count = (size_t)(l->end - l->first);
    if (count > hands_least(g->p->hands, BOUGH)) {
        return false;
    }
    for (const struct twig *twig = l->first; twig < l->end; twig++) {
        l->bytes += size_of_leaf(g, twig);
    }
    return count == 1 || l->bytes <= HEAP_MOST / 2;
}

static bool add_limb(struct growth *g, const struct limb *l)
{
    if (g->count == g->room) {
        size_t room = g->room == 0 ? 64 : g->room * 2;
        struct limb *limbs = g->failed ? NULL : realloc(g->limbs, room * sizeof *limbs);
        if (limbs == NULL) {
            g->failed = true;
            return false;
        }
        g->limbs = limbs;
        g->room = room;
    }
    g->limbs[g->count++] = *l;
    return true;
}

/* What a branch above these, at least two, looks like. */
static struct shape shape_of(const struct twig *first, const struct twig *end)
{
    struct shape s = {.offset = TWIG_NO_GAP};
    for (const struct twig *twig = first + 1; twig < end; twig++) {
        if (twig->offset < s.offset) {
            s = (struct shape){
                .offset = twig->offset, .kids = 1, .bitmap = UINT64_C(1) << twig->before};
        }
        if (twig->offset == s.offset) {
            s.bitmap |= UINT64_C(1) << twig->mine;
            s.kids++;
        }
    }
    return s;
}

static size_t shape_size(const struct shape *s)
{
    return BRANCH_HEAD + s->kids * sizeof(uint32_t);
}

/* Where the next child of a branch begins, or the end. */
static const struct twig *next_kid(const struct shape *s, const struct twig *kid,
                                   const struct twig *end)
{
    for (kid++; kid < end && kid->offset != s->offset;) {
        kid++;
    }
    return kid;
}

/* ---- how large boughs are ---- */

static void measure_some(void *arg, unsigned index)
{
    struct growth *g = arg;
    for (size_t i = g->count * index / SHARES; i < g->count * (index + 1) / SHARES; i++) {
        struct limb *l = &g->limbs[i];
        l->bytes += l->shape.kids == 0 ? measure(l->first, l->end) : 0;
    }
}

/* Octets of all branches. */
static uint64_t measure(const struct twig *first, const struct twig *end)
{
    if (end - first < 2) {
        return 0;
    }
    struct shape shape = shape_of(first, end);
    uint64_t bytes = heap_block(shape_size(&shape));
    for (const struct twig *kid = first, *next; kid < end; kid = next) {
        next = next_kid(&shape, kid, end);
        bytes += measure(kid, next);
    }
    return bytes;
}

static uint64_t size_of_leaf(const struct growth *g, const struct twig *twig)
{
    if (twig->size < TWIG_LARGE) {
        return (uint64_t)twig->size * HEAP_GRANULE;
    }
    const struct bulk *batch = g->p->batch;
    struct leaf leaf = {.first = twig->row, .end = twig->row, .again = twig->has_again};
    measure_leaf(batch, &leaf);
    uint8_t key[NAME_SIZE];
    size_t key_size = key_octets(g->apex, batch->rows[leaf.first].owner, key);
    return heap_block(BLOB_HEAD + key_size + leaf.sets * BLOB_SET + leaf.size);
}

/* ---- places ---- */

/* False: no memory. */
static bool place_branches(struct growth *g)
{
    for (size_t i = 0; i < g->count; i++) {
        struct limb *l = &g->limbs[i];
        if (l->shape.kids > 0) {
            l->place = heap_get_span(g->heap, l->bytes);
            if (l->place == 0) {
                return false;
            }
        }
    }
    return true;
}

/* The next limb is written with all upper branches below it, and the boughs get their places. They
 * are not written yet, but for a single leaf: only then its reference is known. 0: no memory. */
static uint32_t raise(struct growth *g)
{
    struct limb *l = &g->limbs[g->next++];
    if (l->shape.kids > 0) {
        return raise_branch(g, l);
    }
    l->place = heap_get_span(g->heap, l->bytes);
    if (l->place == 0) {
        return 0;
    }
    struct pen pen = {.g = g, .place = l->place};
    return l->end - l->first == 1 ? write_leaf(&pen, l->first) : l->place << 2 | TRIE_BRANCH;
}

static uint32_t raise_branch(struct growth *g, const struct limb *l)
{
    struct branch *b = heap_at(g->heap->map, l->place);
    b->word = l->shape.bitmap | (uint64_t)l->shape.offset << KEY_SYMBOLS;
    b->born = g->born;
    for (unsigned i = 0; i < l->shape.kids; i++) {
        b->kid[i] = raise(g);
        if (b->kid[i] == 0) {
            return 0;
        }
    }
    return l->place << 2 | TRIE_BRANCH;
}

/* Gives all places back. */
static void lower(struct growth *g)
{
    for (size_t i = 0; i < g->count; i++) {
        if (g->limbs[i].place != 0) {
            heap_put_span(g->heap, g->limbs[i].place, g->limbs[i].bytes);
        }
    }
}

/* ---- boughs ---- */

/* Shares of the limbs that have no chunk in common: two hands that touch a large page for the first
 * time have it cleared twice. */
static void make_beds(struct growth *g)
{
    for (unsigned i = 1; i <= SHARES; i++) {
        size_t at = g->count * i / SHARES;
        at = at > g->beds[i - 1] ? at : g->beds[i - 1];
        while (at > 0 && at < g->count && !begins_chunk(g, at)) {
            at++;
        }
        g->beds[i] = at;
    }
}

/* A bough, and the one before it lies in another chunk. */
static bool begins_chunk(const struct growth *g, size_t limb)
{
    size_t before = limb;
    while (before > 0 && g->limbs[before - 1].shape.kids > 0) {
        before--;
    }
    return g->limbs[limb].shape.kids == 0 &&
           (before == 0 || !heap_same_chunk(g->limbs[before - 1].place, g->limbs[limb].place));
}

static void write_bed(void *arg, unsigned index)
{
    const struct growth *g = arg;
    for (size_t i = g->beds[index]; i < g->beds[index + 1]; i++) {
        const struct limb *l = &g->limbs[i];
        struct pen pen = {.g = g, .place = l->place};
        if (l->shape.kids == 0 && l->end - l->first > 1) {
            (void)write_branch(&pen, l->first, l->end);
            must(pen.place == l->place + l->bytes / HEAP_GRANULE);
        }
    }
}

static uint32_t write_node(struct pen *pen, const struct twig *first, const struct twig *end)
{
    return end - first == 1 ? write_leaf(pen, first) : write_branch(pen, first, end);
}

static uint32_t write_branch(struct pen *pen, const struct twig *first, const struct twig *end)
{
    struct shape shape = shape_of(first, end);
    uint32_t place = take(pen, shape_size(&shape));
    struct branch *b = heap_at(pen->g->heap->map, place);
    b->word = shape.bitmap | (uint64_t)shape.offset << KEY_SYMBOLS;
    b->born = pen->g->born;
    const struct twig *kid = first, *next;
    for (unsigned i = 0; i < shape.kids; i++, kid = next) {
        next = next_kid(&shape, kid, end);
        b->kid[i] = write_node(pen, kid, next);
    }
    return place << 2 | TRIE_BRANCH;
}

static uint32_t write_leaf(struct pen *pen, const struct twig *twig)
{
    const struct growth *g = pen->g;
    const struct bulk *batch = g->p->batch;
    struct leaf leaf = {.first = twig->row, .end = twig->row, .again = twig->has_again};
    measure_leaf(batch, &leaf);
    uint8_t key[NAME_SIZE];
    size_t key_size = key_octets(g->apex, batch->rows[leaf.first].owner, key);
    size_t data = BLOB_HEAD + key_size + leaf.sets * BLOB_SET;
    uint32_t place = take(pen, data + leaf.size);
    struct blob *b = heap_at(g->heap->map, place);
    *b = (struct blob){.born = g->born, .sets = leaf.sets, .key_size = (uint8_t)key_size};
    memcpy(b->body, key, key_size);
    write_sets(batch, &leaf, b);
    return place << 2 | (b->flags != 0 ? TRIE_STOP : TRIE_LEAF);
}

static uint32_t take(struct pen *pen, size_t size)
{
    uint32_t place = pen->place;
    pen->place += (uint32_t)(heap_block(size) / HEAP_GRANULE);
    return place;
}

static void measure_leaf(const struct bulk *batch, struct leaf *l)
{
    struct record rr;
    uint32_t type = UINT32_MAX;
    do {
        bulk_record(batch, l->end, &rr);
        l->sets = (uint16_t)(l->sets + (rr.type != type));
        type = rr.type;
        if (!l->again || !bulk_is_again(batch, l->end)) {
            l->size += 2U + rr.rdlen;
        }
        if (l->end + AHEAD < batch->count) {
            __builtin_prefetch(batch->rows[l->end + AHEAD].at);
            __builtin_prefetch(batch->rows[l->end + AHEAD].owner);
        }
        l->end++;
    } while (l->end < batch->count && bulk_same_owner(batch, l->end));
}

static void write_sets(const struct bulk *batch, const struct leaf *l, struct blob *b)
{
    uint8_t *head = b->body + b->key_size, *data = head + l->sets * BLOB_SET;
    size_t row = l->first;
    while (row < l->end) {
        struct record rr;
        bulk_record(batch, row, &rr);
        struct blob_set set = {.type = rr.type};
        uint32_t ttl = rr.ttl;
        do {
            if (!l->again || row == l->first || !bulk_is_again(batch, row)) {
                put_u16(data, rr.rdlen);
                if (rr.rdlen > 0) {
                    memcpy(data + 2, rr.rdata, rr.rdlen);
                }
                data += 2U + rr.rdlen;
                set.count++;
                set.size = (uint16_t)(set.size + 2U + rr.rdlen);
            }
            ttl = rr.ttl < ttl ? rr.ttl : ttl;
            row++;
            if (row < l->end) {
                bulk_record(batch, row, &rr);
            }
        } while (row < l->end && rr.type == set.type);
        set.ttl[0] = (uint16_t)(ttl >> 16);
        set.ttl[1] = (uint16_t)ttl;
        memcpy(head, &set, sizeof set);
        head += BLOB_SET;
        b->flags |= blob_flag_of(set.type, b->key_size);
    }
}

/* Labels from the apex outward, in lower case: what a blob keeps of its owner's name. */
static size_t key_octets(const struct apex *apex, const uint8_t *owner, uint8_t *out)
{
    size_t size = name_len(owner) - apex->size, to = size;
    for (size_t at = 0; at < size; at += 1U + owner[at]) {
        to -= 1U + owner[at];
        ascii_copy_lower(out + to, owner + at, 1U + owner[at]);
    }
    return size;
}
