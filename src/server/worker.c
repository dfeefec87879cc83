/* worker.c - a worker's life: its loop, its timer, questions that went upstream and come back.
 *
 * Worker's thread but for worker_new, worker_start, worker_stop, worker_free (the main
 * thread's). It reads finished things inside its epoch slot, writes its own counters and the
 * cache, and mails the keeper what it may want to know. */
#include "server/worker.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEARTBEAT_MS 500 /* longest the loop sleeps: the watchdog looks at its beat */
#define STOPPING_MS  5   /* how often it looks whether it may end */
#define STOP_S       5   /* SIGTERM: what is in hand may finish till then */

struct upstream_poll { /* one socket of upstream's */
    struct upstream_poll *next;
    uv_poll_t poll;
    struct worker *worker;
    int fd, events;
};

static void run(void *arg);
static void on_wake(uv_async_t *async);
static void wake(void *ctx);
static void on_timer(uv_timer_t *timer);
static void on_idle(uv_idle_t *idle);
static void begin_stop(struct worker *w);
static bool make_forward(struct worker *w);
static void post_letter(void *ctx, unsigned worker, struct letter *l);
static void watch_fd(void *ctx, int fd, bool read, bool write);
static void on_upstream(uv_poll_t *poll, int status, int events);
static void poll_closed(uv_handle_t *h);
static void on_answered(void *ctx, void *token, const uint8_t *msg, size_t len, struct now now);
static void answer_again(struct worker *w, struct client *c, struct now now);
static void send_to(struct client *c, const uint8_t *msg, size_t len);
static void tell_news(struct worker *w);
static void close_handle(uv_handle_t *h, void *arg);

struct worker *worker_new(struct shared *s, unsigned number, struct socket_set *sockets,
                          struct oops *o)
{
    struct worker *w = calloc(1, sizeof *w);
    if (w == NULL || (w->scratch = malloc(MSG_MAX)) == NULL || uv_loop_init(&w->loop) != 0) {
        oops(o, "out of memory");
        if (w != NULL)
            free(w->scratch);
        free(w);
        return NULL;
    }
    w->number = number;
    w->shared = s;
    w->sockets = *sockets;
    *sockets = (struct socket_set){0};
    w->entropy = entropy_from(&w->chance);
    w->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    mailbox_init(&w->box, wake, w);
    must(uv_async_init(&w->loop, &w->wake, on_wake) == 0);
    must(uv_timer_init(&w->loop, &w->timer) == 0 && uv_idle_init(&w->loop, &w->idle) == 0);
    w->wake.data = w->timer.data = w->idle.data = w;
    memcpy(w->cookies.seed, s->cookie_seed, sizeof w->cookies.seed);
    w->answering = (struct answer_worker){
        .cache = s->cache,
        .counters = &w->counters,
        .cookies = &w->cookies,
        .rrl = rrl_new(entropy_u64(&w->entropy)),
    };
    w->ready_answers = ready_new(entropy_u64(&w->entropy));
    if (!make_forward(w) || w->answering.rrl == NULL || w->ready_answers == NULL) {
        oops(o, "out of memory");
        worker_free(w);
        return NULL;
    }
    if (udp_start(w, o) && tcp_start(w, o))
        return w;
    worker_free(w);
    return NULL;
}

bool worker_start(struct worker *w, struct oops *o)
{
    atomic_store(&w->heartbeat_ns, now_read().mono.ns);
    int rc = uv_thread_create(&w->thread, run, w);
    return rc == 0 || oops(o, "cannot start a worker: %s", uv_strerror(rc));
}

void worker_stop(struct worker *w)
{
    struct letter *l = calloc(1, sizeof *l);
    must(l != NULL);
    l->kind = LETTER_STOP;
    mail_post(&w->box, l);
}

void worker_join(struct worker *w)
{
    uv_thread_join(&w->thread);
}

void worker_silence(struct worker *w)
{
    forward_free(w->forward);
    upstream_free(w->upstream);
    w->forward = NULL;
    w->upstream = NULL;
}

void worker_free(struct worker *w)
{
    if (w == NULL)
        return;
    worker_silence(w);
    tcp_close_all(w);
    for (struct letter *l = mail_drain(&w->box), *next; l != NULL; l = next) {
        next = l->next;
        free(l);
    }
    uv_walk(&w->loop, close_handle, w);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    uv_loop_close(&w->loop);
    while (w->polls != NULL) {
        struct upstream_poll *p = w->polls;
        w->polls = p->next;
        free(p);
    }
    sockets_close(&w->sockets);
    udp_free(w);
    due_heap_free(&w->due);
    rrl_free(w->answering.rrl);
    ready_free(w->ready_answers);
    tcp_free_buffers(w);
    if (w->spare_fd >= 0)
        close(w->spare_fd);
    free(w->scratch);
    free(w);
}

