/* tcp.c - questions and transfers over TCP (RFC 7766, 9210, 5936).
 *
 * Worker's thread. A stream reads into one buffer; whole questions are answered one a loop turn, so that a pipelining client shares
 * the thread with everybody; answers that had to be asked upstream leave when they come, out of order. Bounds: questions in
 * flight, unsent output (then nothing more is read), connections in all and for each address, and a time within which a whole
 * question must have come or output been taken. A transfer is a generator: the next message is made when the last was taken. */
#include "server/sockaddr.h"
#include "server/worker.h"
#include "transfer/out.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IN_ROOM  (2 + MSG_MAX) /* one whole question at least */
#define IN_START 1024
#define BACKLOG  256

struct stream {
    uv_tcp_t tcp;
    struct worker *worker;
    struct stream *next, *previous; /* of the worker's */
    struct stream *next_ready;
    bool is_ready, reading, closing, ended; /* ended: the client sends no more (half-closed) */
    struct addr from;
    uint8_t *in;
    size_t in_len, in_room;
    size_t out_bytes;   /* given to the kernel's queue and not yet taken */
    unsigned in_flight; /* questions asked upstream */
    struct client *clients;
    struct transfer_out *transfer;
    size_t transfer_slot;
    struct due due; /* too slow */
};
struct out_write { /* one message on its way; the octets follow */
    uv_write_t write;
    struct stream *stream;
    size_t len;
    uint8_t data[];
};

static void on_connection(uv_stream_t *listener, int status);
static void shed(struct worker *w, uv_stream_t *listener);
static struct stream *stream_new(struct worker *w);
static bool admitted(struct stream *s);
static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf);
static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf);
static bool whole_question(const struct stream *s, size_t *len);
static void make_ready(struct stream *s);
static void unready(struct stream *s);
static void one_question(struct stream *s);
static void handle_question(struct stream *s, uint8_t *buf, size_t len);
static void ask(struct stream *s, const struct packet *p, const struct answer_out *out,
                struct now now);
static void start_transfer(struct stream *s, const struct packet *p, const struct answer_out *out);
static void next_message(struct stream *s);
static void end_transfer(struct stream *s, bool whole);
static void send_message(struct stream *s, const uint8_t *msg, size_t len);
static void on_written(uv_write_t *write, int status);
static void pace(struct stream *s);
static void progress(struct stream *s);
static void finish_or_go_on(struct stream *s);
static void stream_close(struct stream *s);
static void on_closed(uv_handle_t *h);
static void forget_clients(struct stream *s);

bool tcp_start(struct worker *w, struct oops *o)
{
    unsigned n = w->sockets.tcp_count;
    w->listeners = calloc(n + 1, sizeof *w->listeners);
    if (w->listeners == NULL)
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
    w->sockets.tcp_count = 0; /* the descriptors belong to the loop's handles now */
    w->listener_count = n;
    return true;
}

void tcp_idle(struct worker *w)
{
    w->turn = w->ready;
    w->ready = NULL;
    while (w->turn != NULL) { /* one that closes meanwhile goes from either list */
        struct stream *s = w->turn;
        w->turn = s->next_ready;
        s->is_ready = false;
        one_question(s);
    }
}

void tcp_overdue(struct worker *w, struct now now)
{
    struct due *d;
    while ((d = due_take(&w->due, now.mono)) != NULL) {
        struct stream *s = d->owner;
        count(&w->counters, COUNT_tcp_timeout);
        stream_close(s);
    }
}

void tcp_answer(struct client *c, const uint8_t *msg, size_t len)
{
    struct stream *s = c->stream;
    s->in_flight--;
    if (c->previous != NULL)
        c->previous->next = c->next;
    else
        s->clients = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    if (len > 0)
        send_message(s, msg, len);
    finish_or_go_on(s);
}

void tcp_stop(struct worker *w)
{
    for (unsigned i = 0; i < w->listener_count; i++)
        if (!uv_is_closing((uv_handle_t *)&w->listeners[i]))
            uv_close((uv_handle_t *)&w->listeners[i], NULL);
    for (struct stream *s = w->streams, *next; s != NULL; s = next) {
        next = s->next;
        s->ended = true; /* what has come is answered, nothing more is read */
        finish_or_go_on(s);
    }
}

void tcp_close_all(struct worker *w)
{
    for (struct stream *s = w->streams; s != NULL; s = s->next)
        stream_close(s);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct worker *w = listener->data;
    if (status < 0) {
        shed(w, listener);
        return;
    }
    struct stream *s = stream_new(w);
    if (s == NULL)
        return; /* the connection waits in the backlog */
    int rc = uv_accept(listener, (uv_stream_t *)&s->tcp);
    if (rc != 0 || !admitted(s)) {
        stream_close(s);
        return;
    }
    count(&w->counters, COUNT_tcp_accepted);
    uv_tcp_nodelay(&s->tcp, 1);
    s->reading = uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read) == 0;
    progress(s);
}

