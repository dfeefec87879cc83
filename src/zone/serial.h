/* serial.h - which serial an edited zone file gets (INTERFACE.md, Zone files; RFC 1982). Pure. */
#ifndef SETTLED_ZONE_SERIAL_H
#define SETTLED_ZONE_SERIAL_H

#include "base/clock.h"
#include "base/oops.h"
#include "config/words.h"
#include <stdint.h>

struct serial_case {
    enum serial_policy policy;
    uint32_t in_file;
    bool has_served; /* a version was published, in this life or (journal) an earlier one */
    uint32_t served;
    bool changed; /* the content differs from what is served, serial aside */
    bool fixed;   /* RRSIG or ZONEMD in the zone: the serial may not be touched */
    struct wall now;
};
/* Gives the serial to serve. False: the edit must be held, o says why in words for the owner. */
MUST_USE bool serial_choose(const struct serial_case *c, uint32_t *serial, struct oops *o);

#endif
