/* zone_check.h - whether the options of a zone fit together. */
#ifndef SETTLED_CONFIG_ZONE_CHECK_H
#define SETTLED_CONFIG_ZONE_CHECK_H

#include "config/reading.h"
#include "config/section.h"

struct draft { /* a zone while it is read */
    struct zone_options zone;
    const char *text;      /* its name, as people read it */
    const struct node *at; /* where that stands */
    unsigned number;       /* in the order of the text */
    bool follow_given, allow_given;
    const struct config_rules *shared; /* zone.rules, completed; NULL: something is wrong with it */
};
struct zone_check {
    struct reading *r;
    struct draft *draft;
    const struct given *own, *defaults; /* what the zone says itself, and what `defaults` say */
};

/* Findings for what does not fit; sets follow_given and allow_given. False: role or a list is
 * wrong or missing, so that nothing can be concluded from them. */
MUST_USE bool zone_check(const struct zone_check *c);
/* Findings for defaults that fit no zone. */
void zone_check_defaults(struct reading *r, const struct zone_options *zone, const struct given *g);
/* The finding for the second zone of a name. */
void zone_tell_twice(struct reading *r, const struct draft *second, const struct draft *first);

#endif
