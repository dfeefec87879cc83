/* forward_fixture.h - what forward's door tests share: an upstream over real loopback sockets, a
 * server played by the test, and a loop that moves packets between them. */
#ifndef SETTLED_TESTS_UNIT_FORWARD_FIXTURE_H
#define SETTLED_TESTS_UNIT_FORWARD_FIXTURE_H

#include "base/buf.h"
#include "base/rand.h"
#include "cases.h"
#include "forward/upstream_inside.h"
#include "free_port.h"
#include "wire/msg.h"
#include "wire/name.h"
#include "wire/rrtype.h"
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NET_WATCHED     1024
#define NET_TOKENS      2048
#define NET_PATIENCE_MS 10000 /* with what is on its way, on a busy machine */

struct net_got { /* what came back for one token */
    unsigned times;
    bool answered;
    uint16_t len;
    uint8_t msg[512];
};
struct net {
    struct rand rand;
    struct entropy entropy;
    struct counters *counters;
    struct upstream *u;
    struct now now;
    int server; /* UDP socket of the server */
    struct addr to;
    struct pollfd watched[NET_WATCHED];
    unsigned watched_count, opened; /* now, and in all */
    struct net_got got[NET_TOKENS]; /* tokens point in here */
    uint8_t last[4096];             /* the last answer, also where it is longer than got's */
};
struct net_question { /* as the server received it */
    struct sockaddr_in from;
    uint8_t msg[1024];
    size_t len;
};

static inline void net_fill(void *ctx, void *out, size_t len)
{
    struct net *n = ctx;
    uint8_t *to = out;
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)rand_u64(&n->rand);
    }
}

static inline void net_watch(void *ctx, int fd, bool readable, bool writable)
{
    struct net *n = ctx;
    unsigned i = 0;
    while (i < n->watched_count && n->watched[i].fd != fd) {
        i++;
    }
    if (!readable && !writable) {
        if (i < n->watched_count) {
            n->watched[i] = n->watched[--n->watched_count];
        }
        return;
    }
    ck_assert_uint_lt(i, NET_WATCHED);
    if (i == n->watched_count) {
        n->watched_count++;
        n->opened++;
    }
    n->watched[i] = (struct pollfd){
        .fd = fd, .events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0))};
}

static inline void net_answered(void *ctx, void *token, const uint8_t *msg, size_t len,
                                struct now now)
{
    struct net *n = ctx;
    struct net_got *g = token;
    (void)now;
    g->times++;
    g->answered = msg != NULL;
    g->len = (uint16_t)len;
    if (msg != NULL) {
        memcpy(g->msg, msg, len < sizeof g->msg ? len : sizeof g->msg);
        memcpy(n->last, msg, len < sizeof n->last ? len : sizeof n->last);
    }
}

static inline int net_listen(int type, struct addr *to)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof here;
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    here.sin_port = htons(to->port);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&here, sizeof here), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&here, &len), 0);
    *to = (struct addr){.family = 4, .port = ntohs(here.sin_port), .ip = {127, 0, 0, 1}};
    return fd;
}

static inline void net_start(struct net *n)
{
    memset(n, 0, sizeof *n);
    rand_seed(&n->rand, 11);
    n->entropy = (struct entropy){net_fill, n};
    n->counters = aligned_alloc(64, sizeof *n->counters);
    memset((void *)n->counters, 0, sizeof *n->counters);
    n->to = (struct addr){.family = 4, .ip = {127, 0, 0, 1}};
    n->to.port = free_port(&n->to); /* over TCP, too */
    n->server = net_listen(SOCK_DGRAM, &n->to);
    struct upstream_shell shell = {net_watch, net_answered, n};
    n->u = upstream_new(&shell, &n->entropy, n->counters);
    ck_assert_ptr_nonnull(n->u);
}

static inline void net_stop(struct net *n)
{
    upstream_free(n->u);
    ck_assert_uint_eq(n->watched_count, 0); /* every socket was closed */
    close(n->server);
    free(n->counters);
}

static inline bool net_ask(struct net *n, unsigned token, const char *text)
{
    struct name name;
    ck_assert(name_from(text, &name));
    struct upstream_question q = {.to = n->to,
                                  .name = name.octets,
                                  .type = TYPE_A,
                                  .flags = MSG_RD,
                                  .timeout_ms = 2000,
                                  .token = &n->got[token]};
    return upstream_ask(n->u, &q, n->now);
}

/* The next question at the server; waits for it. */
static inline void net_take(const struct net *n, struct net_question *q)
{
    struct pollfd p = {.fd = n->server, .events = POLLIN};
    socklen_t len = sizeof q->from;
    ck_assert_int_eq(poll(&p, 1, NET_PATIENCE_MS), 1);
    ssize_t got = recvfrom(n->server, q->msg, sizeof q->msg, 0, (struct sockaddr *)&q->from, &len);
    ck_assert_int_ge(got, MSG_HEADER);
    q->len = (size_t)got;
}

/* Sends q's packet back as its answer, cut behind the question. */
static inline void net_answer(const struct net *n, const struct net_question *q)
{
    uint8_t msg[1024];
    size_t end = MSG_HEADER + name_len(q->msg + MSG_HEADER) + 4;
    memcpy(msg, q->msg, q->len);
    msg[2] |= 0x80;
    put_u16(msg + 10, 0);
    ck_assert_int_eq(
        sendto(n->server, msg, end, 0, (const struct sockaddr *)&q->from, sizeof q->from),
        (ssize_t)end);
}

/* Lets upstream read whatever has arrived; waits at most `ms` for something to arrive. */
static inline void net_turn(struct net *n, int ms)
{
    struct pollfd copy[NET_WATCHED];
    memcpy(copy, n->watched, n->watched_count * sizeof *copy);
    unsigned count = n->watched_count;
    (void)poll(copy, count, ms);
    for (unsigned i = 0; i < count; i++) {
        if (copy[i].revents != 0) {
            upstream_ready(n->u, copy[i].fd, (copy[i].revents & ~POLLOUT) != 0,
                           (copy[i].revents & POLLOUT) != 0, n->now);
        }
    }
}

#endif
