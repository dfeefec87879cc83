/* worker_fixture.h - workers that answer on loopback: zones from text (answer_fixture.h),
 * sockets on a port that the kernel chose, and a client that asks and waits ten seconds at most. */
#ifndef SETTLED_TESTS_UNIT_WORKER_FIXTURE_H
#define SETTLED_TESTS_UNIT_WORKER_FIXTURE_H

#include "answer_fixture.h"
#include "free_port.h"
#include "server/sockaddr.h"
#include "server/worker.h"
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define STAFF_MOST 2

struct staff {
    struct bench *bench;
    struct shared shared;
    struct worker *workers[STAFF_MOST];
    struct config_server limits;
    struct addr at; /* where they listen */
    struct addr listen[2];
    unsigned started;
};

/* Zones may be added to s->bench now. `address` without a port. */
static inline void staff_open(struct staff *s, const char *address)
{
    memset(s, 0, sizeof *s);
    signal(SIGPIPE, SIG_IGN); /* as the daemon's main does */
    s->bench = bench_new();
    s->limits = (struct config_server){.udp_payload = 1232,
                                       .tcp_connections = 64,
                                       .tcp_per_address = 32,
                                       .tcp_pipeline = 16,
                                       .tcp_output = 65536,
                                       .tcp_idle_s = 30};
    ck_assert(addr_parse(address, 0, &s->at));
}

static inline void staff_start(struct staff *s, unsigned workers)
{
    struct socket_set sets[STAFF_MOST];
    struct oops o = {{0}};
    bool handed, ok = false;
    for (unsigned tries = 0; !ok && tries < 20; tries++) {
        s->at.port = 0;
        s->at.port = free_port(&s->at);
        s->listen[0] = s->at;
        s->limits.listen = s->listen;
        s->limits.listen_count = 1;
        ok = sockets_open(&s->limits, sets, workers, &handed, &o);
    }
    ck_assert_msg(ok, "%s", o.text);
    bench_ready(s->bench);
    s->shared.epoch = epoch_new(workers + 1);
    struct cache_options c = {.size = 1 << 20,
                              .max_ttl_s = 86400,
                              .max_negative_ttl_s = 10800,
                              .serve_stale_s = 86400,
                              .seed = 7,
                              .epoch = s->shared.epoch};
    s->shared.cache = cache_new(&c);
    atomic_store(&s->shared.world, s->bench->world);
    mailbox_init(&s->shared.keeper_box, NULL, NULL);
    ck_assert(census_init(&s->shared.census, s->limits.tcp_connections, s->limits.tcp_per_address));
    s->shared.limits = s->limits;
    s->shared.workers = s->workers;
    s->shared.worker_count = workers;
    for (unsigned i = 0; i < workers; i++) {
        s->workers[i] = worker_new(&s->shared, i + 1, &sets[i], &o);
        ck_assert_msg(s->workers[i] != NULL, "%s", o.text);
    }
    for (; s->started < workers; s->started++) {
        ck_assert_msg(worker_start(s->workers[s->started], &o), "%s", o.text);
    }
}

static inline void staff_stop(struct staff *s)
{
    for (unsigned i = 0; i < s->started; i++) {
        worker_stop(s->workers[i]);
    }
    for (unsigned i = 0; i < s->started; i++) {
        worker_join(s->workers[i]);
    }
    s->started = 0;
}

static inline void staff_close(struct staff *s)
{
    staff_stop(s);
    for (unsigned i = 0; i < s->shared.worker_count; i++) {
        worker_silence(s->workers[i]);
    }
    for (unsigned i = 0; i < s->shared.worker_count; i++) {
        worker_free(s->workers[i]);
    }
    for (struct letter *l = mail_drain(&s->shared.keeper_box), *next; l != NULL; l = next) {
        next = l->next;
        free(l);
    }
    cache_free(s->shared.cache);
    epoch_free(s->shared.epoch);
    census_free(&s->shared.census);
    bench_free(s->bench);
}

