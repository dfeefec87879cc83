/* plant.h - the first version of a zone, made at once of all its records. */
#ifndef SETTLED_ZONE_PLANT_H
#define SETTLED_ZONE_PLANT_H

#include "base/hands.h"
#include "zone/bulk.h"
#include "zone/version.h"

struct plant {
    struct zone_edit *edit;    /* started from nothing, and nothing in it yet */
    const struct bulk *batch;  /* sorted */
    const struct hands *hands; /* NULL: this thread alone */
    /* after plant_survey */
    bool mixed_ttls;              /* some RRset has records with different TTLs */
    uint32_t counted;             /* records without RRSIG, NSEC, NSEC3 */
    enum zone_edit_status status; /* why it failed, and at which row */
    size_t row;
    struct plant_twigs *twigs; /* the rest is plant.c's own */
};
/* Looks at all records: what the version's totals are, where owners begin, and whether all fits.
 * False: see status. */
MUST_USE bool plant_survey(struct plant *p);
/* Puts them into the edit, which then holds the same as if zone_edit_add had been called for
 * each. False: no memory. */
MUST_USE bool plant_grow(struct plant *p);
void plant_free(struct plant *p); /* not the edit */

#endif