void worker_idle(struct worker *w, bool on)
{
    if (on == w->idling)
        return;
    w->idling = on;
    if (on)
        uv_idle_start(&w->idle, on_idle);
    else
        uv_idle_stop(&w->idle);
}

void worker_wish(struct worker *w, const struct answer_out *out, const struct addr *from,
                 struct now now)
{
    struct keeper_event e = {.from = *from};
    switch (out->wish) {
    case WISH_NONE:
        return;
    case WISH_REFRESH:
        (void)!forward_start(w->forward, &out->ask, NULL, now); /* full: the entry just gets old */
        return;
    case WISH_TELL_KEEPER:
        e.kind = KEEPER_NOTIFIED;
        e.has_serial = out->told.has_serial;
        e.serial = out->told.serial;
        break;
    case WISH_HINT:
        e.kind = KEEPER_HINT;
        e.type = (uint16_t)out->told.ask_kind;
        break;
    }
    e.slot = out->told.zone->slot->number;
    shared_tell(w->shared, &e);
}

struct client *worker_client(const struct packet *p)
{
    struct client *c = calloc(1, sizeof *c + p->len);
    if (c == NULL)
        return NULL;
    c->from = p->from;
    c->len = p->len;
    memcpy(c->question, p->buf, p->len);
    return c;
}

bool worker_ask(struct worker *w, struct client *c, const struct answer_ask *ask, struct now now)
{
    return forward_start(w->forward, ask, &c->waiter, now);
}

void worker_ready(struct worker *w, struct now now)
{
    struct waiter *list;
    while ((list = forward_take(w->forward)) != NULL) {
        w->answering.world = atomic_load_explicit(&w->shared->world, memory_order_acquire);
        while (list != NULL) {
            struct waiter *next = list->next;
            answer_again(w, (struct client *)list, now);
            list = next;
        }
        forward_taken(w->forward);
    }
    tell_news(w);
}

void worker_set_timer(struct worker *w)
{
    struct mono now = now_read().mono;
    struct mono next =
        mono_min(due_next(&w->due), mono_min(forward_due(w->forward), upstream_due(w->upstream)));
    int64_t most_ms = w->stopping ? STOPPING_MS : HEARTBEAT_MS;
    int64_t ms = next.ns == MONO_NEVER.ns ? most_ms : mono_ms_between(now, next) + 1;
    ms = ms < 1 ? 1 : ms > most_ms ? most_ms : ms;
    uv_timer_start(&w->timer, on_timer, (uint64_t)ms, 0);
}

bool worker_answer_without(struct worker *w, const struct packet *p, struct now now,
                           struct answer_out *out)
{
    static const struct answer_try failed = {
        .asked = ANSWER_ASKS, .failed = true, .ede = EDE_OTHER};
    return answer(&w->answering, p, &failed, now, out) == VERDICT_SEND && out->len > 0;
}

/* RFC 7828 3.3.2: 0 asks the client to close. */
uint16_t worker_keepalive(const struct worker *w)
{
    return w->stopping ? 0 : (uint16_t)(10 * w->shared->limits.tcp_idle_s);
}

static void run(void *arg)
{
    struct worker *w = arg;
    worker_set_timer(w);
    uv_run(&w->loop, UV_RUN_DEFAULT);
}

/* Any thread. */
static void wake(void *ctx)
{
    struct worker *w = ctx;
    uv_async_send(&w->wake);
}

static void on_wake(uv_async_t *async)
{
    struct worker *w = async->data;
    struct now now = now_read();
    epoch_enter(w->shared->epoch, w->number);
    struct letter *l = mail_drain(&w->box);
    bool stop = false;
    while (l != NULL) {
        struct letter *next = l->next;
        if (l->kind == LETTER_STOP) {
            free(l);
            stop = true;
        } else {
            forward_letter(w->forward, l, now);
        }
        l = next;
    }
    worker_ready(w, now);
    epoch_leave(w->shared->epoch, w->number);
    if (stop)
        begin_stop(w); /* batches enter by themselves */
    worker_set_timer(w);
}

static void on_timer(uv_timer_t *timer)
{
    struct worker *w = timer->data;
    struct now now = now_read();
    atomic_store_explicit(&w->heartbeat_ns, now.mono.ns, memory_order_relaxed);
    epoch_enter(w->shared->epoch, w->number);
    upstream_late(w->upstream, now);
    forward_late(w->forward, now);
    tcp_overdue(w, now);
    worker_ready(w, now);
    if (w->shared->cache != NULL)
        (void)cache_sweep(w->shared->cache, w->number, now.mono, 64);
    epoch_leave(w->shared->epoch, w->number);
    (void)epoch_sweep(w->shared->epoch, w->number, 1000);
    bool done = w->streams == NULL && forward_waiting(w->forward) == 0;
    if (w->stopping && (done || !mono_before(now.mono, w->until)))
        uv_stop(&w->loop);
    worker_set_timer(w);
}

