/* letters.h - private to forward/: a question that another worker asks already. */
#ifndef SETTLED_FORWARD_LETTERS_H
#define SETTLED_FORWARD_LETTERS_H

#include "forward/inside.h"

/* Posts to the worker that has the claim, and waits. False: no memory. */
MUST_USE bool letter_borrow(struct asking *a, unsigned owner);
/* Those who wait for our asking are told that it is over: to look again, or that it failed. */
void letters_over(struct asking *a, bool failed);

#endif
