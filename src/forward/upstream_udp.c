/* upstream_udp.c - questions over UDP through one c-ares channel that believes it has one server
 * and one socket. Worker's thread. c-ares 1.18 sends everything from one port and ends a question
 * at the first packet whose ID fits. So its socket does not exist: what it "sends" goes out on a
 * socket of the server's pool, under an ID of chance; what it "receives" has passed packet_answers,
 * with the ID put back that c-ares knows (the ask's number). It cannot cancel one question either:
 * one that has timed out is shown an empty answer, so nothing is left behind. Its own timeouts
 * never come. Without its own EDNS it takes all answers for 512 octets at most: how long one is, we
 * remember. */
#include "forward/upstream_inside.h"
#include "wire/msg.h"
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define NO_SOCKET  1000000000 /* a descriptor no system hands out */
#define NEVER_MS   (24 * 3600 * 1000)
#define READS_MOST 64 /* packets off one socket in one turn */

struct given { /* where c-ares wants what it receives */
    uint8_t *msg;
    struct sockaddr *from;
    ares_socklen_t *from_len;
};

static ares_socket_t on_socket(int domain, int type, int protocol, void *ctx);
static int on_close(ares_socket_t fd, void *ctx);
static int on_connect(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len, void *ctx);
static ares_ssize_t on_receive(ares_socket_t fd, void *out, size_t room, int flags,
                               struct sockaddr *from, ares_socklen_t *from_len, void *ctx);
static ares_ssize_t on_send(ares_socket_t fd, const struct iovec *data, int count, void *ctx);
static void on_answer(void *arg, int status, int timeouts, unsigned char *msg, int len);
static ares_ssize_t give(struct ask *a, struct given *g, size_t len);
static size_t empty_answer(const struct ask *a, uint8_t *out, size_t room);
static struct ask *whose(const struct sock *s, const uint8_t *msg, size_t len);
static ares_ssize_t nothing(void);
static bool is_refusal(int error);

bool udp_open(struct upstream *u)
{
    static const struct ares_socket_functions functions = {.asocket = on_socket,
                                                           .aclose = on_close,
                                                           .aconnect = on_connect,
                                                           .arecvfrom = on_receive,
                                                           .asendv = on_send};
    struct in_addr server = {htonl(INADDR_LOOPBACK)};
    char nowhere[] = "/dev/null", lookups[] = "b";
    struct ares_options o = {.flags = ARES_FLAG_IGNTC | ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN |
                                      ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
                             .timeout = NEVER_MS,
                             .tries = 1,
                             .servers = &server,
                             .nservers = 1,
                             .lookups = lookups,
                             .resolvconf_path = nowhere};
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SERVERS |
               ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF;
    if (ares_init_options(&u->udp, &o, mask) != ARES_SUCCESS) {
        u->udp = NULL;
        return false;
    }
    ares_set_socket_functions(u->udp, &functions, u);
    return true;
}

void udp_close(struct upstream *u)
{
    if (u->udp != NULL) {
        ares_destroy(u->udp); /* calls back for each question */
    }
}

bool udp_send(struct upstream *u, struct ask *a)
{
    struct sock *s = sock_choose(u, a->server);
    if (s == NULL) {
        return false;
    }
    sock_join(u, s, a);
    put_u16(u->packet.data, a->number);
    u->sending = a;
    u->refused = false;
    ares_send(u->udp, u->packet.data, (int)u->packet.len, on_answer, a);
    u->sending = NULL;
    if (u->refused) {
        sock_leave(u, a);
    }
    return !u->refused;
}

void udp_ready(struct upstream *u, struct sock *s)
{
    u->reading = s;
    u->reads = READS_MOST;
    ares_process_fd(u->udp, NO_SOCKET, ARES_SOCKET_BAD);
    u->reads = 0;
    if (s->refused) { /* nobody listens there: all that went out on it is lost */
        sock_retire(u, s);
        while (s->asks != NULL) {
            udp_end(u, s->asks);
        }
    }
    u->reading = NULL;
    sock_settle(u, s);
}

void udp_end(struct upstream *u, struct ask *a)
{
    a->over = true;
    u->ending = a;
    ares_process_fd(u->udp, NO_SOCKET, ARES_SOCKET_BAD);
    must(u->ending == NULL);
}

