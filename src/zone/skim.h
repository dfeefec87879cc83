/* skim.h - pieces in a row that are still in the text where they are expected. For piecing.c. */
#ifndef SETTLED_ZONE_SKIM_H
#define SETTLED_ZONE_SKIM_H

#include "zone/reading.h"

struct skim { /* a place in a file, and the piece that may be there */
    const struct reading *reading;
    uint64_t at;        /* octet of the file */
    size_t next;        /* of the old pieces */
    struct buf content; /* what is at hand beside the window */
    uint64_t begin;     /* where it begins in the file */
};

/* At an octet of the innermost file that is at hand; old piece `next` comes first. */
void skim_start(struct skim *s, const struct reading *r, uint64_t at, size_t next);
/* Does that piece stand there, under this state? Then place and piece are the next. False as well
 * when the file cannot be read there. */
bool skim_next(struct skim *s, const uint8_t *state, size_t state_len);
void skim_end(struct skim *s);

#endif
