/* recall.c - an edit of a text whose pieces are remembered: which of them have to be read, and
 * whose records can be other than they were.
 *
 * A text of a million names is 75 MB, and an edit of it one line. Reading all of it, comparing each
 * record with what is served, and checking all of the new version took 3.6 s of CPU time. Now it is
 * 0.06 s, most of it to look through the text (skim.c); 0.2 s with the walks of step 4 and of
 * recheck.c, when an owner is gone or its addresses come or go. It takes under three octets a
 * record. What was read is in pieces.c, and how text is taken as pieces in piecing.c.
 *
 * 1. The text is looked through. Pieces that are known, octets and state, are passed over; the
 *    others are read, for the owners in them.
 * 2. The owners concerned are those in pieces that are new, those in old ones that are there no
 *    more, the apex, and those that findings name. Of all others every piece that holds them was
 *    there before and is there now, so they have the records that they had: an owner's records are
 *    a set, and the order and number of equal pieces do not matter.
 * 3. A known piece that holds one of the owners concerned is wanted, too. Then the wanted pieces
 *    are read, and give all records of all owners concerned.
 * 4. The owners concerned that the version has are looked up by the names that were read. Are these
 *    all? What the version has of owners concerned, it has from lines of pieces that are gone, or
 *    of pieces that are still there and were wanted: these lines are counted. Lines that say the
 *    same record twice, and pieces that stand there twice, only make the count larger. So when the
 *    owners found have as many records as there were such lines, there are no others. When they
 *    have fewer, an owner may be nowhere in the text any more, and only its hash is known: one walk
 *    over the version finds it, 0.1 s. merge.c compares the two.
 *
 * Owners are told apart by 32 bits. Two with the same hash are both concerned or both not, and then
 * both are found in the text as well as in the version: that costs time, never a record. All that
 * is decided later - errors, checks, the serial - is decided as ever, of the finished version.
 *
 * Whatever is odd (no memory, the file changes meanwhile, more than a quarter is new) ends this,
 * and the text is read as a whole: beside.c. */
#include "zone/recall.h"
#include "zone/store.h"
#include <stdlib.h>
#include <string.h>

#define SHARE                                                                                      \
    8 /* of the zone's memory, which is twice its text: octets that may be read at first */
#define SPARE ((uint64_t)1 << 16) /* that may be read in any case */

static bool make_table(struct recall *r);
static bool find_known(void *ctx, uint64_t key, size_t *index);
static bool collect(struct recall *r, const struct buf *named);
static bool concern_pieces(struct recall *r, const struct pieces *p, const uint8_t *skip);
static bool concern(struct recall *r, uint32_t hash);
static bool is_concerned(const struct recall *r, uint32_t hash);
static uint32_t *slot_of(uint32_t *list, uint32_t mask, uint32_t hash);
static bool grow(struct recall *r);
static uint64_t choose(struct recall *r);
static bool find_named(struct recall *r, const struct bulk *batch);
static bool find_all(struct recall *r);
static bool add_node(struct recall *r, struct zone_node node);

bool recall_start(struct recall *r, const struct zone_version *base, const struct pieces *old,
                  struct pieces *next, uint64_t room)
{
    *r = (struct recall){.base = base, .old = old};
    pieces_follow(next, old);
    r->piecing = (struct zone_text_piecing){
        .pieces = next,
        .old = old,
        .known = find_known,
        .ctx = r,
        .room = room != 0 ? room : zone_bytes(base) / SHARE + SPARE,
    };
    return make_table(r);
}

void recall_free(struct recall *r)
{
    free(r->slots);
    free(r->wanted);
    free(r->known);
    free(r->owners.list);
    free(r->nodes);
}

bool recall_settle(struct recall *r, const struct buf *named)
{
    const struct pieces *p = r->piecing.pieces;
    r->piecing.again = true;
    r->piecing.next = 0;
    r->has_last = false;
    r->most = 0;
    if (r->wanted == NULL) {
        r->wanted = calloc(p->count + 1, 1);
        r->known = calloc(p->count + 1, 1);
        r->piecing.wanted = r->wanted;
    }
    return r->wanted != NULL && r->known != NULL && !p->failed && collect(r, named) &&
           choose(r) <= 4 * r->piecing.room;
}

bool recall_wants(struct recall *r, const struct record *rr)
{
    if (!r->has_last || !name_same_case(r->last.octets, rr->owner)) {
        name_copy(&r->last, rr->owner);
        r->has_last = true;
        r->last_is = is_concerned(r, pieces_hash(r->old, rr->owner));
    }
    r->most += r->last_is && r->known[r->piecing.next - 1] != 0;
    return r->last_is;
}

bool recall_find(struct recall *r, const struct bulk *batch)
{
    return find_named(r, batch) && (r->found == r->most || find_all(r));
}

/* ---- pieces by their key ---- */

static bool make_table(struct recall *r)
{
    size_t size = 64;
    while (size < r->old->count * 2) {
        size *= 2;
    }
    r->slots = calloc(size, sizeof *r->slots);
    r->mask = (uint32_t)(size - 1);
    for (size_t i = 0; i < r->old->count && r->slots != NULL; i++) {
        uint32_t at = (uint32_t)r->old->list[i].key & r->mask;
        while (r->slots[at] != 0) {
            at = (at + 1) & r->mask;
        }
        r->slots[at] = r->old->list[i].sound ? (uint32_t)i + 1 : 0;
    }
    return r->slots != NULL;
}

