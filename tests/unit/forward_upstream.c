/* forward_upstream.c - the asks themselves: numbers used again, the bound, deadlines in order. */
#include "cases.h"
#include "forward_fixture.h"

static struct net n;

static void start(void)
{
    net_start(&n);
}

static void stop(void)
{
    net_stop(&n);
}

START_TEST(numbers_are_used_again)
{
    for (unsigned round = 0; round < 20; round++) {
        struct net_question q[90];
        for (unsigned i = 0; i < 90; i++) {
            n.got[i].times = 0;
            ck_assert(net_ask(&n, i, "www.example.com"));
            net_take(&n, &q[i]);
        }
        for (unsigned i = 0; i < 90; i += 2) {
            net_answer(&n, &q[i]);
        }
        while (n.u->in_flight > 45) {
            net_turn(&n, NET_PATIENCE_MS);
        }
        n.now.mono = mono_plus_ms(n.now.mono, 2000); /* the other half is lost */
        upstream_late(n.u, n.now);
        for (unsigned i = 0; i < 90; i++) {
            ck_assert_uint_eq(n.got[i].times, 1);
            ck_assert_int_eq(n.got[i].answered, i % 2 == 0);
        }
        ck_assert_uint_eq(n.u->in_flight, 0);
        ck_assert_uint_le(n.u->asks_room, 128);
    }
}
END_TEST

START_TEST(deadlines_in_order)
{
    struct name name;
    ck_assert(name_from("www.example.com", &name));
    ck_assert_int_eq(upstream_due(n.u).ns, MONO_NEVER.ns);
    for (unsigned i = 0; i < 3; i++) {
        struct upstream_question q = {.to = n.to,
                                      .name = name.octets,
                                      .type = TYPE_A,
                                      .timeout_ms = 300 - 100 * i,
                                      .token = &n.got[i]};
        ck_assert(upstream_ask(n.u, &q, n.now));
    }
    for (unsigned i = 3; i-- > 0;) {
        ck_assert_int_eq(upstream_due(n.u).ns, (300 - 100 * i) * NS_PER_MS);
        n.now.mono = upstream_due(n.u);
        upstream_late(n.u, n.now);
        ck_assert_uint_eq(n.got[i].times, 1);
        ck_assert(i == 0 || n.got[i - 1].times == 0);
    }
}
END_TEST

START_TEST(strange_descriptors_are_nothing)
{
    upstream_ready(n.u, -1, true, false, n.now);
    upstream_ready(n.u, 100000, true, false, n.now);
    upstream_ready(n.u, n.server, true, true, n.now);
}
END_TEST

TCase *case_forward_upstream(void)
{
    TCase *c = tcase_create("forward_upstream");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, numbers_are_used_again);
    tcase_add_test(c, deadlines_in_order);
    tcase_add_test(c, strange_descriptors_are_nothing);
    return c;
}
