/* node.c - one simulated server: the shell that carries out what its keeper says, and its one
 * worker. Epoch slots: 0 the keeper, 1 the worker. Jobs and commits take a little simulated time
 * and may be lost by a crash in between. */
#include "sim.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOB_US    500
#define COMMIT_US 400
#define MAIL_US   20 /* from one thread to another */
#define WATCH_US  50 /* from the kernel's file watch to the keeper */

struct client { /* a question that waits for upstream */
    struct waiter waiter;
    struct client *next;
    struct addr from, to;
    size_t len;
    uint8_t question[512];
};

static void fill(void *ctx, void *out, size_t len);
static bool read_file(void *ctx, const char *path, struct buf *out, struct file_id *id,
                      struct oops *o);
static bool match_files(void *ctx, const char *pattern, struct buf *found, struct oops *o);
static void write_log(void *ctx, enum log_level level, const char *line);
static void carry_out(struct node *n, struct keeper_action *a);
static void built(struct sim *s, struct sim_event *e);
static void committed(struct sim *s, struct sim_event *e);
static void on_timer(struct sim *s, struct sim_event *e);
static void set_timer(struct node *n);
static void watch_nothing(void *ctx, int fd, bool read, bool write);
static void answered(void *ctx, void *token, const uint8_t *msg, size_t len, struct now now);
static void question(struct node *n, const struct addr *from, const struct addr *to,
                     const uint8_t *msg, size_t len);
static void try_again(struct node *n, struct client *c);
static void client_free(struct node *n, struct client *c);
static void delivered(struct sim *s, struct sim_event *e);
static void sync_some(struct node *n, unsigned synced);
static struct sim_event *next_commit(struct node *n);
static void drop_jobs(struct node *n);
static void watch(struct node *n, struct keeper_action *a);
static bool watches(const struct sim_watch *w, const char *name);
static struct sim_file *file_named(struct node *n, const char *name);
static const char *base_name(const char *path);

struct node *node_add(struct sim *s, const char *name, const struct addr *a)
{
    must(s->node_count < SIM_NODES);
    struct node *n = &s->nodes[s->node_count++];
    n->sim = s;
    snprintf(n->name, sizeof n->name, "%s", name);
    n->addr = *a;
    n->disk = sim_disk_new();
    must(n->disk != NULL);
    rand_seed(&n->chance, s->seed ^ (s->node_count * UINT64_C(0x9e3779b97f4a7c15)));
    for (unsigned i = 0; i < SIM_NODES; i++)
        s->links[n - s->nodes][i] = s->links[i][n - s->nodes] = (struct link){.delay_ms = 1};
    return n;
}

bool node_start(struct node *n, struct buf *complaints)
{
    struct report report = {0};
    n->files_door = (struct files){.read = read_file, .match = match_files, .ctx = n};
    n->log_door = (struct log){LOG_LEVEL_DEBUG, write_log, n};
    n->entropy_door = (struct entropy){fill, n};
    struct config *config = config_read("settled.conf", &n->files_door, &report);
    if (config == NULL) {
        buf_print(complaints, "%s", buf_text(&report.text));
        report_free(&report);
        return false;
    }
    report_free(&report);
    n->store = sim_store_open(n->disk);
    n->epoch = epoch_new(2);
    struct cache_options cache = {
        .size = config->cache.size,
        .max_ttl_s = config->cache.max_ttl_s,
        .max_negative_ttl_s = config->cache.max_negative_ttl_s,
        .serve_stale_s = config->cache.serve_stale_s,
        .refresh_at = config->cache.refresh_at,
        .seed = rand_u64(&n->chance),
        .epoch = n->epoch,
        .nxdomain_covers_below = true,
    };
    n->cache = cache_new(&cache);
    struct upstream_shell shell = {watch_nothing, answered, n};
    n->upstream = upstream_new(&shell, &n->entropy_door, &n->counters);
    upstream_home(n->upstream, n);
    struct forward_options forward = {.worker = 1,
                                      .upstream = n->upstream,
                                      .cache = n->cache,
                                      .counters = &n->counters,
                                      .log = &n->log_door,
                                      .seed = rand_u64(&n->chance)};
    n->forward = forward_new(&forward);
    struct keeper_options keeper = {.config = config,
                                    .store = n->store,
                                    .epoch = n->epoch,
                                    .epoch_slot = 0,
                                    .world = &n->world,
                                    .files = &n->files_door,
                                    .log = &n->log_door,
                                    .entropy = &n->entropy_door,
                                    .seed = rand_u64(&n->chance)};
    n->keeper = keeper_new(&keeper);
    n->life++;
    n->up = true;
    n->wake_at = MONO_NEVER;
    node_event(n, &(struct keeper_event){.kind = KEEPER_START});
    return true;
}

