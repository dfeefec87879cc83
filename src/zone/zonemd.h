/* zonemd.h - does a version have the content that its ZONEMD says (RFC 8976)? */
#ifndef SETTLED_ZONE_ZONEMD_H
#define SETTLED_ZONE_ZONEMD_H

#include "zone/version.h"

enum zonemd_state {
    ZONEMD_NONE,    /* there is none at the apex: nothing to verify */
    ZONEMD_RIGHT,   /* one of them fits (RFC 8976 4: that is enough) */
    ZONEMD_UNKNOWN, /* all are of a scheme or a hash that is not known here */
    ZONEMD_WRONG    /* none of those that are known fits */
};
struct zonemd_result {
    enum zonemd_state state;
    char text[640]; /* a sentence with the serial; "" for NONE */
};
/* The scheme SIMPLE with SHA-384 or SHA-512. Whether the ZONEMD is signed is not looked at: it is a
 * checksum, against mistakes on the way. Any thread. */
void zonemd_verify(const struct zone_version *v, struct zonemd_result *out);

#endif
