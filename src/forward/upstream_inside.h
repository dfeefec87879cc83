/* upstream_inside.h - private to forward/upstream*.c: what one worker's door to other servers is
 * made of.
 *
 * An ask is one question under way. A server is one address we ask, from one address of ours. UDP:
 * each server has a pool of connected sockets; c-ares sees one socket that does not exist
 * (upstream_udp.c). TCP: each server in use has a c-ares channel of its own (upstream_tcp.c). */
#ifndef SETTLED_FORWARD_UPSTREAM_INSIDE_H
#define SETTLED_FORWARD_UPSTREAM_INSIDE_H

#include "base/buf.h"
#include "base/due.h"
#include "forward/upstream.h"
#include "forward/upstream_packet.h"
#include <ares.h>

#define ASKS_MOST        16384 /* questions under way */
#define SOCKETS_MOST     2048  /* UDP sockets of one worker; then the open ones are shared */
#define POOL_MOST        256   /* of one server */
#define POOL_LEAST       16
#define SOCKET_QUESTIONS 64    /* a socket carries so many at most, ... */
#define SOCKET_MS        10000 /* ... for so long, then it drains */
#define TCP_MOST         64    /* channels */
#define TCP_IDLE_MS      5000
#define TCP_TICK_MS      1000 /* how often c-ares looks for TCP questions it should give up */

enum due_kind { DUE_ASK, DUE_SOCKET, DUE_TCP };

struct server;
struct sock { /* one UDP socket, connected */
    int fd;
    struct server *server;
    struct ask *asks;
    unsigned in_flight, carried;
    unsigned place; /* in the server's pool */
    bool draining;  /* out of the pool: no new questions */
    bool refused;   /* the other side has no such port */
    struct due due;
};
struct ask {
    struct upstream *u;
    void *token;
    struct server *server;
    struct sock *sock;           /* UDP, else NULL */
    struct tcp *tcp;             /* TCP, else NULL */
    struct ask *next, *previous; /* of the socket */
    struct due due;
    uint16_t number; /* our place in asks[]: what c-ares takes for the ID (UDP) */
    bool over;       /* ended by us: c-ares only does not know yet */
    size_t received; /* UDP: octets of its answer */
    struct packet_sent sent;
};
struct tcp {
    ares_channel channel;
    struct upstream *u;
    struct server *server;
    unsigned in_flight;
    struct mono used; /* last */
    struct due due;
};
struct server {
    struct server *next;
    struct addr to, via;
    unsigned width; /* places of the pool in use: grows with what is under way */
    unsigned in_flight;
    struct packet_peer peer; /* what we know of its packets */
    struct tcp *tcp;         /* NULL: none open */
    struct sock *pool[POOL_MOST];
};
struct watched { /* by descriptor */
    struct sock *sock;
    struct tcp *tcp;
};
struct upstream {
    struct upstream_shell shell;
    struct counters *counters;
    struct chance chance;
    struct due_heap dues;
    struct now now; /* of the call we are in: callbacks of c-ares need it */
    struct buf packet;
    struct server *servers;
    unsigned tcps;
    struct ask **asks; /* by number; NULL: free */
    unsigned asks_room, asks_next;
    unsigned in_flight, sockets;
    struct watched *watched;
    unsigned watched_room;
    bool closing;
    /* upstream_udp.c's: */
    ares_channel udp;
    struct ask *sending; /* being handed to c-ares */
    bool refused;        /* sending failed at once */
    struct sock *reading;
    unsigned reads;     /* packets it may still give in this turn */
    struct ask *ending; /* shown to c-ares next, so that it forgets the question */
};

/* ---- upstream.c ---- */
/* Frees the ask, then tells the shell. */
void upstream_end(struct ask *a, const uint8_t *msg, size_t len);
/* Frees it, tells nobody. */
void upstream_drop(struct ask *a);
/* What stands behind a descriptor from now on. False: no memory. */
bool upstream_watch(struct upstream *u, int fd, struct watched w);

/* ---- upstream_sockets.c ---- */
struct server *server_for(struct upstream *u, const struct addr *to, const struct addr *via);
/* A socket bound to the server's via; -1: none, errno says why. */
int server_socket(const struct server *s, int type);
/* False: errno says why (EINPROGRESS for TCP). */
bool server_connect(const struct server *s, int fd);
struct sock *sock_choose(struct upstream *u, struct server *s); /* NULL: none can be had */
void sock_join(struct upstream *u, struct sock *s, struct ask *a);
void sock_leave(struct upstream *u, struct ask *a);
/* No new questions on it; closed when the last one has ended. */
void sock_retire(struct upstream *u, struct sock *s);
/* It is no longer being read: closes it if that is due. */
void sock_settle(struct upstream *u, struct sock *s);
void servers_free(struct upstream *u);

/* ---- upstream_udp.c ---- */
MUST_USE bool udp_open(struct upstream *u);
void udp_close(struct upstream *u);
MUST_USE bool udp_send(struct upstream *u, struct ask *a);
void udp_ready(struct upstream *u, struct sock *s);
void udp_end(struct upstream *u, struct ask *a); /* no answer: takes it from c-ares and ends it */

/* ---- upstream_tcp.c ---- */
MUST_USE bool tcp_send(struct upstream *u, struct ask *a);
void tcp_ready(struct tcp *t, int fd, bool readable, bool writable);
void tcp_late(struct tcp *t); /* its due time; may free it */
void tcp_free(struct tcp *t);

#endif
