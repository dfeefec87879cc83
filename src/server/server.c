/* server.c - starting everything in order, and stopping it in the reverse order. Main thread.
 *
 * Start: sockets (as root), privileges dropped, journal, cache, workers' things, keeper, zones,
 * then the workers. Stop: workers answer what is in hand, the pool ends, what is not on disk yet
 * is committed, the rest is freed. */
#include "server/server.h"
#include "server/confine.h"
#include "server/internal.h"
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define HOLD_MS 2000 /* a resolver's patience: then it is told SERVFAIL, and asks our neighbour */

static bool prepare(struct server *s, struct oops *o);
static bool open_store(struct server *s, struct oops *o);
static bool needs_store(const struct config *c);
static bool make_shared(struct server *s, struct oops *o);
static bool make_workers(struct server *s, struct oops *o);
static void say_hello(struct server *s);
static void stop_threads(struct server *s);
static void last_commit(struct server *s);
static void close_handle(uv_handle_t *h, void *arg);

struct server *server_new(const struct server_options *options, struct oops *o)
{
    struct server *s = calloc(1, sizeof *s);
    if (s == NULL) {
        config_free(options->config);
        oops(o, "out of memory");
        return NULL;
    }
    s->log = s->shared.log = options->log;
    s->config = options->config;
    s->config_path = strdup(options->config_path);
    s->entropy = entropy_from(&s->chance);
    if (prepare(s, o))
        return s;
    server_free(s);
    return NULL;
}

bool server_run(struct server *s, struct oops *o)
{
    s->began = now_read().mono;
    s->running = true;
    service_start(s);
    shell_turn(s,
               &(struct keeper_event){.kind = KEEPER_START}); /* makes the world they look into */
    say_hello(s);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    service_stopping();
    stop_threads(s);
    if (s->trouble.text[0] != 0) {
        *o = s->trouble;
        return false;
    }
    log_notice(s->log, "stopped");
    return true;
}

/* Questions wait in the sockets while the zones are read: a restart, or the start by the first
 * question, gives nobody SERVFAIL for a zone that is there in a moment. */
bool server_open(struct server *s, struct now now)
{
    bool reading = s->workers_started == 0 && mono_ms_between(s->began, now.mono) < HOLD_MS &&
                   !service_all_loaded(s, now);
    while (!reading && s->workers_started < s->shared.worker_count) {
        if (!worker_start(s->shared.workers[s->workers_started], &s->trouble)) {
            server_stop(s);
            return false;
        }
        s->workers_started++;
    }
    return !reading;
}

void server_free(struct server *s)
{
    if (s == NULL)
        return;
    pool_stop(s->pool); /* of a server that was never run */
    disk_stop(s->disk);
    for (unsigned i = 0; s->shared.workers != NULL && i < s->shared.worker_count; i++)
        worker_silence(s->shared.workers[i]);
    for (unsigned i = 0; s->shared.workers != NULL && i < s->shared.worker_count; i++)
        worker_free(s->shared.workers[i]);
    shell_drain(s, false);
    if (s->loop_made) {
        ports_close(s);
        conns_close_all(s);
        uv_walk(&s->loop, close_handle, NULL);
        uv_run(&s->loop, UV_RUN_DEFAULT);
        uv_loop_close(&s->loop);
    }
    keeper_free(s->keeper);
    config_free(s->config);
    watch_free(s->watch);
    if (s->store != NULL)
        store_close(s->store);
    cache_free(s->shared.cache);
    if (s->shared.epoch != NULL)
        epoch_free(s->shared.epoch);
    census_free(&s->shared.census);
    free(s->shared.workers);
    free(s->networks);
    free(s->config_path);
    free(s);
}

uv_loop_t *server_loop(struct server *s)
{
    return &s->loop;
}

struct keeper *server_keeper(struct server *s)
{
    return s->keeper;
}

struct cache *server_cache(struct server *s)
{
    return s->shared.cache;
}

const struct log *server_log(struct server *s)
{
    return s->log;
}

const struct world_zone *server_zone(struct server *s, const uint8_t *name, uint16_t type)
{
    return world_find(atomic_load_explicit(&s->shared.world, memory_order_acquire), name, type);
}

void server_on_turn(struct server *s, void (*turned)(void *ctx), void *ctx)
{
    s->turned = turned;
    s->turned_ctx = ctx;
}

void server_stop(struct server *s)
{
    uv_stop(&s->loop);
}

uint64_t server_count(struct server *s, enum counter which)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < s->shared.worker_count; i++)
        sum += counted(&s->shared.workers[i]->counters, which);
    return sum;
}

enum verdict server_answer(struct server *s, const struct packet *p, struct answer_out *out)
{
    static const struct answer_try first = {0};
    struct answer_worker w = {.cache = s->shared.cache, .counters = &s->counters};
    epoch_enter(s->shared.epoch, 0);
    w.world = atomic_load_explicit(&s->shared.world, memory_order_acquire);
    enum verdict v = answer(&w, p, &first, now_read(), out);
    epoch_leave(s->shared.epoch, 0);
    return v;
}

void server_inside(struct server *s, void (*fn)(void *ctx, unsigned slot), void *ctx)
{
    epoch_enter(s->shared.epoch, 0);
    fn(ctx, 0);
    epoch_leave(s->shared.epoch, 0);
}