/* The zone "large", whose "big" has two hundred TXT records: some forty kilobytes. */
static inline void staff_big_zone(struct staff *s)
{
    struct buf lines = {0};
    for (unsigned i = 0; i < 200; i++) {
        buf_print(&lines, "big 60 TXT \"%0200u\"\n", i);
    }
    bench_zone(s->bench, "large", buf_text(&lines));
    buf_free(&lines);
}

/* Over all workers, once they have stopped. */
static inline uint64_t staff_count(const struct staff *s, enum counter which)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < s->shared.worker_count; i++) {
        sum += counted(&s->workers[i]->counters, which);
    }
    return sum;
}

/* The next letter to the keeper, waited for; the caller frees it. */
static inline struct event_letter *staff_letter(struct staff *s)
{
    static struct letter *waiting;
    for (unsigned i = 0; waiting == NULL && i < 10000; i++) {
        waiting = mail_drain(&s->shared.keeper_box);
        if (waiting == NULL) {
            usleep(1000);
        }
    }
    ck_assert_msg(waiting != NULL, "no letter came");
    struct letter *l = waiting;
    waiting = l->next;
    ck_assert_int_eq(l->kind, LETTER_EVENT);
    return (struct event_letter *)l;
}

/* ---- the client ---- */

static inline int client_socket(const struct staff *s, int type)
{
    struct sockaddr_storage sa;
    struct timeval patience = {10, 0}; /* of a busy machine */
    socklen_t len = addr_to_sockaddr(&s->at, &sa);
    int fd = socket(sa.ss_family, type | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ck_assert_msg(connect(fd, (struct sockaddr *)&sa, len) == 0, "%s", strerror(errno));
    return fd;
}

static inline void udp_send(int fd, struct asked a)
{
    uint8_t question[1024];
    size_t len = write_question(&a, question);
    ck_assert_int_eq(send(fd, question, len, 0), (ssize_t)len);
}

/* The next answer as text; "nothing" when none came. */
static inline const char *udp_receive(int fd)
{
    static char text[1 << 16];
    uint8_t msg[65536];
    struct buf out = {0};
    ssize_t n = recv(fd, msg, sizeof msg, 0);
    if (n < 0) {
        return "nothing";
    }
    print_answer(&out, msg, (size_t)n);
    snprintf(text, sizeof text, "%s", buf_text(&out));
    buf_free(&out);
    return text;
}

static inline const char *udp_ask(const struct staff *s, struct asked a)
{
    int fd = client_socket(s, SOCK_DGRAM);
    udp_send(fd, a);
    const char *text = udp_receive(fd);
    close(fd);
    return text;
}

/* Question with its length in front; `id` in place of the usual one. */
static inline size_t tcp_question(struct asked a, uint16_t id, uint8_t out[1026])
{
    size_t len = write_question(&a, out + 2);
    put_u16(out, (uint16_t)len);
    put_u16(out + 2, id);
    return len + 2;
}

static inline void tcp_send(int fd, struct asked a, uint16_t id)
{
    uint8_t out[1026];
    size_t len = tcp_question(a, id, out);
    ck_assert_int_eq(send(fd, out, len, MSG_NOSIGNAL), (ssize_t)len);
}

static inline bool read_all(int fd, uint8_t *to, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = recv(fd, to + at, len - at, 0);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

/* The next message; 0: the connection ended (or nothing came). */
static inline size_t tcp_receive(int fd, uint8_t msg[65536])
{
    uint8_t len[2];
    return read_all(fd, len, 2) && read_all(fd, msg, get_u16(len)) ? get_u16(len) : 0;
}

/* Closed by the other side, and not just silent. */
static inline bool tcp_ended(int fd)
{
    uint8_t octet;
    ssize_t n = recv(fd, &octet, 1, 0);
    return n == 0 || (n < 0 && errno == ECONNRESET);
}

#endif
