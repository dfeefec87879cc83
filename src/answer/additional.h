/* additional.h - private to answer/: addresses that go with an answer or a referral. */
#ifndef SETTLED_ANSWER_ADDITIONAL_H
#define SETTLED_ANSWER_ADDITIONAL_H

#include "wire/reply.h"
#include "zone/version.h"

/* Glue for the name servers of a delegation at `cut`: first of those inside it, which must all be
 * there (RFC 9471 3.1; false: one did not fit), then of the others as far as they fit (RFC 9471
 * 3.2), then with DO the RRSIGs of those that are no glue (RFC 4035 3.1.1). */
bool additional_glue(struct reply *r, const struct zone_version *v, const uint8_t *cut,
                     const struct rrset *ns);
/* Addresses of the targets of NS, MX and SRV in `set`, as far as they are in the zone and fit (RFC
 * 1035 3.3, 2782). */
void additional_addresses(struct reply *r, const struct zone_version *v, const struct rrset *set,
                          bool dnssec_ok);

#endif
