/* compress.h - names written into a reply, shortened by pointers to what stands there already
 * (RFC 1035 4.1.4). For the files of wire/ alone. */
#ifndef SETTLED_WIRE_COMPRESS_H
#define SETTLED_WIRE_COMPRESS_H

#include "wire/reply.h"

#define COMPRESS_FAR 0x4000 /* offsets from here on have no pointer */

/* Octets that records may still take. */
static inline size_t reply_room(const struct reply *r)
{
    return r->limit - r->reserved - r->len;
}
/* Appends a name inside rdata: it keeps its case, so only suffixes with the same octets are
 * pointed to. False: no room. */
bool compress_put(struct reply *r, const uint8_t *name);
/* Appends an owner: a suffix that differs in case alone will do when none is the same. False: no
 * room. */
bool compress_put_owner(struct reply *r, const uint8_t *name);

#endif
