/* habit.h - private to forward/: how the servers we ask have behaved, by address: round-trip time,
 * silence, EDNS. One worker's. */
#ifndef SETTLED_FORWARD_HABIT_H
#define SETTLED_FORWARD_HABIT_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/must.h"
#include <stdbool.h>
#include <stdint.h>

#define HABIT_UNKNOWN_US                                                                           \
    50000 /* taken for a server not asked yet: worth a try beside a slow one  \
                                */

struct habit {
    struct habit *next;
    struct addr to;
    bool measured;
    int64_t srtt_us;         /* smoothed round-trip time */
    unsigned silences;       /* questions in a row that got no answer in time */
    struct mono avoid_until; /* asked last until then */
    struct mono plain_until; /* it said FORMERR to EDNS */
    struct mono complain_at; /* when the log may say again that it is of no use */
};
struct habits {
    struct habit *first;
};

/* NULL: no memory. */
struct habit *habit_of(struct habits *h, const struct addr *to);
void habit_answered(struct habit *h, int64_t us);
/* Nothing came in time. After three in a row it is avoided, for 1 s at first, for 60 s at most. */
void habit_silent(struct habit *h, struct mono now);
void habits_free(struct habits *h);

#endif
