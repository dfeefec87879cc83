/* soa.c - the SOA in an answer to a check or a probe of ours. */
#include "keeper/kept.h"

/* The SOA of the zone in the answer section, and what says how far it can be trusted. */
bool soa_answered(struct response *r, struct buf *space, struct soa_seen *out, const char **why)
{
    struct record rr;
    struct soa soa;
    if (r->rcode != RCODE_NOERROR) {
        *why = rcode_name(r->rcode);
        return false;
    }
    if ((r->flags & MSG_TC) != 0) {
        *why = "its SOA answer is truncated";
        return false;
    }
    for (unsigned i = 0; i < r->counts[SECTION_ANSWER]; i++) {
        space->len = 0;
        if (!record_read(&r->records, space, &rr))
            break;
        if (rr.type == TYPE_SOA && name_same(rr.owner, r->qname.octets) &&
            soa_read(rr.rdata, rr.rdlen, &soa)) {
            *out = (struct soa_seen){
                rr.rdata, rr.rdlen, rr.ttl, soa.serial, (r->flags & MSG_AA) != 0, r->mark};
            return true;
        }
    }
    *why = "lame: it gives no SOA for the zone";
    return false;
}
