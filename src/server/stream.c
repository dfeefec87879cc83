/* stream.c - one TCP connection: questions in, answers and transfers out (RFC 7766, 5936).
 *
 * Worker's thread. All streams are read into one buffer of the worker's, and what came whole is
 * answered at once into another, which leaves in one system call (stream_out.c): a burst of
 * questions costs one read and one write, and no memory. Only what cannot be answered yet, half
 * a question or one too many, is kept with the stream. A turn answers TURN_QUESTIONS at most, so
 * that a pipelining client shares the thread with everybody; answers that had to be asked
 * upstream leave when they come, out of order. Bounds: questions in flight and unsent output;
 * then nothing more is read. A transfer is a generator: the next message is made when the last
 * was taken. */
#include "server/stream.h"
#include "answer/ahead.h"
#include <stdlib.h>
#include <string.h>

#define IN_START       1024
#define TURN_QUESTIONS 32
#define TURN_OCTETS    STREAM_IN /* of answers; about */
_Static_assert(TURN_QUESTIONS <= AHEAD_MOST, "a turn is looked at as a whole");

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf);
static size_t more_room(size_t room, size_t least);
static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf);
static void work_on(struct stream *s, const uint8_t *octets, size_t len);
static size_t answer_some(struct stream *s, const uint8_t *octets, size_t len, struct now now,
                          bool *asked);
static void look_ahead(const struct stream *s, const uint8_t *octets, size_t len);
static bool may_go_on(const struct stream *s);
static bool one_question(struct stream *s, const uint8_t *question, size_t len, struct now now);
static bool ask(struct stream *s, const struct packet *p, const struct answer_out *out,
                struct now now);
static void start_transfer(struct stream *s, const struct packet *p, const struct answer_out *out);
static void next_messages(struct stream *s, struct now now);
static void end_transfer(struct stream *s, bool whole);
static bool whole_question(const uint8_t *octets, size_t len, size_t *question);
static void keep(struct stream *s, const uint8_t *octets, size_t len);
static void make_ready(struct stream *s);
static void unready(struct stream *s);
static void pace(struct stream *s);
static void on_closed(uv_handle_t *h);
static void forget_clients(struct stream *s);

struct stream *stream_new(struct worker *w)
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

void stream_begin(struct stream *s)
{
    s->reading = uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read) == 0;
    stream_progress(s, now_read());
}

void stream_turn(struct stream *s)
{
    if (s->closing)
        return;
    if (s->transfer != NULL) {
        next_messages(s, now_read());
        if (!s->closing)
            stream_go_on(s);
    } else if (s->in_len > 0) {
        work_on(s, s->in, s->in_len);
    }
}

void stream_taken(struct stream *s)
{
    struct now now = now_read();
    stream_progress(s, now);
    next_messages(s, now);
    if (!s->closing)
        stream_go_on(s);
}

void stream_answer(struct client *c, const uint8_t *msg, size_t len)
{
    struct stream *s = c->stream;
    s->in_flight--;
    if (c->previous != NULL)
        c->previous->next = c->next;
    else
        s->clients = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    if (len > 0) {
        struct now now = now_read();
        memcpy(stream_out_room(s, now), msg, len);
        stream_out_add(s, len);
        stream_out_flush(s, now);
    }
    if (!s->closing)
        stream_go_on(s);
}

void stream_progress(struct stream *s, struct now now)
{
    struct worker *w = s->worker;
    s->until = mono_plus_s(now.mono, w->shared->limits.tcp_idle_s);
    if (!due_is_set(&s->due) && !due_set(&w->due, &s->due, s->until))
        stream_close(s);
}

void stream_go_on(struct stream *s)
{
    size_t len;
    bool more = whole_question(s->in, s->in_len, &len);
    if (s->ended && !more && s->in_flight == 0 && s->out_bytes == 0 && s->transfer == NULL) {
        stream_close(s);
        return;
    }
    pace(s);
    bool goes_on = s->transfer != NULL ? s->out_bytes <= s->worker->shared->limits.tcp_output
                                       : more && may_go_on(s);
    if (goes_on)
        make_ready(s);
}

