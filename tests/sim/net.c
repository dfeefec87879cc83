/* net.c - links between nodes: UDP packets that are lost, delayed, repeated or overtake each other;
 * TCP streams that stall when the link is cut. Packets to port 53 go to a node's worker, others to
 * whoever of the node asked. */
#include "sim.h"
#include "transfer/out.h"
#include <stdlib.h>
#include <string.h>

struct sim_conn { /* from a keeper to a server */
    struct sim_conn *next;
    struct node *client, *server;
    uint32_t id; /* the client keeper's number */
    uint64_t client_life, server_life;
    struct buf in;                              /* at the server: not yet a whole question */
    struct mono free_at_client, free_at_server; /* bytes arrive in order */
    bool stalled; /* something was lost for good: nothing arrives any more, nobody is told */
};
#define RESEND_US 200000 /* a TCP segment that was lost is sent again after that */

static struct link *link_of(struct sim *s, const struct addr *from, const struct addr *to);
static int64_t delay_us(struct sim *s, const struct link *l);
static void arrive(struct sim *s, struct sim_event *e);
static void hear(struct sim *s, struct node *n, const struct addr *from, const struct addr *to);
static void connected(struct sim *s, struct sim_event *e);
static void refused(struct sim *s, struct sim_event *e);
static void at_server(struct sim *s, struct sim_event *e);
static void at_client(struct sim *s, struct sim_event *e);
static void serve(struct sim *s, struct sim_conn *c);
static void answer_stream(struct sim *s, struct sim_conn *c, const uint8_t *msg, size_t len);
static void to_client(struct sim *s, struct sim_conn *c, const uint8_t *msg, size_t len);
static struct sim_conn *find(struct sim *s, const struct node *client, uint32_t id);
static void conn_free(struct sim *s, struct sim_conn *c);
static void segment(struct sim *s, struct sim_conn *c, const uint8_t *data, size_t len);
static int64_t stream_us(struct sim *s, const struct link *l, struct mono *free_at);

void net_udp(struct sim *s, const struct addr *from, const struct addr *to, const uint8_t *msg,
             size_t len)
{
    struct link *l = link_of(s, from, to);
    struct node *n = sim_node_at(s, to);
    unsigned copies = 1;
    if (n == NULL) {
        s->client(s->client_ctx, from, msg, len);
        return;
    }
    if (l != NULL && (l->cut || rand_below(&s->chance, 1000) < l->loss))
        return;
    if (l != NULL && rand_below(&s->chance, 1000) < l->repeat)
        copies = 2;
    for (unsigned i = 0; i < copies; i++) {
        struct sim_event *e = sim_later(s, delay_us(s, l), arrive, n);
        e->from = *from;
        e->to = *to;
        buf_add(&e->data, msg, len);
    }
}

void net_connect(struct node *n, const struct keeper_action *a)
{
    struct sim *s = n->sim;
    struct link *l = link_of(s, &n->addr, &a->to), *back = link_of(s, &a->to, &n->addr);
    struct node *server = sim_node_at(s, &a->to);
    if (l == NULL || l->cut || back->cut || l->no_tcp)
        return; /* silence: the keeper's own patience ends it */
    bool there = server != NULL && server->up && a->to.port == PORT_DNS;
    struct sim_event *e =
        sim_later(s, delay_us(s, l) + delay_us(s, back), there ? connected : refused, n);
    e->number = a->conn;
    if (!there)
        return;
    struct sim_conn *c = calloc(1, sizeof *c);
    must(c != NULL);
    *c = (struct sim_conn){.next = s->conns,
                           .client = n,
                           .server = server,
                           .id = a->conn,
                           .client_life = n->life,
                           .server_life = server->life};
    s->conns = c;
}

void net_write(struct node *n, uint32_t conn, const uint8_t *data, size_t len)
{
    struct sim_conn *c = find(n->sim, n, conn);
    struct link *l = c == NULL ? NULL : link_of(n->sim, &n->addr, &c->server->addr);
    if (l == NULL || c->stalled || l->cut) {
        if (c != NULL)
            c->stalled = true;
        return;
    }
    struct sim_event *e =
        sim_later(n->sim, stream_us(n->sim, l, &c->free_at_server), at_server, c->server);
    e->number = conn;
    e->thing = n;
    buf_add(&e->data, data, len);
}

void net_close(struct node *n, uint32_t conn)
{
    struct sim_conn *c = find(n->sim, n, conn);
    if (c != NULL)
        conn_free(n->sim, c);
}

void net_drop(struct node *n)
{
    for (struct sim_conn *c = n->sim->conns, *next; c != NULL; c = next) {
        next = c->next;
        if (c->server == n && c->client->up) {
            struct sim_event *e = sim_later(n->sim, 100, refused, c->client);
            e->number = c->id;
        }
        if (c->client == n || c->server == n)
            conn_free(n->sim, c);
    }
}

static struct link *link_of(struct sim *s, const struct addr *from, const struct addr *to)
{
    struct node *a = sim_node_at(s, from), *b = sim_node_at(s, to);
    if (a == NULL || b == NULL)
        return NULL; /* the story's client: a perfect link */
    return &s->links[a - s->nodes][b - s->nodes];
}

static int64_t delay_us(struct sim *s, const struct link *l)
{
    if (l == NULL)
        return 0;
    int64_t us = l->delay_ms * 1000;
    if (l->jitter_ms > 0)
        us += rand_below(&s->chance, (uint32_t)(l->jitter_ms * 1000));
    return us;
}

