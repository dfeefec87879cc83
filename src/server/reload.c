/* reload.c - the configuration read again, off the loop, because ten thousand zones take longer
 * than a turn may. */
#include "server/internal.h"
#include <stdlib.h>
#include <string.h>

struct reload {
    uv_work_t work;
    struct server *server;
    struct config *config;
    struct report report;
    void (*done)(void *ctx, bool ok, struct report *report);
    void *ctx;
};

static void read_config(uv_work_t *work);
static void config_was_read(uv_work_t *work, int status);
static void reload_files(struct server *s);
static void log_errors(struct server *s, struct report *report);
static void say_what_needs_a_restart(struct server *s, const struct config *new,
                                     struct report *report);
static bool same_addresses(const struct config_server *a, const struct config_server *b);
static bool same_text(const char *a, const char *b);
static bool same_tcp(const struct config_server *a, const struct config_server *b);
static bool same_cache(const struct config_cache *a, const struct config_cache *b);

void reload_on_hup(uv_signal_t *h, int number)
{
    struct server *s = h->data;
    (void)number;
    log_notice(s->log, "reloading (SIGHUP)");
    server_reload(s, NULL, NULL);
}

void server_reload(struct server *s, void (*done)(void *ctx, bool ok, struct report *report),
                   void *ctx)
{
    struct reload *r = calloc(1, sizeof *r);
    must(r != NULL);
    r->server = s;
    r->done = done;
    r->ctx = ctx;
    r->work.data = r;
    service_reloading(s, true);
    must(uv_queue_work(&s->loop, &r->work, read_config, config_was_read) == 0);
}

/* A thread of the loop's own pool. */
static void read_config(uv_work_t *work)
{
    struct reload *r = work->data;
    r->config = config_read(r->server->config_path, &disk_files, &r->report);
}

static void config_was_read(uv_work_t *work, int status)
{
    struct reload *r = work->data;
    struct server *s = r->server;
    bool ok = status == 0 && r->config != NULL;
    if (!s->running) { /* stopped meanwhile; whoever waited has gone, and may let go of it */
        config_free(r->config);
        if (r->done != NULL)
            r->done(r->ctx, false, &r->report);
        report_free(&r->report);
        free(r);
        return;
    }
    if (!ok)
        log_errors(s, &r->report);
    if (ok) {
        say_what_needs_a_restart(s, r->config, &r->report);
        shell_turn(s, &(struct keeper_event){.kind = KEEPER_CONFIG, .config = r->config});
    }
    reload_files(s);
    service_reloading(s, false);
    if (r->done != NULL)
        r->done(r->ctx, ok, &r->report);
    report_free(&r->report);
    free(r);
}

/* The lines that name a place, without the source text and caret below them. */
static void log_errors(struct server *s, struct report *report)
{
    const char *line = report_text(report);
    while (*line != 0) {
        const char *end = strchrnul(line, '\n');
        const char *error = strstr(line, "error: ");
        if (line[0] != ' ' && error != NULL && error < end)
            log_error(s->log, "configuration: %.*s", (int)(end - line), line);
        line = *end == 0 ? end : end + 1;
    }
    log_error(s->log, "configuration not taken, the old one is in use: %u error%s", report->errors,
              report->errors == 1 ? "" : "s");
}

/* Also when the configuration has an error: the zones' owners did nothing wrong. */
static void reload_files(struct server *s)
{
    struct keeper_actions actions = {0};
    struct now now = now_read();
    unsigned n = keeper_zone_count(s->keeper);
    size_t *numbers = calloc(n + 1, sizeof *numbers);
    n = numbers == NULL ? 0 : keeper_zones_in_order(s->keeper, numbers, n);
    for (unsigned i = 0; i < n; i++) {
        struct keeper_zone_view v;
        if (keeper_zone(s->keeper, numbers[i], now, &v) && v.role == ROLE_PRIMARY)
            keeper_reload(s->keeper, numbers[i], false, now, &actions);
    }
    free(numbers);
    server_carry_out(s, &actions);
}

/* What is read once, at start (settled.conf(5), Reloading): for the log, and for who asked. */
static void say_what_needs_a_restart(struct server *s, const struct config *new,
                                     struct report *report)
{
    const struct config *old = keeper_config(s->keeper);
    const struct config_server *a = &old->server, *b = &new->server;
    const struct {
        const char *what;
        bool same;
    } parts[] = {
        {"listen of server", same_addresses(a, b)},
        {"threads of server", a->threads == b->threads},
        {"state of server", same_text(a->state, b->state)},
        {"user of server", same_text(a->user, b->user)},
        {"tcp limits of server", same_tcp(a, b)},
        {"control", same_text(old->control_socket, new->control_socket)},
        {"log", old->log_level == new->log_level && old->log_format == new->log_format},
        {"cache", same_cache(&old->cache, &new->cache)},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!parts[i].same) {
            log_warning(s->log, "configuration: %s has changed: that needs a restart",
                        parts[i].what);
            report_warning(report, &(struct place){.file = s->config_path},
                           "%s has changed: that needs a restart", parts[i].what);
        }
}

static bool same_addresses(const struct config_server *a, const struct config_server *b)
{
    bool same = a->listen_count == b->listen_count;
    for (unsigned i = 0; same && i < a->listen_count; i++)
        same = addr_same(&a->listen[i], &b->listen[i]);
    return same;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_tcp(const struct config_server *a, const struct config_server *b)
{
    return a->tcp_connections == b->tcp_connections && a->tcp_per_address == b->tcp_per_address &&
           a->tcp_pipeline == b->tcp_pipeline && a->tcp_output == b->tcp_output &&
           a->tcp_idle_s == b->tcp_idle_s;
}

static bool same_cache(const struct config_cache *a, const struct config_cache *b)
{
    return a->size == b->size && a->max_ttl_s == b->max_ttl_s &&
           a->max_negative_ttl_s == b->max_negative_ttl_s && a->serve_stale_s == b->serve_stale_s &&
           a->refresh_at == b->refresh_at;
}
