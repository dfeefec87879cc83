/* refresh.c - when a secondary or a following cache asks its primaries for news (RFC 1035 3.3.13,
 * RFC 1996 3, 4.4).
 *
 * A round asks one target after the other (a target is one address of one primary) until one
 * confirms our serial or gives us a newer zone. A NOTIFY is "due now", and "once more" when a
 * round is running. A round that fails is tried again with back-off from a second up to RETRY,
 * never waiting for REFRESH. Steps: IDLE -> CHECKING -> (FETCHING -> TAKING ->) IDLE. A storm of
 * NOTIFYs: four rounds in a row may find nothing new, then one every 100 ms is begun
 * (RELIABILITY.md, 13). */
#include "keeper/kept.h"
#include <stdio.h>

#define CHECK_TRIES      3   /* SOA questions to one target before the next */
#define CHECK_TIMEOUT_MS 500 /* first of them; doubles */
#define BACKOFF_MS       1000
#define HINT_TRIES       6  /* rounds for a NOTIFY's serial that no primary shows yet */
#define NO_SOA_RETRY_S   60 /* RETRY of a zone we never had */
#define NO_SOA_REFRESH_S 300
#define PACE_MS          100
#define PACE_BURST       4

static void begin_round(struct turn *t, struct kept *z);
static void begin_paced(struct turn *t, struct kept *z);
static void count_round(struct turn *t, struct kept *z);
static void no_later(struct turn *t, struct kept *z, int64_t ms);
static void ask_target(struct turn *t, struct kept *z);
static void judge(struct turn *t, struct kept *z, const struct soa_seen *s);
static void seen(struct kept *z, const struct soa_seen *s);
static void end_round(struct turn *t, struct kept *z, bool ok);
static void round_failed(struct turn *t, struct kept *z);
static void say_failure(struct turn *t, struct kept *z);
static bool timers(const struct kept *z, struct soa *soa);
static int64_t jitter(struct keeper *k, int64_t ms);
static bool after_hint(struct turn *t, struct kept *z);

void refresh_start(struct turn *t, struct kept *z)
{
    if (z->config->role == ROLE_SECONDARY && z->row.expires.ms != 0) {
        int64_t left_ms = z->row.expires.ms - t->now.wall.ms;
        kept_set_due(t, &z->pull->expire_due, mono_plus_ms(t->now.mono, left_ms > 0 ? left_ms : 0));
    }
    if (z->pull->target_count > 0)
        begin_round(t, z);
}

void refresh_notified(struct turn *t, struct kept *z, const struct keeper_event *e)
{
    struct refresh *r = &z->pull->refresh;
    uint32_t ours;
    atomic_store_explicit(&z->slot->notified, false, memory_order_release);
    if (e->has_serial && (!kept_serial(z, &ours) || serial_older(ours, e->serial))) {
        r->hinted = true;
        r->hint = e->serial;
        r->hint_tries = 0;
    }
    if (r->step != REFRESH_IDLE) {
        r->once_more = true;
        return;
    }
    for (unsigned i = 0; i < z->pull->target_count; i++)
        if (addr_same_ip(&z->pull->targets[i].to, &e->from))
            r->target = i; /* who told us has it */
    begin_paced(t, z);
}

void refresh_due(struct turn *t, struct kept *z)
{
    if (z->pull->refresh.step == REFRESH_IDLE)
        begin_round(t, z);
}

void refresh_stop(struct turn *t, struct kept *z)
{
    ask_cancel(t->k, &z->pull->refresh.ask);
    due_clear(&t->k->due, &z->pull->refresh.due);
    due_clear(&t->k->due, &z->pull->expire_due);
    due_clear(&t->k->due, &z->pull->confirm_due);
    fetch_stop(t, z);
}

/* What is on its way from a primary of before is given up, unless it has arrived: then it is
 * taken first. EXPIRE runs on. */
void refresh_anew(struct turn *t, struct kept *z)
{
    struct refresh *r = &z->pull->refresh;
    r->target = 0;
    r->left = z->pull->target_count;
    if (r->step == REFRESH_TAKING || z->job) {
        r->once_more = true;
        return;
    }
    ask_cancel(t->k, &r->ask);
    fetch_stop(t, z);
    end_round(t, z, false);
    if (r->step == REFRESH_IDLE)
        begin_round(t, z);
}

