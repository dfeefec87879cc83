/* content.c - the hash of a zone's content: the sum of a hash of each record, so that order does
 * not matter and an edit adds and takes away. Seeded with a constant: the journal compares it
 * across restarts. Pure; any thread. The SOA's serial counts as 0: a zone whose serial alone
 * changed has the same content. */
#include "zone/content.h"
#include "base/hash.h"
#include "wire/name.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <string.h>

#define CONTENT_SEED UINT64_C(0x7a6f6e6520686173)
#define SOA_MOST     530 /* two names and five numbers */

uint64_t content_owner(const uint8_t *owner)
{
    return name_hash(owner, CONTENT_SEED);
}

uint64_t content_record(uint64_t owner, const struct rrset *set, const uint8_t *rdata, uint16_t len)
{
    uint32_t ttl = set->type != TYPE_RRSIG ? set->ttl : 0; /* that follows from what it covers */
    uint64_t seed = hash_mix(owner, (uint64_t)set->type << 32 | ttl);
    uint8_t soa[SOA_MOST];
    if (set->type != TYPE_SOA || len < 22 || len > sizeof soa) {
        return rdata_hash(set->type, rdata, len, seed);
    }
    memcpy(soa, rdata, len);
    soa_set_serial(soa, len, 0);
    return rdata_hash(set->type, soa, len, seed);
}

uint64_t content_rrset(uint64_t owner, const struct rrset *set)
{
    uint64_t sum = 0;
    uint16_t len;
    const uint8_t *rdata;
    for (size_t at = 0; (rdata = rrset_next(set, &at, &len)) != NULL;) {
        sum += content_record(owner, set, rdata, len);
    }
    return sum;
}
