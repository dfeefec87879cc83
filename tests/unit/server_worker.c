/* server_worker.c - a worker's questions to upstream: kept, asked once, answered when it comes, to
 * whoever is still there; the same between workers; a beat for the watchdog; an end in time. */
#include "cases.h"
#include "worker_fixture.h"
#include <poll.h>

static struct staff s;
static int upstream; /* plays the primary of the cache zone "example" */
static struct addr from;

static void open_upstream(uint16_t port)
{
    struct timeval patience = {2, 0};
    struct sockaddr_storage sa;
    struct addr a = {.family = 4, .ip = {127, 0, 0, 1}, .port = port};
    socklen_t len = addr_to_sockaddr(&a, &sa);
    upstream = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(upstream, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ck_assert(bind(upstream, (struct sockaddr *)&sa, len) == 0);
    ck_assert(getsockname(upstream, (struct sockaddr *)&sa, &len) == 0);
    from = addr_from_sockaddr((struct sockaddr *)&sa);
}

static void start(void)
{
    staff_open(&s, "127.0.0.1");
    open_upstream(0);
    struct config_zone *z = bench_add(s.bench, "example", ROLE_CACHE);
    struct slot *slot = &s.bench->slots[0];
    z->allow.any = true;
    slot->cache = cache_zone_new(1, slot->name, 1);
    slot->cache->origins[0].address = from;
    atomic_store(&slot->state, SLOT_SERVING);
}

static void stop(void)
{
    staff_close(&s);
    close(upstream);
}

/* Takes the next question; false: none came within `ms`. */
struct question_taken {
    uint8_t msg[4096];
    size_t len;
    struct sockaddr_storage from;
    socklen_t from_len;
};
static bool take(struct question_taken *q, int ms)
{
    struct timeval patience = {ms / 1000, ms % 1000 * 1000};
    setsockopt(upstream, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    q->from_len = sizeof q->from;
    ssize_t n =
        recvfrom(upstream, q->msg, sizeof q->msg, 0, (struct sockaddr *)&q->from, &q->from_len);
    q->len = n < 0 ? 0 : (size_t)n;
    return n > 0;
}

static void reply_to(struct question_taken *q, uint8_t last_octet)
{
    struct query query;
    struct reply r;
    uint8_t rdata[] = {192, 0, 2, last_octet}, owner[NAME_MAX + 1];
    must(query_read(q->msg, q->len, &query) == QUERY_OK);
    memcpy(owner, query.qname, query.qname_len);
    struct record rr = {.owner = owner,
                        .type = TYPE_A,
                        .class = CLASS_IN,
                        .ttl = 60,
                        .rdlen = sizeof rdata,
                        .rdata = rdata};
    reply_start(&r, q->msg, sizeof q->msg, &query, 1232, 0);
    r.flags |= MSG_AA;
    must(reply_record(&r, SECTION_ANSWER, &rr));
    size_t len = reply_finish(&r);
    ck_assert_int_eq(sendto(upstream, q->msg, len, 0, (struct sockaddr *)&q->from, q->from_len),
                     (ssize_t)len);
}

/* The client's answer. On a machine with much else to do the question may be asked again meanwhile:
 * it gets the same reply. */
static const char *receive(int fd, uint8_t last_octet)
{
    static struct question_taken again;
    for (unsigned i = 0; i < 300; i++) {
        struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = upstream, .events = POLLIN}};
        ck_assert_int_ge(poll(p, 2, 10), 0);
        if ((p[0].revents & POLLIN) != 0) {
            return udp_receive(fd);
        }
        if ((p[1].revents & POLLIN) != 0 && take(&again, 1)) {
            reply_to(&again, last_octet);
        }
    }
    return "nothing";
}

static const struct asked www = {.name = "www.example", .type = "A", .recursion = true};
static struct question_taken q;

START_TEST(asked_then_answered_then_kept)
{
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_DGRAM);
    udp_send(fd, www);
    ck_assert(take(&q, 10000));
    reply_to(&q, 7);
    const char *text = receive(fd, 7);
    ck_assert_int_eq(strncmp(text, "NOERROR rd ra\nan www.example. ", 30), 0);
    ck_assert_ptr_nonnull(strstr(text, " IN A 192.0.2.7\n"));
    udp_send(fd, www);
    ck_assert_ptr_nonnull(strstr(udp_receive(fd), "192.0.2.7"));
    close(fd);
    staff_stop(&s);
    ck_assert_uint_eq(staff_count(&s, COUNT_cache_hits), 1);
}
END_TEST