bool node_configure(struct node *n, struct buf *complaints)
{
    struct report report = {0};
    struct config *config = config_read("settled.conf", &n->files_door, &report);
    buf_print(complaints, "%s", buf_text(&report.text));
    report_free(&report);
    if (config == NULL)
        return false;
    node_event(n, &(struct keeper_event){.kind = KEEPER_CONFIG, .config = config});
    return true;
}

void node_crash(struct node *n, unsigned synced)
{
    if (!n->up)
        return;
    sync_some(n, synced);
    net_drop(n);
    drop_jobs(n);
    n->up = false;
    forward_free(n->forward);
    while (n->clients != NULL)
        client_free(n, n->clients);
    upstream_free(n->upstream);
    keeper_free(n->keeper);
    cache_free(n->cache);
    epoch_free(n->epoch);
    store_close(n->store);
    for (unsigned i = 0; i < SIM_WATCHES; i++) {
        buf_free(&n->watches[i].paths);
        n->watches[i].on = false;
    }
    memset(&n->counters, 0, sizeof n->counters);
}

void node_free(struct node *n)
{
    node_crash(n, 0);
    sim_disk_free(n->disk);
    for (unsigned i = 0; i < SIM_FILES; i++)
        buf_free(&n->files[i].text);
    buf_free(&n->config_text);
    buf_free(&n->log);
}

bool node_file(struct node *n, const char *name, const char *text, size_t len)
{
    struct sim_file *f = file_named(n, name);
    if (f == NULL)
        f = file_named(n, "");
    if (f == NULL)
        return false;
    snprintf(f->name, sizeof f->name, "%s", name);
    f->text.len = 0;
    buf_add(&f->text, text, len);
    f->version++;
    for (unsigned i = 0; n->up && i < SIM_WATCHES; i++)
        if (watches(&n->watches[i], name))
            sim_later(n->sim, WATCH_US, delivered, n)->news =
                (struct keeper_event){.kind = KEEPER_FILE_CHANGED, .slot = n->watches[i].slot};
    return true;
}

void node_event(struct node *n, const struct keeper_event *e)
{
    struct keeper_actions actions = {0};
    keeper_step(n->keeper, sim_now(n->sim, n), e, &actions);
    node_carry_out(n, &actions);
}

void node_carry_out(struct node *n, struct keeper_actions *actions)
{
    struct keeper_action *a;
    while ((a = keeper_action_take(actions)) != NULL) {
        carry_out(n, a);
        keeper_action_free(a);
    }
    set_timer(n);
}

void node_mail(struct node *n, const struct keeper_event *e)
{
    sim_later(n->sim, MAIL_US, delivered, n)->news = *e;
}

void node_wish(struct node *n, const struct answer_out *out, const struct addr *from)
{
    struct keeper_event e = {.from = *from};
    if (out->wish == WISH_NONE)
        return;
    if (out->wish == WISH_REFRESH) {
        bool started = forward_start(n->forward, &out->ask, NULL, sim_now(n->sim, n));
        (void)started;
        return;
    }
    e.kind = out->wish == WISH_TELL_KEEPER ? KEEPER_NOTIFIED : KEEPER_HINT;
    e.slot = out->told.zone->slot->number;
    e.has_serial = out->told.has_serial;
    e.serial = out->told.serial;
    e.type = (uint16_t)out->told.ask_kind;
    node_mail(n, &e);
}

void node_packet(struct node *n, const struct addr *from, const struct addr *to, const uint8_t *msg,
                 size_t len)
{
    if (to->port == PORT_DNS) {
        question(n, from, to, msg, len);
    } else if (to->port == PORT_KEEPER) {
        node_event(n, &(struct keeper_event){
                          .kind = KEEPER_PACKET, .from = *from, .data = msg, .len = len});
    } else {
        epoch_enter(n->epoch, 1);
        upstream_packet(n->upstream, from, msg, len, sim_now(n->sim, n));
        node_ready(n);
        epoch_leave(n->epoch, 1);
    }
    if (n->up)
        set_timer(n);
}

enum verdict node_answer(struct node *n, struct packet *p, struct answer_out *out)
{
    static const struct answer_try first;
    struct answer_worker w = {
        .world = atomic_load(&n->world), .cache = n->cache, .counters = &n->counters};
    return answer(&w, p, &first, sim_now(n->sim, n), out);
}

