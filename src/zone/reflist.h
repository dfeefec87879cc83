/* reflist.h - a bag of references that grows: the nodes an edition no longer has. One thread. */
#ifndef SETTLED_ZONE_REFLIST_H
#define SETTLED_ZONE_REFLIST_H

#include "base/must.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reflist_part;
struct reflist { /* all zero is empty */
    struct reflist_part *first;
    uint64_t count;
    uint64_t bytes; /* memory of the parts */
};

MUST_USE bool reflist_put(struct reflist *l, uint32_t ref); /* false: no memory */
uint32_t reflist_last(const struct reflist *l);             /* 0: empty */
void reflist_drop_last(struct reflist *l);
void reflist_clear(struct reflist *l);

#endif
