/* letters.c - two workers, one question: the second posts a letter to the first, and gets it back
 * when it is over.
 *
 * Worker's thread; letters are the only thing that crosses. A letter that is lost or late does no
 * harm: who waits for it gives up after a while, who gets it too late finds nobody waiting. */
#include "forward/letters.h"
#include <stdlib.h>

enum forward_letter_kind { /* apart from the kinds of letters a worker's own shell gets */
                           FORWARD_ASKED = 100, /* to who has the claim: tell us when it is over */
                           FORWARD_OVER         /* back: look again, or it failed */
};
struct ask_letter {
    struct letter letter;
    unsigned from; /* the worker that waits */
    const struct slot *slot;
    struct name name;
    uint16_t type;
    bool dnssec_ok;
    bool failed;
    int ede;
};

static void asked_for_other(struct forward *f, struct ask_letter *l);
static void over_elsewhere(struct forward *f, struct ask_letter *l);
static struct answer_ask question_of(const struct ask_letter *l, struct world_zone *z);

bool letter_borrow(struct asking *a, unsigned owner)
{
    struct ask_letter *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return false;
    }
    *l = (struct ask_letter){
        .letter = {.kind = FORWARD_ASKED},
        .from = a->f->o.worker,
        .slot = a->slot,
        .name = a->name,
        .type = a->type,
        .dnssec_ok = a->dnssec_ok,
    };
    a->state = BORROWED;
    a->f->o.post(a->f->o.ctx, owner, &l->letter);
    return true;
}

void letters_over(struct asking *a, bool failed)
{
    while (a->letters != NULL) {
        struct ask_letter *l = (struct ask_letter *)a->letters; /* its first member */
        a->letters = a->letters->next;
        l->letter.kind = FORWARD_OVER;
        l->failed = failed;
        l->ede = a->ede;
        a->f->o.post(a->f->o.ctx, l->from, &l->letter);
    }
}

void forward_letter(struct forward *f, struct letter *letter, struct now now)
{
    struct ask_letter *l = (struct ask_letter *)letter; /* its first member */
    f->now = now.mono;
    if (letter->kind == FORWARD_ASKED) {
        asked_for_other(f, l);
        return;
    }
    must(letter->kind == FORWARD_OVER);
    over_elsewhere(f, l);
    free(l);
}

/* Another worker wants what we have claimed: it waits, or is told at once. */
static void asked_for_other(struct forward *f, struct ask_letter *l)
{
    struct world_zone z;
    struct answer_ask ask = question_of(l, &z);
    struct asking *a = asking_find(f, &ask);
    if (a != NULL && a->state == ASKING) {
        l->letter.next = a->letters;
        a->letters = &l->letter;
        return;
    }
    l->letter.kind = FORWARD_OVER;
    l->failed = a != NULL && a->state == FAILED;
    l->ede = l->failed ? a->ede : EDE_NONE;
    f->o.post(f->o.ctx, l->from, &l->letter);
}

static void over_elsewhere(struct forward *f, struct ask_letter *l)
{
    struct world_zone z;
    struct answer_ask ask = question_of(l, &z);
    struct asking *a = asking_find(f, &ask);
    if (a == NULL || a->state != BORROWED) {
        return; /* we did not wait so long */
    }
    if (l->failed) {
        a->ede = l->ede;
        asking_fail(a);
        return;
    }
    asking_succeed(a);
}

static struct answer_ask question_of(const struct ask_letter *l, struct world_zone *z)
{
    *z = (struct world_zone){.slot = (struct slot *)(uintptr_t)l->slot};
    return (struct answer_ask){
        .zone = z, .name = l->name, .type = l->type, .dnssec_ok = l->dnssec_ok};
}
