/* inside.h - private to forward/: one question under way, and what one worker's forward is made of.
 *
 * An asking is one question: who waits for it, and how far the search for an answer has come. It
 * stands in a table by its key. States: ASKING (a packet is on its way, or it pauses before the
 * next), BORROWED (another worker asks; we get a letter), FAILED (remembered for a second, RFC 9520
 * 3.2, so that a dead server is not asked again for every client). */
#ifndef SETTLED_FORWARD_INSIDE_H
#define SETTLED_FORWARD_INSIDE_H

#include "base/due.h"
#include "forward/choose.h"
#include "forward/classify.h"
#include "forward/forward.h"
#include "forward/news.h"

#define TABLE_BITS 10 /* lists of askings: 8 KiB, and ten in each when 10,000 wait */

enum asking_state { ASKING, BORROWED, FAILED };

struct asking {
    struct forward *f;
    struct asking *next; /* in its list of the table */
    const struct slot *slot;
    const struct cache_zone *zone;      /* of the key */
    const struct cache_zone *enclosing; /* asked after a referral; NULL: none, or asked already */
    const struct cache_zone *origins;   /* whose primaries are asked: zone, or what enclosed it */
    struct name name;
    uint16_t type;
    bool dnssec_ok, checking_disabled;
    enum asking_state state;
    struct waiter *waiters;
    struct letter *letters; /* of other workers that wait for us */
    /* the packet that is on its way, or was last */
    bool in_flight, tcp, plain;
    unsigned origin;
    uint32_t step; /* of the zone when it was sent */
    struct mono sent;
    /* the search */
    uint8_t tried[CHOOSE_ORIGINS];
    unsigned packets, packets_most, pauses, cookies;
    int ede;      /* why it would fail, by what has been seen so far */
    bool overdue; /* waiters may have stale answers (RFC 8767 5) */
    struct due due;
    struct mono stale_at, resume_at, over_at; /* MONO_NEVER: not waited for */
};

struct forward {
    struct forward_options o;
    struct rand rand;
    struct habits habits;
    struct due_heap dues;
    struct asking *table[1u << TABLE_BITS];
    unsigned askings, waiting;
    struct waiter *ready, **ready_end;
    struct fresh *given; /* handed out with the ready ones, until forward_taken */
    struct news news;
    struct mono now; /* of the last call */
};

/* ---- forward.c ---- */
/* The asking for this very question, in whatever state; NULL: none. */
struct asking *asking_find(struct forward *f, const struct answer_ask *ask);
/* Who waits is told to look again; the asking is gone. */
void asking_succeed(struct asking *a);
/* Who waits is told so, and whoever comes within the next second. */
void asking_fail(struct asking *a);

#endif
