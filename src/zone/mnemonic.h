/* mnemonic.h - words that may stand for numbers in rdata: DNSSEC algorithms, digests, kinds of
 * certificates. Pure. */
#ifndef SETTLED_ZONE_MNEMONIC_H
#define SETTLED_ZONE_MNEMONIC_H

#include "base/must.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mnemonic_kind {
    MNEMONIC_NONE,
    MNEMONIC_ALGORITHM, /* RFC 4034 A.1 and IANA's table */
    MNEMONIC_DIGEST,    /* of DS */
    MNEMONIC_CERT,      /* RFC 4398 2.1 */
    MNEMONIC_SCHEME     /* of DSYNC, RFC 9859 2.2 */
};
/* What may stand in field number `field` (from 0) of the rdata of that type. */
enum mnemonic_kind mnemonic_kind(uint16_t type, unsigned field);
MUST_USE bool mnemonic_parse(enum mnemonic_kind kind, const char *text, size_t len, uint16_t *out);

#endif