/* No descriptor left: the one in reserve takes the connection and drops it, or accept would spin. */
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

static struct stream *stream_new(struct worker *w)
{
    struct stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    must(uv_tcp_init(&w->loop, &s->tcp) == 0);
    s->tcp.data = s;
    s->worker = w;
    s->due = (struct due){.owner = s};
    s->next = w->streams;
    if (s->next != NULL)
        s->next->previous = s;
    w->streams = s;
    return s;
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

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct stream *s = h->data;
    (void)suggested;
    if (s->in_len == s->in_room && s->in_room < IN_ROOM) {
        size_t room = s->in_room == 0            ? IN_START
                      : s->in_room * 4 > IN_ROOM ? IN_ROOM
                                                 : s->in_room * 4;
        uint8_t *more = realloc(s->in, room);
        if (more != NULL) {
            s->in = more;
            s->in_room = room;
        }
    }
    *buf = uv_buf_init((char *)s->in + s->in_len, (unsigned)(s->in_room - s->in_len));
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf)
{
    struct stream *s = h->data;
    size_t len;
    (void)buf;
    if (n == 0)
        return;
    if (n == UV_EOF) {
        s->ended = true;
        uv_read_stop(h);
        s->reading = false;
        finish_or_go_on(s);
        return;
    }
    if (n < 0) {
        stream_close(s);
        return;
    }
    s->in_len += (size_t)n;
    if (whole_question(s, &len)) {
        progress(s);
        make_ready(s);
    }
    pace(s);
}

static bool whole_question(const struct stream *s, size_t *len)
{
    if (s->in_len < 2)
        return false;
    *len = get_u16(s->in);
    return s->in_len >= 2 + *len;
}

static void make_ready(struct stream *s)
{
    struct worker *w = s->worker;
    if (s->is_ready || s->closing)
        return;
    s->is_ready = true;
    s->next_ready = w->ready;
    w->ready = s;
    worker_idle(w, true);
}

static void unready(struct stream *s)
{
    if (!s->is_ready)
        return;
    struct stream **at = &s->worker->turn;
    while (*at != NULL && *at != s)
        at = &(*at)->next_ready;
    if (*at == NULL)
        at = &s->worker->ready;
    while (*at != s)
        at = &(*at)->next_ready;
    *at = s->next_ready;
    s->is_ready = false;
}

/* The first whole question of the buffer, if the stream may have one more under way. */
static void one_question(struct stream *s)
{
    struct worker *w = s->worker;
    size_t len;
    if (s->closing || s->transfer != NULL || s->in_flight >= w->shared->limits.tcp_pipeline ||
        s->out_bytes > w->shared->limits.tcp_output || !whole_question(s, &len))
        return;
    uint8_t *buf = w->scratch;
    memcpy(buf, s->in + 2, len);
    s->in_len -= 2 + len;
    memmove(s->in, s->in + 2 + len, s->in_len);
    handle_question(s, buf, len);
    if (!s->closing)
        finish_or_go_on(s);
    worker_set_timer(w);
}

static void handle_question(struct stream *s, uint8_t *buf, size_t len)
{
    static const struct answer_try first = {0};
    struct worker *w = s->worker;
    struct now now = now_read();
    struct packet p = {.buf = buf, .len = len, .room = MSG_MAX, .from = s->from, .tcp = true};
    p.keepalive = worker_keepalive(w);
    struct answer_out out;
    epoch_enter(w->shared->epoch, w->number);
    w->answering.world = atomic_load_explicit(&w->shared->world, memory_order_acquire);
    enum verdict v = answer(&w->answering, &p, &first, now, &out);
    if (out.wish != WISH_NONE)
        worker_wish(w, &out, &s->from, now);
    if (v == VERDICT_SEND)
        send_message(s, buf, out.len);
    else if (v == VERDICT_STREAM)
        start_transfer(s, &p, &out);
    else if (v == VERDICT_ASK)
        ask(s, &p, &out, now);
    else
        stream_close(s); /* nothing to be said to such a client */
    worker_ready(w, now);
    epoch_leave(w->shared->epoch, w->number);
}

static void ask(struct stream *s, const struct packet *p, const struct answer_out *out,
                struct now now)
{
    struct client *c = worker_client(p);
    if (c != NULL && worker_ask(s->worker, c, &out->ask, now)) {
        c->stream = s;
        c->next = s->clients;
        if (c->next != NULL)
            c->next->previous = c;
        s->clients = c;
        s->in_flight++;
        return;
    }
    free(c);
    struct answer_out without;
    if (worker_answer_without(s->worker, p, now, &without))
        send_message(s, p->buf, without.len);
}

static void start_transfer(struct stream *s, const struct packet *p, const struct answer_out *out)
{
    struct query q;
    must(query_read(p->buf, p->len, &q) == QUERY_OK);
    zone_hold(out->stream.version);
    s->transfer =
        transfer_out_new(out->stream.version, &q, out->stream.ixfr, out->stream.from_serial);
    s->transfer_slot = out->stream.zone->slot->number;
    if (s->transfer != NULL) {
        next_message(s);
        return;
    }
    (void)zone_release(
        out->stream.version); /* the keeper holds it too: we loaded it a moment ago */
    stream_close(s);          /* no memory */
}