START_TEST(many_who_ask_the_same_are_one_question)
{
    int fds[8];
    staff_start(&s, 2); /* whichever worker they come to */
    for (unsigned i = 0; i < 8; i++) {
        fds[i] = client_socket(&s, i % 2 == 0 ? SOCK_DGRAM : SOCK_STREAM);
        if (i % 2 == 0) {
            udp_send(fds[i], www);
        } else {
            tcp_send(fds[i], www, 1);
        }
    }
    usleep(5000);
    ck_assert(take(&q, 10000));
    reply_to(&q, 9);
    unsigned more = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t msg[65536];
        if (i % 2 == 0) {
            ck_assert_ptr_nonnull(strstr(receive(fds[i], 9), "192.0.2.9"));
        } else {
            ck_assert_uint_gt(tcp_receive(fds[i], msg), 30);
        }
        close(fds[i]);
    }
    while (take(&q, 1)) {
        more++;
    }
    ck_assert_uint_le(more, 2); /* none, unless the machine was slow */
}
END_TEST

/* Answers leave when they come, in any order; a client that went is nobody's trouble. */
START_TEST(out_of_order_and_gone)
{
    struct question_taken first, second;
    uint8_t msg[65536];
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM), gone = client_socket(&s, SOCK_STREAM);
    tcp_send(fd, (struct asked){.name = "a.example", .type = "A", .recursion = true}, 1);
    ck_assert(take(&first, 10000));
    tcp_send(fd, (struct asked){.name = "b.example", .type = "A", .recursion = true}, 2);
    ck_assert(take(&second, 10000));
    tcp_send(gone, (struct asked){.name = "c.example", .type = "A", .recursion = true}, 3);
    ck_assert(take(&q, 10000));
    close(gone);
    reply_to(&second, 2);
    ck_assert_uint_gt(tcp_receive(fd, msg), 0);
    ck_assert_uint_eq(get_u16(msg), 2);
    usleep(2000);
    reply_to(&q, 3);
    reply_to(&first, 1);
    ck_assert_uint_gt(tcp_receive(fd, msg), 0);
    ck_assert_uint_eq(get_u16(msg), 1);
    close(fd);
}
END_TEST

/* Questions in flight of one connection are bounded: the rest waits unread. */
START_TEST(a_pipeline_has_an_end)
{
    char name[32];
    uint8_t msg[65536];
    static struct question_taken taken[6];
    s.limits.tcp_pipeline = 3;
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    for (uint16_t i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "n%u.example", i);
        tcp_send(fd, (struct asked){.name = name, .type = "A", .recursion = true}, i);
    }
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(take(&taken[i], 10000));
    }
    ck_assert(!take(&taken[3], 5));
    for (unsigned i = 0; i < 5; i++) { /* one comes back, one may leave */
        reply_to(&taken[i], 1);
        ck_assert_uint_gt(tcp_receive(fd, msg), 0);
        ck_assert(i >= 2 || take(&taken[3 + i], 10000));
    }
    close(fd);
    staff_stop(&s);
    ck_assert_uint_ge(staff_count(&s, COUNT_tcp_pipeline_full), 1);
}
END_TEST

/* The kernel says that nobody listens: that is an answer, and no reason to wait or to be deaf. */
START_TEST(nobody_is_there)
{
    bench_zone(s.bench, "ours", "www 60 A 192.0.2.80\n");
    close(upstream);
    staff_start(&s, 1);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(strncmp(udp_ask(&s, www), "SERVFAIL", 8), 0);
        ck_assert_int_eq(
            strncmp(udp_ask(&s, (struct asked){.name = "www.ours", .type = "A"}), "NOERROR aa", 10),
            0);
    }
    open_upstream(0);
}
END_TEST

START_TEST(a_beat_for_the_watchdog)
{
    staff_start(&s, 1);
    int64_t before = atomic_load(&s.workers[0]->heartbeat_ns);
    ck_assert_int_gt(before, 0);
    for (unsigned i = 0; atomic_load(&s.workers[0]->heartbeat_ns) == before; i++) {
        ck_assert_uint_lt(i, 200);
        usleep(5000);
    }
}
END_TEST

/* A stop waits for what is asked upstream, and answers it. */
START_TEST(a_stop_waits_for_upstream)
{
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_DGRAM);
    udp_send(fd, www);
    ck_assert(take(&q, 10000));
    worker_stop(s.workers[0]);
    usleep(2000);
    reply_to(&q, 8);
    ck_assert_ptr_nonnull(strstr(receive(fd, 8), "192.0.2.8"));
    worker_join(s.workers[0]);
    s.started = 0;
    close(fd);
}
END_TEST

TCase *case_server_worker(void)
{
    TCase *c = tcase_create("server_worker");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, asked_then_answered_then_kept);
    tcase_add_test(c, many_who_ask_the_same_are_one_question);
    tcase_add_test(c, out_of_order_and_gone);
    tcase_add_test(c, a_pipeline_has_an_end);
    tcase_add_test(c, nobody_is_there);
    tcase_add_test(c, a_beat_for_the_watchdog);
    tcase_add_test(c, a_stop_waits_for_upstream);
    return c;
}
