/* hands.h - long work by several threads at once, for jobs of the pool and for settlectl
 * (base/hands.h). */
#ifndef SETTLED_SERVER_HANDS_H
#define SETTLED_SERVER_HANDS_H

#include "base/hands.h"

/* Threads are made for each piece of work, one less than `count`, and joined before it ends;
 * they have the caller's priority. A machine that gives none: the caller does all of it. Any
 * thread. */
struct hands hands_of_threads(unsigned count);

#endif
