/* forward.h - asking upstream, once per question: who waits, how long, which server, what the
 * answer means. One per worker, its thread only. It gives back the waiters; server/ asks answer()
 * again for each. Two workers with the same question: the second posts its wish to the first, gets
 * "look again" by mail. */
#ifndef SETTLED_FORWARD_FORWARD_H
#define SETTLED_FORWARD_FORWARD_H

#include "answer/answer.h"
#include "base/log.h"
#include "base/mail.h"
#include "forward/upstream.h"

struct forward;
struct forward_options {
    unsigned worker; /* our number: epoch slot, and address for mail */
    struct upstream *upstream;
    struct cache *cache;
    struct counters *counters;
    const struct log *log;
    uint64_t seed;
    unsigned most_waiting; /* waiters at once, 0: 10,000 */
    /* Posts a letter to another worker's box; it hands it to forward_letter there. NULL: one worker
     * only. */
    void (*post)(void *ctx, unsigned worker, struct letter *l);
    void *ctx;
};
MUST_USE struct forward *forward_new(const struct forward_options *o);
void forward_free(
    struct forward *f); /* waiters that are left are given to nobody: take them first */

struct fresh;
struct waiter { /* embedded in whatever keeps the client's packet; owned by server/ */
    struct waiter *next;
    struct answer_try
        try; /* for the next call of answer(); fresh points into forward until forward_taken */
    struct fresh *fresh; /* forward's own; NULL at first */
};
/* Joins or starts the question. waiter NULL: a refresh nobody waits for. False: too many
 * (SERVFAIL). `ask` is copied. Slots and cache_zones of zones that a reload removed stay allocated
 * until the process ends, so ask->zone's slot may be kept; the world_zone itself may not (look it
 * up again in the world of the moment). */
MUST_USE bool forward_start(struct forward *f, const struct answer_ask *ask, struct waiter *w,
                            struct now now);
/* upstream's answered(). Inside the worker's epoch. */
void forward_answered(struct forward *f, void *token, const uint8_t *msg, size_t len,
                      struct now now);
void forward_letter(struct forward *f, struct letter *l, struct now now);
/* Waiters that are ready (answered, stale in time, failed): a list linked by next, each with its
 * `try` set. The caller calls answer() for each, then forward_taken(). Inside the worker's epoch.
 */
struct waiter *forward_take(struct forward *f);
void forward_taken(struct forward *f); /* what `fresh` pointed to may go */
void forward_late(struct forward *f, struct now now);
struct mono forward_due(const struct forward *f);
/* What the keeper should be told (KEEPER_NEWS): an answer showed a newer serial than the zone's
 * `known`, or (has_serial false) no origin that may be asked was seen at `known`: ask the others
 * for their SOA. Each thing once a second. False: none left. */
struct forward_news {
    const struct slot *slot;
    bool has_serial;
    uint32_t serial;
};
bool forward_take_news(struct forward *f, struct forward_news *out);
unsigned forward_waiting(const struct forward *f);

#endif
