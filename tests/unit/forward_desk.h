/* forward_desk.h - what the tests of forward's search share: a cache zone with two primaries played
 * by the test over loopback sockets, and waiters that note what they are told. */
#ifndef SETTLED_TESTS_UNIT_FORWARD_DESK_H
#define SETTLED_TESTS_UNIT_FORWARD_DESK_H

#include "answer/world.h"
#include "forward/inside.h"
#include "forward_fixture.h"

struct desk {
    struct net net; /* first: the shell's context */
    int servers[2];
    struct addr at[2];
    struct epoch *epoch;
    struct cache *cache;
    struct slot slot;
    struct world_zone zone;
    struct forward *forward, *other; /* two workers with one cache; the second only in some tests */
    struct letter *post[3];          /* to each worker, in any order */
    struct waiter waiters[8];
    char log[1024];
};

static inline void desk_answered(void *ctx, void *token, const uint8_t *msg, size_t len,
                                 struct now now)
{
    struct desk *d = ctx;
    forward_answered(d->forward, token, msg, len, now);
}

static inline void desk_post(void *ctx, unsigned worker, struct letter *l)
{
    struct desk *d = ctx;
    l->next = d->post[worker];
    d->post[worker] = l;
}

static inline void desk_write(void *ctx, enum log_level level, const char *line)
{
    struct desk *d = ctx;
    (void)level;
    snprintf(d->log, sizeof d->log, "%s", line);
}

static inline struct cache_zone *desk_zone(struct desk *d, uint32_t id, const char *apex)
{
    struct name name;
    ck_assert(name_from(apex, &name));
    struct cache_zone *z = cache_zone_new(id, name.octets, 2);
    ck_assert_ptr_nonnull(z);
    z->origins[0].address = d->at[0];
    z->origins[1].address = d->at[1];
    return z;
}

static inline struct forward *desk_worker(struct desk *d, unsigned number, const struct log *log)
{
    struct forward_options o = {.worker = number,
                                .upstream = d->net.u,
                                .cache = d->cache,
                                .counters = d->net.counters,
                                .log = log,
                                .seed = 3,
                                .most_waiting = 6,
                                .post = desk_post,
                                .ctx = d};
    struct forward *f = forward_new(&o);
    ck_assert_ptr_nonnull(f);
    return f;
}

static inline void desk_start(struct desk *d, const struct log *log)
{
    memset(d, 0, sizeof *d);
    net_start(&d->net);
    upstream_free(d->net.u);
    struct upstream_shell shell = {net_watch, desk_answered, d};
    d->net.u = upstream_new(&shell, &d->net.entropy, d->net.counters);
    d->net.now.mono.ns = 5000 * NS_PER_S;
    for (unsigned i = 0; i < 2; i++) {
        d->at[i] = (struct addr){.family = 4, .ip = {127, 0, 0, 1}};
        d->at[i].port = free_port(&d->at[i]); /* over TCP, too */
        d->servers[i] = net_listen(SOCK_DGRAM, &d->at[i]);
    }
    d->epoch = epoch_new(3);
    struct cache_options o = {.size = 1 << 20,
                              .max_ttl_s = 86400,
                              .max_negative_ttl_s = 86400,
                              .epoch = d->epoch,
                              .seed = 5};
    d->cache = cache_new(&o);
    d->slot.cache = desk_zone(d, 1, "example.com");
    d->zone.slot = &d->slot;
    d->forward = desk_worker(d, 1, log);
}

static inline void desk_stop(struct desk *d)
{
    struct letter *l;
    forward_free(d->forward);
    forward_free(d->other);
    for (unsigned i = 0; i < 3; i++) {
        while ((l = d->post[i]) != NULL) {
            d->post[i] = l->next;
            free(l);
        }
    }
    cache_free(d->cache);
    epoch_free(d->epoch);
    cache_zone_free(d->slot.cache);
    close(d->servers[0]);
    close(d->servers[1]);
    net_stop(&d->net);
}

static inline struct answer_ask desk_ask(struct desk *d, const char *name)
{
    struct answer_ask ask = {.zone = &d->zone, .type = TYPE_A};
    ck_assert(name_from(name, &ask.name));
    return ask;
}

