/* forward.c - asking upstream, once per question: who waits, and what they are told.
 *
 * Worker's thread, inside its epoch. A question joins the asking that is under way for the same
 * key, in this worker (the table) or in another (cache_claim: the second posts a letter, and gets
 * it back with "look again"). The search itself is attempt.c's. An asking ends in one of three
 * ways: its links went into the cache, or (TTL 0, no room) to each waiter; or it failed, which is
 * remembered for a second (RFC 9520 3.2). A packet that is under way cannot be called back, so an
 * asking lives until its last one was answered or timed out.
 *
 * Times: after 1.8 s waiters may have something stale (RFC 8767 5); after 8 s they get SERVFAIL. */
#include "forward/attempt.h"
#include "forward/fresh.h"
#include "forward/letters.h"
#include <stdlib.h>

#define WAITING_MOST   10000
#define STALE_AFTER_MS 1800
#define OVER_AFTER_MS  8000
#define FAILED_MS      1000
#define PAUSE_MS       20 /* doubled each time */
#define PAUSE_MOST_MS  500

static struct asking **list_of(struct forward *f, const uint8_t *name);
static struct asking *add(struct forward *f, const struct answer_ask *ask, unsigned spent);
static void begin(struct asking *a, struct now now);
static void join(struct asking *a, struct waiter *w);
static void go(struct asking *a, struct now now);
static void conclude(struct asking *a, const struct classification *c, struct now now);
static bool keep(struct asking *a, const struct classification *c, struct now now);
static bool keep_link(struct asking *a, const struct classify_link *l, struct now now);
static void pause_asking(struct asking *a);
static void release(struct asking *a);
static void let_stale(struct asking *a);
static void make_ready(struct asking *a, struct waiter *w);
static void late(struct asking *a, struct now now);
static void set_due(struct asking *a);
static void forget(struct asking *a);
static struct cache_key key_of(const struct asking *a);

struct forward *forward_new(const struct forward_options *o)
{
    struct forward *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return NULL;
    }
    f->o = *o;
    f->o.most_waiting = o->most_waiting != 0 ? o->most_waiting : WAITING_MOST;
    f->ready_end = &f->ready;
    rand_seed(&f->rand, o->seed);
    return f;
}

void forward_free(struct forward *f)
{
    if (f == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof f->table / sizeof f->table[0]; i++) {
        while (f->table[i] != NULL) {
            letters_over(f->table[i], true);
            forget(f->table[i]);
        }
    }
    forward_taken(f);
    habits_free(&f->habits);
    due_heap_free(&f->dues);
    free(f);
}

bool forward_start(struct forward *f, const struct answer_ask *ask, struct waiter *w,
                   struct now now)
{
    f->now = now.mono;
    struct asking *a = asking_find(f, ask);
    bool is_new = a == NULL;
    bool full = w != NULL ? f->waiting >= f->o.most_waiting : f->askings >= f->o.most_waiting;
    if (is_new && !full) {
        a = add(f, ask, w != NULL ? w->try.asked : 0);
    }
    if (full || a == NULL) {
        count(f->o.counters, COUNT_asks_full);
        return false;
    }
    if (!is_new && a->state != FAILED) {
        count(f->o.counters, COUNT_asks_joined);
    }
    if (w != NULL) {
        join(a, w);
    }
    if (is_new) {
        begin(a, now);
    }
    return true;
}

struct asking *asking_find(struct forward *f, const struct answer_ask *ask)
{
    const struct slot *slot = ask->zone->slot;
    struct asking *a = *list_of(f, ask->name.octets);
    while (a != NULL &&
           (a->slot != slot || a->type != ask->type || a->dnssec_ok != ask->dnssec_ok ||
            a->checking_disabled != ask->checking_disabled ||
            !name_same(a->name.octets, ask->name.octets))) {
        a = a->next;
    }
    /* What failed before the zone changed may work now. */
    if (a != NULL && a->state == FAILED && !a->in_flight &&
        a->step != atomic_load_explicit(&a->zone->step, memory_order_acquire)) {
        release(a);
        return NULL;
    }
    return a;
}

static struct asking **list_of(struct forward *f, const uint8_t *name)
{
    return &f->table[name_hash(name, f->o.seed) & ((1u << TABLE_BITS) - 1)];
}

