/* upstream_sockets.c - the servers we ask and, for each, a pool of connected UDP sockets (RFC
 * 5452 9.2: ports of chance). Worker's thread. A question takes a place of the pool by chance; an
 * empty place gets a new socket, whose port the kernel chooses. A socket that carried 64 questions
 * or is 10 s old leaves the pool and is closed when its last question has ended. The pool widens
 * with what is under way, so that a quiet daemon holds few descriptors. */
#include "forward/upstream_inside.h"
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union sockaddr_any {
    struct sockaddr sa;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t to_sockaddr(const struct addr *a, union sockaddr_any *out);
static struct sock *sock_open(struct upstream *u, struct server *s, unsigned place);
static struct sock *any_open(const struct server *s, unsigned from);
static void sock_close(struct upstream *u, struct sock *s);

/* The one asked last stands in front. */
struct server *server_for(struct upstream *u, const struct addr *to, const struct addr *via)
{
    for (struct server **at = &u->servers; *at != NULL; at = &(*at)->next) {
        struct server *s = *at;
        if (addr_same(&s->to, to) && addr_same_ip(&s->via, via)) {
            *at = s->next;
            s->next = u->servers;
            u->servers = s;
            return s;
        }
    }
    struct server *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->to = *to;
    s->via = *via;
    s->width = POOL_LEAST;
    chance_fill(&u->chance, s->peer.client, sizeof s->peer.client);
    s->next = u->servers;
    u->servers = s;
    return s;
}

int server_socket(const struct server *s, int type)
{
    union sockaddr_any via;
    int fd = socket(s->to.family == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || s->via.family == 0) {
        return fd;
    }
    struct addr from = s->via;
    from.port = 0; /* of chance */
    socklen_t len = to_sockaddr(&from, &via);
    if (bind(fd, &via.sa, len) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool server_connect(const struct server *s, int fd)
{
    union sockaddr_any to;
    socklen_t len = to_sockaddr(&s->to, &to);
    return connect(fd, &to.sa, len) == 0;
}

static socklen_t to_sockaddr(const struct addr *a, union sockaddr_any *out)
{
    memset(out, 0, sizeof *out);
    if (a->family == 4) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(a->port);
        memcpy(&out->v4.sin_addr, a->ip, 4);
        return sizeof out->v4;
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(a->port);
    out->v6.sin6_scope_id = a->scope;
    memcpy(&out->v6.sin6_addr, a->ip, 16);
    return sizeof out->v6;
}

struct sock *sock_choose(struct upstream *u, struct server *s)
{
    uint8_t chance;
    if (s->in_flight > s->width && s->width < POOL_MOST) {
        s->width *= 2;
    }
    chance_fill(&u->chance, &chance, sizeof chance);
    unsigned place = chance % s->width; /* a power of two: unbiased */
    if (s->pool[place] == NULL) {
        s->pool[place] = sock_open(u, s, place);
    }
    return s->pool[place] != NULL ? s->pool[place] : any_open(s, place);
}

static struct sock *sock_open(struct upstream *u, struct server *s, unsigned place)
{
    struct sock *n = u->sockets < SOCKETS_MOST ? calloc(1, sizeof *n) : NULL;
    if (n == NULL) {
        return NULL;
    }
    *n = (struct sock){.fd = server_socket(s, SOCK_DGRAM), .server = s, .place = place};
    n->due = (struct due){.kind = DUE_SOCKET, .owner = n};
    if (n->fd >= 0 && server_connect(s, n->fd) &&
        due_set(&u->dues, &n->due, mono_plus_ms(u->now.mono, SOCKET_MS)) &&
        upstream_watch(u, n->fd, (struct watched){.sock = n})) {
        u->sockets++;
        u->shell.watch(u->shell.ctx, n->fd, true, false);
        return n;
    }
    due_clear(&u->dues, &n->due);
    if (n->fd >= 0) {
        close(n->fd);
    }
    free(n);
    return NULL;
}

/* No descriptor left: an open socket will have to do. */
static struct sock *any_open(const struct server *s, unsigned from)
{
    for (unsigned i = 0; i < POOL_MOST; i++) {
        struct sock *n = s->pool[(from + i) % POOL_MOST];
        if (n != NULL) {
            return n;
        }
    }
    return NULL;
}

void sock_join(struct upstream *u, struct sock *s, struct ask *a)
{
    a->sock = s;
    a->previous = NULL;
    a->next = s->asks;
    if (s->asks != NULL) {
        s->asks->previous = a;
    }
    s->asks = a;
    s->in_flight++;
    s->server->in_flight++;
    if (++s->carried == SOCKET_QUESTIONS) {
        sock_retire(u, s);
    }
}

void sock_leave(struct upstream *u, struct ask *a)
{
    struct sock *s = a->sock;
    if (a->next != NULL) {
        a->next->previous = a->previous;
    }
    if (a->previous != NULL) {
        a->previous->next = a->next;
    } else {
        s->asks = a->next;
    }
    a->sock = NULL;
    s->in_flight--;
    s->server->in_flight--;
    if (s->draining && s->in_flight == 0) {
        sock_close(u, s);
    }
}

void sock_retire(struct upstream *u, struct sock *s)
{
    if (s->draining) {
        return;
    }
    due_clear(&u->dues, &s->due);
    s->draining = true;
    s->server->pool[s->place] = NULL;
    if (s->in_flight == 0) {
        sock_close(u, s);
    }
}

/* While it is being read it stays: udp_ready asks again when it is done. */
static void sock_close(struct upstream *u, struct sock *s)
{
    if (u->reading == s) {
        return;
    }
    u->shell.watch(u->shell.ctx, s->fd, false, false);
    (void)upstream_watch(u, s->fd, (struct watched){.sock = NULL});
    close(s->fd);
    u->sockets--;
    free(s);
}

void sock_settle(struct upstream *u, struct sock *s)
{
    if (s->draining && s->in_flight == 0) {
        sock_close(u, s);
    }
}

void servers_free(struct upstream *u)
{
    struct server *next;
    for (struct server *s = u->servers; s != NULL; s = next) {
        next = s->next;
        if (s->tcp != NULL) {
            tcp_free(s->tcp);
        }
        for (unsigned i = 0; i < POOL_MOST; i++) {
            if (s->pool[i] != NULL) {
                sock_retire(u, s->pool[i]);
            }
        }
        free(s);
    }
    u->servers = NULL;
}
