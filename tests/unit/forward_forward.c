/* forward_forward.c - a question is asked once for all who wait; what they are told; failures are
 * remembered for a second. */
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

START_TEST(one_packet_for_all_who_wait)
{
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(desk_start_one(&d, i, i == 1 ? "WWW.example.com" : "www.example.com"));
    }
    ck_assert_uint_eq(forward_waiting(d.forward), 3);
    (void)desk_take(&d, &q);
    ck_assert(desk_is_quiet(&d));
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 3);
    ck_assert_uint_eq(forward_waiting(d.forward), 0);
    ck_assert_uint_eq(d.waiters[0].try.asked, 1);
    ck_assert(!d.waiters[0].try.failed);
    ck_assert_uint_eq(d.waiters[0].try.fresh_count, 0);
    ck_assert(desk_has(&d, "www.example.com"));
    ck_assert_uint_eq(counted(d.net.counters, COUNT_asks), 1);
    ck_assert_uint_eq(counted(d.net.counters, COUNT_asks_joined), 2);
    ck_assert_uint_eq(d.forward->askings, 0);
    forward_taken(d.forward);
}
END_TEST

START_TEST(ttl_0_is_for_those_who_waited)
{
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    ck_assert(desk_start_one(&d, 1, "www.example.com"));
    (void)desk_take(&d, &q);
    desk_address(&d, &q, 0);
    ck_assert_uint_eq(desk_ready(&d), 2);
    ck_assert(!desk_has(&d, "www.example.com"));
    for (unsigned i = 0; i < 2; i++) {
        const struct answer_try *t = &d.waiters[i].try;
        ck_assert_uint_eq(t->fresh_count, 1);
        ck_assert_uint_eq(t->fresh[0].key.type, TYPE_A);
        ck_assert_uint_eq(t->fresh[0].found.ttl_s, 0);
        ck_assert_uint_eq(t->fresh[0].found.set.count, 1);
    }
    /* the first goes on asking, for the rest of a chain: what it has comes along */
    ck_assert(desk_start_one(&d, 0, "next.example.com"));
    forward_taken(d.forward);
    (void)desk_take(&d, &q);
    desk_address(&d, &q, 0);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert_uint_eq(d.waiters[0].try.fresh_count, 2);
    ck_assert_uint_eq(d.waiters[0].try.asked, 2);
    forward_taken(d.forward);
}
END_TEST

START_TEST(a_failure_is_remembered_for_a_second)
{
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    for (unsigned i = 0; i < 2; i++) {
        (void)desk_take(&d, &q);
        desk_say(&d, &q, RCODE_REFUSED, NULL, 0);
    }
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(d.waiters[0].try.failed);
    ck_assert_int_eq(d.waiters[0].try.ede, EDE_NO_REACHABLE_AUTHORITY);
    ck_assert_uint_eq(d.waiters[0].try.asked, 2);
    desk_wait(&d, 900);
    ck_assert(desk_start_one(&d, 1, "www.example.com"));
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(d.waiters[1].try.failed);
    ck_assert(desk_is_quiet(&d));
    desk_wait(&d, 200);
    ck_assert(desk_start_one(&d, 2, "www.example.com"));
    (void)desk_take(&d, &q);
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(!d.waiters[2].try.failed);
}
END_TEST

/* ... but not longer than the zone stays as it was. */
START_TEST(a_change_of_the_zone_forgets_failures)
{
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    for (unsigned i = 0; i < 2; i++) {
        (void)desk_take(&d, &q);
        desk_say(&d, &q, RCODE_SERVFAIL, NULL, 0);
    }
    ck_assert_uint_eq(desk_ready(&d), 1);
    atomic_fetch_add(&d.slot.cache->step, 1);
    ck_assert(desk_start_one(&d, 1, "www.example.com"));
    (void)desk_take(&d, &q);
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(!d.waiters[1].try.failed);
}
END_TEST

START_TEST(who_waits_too_long_may_have_something_stale)
{
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    desk_wait(&d, 1799);
    ck_assert_uint_eq(desk_ready(&d), 0);
    desk_wait(&d, 1);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(d.waiters[0].try.stale_ok && !d.waiters[0].try.failed);
    ck_assert_uint_ge(d.waiters[0].try.asked, 1);
    /* it had nothing stale, and waits on; one that comes now is told at once */
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    ck_assert(desk_start_one(&d, 1, "www.example.com"));
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(d.waiters[1].try.stale_ok);
    desk_wait(&d, 10000);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(d.waiters[0].try.failed);
}
END_TEST

START_TEST(silence_ends_after_three_tries_of_each)
{
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    d.waiters[0].try.stale_ok = true;
    desk_wait(&d, 20000);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(d.waiters[0].try.failed);
    ck_assert_int_eq(d.waiters[0].try.ede, EDE_NO_REACHABLE_AUTHORITY);
    ck_assert_uint_le(counted(d.net.counters, COUNT_asks), 6);
    ck_assert_uint_ge(counted(d.net.counters, COUNT_asks), 4);
    desk_wait(&d, 20000);
    ck_assert_uint_eq(d.forward->askings, 0);
}
END_TEST

/* RFC 4035 3.2.2: what nobody has checked is not given to those who rely on it. */
START_TEST(asked_with_cd_is_not_kept)
{
    struct answer_ask ask = desk_ask(&d, "www.example.com");
    ask.checking_disabled = true;
    ck_assert(forward_start(d.forward, &ask, &d.waiters[0], d.net.now));
    ck_assert(desk_start_one(&d, 1, "www.example.com")); /* a question of its own */
    (void)desk_take(&d, &q);
    bool cd = (get_u16(q.msg + 2) & MSG_CD) != 0;
    desk_address(&d, &q, 60);
    ck_assert(cd == !desk_has(&d, "www.example.com"));
    (void)desk_take(&d, &q);
    ck_assert(cd != ((get_u16(q.msg + 2) & MSG_CD) != 0));
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 2);
    ck_assert_uint_eq(d.waiters[0].try.fresh_count, 1);
    ck_assert_uint_eq(d.waiters[1].try.fresh_count, 0);
    forward_taken(d.forward);
}
END_TEST

START_TEST(there_is_an_end_to_waiting_rooms)
{
    for (unsigned i = 0; i < 6; i++) {
        ck_assert(desk_start_one(&d, i, "www.example.com"));
    }
    ck_assert(!desk_start_one(&d, 6, "www.example.com"));
    ck_assert_uint_eq(counted(d.net.counters, COUNT_asks_full), 1);
}
END_TEST

TCase *case_forward_forward(void)
{
    TCase *t = tcase_create("forward_forward");
    tcase_add_checked_fixture(t, start, stop);
    tcase_add_test(t, one_packet_for_all_who_wait);
    tcase_add_test(t, ttl_0_is_for_those_who_waited);
    tcase_add_test(t, a_failure_is_remembered_for_a_second);
    tcase_add_test(t, a_change_of_the_zone_forgets_failures);
    tcase_add_test(t, who_waits_too_long_may_have_something_stale);
    tcase_add_test(t, silence_ends_after_three_tries_of_each);
    tcase_add_test(t, asked_with_cd_is_not_kept);
    tcase_add_test(t, there_is_an_end_to_waiting_rooms);
    return t;
}