void node_ready(struct node *n)
{
    struct waiter *list;
    struct forward_news news;
    while ((list = forward_take(n->forward)) != NULL) {
        while (list != NULL) {
            struct waiter *next = list->next;
            try_again(n, (struct client *)list);
            list = next;
        }
        forward_taken(n->forward);
    }
    while (forward_take_news(n->forward, &news))
        node_mail(n, &(struct keeper_event){.kind = KEEPER_NEWS,
                                            .slot = news.slot->number,
                                            .has_serial = news.has_serial,
                                            .serial = news.serial});
}

void node_timer(struct node *n)
{
    struct now now = sim_now(n->sim, n);
    n->wake_at = MONO_NEVER;
    epoch_enter(n->epoch, 1);
    upstream_late(n->upstream, now);
    forward_late(n->forward, now);
    node_ready(n);
    (void)cache_sweep(n->cache, 1, now.mono, 64);
    epoch_leave(n->epoch, 1);
    (void)epoch_sweep(n->epoch, 1, 1000);
    node_event(n, &(struct keeper_event){.kind = KEEPER_TIME});
}

static void fill(void *ctx, void *out, size_t len)
{
    struct node *n = ctx;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)rand_u64(&n->chance);
}

static bool read_file(void *ctx, const char *path, struct buf *out, struct file_id *id,
                      struct oops *o)
{
    struct node *n = ctx;
    const char *name = base_name(path);
    if (strcmp(name, "settled.conf") == 0) {
        buf_add(out, n->config_text.data, n->config_text.len);
        *id = (struct file_id){.size = n->config_text.len};
        return true;
    }
    const struct sim_file *f = file_named(n, name);
    if (f == NULL)
        return oops(o, "cannot open %s: No such file or directory", path);
    buf_add(out, f->text.data, f->text.len);
    *id = (struct file_id){.inode = (uint64_t)(f - n->files) + 1,
                           .size = f->text.len,
                           .mtime_ns = (int64_t)f->version};
    return true;
}

static bool match_files(void *ctx, const char *pattern, struct buf *found, struct oops *o)
{
    (void)ctx, (void)pattern, (void)found, (void)o;
    return true;
}

static void write_log(void *ctx, enum log_level level, const char *line)
{
    struct node *n = ctx;
    buf_print(&n->log, "%s\n", line);
    if (n->sim->verbose)
        printf("%10.4f %-8s %s: %s\n", (double)(n->sim->now.ns - NS_PER_S) / 1e9, n->name,
               log_level_name(level), line);
}

static void carry_out(struct node *n, struct keeper_action *a)
{
    struct addr from = n->addr;
    struct sim_event *e;
    switch (a->kind) {
    case ACTION_SEND:
        from.port = PORT_KEEPER;
        net_udp(n->sim, &from, &a->to, a->data.data, a->data.len);
        break;
    case ACTION_CONNECT:
        net_connect(n, a);
        break;
    case ACTION_WRITE:
        net_write(n, a->conn, a->data.data, a->data.len);
        break;
    case ACTION_CLOSE:
        net_close(n, a->conn);
        break;
    case ACTION_COMMIT:
        e = sim_later(n->sim, COMMIT_US, committed, n);
        e->number = a->number;
        e->data = a->batch.ops;
        a->batch.ops = (struct buf){0}; /* moved */
        break;
    case ACTION_BUILD:
        e = sim_later(n->sim, JOB_US, built, n);
        e->thing = a->job;
        break;
    case ACTION_WATCH:
    case ACTION_UNWATCH:
        watch(n, a);
        break;
    }
}

static void built(struct sim *s, struct sim_event *e)
{
    struct keeper_job *job = e->thing;
    (void)s;
    keeper_job_run(job);
    node_event(e->node, &(struct keeper_event){.kind = KEEPER_BUILT, .job = job});
}

static void committed(struct sim *s, struct sim_event *e)
{
    struct oops o = {{0}};
    struct store_batch batch = {.ops = e->data, .count = 1};
    (void)s;
    bool ok = store_commit(e->node->store, &batch, &o);
    node_event(e->node,
               &(struct keeper_event){
                   .kind = KEEPER_COMMITTED, .number = e->number, .ok = ok, .text = o.text});
}

static void delivered(struct sim *s, struct sim_event *e)
{
    (void)s;
    node_event(e->node, &e->news);
}

/* The oldest commits under way are carried out, though their process will not hear of it. */
static void sync_some(struct node *n, unsigned synced)
{
    struct sim_event *e;
    struct oops o;
    for (unsigned i = 0; i < synced && (e = next_commit(n)) != NULL; i++) {
        struct store_batch batch = {.ops = e->data, .count = 1};
        bool ok = store_commit(n->store, &batch, &o);
        (void)ok; /* a full disk: lost like the others */
        e->life = 0;
    }
}

