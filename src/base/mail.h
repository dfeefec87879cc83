/* mail.h - letters between threads: one lock-free list per receiver, many senders, drained whole.
 * A letter is embedded in what it carries. The sender gives it away by posting; the receiver owns
 * it after draining. */
#ifndef SETTLED_BASE_MAIL_H
#define SETTLED_BASE_MAIL_H

#include <stdatomic.h>
#include <stdbool.h>

struct letter {
    struct letter *next;
    int kind; /* the receiver's words */
};
struct mailbox {
    _Atomic(struct letter *) head;
    void (*wake)(void *ctx); /* called by the sender that found the box empty; thread-safe */
    void *ctx;
};

void mailbox_init(struct mailbox *m, void (*wake)(void *ctx), void *ctx); /* wake may be NULL */
void mail_post(struct mailbox *m, struct letter *l);                      /* any thread */
/* All letters in the order they were posted, linked by next; NULL when empty. Receiver's thread. */
struct letter *mail_drain(struct mailbox *m);

#endif
