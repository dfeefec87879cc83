/* forward_attempt.c - which server is asked next, and which answers are believed. */
#include "cases.h"
#include "forward_desk.h"

static struct desk d;
static struct net_question q;
static struct log sink = {LOG_LEVEL_DEBUG, desk_write, &d};

static void start(void)
{
    desk_start(&d, &sink);
}

static void stop(void)
{
    desk_stop(&d);
}

static void know(uint32_t known, unsigned origin, uint32_t seen)
{
    atomic_store(&d.slot.cache->known, cache_serial(known));
    atomic_store(&d.slot.cache->origins[origin].seen, cache_serial(seen));
}

START_TEST(a_useless_server_is_left_alone_and_named)
{
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    unsigned first = desk_take(&d, &q);
    desk_say(&d, &q, RCODE_SERVFAIL, NULL, 0);
    ck_assert_uint_ne(desk_take(&d, &q), first);
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(strstr(d.log, "zone example.com: 127.0.0.1@") == d.log);
    ck_assert_ptr_nonnull(strstr(d.log, "gave SERVFAIL when asked for www.example.com"));
}
END_TEST

START_TEST(recursion_is_asked_of_resolvers_only)
{
    ck_assert(desk_start_one(&d, 0, "a.example.com"));
    (void)desk_take(&d, &q);
    ck_assert_uint_eq(get_u16(q.msg + 2) & MSG_RD, 0);
    atomic_store(&d.slot.cache->recursive, true);
    ck_assert(desk_start_one(&d, 1, "b.example.com"));
    (void)desk_take(&d, &q);
    ck_assert_uint_ne(get_u16(q.msg + 2) & MSG_RD, 0);
}
END_TEST

START_TEST(formerr_is_asked_again_without_edns)
{
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    unsigned first = desk_take(&d, &q);
    ck_assert_uint_eq(get_u16(q.msg + 10), 1);
    desk_say(&d, &q, RCODE_FORMERR, NULL, 0);
    unsigned second = desk_take(&d, &q);
    if (second != first) { /* the other one was quicker so far: it has EDNS */
        ck_assert_uint_eq(get_u16(q.msg + 10), 1);
        desk_say(&d, &q, RCODE_FORMERR, NULL, 0);
        (void)desk_take(&d, &q);
    }
    ck_assert_uint_eq(get_u16(q.msg + 10), 0);
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(!d.waiters[0].try.failed);
}
END_TEST

START_TEST(truncated_means_tcp_to_the_same_server)
{
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    unsigned which = desk_take(&d, &q);
    struct addr at = d.at[which];
    int listener = net_listen(SOCK_STREAM, &at);
    struct pollfd p = {.fd = listener, .events = POLLIN};
    ck_assert_int_eq(listen(listener, 1), 0);
    desk_say(&d, &q, MSG_TC, NULL, 0);
    ck_assert_int_eq(poll(&p, 1, NET_PATIENCE_MS), 1);
    ck_assert(desk_is_quiet(&d));
    close(listener);
}
END_TEST

/* The fence: asked before the change, answered after it. */
START_TEST(an_answer_from_before_the_change_is_asked_again)
{
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    (void)desk_take(&d, &q);
    atomic_fetch_add(&d.slot.cache->step, 1);
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 0);
    ck_assert(!desk_has(&d, "www.example.com"));
    ck_assert_uint_eq(counted(d.net.counters, COUNT_cache_fenced), 1);
    (void)desk_take(&d, &q);
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(desk_has(&d, "www.example.com"));
}
END_TEST

START_TEST(a_server_seen_at_our_serial_is_asked_first)
{
    know(8, 1, 8);
    for (unsigned i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%u.example.com", i);
        ck_assert(desk_start_one(&d, i, name));
        ck_assert_uint_eq(desk_take(&d, &q), 1);
    }
}
END_TEST

/* Neither shows a version, and neither was seen at the serial we know of. */
START_TEST(servers_that_lag_are_not_believed)
{
    struct forward_news news;
    know(8, 1, 7);
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    unsigned first = desk_take(&d, &q);
    desk_address(&d, &q, 60);
    ck_assert_uint_ne(desk_take(&d, &q), first);
    desk_address(&d, &q, 60);
    ck_assert(desk_is_quiet(&d)); /* a pause */
    ck_assert_uint_eq(desk_ready(&d), 0);
    ck_assert(!desk_has(&d, "www.example.com"));
    ck_assert(forward_take_news(d.forward, &news));
    ck_assert_ptr_eq(news.slot, &d.slot);
    ck_assert(!news.has_serial);
    ck_assert(!forward_take_news(d.forward, &news));
    desk_wait(&d, 20);
    (void)desk_take(&d, &q);
    know(8, 0, 8); /* they have caught up, and the keeper saw it */
    know(8, 1, 8);
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(!d.waiters[0].try.failed);
    ck_assert(desk_has(&d, "www.example.com"));
}
END_TEST

