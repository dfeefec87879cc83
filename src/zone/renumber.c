/* renumber.c - a version exchanged for one with another serial, or given up, before anybody saw it.
 * The thread that writes the line. What the file says is built first, for only then it is known
 * whether its content is new; the serial that follows from that costs one small edit more. */
#include "zone/renumber.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <string.h>

#define SOA_MOST (2 * NAME_SIZE + 20)

static bool exchange_soa(struct zone_edit *e, const struct zone_version *v, uint32_t serial);

bool renumber_version(struct zone_line *l, struct zone_version **v, uint32_t serial, struct oops *o)
{
    struct zone_edit *e = zone_edit_start(l, *v);
    if (e == NULL) {
        return oops(o, "no memory to give the zone a new serial");
    }
    if (!exchange_soa(e, *v, serial)) {
        zone_edit_drop(e);
        return oops(o, "no memory to give the zone a new serial");
    }
    struct zone_version *next = zone_edit_finish(e, o);
    if (next == NULL) {
        return false;
    }
    struct zone_version *before = *v;
    *v = next;
    drop_version(l, before);
    return true;
}

static bool exchange_soa(struct zone_edit *e, const struct zone_version *v, uint32_t serial)
{
    uint8_t rdata[SOA_MOST];
    struct record rr = {.owner = zone_apex(v), .type = TYPE_SOA, .rdata = rdata};
    const uint8_t *soa = zone_soa(v, &rr.rdlen, &rr.ttl);
    must(rr.rdlen <= sizeof rdata);
    memcpy(rdata, soa, rr.rdlen);
    if (zone_edit_remove(e, &rr) != ZONE_EDIT_OK) {
        return false;
    }
    soa_set_serial(rdata, rr.rdlen, serial);
    return zone_edit_add(e, &rr) == ZONE_EDIT_OK;
}

void drop_version(struct zone_line *l, struct zone_version *v)
{
    if (zone_release(v)) {
        (void)zone_line_reclaim(l, UINT32_MAX);
    }
}
