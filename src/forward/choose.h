/* choose.h - private to forward/: which primary is asked next. */
#ifndef SETTLED_FORWARD_CHOOSE_H
#define SETTLED_FORWARD_CHOOSE_H

#include "base/rand.h"
#include "cache/zone.h"
#include "forward/habit.h"

#define CHOOSE_ORIGINS 32 /* addresses of one zone's primaries that are used */
#define CHOOSE_TRIES   3  /* of one server for one question (RFC 9520 3.1) */
#define CHOOSE_NONE    UINT32_MAX

struct choice {
    const struct cache_zone *zone;
    struct habits *habits;
    struct rand *rand;
    const uint8_t *tried; /* by origin: how often it was asked; CHOOSE_TRIES: no more */
    struct mono now;
};
/* The one asked least often so far for this question; of these one seen at the serial we know of
 * (the fence: CONVERGENCE.md), that answers the keeper, that is not silent, the quickest; now and
 * then another, so that its time stays known. */
unsigned choose_origin(const struct choice *c);
/* Was it last seen at the newest serial known of the zone, or later? True when none is known:
 * nothing is promised then. */
bool origin_is_current(const struct cache_zone *z, unsigned origin);

#endif
