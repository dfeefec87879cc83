/* rdata_text.h - rdata in zone text: the parts that the reader of zones and the forms of single
 * types share. */
#ifndef SETTLED_ZONE_RDATA_TEXT_H
#define SETTLED_ZONE_RDATA_TEXT_H

#include "zone/words.h"

/* Reads all words that are left of the entry as rdata of `type` and appends it to out. False:
 * w->fault says why; then out may hold a part of it. */
MUST_USE bool rdata_words(struct words *w, uint16_t type, struct buf *out);

/* Types whose text the letters of rrtype.h cannot describe have a form of their own. */
struct rdata_form {
    /* Takes words up to the end of the entry. */
    bool (*parse)(struct words *w, uint16_t type, struct buf *out);
    /* Of well-formed rdata. False: it cannot be shown; then out may hold a part. */
    bool (*print)(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
};
/* NULL: none. */
const struct rdata_form *rdata_form(uint16_t type);

/* The forms. ldns does NSAP, NID, L64, EUI48 and EUI64. */
extern const struct rdata_form svcb_form, loc_form;
extern const struct rdata_form ipseckey_form, amtrelay_form, a6_form; /* gateway.c */
/* rare.c */
extern const struct rdata_form wks_form, apl_form, nxt_form, atma_form, ipn_form, hip_form;
extern const struct rdata_form via_ldns_form;

/* A name as text with its final dot; an IPv4 (4) or IPv6 (16) address. */
void rdata_print_name(const uint8_t *name, struct buf *out);
void rdata_print_address(const uint8_t *address, size_t len, struct buf *out);

#endif
