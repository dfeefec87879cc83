/* two_zones.h - a keeper with up to two zones that come and go: `example` and `other`. */
#ifndef SETTLED_TESTS_UNIT_TWO_ZONES_H
#define SETTLED_TESTS_UNIT_TWO_ZONES_H

#include "keeper_fixture.h"

#define PEERS         "peers: [{ name: ns2, address: 192.0.2.2 }, { name: ns3, address: 192.0.2.3 }]\n"
#define EXAMPLE(more) "  - { name: example, role: primary, file: example.zone" more " }\n"
#define OTHER         "  - { name: other, role: primary, file: other.zone }\n"
#define ZONES(list)   PEERS "zones:\n" list

/* Their files: of serial 1 and 5. */
static inline void two_zones(struct rig *r)
{
    rig_open(r);
    rig_zone_file(r, 1, "www 600 A 192.0.2.80\n");
    rig_file(r, "/other.zone",
             "@ 60 SOA ns admin 5 3600 600 86400 60\n@ 60 NS ns\n"
             "ns 60 A 192.0.2.1\n");
}

/* NULL: workers do not see such a zone. */
static inline struct slot *slot_of(struct rig *r, const char *name)
{
    struct name n = a_name(name);
    const struct world_zone *z = world_exact(atomic_load(&r->world), n.octets);
    return z == NULL ? NULL : z->slot;
}

#endif