uint64_t keeper_refresh(struct keeper *k, size_t number, bool retransfer, struct now now,
                        struct keeper_actions *actions)
{
    struct turn t = {k, now, actions};
    struct kept *z = k->zones[number];
    struct refresh *r = &z->pull->refresh;
    r->whole_wanted = r->whole_wanted || retransfer;
    if (r->step != REFRESH_IDLE) {
        r->once_more = true;
        return r->asked + 1;
    }
    if (z->pull->target_count > 0)
        begin_round(&t, z);
    return r->asked;
}

bool keeper_refresh_done(const struct keeper *k, size_t number, uint64_t ticket,
                         struct keeper_reloaded *out)
{
    struct kept *z = k->zones[number];
    if (z->pull->refresh.done < ticket)
        return false;
    *out = (struct keeper_reloaded){
        .ok = z->pull->refresh.ok,
        .before = z->pull->refresh.before,
        .had_before = z->pull->refresh.had_before,
        .report = "",
        .error = kept_error(z),
    };
    bool has = kept_serial(z, &out->serial);
    out->changed = has && (!out->had_before || out->serial != out->before);
    return true;
}

void refresh_answered(struct turn *t, struct ask *a, struct response *r)
{
    struct kept *z = a->owner;
    struct soa_seen s;
    struct buf space = {0};
    const char *why = NULL;
    if (!soa_answered(r, &space, &s, &why))
        refresh_next(t, z, why);
    else {
        seen(z, &s);
        judge(t, z, &s);
    }
    buf_free(&space);
}

void refresh_unanswered(struct turn *t, struct ask *a)
{
    struct kept *z = a->owner;
    if (++z->pull->refresh.tries < CHECK_TRIES)
        ask_target(t, z);
    else
        refresh_next(t, z, "timeout");
}

void refresh_next(struct turn *t, struct kept *z, const char *trouble)
{
    struct refresh *r = &z->pull->refresh;
    struct target *target = &z->pull->targets[r->target];
    target->trouble = trouble;
    if (z->slot->cache != NULL && trouble != NULL)
        atomic_store_explicit(&z->slot->cache->origins[r->target].failing, true,
                              memory_order_relaxed);
    r->target = (r->target + 1) % z->pull->target_count;
    r->tries = 0;
    if (r->left > 0)
        r->left--;
    if (r->left == 0) {
        round_failed(t, z);
        return;
    }
    r->step = REFRESH_CHECKING;
    ask_target(t, z);
}

void refresh_confirmed(struct turn *t, struct kept *z)
{
    z->row.refreshed = z->pull->refresh.heard.wall;
    z->pull->refresh.failures = 0;
    z->pull->refresh.older_running = false;
    refresh_timers(t, z);
    kept_well(t, z);
    if (z->config->role == ROLE_SECONDARY) {
        z->row_dirty = true;
        kept_flush_soon(t);
    } else {
        atomic_store_explicit(&z->slot->cache->unsure, false, memory_order_release);
    }
    if (after_hint(t, z))
        return;
    end_round(t, z, true);
}

void refresh_adopted(struct turn *t, struct kept *z, bool ok)
{
    if (z->pull->refresh.step != REFRESH_TAKING)
        return;
    if (ok)
        refresh_confirmed(t, z);
    else
        refresh_next(t, z, kept_error(z));
}

void refresh_timers(struct turn *t, struct kept *z)
{
    struct soa soa;
    const struct config_rules *rules = z->config->rules;
    const struct now heard = z->pull->refresh.heard;
    int64_t refresh_s = NO_SOA_REFRESH_S;
    if (timers(z, &soa)) {
        refresh_s = soa.refresh;
        refresh_s = refresh_s < rules->refresh_min_s ? rules->refresh_min_s : refresh_s;
        refresh_s = refresh_s > rules->refresh_max_s ? rules->refresh_max_s : refresh_s;
        int64_t expire_s = soa.expire < rules->expire_max_s ? soa.expire : rules->expire_max_s;
        if (z->config->role == ROLE_SECONDARY) {
            z->row.expires = wall_plus_s(heard.wall, expire_s);
            kept_set_due(t, &z->pull->expire_due, mono_plus_s(heard.mono, expire_s));
            if (refresh_s > expire_s / 2) /* or it would expire while its primary is well */
                refresh_s =
                    expire_s / 2 < rules->refresh_min_s ? rules->refresh_min_s : expire_s / 2;
        }
    }
    kept_set_due(t, &z->pull->refresh.due,
                 mono_plus_ms(heard.mono, jitter(t->k, refresh_s * 1000)));
}