/* `spent`: packets that were sent for the same client already. */
static struct asking *add(struct forward *f, const struct answer_ask *ask, unsigned spent)
{
    struct asking *a = calloc(1, sizeof *a);
    if (a == NULL) {
        return NULL;
    }
    a->f = f;
    a->slot = ask->zone->slot;
    a->zone = a->origins = a->slot->cache;
    a->enclosing = ask->enclosing;
    name_copy(&a->name, ask->name.octets);
    a->type = ask->type;
    a->dnssec_ok = ask->dnssec_ok;
    a->checking_disabled = ask->checking_disabled;
    a->packets_most = spent < ANSWER_ASKS ? ANSWER_ASKS - spent : 1;
    a->ede = EDE_NONE;
    a->stale_at = mono_plus_ms(f->now, STALE_AFTER_MS);
    a->over_at = mono_plus_ms(f->now, OVER_AFTER_MS);
    a->resume_at = MONO_NEVER;
    a->due.owner = a;
    if (!due_set(&f->dues, &a->due, a->stale_at)) {
        free(a);
        return NULL;
    }
    struct asking **list = list_of(f, a->name.octets);
    a->next = *list;
    *list = a;
    f->askings++;
    return a;
}

/* What is asked with CD=1 is not shared between workers: it is not to be kept either. */
static void begin(struct asking *a, struct now now)
{
    struct forward *f = a->f;
    struct cache_key key = key_of(a);
    bool was_free;
    unsigned owner = f->o.worker;
    if (!a->checking_disabled && f->o.post != NULL) {
        owner = cache_claim(f->o.cache, &key, f->o.worker, &was_free);
    }
    if (owner == f->o.worker || !letter_borrow(a, owner)) {
        go(a, now);
    }
}

static void join(struct asking *a, struct waiter *w)
{
    struct forward *f = a->f;
    if (w->fresh != NULL) { /* handed out just now, and not used up */
        struct fresh **at = &f->given;
        while (*at != w->fresh) {
            at = &(*at)->next;
        }
        *at = w->fresh->next;
    }
    w->try.fresh = NULL;
    w->try.fresh_count = 0;
    f->waiting++;
    if (a->state == FAILED || (a->overdue && !w->try.stale_ok)) {
        w->try.failed = a->state == FAILED;
        w->try.ede = a->ede;
        w->try.stale_ok = true;
        make_ready(a, w);
        return;
    }
    w->next = a->waiters;
    a->waiters = w;
}

/* Sends the next packet; when there is nobody left to send it to, that was it. */
static void go(struct asking *a, struct now now)
{
    if (!attempt_send(a, now)) {
        asking_fail(a);
    }
}

void forward_answered(struct forward *f, void *token, const uint8_t *msg, size_t len,
                      struct now now)
{
    struct asking *a = token;
    struct classification c = {.count = 0};
    f->now = now.mono;
    a->in_flight = false;
    enum attempt as = attempt_judge(a, msg, len, &c);
    if (a->state == FAILED) { /* too late for those who waited, but not for the cache */
        if (as == ATTEMPT_ANSWERED && keep(a, &c, now)) {
            release(a);
        }
    } else if (as == ATTEMPT_ANSWERED) {
        conclude(a, &c, now);
    } else if (as == ATTEMPT_PAUSE) {
        pause_asking(a);
    } else {
        go(a, now);
    }
    classification_clear(&c);
}

static void conclude(struct asking *a, const struct classification *c, struct now now)
{
    if (keep(a, c, now)) {
        asking_succeed(a);
        return;
    }
    if (attempt_fenced(a) == ATTEMPT_PAUSE) {
        pause_asking(a);
        return;
    }
    go(a, now);
}

/* False: the fence refused it. Later links that are refused are asked again when they are
 * needed. */
static bool keep(struct asking *a, const struct classification *c, struct now now)
{
    for (unsigned i = 0; i < c->count; i++) {
        if (!keep_link(a, &c->links[i], now) && i == 0) {
            return false;
        }
    }
    return true;
}

static bool keep_link(struct asking *a, const struct classify_link *l, struct now now)
{
    struct forward *f = a->f;
    enum cache_put_status status = CACHE_PUT_ZERO;
    if (!a->checking_disabled) { /* RFC 4035 3.2.2: nobody has checked it */
        status = cache_put(f->o.cache, f->o.worker, &l->key, &l->entry, now.mono);
    }
    if (status == CACHE_PUT || status == CACHE_PUT_FENCED) {
        return status == CACHE_PUT;
    }
    if (status == CACHE_PUT_FULL) {
        count(f->o.counters, COUNT_cache_full);
    }
    for (struct waiter *w = a->waiters; w != NULL; w = w->next) {
        (void)fresh_add(&w->fresh, f->o.cache, l, now.mono);
    }
    return true;
}

static void pause_asking(struct asking *a)
{
    int64_t ms = (int64_t)PAUSE_MS << (a->pauses < 5 ? a->pauses : 5);
    a->pauses++;
    a->resume_at = mono_plus_ms(a->f->now, ms < PAUSE_MOST_MS ? ms : PAUSE_MOST_MS);
    set_due(a);
}

