/* networks.h - the networks this machine's interfaces are on: the default for who may ask a
 * cache zone. */
#ifndef SETTLED_SERVER_NETWORKS_H
#define SETTLED_SERVER_NETWORKS_H

#include "base/addr.h"

/* malloc'd array, the caller's; *count of them. NULL with *count 0 when there are none or they
 * cannot be read. */
struct prefix *networks_own(unsigned *count);

#endif
