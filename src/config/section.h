/* section.h - one map of options, read by the rows of options.def. */
#ifndef SETTLED_CONFIG_SECTION_H
#define SETTLED_CONFIG_SECTION_H

#include "config/options.h"
#include "config/reading.h"

/* Which options a map gives; its wrong ones too, so that nothing seems missing that is only
 * mistyped. */
struct given {
    const struct node *at[OPTION_COUNT]; /* the value, NULL when not given */
    bool wrong[OPTION_COUNT];            /* given, and told to be wrong */
};

/* Writes the default of every option of the scope that has one into target, the struct the scope
 * fills. */
void section_defaults(struct reading *r, enum scope scope, void *target);
/* Reads the map n (NULL or nothing written: no options) into target and says in *g what was
 * given. Kinds that only their own section understands (addresses, peers, lists of who may) are
 * left to it. False when n is no map. Unknown, repeated, mistyped and not yet working options
 * are findings. */
MUST_USE bool section_read(struct reading *r, enum scope scope, const struct node *n, void *target,
                           struct given *g);
/* Findings for the required options of the scope that the map n does not give. */
void section_require(struct reading *r, enum scope scope, const struct node *n,
                     const struct given *g);
/* A finding for a key that is no option of the scope, with what was probably meant. */
void section_unknown(struct reading *r, enum scope scope, const struct node *key);
/* The maps of a section that is a list of maps ("zones"): NULL when there are none, or it is no
 * list. */
const struct node *section_entries(struct reading *r, const struct source *s, const char *name);

#endif
