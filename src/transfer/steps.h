/* steps.h - private to transfer/: what a record means at its place in an AXFR or IXFR stream. */
#ifndef SETTLED_TRANSFER_STEPS_H
#define SETTLED_TRANSFER_STEPS_H

#include "transfer/in.h"
#include "wire/record.h"

#define STEPS_SOA     (2 * NAME_SIZE + 20) /* octets of SOA rdata at most */
#define STEPS_CHANGES 65536                /* change sets in one IXFR */

enum transfer_step {
    STEP_FIRST,   /* the opening SOA */
    STEP_SECOND,  /* IXFR: a SOA begins a change set, anything else a whole zone */
    STEP_ZONE,    /* the zone's records, until the SOA comes again */
    STEP_DELETED, /* deletions of a change set, until its new SOA */
    STEP_ADDED    /* its additions, until the next change set or the closing SOA */
};
struct transfer_steps {
    enum transfer_in_kind kind;
    enum transfer_step step;
    struct name apex;
    uint32_t have;   /* IXFR: the serial of our SOA */
    uint32_t serial; /* of the opening SOA */
    uint16_t soa_len;
    uint8_t soa[STEPS_SOA];
    struct buf zone; /* records of a whole zone */
    struct change *changes;
    unsigned change_count, change_room;
    uint64_t kept; /* octets in zone and changes */
};

void steps_start(struct transfer_steps *t, const struct transfer_in_start *s);
/* The next record, checked to be of the zone's class and below its apex. */
enum transfer_in_status steps_take(struct transfer_steps *t, const struct record *rr,
                                   struct oops *o);
void steps_free(struct transfer_steps *t);

#endif
