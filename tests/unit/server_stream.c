/* server_stream.c - tests of one connection: more than a turn answers, more than the output may
 * hold, questions in pieces between whole ones. */
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

static const struct asked www = {.name = "www.example", .type = "A", .tcp = true};

/* The next answer is to the question with this ID. */
static void expect(int fd, uint16_t id)
{
    size_t len = tcp_receive(fd, msg);
    ck_assert_msg(len >= MSG_HEADER, "nothing came");
    ck_assert_uint_eq(get_u16(msg), id);
}

START_TEST(what_came_before_rubbish_is_answered)
{
    uint8_t all[1026 + 4];
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    size_t len = tcp_question(www, 7, all);
    memcpy(all + len, "\0\1x", 3);
    ck_assert_int_eq(send(fd, all, len + 3, 0), (ssize_t)len + 3);
    expect(fd, 7);
    ck_assert(tcp_ended(fd));
    close(fd);
}
END_TEST

/* More than one turn may answer, and each answer more than the output may hold; the last question
 * comes in two pieces. */
START_TEST(large_answers_to_many_in_one_piece)
{
    enum { COUNT = 100 };
    static uint8_t all[COUNT * 64];
    size_t len = 0;
    staff_big_zone(&s);
    s.limits.tcp_output = 4096;
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    for (uint16_t id = 1; id <= COUNT; id++) {
        uint8_t one[1026];
        bool small = id % 2 == 0;
        size_t n = tcp_question((struct asked){.name = small ? "www.example" : "big.large",
                                               .type = small ? "A" : "TXT",
                                               .no_edns = true},
                                id, one);
        memcpy(all + len, one, n);
        len += n;
    }
    ck_assert_int_eq(send(fd, all, len - 5, 0), (ssize_t)len - 5);
    for (uint16_t id = 1; id < COUNT; id++) {
        expect(fd, id);
        ck_assert((id % 2 == 0) == (get_u16(msg + 6) == 1));
    }
    ck_assert_int_eq(send(fd, all + len - 5, 5, 0), 5);
    expect(fd, COUNT);
    close(fd);
}
END_TEST

/* Three and a half questions at a time, so that there is always something kept. */
START_TEST(always_a_piece_left)
{
    uint8_t one[1026];
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    size_t len = tcp_question(www, 0, one), sent = 0, total = 70 * len, asked = 0;
    while (sent < total) {
        uint8_t piece[4 * 1026];
        size_t n = 7 * len / 2 < total - sent ? 7 * len / 2 : total - sent;
        for (size_t i = 0; i < n; i++) {
            piece[i] = one[(sent + i) % len];
        }
        ck_assert_int_eq(send(fd, piece, n, 0), (ssize_t)n);
        for (sent += n; asked < sent / len; asked++) {
            expect(fd, 0);
        }
    }
    ck_assert_uint_eq(asked, 70);
    close(fd);
}
END_TEST

/* RFC 7828: how long it may be idle, to who asks. */
START_TEST(tells_how_long_it_may_be_idle)
{
    s.limits.tcp_idle_s = 12;
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    struct buf text = {0};
    struct asked a = www;
    a.keepalive = true;
    tcp_send(fd, a, 1);
    size_t len = tcp_receive(fd, msg);
    print_answer(&text, msg, len);
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "keepalive 120\n"));
    buf_free(&text);
    close(fd);
}
END_TEST

TCase *case_server_stream(void)
{
    TCase *c = tcase_create("server_stream");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, what_came_before_rubbish_is_answered);
    tcase_add_test(c, large_answers_to_many_in_one_piece);
    tcase_add_test(c, always_a_piece_left);
    tcase_add_test(c, tells_how_long_it_may_be_idle);
    return c;
}
