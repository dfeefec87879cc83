/* service.c - what systemd is told (sd_notify): ready when the first loading is over, a status
 * line, and the watchdog's beat while every worker's loop turns. Without NOTIFY_SOCKET nobody is
 * told; what only reading needed goes back to the kernel all the same. */
#include "server/internal.h"
#include <malloc.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#define STATUS_S 5
#define READY_S  60 /* ready at the latest after this, whatever still loads */

static bool is_loading(const struct server *s, size_t number, struct now now);
static void give_back(struct server *s);
static void status(struct server *s, struct now now);
static void watchdog(struct server *s, struct now now);

void service_start(struct server *s)
{
    if (sd_watchdog_enabled(0, &s->watchdog_us) <= 0)
        s->watchdog_us = 0;
    sd_notify(0, "STATUS=reading zone files");
}

void service_tick(struct server *s, struct now now)
{
    if (!s->ready) {
        int64_t waited_s = mono_ms_between(s->began, now.mono) / 1000;
        if (!service_all_loaded(s, now) && waited_s < READY_S)
            return;
        s->ready = true;
        s->status_last_ns = 0;
        give_back(s);
        sd_notify(0, "READY=1");
        log_notice(s->log, "ready");
    }
    if (now.mono.ns - s->status_last_ns >= STATUS_S * NS_PER_S) {
        s->status_last_ns = now.mono.ns;
        status(s, now);
    }
    watchdog(s, now);
}

/* What only reading needed: with 10,000 zones 2 MB of memory, and 2.5 MB of the journal's pages. */
static void give_back(struct server *s)
{
    (void)malloc_trim(0);
    if (s->disk != NULL)
        disk_rest(s->disk);
}

void service_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

/* Before the first READY there is nothing to come back to: a reload then must not say READY too
 * early. */
void service_reloading(struct server *s, bool on)
{
    if (s->ready)
        sd_notify(0, on ? "RELOADING=1" : "READY=1");
}

/* Asked after every event while the zones are read, so it goes on with the zone that was not
 * there the last time; all are there when as many in a row were as there are. */
bool service_all_loaded(struct server *s, struct now now)
{
    unsigned n = keeper_zone_count(s->keeper);
    for (unsigned left = n; left > 0; left--) {
        s->loading_at = s->loading_at < n ? s->loading_at : 0;
        if (is_loading(s, keeper_zone_number(s->keeper, s->loading_at), now))
            return false;
        s->loading_at++;
    }
    return true;
}

/* Secondaries without state and caches may take as long as their primaries please: they hold
 * nobody up. */
static bool is_loading(const struct server *s, size_t number, struct now now)
{
    struct keeper_zone_view v;
    return keeper_zone(s->keeper, number, now, &v) && v.state == SLOT_LOADING &&
           (v.role != ROLE_SECONDARY || v.restoring);
}

static void status(struct server *s, struct now now)
{
    unsigned n = keeper_zone_count(s->keeper), serving = 0, settled = 0;
    size_t *numbers = calloc(n + 1, sizeof *numbers);
    n = numbers == NULL ? 0 : keeper_zones_in_order(s->keeper, numbers, n);
    for (unsigned i = 0; i < n; i++) {
        struct keeper_zone_view v;
        struct wall deadline;
        if (!keeper_zone(s->keeper, numbers[i], now, &v) || !v.has_serial ||
            v.state != SLOT_SERVING)
            continue;
        serving++;
        settled += ledger_settled(keeper_ledger(s->keeper, numbers[i]), v.serial, now, &deadline);
    }
    free(numbers);
    sd_notifyf(0, "STATUS=%u zone%s, %u serving, %u settled", n, n == 1 ? "" : "s", serving,
               settled);
}

static void watchdog(struct server *s, struct now now)
{
    int64_t interval_ns = (int64_t)s->watchdog_us * 1000;
    if (interval_ns == 0 || now.mono.ns - s->watchdog_last_ns < interval_ns / 4)
        return;
    for (unsigned i = 0; i < s->shared.worker_count; i++)
        if (now.mono.ns - atomic_load(&s->shared.workers[i]->heartbeat_ns) > interval_ns / 2)
            return; /* a worker hangs: let systemd see it */
    s->watchdog_last_ns = now.mono.ns;
    sd_notify(0, "WATCHDOG=1");
}