static void arrive(struct sim *s, struct sim_event *e)
{
    hear(s, e->node, &e->from, &e->to);
    node_packet(e->node, &e->from, &e->to, e->data.data, e->data.len);
}

static void hear(struct sim *s, struct node *n, const struct addr *from, const struct addr *to)
{
    const struct node *other = sim_node_at(s, from);
    if (other != NULL && from->port == PORT_DNS && to->port == PORT_KEEPER)
        n->heard[other - s->nodes] = s->now;
}

static void connected(struct sim *s, struct sim_event *e)
{
    if (find(s, e->node, (uint32_t)e->number) != NULL)
        node_event(e->node,
                   &(struct keeper_event){.kind = KEEPER_CONNECTED, .conn = (uint32_t)e->number});
}

static void refused(struct sim *s, struct sim_event *e)
{
    (void)s;
    node_event(e->node, &(struct keeper_event){.kind = KEEPER_CLOSED,
                                               .conn = (uint32_t)e->number,
                                               .text = "connection refused"});
}

static void at_server(struct sim *s, struct sim_event *e)
{
    struct sim_conn *c = find(s, e->thing, (uint32_t)e->number);
    if (c == NULL)
        return;
    buf_add(&c->in, e->data.data, e->data.len);
    serve(s, c);
}

static void at_client(struct sim *s, struct sim_event *e)
{
    const struct sim_conn *c = find(s, e->node, (uint32_t)e->number);
    if (c == NULL)
        return;
    e->node->heard[c->server - s->nodes] = s->now;
    node_event(e->node, &(struct keeper_event){.kind = KEEPER_RECEIVED,
                                               .conn = (uint32_t)e->number,
                                               .data = e->data.data,
                                               .len = e->data.len});
}

static void serve(struct sim *s, struct sim_conn *c)
{
    while (c->in.len >= 2 && c->in.len >= 2u + get_u16(c->in.data)) {
        size_t len = get_u16(c->in.data);
        uint8_t msg[MSG_MAX];
        memcpy(msg, c->in.data + 2, len);
        buf_skip(&c->in, 2 + len);
        answer_stream(s, c, msg, len);
    }
}

static void answer_stream(struct sim *s, struct sim_conn *c, const uint8_t *msg, size_t len)
{
    struct node *n = c->server;
    uint8_t buf[MSG_MAX];
    struct answer_out out;
    struct query q;
    memcpy(buf, msg, len);
    struct packet p = {
        .buf = buf, .len = len, .room = sizeof buf, .from = c->client->addr, .tcp = true};
    epoch_enter(n->epoch, 1);
    enum verdict v = node_answer(n, &p, &out);
    node_wish(n, &out, &p.from);
    if (v == VERDICT_SEND)
        to_client(s, c, buf, out.len);
    if (v == VERDICT_STREAM && query_read(msg, len, &q) == QUERY_OK) {
        zone_hold(out.stream.version);
        struct transfer_out *t =
            transfer_out_new(out.stream.version, &q, out.stream.ixfr, out.stream.from_serial);
        size_t made;
        must(t != NULL);
        while ((made = transfer_out_next(t, buf, sizeof buf)) > 0)
            to_client(s, c, buf, made);
        struct keeper_event e = {
            .kind = KEEPER_HINT, .slot = out.stream.zone->slot->number, .from = c->client->addr};
        node_mail(n, &e);
        e.kind = KEEPER_RELEASED;
        if (zone_release(transfer_out_end(t)))
            node_mail(n, &e);
    }
    epoch_leave(n->epoch, 1);
}

/* A message arrives in one or two pieces. */
static void to_client(struct sim *s, struct sim_conn *c, const uint8_t *msg, size_t len)
{
    struct buf framed = {0};
    buf_add_u16(&framed, (uint16_t)len);
    buf_add(&framed, msg, len);
    size_t first = 1 + rand_below(&s->chance, (uint32_t)framed.len);
    segment(s, c, framed.data, first);
    if (first < framed.len)
        segment(s, c, framed.data + first, framed.len - first);
    buf_free(&framed);
}

static void segment(struct sim *s, struct sim_conn *c, const uint8_t *data, size_t len)
{
    struct link *l = link_of(s, &c->server->addr, &c->client->addr);
    c->stalled = c->stalled || l->cut;
    if (c->stalled)
        return;
    struct sim_event *e = sim_later(s, stream_us(s, l, &c->free_at_client), at_client, c->client);
    e->number = c->id;
    buf_add(&e->data, data, len);
}

static struct sim_conn *find(struct sim *s, const struct node *client, uint32_t id)
{
    for (struct sim_conn *c = s->conns; c != NULL; c = c->next)
        if (c->client == client && c->id == id && c->client_life == client->life &&
            c->server_life == c->server->life)
            return c;
    return NULL;
}

static void conn_free(struct sim *s, struct sim_conn *c)
{
    struct sim_conn **at = &s->conns;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    buf_free(&c->in);
    free(c);
}

/* How long a segment is under way: later than what was sent before on the same stream. */
static int64_t stream_us(struct sim *s, const struct link *l, struct mono *free_at)
{
    int64_t us = delay_us(s, l);
    while (rand_below(&s->chance, 1000) < l->loss && us < 10 * RESEND_US)
        us += RESEND_US;
    int64_t at = s->now.ns + us * 1000;
    if (at <= free_at->ns)
        at = free_at->ns + 1000;
    free_at->ns = at;
    return (at - s->now.ns) / 1000;
}
