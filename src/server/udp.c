/* udp.c - questions over UDP, in batches (DESIGN.md, UDP at the kernel's speed).
 *
 * Worker's thread. A batch is received, each question is answered in the buffer it came in, the
 * answers leave in one call. While batches come full the socket is out of the poll set (an
 * epoll-registered UDP socket costs 350 to 400 ns per answer sent) and is read from the idle
 * handle, at most TURN_BATCHES a turn so that TCP and mail get theirs. No lock, no malloc on the
 * way of an authoritative answer; one clock read and one epoch per batch. */
#include "server/sockaddr.h"
#include "server/worker.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH        32
#define TURN_BATCHES 4
#define CONTROL      64 /* octets of a pktinfo control message, either family */
_Static_assert(BATCH <= AHEAD_MOST, "a batch is looked at as a whole");

struct udp_batch {
    struct mmsghdr message[BATCH]; /* as they came; then the answers, without gaps */
    struct iovec vec[BATCH];
    struct sockaddr_storage from[BATCH];
    _Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL];
    struct ahead ahead[BATCH];
    struct ready_place *place[BATCH]; /* NULL: its answer is not kept */
    bool is_ready[BATCH];
    /* not all at multiples of a page, which fall into the same lines of the first cache: 3 % of an
     * answer */
    uint8_t buf[BATCH][QUESTION_ROOM + 128];
};

static void on_poll(uv_poll_t *poll, int status, int events);
static void set_busy(struct udp_socket *u, bool busy);
static int take_batch(struct udp_socket *u);
static int receive(struct udp_socket *u);
static void look_ahead(struct worker *w, int count);
static bool give_ready(struct worker *w, int i);
static bool answer_one(struct udp_socket *u, int i, struct now now, size_t *len);
static bool ask(struct udp_socket *u, int i, const struct packet *p, const struct answer_out *out,
                struct now now);
static void keep_destination(struct client *c, struct msghdr *m);
static void send_all(struct udp_socket *u, int count);
static bool in_fragments(struct udp_socket *u);
static void put_destination(struct msghdr *m, const struct client *c, uint8_t control[CONTROL]);

bool udp_start(struct worker *w, struct oops *o)
{
    unsigned n = w->sockets.udp_count;
    w->udp = calloc(n + 1, sizeof *w->udp);
    w->batch = calloc(1, sizeof *w->batch);
    if (w->udp == NULL || w->batch == NULL)
        return oops(o, "out of memory");
    for (unsigned i = 0; i < n; i++) {
        struct udp_socket *u = &w->udp[i];
        *u =
            (struct udp_socket){.worker = w, .fd = w->sockets.udp[i], .any = w->sockets.udp_any[i]};
        int rc = uv_poll_init(&w->loop, &u->poll, u->fd);
        if (rc == 0)
            rc = uv_poll_start(&u->poll, UV_READABLE, on_poll);
        if (rc != 0)
            return oops(o, "cannot watch a UDP socket: %s", uv_strerror(rc));
        u->poll.data = u;
    }
    return true;
}

void udp_idle(struct worker *w)
{
    for (unsigned i = 0; i < w->sockets.udp_count; i++)
        if (w->udp[i].busy)
            on_poll(&w->udp[i].poll, 0, UV_READABLE);
}

void udp_stop(struct worker *w)
{
    for (unsigned i = 0; i < w->sockets.udp_count; i++) {
        while (take_batch(&w->udp[i]) == BATCH) /* what the kernel has taken for us is answered */
            ;
        uv_poll_stop(&w->udp[i].poll);
        w->udp[i].busy = false;
    }
}

void udp_free(struct worker *w)
{
    free(w->udp);
    free(w->batch);
}

