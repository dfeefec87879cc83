/* actions.c - the list of what the shell is to do, in the order the keeper said it. */
#include "keeper/kept.h"
#include <stdlib.h>

struct keeper_action *act(struct turn *t, enum keeper_action_kind kind)
{
    struct keeper_action *a = calloc(1, sizeof *a);
    if (a == NULL) {
        t->actions->failed = true;
        return NULL;
    }
    a->kind = kind;
    if (t->actions->last == NULL)
        t->actions->first = a;
    else
        t->actions->last->next = a;
    t->actions->last = a;
    return a;
}

struct keeper_action *keeper_action_take(struct keeper_actions *actions)
{
    struct keeper_action *a = actions->first;
    if (a == NULL)
        return NULL;
    actions->first = a->next;
    if (actions->first == NULL)
        actions->last = NULL;
    a->next = NULL;
    return a;
}

void keeper_action_free(struct keeper_action *a)
{
    if (a == NULL)
        return;
    buf_free(&a->data);
    batch_free(&a->batch);
    free(a);
}
