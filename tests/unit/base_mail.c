/* base_mail.c - no letter is lost, doubled or out of its sender's order, with three senders at
 * once. */
#include "base/mail.h"
#include "cases.h"
#include <pthread.h>
#include <sched.h>
#include <stdint.h>

#define SENDERS 3
#define LETTERS 2000

struct sender {
    struct mailbox *to;
    struct letter letters[LETTERS];
};

static void count_wake(void *ctx)
{
    atomic_fetch_add((atomic_int *)ctx, 1);
}

START_TEST(keeps_order_and_wakes_once)
{
    struct mailbox m;
    atomic_int wakes = 0;
    struct letter l[3] = {{.kind = 0}, {.kind = 1}, {.kind = 2}};
    mailbox_init(&m, count_wake, &wakes);
    ck_assert_ptr_null(mail_drain(&m));
    for (int i = 0; i < 3; i++) {
        mail_post(&m, &l[i]);
    }
    ck_assert_int_eq(wakes, 1);
    struct letter *got = mail_drain(&m);
    for (int i = 0; i < 3; i++, got = got->next) {
        ck_assert_int_eq(got->kind, i);
    }
    ck_assert_ptr_null(got);
    mail_post(&m, &l[0]);
    ck_assert_int_eq(wakes, 2);
}
END_TEST

static void *post_all(void *arg)
{
    struct sender *s = arg;
    for (int i = 0; i < LETTERS; i++) {
        mail_post(s->to, &s->letters[i]);
    }
    return NULL;
}

START_TEST(loses_nothing_between_threads)
{
    struct mailbox m;
    atomic_int wakes = 0;
    pthread_t threads[SENDERS];
    int next[SENDERS] = {0}, got = 0, wrong = 0;
    struct sender *senders = calloc(SENDERS, sizeof *senders);
    mailbox_init(&m, count_wake, &wakes);
    for (int s = 0; s < SENDERS; s++) {
        senders[s].to = &m;
        for (int i = 0; i < LETTERS; i++) {
            senders[s].letters[i].kind = s * LETTERS + i;
        }
        ck_assert_int_eq(pthread_create(&threads[s], NULL, post_all, &senders[s]), 0);
    }
    while (got < SENDERS * LETTERS) {
        struct letter *l = mail_drain(&m);
        if (l == NULL) {
            sched_yield();
        }
        for (; l != NULL; l = l->next) {
            int from = l->kind / LETTERS;
            wrong += l->kind % LETTERS != next[from]++;
            got++;
        }
    }
    for (int s = 0; s < SENDERS; s++) {
        pthread_join(threads[s], NULL);
        ck_assert_int_eq(next[s], LETTERS);
    }
    ck_assert_int_eq(wrong, 0);
    ck_assert_ptr_null(mail_drain(&m));
    ck_assert_int_ge(wakes, 1);
    free(senders);
}
END_TEST

TCase *case_base_mail(void)
{
    TCase *c = tcase_create("base_mail");
    tcase_add_test(c, keeps_order_and_wakes_once);
    tcase_add_test(c, loses_nothing_between_threads);
    return c;
}