void asking_succeed(struct asking *a)
{
    letters_over(a, false);
    while (a->waiters != NULL) {
        struct waiter *w = a->waiters;
        a->waiters = w->next;
        w->try.failed = false;
        make_ready(a, w);
    }
    release(a);
}

void asking_fail(struct asking *a)
{
    a->state = FAILED;
    a->step = atomic_load_explicit(&a->zone->step, memory_order_acquire);
    a->ede = a->ede == EDE_NONE ? EDE_NO_REACHABLE_AUTHORITY : a->ede;
    letters_over(a, true);
    while (a->waiters != NULL) {
        struct waiter *w = a->waiters;
        a->waiters = w->next;
        w->try.failed = true;
        w->try.ede = a->ede;
        make_ready(a, w);
    }
    a->stale_at = a->resume_at = MONO_NEVER;
    a->over_at = mono_plus_ms(a->f->now, FAILED_MS);
    set_due(a);
}

static void make_ready(struct asking *a, struct waiter *w)
{
    struct forward *f = a->f;
    w->try.asked += a->packets > 0 ? a->packets : 1;
    w->next = NULL;
    *f->ready_end = w;
    f->ready_end = &w->next;
}

/* It is over: the next one who wants to know asks anew. */
static void release(struct asking *a)
{
    struct cache_key key = key_of(a);
    if (a->f->o.post != NULL && !a->checking_disabled) {
        cache_unclaim(a->f->o.cache, &key, a->f->o.worker);
    }
    forget(a);
}

static void forget(struct asking *a)
{
    struct forward *f = a->f;
    struct asking **at = list_of(f, a->name.octets);
    while (*at != a) {
        at = &(*at)->next;
    }
    *at = a->next;
    due_clear(&f->dues, &a->due);
    f->askings--;
    free(a);
}

static struct cache_key key_of(const struct asking *a)
{
    return (struct cache_key){a->zone, a->name.octets, a->type, a->dnssec_ok};
}

struct waiter *forward_take(struct forward *f)
{
    struct waiter *list = f->ready;
    f->ready = NULL;
    f->ready_end = &f->ready;
    for (struct waiter *w = list; w != NULL; w = w->next) {
        f->waiting--;
        if (w->fresh != NULL) {
            w->try.fresh = w->fresh->items;
            w->try.fresh_count = w->fresh->count;
            w->fresh->next = f->given;
            f->given = w->fresh;
        }
    }
    return list;
}

void forward_taken(struct forward *f)
{
    while (f->given != NULL) {
        struct fresh *fresh = f->given;
        f->given = fresh->next;
        fresh_free(fresh);
    }
}

void forward_late(struct forward *f, struct now now)
{
    struct due *due;
    f->now = now.mono;
    while ((due = due_take(&f->dues, now.mono)) != NULL) {
        must(due_set(&f->dues, due, MONO_NEVER)); /* its place was just given up */
        late(due->owner, now);
    }
}

static void late(struct asking *a, struct now now)
{
    if (!mono_before(now.mono, a->over_at)) {
        if (a->state != FAILED) {
            asking_fail(a);
        } else if (a->in_flight) {
            a->over_at = mono_plus_ms(now.mono, FAILED_MS);
            set_due(a);
        } else {
            release(a);
        }
        return;
    }
    if (!mono_before(now.mono, a->stale_at)) {
        let_stale(a);
    }
    if (!mono_before(now.mono, a->resume_at)) {
        a->resume_at = MONO_NEVER;
        set_due(a);
        go(a, now);
        return;
    }
    set_due(a);
}

/* RFC 8767 5. Who has nothing stale to get comes back, and waits on. */
static void let_stale(struct asking *a)
{
    struct waiter **at = &a->waiters;
    a->overdue = true;
    a->stale_at = MONO_NEVER;
    while (*at != NULL) {
        struct waiter *w = *at;
        if (w->try.stale_ok) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        w->try.stale_ok = true;
        make_ready(a, w);
    }
}

static void set_due(struct asking *a)
{
    struct mono at = mono_min(a->over_at, mono_min(a->stale_at, a->resume_at));
    must(due_set(&a->f->dues, &a->due, at)); /* it is set already: moving needs no memory */
}

struct mono forward_due(const struct forward *f)
{
    return f->ready != NULL ? f->now : due_next(&f->dues);
}

bool forward_take_news(struct forward *f, struct forward_news *out)
{
    return news_take(&f->news, out);
}

unsigned forward_waiting(const struct forward *f)
{
    return f->waiting;
}
