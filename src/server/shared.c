/* shared.c - letters to the keeper. */
#include "server/shared.h"
#include <stdlib.h>

void shared_tell(struct shared *s, const struct keeper_event *e)
{
    struct event_letter *l = malloc(sizeof *l);
    if (l == NULL)
        return;
    l->letter.kind = LETTER_EVENT;
    l->event = *e;
    mail_post(&s->keeper_box, &l->letter);
}
