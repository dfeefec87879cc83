/* nsec3.h - hashed owner names (RFC 5155 5). */
#ifndef SETTLED_ZONE_NSEC3_H
#define SETTLED_ZONE_NSEC3_H

#include "zone/key.h"

#define NSEC3_OCTETS 20 /* of a hash */
#define NSEC3_LABEL  (1 + KEY_HASH)
#define NSEC3_OPT_OUT 1 /* a flag: unsigned delegations may be missing (RFC 5155 3.1.2.1) */
#define NSEC3_SHA1   1 /* IANA, DNSSEC NSEC3 Hash Algorithms */
/* RFC 9276 3.1 wants 0. RFC 5155 10.3 allowed 150 for the keys of its time, and what has more
 * than that BIND does not load and resolvers do not check: such a chain is not used. */
#define NSEC3_ITERATIONS_MOST 150

struct nsec3_parameters { /* how a chain hashes */
    const uint8_t *salt;  /* in the rdata it was read from */
    uint8_t algorithm, flags, salt_len;
    uint16_t iterations;
};
/* Of NSEC3 or NSEC3PARAM rdata, which begin alike. False: too short. */
bool nsec3_read(const uint8_t *rdata, size_t len, struct nsec3_parameters *out);
/* Do the two hash alike? The flags do not count. */
bool nsec3_same(const struct nsec3_parameters *a, const struct nsec3_parameters *b);
/* The name's hash as a label: its length, and lower-case digits. The algorithm must be SHA-1,
 * the only one there is. */
void nsec3_hash(const struct nsec3_parameters *p, const uint8_t *name, uint8_t label[NSEC3_LABEL]);
/* The octets of NSEC3 rdata behind the parameters: the next hash, *bitmap what follows. NULL:
 * malformed. */
const uint8_t *nsec3_next(const uint8_t *rdata, size_t len, const uint8_t **bitmap,
                          size_t *bitmap_len);
void nsec3_print(const uint8_t hash[NSEC3_OCTETS], uint8_t label[NSEC3_LABEL]);
/* The hash before it. */
void nsec3_step_back(uint8_t label[NSEC3_LABEL]);

#endif
