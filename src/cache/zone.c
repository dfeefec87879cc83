/* zone.c - what workers know of one cache zone: making and freeing it.
 * Keeper thread. The apex stands behind the origins, so that one zone is one piece of memory. */
#include "cache/zone.h"
#include "wire/name.h"
#include <stdlib.h>
#include <string.h>

struct cache_zone *cache_zone_new(uint32_t id, const uint8_t *apex, unsigned origin_count)
{
    size_t origins = (size_t)origin_count * sizeof(struct cache_origin), len = name_len(apex);
    struct cache_zone *z = calloc(1, sizeof *z + origins + len);
    if (z == NULL) {
        return NULL;
    }
    uint8_t *copy = (uint8_t *)&z->origins[origin_count];
    memcpy(copy, apex, len);
    z->id = id;
    z->apex = copy;
    z->root = len == 1;
    z->origin_count = origin_count;
    return z;
}

void cache_zone_free(struct cache_zone *z)
{
    free(z);
}
