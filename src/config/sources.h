/* sources.h - the files of a configuration: the main one and all that `include` names. */
#ifndef SETTLED_CONFIG_SOURCES_H
#define SETTLED_CONFIG_SOURCES_H

#include "config/reading.h"

#define SOURCE_SIZE  ((size_t)16 << 20) /* octets of one file */
#define SOURCES_SIZE ((size_t)64 << 20) /* of all files together: what octets_left begins with */
#define SOURCE_DEPTH 8                  /* includes in includes */

/* Reads `path` and, file by file, what it includes, into r->sources. Problems are findings. */
void sources_read(struct reading *r, const char *path);

#endif