void udp_answer(struct client *c, const uint8_t *msg, size_t len)
{
    struct sockaddr_storage to;
    uint8_t control[CONTROL];
    struct iovec vec = {(void *)(uintptr_t)msg, len};
    struct msghdr m = {.msg_name = &to, .msg_iov = &vec, .msg_iovlen = 1};
    m.msg_namelen = addr_to_sockaddr(&c->from, &to);
    if (c->has_to)
        put_destination(&m, c, control);
    while (sendmsg(c->udp->fd, &m, MSG_DONTWAIT) < 0) {
        if (!in_fragments(c->udp)) {
            count(&c->udp->worker->counters, COUNT_send_failed);
            return;
        }
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct udp_socket *u = poll->data;
    (void)events;
    if (status < 0) /* some answer's error: libuv stopped the handle; reading takes it away */
        (void)uv_poll_start(&u->poll, UV_READABLE, on_poll);
    int n = 0;
    for (int i = 0; i < TURN_BATCHES; i++) {
        n = take_batch(u);
        if (n < BATCH)
            break;
    }
    set_busy(u, n == BATCH);
    worker_set_timer(u->worker);
}

static void set_busy(struct udp_socket *u, bool busy)
{
    if (busy == u->busy)
        return;
    u->busy = busy;
    if (busy)
        uv_poll_stop(&u->poll);
    else
        (void)uv_poll_start(&u->poll, UV_READABLE,
                            on_poll); /* fails only for a handle that is closing */
    if (busy)
        worker_idle(u->worker, true);
}

/* One batch: received, answered, sent. Returns how many came. */
static int take_batch(struct udp_socket *u)
{
    struct worker *w = u->worker;
    struct udp_batch *b = w->batch;
    int n = receive(u), out = 0;
    if (n <= 0)
        return 0;
    struct now now = now_read();
    epoch_enter(w->shared->epoch, w->number);
    w->answering.world = atomic_load_explicit(&w->shared->world, memory_order_acquire);
    look_ahead(w, n);
    for (int i = 0; i < n; i++) {
        if (!b->is_ready[i] && !answer_one(u, i, now, &b->vec[i].iov_len))
            continue;
        if (out < i)
            b->message[out].msg_hdr = b->message[i].msg_hdr;
        out++;
    }
    send_all(u, out);
    worker_ready(w, now);
    epoch_leave(w->shared->epoch, w->number);
    return n;
}

static int receive(struct udp_socket *u)
{
    struct udp_batch *b = u->worker->batch;
    for (int i = 0; i < BATCH; i++) {
        b->vec[i] = (struct iovec){b->buf[i], QUESTION_ROOM};
        b->message[i].msg_hdr = (struct msghdr){
            .msg_name = &b->from[i],
            .msg_namelen = sizeof b->from[i],
            .msg_iov = &b->vec[i],
            .msg_iovlen = 1,
            .msg_control = u->any ? b->control[i] : NULL,
            .msg_controllen = u->any ? CONTROL : 0,
        };
    }
    int n = recvmmsg(u->fd, b->message, BATCH, MSG_DONTWAIT, NULL);
    return n < 0 ? 0 : n;
}

/* Gives the answers that stand ready, and calls for the memory of the others. */
static void look_ahead(struct worker *w, int count)
{
    struct udp_batch *b = w->batch;
    for (int i = 0; i < count; i++)
        b->ahead[i] = (struct ahead){.octets = b->buf[i], .len = b->message[i].msg_len};
    bool has_places = ready_look(w->ready_answers, b->ahead, (unsigned)count, b->place);
    for (int i = 0; i < count; i++) {
        if (!has_places)
            b->place[i] = NULL;
        b->is_ready[i] = b->place[i] != NULL && give_ready(w, i);
        if (b->is_ready[i])
            b->ahead[i].len = 0; /* nothing more to be looked for */
    }
    answer_ahead(w->answering.world, &w->ahead, b->ahead, (unsigned)count);
}

static bool give_ready(struct worker *w, int i)
{
    struct udp_batch *b = w->batch;
    if (!sockaddr_has_port((struct sockaddr *)&b->from[i])) /* nobody to answer */
        return false;
    size_t len = ready_answer(w->ready_answers, w->answering.world, b->place[i], b->buf[i],
                              b->message[i].msg_len, &w->counters);
    b->vec[i].iov_len = len;
    return len > 0;
}

/* True: the answer stands in the buffer, *len octets. */
static bool answer_one(struct udp_socket *u, int i, struct now now, size_t *len)
{
    static const struct answer_try first = {0};
    struct worker *w = u->worker;
    struct udp_batch *b = w->batch;
    struct packet p = {
        .buf = b->buf[i],
        .len = b->message[i].msg_len,
        .room = QUESTION_ROOM,
        .from = addr_from_sockaddr((struct sockaddr *)&b->from[i]),
        .ahead = &b->ahead[i],
    };
    struct answer_out out;
    if (b->place[i] != NULL)
        ready_question(w->ready_answers, b->place[i], p.buf, p.len);
    enum verdict v = answer(&w->answering, &p, &first, now, &out);
    if (b->place[i] != NULL && v == VERDICT_SEND)
        ready_keep(w->ready_answers, w->answering.world, b->place[i], &out, p.buf);
    if (out.wish != WISH_NONE)
        worker_wish(w, &out, &p.from, now);
    *len = out.len;
    if (v == VERDICT_SEND)
        return true;
    if (v != VERDICT_ASK || ask(u, i, &p, &out, now))
        return false;
    bool send = worker_answer_without(w, &p, now, &out);
    *len = out.len;
    return send;
}

static bool ask(struct udp_socket *u, int i, const struct packet *p, const struct answer_out *out,
                struct now now)
{
    struct client *c = worker_client(p);
    if (c == NULL)
        return false;
    c->udp = u;
    if (u->any)
        keep_destination(c, &u->worker->batch->message[i].msg_hdr);
    if (worker_ask(u->worker, c, &out->ask, now))
        return true;
    free(c);
    return false;
}

static void keep_destination(struct client *c, struct msghdr *m)
{
    for (struct cmsghdr *cm = CMSG_FIRSTHDR(m); cm != NULL; cm = CMSG_NXTHDR(m, cm)) {
        if (cm->cmsg_level == IPPROTO_IP && cm->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(cm), sizeof info);
            c->to4 = info.ipi_addr;
            c->has_to = true;
        } else if (cm->cmsg_level == IPPROTO_IPV6 && cm->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(cm), sizeof info);
            c->to6 = info.ipi6_addr;
            c->has_to = true;
        }
    }
}