void stream_close(struct stream *s)
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

/* Into the worker's buffer, unless there is something to be put together with. */
static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct stream *s = h->data;
    (void)suggested;
    if (s->in_len == 0) {
        *buf = uv_buf_init((char *)s->worker->tcp->in, STREAM_IN);
        return;
    }
    if (s->in_len == s->in_room && s->in_room < STREAM_IN) {
        size_t room = more_room(s->in_room, s->in_room + 1);
        uint8_t *more = realloc(s->in, room);
        if (more != NULL) {
            s->in = more;
            s->in_room = room;
        }
    }
    *buf = uv_buf_init((char *)s->in + s->in_len, (unsigned)(s->in_room - s->in_len));
}

static size_t more_room(size_t room, size_t least)
{
    room = room == 0 ? IN_START : room;
    while (room < least)
        room *= 4;
    return room < STREAM_IN ? room : STREAM_IN;
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf)
{
    struct stream *s = h->data;
    if (n == 0)
        return;
    if (n == UV_EOF) {
        s->ended = true;
        uv_read_stop(h);
        s->reading = false;
        stream_go_on(s);
        return;
    }
    if (n < 0) {
        stream_close(s);
        return;
    }
    const uint8_t *octets = (uint8_t *)buf->base;
    size_t len = (size_t)n;
    if (s->in_len > 0) {
        octets = s->in;
        len += s->in_len;
    }
    if (s->is_ready)
        keep(s, octets, len); /* not before its turn */
    else
        work_on(s, octets, len);
    if (!s->closing)
        pace(s);
}

/* One turn for these octets: answers go out, what is left is kept. Only then others get theirs:
 * answers from upstream, for this stream as well. */
static void work_on(struct stream *s, const uint8_t *octets, size_t len)
{
    struct worker *w = s->worker;
    struct now now = now_read();
    bool asked = false;
    epoch_enter(w->shared->epoch, w->number);
    w->answering.world = atomic_load_explicit(&w->shared->world, memory_order_acquire);
    size_t used = answer_some(s, octets, len, now, &asked);
    if (!s->closing)
        keep(s, octets + used, len - used);
    if (!s->closing)
        stream_go_on(s);
    if (asked)
        worker_ready(w, now);
    epoch_leave(w->shared->epoch, w->number);
    if (asked)
        worker_set_timer(w);
}

/* Answers whole questions from the front, as many as one turn may; returns how many octets they
 * were. */
static size_t answer_some(struct stream *s, const uint8_t *octets, size_t len, struct now now,
                          bool *asked)
{
    size_t used = 0, question;
    look_ahead(s, octets, len);
    for (unsigned n = 0; n < TURN_QUESTIONS && may_go_on(s); n++) {
        if (!whole_question(octets + used, len - used, &question))
            break;
        *asked = one_question(s, octets + used + 2, question, now) || *asked;
        used += 2 + question;
    }
    if (used > 0 && !s->closing)
        stream_progress(s, now);
    stream_out_flush(s, now);
    next_messages(s, now);
    return used;
}

static void look_ahead(const struct stream *s, const uint8_t *octets, size_t len)
{
    struct ahead questions[TURN_QUESTIONS];
    size_t at = 0, question;
    unsigned n = 0;
    while (n < TURN_QUESTIONS && whole_question(octets + at, len - at, &question)) {
        questions[n++] = (struct ahead){.octets = octets + at + 2, .len = question};
        at += 2 + question;
    }
    answer_ahead(s->worker->answering.world, &s->worker->ahead, questions, n);
}

static bool may_go_on(const struct stream *s)
{
    const struct config_server *limits = &s->worker->shared->limits;
    size_t out = s->worker->tcp->out_len;
    return !s->closing && s->transfer == NULL && s->in_flight < limits->tcp_pipeline &&
           s->out_bytes + out <= limits->tcp_output && out < TURN_OCTETS;
}

