/* forward_upstream_tcp.c - questions over TCP, pipelined on one connection; a deadline and a server
 * that hangs up. */
#include "cases.h"
#include "forward_fixture.h"

static struct net n;
static int listener, peer;

static void start(void)
{
    net_start(&n);
    listener = net_listen(SOCK_STREAM, &n.to);
    ck_assert_int_eq(listen(listener, 5), 0);
    peer = -1;
}

static void stop(void)
{
    close(listener);
    if (peer >= 0) {
        close(peer);
    }
    net_stop(&n);
}

static bool ask(unsigned token, const char *text)
{
    struct name name;
    ck_assert(name_from(text, &name));
    struct upstream_question q = {.to = n.to,
                                  .name = name.octets,
                                  .type = TYPE_A,
                                  .tcp = true,
                                  .timeout_ms = 2000,
                                  .token = &n.got[token]};
    return upstream_ask(n.u, &q, n.now);
}

/* Something can be read at the server; it takes the connection before. */
static bool comes(void)
{
    struct pollfd p = {.fd = peer < 0 ? listener : peer, .events = POLLIN};
    if (poll(&p, 1, 0) == 1 && peer < 0) {
        peer = accept(listener, NULL, NULL);
        p.fd = peer;
    }
    return peer >= 0 && poll(&p, 1, 0) == 1;
}

/* One question off the connection, by its length; upstream gets turns to write it. */
static void take(struct net_question *q)
{
    uint8_t head[2];
    for (unsigned i = 0; i < NET_PATIENCE_MS && !comes(); i++) {
        net_turn(&n, 1);
    }
    ck_assert(comes());
    ck_assert_int_eq(recv(peer, head, 2, MSG_WAITALL), 2);
    q->len = get_u16(head);
    ck_assert_int_eq(recv(peer, q->msg, q->len, MSG_WAITALL), (ssize_t)q->len);
}

static void answer(const struct net_question *q)
{
    uint8_t msg[1024];
    size_t end = MSG_HEADER + name_len(q->msg + MSG_HEADER) + 4;
    put_u16(msg, (uint16_t)end);
    memcpy(msg + 2, q->msg, end);
    msg[4] |= 0x80;
    put_u16(msg + 2 + 10, 0);
    ck_assert_int_eq(send(peer, msg, end + 2, MSG_NOSIGNAL), (ssize_t)end + 2);
}

static void turns_until(unsigned token)
{
    for (unsigned i = 0; i < 500 && n.got[token].times == 0; i++) {
        net_turn(&n, 20);
    }
}

START_TEST(asks_over_one_connection)
{
    struct net_question a, b;
    ck_assert(ask(0, "a.example.com"));
    ck_assert(ask(1, "b.example.com"));
    take(&a);
    take(&b);
    answer(&b);
    answer(&a);
    turns_until(0);
    ck_assert(n.got[0].answered && n.got[1].answered);
    ck_assert_mem_eq(n.got[0].msg + MSG_HEADER, "\1a\7example\3com", 15);
    n.now.mono = mono_plus_ms(n.now.mono, 1000);
    upstream_late(n.u, n.now);
    ck_assert(ask(2, "c.example.com")); /* the connection is still there */
    take(&a);
    answer(&a);
    turns_until(2);
    ck_assert(n.got[2].answered);
    ck_assert_uint_eq(n.u->in_flight, 0);
}
END_TEST

START_TEST(closes_what_is_idle)
{
    struct net_question q;
    ck_assert(ask(0, "a.example.com"));
    take(&q);
    answer(&q);
    turns_until(0);
    ck_assert_uint_eq(n.u->tcps, 1);
    for (unsigned i = 0; i < 6; i++) {
        n.now.mono = mono_plus_ms(n.now.mono, 1000);
        upstream_late(n.u, n.now);
    }
    ck_assert_uint_eq(n.u->tcps, 0);
    ck_assert_uint_eq(n.watched_count, 0);
    ck_assert_int_eq(upstream_due(n.u).ns, MONO_NEVER.ns);
}
END_TEST

START_TEST(a_timeout_ends_the_question)
{
    struct net_question q;
    ck_assert(ask(0, "a.example.com"));
    take(&q);
    n.now.mono = mono_plus_ms(n.now.mono, 2000);
    upstream_late(n.u, n.now);
    ck_assert_uint_eq(n.got[0].times, 1);
    ck_assert(!n.got[0].answered);
    answer(&q); /* too late */
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert_uint_eq(n.got[0].times, 1);
    ck_assert_uint_eq(n.u->in_flight, 0);
}
END_TEST

START_TEST(hanging_up_ends_the_question)
{
    struct net_question q;
    ck_assert(ask(0, "a.example.com"));
    take(&q);
    close(peer);
    peer = -1;
    turns_until(0);
    ck_assert_uint_eq(n.got[0].times, 1);
    ck_assert(!n.got[0].answered);
    ck_assert(ask(1, "a.example.com")); /* a new connection */
    take(&q);
    answer(&q);
    turns_until(1);
    ck_assert(n.got[1].answered);
}
END_TEST

START_TEST(a_wrong_question_is_no_answer)
{
    struct net_question q;
    ck_assert(ask(0, "aa.example.com"));
    take(&q);
    q.msg[14] ^= 1;
    answer(&q);
    for (unsigned i = 0; i < 5; i++) {
        net_turn(&n, 10);
    }
    ck_assert_uint_eq(n.got[0].times, 0);
    q.msg[14] ^= 1;
    answer(&q);
    turns_until(0);
    ck_assert(n.got[0].answered);
}
END_TEST

START_TEST(ended_with_questions_under_way)
{
    struct net_question q;
    ck_assert(ask(0, "a.example.com"));
    take(&q);
    ck_assert(ask(1, "b.example.com"));
    n.now.mono = mono_plus_ms(n.now.mono, 2000);
    upstream_late(n.u, n.now); /* both over for us, not yet for c-ares */
    ck_assert(ask(2, "c.example.com"));
    upstream_free(n.u);
    ck_assert_uint_eq(n.got[2].times, 0);
    ck_assert_uint_eq(n.watched_count, 0);
    struct upstream_shell shell = {net_watch, net_answered, &n};
    n.u = upstream_new(&shell, &n.entropy, n.counters);
}
END_TEST

TCase *case_forward_upstream_tcp(void)
{
    TCase *c = tcase_create("forward_upstream_tcp");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, asks_over_one_connection);
    tcase_add_test(c, closes_what_is_idle);
    tcase_add_test(c, a_timeout_ends_the_question);
    tcase_add_test(c, hanging_up_ends_the_question);
    tcase_add_test(c, a_wrong_question_is_no_answer);
    tcase_add_test(c, ended_with_questions_under_way);
    return c;
}
