/* chaos.h - private to answer/: questions in class CH, about this server itself (RFC 4892). */
#ifndef SETTLED_ANSWER_CHAOS_H
#define SETTLED_ANSWER_CHAOS_H

#include "answer/chain.h"

enum verdict chaos_answer(struct job *j);

#endif
