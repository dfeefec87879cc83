/* server.h - the sections that are one map: server, control, log, cache. */
#ifndef SETTLED_CONFIG_SERVER_H
#define SETTLED_CONFIG_SERVER_H

#include "config/reading.h"

/* Reads them from the main file (NULL: it could not be read) into the config, defaults first. */
void server_read(struct reading *r, const struct node *root);
/* And the list in it that may name peers, once these are known. */
void server_read_exempt(struct reading *r, const struct node *root);

#endif