/* As many messages as the output may hold; the rest when some of it was taken. */
static void next_message(struct stream *s)
{
    while (!s->closing && s->transfer != NULL &&
           s->out_bytes <= s->worker->shared->limits.tcp_output) {
        size_t len = transfer_out_next(s->transfer, s->worker->scratch, MSG_MAX);
        if (len == 0)
            end_transfer(s, true);
        else
            send_message(s, s->worker->scratch, len);
    }
}

static void end_transfer(struct stream *s, bool whole)
{
    struct worker *w = s->worker;
    struct keeper_event e = {.kind = KEEPER_HINT, .slot = s->transfer_slot, .from = s->from};
    struct zone_version *v = transfer_out_end(s->transfer);
    s->transfer = NULL;
    count(&w->counters, whole ? COUNT_transfers_out : COUNT_transfers_out_cut);
    if (whole)
        shared_tell(w->shared, &e);
    if (!zone_release(v))
        return;
    e.kind = KEEPER_RELEASED;
    shared_tell(w->shared, &e);
}

static void send_message(struct stream *s, const uint8_t *msg, size_t len)
{
    if (s->closing || len == 0)
        return;
    struct out_write *o = malloc(sizeof *o + 2 + len);
    if (o == NULL) {
        stream_close(s);
        return;
    }
    o->stream = s;
    o->len = 2 + len;
    put_u16(o->data, (uint16_t)len);
    memcpy(o->data + 2, msg, len);
    uv_buf_t buf = uv_buf_init((char *)o->data, (unsigned)o->len);
    s->out_bytes += o->len;
    if (uv_write(&o->write, (uv_stream_t *)&s->tcp, &buf, 1, on_written) == 0)
        return;
    s->out_bytes -= o->len;
    free(o);
    stream_close(s);
}

static void on_written(uv_write_t *write, int status)
{
    struct out_write *o = (struct out_write *)write;
    struct stream *s = o->stream;
    s->out_bytes -= o->len;
    free(o);
    if (s->closing)
        return;
    if (status < 0) {
        stream_close(s);
        return;
    }
    progress(s);
    next_message(s);
    if (!s->closing)
        finish_or_go_on(s);
}

/* Reads on, or pauses, by what is in hand. */
static void pace(struct stream *s)
{
    const struct config_server *limits = &s->worker->shared->limits;
    bool full = s->in_len == IN_ROOM, pipeline = s->in_flight >= limits->tcp_pipeline;
    bool output = s->out_bytes > limits->tcp_output;
    bool read = !s->ended && !full && !pipeline && !output && s->transfer == NULL;
    if (read == s->reading || s->closing)
        return;
    if (pipeline)
        count(&s->worker->counters, COUNT_tcp_pipeline_full);
    if (output)
        count(&s->worker->counters, COUNT_tcp_output_full);
    s->reading = read;
    if (read)
        (void)uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read);
    else
        uv_read_stop((uv_stream_t *)&s->tcp);
}

/* A whole question came, or output was taken: the time for the next such thing starts. */
static void progress(struct stream *s)
{
    struct worker *w = s->worker;
    if (!due_set(&w->due, &s->due, mono_plus_s(now_read().mono, w->shared->limits.tcp_idle_s)))
        stream_close(s);
}

static void finish_or_go_on(struct stream *s)
{
    size_t len;
    bool more = whole_question(s, &len);
    if (s->ended && !more && s->in_flight == 0 && s->out_bytes == 0 && s->transfer == NULL) {
        stream_close(s);
        return;
    }
    pace(s);
    if (more && s->transfer == NULL && s->in_flight < s->worker->shared->limits.tcp_pipeline &&
        s->out_bytes <= s->worker->shared->limits.tcp_output)
        make_ready(s);
}

static void stream_close(struct stream *s)
{
    struct worker *w = s->worker;
    if (s->closing)
        return;
    s->closing = true;
    unready(s);
    due_clear(&w->due, &s->due);
    forget_clients(s);
    if (s->transfer != NULL)
        end_transfer(s, false);
    if (s->from.family != 0)
        census_leave(&w->shared->census, &s->from);
    uv_close((uv_handle_t *)&s->tcp, on_closed);
}

static void on_closed(uv_handle_t *h)
{
    struct stream *s = h->data;
    if (s->previous != NULL)
        s->previous->next = s->next;
    else
        s->worker->streams = s->next;
    if (s->next != NULL)
        s->next->previous = s->previous;
    free(s->in);
    free(s);
}

/* Their answers come back to nobody (worker.c frees them then). */
static void forget_clients(struct stream *s)
{
    for (struct client *c = s->clients; c != NULL; c = c->next)
        c->stream = NULL;
    s->clients = NULL;
    s->in_flight = 0;
}
