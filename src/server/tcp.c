/* tcp.c - TCP connections of a worker: which are taken, how long they may do nothing, how they
 * end (RFC 7766, 9210). What goes on in one is stream.c's. Worker's thread. Bounds: connections
 * in all and for each address, and a time within which a whole question must have come or output
 * been taken. */
#include "server/sockaddr.h"
#include "server/stream.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define BACKLOG          256
#define TURN_CONNECTIONS 16 /* more wait for the loop's next turn: no flood holds others up */

static void on_connection(uv_stream_t *listener, int status);
static void shed(struct worker *w, uv_stream_t *listener);
static void take_waiting(struct worker *w);
static void take(struct worker *w, uv_stream_t *listener);
static bool admitted(struct stream *s);

bool tcp_start(struct worker *w, struct oops *o)
{
    unsigned n = w->sockets.tcp_count;
    w->listeners = calloc(n + 1, sizeof *w->listeners);
    w->tcp = malloc(sizeof *w->tcp); /* touched as far as messages are long */
    if (w->listeners == NULL || w->tcp == NULL)
        return oops(o, "out of memory");
    for (unsigned i = 0; i < n; i++) {
        uv_tcp_t *l = &w->listeners[i];
        must(uv_tcp_init(&w->loop, l) == 0);
        l->data = w;
        int rc = uv_tcp_open(l, w->sockets.tcp[i]);
        if (rc == 0)
            rc = uv_listen((uv_stream_t *)l, BACKLOG, on_connection);
        if (rc != 0)
            return oops(o, "cannot listen on TCP: %s", uv_strerror(rc));
    }
    w->tcp->out_len = 0;
    w->sockets.tcp_count = 0; /* the descriptors belong to the loop's handles now */
    w->listener_count = n;
    return true;
}

void tcp_idle(struct worker *w)
{
    take_waiting(w);
    w->turn = w->ready;
    w->ready = NULL;
    while (w->turn != NULL) { /* one that closes meanwhile goes from either list */
        struct stream *s = w->turn;
        w->turn = s->next_ready;
        s->is_ready = false;
        stream_turn(s);
    }
}

void tcp_overdue(struct worker *w, struct now now)
{
    struct due *d;
    while ((d = due_take(&w->due, now.mono)) != NULL) {
        struct stream *s = d->owner;
        /* asked upstream: it is we who are slow, and forward/ has a deadline */
        if (s->in_flight > 0 && s->out_bytes == 0)
            s->until = mono_plus_s(now.mono, w->shared->limits.tcp_idle_s);
        if (mono_before(now.mono, s->until) && due_set(&w->due, &s->due, s->until))
            continue; /* something has come since */
        count(&w->counters, COUNT_tcp_timeout);
        stream_close(s);
    }
    take_waiting(w);
}

void tcp_stop(struct worker *w)
{
    for (unsigned i = 0; i < w->listener_count; i++)
        if (!uv_is_closing((uv_handle_t *)&w->listeners[i]))
            uv_close((uv_handle_t *)&w->listeners[i], NULL);
    for (struct stream *s = w->streams, *next; s != NULL; s = next) {
        next = s->next;
        s->ended = true; /* what has come is answered, nothing more is read */
        stream_go_on(s);
    }
}

void tcp_close_all(struct worker *w)
{
    for (struct stream *s = w->streams; s != NULL; s = s->next)
        stream_close(s);
}

void tcp_free_buffers(struct worker *w)
{
    free(w->listeners);
    free(w->tcp);
}

/* A connection that is not taken here is held by libuv, which accepts no other before it is. */
static void on_connection(uv_stream_t *listener, int status)
{
    struct worker *w = listener->data;
    if (status < 0) {
        shed(w, listener);
    } else if (w->accepted < TURN_CONNECTIONS) {
        w->accepted++;
        take(w, listener);
    } else {
        w->has_waiting = true;
        worker_idle(w, true);
    }
}

/* No descriptor left: the one in reserve takes the connection and drops it, or accept would
 * spin. */
static void shed(struct worker *w, uv_stream_t *listener)
{
    uv_os_fd_t fd;
    if (w->spare_fd < 0 || uv_fileno((uv_handle_t *)listener, &fd) != 0)
        return;
    count(&w->counters, COUNT_tcp_full);
    close(w->spare_fd);
    int taken = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    if (taken >= 0)
        close(taken);
    w->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void take_waiting(struct worker *w)
{
    if (!w->has_waiting)
        return;
    w->has_waiting = false;
    w->accepted = 0;
    for (unsigned i = 0; i < w->listener_count; i++)
        take(w, (uv_stream_t *)&w->listeners[i]);
}

static void take(struct worker *w, uv_stream_t *listener)
{
    struct stream *s = stream_new(w);
    if (s == NULL) {
        w->has_waiting = true; /* until there is memory: tcp_overdue tries again */
        return;
    }
    if (uv_accept(listener, (uv_stream_t *)&s->tcp) != 0 || !admitted(s)) {
        stream_close(s);
        return;
    }
    count(&w->counters, COUNT_tcp_accepted);
    uv_tcp_nodelay(&s->tcp, 1);
    stream_begin(s);
}

static bool admitted(struct stream *s)
{
    struct worker *w = s->worker;
    struct sockaddr_storage sa;
    int len = sizeof sa;
    if (uv_tcp_getpeername(&s->tcp, (struct sockaddr *)&sa, &len) != 0)
        return false;
    struct addr from = addr_from_sockaddr((struct sockaddr *)&sa);
    enum census_answer a = census_enter(&w->shared->census, &from);
    if (a == CENSUS_IN) {
        s->from = from;
        return true;
    }
    count(&w->counters, a == CENSUS_FULL ? COUNT_tcp_full : COUNT_tcp_client_full);
    return false;
}
