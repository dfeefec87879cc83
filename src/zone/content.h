/* content.h - the hash of a zone's content, record by record. The store's own; pure. */
#ifndef SETTLED_ZONE_CONTENT_H
#define SETTLED_ZONE_CONTENT_H

#include "wire/rrset.h"

uint64_t content_owner(const uint8_t *owner);
/* What one record adds to zone_content_hash; of `set` type and TTL count. */
uint64_t content_record(uint64_t owner, const struct rrset *set, const uint8_t *rdata,
                        uint16_t len);
uint64_t content_rrset(uint64_t owner, const struct rrset *set); /* what all of them add */

#endif
