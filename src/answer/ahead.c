/* ahead.c - calls for the memory that a batch of questions leads to, all of them one step further
 * at a time, and searches for the names on the way. Worker's thread, inside its epoch.
 *
 * Of ten thousand small zones each question means another: its place in the world's table, its
 * slot, version, apex and trie are pointers one behind the other, each a wait of a hundred
 * nanoseconds for memory that no cache has. In a zone of a million names the last branches of the
 * trie and the leaf are. Thirty-two questions wait for all of theirs at once. Measured as CPU time
 * for an answer, without the kernel's: 10,000 zones of ten records 14 to 40 % less, a million names
 * 25 to 38 % less; and 10 % of the rest as an answer takes over the search that was made here. A
 * few small zones stand in the caches anyway, and it costs 30 ns a question: where nothing was to
 * be waited for, the next batches go without it. */
#include "answer/ahead.h"
#include "wire/msg.h"

#define ZONES_LEAST 256 /* fewer, and the caches have them, unless they are large */
#define BATCH_LEAST 4   /* questions that have somebody to wait with */
#define REST        31  /* batches */
#define LABEL       63  /* octets, at most (RFC 1035 2.3.4) */
#define DEPTHS_MOST 2   /* suffixes of one name that are looked for: the longest */

struct way { /* one suffix that may be a zone */
    struct ahead *question;
    uint64_t hash;  /* of the suffix */
    unsigned depth; /* labels of it */
    const struct world_zone *zone;
    const struct zone_version *version;
    bool is_hidden; /* another name stands where it would be: it may be behind that */
};

static bool look(const struct world *w, struct ahead_room *room, struct ahead *questions,
                 unsigned count);
static unsigned ways_of(const struct world *w, struct ahead *q, struct way *ways);
static void to_zone(const struct world *w, struct way *way);
static void to_slot(struct way *way);
static void to_version(struct way *way);
static void to_apex(const struct way *ways, unsigned count);
static bool to_names(struct ahead_room *room, const struct way *ways, unsigned count);

void answer_ahead(const struct world *w, struct ahead_room *room, struct ahead *questions,
                  unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        questions[i].world = w;
        questions[i].zone = NULL;
        questions[i].search = NULL;
    }
    if (room->rest > 0) {
        room->rest--;
    } else if (count >= BATCH_LEAST && !look(w, room, questions, count)) {
        room->rest = REST;
    }
}

/* True: it was worth it. */
static bool look(const struct world *w, struct ahead_room *room, struct ahead *questions,
                 unsigned count)
{
    struct way ways[AHEAD_MOST * DEPTHS_MOST];
    unsigned n = 0;
    for (unsigned i = 0; i < count; i++) {
        n += ways_of(w, &questions[i], ways + n);
    }
    for (unsigned i = 0; i < n; i++) {
        to_zone(w, &ways[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        to_slot(&ways[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        to_version(&ways[i]);
    }
    to_apex(ways, n);
    return to_names(room, ways, n) || w->count >= ZONES_LEAST;
}

/* The name asked, as it is in any question of use: behind the header, whole, not compressed. */
static unsigned ways_of(const struct world *w, struct ahead *q, struct way *ways)
{
    size_t left[NAME_LABELS + 1], at = MSG_HEADER;
    unsigned labels = 0, n = 0;
    while (at < q->len && q->octets[at] != 0) {
        if (q->octets[at] > LABEL || labels == NAME_LABELS || at - MSG_HEADER > NAME_SIZE) {
            return 0;
        }
        left[labels++] = at;
        at += 1U + q->octets[at];
    }
    if (at >= q->len || at - MSG_HEADER >= NAME_SIZE) {
        return 0;
    }
    left[labels] = at;
    for (unsigned depth = (labels < w->deepest ? labels : w->deepest) + 1U;
         depth-- > 0 && n < DEPTHS_MOST;) {
        if (world_has_depth(w, depth)) {
            ways[n] = (struct way){.question = q,
                                   .hash = name_hash(q->octets + left[labels - depth], w->seed),
                                   .depth = depth};
            __builtin_prefetch(&w->table[ways[n].hash & w->table_mask]);
            n++;
        }
    }
    return n;
}

static void to_zone(const struct world *w, struct way *way)
{
    uint64_t entry = w->table[way->hash & w->table_mask];
    if (entry != 0 && entry >> 32 == way->hash >> 32) { /* one that was pushed aside goes without */
        way->zone = &w->zones[(uint32_t)entry - 1];
        __builtin_prefetch(way->zone);
    } else {
        way->is_hidden = entry != 0;
    }
}

static void to_slot(struct way *way)
{
    if (way->zone == NULL) {
        return;
    }
    const struct slot *slot = way->zone->slot;
    __builtin_prefetch(&slot->version);
    __builtin_prefetch(slot + 1); /* its name */
    __builtin_prefetch(way->zone->config);
}

static void to_version(struct way *way)
{
    if (way->zone != NULL) {
        way->version = atomic_load_explicit(&way->zone->slot->version, memory_order_acquire);
    }
}

static void to_apex(const struct way *ways, unsigned count)
{
    for (unsigned step = 0; step < ZONE_AHEAD_STEPS; step++) {
        for (unsigned i = 0; i < count; i++) {
            if (ways[i].version != NULL) {
                zone_ahead(ways[i].version, step);
            }
        }
    }
}

/* All searches go a step, those that are not at their end a step again: each in the deepest zone
 * that was found for its name. A search that starts has seen that the name is in the zone;
 * with as many labels as were looked for it is the one that was, and the owner if no deeper one can
 * be. True: some are in large zones. */
static bool to_names(struct ahead_room *room, const struct way *ways, unsigned count)
{
    bool in_large = false, is_owner = true;
    uint8_t going[AHEAD_MOST];
    unsigned all = 0;
    for (unsigned i = 0; i < count && all < AHEAD_MOST; i++) {
        const struct zone_version *v = ways[i].version;
        struct ahead *q = ways[i].question;
        struct zone_search *s = &room->searches[all];
        is_owner = is_owner || i == 0 || ways[i - 1].question != q;
        if (v != NULL && q->search == NULL && zone_ahead_start(s, v, q->octets + MSG_HEADER)) {
            q->search = s;
            q->zone = is_owner && ways[i].zone->slot->labels == ways[i].depth ? ways[i].zone : NULL;
            in_large = in_large || zone_is_large(v);
            going[all] = (uint8_t)all;
            all++;
        } else if (ways[i].zone != NULL || ways[i].is_hidden) {
            is_owner = false;
        }
    }
    while (all > 0) {
        all = zone_ahead_step(room->searches, going, all);
    }
    return in_large;
}
