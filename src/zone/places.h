/* places.h - where owners stood in the text, for findings about a finished version. */
#ifndef SETTLED_ZONE_PLACES_H
#define SETTLED_ZONE_PLACES_H

#include "base/report.h"
#include "zone/bulk.h"
#include "zone/build.h"

struct zone_places {
    const struct bulk *batch; /* sorted */
    const struct zone_file_seen *files;
};
/* File and line of the first record of that owner and type (0: any type); an empty place when it is
 * not known. places may be NULL. */
struct place place_of_owner(const struct zone_places *places, const uint8_t *owner, uint16_t type);
/* Of the record with that rdata. */
struct place place_of_record(const struct zone_places *places, const struct record *rr);
struct place place_of_row(const struct zone_places *places, size_t row);

#endif
