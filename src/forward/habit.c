/* habit.c - how the servers we ask have behaved.
 * Worker's thread. One row per address of a configured primary, so the list is as short as the
 * configuration; the one asked last stands in front. */
#include "forward/habit.h"
#include <stdlib.h>

#define SILENCES_BAD 3
#define AVOID_MOST_S 60
#define SRTT_MOST_US 5000000

struct habit *habit_of(struct habits *h, const struct addr *to)
{
    for (struct habit **at = &h->first; *at != NULL; at = &(*at)->next) {
        struct habit *found = *at;
        if (addr_same(&found->to, to)) {
            *at = found->next;
            found->next = h->first;
            h->first = found;
            return found;
        }
    }
    struct habit *n = calloc(1, sizeof *n);
    if (n == NULL) {
        return NULL;
    }
    n->to = *to;
    n->srtt_us = HABIT_UNKNOWN_US;
    n->avoid_until = n->plain_until = n->complain_at = (struct mono){INT64_MIN};
    n->next = h->first;
    h->first = n;
    return n;
}

void habit_answered(struct habit *h, int64_t us)
{
    h->srtt_us += h->measured ? (us - h->srtt_us) / 8 : us - h->srtt_us; /* RFC 6298 2.3 */
    h->measured = true;
    h->silences = 0;
    h->avoid_until = (struct mono){INT64_MIN};
}

void habit_silent(struct habit *h, struct mono now)
{
    h->silences++;
    h->srtt_us = h->srtt_us * 2 < SRTT_MOST_US ? h->srtt_us * 2 : SRTT_MOST_US;
    if (h->silences >= SILENCES_BAD) {
        unsigned doublings = h->silences - SILENCES_BAD;
        int64_t avoid_s = doublings < 6 ? INT64_C(1) << doublings : AVOID_MOST_S;
        h->avoid_until = mono_plus_s(now, avoid_s);
    }
}

void habits_free(struct habits *h)
{
    while (h->first != NULL) {
        struct habit *n = h->first;
        h->first = n->next;
        free(n);
    }
}
