/* shell.c - the keeper's loop: events in, actions carried out. Main thread. */
#include "server/internal.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS         100
#define OPENING_TICK_MS 5 /* how often it looks whether all is read, so that workers may start */

static void on_wake(uv_async_t *async);
static void wake(void *ctx);
static void on_due(uv_timer_t *timer);
static void on_tick(uv_timer_t *timer);
static void on_inotify(uv_poll_t *poll, int status, int events);
static void on_stop(uv_signal_t *h, int number);
static void changed(void *ctx, size_t zone);
static void handle_letter(struct server *s, struct letter *l);
static void carry_out(struct server *s, struct keeper_action *a);
static void build(struct server *s, const struct keeper_action *a);
static void run_job(void *job);
static void set_due(struct server *s);

bool shell_start(struct server *s, struct oops *o)
{
    mailbox_init(&s->shared.keeper_box, wake, s);
    must(uv_async_init(&s->loop, &s->wake, on_wake) == 0 && uv_timer_init(&s->loop, &s->due) == 0);
    must(uv_timer_init(&s->loop, &s->tick) == 0 && uv_signal_init(&s->loop, &s->hup) == 0);
    must(uv_signal_init(&s->loop, &s->term) == 0 && uv_signal_init(&s->loop, &s->interrupt) == 0);
    s->wake.data = s->due.data = s->tick.data = s->hup.data = s->term.data = s->interrupt.data = s;
    uv_signal_start(&s->hup, reload_on_hup, SIGHUP);
    uv_signal_start(&s->term, on_stop, SIGTERM);
    uv_signal_start(&s->interrupt, on_stop, SIGINT);
    uv_timer_start(&s->tick, on_tick, OPENING_TICK_MS, OPENING_TICK_MS);
    s->watch = watch_new(changed, s, s->log);
    s->hands = hands_of_threads(uv_available_parallelism());
    s->pool = pool_start(s->hands.count, &s->shared.keeper_box, o);
    if (s->watch == NULL || s->pool == NULL)
        return s->pool != NULL ? oops(o, "out of memory") : false;
    if (watch_fd(s->watch) >= 0 && uv_poll_init(&s->loop, &s->inotify, watch_fd(s->watch)) == 0) {
        s->inotify.data = s;
        uv_poll_start(&s->inotify, UV_READABLE, on_inotify);
    }
    if (s->store != NULL &&
        (s->disk = disk_start(s->store, &s->shared.keeper_box, LETTER_DISK, o)) == NULL)
        return false;
    struct keeper_options k = {
        .config = s->config,
        .store = s->store,
        .epoch = s->shared.epoch,
        .epoch_slot = 0,
        .world = &s->shared.world,
        .files = &disk_files,
        .hands = &s->hands,
        .log = s->log,
        .entropy = &s->entropy,
        .seed = entropy_u64(&s->entropy),
    };
    k.own_networks = s->networks = networks_own(&k.own_network_count);
    s->keeper = keeper_new(&k);
    s->config = NULL;
    return s->keeper != NULL || oops(o, "out of memory");
}

void shell_turn(struct server *s, const struct keeper_event *e)
{
    struct keeper_actions actions = {0};
    if (!s->running)
        return; /* nobody is left to carry anything out */
    keeper_step(s->keeper, now_read(), e, &actions);
    server_carry_out(s, &actions);
    if (s->turned != NULL)
        s->turned(s->turned_ctx);
}

void server_released(struct server *s, size_t zone)
{
    struct keeper_actions actions = {0};
    struct keeper_event e = {.kind = KEEPER_RELEASED, .slot = (uint32_t)zone};
    if (!s->running)
        return;
    keeper_step(s->keeper, now_read(), &e, &actions);
    server_carry_out(s, &actions);
}

void shell_drain(struct server *s, bool handle)
{
    struct letter *l = mail_drain(&s->shared.keeper_box);
    while (l != NULL) {
        struct letter *next = l->next;
        if (handle)
            handle_letter(s, l);
        else if (l->kind == LETTER_BUILT)
            keeper_job_drop(((struct pool_job *)l)->ctx);
        free(l);
        l = next;
    }
}

