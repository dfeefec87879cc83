/* denial.h - the records of a signed version that say what is not there: NSEC (RFC 4034 4) or NSEC3
 * (RFC 5155). */
#ifndef SETTLED_ZONE_DENIAL_H
#define SETTLED_ZONE_DENIAL_H

#include "zone/nsec3.h"
#include "zone/version.h"

enum zone_denial {
    DENIAL_NONE, /* not signed: nothing is proven */
    DENIAL_NSEC,
    DENIAL_NSEC3 /* RFC 5155 7.1: there is an NSEC3PARAM, so its chain is whole */
};
enum zone_denial zone_denial(const struct zone_version *v);
/* How the NSEC3 hash; only of a version with NSEC3. */
const struct nsec3_parameters *zone_nsec3_parameters(const struct zone_version *v);
/* The owner whose NSEC matches `name`, or covers it; ref 0: the chain is broken there. What stands
 * below a cut or a DNAME has no NSEC and is passed over. */
struct zone_node zone_nsec(const struct zone_version *v, const uint8_t *name);
/* The owner whose NSEC3 matches the name's hash, or covers it; only of a version with NSEC3.
 * *matches says which. */
struct zone_node zone_nsec3(const struct zone_version *v, const uint8_t *name, bool *matches);

/* The NSEC3 of the chain that is used at an owner; false when there is none. */
bool denial_nsec3(struct zone_node n, const uint8_t **rdata, uint16_t *len);
/* For the store: how a version whose apex and tries are set proves denials, and with NSEC3 how it
 * hashes. */
enum zone_denial denial_of(const struct zone_version *v, struct nsec3_parameters *out);

#endif
