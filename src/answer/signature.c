/* signature.c - picks, of a node's RRSIGs, those of one RRset (RFC 4034 3, 4035 2.2).
 * RRSIGs form no RRset of their own: each goes with the set it covers and has that set's TTL. */
#include "answer/signature.h"
#include "base/buf.h"
#include "wire/msg.h"
#include "wire/record.h"
#include "wire/rrtype.h"

bool signature_add(struct reply *r, enum section s, const uint8_t *owner, struct zone_node node,
                   const struct rrset *covered)
{
    struct rrset sigs;
    if (node.ref == 0 || !zone_rrset(node, TYPE_RRSIG, &sigs)) {
        return true;
    }
    struct record rr = {.owner = owner, .type = TYPE_RRSIG, .class = CLASS_IN, .ttl = covered->ttl};
    size_t at = 0;
    while ((rr.rdata = rrset_next(&sigs, &at, &rr.rdlen)) != NULL) {
        bool covers = rr.rdlen >= 2 && get_u16(rr.rdata) == covered->type;
        if (covers && !reply_record(r, s, &rr)) {
            return false;
        }
    }
    return true;
}

bool signature_add_all(struct reply *r, enum section s, const uint8_t *owner, struct zone_node node)
{
    struct rrset sigs;
    struct record rr = {.owner = owner, .type = TYPE_RRSIG, .class = CLASS_IN};
    if (!zone_rrset(node, TYPE_RRSIG, &sigs)) {
        return true;
    }
    for (size_t at = 0; (rr.rdata = rrset_next(&sigs, &at, &rr.rdlen)) != NULL;) {
        rr.ttl = zone_record_ttl(node, &sigs, rr.rdata);
        if (get_u16(rr.rdata) != TYPE_NSEC3 && !reply_record(r, s, &rr)) {
            return false;
        }
    }
    return true;
}
