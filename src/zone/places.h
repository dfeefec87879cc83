/* places.h - where owners stood in the text, for findings about a finished version. */
#ifndef SETTLED_ZONE_PLACES_H
#define SETTLED_ZONE_PLACES_H

#include "base/report.h"
#include "zone/build.h"
#include "zone/bulk.h"

struct zone_places {
    const struct bulk *batch; /* sorted */
    const struct zone_file_seen *files;
    struct places_text *text; /* for the lines themselves; NULL: places come without */
    struct buf *named;        /* owners asked for are added: names one behind the other; or NULL */
    bool *missing;            /* set when a place is not known; or NULL */
};
struct places_text { /* the file that was last read again */
    const struct files *files;
    struct buf content;
    unsigned reads;
    uint64_t walked; /* octets, in search of lines */
    uint16_t file;
    bool ready;
};
/* The first record of that owner and type (0: any type): file, line, column of its first word, the
 * line. An empty place when it is not known. Valid until the next of these calls. places may be
 * NULL. */
struct place place_of_owner(const struct zone_places *places, const uint8_t *owner, uint16_t type);
/* Of the record with that rdata. */
struct place place_of_record(const struct zone_places *places, const struct record *rr);
struct place place_of_row(const struct zone_places *places, size_t row);

#endif
