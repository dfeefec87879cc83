/* proof.h - private to answer/: what proves an answer of a signed zone of ours. */
#ifndef SETTLED_ANSWER_PROOF_H
#define SETTLED_ANSWER_PROOF_H

#include "answer/chain.h"
#include "wire/reply.h"

/* Adds to the authority section, behind SOA or NS, what proves the chain: that wildcards were
 * right, that the name or type at its end is not there, and of a referral the DS or that there
 * is none. Nothing from a zone that is not signed. False: it did not all fit. */
bool proof_add(struct reply *r, const struct chain *c);

#endif