static bool prepare(struct server *s, struct oops *o)
{
    const struct config_server *c = &s->config->server;
    s->shared.limits = *c;
    s->shared.worker_count = c->threads != 0 ? c->threads : uv_available_parallelism();
    s->sets = calloc(s->shared.worker_count, sizeof *s->sets);
    if (s->sets == NULL)
        return oops(o, "out of memory");
    bool ok = sockets_open(c, s->sets, s->shared.worker_count, &s->handed, o) && open_store(s, o) &&
              make_shared(s, o) && make_workers(s, o);
    for (unsigned i = 0; i < s->shared.worker_count; i++)
        sockets_close(&s->sets[i]); /* empty where a worker has taken them */
    free(s->sets);
    s->sets = NULL;
    if (!ok || uv_loop_init(&s->loop) != 0)
        return ok ? oops(o, "out of memory") : false;
    s->loop_made = true;
    return shell_start(s, o);
}

/* The directories are made as root, the journal's files as who we become. A damaged journal is
 * put aside, loudly: secondaries transfer again, primaries have their files. */
static bool open_store(struct server *s, struct oops *o)
{
    const struct config_server *c = &s->config->server;
    char *socket_dir = strdup(s->config->control_socket);
    char *slash = socket_dir == NULL ? NULL : strrchr(socket_dir, '/');
    bool ok = true;
    if (slash != NULL && slash != socket_dir) {
        *slash = 0;
        ok = confine_directory(socket_dir, c->user, true, o);
    }
    free(socket_dir);
    ok = ok && (!needs_store(s->config) || confine_directory(c->state, c->user, false, o));
    if (!ok || !confine_drop(c->user, o))
        return false;
    if (!needs_store(s->config))
        return true;
    struct buf moved = {0};
    struct oops aside = {{0}};
    s->store = store_open(c->state, o);
    if (s->store == NULL && store_set_aside(c->state, &moved, &aside)) {
        log_error(s->log, "%s; it was moved to %s and an empty one begun", o->text,
                  buf_text(&moved));
        s->store = store_open(c->state, o);
    }
    buf_free(&moved);
    return s->store != NULL;
}

static bool needs_store(const struct config *c)
{
    return c->server.state != NULL && c->server.state[0] != 0;
}

static bool make_shared(struct server *s, struct oops *o)
{
    const struct config_cache *c = &s->config->cache;
    const struct config_server *l = &s->shared.limits;
    s->shared.epoch = epoch_new(s->shared.worker_count + 1);
    struct cache_options cache = {
        .size = c->size,
        .max_ttl_s = c->max_ttl_s,
        .max_negative_ttl_s = c->max_negative_ttl_s,
        .serve_stale_s = c->serve_stale_s,
        .refresh_at = c->refresh_at,
        .seed = entropy_u64(&s->entropy),
        .epoch = s->shared.epoch,
        .nxdomain_covers_below = true,
    };
    s->shared.cache = s->shared.epoch == NULL ? NULL : cache_new(&cache);
    s->entropy.fill(s->entropy.ctx, s->shared.cookie_seed, sizeof s->shared.cookie_seed);
    s->shared.workers = calloc(s->shared.worker_count, sizeof(struct worker *));
    bool ok = s->shared.cache != NULL && s->shared.workers != NULL &&
              census_init(&s->shared.census, l->tcp_connections, l->tcp_per_address);
    return ok || oops(o, "out of memory");
}

static bool make_workers(struct server *s, struct oops *o)
{
    unsigned wanted = s->shared.worker_count;
    for (s->shared.worker_count = 0; s->shared.worker_count < wanted; s->shared.worker_count++) {
        unsigned i = s->shared.worker_count;
        s->shared.workers[i] = worker_new(&s->shared, i + 1, &s->sets[i], o);
        if (s->shared.workers[i] == NULL) {
            for (; i < wanted; i++)
                sockets_close(&s->sets[i]);
            return false;
        }
    }
    return true;
}

static void say_hello(struct server *s)
{
    const struct config_server *c = &keeper_config(s->keeper)->server;
    struct buf where = {0};
    char text[ADDR_TEXT];
    for (unsigned i = 0; !s->handed && i < c->listen_count; i++)
        buf_print(&where, "%s%s", i == 0 ? "" : ", ", addr_print(&c->listen[i], text));
    if (s->handed)
        buf_print(&where, "the service manager's sockets (`listen` is not used)");
    unsigned zones = keeper_zone_count(s->keeper), workers = s->shared.worker_count;
    log_notice(s->log, "settled: %u zone%s, %u worker%s, listening on %s%s", zones,
               zones == 1 ? "" : "s", workers, workers == 1 ? "" : "s", buf_text(&where),
               c->listen_default && !s->handed ? " (no `listen` given: loopback only)" : "");
    buf_free(&where);
}

static void stop_threads(struct server *s)
{
    s->running = false;
    for (unsigned i = 0; i < s->workers_started; i++)
        worker_stop(s->shared.workers[i]);
    for (unsigned i = 0; i < s->workers_started; i++)
        worker_join(s->shared.workers[i]);
    pool_stop(s->pool);
    last_commit(s);
    disk_stop(s->disk);
    shell_drain(s, false);
    s->pool = NULL;
    s->disk = NULL;
}

static void last_commit(struct server *s)
{
    struct store_batch batch = {0};
    if (s->disk != NULL && keeper_last_batch(s->keeper, now_read(), &batch))
        disk_commit(s->disk, 0, &batch);
    batch_free(&batch);
}

static void close_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}
