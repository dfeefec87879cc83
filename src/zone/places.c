/* places.c - where owners stood in the text, for findings about a finished version.
 * The job's sorted batch is the index: nothing is kept for this alone. */
#include "zone/places.h"

struct place place_of_owner(const struct zone_places *places, const uint8_t *owner, uint16_t type)
{
    size_t row;
    if (places == NULL || !batch_find(places->batch, owner, type, &row)) {
        return (struct place){.file = NULL};
    }
    return place_of_row(places, row);
}

struct place place_of_row(const struct zone_places *places, size_t row)
{
    const struct batch_row *r = places != NULL ? &places->batch->rows[row] : NULL;
    if (r == NULL || r->line == 0) {
        return (struct place){.file = NULL};
    }
    return (struct place){.file = places->files[r->file].path, .line = r->line};
}
