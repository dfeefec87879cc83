/* server_shared.c - letters to the keeper carry the event, in their order. */
#include "cases.h"
#include "server/shared.h"

static int woken;

static void wake(void *ctx)
{
    (void)ctx;
    woken++;
}

START_TEST(events_by_mail)
{
    struct shared s = {.log = NULL};
    mailbox_init(&s.keeper_box, wake, NULL);
    shared_tell(&s, &(struct keeper_event){.kind = KEEPER_NOTIFIED, .slot = 4, .serial = 9});
    shared_tell(&s, &(struct keeper_event){.kind = KEEPER_CLOSED, .conn = 7, .text = "why"});
    ck_assert_int_eq(woken, 1); /* one wake-up for many letters */
    struct letter *l = mail_drain(&s.keeper_box), *next = l->next;
    ck_assert_int_eq(l->kind, LETTER_EVENT);
    struct event_letter *e = (struct event_letter *)l;
    ck_assert_int_eq(e->event.kind, KEEPER_NOTIFIED);
    ck_assert_uint_eq(e->event.slot, 4);
    ck_assert_uint_eq(e->event.serial, 9);
    e = (struct event_letter *)next;
    ck_assert_int_eq(e->event.kind, KEEPER_CLOSED);
    ck_assert_uint_eq(e->event.conn, 7);
    ck_assert_str_eq(e->event.text, "why");
    ck_assert_ptr_null(next->next);
    free(l);
    free(next);
}
END_TEST

TCase *case_server_shared(void)
{
    TCase *c = tcase_create("server_shared");
    tcase_add_test(c, events_by_mail);
    return c;
}
