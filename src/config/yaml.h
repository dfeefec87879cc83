/* yaml.h - one file's YAML text to a tree; config/yaml.c is the one file that knows libyaml. */
#ifndef SETTLED_CONFIG_YAML_H
#define SETTLED_CONFIG_YAML_H

#include "base/arena.h"
#include "config/findings.h"
#include "config/tree.h"

#define YAML_DEPTH 16      /* maps and lists in one another; the deepest option needs 5 */
#define YAML_NODES 1000000 /* of one file; its tree takes 64 octets each */

/* Reads s->text into s->root. What is wrong is added to findings; where reading cannot go on,
 * s->broken is set and the root holds what came before. Only the plain part of YAML is taken:
 * maps, lists and text in one document. Anchors, aliases, tags, merge keys and control
 * characters are findings. */
void yaml_read(struct source *s, struct arena *arena, struct findings *findings);

#endif
