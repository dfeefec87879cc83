/* now.h - the door to clocks and to the kernel's random source. */
#ifndef SETTLED_SERVER_NOW_H
#define SETTLED_SERVER_NOW_H

#include "base/clock.h"
#include "base/rand.h"

struct now now_read(void); /* both clocks; any thread */
/* getrandom behind `struct entropy`; never fails (must). Any thread, through a buffer of the
 * owner's: give each thread its own. */
struct entropy_pool {
    uint8_t octets[256];
    unsigned left;
};
struct entropy entropy_from(struct entropy_pool *pool);

#endif
