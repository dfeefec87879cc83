/* forward_letters.c - two workers with the same question ask it once, and both hear how it went. */
#include "cases.h"
#include "forward_desk.h"

static struct desk d;
static struct net_question q;

static void start(void)
{
    desk_start(&d, NULL);
}

static void stop(void)
{
    desk_stop(&d);
}

static void deliver(unsigned worker)
{
    struct letter *l = d.post[worker];
    d.post[worker] = NULL;
    while (l != NULL) {
        struct letter *next = l->next;
        forward_letter(worker == 1 ? d.forward : d.other, l, d.net.now);
        l = next;
    }
}

START_TEST(two_workers_ask_once)
{
    struct waiter w = {.next = NULL};
    struct answer_ask ask = desk_ask(&d, "www.example.com");
    d.other = desk_worker(&d, 2, NULL);
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    ck_assert(forward_start(d.other, &ask, &w, d.net.now));
    deliver(1);
    (void)desk_take(&d, &q);
    ck_assert(desk_is_quiet(&d));
    desk_address(&d, &q, 60);
    ck_assert_ptr_null(forward_take(d.other));
    deliver(2);
    ck_assert_ptr_eq(forward_take(d.other), &w);
    ck_assert(!w.try.failed);
    ck_assert_uint_eq(w.try.asked, 1);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert_uint_eq(d.other->askings + d.forward->askings, 0);
}
END_TEST

START_TEST(the_other_worker_hears_of_failure)
{
    struct waiter w = {.next = NULL};
    struct answer_ask ask = desk_ask(&d, "www.example.com");
    d.other = desk_worker(&d, 2, NULL);
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    for (unsigned i = 0; i < 2; i++) {
        (void)desk_take(&d, &q);
        desk_say(&d, &q, RCODE_SERVFAIL, NULL, 0);
    }
    ck_assert(forward_start(d.other, &ask, &w, d.net.now)); /* the claim is still held */
    deliver(1);
    deliver(2);
    ck_assert_ptr_eq(forward_take(d.other), &w);
    ck_assert(w.try.failed);
    ck_assert(desk_is_quiet(&d));
    ck_assert_uint_eq(desk_ready(&d), 1);
}
END_TEST

/* A letter that never comes back is no reason to wait for ever. */
START_TEST(a_lost_letter_is_a_failure)
{
    struct waiter w = {.try = {.stale_ok = true}};
    struct answer_ask ask = desk_ask(&d, "www.example.com");
    d.other = desk_worker(&d, 2, NULL);
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    ck_assert(forward_start(d.other, &ask, &w, d.net.now));
    d.net.now.mono = mono_plus_ms(d.net.now.mono, 8000);
    forward_late(d.other, d.net.now);
    ck_assert_ptr_eq(forward_take(d.other), &w);
    ck_assert(w.try.failed);
}
END_TEST

TCase *case_forward_letters(void)
{
    TCase *t = tcase_create("forward_letters");
    tcase_add_checked_fixture(t, start, stop);
    tcase_add_test(t, two_workers_ask_once);
    tcase_add_test(t, the_other_worker_hears_of_failure);
    tcase_add_test(t, a_lost_letter_is_a_failure);
    return t;
}