START_TEST(lagging_for_ever_is_a_failure)
{
    know(8, 1, 7);
    ck_assert(desk_start_one(&d, 0, "www.example.com"));
    d.waiters[0].try.stale_ok = true;
    for (unsigned i = 0; i < ANSWER_ASKS; i++) {
        if (desk_is_quiet(&d)) {
            desk_wait(&d, 500);
        }
        (void)desk_take(&d, &q);
        desk_address(&d, &q, 60);
    }
    if (desk_is_quiet(&d)) {
        desk_wait(&d, 500);
    }
    ck_assert(desk_is_quiet(&d));
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(d.waiters[0].try.failed);
    ck_assert_uint_eq(d.waiters[0].try.asked, ANSWER_ASKS);
}
END_TEST

START_TEST(a_version_speaks_for_itself)
{
    struct forward_news news;
    know(8, 1, 7); /* nobody was seen at 8 */
    ck_assert(desk_start_one(&d, 0, "old.example.com"));
    (void)desk_take(&d, &q);
    desk_address_of(&d, &q, 7);
    ck_assert_uint_eq(desk_ready(&d), 0);
    (void)desk_take(&d, &q);
    desk_address_of(&d, &q, 8);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(desk_has(&d, "old.example.com"));
    ck_assert(!forward_take_news(d.forward, &news));
    ck_assert(desk_start_one(&d, 1, "new.example.com"));
    (void)desk_take(&d, &q);
    desk_address_of(&d, &q, 9);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(forward_take_news(d.forward, &news));
    ck_assert(news.has_serial);
    ck_assert_uint_eq(news.serial, 9);
}
END_TEST

START_TEST(a_referral_is_asked_of_the_zone_above)
{
    static const uint8_t referral[] = {0, 1, 0,  0xc0, 16, 0, 2,   0,    1, 0,
                                       0, 0, 60, 0,    4,  1, 'n', 0xc0, 12};
    struct cache_zone *above = desk_zone(&d, 2, ".");
    above->origin_count = 1;
    atomic_store(&above->recursive, true);
    d.slot.cache->origin_count = 1;
    above->origins[0].address = d.at[1];
    struct answer_ask ask = desk_ask(&d, "www.child.example.com");
    ask.enclosing = above;
    ck_assert(forward_start(d.forward, &ask, &d.waiters[0], d.net.now));
    ck_assert_uint_eq(desk_take(&d, &q), 0);
    desk_say(&d, &q, 0, referral, sizeof referral);
    ck_assert_uint_eq(desk_take(&d, &q), 1);
    ck_assert_uint_ne(get_u16(q.msg + 2) & MSG_RD, 0);
    desk_address(&d, &q, 60);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(desk_has(&d, "www.child.example.com"));
    /* with nobody above it is a failure */
    ck_assert(desk_start_one(&d, 1, "www.other.example.com"));
    (void)desk_take(&d, &q);
    desk_say(&d, &q, 0, referral, sizeof referral);
    ck_assert_uint_eq(desk_ready(&d), 1);
    ck_assert(d.waiters[1].try.failed);
    cache_zone_free(above);
}
END_TEST

TCase *case_forward_attempt(void)
{
    TCase *t = tcase_create("forward_attempt");
    tcase_add_checked_fixture(t, start, stop);
    tcase_add_test(t, a_useless_server_is_left_alone_and_named);
    tcase_add_test(t, recursion_is_asked_of_resolvers_only);
    tcase_add_test(t, formerr_is_asked_again_without_edns);
    tcase_add_test(t, truncated_means_tcp_to_the_same_server);
    tcase_add_test(t, an_answer_from_before_the_change_is_asked_again);
    tcase_add_test(t, a_server_seen_at_our_serial_is_asked_first);
    tcase_add_test(t, servers_that_lag_are_not_believed);
    tcase_add_test(t, lagging_for_ever_is_a_failure);
    tcase_add_test(t, a_version_speaks_for_itself);
    tcase_add_test(t, a_referral_is_asked_of_the_zone_above);
    return t;
}
