/* story.h - playing a story file. */
#ifndef SETTLED_SIM_STORY_H
#define SETTLED_SIM_STORY_H

#include "sim.h"

/* True: every step held. Otherwise the place and reason went to stderr. */
bool story_play(const char *path, uint64_t seed, bool verbose);

#endif
