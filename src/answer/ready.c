/* ready.c - finished answers by their question's octets, for each worker its own. Worker's thread.
 *
 * Resolvers ask for the same things again and again. A question that comes a second time is kept
 * with its answer, all but the ID, and from then on its answer is found by one hash and one
 * comparison. Measured without the kernel's part: 73 ns an answer instead of 340.
 *
 * An answer holds as long as its world and its zone's version are what they were; both are looked
 * at each time, so that an answer from here is as new as one that is searched for. What depends on
 * anything else (who asks, a cookie, a rate, a cache's clock, another zone) is not kept: that
 * answer() says with answer_out's `lasting`.
 *
 * Eight words of a line are a bucket: a part of the hash for each of seven places, and which of
 * them were of use since the hand came by last (SIEVE's rule, as in cache/). A question that comes
 * once costs its hash and a write into that line. Where fewer than one question of eight finds its
 * answer, as in a zone of a million names, the next ones go without. */
#include "answer/ready.h"
#include "answer/compose.h"
#include "base/hash.h"
#include "wire/msg.h"
#include <stdlib.h>
#include <string.h>

#define BUCKETS   512u
#define WAYS      7u  /* places of a bucket */
#define ID        2   /* octets in front of what is compared */
#define ROOM      480 /* octets of question and answer together, without their IDs */
#define LINE      64  /* octets of memory that come together */
#define LINES     3   /* of a place, that are called for: enough for most */
#define TRIAL     1024u
#define WORTHY    8u /* of so many questions at least one found its answer, or the store rests */
#define REST      (16 * TRIAL)
#define NOT_QUERY 0xf8 /* QR and opcode, in the third octet */

struct ready_place {
    const struct zone_version *version;
    struct slot *slot;
    uint64_t world;
    uint32_t published;       /* the slot's */
    uint16_t asked, answered; /* octets */
    uint8_t octets[ROOM];     /* the question, then the answer */
};
struct bucket {
    uint32_t tag[WAYS]; /* 0: free */
    uint8_t hand;       /* the way that is to go next, unless it was of use */
    uint8_t used, kept; /* a bit for each way; kept: its answer stands in its place */
};
struct ready {
    uint64_t seed;
    unsigned looked, found; /* of this trial */
    unsigned rest;          /* questions that go without */
    _Alignas(LINE) struct bucket buckets[BUCKETS];
    _Alignas(LINE) struct ready_place places[BUCKETS * WAYS];
};
_Static_assert(sizeof(struct bucket) == LINE / 2, "two buckets are a line");
_Static_assert(sizeof(struct ready_place) % LINE == 0, "a place begins with a line");

static bool may_rest(struct ready *r, unsigned count);
static bool is_plain(const struct ahead *q);
static struct ready_place *place_for(struct ready *r, uint64_t hash);
static unsigned make_room(struct bucket *b);
static bool holds(const struct ready_place *p, const struct world *w);
static uint8_t bit_of(struct ready *r, const struct ready_place *p, struct bucket **b);

struct ready *ready_new(uint64_t seed)
{
    struct ready *r = aligned_alloc(LINE, sizeof *r);
    if (r != NULL) {
        r->seed = seed;
        r->looked = r->found = r->rest = 0;
        memset(r->buckets, 0, sizeof r->buckets);
    }
    return r; /* the places' memory comes when they are written */
}

void ready_free(struct ready *r)
{
    free(r);
}

bool ready_look(struct ready *r, const struct ahead *questions, unsigned count,
                struct ready_place *places[])
{
    uint64_t hashes[AHEAD_MOST];
    if (may_rest(r, count)) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        const struct ahead *q = &questions[i];
        hashes[i] = is_plain(q) ? hash_bytes(q->octets + ID, q->len - ID, r->seed) | 1 : 0;
        __builtin_prefetch(&r->buckets[hashes[i] >> 32 & (BUCKETS - 1)]);
    }
    for (unsigned i = 0; i < count; i++) {
        places[i] = hashes[i] != 0 ? place_for(r, hashes[i]) : NULL;
    }
    return true;
}

