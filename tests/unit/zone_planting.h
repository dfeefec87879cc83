/* zone_planting.h - versions made of sorted records, for the tests of planting and growing. */
#ifndef SETTLED_TESTS_UNIT_ZONE_PLANTING_H
#define SETTLED_TESTS_UNIT_ZONE_PLANTING_H

#include "zone/bulk.h"
#include "zone/plant.h"
#include "zonekit.h"

/* One record after the other: what planting has to come to. */
static inline struct zone_version *planting_edit(struct zone_line *l, const struct bulk *b)
{
    struct zone_edit *e = kit_start(l, NULL);
    for (size_t row = 0; row < b->count; row++) {
        struct record rr;
        bulk_record(b, row, &rr);
        enum zone_edit_status status = zone_edit_add(e, &rr);
        must(status == ZONE_EDIT_OK || status == ZONE_EDIT_SAME);
    }
    return kit_finish(e);
}

/* All at once. */
static inline struct zone_version *planting(struct zone_line *l, const struct bulk *b,
                                            const struct hands *hands)
{
    struct plant p = {.edit = kit_start(l, NULL), .batch = b, .hands = hands};
    must(plant_survey(&p) && plant_grow(&p));
    plant_free(&p);
    return kit_finish(p.edit);
}

#endif
