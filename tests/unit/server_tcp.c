/* server_tcp.c - questions and transfers over TCP: pipelined, in pieces, half closed; bounds in all
 * and for each address; slow readers and those who leave (RFC 7766, 5936; RELIABILITY.md,
 * limits). */
#include "cases.h"
#include "worker_fixture.h"

static struct staff s;
static uint8_t msg[65536];

static void start(void)
{
    staff_open(&s, "127.0.0.1");
    struct config_zone *z = bench_zone(s.bench, "example", "www 60 A 192.0.2.80\n");
    bench_rules(s.bench, z)->transfer.any = true;
}

static void stop(void)
{
    staff_close(&s);
}

static const struct asked www = {.name = "www.example", .type = "A", .tcp = true};
static const struct asked axfr = {.name = "example", .type = "AXFR", .tcp = true, .no_edns = true};

/* The next answer is to the question with this ID. */
static void expect(int fd, uint16_t id)
{
    size_t len = tcp_receive(fd, msg);
    ck_assert_msg(len >= MSG_HEADER, "nothing came");
    ck_assert_uint_eq(get_u16(msg), id);
}

START_TEST(an_answer)
{
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    struct buf text = {0};
    tcp_send(fd, www, 1);
    size_t len = tcp_receive(fd, msg);
    print_answer(&text, msg, len);
    ck_assert_str_eq(buf_text(&text), "NOERROR aa\nan www.example. 60 IN A 192.0.2.80\n");
    buf_free(&text);
    tcp_send(fd, www, 2); /* the connection stays */
    expect(fd, 2);
    close(fd);
}
END_TEST

START_TEST(many_in_one_piece)
{
    uint8_t all[60 * 64];
    size_t len = 0;
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    for (uint16_t id = 1; id <= 60; id++) {
        uint8_t one[1026];
        size_t n = tcp_question((struct asked){.name = "www.example", .type = "A", .no_edns = true},
                                id, one);
        memcpy(all + len, one, n);
        len += n;
    }
    ck_assert_int_eq(send(fd, all, len, 0), (ssize_t)len);
    for (uint16_t id = 1; id <= 60; id++) {
        expect(fd, id);
    }
    close(fd);
}
END_TEST

START_TEST(one_in_many_pieces)
{
    uint8_t one[1026];
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM), on = 1;
    setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    size_t len = tcp_question(www, 5, one);
    for (size_t i = 0; i < len; i++) {
        ck_assert_int_eq(send(fd, one + i, 1, 0), 1);
    }
    expect(fd, 5);
    close(fd);
}
END_TEST

START_TEST(half_closed_is_answered_then_closed)
{
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    tcp_send(fd, www, 1);
    tcp_send(fd, www, 2);
    shutdown(fd, SHUT_WR);
    expect(fd, 1);
    expect(fd, 2);
    ck_assert(tcp_ended(fd));
    close(fd);
    fd = client_socket(&s, SOCK_STREAM);
    shutdown(fd, SHUT_WR); /* without a word */
    ck_assert(tcp_ended(fd));
    close(fd);
}
END_TEST

