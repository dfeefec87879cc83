/* signature.h - private to answer/: the RRSIGs that go with an RRset of a zone (RFC 4035 3.1.1). */
#ifndef SETTLED_ANSWER_SIGNATURE_H
#define SETTLED_ANSWER_SIGNATURE_H

#include "wire/reply.h"
#include "zone/version.h"

/* Adds the RRSIGs at `node` that cover covered->type, under `owner` and with covered->ttl. node.ref
 * 0, or no such RRSIG: nothing. False: they did not all fit. */
bool signature_add(struct reply *r, enum section s, const uint8_t *owner, struct zone_node node,
                   const struct rrset *covered);
/* Adds all RRSIGs at `node` but those of NSEC3, each with the TTL of what it covers: RRSIG was
 * asked for by name. */
bool signature_add_all(struct reply *r, enum section s, const uint8_t *owner,
                       struct zone_node node);

#endif
