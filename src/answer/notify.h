/* notify.h - private to answer/: a NOTIFY that came in (RFC 1996). */
#ifndef SETTLED_ANSWER_NOTIFY_H
#define SETTLED_ANSWER_NOTIFY_H

#include "answer/chain.h"

/* Answers it, and wishes the keeper to be told when it is from somebody who may send it. */
enum verdict notify_take(struct job *j);

#endif
