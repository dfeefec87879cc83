/* check.h - what is wrong with a version as a whole (INTERFACE.md says what blocks and what only
 * warns); and what is remembered of that for its successor. For build.c; the parts are for check.c
 * and recheck.c. */
#ifndef SETTLED_ZONE_CHECK_H
#define SETTLED_ZONE_CHECK_H

#include "base/clock.h"
#include "base/hands.h"
#include "zone/change.h"
#include "zone/places.h"
#include "zone/targets.h"

#define CHECK_SHOWN 20 /* of a kind: a million names below one cut are one mistake */

enum check_kind { /* of warnings */
                  CHECK_BELOW_CUT,
                  CHECK_AT_CUT,
                  CHECK_BELOW_DNAME,
                  CHECK_TARGET,
                  CHECK_GLUE,
                  CHECK_OTHER,
                  CHECK_KINDS
};
struct checked { /* a version without errors; all zero: nothing is known of it */
    bool known;
    unsigned seen[CHECK_KINDS];
    struct name last[CHECK_KINDS]; /* the last owner with a finding that was shown, of 20 */
    struct buf shown;              /* owners of what was shown: names one behind the other */
};
struct zone_check {
    const struct zone_version *v;
    const struct zone_places *places; /* where owners stood in the text; NULL: from none */
    struct wall now;                  /* for signatures; 0: they have no age */
    const struct hands *hands;
    /* A version of the same line that was checked, what was found, and what leads from it to v.
     * NULL: all is looked at. */
    const struct zone_version *base;
    const struct checked *before;
    const struct change *change;
};
/* SOA at the apex and only there, NS, CNAME alone, ...; `out`, all zero at first, is what was
 * found, of use only when there are no errors. The findings are the same with `before` and
 * without. */
void zone_check_version(const struct zone_check *t, struct checked *out, struct report *report);

/* ---- parts ---- */

struct check {
    const struct zone_version *v;
    const struct zone_places *places;
    struct report *report;
    struct checked *out; /* NULL: nothing is noted */
    struct ns_targets targets;
    unsigned seen[CHECK_KINDS];
    struct name cut, dname; /* the last ones met */
    struct rrset cut_ns;
    bool has_cut, has_dname;
    bool mute;  /* only to see whether there is anything to say */
    bool exact; /* and to count it */
    bool again; /* there is, or may be: to be looked at once more, in order */
};
/* Looks at one owner, as a walk over all would. */
void check_one(struct check *c, const uint8_t *name);
/* recheck.c: looks at what the change can have changed; c has the findings of all then. False: that
 * cannot be told, and nothing is said yet. */
bool recheck(const struct zone_check *t, struct check *c);

#endif
