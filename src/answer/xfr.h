/* xfr.h - private to answer/: AXFR and IXFR questions (RFC 5936, 1995). */
#ifndef SETTLED_ANSWER_XFR_H
#define SETTLED_ANSWER_XFR_H

#include "answer/chain.h"

/* One SOA, a refusal, or VERDICT_STREAM. */
enum verdict xfr_answer(struct job *j);
/* A SOA question over TCP from somebody who may transfer the zone: perhaps a peer, then its serial
 * is worth a look. */
void xfr_hint(struct job *j, const struct world_zone *z);

#endif
