/* server_worker.c - a worker's questions to upstream: kept, asked once, answered when it comes, to
 * whoever is still there; the same between workers; a beat for the watchdog; an end in time. */
#include "cases.h"
#include "server/now.h"
#include "worker_fixture.h"
#include <poll.h>

#define ASKED_AGAIN_MS 250 /* the earliest: forward/attempt.c */

static struct staff s;
static int upstream; /* plays the primary of the cache zone "example" */
static struct addr from;

/* A name that was asked upstream. On a machine with much else to do it may be asked again: the last
 * question is the one to be answered, and when it was answered, so is the next. */
static struct heard {
    struct name name;
    unsigned times;
    uint8_t octet; /* of its address, 0: not answered yet */
    uint8_t msg[4096];
    size_t len;
    struct sockaddr_storage from;
    socklen_t from_len;
} heard[8];
static unsigned heard_count;

static void open_upstream(void)
{
    struct sockaddr_storage sa;
    from = (struct addr){.family = 4, .ip = {127, 0, 0, 1}};
    from.port = free_port(&from); /* nobody's when it is closed */
    socklen_t len = addr_to_sockaddr(&from, &sa);
    upstream = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert(bind(upstream, (struct sockaddr *)&sa, len) == 0);
}

static void start(void)
{
    heard_count = 0;
    staff_open(&s, "127.0.0.1");
    open_upstream();
    (void)bench_add(s.bench, "example", ROLE_CACHE);
    struct slot *slot = &s.bench->slots[0];
    slot->cache = cache_zone_new(1, slot->name, 1);
    slot->cache->origins[0].address = from;
    atomic_store(&slot->state, SLOT_SERVING);
}

static void stop(void)
{
    staff_close(&s);
    close(upstream);
}

static struct heard *heard_of(const uint8_t *name)
{
    unsigned i = 0;
    while (i < heard_count && !name_same(heard[i].name.octets, name)) {
        i++;
    }
    if (i == heard_count) {
        ck_assert_uint_lt(i, sizeof heard / sizeof *heard);
        heard[heard_count++] = (struct heard){.times = 0};
        memcpy(heard[i].name.octets, name, name_len(name));
    }
    return &heard[i];
}

static void tell(struct heard *h)
{
    struct query query;
    struct reply r;
    uint8_t msg[sizeof h->msg], rdata[] = {192, 0, 2, h->octet};
    memcpy(msg, h->msg, h->len);
    must(query_read(msg, h->len, &query) == QUERY_OK);
    struct record rr = {.owner = h->name.octets,
                        .type = TYPE_A,
                        .class = CLASS_IN,
                        .ttl = 60,
                        .rdlen = sizeof rdata,
                        .rdata = rdata};
    reply_start(&r, msg, sizeof msg, &query, 1232, 0);
    r.flags |= MSG_AA;
    must(reply_record(&r, SECTION_ANSWER, &rr));
    size_t len = reply_finish(&r);
    ck_assert_int_eq(sendto(upstream, msg, len, 0, (struct sockaddr *)&h->from, h->from_len),
                     (ssize_t)len);
}

/* The question that waits. */
static void hear(void)
{
    struct heard now = {.from_len = sizeof now.from};
    struct query query;
    ssize_t n = recvfrom(upstream, now.msg, sizeof now.msg, MSG_DONTWAIT,
                         (struct sockaddr *)&now.from, &now.from_len);
    if (n < 0) {
        return;
    }
    now.len = (size_t)n;
    ck_assert_int_eq(query_read(now.msg, now.len, &query), QUERY_OK);
    struct heard *h = heard_of(query.qname);
    now.name = h->name;
    now.octet = h->octet;
    now.times = h->times + 1;
    *h = now;
    if (h->octet != 0) {
        tell(h);
    }
}

/* Hears until `fd` (-1: none) can be read, or for so long. */
static bool hear_until(int fd, int ms)
{
    struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = upstream, .events = POLLIN}};
    while (poll(p, 2, ms) > 0) {
        if (p[0].revents != 0) {
            return true;
        }
        hear();
    }
    return false;
}

/* So many names were asked. */
static void await(unsigned names)
{
    struct pollfd p = {.fd = upstream, .events = POLLIN};
    while (heard_count < names) {
        ck_assert_int_eq(poll(&p, 1, 10000), 1);
        hear();
    }
    ck_assert_uint_eq(heard_count, names);
}

