/* conns.c - the keeper's TCP connections to primaries. Main thread. */
#include "server/internal.h"
#include "server/sockaddr.h"
#include <stdlib.h>
#include <string.h>

struct conn {
    uv_tcp_t tcp;
    struct conn *next;
    struct server *server;
    uint32_t id;
    uv_connect_t connect;
    bool closing;
    char data[65536];
};
struct conn_write {
    uv_write_t write;
    struct buf data;
};

static void failed(struct server *s, uint32_t id, const char *why);
static void on_connected(uv_connect_t *connect, int status);
static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf);
static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf);
static void on_written(uv_write_t *write, int status);
static struct conn *find(struct server *s, uint32_t id);
static void on_closed(uv_handle_t *h);

void conns_connect(struct server *s, const struct keeper_action *a)
{
    struct sockaddr_storage sa;
    struct conn *c = calloc(1, sizeof *c);
    if (c == NULL) {
        failed(s, a->conn, "out of memory");
        return;
    }
    must(uv_tcp_init(&s->loop, &c->tcp) == 0);
    c->tcp.data = c;
    c->connect.data = c;
    c->server = s;
    c->id = a->conn;
    c->next = s->conns;
    s->conns = c;
    int rc = 0;
    if (a->via.family != 0) {
        struct addr via = a->via;
        via.port = 0;
        addr_to_sockaddr(&via, &sa);
        rc = uv_tcp_bind(&c->tcp, (struct sockaddr *)&sa, 0);
    }
    addr_to_sockaddr(&a->to, &sa);
    if (rc == 0)
        rc = uv_tcp_connect(&c->connect, &c->tcp, (struct sockaddr *)&sa, on_connected);
    if (rc == 0)
        return;
    failed(s, c->id, uv_strerror(rc));
    conns_close(s, c->id);
}

void conns_write(struct server *s, struct keeper_action *a)
{
    struct conn *c = find(s, a->conn);
    struct conn_write *w = c == NULL ? NULL : calloc(1, sizeof *w);
    if (w == NULL)
        return; /* it will be late */
    w->data = a->data;
    a->data = (struct buf){0};
    uv_buf_t buf = uv_buf_init((char *)w->data.data, (unsigned)w->data.len);
    if (uv_write(&w->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written) != 0)
        on_written(&w->write, 0);
}

void conns_close(struct server *s, uint32_t conn)
{
    struct conn *c = find(s, conn);
    if (c == NULL)
        return;
    struct conn **at = &s->conns;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->closing = true;
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

void conns_close_all(struct server *s)
{
    while (s->conns != NULL)
        conns_close(s, s->conns->id);
}

/* By mail: the keeper may be in the middle of a turn. */
static void failed(struct server *s, uint32_t id, const char *why)
{
    shared_tell(&s->shared, &(struct keeper_event){.kind = KEEPER_CLOSED, .conn = id, .text = why});
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct conn *c = connect->data;
    struct keeper_event e = {.kind = KEEPER_CONNECTED, .conn = c->id};
    if (c->closing)
        return;
    if (status == 0)
        status = uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
    if (status == 0) {
        shell_turn(c->server, &e);
        return;
    }
    e.kind = KEEPER_CLOSED;
    e.text = uv_strerror(status);
    struct server *s = c->server;
    conns_close(s, c->id);
    shell_turn(s, &e);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct conn *c = h->data;
    (void)suggested;
    *buf = uv_buf_init(c->data, sizeof c->data);
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf)
{
    struct conn *c = h->data;
    struct server *s = c->server;
    struct keeper_event e = {.kind = KEEPER_RECEIVED, .conn = c->id};
    if (n == 0 || c->closing)
        return;
    if (n > 0) {
        e.data = (const uint8_t *)buf->base;
        e.len = (size_t)n;
    } else {
        e.kind = KEEPER_CLOSED;
        e.text = n == UV_EOF ? "the other side closed the connection" : uv_strerror((int)n);
        conns_close(s, c->id);
    }
    shell_turn(s, &e);
}

static void on_written(uv_write_t *write, int status)
{
    struct conn_write *w = (struct conn_write *)write;
    (void)status; /* a connection that broke shows in on_read */
    buf_free(&w->data);
    free(w);
}

static struct conn *find(struct server *s, uint32_t id)
{
    struct conn *c = s->conns;
    while (c != NULL && c->id != id)
        c = c->next;
    return c;
}

static void on_closed(uv_handle_t *h)
{
    free(h->data);
}