static bool find_known(void *ctx, uint64_t key, size_t *index)
{
    const struct recall *r = ctx;
    for (uint32_t at = (uint32_t)key & r->mask; r->slots[at] != 0; at = (at + 1) & r->mask) {
        if (r->old->list[r->slots[at] - 1].key == key) {
            *index = r->slots[at] - 1;
            return true;
        }
    }
    return false;
}

/* ---- owners concerned ---- */

/* A piece is known, on either side, when the other has one that is sound and has its key. */
static bool collect(struct recall *r, const struct buf *named)
{
    const struct pieces *next = r->piecing.pieces;
    uint8_t *kept = calloc(r->old->count + 1, 1);
    bool ok = kept != NULL && concern(r, pieces_hash(r->old, zone_apex(r->base)));
    for (size_t i = 0; i < next->count && ok; i++) {
        size_t index = r->old->count;
        r->known[i] = next->list[i].sound && find_known(r, next->list[i].key, &index);
        kept[index] = 1;
    }
    ok = ok && concern_pieces(r, r->old, kept) && concern_pieces(r, next, r->known);
    for (size_t i = 0; i < r->old->count && ok; i++) {
        r->most += kept[i] == 0 ? r->old->list[i].records : 0;
    }
    for (size_t at = 0; at < named->len && ok; at += name_len(named->data + at)) {
        ok = concern(r, pieces_hash(r->old, named->data + at));
    }
    free(kept);
    return ok;
}

static bool concern_pieces(struct recall *r, const struct pieces *p, const uint8_t *skip)
{
    bool ok = true;
    for (size_t i = 0; i < p->count && ok; i++) {
        const uint32_t *hash = pieces_owners(p, &p->list[i]);
        for (uint32_t k = 0; skip[i] == 0 && k < p->list[i].owner_count && ok; k++) {
            ok = concern(r, hash[k]);
        }
    }
    return ok;
}

static bool concern(struct recall *r, uint32_t hash)
{
    if (r->owners.count * 2 >= r->owners.mask && !grow(r)) {
        return false;
    }
    uint32_t *slot = slot_of(r->owners.list, r->owners.mask, hash);
    r->owners.count += *slot == 0;
    *slot = hash;
    r->owners.filter[(hash & 0xffff) / 64] |= UINT64_C(1) << hash % 64;
    return true;
}

static bool is_concerned(const struct recall *r, uint32_t hash)
{
    return (r->owners.filter[(hash & 0xffff) / 64] >> hash % 64 & 1) != 0 &&
           *slot_of(r->owners.list, r->owners.mask, hash) != 0;
}

/* Where it is, or where it belongs. */
static uint32_t *slot_of(uint32_t *list, uint32_t mask, uint32_t hash)
{
    uint32_t at = hash >> 7 & mask;
    while (list[at] != 0 && list[at] != hash) {
        at = (at + 1) & mask;
    }
    return &list[at];
}

static bool grow(struct recall *r)
{
    uint32_t mask = r->owners.mask == 0 ? 255 : r->owners.mask * 2 + 1;
    uint32_t *list = calloc((size_t)mask + 1, sizeof *list);
    if (list == NULL) {
        return false;
    }
    for (size_t i = 0; r->owners.list != NULL && i <= r->owners.mask; i++) {
        if (r->owners.list[i] != 0) {
            *slot_of(list, mask, r->owners.list[i]) = r->owners.list[i];
        }
    }
    free(r->owners.list);
    r->owners.list = list;
    r->owners.mask = mask;
    return true;
}

/* Says which pieces are to be read; gives their octets. */
static uint64_t choose(struct recall *r)
{
    const struct pieces *p = r->piecing.pieces;
    uint64_t octets = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct piece *piece = &p->list[i];
        const uint32_t *hash = pieces_owners(p, piece);
        bool wanted = !piece->sound;
        for (uint32_t k = 0; k < piece->owner_count && !wanted; k++) {
            wanted = is_concerned(r, hash[k]);
        }
        r->wanted[i] = wanted;
        octets += wanted && piece->len != UINT32_MAX ? piece->len : 0;
    }
    return octets;
}

/* ---- what the version has of them ---- */

/* Of those that the new text has. */
static bool find_named(struct recall *r, const struct bulk *batch)
{
    r->node_count = 0;
    r->found = 0;
    for (size_t row = 0; row < batch->count; row++) {
        if (!bulk_same_owner(batch, row)) {
            struct zone_node node = zone_lookup(r->base, batch->rows[row].owner);
            if (node.ref != 0 && !add_node(r, node)) {
                return false;
            }
        }
    }
    return true;
}

/* Of all, until there can be no more. */
static bool find_all(struct recall *r)
{
    struct zone_walk walk;
    struct zone_node node;
    r->node_count = 0;
    r->found = 0;
    zone_walk_start(&walk, r->base);
    while (r->found < r->most && zone_walk_next(&walk, NULL, &node)) {
        const struct blob *b = store_blob(r->base, node.ref);
        if (is_concerned(r, pieces_hash_key(r->old, b->body, b->key_size)) && !add_node(r, node)) {
            return false;
        }
    }
    return true;
}

static bool add_node(struct recall *r, struct zone_node node)
{
    struct rrset set;
    if (r->node_count == r->node_room) {
        size_t room = r->node_room == 0 ? 256 : r->node_room * 2;
        struct zone_node *nodes = realloc(r->nodes, room * sizeof *nodes);
        if (nodes == NULL) {
            return false;
        }
        r->nodes = nodes;
        r->node_room = room;
    }
    for (unsigned at = 0; zone_rrset_next(node, &at, &set);) {
        r->found += set.count;
    }
    r->nodes[r->node_count++] = node;
    return true;
}
