/* store_map.h - a store whose map starts at another size than the usual 64 GiB: for the test that
 * fills one. Part of the door to disk. */
#ifndef SETTLED_JOURNAL_STORE_MAP_H
#define SETTLED_JOURNAL_STORE_MAP_H

#include "journal/store.h"

/* As store_open; `map_size` octets (a multiple of the page size) to begin with. */
MUST_USE struct store *store_open_map(const char *dir, uint64_t map_size, struct oops *o);

#endif
