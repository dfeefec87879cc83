/* mail.c - letters between threads: senders push onto one list, the receiver takes all of it at
 * once. Because nobody takes single letters, the compare-and-swap of a sender cannot be fooled by a
 * letter that went and came back. Only the sender that found the box empty wakes: one wake-up for
 * many letters. */
#include "base/mail.h"
#include <stddef.h>

void mailbox_init(struct mailbox *m, void (*wake)(void *ctx), void *ctx)
{
    atomic_init(&m->head, NULL);
    m->wake = wake;
    m->ctx = ctx;
}

void mail_post(struct mailbox *m, struct letter *l)
{
    struct letter *head = atomic_load_explicit(&m->head, memory_order_relaxed);
    do {
        l->next = head;
    } while (!atomic_compare_exchange_weak_explicit(&m->head, &head, l, memory_order_acq_rel,
                                                    memory_order_relaxed));
    /* From here the letter is the receiver's, and may be gone. */
    if (head == NULL && m->wake != NULL) {
        m->wake(m->ctx);
    }
}

struct letter *mail_drain(struct mailbox *m)
{
    struct letter *newest = atomic_exchange_explicit(&m->head, NULL, memory_order_acq_rel);
    struct letter *oldest = NULL;
    while (newest != NULL) {
        struct letter *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}
