/* server_stream_out.c - tests of what the kernel does not take at once: it waits, whole and in
 * order. */
#include "cases.h"
#include "worker_fixture.h"

static struct staff s;
static uint8_t msg[65536];

static void start(void)
{
    staff_open(&s, "127.0.0.1");
    bench_zone(s.bench, "example", "www 60 A 192.0.2.80\n");
}

static void stop(void)
{
    staff_close(&s);
}

START_TEST(a_slow_reader_gets_all_of_it)
{
    enum { COUNT = 200 }; /* eight megabytes: more than the kernel takes for us */
    int small = 1 << 16;  /* not smaller: a window below a segment is a matter of timers */
    struct asked a = {.name = "big.large", .type = "TXT", .no_edns = true};
    staff_big_zone(&s);
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (uint16_t id = 0; id < COUNT; id++) {
        tcp_send(fd, a, id);
    }
    int other = client_socket(&s, SOCK_STREAM);
    a.name = "www.example";
    a.type = "A";
    for (uint16_t id = 0; staff_count(&s, COUNT_tcp_output_full) == 0; id++) {
        ck_assert_uint_lt(id, UINT16_MAX); /* the first one's turns are between these */
        tcp_send(other, a, id);
        ck_assert_uint_gt(tcp_receive(other, msg), 0);
    }
    for (uint16_t id = 0; id < COUNT; id++) {
        struct response r;
        size_t len = tcp_receive(fd, msg);
        ck_assert_uint_gt(len, 40000);
        ck_assert(response_read(msg, len, &r));
        ck_assert_uint_eq(r.id, id);
        ck_assert_uint_eq(r.counts[SECTION_ANSWER], 200);
    }
    close(fd);
    close(other);
    staff_stop(&s);
}
END_TEST

/* One who leaves with output waiting takes nothing with it. */
START_TEST(one_who_leaves)
{
    struct linger at_once = {1, 0};
    struct asked a = {.name = "big.large", .type = "TXT", .no_edns = true};
    staff_big_zone(&s);
    staff_start(&s, 1);
    for (unsigned i = 0; i < 5; i++) {
        int fd = client_socket(&s, SOCK_STREAM), small = 1 << 16;
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        for (uint16_t id = 0; id < 200; id++) {
            tcp_send(fd, a, id);
        }
        ck_assert_uint_gt(tcp_receive(fd, msg), 0);
        close(fd);
    }
    int other = client_socket(&s, SOCK_STREAM);
    tcp_send(other, a, 1);
    ck_assert_uint_gt(tcp_receive(other, msg), 40000);
    close(other);
}
END_TEST

TCase *case_server_stream_out(void)
{
    TCase *c = tcase_create("server_stream_out");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_slow_reader_gets_all_of_it);
    tcase_add_test(c, one_who_leaves);
    return c;
}
