/* paths.h - relative paths and what they are relative to. */
#ifndef SETTLED_CONFIG_PATHS_H
#define SETTLED_CONFIG_PATHS_H

#include "base/arena.h"

/* `path` as seen from `directory` ("" is the one we are in). NULL only without memory. */
const char *path_below(struct arena *a, const char *directory, const char *path);
/* `path` as seen from the directory that the file `from` is in. */
const char *path_beside(struct arena *a, const char *from, const char *path);

#endif
