/* packed.h - how a batch (zone/bulk.h) has a run in memory: the owner, and behind it the records,
 * each with its place before it; in a foreign stream the owner instead, before each. */
#ifndef SETTLED_ZONE_PACKED_H
#define SETTLED_ZONE_PACKED_H

#include "zone/bulk.h"

#define PACKED_PLACE 6  /* octets before a record: line and file */
#define PACKED_FIXED 10 /* type, class, TTL, rdlength */

/* The first record of a run, and the one behind another of its run. */
static inline const uint8_t *packed_first(const struct bulk *b, const struct bulk_run *run)
{
    return run->at + name_len(run->at) + (b->foreign ? 0 : PACKED_PLACE);
}
static inline const uint8_t *packed_next(const struct bulk *b, const uint8_t *at)
{
    const uint8_t *behind = at + PACKED_FIXED + get_u16(at + 8);
    return behind + (b->foreign ? name_len(behind) : PACKED_PLACE);
}
/* All but the owner. */
static inline void packed_read(const uint8_t *at, struct record *out)
{
    *out = (struct record){.type = get_u16(at),
                           .class = get_u16(at + 2),
                           .ttl = get_u32(at + 4),
                           .rdlen = get_u16(at + 8),
                           .rdata = at + PACKED_FIXED};
}

#endif