/* What can have no answer ends the connection; nobody else notices. */
START_TEST(rubbish_ends_it)
{
    static const struct {
        uint8_t octets[24];
        size_t len;
    } rubbish[] = {
        {{0, 0}, 2},                                          /* a message of no octets */
        {{0, 5, 1, 2, 3, 4, 5}, 7},                           /* no header */
        {{0, 12, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 14}, /* an answer */
    };
    staff_start(&s, 1);
    int other = client_socket(&s, SOCK_STREAM);
    for (unsigned i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
        int fd = client_socket(&s, SOCK_STREAM);
        ck_assert_int_gt(send(fd, rubbish[i].octets, rubbish[i].len, 0), 0);
        ck_assert_msg(tcp_ended(fd), "%u", i);
        close(fd);
    }
    tcp_send(other, www, 1);
    expect(other, 1);
    close(other);
}
END_TEST

START_TEST(an_idle_connection_is_closed)
{
    s.limits.tcp_idle_s = 0;
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    ck_assert(tcp_ended(fd));
    close(fd);
    staff_stop(&s);
    ck_assert_uint_eq(staff_count(&s, COUNT_tcp_timeout), 1);
}
END_TEST

START_TEST(so_many_of_one_address_so_many_in_all)
{
    int fds[4];
    s.limits.tcp_per_address = _i == 0 ? 3 : 32;
    s.limits.tcp_connections = _i == 0 ? 64 : 3;
    staff_start(&s, 1);
    for (unsigned i = 0; i < 4; i++) {
        fds[i] = client_socket(&s, SOCK_STREAM);
        tcp_send(fds[i], www, (uint16_t)i);
        if (i < 3) {
            expect(fds[i], (uint16_t)i);
        }
    }
    ck_assert(tcp_ended(fds[3]));
    close(fds[0]); /* one goes: another may come */
    for (unsigned tries = 0;; tries++) {
        close(fds[3]);
        fds[3] = client_socket(&s, SOCK_STREAM);
        tcp_send(fds[3], www, 9);
        if (tcp_receive(fds[3], msg) > 0) {
            break;
        }
        ck_assert_uint_lt(tries, 100);
        usleep(1000);
    }
    for (unsigned i = 1; i < 4; i++) {
        close(fds[i]);
    }
    staff_stop(&s);
    ck_assert_uint_ge(staff_count(&s, _i == 0 ? COUNT_tcp_client_full : COUNT_tcp_full), 1);
    ck_assert_uint_eq(s.shared.census.total, 0);
}
END_TEST

/* More than are taken in one turn of the loop. */
START_TEST(a_crowd_at_the_door)
{
    enum { COUNT = 100 };
    int fds[COUNT];
    s.limits.tcp_per_address = s.limits.tcp_connections = COUNT;
    staff_start(&s, 1);
    for (uint16_t i = 0; i < COUNT; i++) {
        fds[i] = client_socket(&s, SOCK_STREAM);
        tcp_send(fds[i], www, i);
    }
    for (uint16_t i = 0; i < COUNT; i++) {
        expect(fds[i], i);
        close(fds[i]);
    }
    staff_stop(&s);
    ck_assert_uint_eq(staff_count(&s, COUNT_tcp_accepted), COUNT);
}
END_TEST

/* ---- transfers ---- */

/* A zone of some hundred kilobytes. */
static void large_zone(void)
{
    struct buf lines = {0};
    for (unsigned i = 0; i < 4000; i++) {
        buf_print(&lines, "host-with-a-long-name-%u 60 TXT \"%060u\"\n", i, i);
    }
    struct config_zone *z = bench_zone(s.bench, "large", buf_text(&lines));
    bench_rules(s.bench, z)->transfer.any = true;
    buf_free(&lines);
}

/* Reads a transfer to its end: how many records it had. */
static unsigned whole_transfer(int fd)
{
    unsigned records = 0, soas = 0;
    while (soas < 2) {
        struct response r;
        struct record rr;
        struct buf space = {0};
        size_t len = tcp_receive(fd, msg);
        ck_assert_uint_gt(len, 0);
        ck_assert(response_read(msg, len, &r));
        ck_assert_uint_eq(r.rcode, RCODE_NOERROR);
        for (unsigned i = 0; i < r.counts[SECTION_ANSWER]; i++, records++) {
            space.len = 0;
            must(record_read(&r.records, &space, &rr));
            soas += rr.type == TYPE_SOA;
        }
        buf_free(&space);
    }
    return records;
}

START_TEST(a_zone_then_an_answer)
{
    large_zone();
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    struct asked large = {.name = "large", .type = "AXFR", .tcp = true, .no_edns = true};
    tcp_send(fd, large, 3);
    tcp_send(fd, www, 4); /* waits its turn */
    ck_assert_uint_eq(whole_transfer(fd), 4003);
    expect(fd, 4);
    close(fd);
    struct event_letter *asked = staff_letter(&s), *ended = staff_letter(&s);
    ck_assert_int_eq(asked->event.kind, KEEPER_HINT);
    ck_assert_uint_eq(asked->event.type, TYPE_AXFR);
    ck_assert_uint_eq(asked->event.slot, 1);
    ck_assert_int_eq(ended->event.kind, KEEPER_HINT);
    ck_assert_uint_eq(ended->event.type, 0);
    free(asked);
    free(ended);
    staff_stop(&s);
    ck_assert_uint_eq(staff_count(&s, COUNT_transfers_out), 1);
}
END_TEST

START_TEST(one_who_does_not_read_costs_no_memory)
{
    large_zone();
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    struct asked large = {.name = "large", .type = "AXFR", .tcp = true, .no_edns = true};
    for (uint16_t i = 0; i < 10; i++) { /* five megabytes: more than the kernel takes for us */
        tcp_send(fd, large, i);
    }
    int other = client_socket(&s, SOCK_STREAM);
    tcp_send(other, www, 1);
    expect(other, 1); /* the others are served meanwhile */
    close(fd);        /* and it goes */
    for (unsigned i = 0; i < 3; i++) {
        tcp_send(other, axfr, 2);
        ck_assert_uint_eq(whole_transfer(other), 4);
    }
    close(other);
    staff_stop(&s);
    ck_assert_uint_eq(s.shared.census.total, 0);
}
END_TEST

START_TEST(a_stop_finishes_what_is_under_way)
{
    large_zone();
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM), idle = client_socket(&s, SOCK_STREAM);
    struct asked large = {.name = "large", .type = "AXFR", .tcp = true, .no_edns = true};
    tcp_send(fd, large, 3);
    free(staff_letter(&s)); /* it has begun */
    worker_stop(s.workers[0]);
    ck_assert(tcp_ended(idle)); /* nothing to finish there */
    ck_assert_uint_eq(whole_transfer(fd), 4003);
    ck_assert(tcp_ended(fd));
    worker_join(s.workers[0]);
    s.started = 0;
    close(fd);
    close(idle);
}
END_TEST

TCase *case_server_tcp(void)
{
    TCase *c = tcase_create("server_tcp");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, an_answer);
    tcase_add_test(c, many_in_one_piece);
    tcase_add_test(c, one_in_many_pieces);
    tcase_add_test(c, half_closed_is_answered_then_closed);
    tcase_add_test(c, rubbish_ends_it);
    tcase_add_test(c, an_idle_connection_is_closed);
    tcase_add_loop_test(c, so_many_of_one_address_so_many_in_all, 0, 2);
    tcase_add_test(c, a_crowd_at_the_door);
    tcase_add_test(c, a_zone_then_an_answer);
    tcase_add_test(c, one_who_does_not_read_costs_no_memory);
    tcase_add_test(c, a_stop_finishes_what_is_under_way);
    return c;
}
