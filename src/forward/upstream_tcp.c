/* upstream_tcp.c - questions over TCP, after a truncated answer (RFC 7766): one c-ares channel per
 * server in use. Worker's thread. Here the sockets are real: c-ares frames the messages and
 * pipelines them on one connection. It cannot cancel a question: one that has timed out is ended
 * for its asker, and c-ares's own timeout, a little later, only frees it. A channel that has
 * nothing to do is closed. */
#include "forward/upstream_inside.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define FORGET_MS 8000 /* c-ares's timeout: longer than any of ours */

static struct tcp *tcp_open(struct upstream *u, struct server *s);
static bool channel_open(struct tcp *t);
static ares_socket_t on_socket(int domain, int type, int protocol, void *ctx);
static int on_close(ares_socket_t fd, void *ctx);
static int on_connect(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len, void *ctx);
static ares_ssize_t on_receive(ares_socket_t fd, void *out, size_t room, int flags,
                               struct sockaddr *from, ares_socklen_t *from_len, void *ctx);
static ares_ssize_t on_send(ares_socket_t fd, const struct iovec *data, int count, void *ctx);
static void on_state(void *ctx, ares_socket_t fd, int readable, int writable);
static void on_answer(void *arg, int status, int timeouts, unsigned char *msg, int len);
static bool tick(struct tcp *t);

bool tcp_send(struct upstream *u, struct ask *a)
{
    struct tcp *t = a->server->tcp != NULL ? a->server->tcp : tcp_open(u, a->server);
    if (t == NULL) {
        return false;
    }
    a->tcp = t;
    t->in_flight++;
    t->used = u->now.mono;
    u->sending = a;
    u->refused = false;
    ares_send(t->channel, u->packet.data, (int)u->packet.len, on_answer, a);
    u->sending = NULL;
    if (u->refused) {
        t->in_flight--;
    }
    return !u->refused;
}

static struct tcp *tcp_open(struct upstream *u, struct server *s)
{
    struct tcp *t = u->tcps < TCP_MOST ? calloc(1, sizeof *t) : NULL;
    if (t == NULL) {
        return NULL;
    }
    t->u = u;
    t->server = s;
    t->due = (struct due){.kind = DUE_TCP, .owner = t};
    if (!channel_open(t)) {
        free(t);
        return NULL;
    }
    s->tcp = t;
    u->tcps++;
    if (!tick(t)) {
        tcp_free(t);
        return NULL;
    }
    return t;
}

static bool channel_open(struct tcp *t)
{
    static const struct ares_socket_functions functions = {.asocket = on_socket,
                                                           .aclose = on_close,
                                                           .aconnect = on_connect,
                                                           .arecvfrom = on_receive,
                                                           .asendv = on_send};
    struct in_addr server = {htonl(INADDR_LOOPBACK)}; /* connect knows better */
    char nowhere[] = "/dev/null", lookups[] = "b";
    struct ares_options o = {.flags = ARES_FLAG_USEVC | ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN |
                                      ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
                             .timeout = FORGET_MS,
                             .tries = 1,
                             .servers = &server,
                             .nservers = 1,
                             .lookups = lookups,
                             .resolvconf_path = nowhere,
                             .sock_state_cb = on_state,
                             .sock_state_cb_data = t};
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SERVERS |
               ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF | ARES_OPT_SOCK_STATE_CB;
    if (ares_init_options(&t->channel, &o, mask) != ARES_SUCCESS) {
        return false;
    }
    ares_set_socket_functions(t->channel, &functions, t);
    return true;
}

static bool tick(struct tcp *t)
{
    return due_set(&t->u->dues, &t->due, mono_plus_ms(t->u->now.mono, TCP_TICK_MS));
}

void tcp_free(struct tcp *t)
{
    t->server->tcp = NULL; /* a question that ends now may be asked again: not here */
    due_clear(&t->u->dues, &t->due);
    ares_destroy(t->channel);
    t->u->tcps--;
    free(t);
}

void tcp_late(struct tcp *t)
{
    bool idle = t->in_flight == 0 && mono_ms_between(t->used, t->u->now.mono) >= TCP_IDLE_MS;
    if (idle) {
        tcp_free(t);
        return;
    }
    bool ticking = tick(t);
    ares_process_fd(t->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    if (!ticking) { /* no memory for the next tick: rather none than one that stays for ever */
        tcp_free(t);
    }
}

void tcp_ready(struct tcp *t, int fd, bool readable, bool writable)
{
    t->used = t->u->now.mono;
    ares_process_fd(t->channel, readable ? fd : ARES_SOCKET_BAD, writable ? fd : ARES_SOCKET_BAD);
}

static ares_socket_t on_socket(int domain, int type, int protocol, void *ctx)
{
    const struct tcp *t = ctx;
    (void)domain;
    (void)type;
    (void)protocol;
    return server_socket(t->server, SOCK_STREAM);
}

static int on_close(ares_socket_t fd, void *ctx)
{
    struct tcp *t = ctx;
    t->u->shell.watch(t->u->shell.ctx, fd, false, false);
    (void)upstream_watch(t->u, fd, (struct watched){.tcp = NULL});
    return close(fd);
}

static int on_connect(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len, void *ctx)
{
    const struct tcp *t = ctx;
    (void)to;
    (void)len;
    return server_connect(t->server, fd) ? 0 : -1;
}

static ares_ssize_t on_receive(ares_socket_t fd, void *out, size_t room, int flags,
                               struct sockaddr *from, ares_socklen_t *from_len, void *ctx)
{
    (void)flags;
    (void)from;
    (void)from_len;
    (void)ctx;
    return recv(fd, out, room, MSG_DONTWAIT);
}

static ares_ssize_t on_send(ares_socket_t fd, const struct iovec *data, int count, void *ctx)
{
    (void)ctx;
    must(count > 0);
    /* the first piece alone: c-ares counts what went out, and comes back with the rest */
    return send(fd, data->iov_base, data->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void on_state(void *ctx, ares_socket_t fd, int readable, int writable)
{
    struct tcp *t = ctx;
    if ((readable != 0 || writable != 0) && upstream_watch(t->u, fd, (struct watched){.tcp = t})) {
        t->u->shell.watch(t->u->shell.ctx, fd, readable != 0, writable != 0);
    }
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *msg, int len)
{
    struct ask *a = arg;
    (void)timeouts;
    if (a->u->sending == a) {
        a->u->refused = true;
        return;
    }
    a->tcp->in_flight--;
    if (a->u->closing || a->over) {
        upstream_drop(a);
        return;
    }
    bool answered =
        status == ARES_SUCCESS && packet_answers(msg, (size_t)len, &a->sent, &a->server->peer);
    if (answered) {
        packet_restore(msg, &a->sent);
    }
    upstream_end(a, answered ? msg : NULL, answered ? (size_t)len : 0);
}