static struct sim_event *next_commit(struct node *n)
{
    struct sim_event *first = NULL;
    for (size_t i = 0; i < n->sim->count; i++) {
        struct sim_event *e = n->sim->heap[i];
        if (e->happen == committed && e->node == n && e->life == n->life &&
            (first == NULL || e->order < first->order))
            first = e;
    }
    return first;
}

/* Jobs on their way die with the process; their events find a later life. */
static void drop_jobs(struct node *n)
{
    for (size_t i = 0; i < n->sim->count; i++) {
        struct sim_event *e = n->sim->heap[i];
        if (e->happen == built && e->node == n && e->life == n->life)
            keeper_job_drop(e->thing);
    }
}

static void watch(struct node *n, struct keeper_action *a)
{
    struct sim_watch *w = n->watches;
    while (w < n->watches + SIM_WATCHES && !(w->on && w->slot == a->slot))
        w++;
    if (w == n->watches + SIM_WATCHES)
        for (w = n->watches; w->on; w++)
            must(w + 1 < n->watches + SIM_WATCHES);
    buf_free(&w->paths);
    *w = (struct sim_watch){
        .on = a->kind == ACTION_WATCH, .slot = a->slot, .count = a->path_count, .paths = a->data};
    a->data = (struct buf){0};
}

static bool watches(const struct sim_watch *w, const char *name)
{
    const char *path = (const char *)w->paths.data;
    for (unsigned i = 0; w->on && i < w->count; i++, path += strlen(path) + 1)
        if (strcmp(base_name(path), name) == 0)
            return true;
    return false;
}

/* The name "": a place that is free. */
static struct sim_file *file_named(struct node *n, const char *name)
{
    for (struct sim_file *f = n->files; f < n->files + SIM_FILES; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void on_timer(struct sim *s, struct sim_event *e)
{
    if (s->now.ns >= e->node->wake_at.ns)
        node_timer(e->node);
}

/* One timer event is on its way for the earliest due time; a later one that is overtaken finds
 * nothing to do. */
static void set_timer(struct node *n)
{
    struct mono due = mono_min(keeper_due(n->keeper),
                               mono_min(forward_due(n->forward), upstream_due(n->upstream)));
    if (due.ns == MONO_NEVER.ns || !mono_before(due, n->wake_at))
        return;
    int64_t us = (due.ns - n->sim->now.ns + 999) / 1000;
    n->wake_at = due;
    sim_later(n->sim, us > 0 ? us : 0, on_timer, n);
}

static void watch_nothing(void *ctx, int fd, bool read, bool write)
{
    (void)ctx, (void)fd, (void)read, (void)write;
}

static void answered(void *ctx, void *token, const uint8_t *msg, size_t len, struct now now)
{
    struct node *n = ctx;
    forward_answered(n->forward, token, msg, len, now);
}

static void question(struct node *n, const struct addr *from, const struct addr *to,
                     const uint8_t *msg, size_t len)
{
    uint8_t buf[4096];
    struct answer_out out;
    if (len > sizeof buf)
        return;
    memcpy(buf, msg, len);
    struct packet p = {.buf = buf, .len = len, .room = sizeof buf, .from = *from};
    epoch_enter(n->epoch, 1);
    enum verdict v = node_answer(n, &p, &out);
    node_wish(n, &out, from);
    if (v == VERDICT_SEND)
        net_udp(n->sim, to, from, buf, out.len);
    if (v == VERDICT_ASK) {
        struct client *c = calloc(1, sizeof *c);
        must(c != NULL && len <= sizeof c->question);
        c->from = *from;
        c->to = *to;
        c->len = len;
        memcpy(c->question, msg, len);
        c->next = n->clients;
        n->clients = c;
        if (!forward_start(n->forward, &out.ask, &c->waiter, sim_now(n->sim, n)))
            client_free(n, c);
    }
    node_ready(n);
    epoch_leave(n->epoch, 1);
}

static void try_again(struct node *n, struct client *c)
{
    uint8_t buf[4096];
    struct answer_out out;
    struct answer_worker w = {
        .world = atomic_load(&n->world), .cache = n->cache, .counters = &n->counters};
    struct packet p = {.buf = buf, .len = c->len, .room = sizeof buf, .from = c->from};
    memcpy(buf, c->question, c->len);
    enum verdict v = answer(&w, &p, &c->waiter.try, sim_now(n->sim, n), &out);
    node_wish(n, &out, &c->from);
    if (v == VERDICT_ASK && forward_start(n->forward, &out.ask, &c->waiter, sim_now(n->sim, n)))
        return;
    if (v == VERDICT_SEND)
        net_udp(n->sim, &c->to, &c->from, buf, out.len);
    client_free(n, c);
}

static void client_free(struct node *n, struct client *c)
{
    struct client **at = &n->clients;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    free(c);
}
