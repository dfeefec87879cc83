/* rrl.h - response rate limiting: how many like answers one network gets in a second over UDP, so
 * that a forged source address is not flooded through us. One table for each worker. */
#ifndef SETTLED_GUARD_RRL_H
#define SETTLED_GUARD_RRL_H

#include "base/addr.h"
#include "base/clock.h"
#include "count/counters.h"

/* Answers are alike that have the same kind, name and type. */
enum rrl_kind {
    RRL_ANSWER,   /* of the name and type asked */
    RRL_NODATA,   /* of the name asked */
    RRL_WILDCARD, /* of the zone, whatever name was made up; the same for the next */
    RRL_NXDOMAIN,
    RRL_REFERRAL, /* of the delegated name */
    RRL_ERROR     /* of nothing: any error is like another */
};
struct rrl_answer {
    enum rrl_kind kind;
    const uint8_t *name; /* NULL: none */
    uint16_t type;
};
struct rrl_limit {
    uint32_t rate; /* answers in a second, 0: as many as there are */
    unsigned slip; /* of those above it every so-manieth is let slip, 0: none */
};
enum rrl_verdict {
    RRL_SEND,
    RRL_SLIP, /* answer, but no more than the question: who is real comes again over TCP */
    RRL_DROP
};
struct rrl;
/* NULL: no memory. Its memory, 1 MiB, is touched as far as there are different answers. */
MUST_USE struct rrl *rrl_new(uint64_t seed);
void rrl_free(struct rrl *r); /* NULL is fine */
/* Counts one more such answer to the network that the address is in. The owner's thread only;
 * allocates nothing. */
enum rrl_verdict rrl_take(struct rrl *r, struct rrl_limit limit, const struct addr *to,
                          const struct rrl_answer *answer, struct mono now, struct counters *n);

#endif
