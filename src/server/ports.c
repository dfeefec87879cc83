/* ports.c - the keeper's UDP questions: a few sockets for each family and source address, each
 * on a random port of the kernel's choice; which one a question leaves from is drawn anew each
 * time. Main thread. */
#include "server/internal.h"
#include "server/sockaddr.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORTS_EACH     8
#define PACKETS_A_TURN 64 /* read from one socket before others get theirs */

struct port {
    struct port *next;
    uv_poll_t poll;
    struct server *server;
    struct addr via;
    uint8_t family;
    int fd;
};

static struct port *choose(struct server *s, const struct keeper_action *a);
static struct port *open_port(struct server *s, uint8_t family, const struct addr *via);
static void on_readable(uv_poll_t *poll, int status, int events);
static void on_closed(uv_handle_t *h);

void ports_send(struct server *s, const struct keeper_action *a)
{
    struct sockaddr_storage to;
    struct port *p = choose(s, a);
    if (p == NULL)
        return; /* it will be late, and asked again */
    socklen_t len = addr_to_sockaddr(&a->to, &to);
    ssize_t n = sendto(p->fd, a->data.data, a->data.len, MSG_DONTWAIT, (struct sockaddr *)&to, len);
    (void)n; /* lost, as on the way */
}

void ports_close(struct server *s)
{
    while (s->ports != NULL) {
        struct port *p = s->ports;
        s->ports = p->next;
        uv_poll_stop(&p->poll);
        uv_close((uv_handle_t *)&p->poll, on_closed);
    }
}

static struct port *choose(struct server *s, const struct keeper_action *a)
{
    unsigned have = 0, want = entropy_u16(&s->entropy) % PORTS_EACH;
    struct port *found = NULL;
    for (struct port *p = s->ports; p != NULL; p = p->next)
        if (p->family == a->to.family && addr_same_ip(&p->via, &a->via)) {
            if (have++ == want)
                return p;
            found = p;
        }
    if (have >= PORTS_EACH)
        return found;
    struct port *new = open_port(s, a->to.family, &a->via);
    return new != NULL ? new : found;
}

static struct port *open_port(struct server *s, uint8_t family, const struct addr *via)
{
    struct oops o = {{0}};
    struct addr from = *via;
    from.port = 0;
    int fd = socket_bound(SOCK_DGRAM, family, &from, &o);
    struct port *p = fd < 0 ? NULL : calloc(1, sizeof *p);
    if (p == NULL || uv_poll_init(&s->loop, &p->poll, fd) != 0) {
        log_error(s->log, "%s", o.text[0] != 0 ? o.text : "no socket to ask from: out of memory");
        if (fd >= 0)
            close(fd);
        free(p);
        return NULL;
    }
    p->server = s;
    p->via = *via;
    p->family = family;
    p->fd = fd;
    p->poll.data = p;
    p->next = s->ports;
    s->ports = p;
    uv_poll_start(&p->poll, UV_READABLE, on_readable);
    return p;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct port *p = poll->data;
    uint8_t packet[QUESTION_ROOM];
    (void)events;
    if (status < 0) /* some question's error: libuv stopped the handle; reading takes it away */
        (void)uv_poll_start(poll, UV_READABLE, on_readable);
    for (int i = 0; i < PACKETS_A_TURN; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        ssize_t n =
            recvfrom(p->fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &len);
        if (n < 0)
            return;
        struct keeper_event e = {.kind = KEEPER_PACKET, .data = packet, .len = (size_t)n};
        e.from = addr_from_sockaddr((struct sockaddr *)&from);
        shell_turn(p->server, &e);
    }
}

static void on_closed(uv_handle_t *h)
{
    struct port *p = h->data;
    close(p->fd);
    free(p);
}