/* RFC 1035 3.3.13: without a word from any primary for EXPIRE the zone is no longer
 * authoritative (I6). */
void expire_due(struct turn *t, struct kept *z)
{
    struct zone_version *old = z->current;
    atomic_store_explicit(&z->slot->state, SLOT_EXPIRED, memory_order_release);
    slot_publish(z->slot, NULL);
    z->current = NULL;
    if (old != NULL)
        retire_version(t, z, old);
    log_error(t->k->o.log,
              "zone %s: serial %u expired: no primary has confirmed it; answering SERVFAIL until "
              "one does",
              z->name, z->row.serial);
    kept_trouble(t, z, "expired: no primary has confirmed serial %u in time", z->row.serial);
    if (z->pull->refresh.step == REFRESH_IDLE)
        kept_set_due(t, &z->pull->refresh.due, t->now.mono);
}

static void begin_round(struct turn *t, struct kept *z)
{
    struct refresh *r = &z->pull->refresh;
    if (z->config->role == ROLE_SECONDARY && (z->job || z->adoption != NULL)) {
        kept_set_due(t, &r->due,
                     mono_plus_ms(t->now.mono, 50)); /* the restart's job has the line */
        r->asked += r->asked == r->done;
        return;
    }
    count_round(t, z);
    r->asked = r->done + 1;
    r->had_before = kept_serial(z, &r->before);
    r->once_more = false;
    r->whole = r->whole_wanted;
    r->whole_wanted = false;
    r->some_older = 0;
    r->some_same = false;
    r->left = z->pull->target_count;
    r->tries = 0;
    r->step = REFRESH_CHECKING;
    due_clear(&t->k->due, &r->due);
    if (r->target >= z->pull->target_count)
        r->target = 0;
    ask_target(t, z);
}

/* A round for a NOTIFY: now, or when the pace allows it. */
static void begin_paced(struct turn *t, struct kept *z)
{
    struct refresh *r = &z->pull->refresh;
    if (mono_before(t->now.mono, r->paced))
        no_later(t, z, mono_ms_between(t->now.mono, r->paced) + 1);
    else
        begin_round(t, z);
}

/* paced: from when on a NOTIFY may begin a round; each round moves it on, one that finds news
 * (end_round) sets it back. */
static void count_round(struct turn *t, struct kept *z)
{
    struct refresh *r = &z->pull->refresh;
    struct mono burst = mono_plus_ms(t->now.mono, -(int64_t)(PACE_BURST - 1) * PACE_MS);
    if (mono_before(r->paced, burst))
        r->paced = burst;
    r->paced = mono_plus_ms(r->paced, PACE_MS);
}

static void no_later(struct turn *t, struct kept *z, int64_t ms)
{
    if (!due_no_later(&t->k->due, &z->pull->refresh.due, mono_plus_ms(t->now.mono, ms)))
        t->actions->failed = true;
}

static void ask_target(struct turn *t, struct kept *z)
{
    struct refresh *r = &z->pull->refresh;
    const struct target *target = &z->pull->targets[r->target];
    r->ask.purpose = ASK_REFRESH;
    r->ask.type = TYPE_SOA;
    r->ask.to = target->to;
    r->ask.via = target->via;
    r->ask.qname = z->slot->name;
    r->ask.owner = z;
    r->ask.timeout_ms = (uint32_t)CHECK_TIMEOUT_MS << r->tries;
    ask_start(t, &r->ask);
}

static void seen(struct kept *z, const struct soa_seen *s)
{
    struct target *target = &z->pull->targets[z->pull->refresh.target];
    target->seen = cache_serial(s->serial);
    target->trouble = NULL;
    if (z->slot->cache == NULL)
        return;
    struct cache_origin *origin = &z->slot->cache->origins[z->pull->refresh.target];
    atomic_store_explicit(&origin->seen, target->seen, memory_order_release);
    atomic_store_explicit(&origin->failing, false, memory_order_relaxed);
}

