/* census.h - how many TCP connections there are, in all and from each address. Shared by the
 * workers; one lock, taken when a connection comes or goes. */
#ifndef SETTLED_SERVER_CENSUS_H
#define SETTLED_SERVER_CENSUS_H

#include "base/addr.h"
#include <uv.h>

struct census_row {
    struct addr from; /* family 0: free */
    unsigned count;
};
struct census {
    uv_mutex_t lock;
    unsigned most, most_each, total;
    struct census_row *rows; /* open addressing, never fuller than half */
    size_t size;
};
enum census_answer { CENSUS_IN, CENSUS_FULL, CENSUS_FULL_FOR_YOU };
/* False: no memory. */
bool census_init(struct census *c, unsigned most, unsigned most_each);
void census_free(struct census *c);
enum census_answer census_enter(struct census *c, const struct addr *from); /* IN: leave it later */
void census_leave(struct census *c, const struct addr *from);

#endif
