/* attempt.h - private to forward/: the search for one question's answer, packet by packet. */
#ifndef SETTLED_FORWARD_ATTEMPT_H
#define SETTLED_FORWARD_ATTEMPT_H

#include "forward/inside.h"

enum attempt {
    ATTEMPT_ANSWERED, /* what it says is in `out`, and may be believed */
    ATTEMPT_NEXT,     /* send the next packet */
    ATTEMPT_PAUSE     /* the same servers again in a moment: none is as new as the zone's change */
};

/* Sends one packet to the server that is best now. False: nobody is left to ask, or the question
 * has had its packets; a->ede says why. */
MUST_USE bool attempt_send(struct asking *a, struct now now);
/* What came back for the packet (NULL: nothing in time). `out` as for classify(). */
enum attempt attempt_judge(struct asking *a, const uint8_t *msg, size_t len,
                           struct classification *out);
/* The answer was refused by the cache's fence: is it asked again? */
enum attempt attempt_fenced(struct asking *a);

#endif
