/* forward_upstream_udp.c - over real loopback sockets: the right answer comes back once, whatever
 * else arrives; and what an attacker would have to guess is of chance. */
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

START_TEST(answers_find_their_question)
{
    struct net_question q[100];
    char text[30];
    for (unsigned i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "n%u.example.com", i);
        ck_assert(net_ask(&n, i, text));
        net_take(&n, &q[i]);
    }
    for (unsigned i = 100; i-- > 0;) { /* in another order */
        net_answer(&n, &q[i]);
    }
    while (n.u->in_flight > 0) {
        net_turn(&n, NET_PATIENCE_MS);
    }
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_uint_eq(n.got[i].times, 1);
        ck_assert(n.got[i].answered);
        ck_assert(name_same(n.got[i].msg + MSG_HEADER, q[i].msg + MSG_HEADER));
        ck_assert_ptr_nonnull(memmem(n.got[i].msg, n.got[i].len, "\7example", 8)); /* as asked */
    }
    ck_assert_uint_eq(counted(n.counters, COUNT_asks), 100);
    ck_assert_uint_eq(counted(n.counters, COUNT_asks_mismatch), 0);
    ck_assert_uint_eq(n.u->in_flight, 0);
}
END_TEST

/* Each is ignored, and none ends the question. */
START_TEST(mismatches_are_ignored)
{
    struct net_question q, wrong;
    ck_assert(net_ask(&n, 0, "www.example.com"));
    net_take(&n, &q);
    for (unsigned i = 0; i < 5; i++) {
        wrong = q;
        const size_t places[] = {0, 5, 14, 28, 30};
        wrong.msg[places[i]] ^= i == 2 ? 0x20 : 1;
        if (i == 1) { /* no question in it */
            wrong.msg[2] |= 0x80;
            ck_assert_int_eq(
                sendto(n.server, wrong.msg, 12, 0, (struct sockaddr *)&q.from, sizeof q.from), 12);
        } else {
            net_answer(&n, &wrong);
        }
        net_turn(&n, NET_PATIENCE_MS);
        ck_assert_uint_eq(n.got[0].times, 0);
        ck_assert_uint_eq(counted(n.counters, COUNT_asks_mismatch), i + 1);
    }
    net_answer(&n, &q);
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert_uint_eq(n.got[0].times, 1);
    ck_assert(n.got[0].answered);
    ck_assert_uint_eq(get_u16(n.got[0].msg + 4), 1);
}
END_TEST

/* All that EDNS lets a server send arrives, not 512 octets of it. */
START_TEST(a_long_answer_is_whole)
{
    enum { LONG = 4096 };
    static uint8_t msg[LONG];
    struct net_question q;
    ck_assert(net_ask(&n, 0, "www.example.com"));
    net_take(&n, &q);
    memset(msg, 0xab, sizeof msg);
    memcpy(msg, q.msg, q.len);
    msg[2] |= 0x80;
    put_u16(msg + 10, 0);
    ck_assert_int_eq(sendto(n.server, msg, LONG, 0, (struct sockaddr *)&q.from, sizeof q.from),
                     LONG);
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert(n.got[0].answered);
    ck_assert_uint_eq(n.got[0].len, LONG);
    ck_assert_mem_eq(n.last + q.len, msg + q.len, LONG - q.len);
}
END_TEST

START_TEST(an_answer_on_another_socket_is_none)
{
    struct net_question a, b;
    ck_assert(net_ask(&n, 0, "www.example.com"));
    net_take(&n, &a);
    unsigned tries = 1;
    do { /* until one leaves from another port */
        ck_assert(net_ask(&n, tries, "other.example.com"));
        net_take(&n, &b);
        ck_assert_uint_lt(++tries, 60);
    } while (a.from.sin_port == b.from.sin_port);
    struct net_question forged = a;
    forged.from = b.from;
    net_answer(&n, &forged);
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert_uint_eq(n.got[0].times, 0);
    ck_assert_uint_eq(counted(n.counters, COUNT_asks_mismatch), 1);
    net_answer(&n, &a);
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert(n.got[0].answered);
}
END_TEST

START_TEST(another_address_is_not_heard)
{
    struct net_question q;
    struct addr else_where = {.port = 0};
    int other = net_listen(SOCK_DGRAM, &else_where), real = n.server;
    ck_assert(net_ask(&n, 0, "www.example.com"));
    net_take(&n, &q);
    n.server = other;
    net_answer(&n, &q);
    net_turn(&n, 20);
    ck_assert_uint_eq(n.got[0].times, 0);
    ck_assert_uint_eq(counted(n.counters, COUNT_asks_mismatch), 0); /* the kernel's work */
    n.server = real;
    net_answer(&n, &q);
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert(n.got[0].answered);
    close(other);
}
END_TEST

