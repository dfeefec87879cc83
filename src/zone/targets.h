/* targets.h - what becomes of the names that NS, MX and SRV records point to, and which addresses
 * below a cut are glue. For check.c. */
#ifndef SETTLED_ZONE_TARGETS_H
#define SETTLED_ZONE_TARGETS_H

#include "zone/version.h"

enum target_state {
    TARGET_FINE,    /* has an address, or is none of this zone's business */
    TARGET_MISSING, /* in the zone, but there is no such name */
    TARGET_BARE,    /* in the zone, without an address */
    TARGET_ALIAS,   /* is a CNAME, or below a DNAME */
    TARGET_NO_GLUE  /* at or below a cut, without a glue address */
};
/* The target of an RR of `type` at `owner`. */
enum target_state target_state(const struct zone_version *v, const uint8_t *target);
/* The same of a target of which it is known that it is at or below a cut. */
enum target_state target_below_cut(const struct zone_version *v, const uint8_t *target);

/* The names that NS records of the version point to, all or those that may be asked for
 * (ns_targets_limit), found when first asked for. All zero at the start. */
struct ns_targets {
    uint64_t *hashes; /* sorted */
    size_t count, room;
    bool ready, failed;
    bool is_limited;     /* to hashes whose bit is set here */
    uint64_t limits[64]; /* by their last twelve bits */
};
/* Before the first question: no names but those named so are going to be asked for. Of few names
 * that is quicker, and takes no memory to speak of. */
void ns_targets_limit(struct ns_targets *t, const uint8_t *name);
/* Does any NS record point to that name? True as well when there is no memory to know. */
bool ns_targets_have(struct ns_targets *t, const struct zone_version *v, const uint8_t *name);
void ns_targets_free(struct ns_targets *t);

#endif