/* Waiter i of the first worker asks. */
static inline bool desk_start_one(struct desk *d, unsigned i, const char *name)
{
    struct answer_ask ask = desk_ask(d, name);
    return forward_start(d->forward, &ask, &d->waiters[i], d->net.now);
}

/* The question that has arrived at one of the two primaries, and at which. */
static inline unsigned desk_take(struct desk *d, struct net_question *q)
{
    struct pollfd p[2] = {{.fd = d->servers[0], .events = POLLIN},
                          {.fd = d->servers[1], .events = POLLIN}};
    ck_assert_int_ge(poll(p, 2, NET_PATIENCE_MS), 1);
    unsigned which = p[0].revents != 0 ? 0 : 1;
    d->net.server = d->servers[which];
    net_take(&d->net, q);
    return which;
}

static inline bool desk_is_quiet(const struct desk *d)
{
    struct pollfd p[2] = {{.fd = d->servers[0], .events = POLLIN},
                          {.fd = d->servers[1], .events = POLLIN}};
    return poll(p, 2, 0) == 0;
}

/* Answers the question taken last: flags and rcode, and behind the question `more`, whose counts
 * are in the first three octets (answer, authority, additional). */
static inline void desk_say(struct desk *d, const struct net_question *q, uint16_t flags,
                            const void *more, size_t len)
{
    uint8_t msg[1024];
    const uint8_t *octets = more;
    size_t end = MSG_HEADER + name_len(q->msg + MSG_HEADER) + 4;
    memcpy(msg, q->msg, end);
    put_u16(msg + 2, (uint16_t)(flags | MSG_QR));
    for (unsigned i = 0; i < 3; i++) {
        put_u16(msg + 6 + 2 * i, len > 0 ? octets[i] : 0);
    }
    if (len > 3) {
        memcpy(msg + end, octets + 3, len - 3);
        end += len - 3;
    }
    ck_assert_int_eq(
        sendto(d->net.server, msg, end, 0, (const struct sockaddr *)&q->from, sizeof q->from),
        (ssize_t)end);
    net_turn(&d->net, NET_PATIENCE_MS);
}

/* One A record with this TTL (up to 255 s), without a version. */
static inline void desk_address(struct desk *d, const struct net_question *q, uint8_t ttl)
{
    const uint8_t more[] = {1, 0, 0, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, ttl, 0, 4, 192, 0, 2, 1};
    desk_say(d, q, MSG_AA, more, sizeof more);
}

/* The same with ZONEVERSION (RFC 9660): example.com, of two labels, at this serial. */
static inline void desk_address_of(struct desk *d, const struct net_question *q, uint8_t serial)
{
    const uint8_t more[] = {1, 0,   1, 0xc0, 12, 0, 1, 0,  1, 0,   0, 0,     60, 0,
                            4, 192, 0, 2,    1,  0, 0, 41, 4, 208, 0, 0,     0,  0,
                            0, 10,  0, 19,   0,  6, 2, 0,  0, 0,   0, serial};
    desk_say(d, q, MSG_AA, more, sizeof more);
}

static inline bool desk_has(struct desk *d, const char *text)
{
    struct name name;
    struct cache_found found;
    ck_assert(name_from(text, &name));
    struct cache_key k = {d->slot.cache, name.octets, TYPE_A, false};
    epoch_enter(d->epoch, 1);
    bool has = cache_get(d->cache, &k, d->net.now.mono, false, &found);
    epoch_leave(d->epoch, 1);
    return has;
}

/* How many waiters are ready; they are taken, and stay readable. */
static inline unsigned desk_ready(struct desk *d)
{
    unsigned n = 0;
    for (struct waiter *w = forward_take(d->forward); w != NULL; w = w->next) {
        n++;
    }
    return n;
}

/* Time goes on, step by step, as a timer would have it. */
static inline void desk_wait(struct desk *d, int64_t ms)
{
    struct mono until = mono_plus_ms(d->net.now.mono, ms);
    for (;;) {
        struct mono due = mono_min(forward_due(d->forward), upstream_due(d->net.u));
        d->net.now.mono = mono_before(due, until) ? due : until;
        upstream_late(d->net.u, d->net.now);
        forward_late(d->forward, d->net.now);
        if (!mono_before(d->net.now.mono, until) || d->forward->ready != NULL) {
            return;
        }
    }
}

#endif