static void judge(struct turn *t, struct kept *z, const struct soa_seen *s)
{
    struct refresh *r = &z->pull->refresh;
    uint32_t ours;
    bool cache = z->config->role == ROLE_CACHE;
    bool has = kept_serial(z, &ours) || follow_floor(z, &ours);
    if (!has || r->whole || !serial_older(s->serial, ours))
        r->heard = t->now;
    if (cache && !(s->authoritative || s->mark)) {
        follow_seen(t, z, s); /* plain forwarding */
        return;
    }
    if (!cache && !s->authoritative) {
        refresh_next(t, z, "lame: its answer is not authoritative");
        return;
    }
    bool take = !has || r->whole || serial_older(ours, s->serial);
    if (take && cache)
        follow_seen(t, z, s);
    else if (take)
        fetch_start(t, z);
    else if (s->serial == ours && r->hinted && serial_older(ours, r->hint) && r->left > 1) {
        r->some_same = true; /* another one said there is news: ask another (CONVERGENCE.md, 7) */
        refresh_next(t, z, NULL);
    } else if (s->serial == ours) {
        if (cache)
            follow_seen(t, z, s);
        else
            refresh_confirmed(t, z);
    } else {
        r->some_older++;
        r->older = s->serial;
        refresh_next(t, z, "its serial is older than ours");
    }
}

static void end_round(struct turn *t, struct kept *z, bool ok)
{
    struct refresh *r = &z->pull->refresh;
    r->step = REFRESH_IDLE;
    r->ok = ok;
    r->done = r->asked;
    t->k->news++;
    uint32_t serial;
    if (kept_serial(z, &serial) && !(r->had_before && serial == r->before))
        r->paced = (struct mono){0};
    if (r->once_more)
        begin_paced(t, z);
}

/* A NOTIFY promised a serial that no primary shows: not REFRESH but a second, then two, ...
 * true: so it was. */
static bool after_hint(struct turn *t, struct kept *z)
{
    struct refresh *r = &z->pull->refresh;
    uint32_t ours;
    if (!r->hinted)
        return false;
    if (kept_serial(z, &ours) && !serial_older(ours, r->hint)) {
        r->hinted = false;
        return false;
    }
    if (r->hint_tries++ >= HINT_TRIES) {
        r->hinted = false;
        return false;
    }
    int64_t pause_ms = jitter(t->k, (int64_t)BACKOFF_MS << (r->hint_tries - 1));
    end_round(t, z, true);
    if (r->step == REFRESH_IDLE)
        no_later(t, z, pause_ms);
    return true;
}

static void round_failed(struct turn *t, struct kept *z)
{
    struct refresh *r = &z->pull->refresh;
    if (r->some_same) { /* all that answered agree with us; the hint is for later */
        refresh_confirmed(t, z);
        return;
    }
    if (z->config->role == ROLE_CACHE && r->some_older == z->pull->target_count)
        follow_went_back(t, z);
    else
        r->older_running = false;
    struct soa soa;
    int64_t retry_s = timers(z, &soa) ? soa.retry : NO_SOA_RETRY_S;
    retry_s = retry_s < 1 ? 1 : retry_s;
    int64_t pause_ms = (int64_t)BACKOFF_MS << (r->failures < 12 ? r->failures : 12);
    if (pause_ms > retry_s * 1000)
        pause_ms = retry_s * 1000;
    r->failures++;
    if (z->config->role == ROLE_CACHE)
        atomic_store_explicit(&z->slot->cache->unsure, true, memory_order_release);
    say_failure(t, z);
    end_round(t, z, false);
    if (r->step == REFRESH_IDLE)
        no_later(t, z, jitter(t->k, pause_ms));
}

static void say_failure(struct turn *t, struct kept *z)
{
    char text[400];
    size_t at = 0;
    text[0] = 0;
    for (unsigned i = 0; i < z->pull->target_count && at < sizeof text - 1; i++) {
        char where[ADDR_TEXT];
        const char *why =
            z->pull->targets[i].trouble != NULL ? z->pull->targets[i].trouble : "no answer";
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s: %s", i == 0 ? "" : "; ",
                               addr_print(&z->pull->targets[i].to, where), why);
    }
    kept_trouble(t, z, "no primary gave an answer we can use: %s", text);
}

static bool timers(const struct kept *z, struct soa *soa)
{
    if (z->config->role == ROLE_CACHE) {
        const struct slot_soa *s = atomic_load_explicit(&z->slot->soa, memory_order_relaxed);
        return s != NULL && soa_read(s->rdata, s->len, soa);
    }
    if (z->current == NULL)
        return false;
    uint16_t len;
    uint32_t ttl;
    const uint8_t *rdata = zone_soa(z->current, &len, &ttl);
    return soa_read(rdata, len, soa);
}

/* 90 to 100 % of it, so that zones loaded together do not ask together for ever. */
static int64_t jitter(struct keeper *k, int64_t ms)
{
    return ms - (int64_t)rand_below(&k->rand, 101) * ms / 1000;
}
