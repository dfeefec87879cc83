/* tally.c - what a reading found of each owner of a version: all of it just as it is, or something
 * else.
 *
 * A state is two bits for each granule of the heap, so it takes 1/32 of the zone, most of it never
 * touched. Only for owners whose records come apart, and only once there are too many to keep them,
 * there is a sum as well, of a hash of each record with its type and TTL (8 octets, 16 with the
 * owner's reference), and it is compared with the sum over what the owner has.
 *
 * Is a sum modulo 2^64 enough? Each record is mixed as a whole (XXH3) under the line's seed,
 * which is random in each process, so equal sums of different sets are an accident of 2^-64 for
 * each owner that changed: once in 10^13 edits of a million owners each. Nobody can prepare one
 * without the seed, and could only keep his own edit from being seen. Not xor: a record that is
 * there twice would vanish. */
#include "zone/tally.h"
#include "zone/content.h"
#include "zone/store.h"
#include <stdlib.h>

static struct tally_sum *sum_of(struct tally *t, uint32_t ref);
static struct tally_sum *find_sum(const struct tally *t, uint32_t ref);
static bool grow(struct tally *t);
static uint64_t all_of(const struct tally *t, uint32_t ref);

bool tally_start(struct tally *t, const struct zone_version *base)
{
    *t = (struct tally){.base = base, .size = heap_places(&base->line->heap) / 4 + 1};
    t->states = calloc(t->size, 1);
    return t->states != NULL;
}

void tally_free(struct tally *t)
{
    free(t->states);
    free(t->sums);
    *t = (struct tally){.base = NULL};
}

enum tally_state tally_get(const struct tally *t, struct zone_node n)
{
    must(n.ref / 4 < t->size);
    return (enum tally_state)(t->states[n.ref / 4] >> (n.ref % 4 * 2) & 3);
}

void tally_set(struct tally *t, struct zone_node n, enum tally_state state)
{
    must(n.ref / 4 < t->size);
    unsigned shift = n.ref % 4 * 2;
    uint8_t others = (uint8_t)(t->states[n.ref / 4] & ~(3U << shift));
    t->states[n.ref / 4] = (uint8_t)(others | (unsigned)state << shift);
}

void tally_add(struct tally *t, struct zone_node n, const struct record *rr)
{
    struct rrset set = {.type = rr->type, .ttl = rr->ttl};
    struct tally_sum *s = sum_of(t, n.ref);
    if (s != NULL) {
        s->sum += content_record(zone_line_seed(t->base->line), &set, rr->rdata, rr->rdlen);
    }
}

void tally_add_all(struct tally *t, struct zone_node n)
{
    struct tally_sum *s = sum_of(t, n.ref);
    if (s != NULL) {
        s->sum += all_of(t, n.ref);
    }
}

void tally_settle(struct tally *t)
{
    for (size_t i = 0; i < t->sum_room; i++) {
        const struct tally_sum *s = &t->sums[i];
        if (s->ref != 0) {
            tally_set(t, (struct zone_node){.version = t->base, .ref = s->ref},
                      s->sum == all_of(t, s->ref) ? TALLY_SAME : TALLY_ODD);
        }
    }
}

/* Places are even in their low bits as often as not: multiplied, their order is gone. */
static struct tally_sum *find_sum(const struct tally *t, uint32_t ref)
{
    size_t at = (size_t)(ref * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (t->sum_room - 1);
    while (t->sums[at].ref != 0 && t->sums[at].ref != ref) {
        at = (at + 1) & (t->sum_room - 1);
    }
    return &t->sums[at];
}

static struct tally_sum *sum_of(struct tally *t, uint32_t ref)
{
    if (t->failed || (t->sum_count * 4 >= t->sum_room * 3 && !grow(t))) {
        t->failed = true;
        return NULL;
    }
    struct tally_sum *s = find_sum(t, ref);
    t->sum_count += s->ref == 0;
    s->ref = ref;
    return s;
}

static bool grow(struct tally *t)
{
    struct tally old = *t;
    t->sum_room = old.sum_room == 0 ? 64 : old.sum_room * 2;
    t->sums = calloc(t->sum_room, sizeof *t->sums);
    if (t->sums == NULL) {
        *t = old;
        return false;
    }
    for (size_t i = 0; i < old.sum_room; i++) {
        if (old.sums[i].ref != 0) {
            *find_sum(t, old.sums[i].ref) = old.sums[i];
        }
    }
    free(old.sums);
    return true;
}

static uint64_t all_of(const struct tally *t, uint32_t ref)
{
    const struct blob *b = store_blob(t->base, ref);
    uint64_t sum = 0;
    for (unsigned i = 0; i < b->sets; i++) {
        struct rrset set;
        blob_get(b, i, &set);
        sum += content_rrset(zone_line_seed(t->base->line), &set);
    }
    return sum;
}