/* After each trial it is seen whether the store is of use. */
static bool may_rest(struct ready *r, unsigned count)
{
    if (r->rest > 0) {
        r->rest -= count < r->rest ? count : r->rest;
        return true;
    }
    if (r->looked >= TRIAL) {
        r->rest = r->found < r->looked / WORTHY ? REST : 0;
        r->looked = r->found = 0;
    }
    r->looked += count;
    return false;
}

/* One question over which nothing is unusual but what its octets say (query_read reads them all
 * before an answer is kept). */
static bool is_plain(const struct ahead *q)
{
    return q->len > MSG_HEADER && q->len < ROOM && (q->octets[2] & NOT_QUERY) == 0;
}

/* NULL: the question comes for the first time, or its tag was forgotten. */
static struct ready_place *place_for(struct ready *r, uint64_t hash)
{
    unsigned number = hash >> 32 & (BUCKETS - 1);
    uint32_t tag = (uint32_t)hash;
    struct bucket *b = &r->buckets[number];
    for (unsigned way = 0; way < WAYS; way++) {
        if (b->tag[way] == tag) {
            struct ready_place *p = &r->places[number * WAYS + way];
            for (unsigned line = 0; line < LINES; line++) {
                __builtin_prefetch((const uint8_t *)p + line * LINE);
            }
            return p;
        }
    }
    unsigned way = make_room(b);
    b->tag[way] = tag;
    b->kept &= (uint8_t) ~(1U << way);
    return NULL;
}

static unsigned make_room(struct bucket *b)
{
    for (;;) {
        unsigned way = b->hand;
        b->hand = (uint8_t)((way + 1) % WAYS);
        if ((b->used >> way & 1) == 0) {
            return way;
        }
        b->used &= (uint8_t) ~(1U << way);
    }
}

size_t ready_answer(struct ready *r, const struct world *w, struct ready_place *p, uint8_t *packet,
                    size_t len, struct counters *n)
{
    struct bucket *b;
    uint8_t bit = bit_of(r, p, &b);
    size_t asked = len - ID;
    if ((b->kept & bit) != 0 && holds(p, w) && p->asked == asked &&
        memcmp(p->octets, packet + ID, asked) == 0) {
        b->used |= bit;
        r->found++;
        memcpy(packet + ID, p->octets + asked, p->answered);
        unsigned flags = get_u16(packet + ID);
        count(n, COUNT_queries_udp);
        count(n, COUNT_answers_ready);
        compose_count(n, MSG_RCODE(flags), (flags & MSG_TC) != 0);
        return p->answered + ID;
    }
    return 0;
}

/* The version is looked at before `published`: see slot_publish. */
static bool holds(const struct ready_place *p, const struct world *w)
{
    return p->world == w->number &&
           atomic_load_explicit(&p->slot->state, memory_order_acquire) == SLOT_SERVING &&
           atomic_load_explicit(&p->slot->version, memory_order_acquire) == p->version &&
           atomic_load_explicit(&p->slot->published, memory_order_relaxed) == p->published;
}

void ready_question(struct ready *r, struct ready_place *p, const uint8_t *packet, size_t len)
{
    struct bucket *b;
    uint8_t bit = bit_of(r, p, &b);
    b->kept &= (uint8_t)~bit;
    p->asked = (uint16_t)(len - ID);
    memcpy(p->octets, packet + ID, p->asked);
}

void ready_keep(struct ready *r, const struct world *w, struct ready_place *p,
                const struct answer_out *out, const uint8_t *packet)
{
    struct bucket *b;
    if (out->lasting == NULL || p->asked + out->len - ID > ROOM) {
        return;
    }
    p->version = out->lasting;
    p->slot = out->zone->slot;
    p->world = w->number;
    p->published = atomic_load_explicit(&p->slot->published, memory_order_relaxed);
    p->answered = (uint16_t)(out->len - ID);
    memcpy(p->octets + p->asked, packet + ID, p->answered);
    uint8_t bit = bit_of(r, p, &b);
    b->kept |= bit;
}

static uint8_t bit_of(struct ready *r, const struct ready_place *p, struct bucket **b)
{
    size_t number = (size_t)(p - r->places);
    *b = &r->buckets[number / WAYS];
    return (uint8_t)(1U << number % WAYS);
}
