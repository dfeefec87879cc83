/* denial.h - the records of a signed version that say what is not there: NSEC (RFC 4034 4). */
#ifndef SETTLED_ZONE_DENIAL_H
#define SETTLED_ZONE_DENIAL_H

#include "zone/version.h"

enum zone_denial {
    DENIAL_NONE, /* not signed: nothing is proven */
    DENIAL_NSEC
};
enum zone_denial zone_denial(const struct zone_version *v);
/* The owner whose NSEC matches `name`, or covers it; ref 0: the chain is broken there. What stands
 * below a cut or a DNAME has no NSEC and is passed over. */
struct zone_node zone_nsec(const struct zone_version *v, const uint8_t *name);

#endif
