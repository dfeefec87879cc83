/* worker.h - one thread that answers: its loop, its sockets, its questions on the way upstream.
 * Private to server/. */
#ifndef SETTLED_SERVER_WORKER_H
#define SETTLED_SERVER_WORKER_H

#include "answer/ahead.h"
#include "answer/answer.h"
#include "answer/ready.h"
#include "base/due.h"
#include "forward/forward.h"
#include "server/now.h"
#include "server/shared.h"
#include "server/sockets.h"
#include <netinet/in.h>
#include <uv.h>

#define QUESTION_ROOM                                                                              \
    4096 /* a UDP question longer than this is cut by the kernel and dropped as malformed */

struct udp_batch;
struct tcp_buffers;
struct stream;
struct upstream_poll;
struct worker {
    unsigned number; /* its epoch slot: 1..N */
    struct shared *shared;
    uv_loop_t loop;
    uv_thread_t thread;
    uv_async_t wake;
    uv_timer_t timer; /* forward's and upstream's due times, streams' timeouts, the heartbeat */
    uv_idle_t idle;   /* runs while a UDP socket is busy or a stream has more to say */
    bool idling;
    struct mailbox box;
    struct counters counters;
    struct cookie_jar cookies;
    struct answer_worker answering;
    struct ahead_room ahead;
    struct ready *ready_answers;
    struct upstream *upstream;
    struct forward *forward;
    struct entropy_pool chance;
    struct entropy entropy;
    struct socket_set sockets;
    struct udp_socket *udp;
    struct udp_batch *batch; /* the buffers, shared by its UDP sockets */
    uv_tcp_t *listeners;
    unsigned listener_count;
    unsigned accepted;              /* connections, since there were last too many for one turn */
    bool has_waiting;               /* a listener has a connection that was not taken yet */
    struct tcp_buffers *tcp;        /* shared by its streams */
    struct stream *streams, *ready; /* all; those with a whole question waiting */
    struct stream *turn;            /* of these, those that get their turn just now */
    struct due_heap due;            /* of streams */
    struct upstream_poll *polls;
    uint8_t *scratch; /* MSG_MAX octets for answers that are made again */
    int spare_fd; /* given up for a moment when descriptors run out, so that accept never spins */
    _Atomic int64_t heartbeat_ns; /* when the loop last turned */
    bool stopping;
    struct mono until; /* stopping: streams may finish till then */
};

/* A client whose question is asked upstream: what its answer needs. */
struct client {
    struct waiter waiter; /* first: forward gives it back */
    struct addr from;
    struct udp_socket *udp;         /* or */
    struct stream *stream;          /* NULL when it closed meanwhile */
    struct client *next, *previous; /* of the stream's */
    bool has_to;
    struct in6_addr to6; /* wildcard sockets: the address that was asked */
    struct in_addr to4;
    size_t len;
    uint8_t question[];
};

/* ---- worker.c ---- */
MUST_USE struct worker *worker_new(struct shared *s, unsigned number, struct socket_set *sockets,
                                   struct oops *o);
MUST_USE bool worker_start(struct worker *w, struct oops *o); /* its thread */
void worker_stop(struct worker *w);                           /* asks it to end */
void worker_join(struct worker *w);
/* Before the first worker_free: gives up what was asked upstream, and tells the others. */
void worker_silence(struct worker *w);
void worker_free(struct worker *w);
void worker_idle(struct worker *w, bool on);
/* What stands beside a verdict: refresh, tell the keeper, hint. Inside the epoch. */
void worker_wish(struct worker *w, const struct answer_out *out, const struct addr *from,
                 struct now now);
/* Keeps the question and asks upstream; false: too many wait already, the caller answers
 * SERVFAIL. */
MUST_USE bool worker_ask(struct worker *w, struct client *c, const struct answer_ask *ask,
                         struct now now);
struct client *worker_client(const struct packet *p); /* NULL: no memory */
/* After anything that may have made waiters ready: answers them. Inside the epoch. */
void worker_ready(struct worker *w, struct now now);
void worker_set_timer(struct worker *w);
/* Answers a question that had to be asked upstream and cannot be: with what is stale, or
 * SERVFAIL. False: nothing is to be said. */
MUST_USE bool worker_answer_without(struct worker *w, const struct packet *p, struct now now,
                                    struct answer_out *out);

/* How long a TCP connection may be idle, in 100 ms, as packets have it. */
uint16_t worker_keepalive(const struct worker *w);

/* ---- udp.c ---- */
struct udp_socket {
    uv_poll_t poll;
    struct worker *worker;
    int fd;
    bool any;
    bool busy;       /* read from the idle handle, out of the poll set */
    bool fragmented; /* one of our links is too small for its answers */
};
MUST_USE bool udp_start(struct worker *w, struct oops *o);
void udp_idle(struct worker *w); /* a turn of all busy sockets */
void udp_stop(struct worker *w);
void udp_free(struct worker *w);
void udp_answer(struct client *c, const uint8_t *msg, size_t len);

/* ---- tcp.c ---- */
/* Listens on the worker's TCP sockets; their descriptors belong to its loop afterwards. */
MUST_USE bool tcp_start(struct worker *w, struct oops *o);
/* From the idle handle: a turn of each stream that has more to do, and connections that wait. */
void tcp_idle(struct worker *w);
/* From the timer, twice a second at least: closes who was idle or slow for tcp_idle_s. */
void tcp_overdue(struct worker *w, struct now now);
/* No new connections; idle streams close now, the others when they have said all. */
void tcp_stop(struct worker *w);
void tcp_close_all(struct worker *w);    /* now, with what they have not said yet */
void tcp_free_buffers(struct worker *w); /* when the loop has ended: its streams are gone */

/* ---- stream.c ---- */
/* The answer that came from upstream, to who asked: copied. len 0: nothing is to be said. */
void stream_answer(struct client *c, const uint8_t *msg, size_t len);

#endif
