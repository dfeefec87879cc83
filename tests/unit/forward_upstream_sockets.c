/* forward_upstream_sockets.c - no socket carries more than 64 questions or lives for more than 10
 * s; the pool widens with what is under way; questions leave from `via`. */
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

static bool is_open(uint16_t port)
{
    for (unsigned i = 0; i < n.watched_count; i++) {
        struct sockaddr_in here;
        socklen_t len = sizeof here;
        ck_assert_int_eq(getsockname(n.watched[i].fd, (struct sockaddr *)&here, &len), 0);
        if (here.sin_port == port) {
            return true;
        }
    }
    return false;
}

/* A port is no socket: the kernel may give it again when its socket is closed. */
START_TEST(no_socket_carries_more_than_64)
{
    static unsigned carried[65536];
    memset(carried, 0, sizeof carried);
    for (unsigned i = 0; i < 2000; i++) {
        struct net_question q;
        ck_assert(net_ask(&n, i, "www.example.com"));
        net_take(&n, &q);
        net_answer(&n, &q);
        net_turn(&n, NET_PATIENCE_MS);
        ck_assert_uint_le(++carried[ntohs(q.from.sin_port)], SOCKET_QUESTIONS);
        ck_assert_uint_le(n.u->sockets, POOL_LEAST); /* one at a time needs no more */
        if (!is_open(q.from.sin_port)) {
            carried[ntohs(q.from.sin_port)] = 0;
        }
    }
}
END_TEST

START_TEST(no_socket_lives_longer_than_10_s)
{
    struct net_question first, q;
    ck_assert(net_ask(&n, 0, "www.example.com"));
    net_take(&n, &first);
    net_answer(&n, &first);
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert_uint_eq(n.u->sockets, 1);
    n.now.mono = mono_plus_ms(n.now.mono, 9000);
    upstream_late(n.u, n.now);
    ck_assert_uint_eq(n.u->sockets, 1);
    unsigned asked = 1;
    do { /* one is under way when its time has come */
        ck_assert(net_ask(&n, asked++, "www.example.com"));
        net_take(&n, &q);
    } while (q.from.sin_port != first.from.sin_port);
    n.now.mono = mono_plus_ms(n.now.mono, 1000);
    upstream_late(n.u, n.now);
    ck_assert_uint_gt(n.u->sockets, 0); /* it drains ... */
    struct net_question other;
    for (unsigned i = 0; i < 100; i++) { /* ... and takes no more */
        ck_assert(net_ask(&n, asked++, "www.example.com"));
        net_take(&n, &other);
        ck_assert_uint_ne(other.from.sin_port, first.from.sin_port);
    }
    unsigned open = n.u->sockets;
    net_answer(&n, &q);
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert_uint_eq(n.u->sockets, open - 1);
}
END_TEST

START_TEST(the_pool_widens)
{
    struct net_question q;
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert(net_ask(&n, i, "www.example.com"));
        net_take(&n, &q);
    }
    ck_assert_uint_gt(n.u->sockets, 100);
    ck_assert_uint_le(n.u->sockets, POOL_MOST);
    n.now.mono = mono_plus_ms(n.now.mono, 20000);
    upstream_late(n.u, n.now); /* all have timed out, all sockets are old */
    ck_assert_uint_eq(n.u->sockets, 0);
    ck_assert_uint_eq(n.u->in_flight, 0);
}
END_TEST

START_TEST(leaves_from_via)
{
    struct name name;
    struct net_question got;
    ck_assert(name_from("www.example.com", &name));
    struct upstream_question q = {.to = n.to,
                                  .via = {.family = 4, .port = 53, .ip = {127, 0, 0, 7}},
                                  .name = name.octets,
                                  .type = TYPE_A,
                                  .timeout_ms = 100,
                                  .token = &n.got[0]};
    ck_assert(upstream_ask(n.u, &q, n.now));
    net_take(&n, &got);
    ck_assert_uint_eq(ntohl(got.from.sin_addr.s_addr), 0x7f000007);
    ck_assert_uint_ne(ntohs(got.from.sin_port), 53);
    q.via.ip[0] = 192; /* not ours: nothing goes out */
    ck_assert(!upstream_ask(n.u, &q, n.now));
    ck_assert_uint_eq(n.got[0].times, 0);
}
END_TEST

TCase *case_forward_upstream_sockets(void)
{
    TCase *c = tcase_create("forward_upstream_sockets");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, no_socket_carries_more_than_64);
    tcase_add_test(c, no_socket_lives_longer_than_10_s);
    tcase_add_test(c, the_pool_widens);
    tcase_add_test(c, leaves_from_via);
    return c;
}