static void on_idle(uv_idle_t *idle)
{
    struct worker *w = idle->data;
    atomic_store_explicit(&w->heartbeat_ns, now_read().mono.ns, memory_order_relaxed);
    udp_idle(w);
    tcp_idle(w);
    bool more = w->ready != NULL;
    for (unsigned i = 0; i < w->sockets.udp_count; i++)
        more = more || w->udp[i].busy;
    worker_idle(w, more);
}

/* SIGTERM stops after answering what is in hand. */
static void begin_stop(struct worker *w)
{
    w->stopping = true;
    w->until = mono_plus_s(now_read().mono, STOP_S);
    udp_stop(w);
    tcp_stop(w);
}

static bool make_forward(struct worker *w)
{
    struct upstream_shell shell = {watch_fd, on_answered, w};
    w->upstream = upstream_new(&shell, &w->entropy, &w->counters);
    struct forward_options o = {
        .worker = w->number,
        .upstream = w->upstream,
        .cache = w->shared->cache,
        .counters = &w->counters,
        .log = w->shared->log,
        .seed = entropy_u64(&w->entropy),
        .post = post_letter,
        .ctx = w->shared,
    };
    w->forward = w->upstream == NULL ? NULL : forward_new(&o);
    return w->forward != NULL;
}

static void post_letter(void *ctx, unsigned worker, struct letter *l)
{
    struct shared *s = ctx;
    mail_post(&s->workers[worker - 1]->box, l);
}

static void watch_fd(void *ctx, int fd, bool read, bool write)
{
    struct worker *w = ctx;
    struct upstream_poll *p = w->polls;
    while (p != NULL && p->fd != fd)
        p = p->next;
    if (p == NULL && !read && !write)
        return;
    if (p == NULL) {
        p = calloc(1, sizeof *p);
        if (p == NULL || uv_poll_init(&w->loop, &p->poll, fd) != 0) {
            free(p);
            return; /* its questions time out */
        }
        p->worker = w;
        p->fd = fd;
        p->poll.data = p;
        p->next = w->polls;
        w->polls = p;
    }
    if (read || write) {
        p->events = (read ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0);
        (void)uv_poll_start(&p->poll, p->events, on_upstream);
        return;
    }
    struct upstream_poll **at = &w->polls;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    uv_poll_stop(&p->poll); /* upstream closes the descriptor when we return */
    uv_close((uv_handle_t *)&p->poll, poll_closed);
}

static void poll_closed(uv_handle_t *h)
{
    free(h->data);
}

static void on_upstream(uv_poll_t *poll, int status, int events)
{
    struct upstream_poll *p = poll->data;
    struct worker *w = p->worker;
    struct now now = now_read();
    if (status < 0) /* nobody listens there: libuv stopped it; upstream_ready reads the error */
        (void)uv_poll_start(&p->poll, p->events, on_upstream);
    epoch_enter(w->shared->epoch, w->number);
    upstream_ready(w->upstream, p->fd, status < 0 || (events & UV_READABLE) != 0,
                   (events & UV_WRITABLE) != 0, now);
    worker_ready(w, now);
    epoch_leave(w->shared->epoch, w->number);
    worker_set_timer(w);
}

static void on_answered(void *ctx, void *token, const uint8_t *msg, size_t len, struct now now)
{
    struct worker *w = ctx;
    forward_answered(w->forward, token, msg, len, now);
}

static void answer_again(struct worker *w, struct client *c, struct now now)
{
    struct answer_out out;
    struct packet p = {
        .buf = w->scratch, .len = c->len, .room = MSG_MAX, .from = c->from, .tcp = c->udp == NULL};
    p.keepalive = worker_keepalive(w);
    if (c->udp == NULL && c->stream == NULL) { /* the client went away */
        free(c);
        return;
    }
    memcpy(w->scratch, c->question, c->len);
    enum verdict v = answer(&w->answering, &p, &c->waiter.try, now, &out);
    if (out.wish != WISH_NONE)
        worker_wish(w, &out, &p.from, now);
    if (v == VERDICT_ASK && worker_ask(w, c, &out.ask, now))
        return;
    bool send = v == VERDICT_ASK ? worker_answer_without(w, &p, now, &out) : v == VERDICT_SEND;
    send_to(c, w->scratch, send ? out.len : 0);
    free(c);
}

static void send_to(struct client *c, const uint8_t *msg, size_t len)
{
    if (c->stream != NULL)
        stream_answer(c, msg, len);
    else if (len > 0)
        udp_answer(c, msg, len);
}

static void tell_news(struct worker *w)
{
    struct forward_news news;
    while (forward_take_news(w->forward, &news)) {
        struct keeper_event e = {
            .kind = KEEPER_NEWS,
            .slot = news.slot->number,
            .has_serial = news.has_serial,
            .serial = news.serial,
        };
        shared_tell(w->shared, &e);
    }
}

static void close_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}
