/* zones.h - the zones of all files: read, checked, sorted. */
#ifndef SETTLED_CONFIG_ZONES_H
#define SETTLED_CONFIG_ZONES_H

#include "config/reading.h"

/* Reads `defaults` of the main file (root: its root) and `zones` of all files into
 * config->zones. Server section and peers are there already. */
void zones_read(struct reading *r, const struct node *root);

#endif
