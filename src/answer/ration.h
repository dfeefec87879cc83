/* ration.h - private to answer/: answers that are too many for one network (rate-limit). */
#ifndef SETTLED_ANSWER_RATION_H
#define SETTLED_ANSWER_RATION_H

#include "answer/chain.h"

/* Counts the answer that is about to be written. True: it is one too many, and *instead is the
 * verdict. */
MUST_USE bool ration(struct job *j, const struct rrl_answer *a, enum verdict *instead);
/* The same for what a chain ended with, and for an answer that is nothing but an rcode. */
MUST_USE bool ration_chain(struct job *j, const struct chain *c, enum verdict *instead);
MUST_USE bool ration_code(struct job *j, enum verdict *instead);

#endif
