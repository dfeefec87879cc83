/* upstream.c - the door to other servers: questions out, answers or none back (c-ares behind
 * upstream_udp.c and upstream_tcp.c). One per worker, its thread only. Here are the asks under way,
 * their deadlines and the map from descriptors to what reads them. Time comes in with each call;
 * c-ares looks at a clock of its own, but nothing of ours depends on it. */
#include "forward/upstream_inside.h"
#include "wire/msg.h"
#include <stdlib.h>

static bool start(struct upstream *u);
static bool send_ask(struct upstream *u, const struct upstream_question *q, struct ask *a);
static bool take_number(struct upstream *u, struct ask *a);
static void give_number(struct ask *a);
static void late(struct upstream *u, struct due *d);
static void late_ask(struct ask *a);

struct upstream *upstream_new(const struct upstream_shell *shell, const struct entropy *entropy,
                              struct counters *counters)
{
    struct upstream *u = calloc(1, sizeof *u);
    if (u == NULL) {
        return NULL;
    }
    u->shell = *shell;
    u->counters = counters;
    u->chance.entropy = entropy;
    if (!start(u)) {
        upstream_free(u);
        return NULL;
    }
    return u;
}

static bool start(struct upstream *u)
{
    return buf_room(&u->packet, MSG_UDP_PLAIN) != NULL && udp_open(u);
}

void upstream_free(struct upstream *u)
{
    if (u == NULL) {
        return;
    }
    u->closing = true;
    udp_close(u);
    servers_free(u);
    due_heap_free(&u->dues);
    buf_free(&u->packet);
    free(u->asks);
    free(u->watched);
    free(u);
}

bool upstream_ask(struct upstream *u, const struct upstream_question *q, struct now now)
{
    u->now = now;
    struct ask *a = calloc(1, sizeof *a);
    if (a == NULL) {
        return false;
    }
    a->u = u;
    a->token = q->token;
    a->due = (struct due){.kind = DUE_ASK, .owner = a};
    a->server = server_for(u, &q->to, &q->via);
    if (a->server != NULL && take_number(u, a)) {
        if (send_ask(u, q, a)) {
            count(u->counters, COUNT_asks);
            return true;
        }
        give_number(a);
    }
    free(a);
    return false;
}

static bool send_ask(struct upstream *u, const struct upstream_question *q, struct ask *a)
{
    packet_write(q, &a->server->peer, &u->chance, &u->packet, &a->sent);
    if (u->packet.failed || !due_set(&u->dues, &a->due, mono_plus_ms(u->now.mono, q->timeout_ms))) {
        return false;
    }
    if (q->tcp ? tcp_send(u, a) : udp_send(u, a)) {
        return true;
    }
    due_clear(&u->dues, &a->due);
    return false;
}

/* A place in asks[], next to where the last one was found. */
static bool take_number(struct upstream *u, struct ask *a)
{
    if (u->in_flight == ASKS_MOST) {
        return false;
    }
    if (u->in_flight == u->asks_room) {
        unsigned room = u->asks_room == 0 ? 64 : u->asks_room * 2;
        struct ask **asks = reallocarray(u->asks, room, sizeof(struct ask *));
        if (asks == NULL) {
            return false;
        }
        for (unsigned i = u->asks_room; i < room; i++) {
            asks[i] = NULL;
        }
        u->asks = asks;
        u->asks_room = room;
    }
    while (u->asks[u->asks_next % u->asks_room] != NULL) {
        u->asks_next++;
    }
    a->number = (uint16_t)(u->asks_next++ % u->asks_room);
    u->asks[a->number] = a;
    u->in_flight++;
    return true;
}

static void give_number(struct ask *a)
{
    a->u->asks[a->number] = NULL;
    a->u->in_flight--;
}

void upstream_end(struct ask *a, const uint8_t *msg, size_t len)
{
    struct upstream *u = a->u;
    void *token = a->token;
    due_clear(&u->dues, &a->due);
    give_number(a);
    free(a);
    u->shell.answered(u->shell.ctx, token, msg, len, u->now);
}

void upstream_drop(struct ask *a)
{
    due_clear(&a->u->dues, &a->due);
    free(a);
}

bool upstream_watch(struct upstream *u, int fd, struct watched w)
{
    unsigned at = (unsigned)fd;
    if (at >= u->watched_room) {
        unsigned room = at + 64;
        struct watched *more = reallocarray(u->watched, room, sizeof *more);
        if (more == NULL) {
            return false;
        }
        for (unsigned i = u->watched_room; i < room; i++) {
            more[i] = (struct watched){.sock = NULL};
        }
        u->watched = more;
        u->watched_room = room;
    }
    u->watched[at] = w;
    return true;
}

/* What was watched may have been closed by an earlier call of the same turn. */
void upstream_ready(struct upstream *u, int fd, bool readable, bool writable, struct now now)
{
    u->now = now;
    if (fd < 0 || (unsigned)fd >= u->watched_room) {
        return;
    }
    struct watched w = u->watched[fd];
    if (w.sock != NULL) {
        udp_ready(u, w.sock);
    }
    if (w.tcp != NULL) {
        tcp_ready(w.tcp, fd, readable, writable);
    }
}

void upstream_late(struct upstream *u, struct now now)
{
    u->now = now;
    struct due *d;
    while ((d = due_take(&u->dues, now.mono)) != NULL) {
        late(u, d);
    }
}

static void late(struct upstream *u, struct due *d)
{
    switch (d->kind) {
    case DUE_ASK:
        late_ask(d->owner);
        break;
    case DUE_SOCKET:
        sock_retire(u, d->owner);
        break;
    default:
        tcp_late(d->owner);
        break;
    }
}

static void late_ask(struct ask *a)
{
    struct upstream *u = a->u;
    count(u->counters, COUNT_asks_timeout);
    if (a->tcp == NULL) {
        udp_end(u, a);
        return;
    }
    a->over = true; /* c-ares frees it a little later */
    give_number(a);
    u->shell.answered(u->shell.ctx, a->token, NULL, 0, u->now);
}

struct mono upstream_due(const struct upstream *u)
{
    return due_next(&u->dues);
}
