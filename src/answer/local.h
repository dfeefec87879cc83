/* local.h - private to answer/: names that are answered here and never asked upstream (RFC 6303,
 * 6761). */
#ifndef SETTLED_ANSWER_LOCAL_H
#define SETTLED_ANSWER_LOCAL_H

#include "answer/chain.h"

/* Ends the chain if its name is one of them; false: it is not. */
bool local_step(struct job *j, struct chain *c);

#endif