static ares_socket_t on_socket(int domain, int type, int protocol, void *ctx)
{
    (void)domain;
    (void)type;
    (void)protocol;
    (void)ctx;
    return NO_SOCKET;
}

static int on_close(ares_socket_t fd, void *ctx)
{
    (void)fd;
    (void)ctx;
    return 0;
}

static int on_connect(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len, void *ctx)
{
    (void)fd;
    (void)to;
    (void)len;
    (void)ctx;
    return 0;
}

/* c-ares reads until this says EAGAIN. */
static ares_ssize_t on_receive(ares_socket_t fd, void *out, size_t room, int flags,
                               struct sockaddr *from, ares_socklen_t *from_len, void *ctx)
{
    struct upstream *u = ctx;
    uint8_t *msg = out;
    struct given g = {msg, from, from_len};
    (void)fd;
    (void)flags;
    if (u->ending != NULL) {
        struct ask *a = u->ending;
        u->ending = NULL;
        return give(a, &g, empty_answer(a, msg, room));
    }
    for (; u->reads > 0; u->reads--) {
        ssize_t len = recv(u->reading->fd, msg, room, MSG_DONTWAIT);
        if (len < 0) {
            u->reading->refused = is_refusal(errno);
            break;
        }
        struct ask *a = whose(u->reading, msg, (size_t)len);
        if (a != NULL) {
            return give(a, &g, (size_t)len);
        }
        count(u->counters, COUNT_asks_mismatch);
    }
    return nothing();
}

/* The answer as c-ares expects it: from its only server, with the ID it knows. */
static ares_ssize_t give(struct ask *a, struct given *g, size_t len)
{
    struct sockaddr_in server = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    put_u16(g->msg, a->number);
    packet_restore(g->msg, &a->sent);
    a->received = len;
    if (*g->from_len >= sizeof server) {
        memcpy(g->from, &server, sizeof server);
        *g->from_len = sizeof server;
    }
    return (ares_ssize_t)len;
}

static size_t empty_answer(const struct ask *a, uint8_t *out, size_t room)
{
    size_t len = MSG_HEADER + a->sent.question_len;
    must(len <= room);
    memset(out, 0, MSG_HEADER);
    put_u16(out + 2, MSG_QR);
    put_u16(out + 4, 1);
    memcpy(out + MSG_HEADER, a->sent.question, a->sent.question_len);
    return len;
}

static struct ask *whose(const struct sock *s, const uint8_t *msg, size_t len)
{
    for (struct ask *a = s->asks; a != NULL; a = a->next) {
        if (packet_answers(msg, len, &a->sent, &s->server->peer)) {
            return a;
        }
    }
    return NULL;
}

static bool is_refusal(int error)
{
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH;
}

static ares_ssize_t nothing(void)
{
    errno = EAGAIN;
    return -1;
}

/* Sends the ask that is being handed over. What went wrong on this socket before is told to the
 * first who sends: not to us. */
static ares_ssize_t on_send(ares_socket_t fd, const struct iovec *data, int count, void *ctx)
{
    struct upstream *u = ctx;
    struct ask *a = u->sending;
    (void)fd;
    must(a != NULL && count == 1 && data->iov_len == u->packet.len);
    put_u16(u->packet.data, a->sent.id);
    ssize_t sent = send(a->sock->fd, u->packet.data, u->packet.len, MSG_NOSIGNAL);
    if (sent < 0 && is_refusal(errno)) {
        sent = send(a->sock->fd, u->packet.data, u->packet.len, MSG_NOSIGNAL);
    }
    return sent;
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *msg, int len)
{
    struct ask *a = arg;
    (void)timeouts;
    (void)len; /* cut to 512; the rest stands behind it, in the buffer that on_receive filled */
    if (a->u->sending == a) {
        a->u->refused = true;
        return;
    }
    sock_leave(a->u, a);
    if (a->u->closing) {
        upstream_drop(a);
        return;
    }
    bool answered = status == ARES_SUCCESS && !a->over;
    upstream_end(a, answered ? msg : NULL, answered ? a->received : 0);
}
