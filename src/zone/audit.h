/* audit.h - what is wrong with a signed zone's signatures and its chain of denials. All of it is
 * only unwise, and the zone is served, for nobody is hurt but those who validate. For check.c;
 * the parts are for audit.c and audit_chain.c. */
#ifndef SETTLED_ZONE_AUDIT_H
#define SETTLED_ZONE_AUDIT_H

#include "base/clock.h"
#include "zone/places.h"
#include "zone/version.h"

/* Looks over the version. Of a zone whose apex has no RRSIG nothing is said. `now` 0: signatures
 * have no age. */
void audit_version(const struct zone_version *v, const struct zone_places *places, struct wall now,
                   struct report *report);

/* ---- parts ---- */

enum audit_kind { /* so many findings of a kind are shown, and how many more there are */
                  AUDIT_UNSIGNED,
                  AUDIT_SIGNATURE,
                  AUDIT_CHAIN,
                  AUDIT_TYPES,
                  AUDIT_KINDS
};
struct audit_key {
    uint16_t tag;
    uint8_t algorithm;
};
#define AUDIT_KEYS 64
struct audit {
    const struct zone_version *v;
    const struct zone_places *places; /* may be NULL */
    struct report *report;
    bool has_now;
    uint32_t now; /* seconds, as in RRSIG */
    unsigned seen[AUDIT_KINDS];
    struct audit_key keys[AUDIT_KEYS]; /* the zone's */
    unsigned key_count;                /* AUDIT_KEYS: there may be more */
    uint8_t algorithms[AUDIT_KEYS];    /* of the keys */
    unsigned algorithm_count;
    /* the walk: the name before, and the cut or DNAME it was at or below */
    struct name before, above;
    bool has_before, has_above;
    /* the chain: the last name that had an NSEC and where that points to; NSEC3 that were met */
    struct name last;
    const uint8_t *next;
    uint64_t matched;
};
struct audit_owner { /* one name that is answered with authority, or a cut */
    const uint8_t *name;
    struct zone_node node; /* an empty non-terminal's is STORE_EMPTY */
    bool is_cut;
};
/* Does the zone vouch for that type there (RFC 4035 2.2)? At a cut it does for DS and NSEC
 * alone. */
bool audit_is_ours(const struct audit_owner *o, uint16_t type);
/* Every name, empty non-terminals too, as it comes in canonical order; and in the end. */
void audit_chain(struct audit *a, const struct audit_owner *o);
void audit_chain_end(struct audit *a);
/* A warning about `owner`, placed where its first record of `type` is (0: any). */
void audit_warn(struct audit *a, enum audit_kind kind, const uint8_t *owner, uint16_t type,
                const char *format, ...) PRINTF_LIKE(5, 6);

#endif
