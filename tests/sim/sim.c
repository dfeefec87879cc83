/* sim.c - the heap of events and the clock that it drives. */
#include "sim.h"
#include "base/hash.h"
#include "wire/record.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include <stdlib.h>
#include <string.h>

static bool before(const struct sim_event *a, const struct sim_event *b);
static void push(struct sim *s, struct sim_event *e);
static struct sim_event *pop(struct sim *s);

void sim_start(struct sim *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->seed = seed;
    s->now = (struct mono){NS_PER_S};
    s->wall_ms = INT64_C(1800000000000);
    s->next_conn = 1;
    rand_seed(&s->chance, seed);
}

void sim_end(struct sim *s)
{
    for (unsigned i = 0; i < s->node_count; i++)
        node_free(&s->nodes[i]);
    while (s->count > 0) {
        struct sim_event *e = pop(s);
        buf_free(&e->data);
        free(e);
    }
    free(s->heap);
}

struct node *sim_node(struct sim *s, const char *name)
{
    for (unsigned i = 0; i < s->node_count; i++)
        if (strcmp(s->nodes[i].name, name) == 0)
            return &s->nodes[i];
    return NULL;
}

struct node *sim_node_at(struct sim *s, const struct addr *a)
{
    for (unsigned i = 0; i < s->node_count; i++)
        if (addr_same_ip(&s->nodes[i].addr, a))
            return &s->nodes[i];
    return NULL;
}

struct now sim_now(const struct sim *s, const struct node *n)
{
    return (struct now){s->now,
                        {s->wall_ms + s->now.ns / NS_PER_MS + (n == NULL ? 0 : n->wall_skew_ms)}};
}

struct sim_event *sim_later(struct sim *s, int64_t delay_us,
                            void (*happen)(struct sim *, struct sim_event *), struct node *n)
{
    struct sim_event *e = calloc(1, sizeof *e);
    must(e != NULL);
    e->at.ns = s->now.ns + delay_us * 1000;
    e->happen = happen;
    e->node = n;
    e->life = n == NULL ? 0 : n->life;
    push(s, e);
    return e;
}

bool sim_step(struct sim *s, struct mono until)
{
    if (s->count == 0 || mono_before(until, s->heap[0]->at)) {
        s->now = until;
        return false;
    }
    struct sim_event *e = pop(s);
    if (mono_before(s->now, e->at))
        s->now = e->at;
    if (e->node == NULL || (e->node->up && e->life == e->node->life)) {
        uint64_t where = e->node == NULL ? 0 : 1 + (uint64_t)(e->node - s->nodes);
        s->trace = hash_mix(s->trace, hash_mix(where, (uint64_t)s->now.ns));
        s->trace = hash_mix(s->trace, hash_bytes(e->data.data, e->data.len, e->number));
        e->happen(s, e);
    }
    buf_free(&e->data);
    free(e);
    return true;
}

void sim_run(struct sim *s, int64_t ms)
{
    struct mono until = mono_plus_ms(s->now, ms);
    while (sim_step(s, until))
        ;
}

int sim_ede(const uint8_t *msg, size_t len)
{
    struct response r;
    struct record rr;
    struct buf space = {0};
    int ede = -1;
    bool ok = response_read(msg, len, &r);
    unsigned count = !ok ? 0u : (unsigned)r.counts[0] + r.counts[1] + r.counts[2];
    for (unsigned i = 0; i < count && record_read(&r.records, &space, &rr); i++)
        for (size_t at = 0; rr.type == TYPE_OPT && at + 4 <= rr.rdlen;) {
            if (get_u16(rr.rdata + at) == OPTION_EDE && at + 6 <= rr.rdlen)
                ede = get_u16(rr.rdata + at + 4);
            at += 4u + get_u16(rr.rdata + at + 2);
        }
    buf_free(&space);
    return ede;
}

static bool before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at.ns != b->at.ns ? a->at.ns < b->at.ns : a->order < b->order;
}

static void push(struct sim *s, struct sim_event *e)
{
    if (s->count == s->room) {
        s->room = s->room == 0 ? 256 : s->room * 2;
        s->heap = realloc(s->heap, s->room * sizeof(struct sim_event *));
        must(s->heap != NULL);
    }
    e->order = s->sequence++;
    size_t at = s->count++;
    while (at > 0 && before(e, s->heap[(at - 1) / 2])) {
        s->heap[at] = s->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    s->heap[at] = e;
}

static struct sim_event *pop(struct sim *s)
{
    struct sim_event *top = s->heap[0], *e = s->heap[--s->count];
    size_t at = 0, child;
    while ((child = at * 2 + 1) < s->count) {
        if (child + 1 < s->count && before(s->heap[child + 1], s->heap[child]))
            child++;
        if (!before(s->heap[child], e))
            break;
        s->heap[at] = s->heap[child];
        at = child;
    }
    s->heap[at] = e;
    return top;
}
