/* claim.c - which worker is asking upstream for what.
 * Any worker. A claim is written down under its stripe's lock and crossed out by the worker that
 * made it. Their number is bounded by the questions all workers may have on their way. */
#include "cache/claim.h"
#include "cache/lock.h"
#include "wire/name.h"
#include <stdlib.h>

#define STRIPES 64
#define LISTS   16 /* of one stripe */

struct claim {
    struct claim *next;
    uint64_t hash;
    uint32_t zone;
    uint16_t type;
    bool dnssec_ok;
    unsigned worker;
    struct name name;
};
struct stripe {
    _Alignas(64) struct lock lock;
    struct claim *lists[LISTS];
};
struct claims {
    struct stripe stripes[STRIPES];
};

static struct stripe *stripe_of(struct claims *c, const struct sought *s);
static struct claim **find(struct stripe *t, const struct sought *s);
static struct claim *claim_new(const struct sought *s, unsigned worker);

struct claims *claims_new(void)
{
    struct claims *c = aligned_alloc(_Alignof(struct claims), sizeof *c);
    for (unsigned i = 0; c != NULL && i < STRIPES; i++) {
        c->stripes[i] = (struct stripe){.lists = {NULL}};
    }
    return c;
}

void claims_free(struct claims *c)
{
    for (unsigned i = 0; c != NULL && i < STRIPES * LISTS; i++) {
        struct claim *next, *l = c->stripes[i / LISTS].lists[i % LISTS];
        for (; l != NULL; l = next) {
            next = l->next;
            free(l);
        }
    }
    free(c);
}

unsigned claims_take(struct claims *c, const struct sought *s, unsigned worker, bool *was_free)
{
    struct stripe *t = stripe_of(c, s);
    struct claim *fresh = claim_new(s, worker);
    lock_take(&t->lock);
    struct claim **at = find(t, s);
    *was_free = *at == NULL;
    unsigned holder = *was_free ? worker : (*at)->worker;
    if (*was_free) {
        *at = fresh;
        fresh = NULL;
    }
    lock_give(&t->lock);
    free(fresh);
    return holder;
}

static struct stripe *stripe_of(struct claims *c, const struct sought *s)
{
    return &c->stripes[s->hash % STRIPES];
}

/* Where it stands, or the end of the list where it would. */
static struct claim **find(struct stripe *t, const struct sought *s)
{
    struct claim **at = &t->lists[s->hash / STRIPES % LISTS];
    for (; *at != NULL; at = &(*at)->next) {
        const struct claim *l = *at;
        if (l->hash == s->hash && l->zone == s->zone->id && l->type == s->type &&
            l->dnssec_ok == s->dnssec_ok && name_same(l->name.octets, s->name)) {
            break;
        }
    }
    return at;
}

static struct claim *claim_new(const struct sought *s, unsigned worker)
{
    struct claim *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return NULL;
    }
    l->hash = s->hash;
    l->zone = s->zone->id;
    l->type = s->type;
    l->dnssec_ok = s->dnssec_ok;
    l->worker = worker;
    name_copy(&l->name, s->name);
    return l;
}

void claims_give(struct claims *c, const struct sought *s, unsigned worker)
{
    struct stripe *t = stripe_of(c, s);
    lock_take(&t->lock);
    struct claim **at = find(t, s), *gone = *at;
    if (gone != NULL && gone->worker == worker) {
        *at = gone->next;
    } else {
        gone = NULL;
    }
    lock_give(&t->lock);
    free(gone);
}
