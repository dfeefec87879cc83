/* reload.h - a zone that comes again: of all its records, those of owners that are not as they
 * were. For beside.c, intake.c and build.c. */
#ifndef SETTLED_ZONE_RELOAD_H
#define SETTLED_ZONE_RELOAD_H

#include "zone/bulk.h"
#include "zone/tally.h"

#define RELOAD_RECORDS 64U /* an owner with more is always collected */

struct
    reload_met { /* a record that the version has, too: which of the owner's, and where it stood */
    uint32_t line;
    uint16_t file;
    uint8_t index;
};
struct reload {
    struct tally tally;
    struct bulk *batch; /* afterwards: all records of owners that are odd or new */
    uint64_t room;      /* octets that the batch may take at first */
    uint64_t taken;     /* octets that it takes, about */
    bool decided;       /* states are final: another pass over the same text, to collect */
    bool is_summing; /* the batch got too large: states are being settled, nothing is collected */
    bool too_much;   /* too large again: nothing is saved by this */
    struct {         /* records of one owner, one behind the other */
        enum { RUN_NONE, RUN_COMPARE, RUN_COLLECT, RUN_PASS } mode;
        struct name owner;
        struct zone_node node; /* ref 0: new */
        unsigned total, count; /* records that it has; that were met */
        uint64_t met;          /* a bit for each that was met */
        struct reload_met list[RELOAD_RECORDS];
    } run;
};

enum reload_pass {
    RELOAD_READY,  /* the batch and the states say all that is different */
    RELOAD_AGAIN,  /* the same records must be read once more */
    RELOAD_USELESS /* no memory, or hardly anything is as it was */
};

/* Against that version, which has to outlive it. So many octets may be collected before sums are
 * used instead, and four times as many then; 0: an eighth of the version's. False: no memory. */
MUST_USE bool reload_start(struct reload *r, const struct zone_version *base, uint64_t room,
                           struct bulk *batch);
/* Before each pass over all records, with the batch empty. `named`: owners to be collected whatever
 * they are, names one behind the other; the apex always is. */
void reload_begin(struct reload *r, const struct buf *named);
/* One record, in the order of the text. False: there is no use in going on. */
MUST_USE bool reload_record(struct reload *r, const struct record *rr, uint16_t file,
                            uint32_t line);
/* After a pass. */
enum reload_pass reload_end(struct reload *r);
void reload_free(struct reload *r);

#endif
