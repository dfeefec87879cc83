/* upstream.c - forward/upstream.h over the simulated network. Matching is the door's business, so
 * it is done here too: ID, address, question with its case. */
#include "forward/upstream.h"
#include "sim.h"
#include "wire/edns.h"
#include "wire/response.h"
#include <stdlib.h>
#include <string.h>

struct asked {
    struct asked *next;
    uint16_t id, type;
    struct addr to;
    struct name name;
    void *token;
    struct mono late;
};
struct upstream {
    struct upstream_shell shell;
    const struct entropy *entropy;
    struct counters *counters;
    struct node *node;
    struct asked *asked;
};

struct upstream *upstream_new(const struct upstream_shell *shell, const struct entropy *entropy,
                              struct counters *counters)
{
    struct upstream *u = calloc(1, sizeof *u);
    if (u == NULL)
        return NULL;
    u->shell = *shell;
    u->entropy = entropy;
    u->counters = counters;
    return u;
}

void upstream_free(struct upstream *u)
{
    while (u != NULL && u->asked != NULL) {
        struct asked *a = u->asked;
        u->asked = a->next;
        free(a);
    }
    free(u);
}

void upstream_home(struct upstream *u, struct node *n)
{
    u->node = n;
}

bool upstream_ask(struct upstream *u, const struct upstream_question *q, struct now now)
{
    struct buf options = {0};
    uint8_t packet[1024];
    struct asked *a = calloc(1, sizeof *a);
    must(a != NULL);
    a->id = entropy_u16(u->entropy);
    a->type = q->type;
    a->to = q->to;
    a->token = q->token;
    a->late = mono_plus_ms(now.mono, q->timeout_ms);
    name_copy(&a->name, q->name);
    a->next = u->asked;
    u->asked = a;
    edns_option(&options, OPTION_ZONEVERSION, NULL, 0);
    struct question question = {.id = a->id,
                                .flags = q->flags,
                                .qname = q->name,
                                .qtype = q->type,
                                .edns = !q->plain,
                                .options = options.data,
                                .options_len = (uint16_t)options.len};
    size_t len = question_write(&question, packet);
    struct addr from = u->node->addr;
    from.port = PORT_UPSTREAM;
    net_udp(u->node->sim, &from, &q->to, packet, len);
    buf_free(&options);
    count(u->counters, COUNT_asks);
    return true;
}

void upstream_packet(struct upstream *u, const struct addr *from, const uint8_t *msg, size_t len,
                     struct now now)
{
    struct response r;
    if (!response_read(msg, len, &r))
        return;
    for (struct asked **at = &u->asked; *at != NULL; at = &(*at)->next) {
        struct asked *a = *at;
        if (a->id != r.id || !addr_same(&a->to, from) || a->type != r.qtype ||
            !name_same(a->name.octets, r.qname.octets))
            continue;
        *at = a->next;
        u->shell.answered(u->shell.ctx, a->token, msg, len, now);
        free(a);
        return;
    }
    count(u->counters, COUNT_asks_mismatch);
}

void upstream_ready(struct upstream *u, int fd, bool readable, bool writable, struct now now)
{
    (void)u, (void)fd, (void)readable, (void)writable, (void)now;
}

void upstream_late(struct upstream *u, struct now now)
{
    struct asked **at = &u->asked;
    while (*at != NULL) {
        struct asked *a = *at;
        if (mono_before(now.mono, a->late)) {
            at = &a->next;
            continue;
        }
        *at = a->next;
        count(u->counters, COUNT_asks_timeout);
        u->shell.answered(u->shell.ctx, a->token, NULL, 0, now);
        free(a);
        at = &u->asked;
    }
}

struct mono upstream_due(const struct upstream *u)
{
    struct mono due = MONO_NEVER;
    for (const struct asked *a = u->asked; a != NULL; a = a->next)
        due = mono_min(due, a->late);
    return due;
}
