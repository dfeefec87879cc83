/* server_udp.c - questions over UDP: answered in batches, from the address that was asked, also
 * when nobody can be answered, and to the last one at a stop. */
#include "cases.h"
#include "worker_fixture.h"
#include <netinet/in.h>
#include <stdatomic.h>

#define WWW "an www.example. 60 IN A 192.0.2.80\n"

static struct staff s;
static atomic_bool from_port_0; /* the next question comes from there */

int __real_recvmmsg(int fd, struct mmsghdr *m, unsigned count, int flags, struct timespec *most);
int __wrap_recvmmsg(int fd, struct mmsghdr *m, unsigned count, int flags, struct timespec *most);

/* The linker has every recvmmsg of ours come here (--wrap): to send from port 0 takes root. */
int __wrap_recvmmsg(int fd, struct mmsghdr *m, unsigned count, int flags, struct timespec *most)
{
    int n = __real_recvmmsg(fd, m, count, flags, most);
    if (n > 0 && atomic_exchange(&from_port_0, false)) {
        ((struct sockaddr_in *)m->msg_hdr.msg_name)->sin_port = 0;
    }
    return n;
}

static void start(void)
{
    staff_open(&s, "127.0.0.1");
    bench_zone(s.bench, "example", "www 60 A 192.0.2.80\n");
}

static void stop(void)
{
    staff_close(&s);
}

static const struct asked www = {.name = "www.example", .type = "A"};

START_TEST(an_answer)
{
    staff_start(&s, 1);
    ck_assert_str_eq(udp_ask(&s, www), "NOERROR aa\n" WWW);
    ck_assert_str_eq(udp_ask(&s, (struct asked){.name = "www.other", .type = "A"}),
                     "REFUSED\nede 20\n");
    staff_stop(&s);
    ck_assert_uint_eq(staff_count(&s, COUNT_queries_udp), 2);
    ck_assert_uint_eq(staff_count(&s, COUNT_answers), 2);
}
END_TEST

START_TEST(over_ipv6)
{
    staff_close(&s);
    staff_open(&s, "::1");
    bench_zone(s.bench, "example", "www 60 A 192.0.2.80\n");
    staff_start(&s, 1);
    ck_assert_str_eq(udp_ask(&s, www), "NOERROR aa\n" WWW);
}
END_TEST

/* Several batches wait: all are answered, then the socket is watched again. */
START_TEST(a_flood_is_answered)
{
    enum { MANY = 200 };
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_DGRAM);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < MANY; i++) {
            udp_send(fd, www);
        }
        for (unsigned i = 0; i < MANY; i++) {
            uint8_t msg[512];
            if (recv(fd, msg, sizeof msg, 0) <= 0) {
                ck_abort_msg("%u of %u came", i, MANY);
            }
        }
        usleep(2000);
    }
    close(fd);
}
END_TEST

START_TEST(rubbish_is_dropped)
{
    static const uint8_t rubbish[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    uint8_t large[QUESTION_ROOM + 100] = {0};
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_DGRAM);
    for (size_t len = 0; len <= sizeof rubbish; len++) {
        send(fd, rubbish, len, 0);
    }
    send(fd, large, sizeof large, 0);
    udp_send(fd, www);
    const char *text = udp_receive(fd);
    while (strncmp(text, "FORMERR", 7) == 0) { /* to what had a header, at most */
        text = udp_receive(fd);
    }
    ck_assert_str_eq(text, "NOERROR aa\n" WWW);
    close(fd);
}
END_TEST

/* Not even with an answer that stands ready: it has been asked often enough by then. */
START_TEST(from_port_0_nobody_is_answered)
{
    staff_start(&s, 1);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_str_eq(udp_ask(&s, www), "NOERROR aa\n" WWW);
    }
    int fd = client_socket(&s, SOCK_DGRAM);
    atomic_store(&from_port_0, true);
    udp_send(fd, www);
    ck_assert_str_eq(udp_ask(&s, www), "NOERROR aa\n" WWW);
    close(fd);
    staff_stop(&s);
    ck_assert(!atomic_load(&from_port_0));
    ck_assert_uint_eq(staff_count(&s, COUNT_answers), 5);
    ck_assert_uint_eq(staff_count(&s, COUNT_send_failed), 0);
}
END_TEST

/* A socket of all addresses: the answer leaves from the one that was asked. */
START_TEST(from_where_it_was_asked)
{
    struct addr from;
    staff_close(&s);
    staff_open(&s, _i == 0 ? "0.0.0.0" : "::");
    bench_zone(s.bench, "example", "www 60 A 192.0.2.80\n");
    staff_start(&s, 1);
    uint16_t port = s.at.port;
    ck_assert(addr_parse(_i == 0 ? "127.0.0.7" : "::1", 0, &from));
    s.at = from;
    s.at.port = port;
    ck_assert_str_eq(udp_ask(&s, www), "NOERROR aa\n" WWW); /* connected: no other would do */
}
END_TEST

START_TEST(an_answer_that_cannot_be_sent_harms_nobody)
{
    staff_start(&s, 1);
    for (unsigned i = 0; i < 5; i++) { /* nobody is there when the answer comes: ICMP says so */
        int fd = client_socket(&s, SOCK_DGRAM);
        udp_send(fd, www);
        close(fd);
        ck_assert_str_eq(udp_ask(&s, www), "NOERROR aa\n" WWW);
    }
}
END_TEST

START_TEST(a_notify_becomes_a_letter)
{
    struct config_zone *z = bench_zone(s.bench, "sub.example", "");
    z->role = ROLE_SECONDARY;
    bench_rules(s.bench, z)->notify_from.any = true;
    staff_start(&s, 1);
    udp_ask(&s, (struct asked){.name = "sub.example",
                               .type = "SOA",
                               .flags = OPCODE_NOTIFY << 11 | MSG_AA,
                               .no_edns = true,
                               .has_soa = true,
                               .serial = 12});
    struct event_letter *l = staff_letter(&s);
    ck_assert_int_eq(l->event.kind, KEEPER_NOTIFIED);
    ck_assert_uint_eq(l->event.slot, 1);
    ck_assert(l->event.has_serial);
    ck_assert_uint_eq(l->event.serial, 12);
    ck_assert_uint_eq(l->event.from.ip[0], 127);
    free(l);
}
END_TEST

START_TEST(a_stop_answers_what_has_come)
{
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_DGRAM);
    for (unsigned i = 0; i < 100; i++) {
        udp_send(fd, www);
    }
    staff_stop(&s);
    for (unsigned i = 0; i < 100; i++) {
        uint8_t msg[512];
        if (recv(fd, msg, sizeof msg, 0) <= 0) { /* sent they are; the kernel may have them yet */
            ck_abort_msg("%u came", i);
        }
    }
    close(fd);
}
END_TEST

TCase *case_server_udp(void)
{
    TCase *c = tcase_create("server_udp");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, an_answer);
    tcase_add_test(c, over_ipv6);
    tcase_add_test(c, a_flood_is_answered);
    tcase_add_test(c, rubbish_is_dropped);
    tcase_add_test(c, from_port_0_nobody_is_answered);
    tcase_add_loop_test(c, from_where_it_was_asked, 0, 2);
    tcase_add_test(c, an_answer_that_cannot_be_sent_harms_nobody);
    tcase_add_test(c, a_notify_becomes_a_letter);
    tcase_add_test(c, a_stop_answers_what_has_come);
    return c;
}
