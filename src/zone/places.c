/* places.c - where owners stood in the text, for findings about a finished version.
 * The job's sorted batch is the index: nothing is kept for this alone. */
#include "zone/places.h"
#include "wire/rdata.h"

struct place place_of_owner(const struct zone_places *places, const uint8_t *owner, uint16_t type)
{
    size_t row;
    if (places == NULL || !bulk_find(places->batch, owner, type, &row)) {
        return (struct place){.file = NULL};
    }
    return place_of_row(places, row);
}

struct place place_of_record(const struct zone_places *places, const struct record *rr)
{
    size_t row;
    if (places == NULL || !bulk_find(places->batch, rr->owner, rr->type, &row)) {
        return (struct place){.file = NULL};
    }
    for (; row < places->batch->count; row++) {
        struct record other;
        bulk_record(places->batch, row, &other);
        if (other.type != rr->type ||
            rdata_same(rr->type, rr->rdata, rr->rdlen, other.rdata, other.rdlen)) {
            break;
        }
    }
    return row < places->batch->count ? place_of_row(places, row) : (struct place){.file = NULL};
}

struct place place_of_row(const struct zone_places *places, size_t row)
{
    const struct bulk_row *r = places != NULL ? &places->batch->rows[row] : NULL;
    if (r == NULL || r->line == 0) {
        return (struct place){.file = NULL};
    }
    return (struct place){.file = places->files[r->file].path, .line = r->line};
}