static void reply(const char *text, uint8_t octet)
{
    struct name name;
    ck_assert(name_from(text, &name));
    struct heard *h = heard_of(name.octets);
    ck_assert_msg(h->times > 0, "%s was not asked", text);
    h->octet = octet;
    tell(h);
}

static const char *receive(int fd)
{
    return hear_until(fd, 10000) ? udp_receive(fd) : "nothing";
}

/* The next answer over this connection is to the question with this ID. */
static void expect(int fd, uint16_t id)
{
    uint8_t msg[65536];
    ck_assert(hear_until(fd, 10000));
    ck_assert_uint_gt(tcp_receive(fd, msg), 30);
    ck_assert_uint_eq(get_u16(msg), id);
}

static const struct asked www = {.name = "www.example", .type = "A", .recursion = true};

START_TEST(asked_then_answered_then_kept)
{
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_DGRAM);
    udp_send(fd, www);
    await(1);
    reply("www.example", 7);
    const char *text = receive(fd);
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
    struct mono begun = now_read().mono;
    for (unsigned i = 0; i < 8; i++) {
        fds[i] = client_socket(&s, i % 2 == 0 ? SOCK_DGRAM : SOCK_STREAM);
        if (i % 2 == 0) {
            udp_send(fds[i], www);
        } else {
            tcp_send(fds[i], www, 1);
        }
    }
    usleep(5000);
    await(1);
    reply("www.example", 9);
    for (unsigned i = 0; i < 8; i++) {
        if (i % 2 == 0) {
            ck_assert_ptr_nonnull(strstr(receive(fds[i]), "192.0.2.9"));
        } else {
            expect(fds[i], 1);
        }
        close(fds[i]);
    }
    hear_until(-1, 1);
    /* none more, unless it took so long that one is asked again */
    int64_t again = mono_ms_between(begun, now_read().mono) / ASKED_AGAIN_MS;
    ck_assert_int_le(heard[0].times, 1 + again);
}
END_TEST

/* Answers leave when they come, in any order; a client that went is nobody's trouble. */
START_TEST(out_of_order_and_gone)
{
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM), gone = client_socket(&s, SOCK_STREAM);
    tcp_send(fd, (struct asked){.name = "a.example", .type = "A", .recursion = true}, 1);
    await(1);
    tcp_send(fd, (struct asked){.name = "b.example", .type = "A", .recursion = true}, 2);
    await(2);
    tcp_send(gone, (struct asked){.name = "c.example", .type = "A", .recursion = true}, 3);
    await(3);
    close(gone);
    reply("b.example", 2);
    expect(fd, 2);
    usleep(2000);
    reply("c.example", 3);
    reply("a.example", 1);
    expect(fd, 1);
    close(fd);
}
END_TEST

/* Questions in flight of one connection are bounded: the rest waits unread. */
START_TEST(a_pipeline_has_an_end)
{
    char name[32];
    s.limits.tcp_pipeline = 3;
    staff_start(&s, 1);
    int fd = client_socket(&s, SOCK_STREAM);
    for (uint16_t i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "n%u.example", i);
        tcp_send(fd, (struct asked){.name = name, .type = "A", .recursion = true}, i);
    }
    await(3);
    ck_assert(!hear_until(fd, 5));
    ck_assert_uint_eq(heard_count, 3);
    for (uint16_t i = 0; i < 5; i++) { /* one comes back, one may leave */
        snprintf(name, sizeof name, "n%u.example", i);
        reply(name, 1);
        expect(fd, i);
        await(i < 2 ? 4 + i : 5);
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
    open_upstream();
}
END_TEST

START_TEST(a_beat_for_the_watchdog)
{
    staff_start(&s, 1);
    int64_t before = atomic_load(&s.workers[0]->heartbeat_ns);
    ck_assert_int_gt(before, 0);
    for (unsigned i = 0; atomic_load(&s.workers[0]->heartbeat_ns) == before; i++) {
        ck_assert_uint_lt(i, 8000);
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
    await(1);
    worker_stop(s.workers[0]);
    usleep(2000);
    reply("www.example", 8);
    ck_assert_ptr_nonnull(strstr(receive(fd), "192.0.2.8"));
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