/* True: others have something to do now, upstream or the keeper. */
static bool one_question(struct stream *s, const uint8_t *question, size_t len, struct now now)
{
    static const struct answer_try first = {0};
    struct worker *w = s->worker;
    struct packet p = {.buf = stream_out_room(s, now),
                       .len = len,
                       .room = MSG_MAX,
                       .from = s->from,
                       .tcp = true,
                       .keepalive = worker_keepalive(w)};
    struct answer_out out;
    memcpy(p.buf, question, len);
    enum verdict v = answer(&w->answering, &p, &first, now, &out);
    if (out.wish != WISH_NONE)
        worker_wish(w, &out, &s->from, now);
    switch (v) {
    case VERDICT_SEND:
        stream_out_add(s, out.len);
        break;
    case VERDICT_STREAM:
        start_transfer(s, &p, &out);
        break;
    case VERDICT_ASK:
        return ask(s, &p, &out, now);
    case VERDICT_DROP: /* nothing to be said to such a client */
        stream_out_flush(s, now);
        stream_close(s);
        break;
    }
    return out.wish != WISH_NONE;
}

static bool ask(struct stream *s, const struct packet *p, const struct answer_out *out,
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
        return true;
    }
    free(c);
    struct answer_out without;
    if (worker_answer_without(s->worker, p, now, &without))
        stream_out_add(s, without.len);
    return true;
}

/* Its messages leave behind the answers that are there already. */
static void start_transfer(struct stream *s, const struct packet *p, const struct answer_out *out)
{
    struct query q;
    must(query_read(p->buf, p->len, &q) == QUERY_OK);
    zone_hold(out->stream.version);
    s->transfer =
        transfer_out_new(out->stream.version, &q, out->stream.ixfr, out->stream.from_serial);
    s->transfer_slot = out->stream.zone->slot->number;
    if (s->transfer != NULL)
        return;
    (void)zone_release(
        out->stream.version); /* the keeper holds it too: we loaded it a moment ago */
    stream_close(s);          /* no memory */
}

/* As many messages as one turn and the output may hold; the rest in the next, or when some of it
 * was taken. */
static void next_messages(struct stream *s, struct now now)
{
    size_t octets = 0;
    while (!s->closing && s->transfer != NULL && octets < TURN_OCTETS &&
           s->out_bytes <= s->worker->shared->limits.tcp_output) {
        size_t len = transfer_out_next(s->transfer, stream_out_room(s, now), MSG_MAX);
        if (len == 0)
            end_transfer(s, true);
        else
            stream_out_add(s, len);
        octets += len;
        stream_out_flush(s, now);
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

static bool whole_question(const uint8_t *octets, size_t len, size_t *question)
{
    if (len < 2)
        return false;
    *question = get_u16(octets);
    return len >= 2 + *question;
}

/* What is left of what came, in memory of the stream's own as long as there is something. */
static void keep(struct stream *s, const uint8_t *octets, size_t len)
{
    if (len == 0 && s->in != NULL) {
        free(s->in);
        s->in = NULL;
        s->in_room = 0;
    }
    if (len > s->in_room) { /* out of the worker's buffer */
        s->in_room = more_room(0, len);
        s->in = malloc(s->in_room);
        if (s->in == NULL) {
            s->in_len = s->in_room = 0;
            stream_close(s);
            return;
        }
    }
    if (len > 0)
        memmove(s->in, octets, len);
    s->in_len = len;
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

/* Reads on, or pauses, by what is in hand. */
static void pace(struct stream *s)
{
    const struct config_server *limits = &s->worker->shared->limits;
    bool full = s->in_len == STREAM_IN, pipeline = s->in_flight >= limits->tcp_pipeline;
    bool output = s->out_bytes > limits->tcp_output;
    bool read = !s->ended && !full && !pipeline && !output && s->transfer == NULL;
    if (pipeline && !s->pipeline_full)
        count(&s->worker->counters, COUNT_tcp_pipeline_full);
    if (output && !s->output_full)
        count(&s->worker->counters, COUNT_tcp_output_full);
    s->pipeline_full = pipeline;
    s->output_full = output;
    if (read == s->reading || s->closing)
        return;
    s->reading = read;
    if (read)
        (void)uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read);
    else
        uv_read_stop((uv_stream_t *)&s->tcp);
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
