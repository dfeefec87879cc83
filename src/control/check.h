/* check.h - checking a configuration or a zone file without a daemon: the same readers, the same
 * messages (settled --check, settlectl check-conf, check-zone). */
#ifndef SETTLED_CONTROL_CHECK_H
#define SETTLED_CONTROL_CHECK_H

#include "base/files.h"
#include <stdbool.h>
#include <stdio.h>

/* Each writes errors and warnings and a last line that counts them (or says that all is well) to
 * `to`. False: there were errors. */
bool check_config(const char *path, const struct files *files, FILE *to);
bool check_zone(const char *zone, const char *path, const struct files *files, FILE *to);
bool check_all(const char *path, const struct files *files,
               FILE *to); /* the configuration and the files of its primaries */

#endif