void server_carry_out(struct server *s, struct keeper_actions *actions)
{
    struct keeper_action *a;
    while ((a = keeper_action_take(actions)) != NULL) {
        carry_out(s, a);
        keeper_action_free(a);
    }
    set_due(s);
}

/* Any thread. */
static void wake(void *ctx)
{
    struct server *s = ctx;
    uv_async_send(&s->wake);
}

static void on_wake(uv_async_t *async)
{
    struct server *s = async->data;
    shell_drain(s, s->running);
}

static void on_due(uv_timer_t *timer)
{
    shell_turn(timer->data, &(struct keeper_event){.kind = KEEPER_TIME});
}

static void on_tick(uv_timer_t *timer)
{
    struct server *s = timer->data;
    struct now now = now_read();
    if (!s->running)
        return;
    watch_sweep(s->watch, now.mono);
    if (!server_open(s, now))
        return;
    if (uv_timer_get_repeat(timer) != TICK_MS)
        uv_timer_start(timer, on_tick, TICK_MS, TICK_MS);
    service_tick(s, now);
}

static void on_inotify(uv_poll_t *poll, int status, int events)
{
    struct server *s = poll->data;
    (void)events;
    if (status >= 0)
        watch_ready(s->watch);
}

static void on_stop(uv_signal_t *h, int number)
{
    struct server *s = h->data;
    log_notice(s->log, "stopping (%s)", number == SIGTERM ? "SIGTERM" : "SIGINT");
    server_stop(s);
}

/* By mail, because a watch may be set in the middle of carrying out actions. */
static void changed(void *ctx, size_t zone)
{
    struct server *s = ctx;
    shared_tell(&s->shared, &(struct keeper_event){.kind = KEEPER_FILE_CHANGED, .slot = zone});
}

static void handle_letter(struct server *s, struct letter *l)
{
    struct keeper_event e = {0};
    switch ((enum letter_kind)l->kind) {
    case LETTER_EVENT:
        e = ((struct event_letter *)l)->event;
        break;
    case LETTER_DISK: {
        const struct disk_done *done = (struct disk_done *)l;
        e = (struct keeper_event){.kind = KEEPER_COMMITTED,
                                  .number = done->number,
                                  .ok = done->ok,
                                  .text = done->why.text};
        break;
    }
    case LETTER_BUILT:
        e = (struct keeper_event){.kind = KEEPER_BUILT, .job = ((struct pool_job *)l)->ctx};
        break;
    case LETTER_STOP:
        return;
    }
    shell_turn(s, &e);
}

static void carry_out(struct server *s, struct keeper_action *a)
{
    switch (a->kind) {
    case ACTION_SEND:
        ports_send(s, a);
        break;
    case ACTION_CONNECT:
        conns_connect(s, a);
        break;
    case ACTION_WRITE:
        conns_write(s, a);
        break;
    case ACTION_CLOSE:
        conns_close(s, a->conn);
        break;
    case ACTION_COMMIT:
        disk_commit(s->disk, a->number, &a->batch);
        break;
    case ACTION_BUILD:
        build(s, a);
        break;
    case ACTION_WATCH:
        watch_set(s->watch, a->slot, a->watch, buf_text(&a->data), a->path_count);
        break;
    case ACTION_UNWATCH:
        watch_drop(s->watch, a->slot);
        break;
    }
}

static void build(struct server *s, const struct keeper_action *a)
{
    struct pool_job *job = calloc(1, sizeof *job);
    must(job != NULL);
    job->letter.kind = LETTER_BUILT;
    job->size = a->size;
    job->run = run_job;
    job->ctx = a->job;
    pool_add(s->pool, job);
}

/* Pool thread. */
static void run_job(void *job)
{
    keeper_job_run(job);
}

static void set_due(struct server *s)
{
    struct mono next = keeper_due(s->keeper);
    if (next.ns == MONO_NEVER.ns) {
        uv_timer_stop(&s->due);
        return;
    }
    int64_t ns = next.ns - now_read().mono.ns;
    int64_t ms = ns <= 0 ? 0 : (ns + NS_PER_MS - 1) / NS_PER_MS;
    uv_update_time(&s->loop);
    uv_timer_start(&s->due, on_due, (uint64_t)ms, 0);
}