/* The kernel's note of where a question went to becomes the note of where its answer leaves
 * from. */
static void turn_around(struct msghdr *m)
{
    for (struct cmsghdr *cm = CMSG_FIRSTHDR(m); cm != NULL; cm = CMSG_NXTHDR(m, cm)) {
        if (cm->cmsg_level == IPPROTO_IP && cm->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(cm), sizeof info);
            info = (struct in_pktinfo){.ipi_spec_dst = info.ipi_addr};
            memcpy(CMSG_DATA(cm), &info, sizeof info);
        }
    }
}

static void send_all(struct udp_socket *u, int count_out)
{
    struct udp_batch *b = u->worker->batch;
    if (u->any)
        for (int i = 0; i < count_out; i++)
            turn_around(&b->message[i].msg_hdr);
    int sent = 0;
    while (sent < count_out) {
        int n = sendmmsg(u->fd, b->message + sent, (unsigned)(count_out - sent), MSG_DONTWAIT);
        if (n < 0 && in_fragments(u))
            continue;
        if (n < 0) { /* this one cannot be sent (no route, no buffer): the others can */
            count(&u->worker->counters, COUNT_send_failed);
            n = 1;
        }
        sent += n;
    }
}

/* What could not be sent may be too large for a link of this machine (`udp-payload` allows 4096
 * octets): rather fragments than no answers. True: to be tried again. */
static bool in_fragments(struct udp_socket *u)
{
    if (errno != EMSGSIZE || u->fragmented)
        return false;
    u->fragmented = true;
    return sockets_fragment(u->fd);
}

static void put_destination(struct msghdr *m, const struct client *c, uint8_t control[CONTROL])
{
    memset(control, 0, CONTROL);
    m->msg_control = control;
    m->msg_controllen = CONTROL;
    struct cmsghdr *cm = CMSG_FIRSTHDR(m);
    if (c->from.family == 4) {
        struct in_pktinfo info = {.ipi_spec_dst = c->to4};
        cm->cmsg_level = IPPROTO_IP;
        cm->cmsg_type = IP_PKTINFO;
        cm->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(cm), &info, sizeof info);
        m->msg_controllen = CMSG_SPACE(sizeof info);
    } else {
        struct in6_pktinfo info = {.ipi6_addr = c->to6, .ipi6_ifindex = c->from.scope};
        cm->cmsg_level = IPPROTO_IPV6;
        cm->cmsg_type = IPV6_PKTINFO;
        cm->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(cm), &info, sizeof info);
        m->msg_controllen = CMSG_SPACE(sizeof info);
    }
}
