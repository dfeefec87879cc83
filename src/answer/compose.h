/* compose.h - private to answer/: writes what was found into the packet's buffer and says how it is
 * sent. */
#ifndef SETTLED_ANSWER_COMPOSE_H
#define SETTLED_ANSWER_COMPOSE_H

#include "answer/chain.h"
#include "base/buf.h"
#include "wire/reply.h"

#define OPTIONS_MOST 600 /* octets of EDNS options in one answer */

struct composing { /* one answer being written */
    struct reply reply;
    struct buf options; /* in place in `space`: never allocates */
    uint8_t space[OPTIONS_MOST];
};

/* The answer a chain ended with. */
enum verdict compose_chain(struct job *j, struct chain *c);
/* Header, question and rcode alone. */
enum verdict compose_code(struct job *j, unsigned rcode, int ede);
/* In place of an answer that is too many: come again over TCP (TC=1), or with this cookie. */
enum verdict compose_slip(struct job *j);

/* For answers of another kind: start, add EDNS options to w->options, compose_open, write records,
 * compose_close. */
void compose_start(struct composing *w);
void compose_open(struct job *j, struct composing *w, int ede, const char *ede_text);
enum verdict compose_close(struct job *j, struct composing *w);
/* One answer more; compose_close does it. */
void compose_count(struct counters *n, unsigned rcode, bool truncated);

#endif