START_TEST(a_timeout_ends_the_question_and_nothing_else)
{
    struct net_question a, b;
    ck_assert(net_ask(&n, 0, "www.example.com"));
    net_take(&n, &a);
    n.now.mono = mono_plus_ms(n.now.mono, 1500);
    ck_assert(net_ask(&n, 1, "www.example.com")); /* the same name */
    net_take(&n, &b);
    ck_assert_int_eq(upstream_due(n.u).ns, 2000 * NS_PER_MS);
    n.now.mono = upstream_due(n.u);
    upstream_late(n.u, n.now);
    ck_assert_uint_eq(n.got[0].times, 1);
    ck_assert(!n.got[0].answered);
    ck_assert_uint_eq(n.got[1].times, 0);
    ck_assert_uint_eq(counted(n.counters, COUNT_asks_timeout), 1);
    net_answer(&n, &a); /* too late: ours no more */
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert_uint_eq(n.got[0].times, 1);
    ck_assert_uint_eq(n.got[1].times, 0);
    net_answer(&n, &b);
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert(n.got[1].answered);
    ck_assert_uint_eq(n.u->in_flight, 0);
}
END_TEST

START_TEST(nobody_there_is_said_at_once)
{
    close(n.server);
    ck_assert(net_ask(&n, 0, "www.example.com"));
    for (unsigned i = 0; i < 500 && n.got[0].times == 0; i++) {
        net_turn(&n, 20);
    }
    ck_assert_uint_eq(n.got[0].times, 1);
    ck_assert(!n.got[0].answered);
    ck_assert_uint_eq(n.u->sockets, 0); /* that socket is not used again */
    n.server = net_listen(SOCK_DGRAM, &n.to);
    struct net_question q;
    ck_assert(net_ask(&n, 1, "www.example.com"));
    net_take(&n, &q);
    net_answer(&n, &q);
    net_turn(&n, NET_PATIENCE_MS);
    ck_assert(n.got[1].answered);
}
END_TEST

START_TEST(ended_with_questions_under_way)
{
    struct net_question q;
    for (unsigned i = 0; i < 50; i++) {
        ck_assert(net_ask(&n, i, "www.example.com"));
    }
    net_take(&n, &q);
    net_answer(&n, &q);
    upstream_free(n.u);
    ck_assert_uint_eq(n.watched_count, 0);
    struct upstream_shell shell = {net_watch, net_answered, &n};
    n.u = upstream_new(&shell, &n.entropy, n.counters);
    for (unsigned i = 0; i < 50; i++) {
        ck_assert_uint_eq(n.got[i].times, 0);
    }
}
END_TEST

/* Sum of squares over 16 bins against an even spread; 15 degrees of freedom: over 60 once in a
 * million. */
static double chi_square(const unsigned bins[16], unsigned all)
{
    double sum = 0, even = all / 16.0;
    for (unsigned i = 0; i < 16; i++) {
        sum += (bins[i] - even) * (bins[i] - even) / even;
    }
    return sum;
}

/* The ports that the kernel gives away. */
static void kernel_ports(unsigned *first, unsigned *last)
{
    FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fscanf(f, "%u %u", first, last), 2);
    fclose(f);
}

START_TEST(ids_and_ports_are_of_chance)
{
    enum { ASKED = 1600 };
    unsigned high[16] = {0}, low[16] = {0}, ports[16] = {0}, first, last;
    kernel_ports(&first, &last);
    for (unsigned i = 0; i < ASKED; i++) {
        struct net_question q;
        unsigned opened = n.opened;
        ck_assert(net_ask(&n, i, "www.example.com"));
        net_take(&n, &q);
        net_answer(&n, &q);
        n.now.mono = mono_plus_ms(n.now.mono, 1000); /* sockets get old, new ones are opened */
        upstream_late(n.u, n.now);
        net_turn(&n, NET_PATIENCE_MS);
        ck_assert(n.got[i].answered);
        high[q.msg[0] >> 4]++;
        low[q.msg[1] & 15]++;
        if (n.opened > opened) { /* it left from a new socket */
            unsigned port = ntohs(q.from.sin_port);
            ck_assert(port >= first && port <= last);
            ports[(port - first) * 16 / (last - first + 1)]++;
        }
    }
    ck_assert_uint_gt(n.opened, ASKED / 4);
    ck_assert(chi_square(high, ASKED) < 60); /* of a seed: it holds or it does not */
    ck_assert(chi_square(low, ASKED) < 60);
    ck_assert(chi_square(ports, n.opened) < 80); /* of the kernel: once in 10^10 */
}
END_TEST

TCase *case_forward_upstream_udp(void)
{
    TCase *c = tcase_create("forward_upstream_udp");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, answers_find_their_question);
    tcase_add_test(c, mismatches_are_ignored);
    tcase_add_test(c, a_long_answer_is_whole);
    tcase_add_test(c, an_answer_on_another_socket_is_none);
    tcase_add_test(c, another_address_is_not_heard);
    tcase_add_test(c, a_timeout_ends_the_question_and_nothing_else);
    tcase_add_test(c, nobody_there_is_said_at_once);
    tcase_add_test(c, ended_with_questions_under_way);
    tcase_add_test(c, ids_and_ports_are_of_chance);
    return c;
}
