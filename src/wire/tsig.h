/* tsig.h - the TSIG record of a question signed with a key we do not have, and the one that says so
 * in the answer (RFC 8945). We sign nothing and verify nothing. */
#ifndef SETTLED_WIRE_TSIG_H
#define SETTLED_WIRE_TSIG_H

#include "wire/name.h"
#include "wire/query.h"

#define TSIG_BADKEY 17 /* RFC 8945 3 */

struct tsig { /* what an answer repeats of the question's */
    struct name key, algorithm;
    uint8_t time[6];
    uint16_t fudge, id;
};

/* Takes the record at q->tsig_at apart; false: it is malformed (RFC 8945 4.2, 5.2). Copies all, as
 * the question may be overwritten by its answer. Any thread. */
bool tsig_read(const struct query *q, struct tsig *out);
/* Puts an unsigned TSIG with this error behind a finished answer of `len` octets in buf[room] (RFC
 * 8945 5.2.1, 5.3.2); returns the new length, or `len` when there is no room for it. */
size_t tsig_refuse(const struct tsig *t, uint16_t error, uint8_t *buf, size_t len, size_t room);

#endif
