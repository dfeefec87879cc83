/* notify.c - takes a NOTIFY: who may send it, for which zone, and whether the keeper knows already
 * (RFC 1996 3, 4). Worker's thread, UDP and TCP alike. A storm of them costs a flag: while one is
 * on its way to the keeper the others are merged with it (RELIABILITY.md 13). */
#include "answer/notify.h"
#include "answer/access.h"
#include "answer/compose.h"
#include "wire/msg.h"
#include "wire/rrtype.h"

static bool follows(const struct world_zone *z);
static enum verdict refuse(struct job *j, unsigned rcode, int ede);
static void tell(struct job *j, const struct world_zone *z);

enum verdict notify_take(struct job *j)
{
    const struct world *world = j->worker->world;
    if (j->query.qtype != TYPE_SOA) {
        return refuse(j, RCODE_FORMERR, EDE_NONE);
    }
    const struct world_zone *z = world_exact(world, j->query.qname);
    if (z == NULL || !follows(z)) {
        return refuse(j, RCODE_NOTAUTH, EDE_NOT_AUTHORITATIVE);
    }
    j->out->zone = z;
    if (!access_may_notify(world, z, &j->packet->from)) {
        return refuse(j, RCODE_REFUSED, EDE_PROHIBITED);
    }
    tell(j, z);
    struct composing w;
    compose_start(&w);
    compose_open(j, &w, EDE_NONE, NULL);
    w.reply.flags |= MSG_AA; /* RFC 1996 4.7: the answer looks like the NOTIFY, with QR */
    return compose_close(j, &w);
}

/* Has the zone primaries whose news matter here? */
static bool follows(const struct world_zone *z)
{
    return z->config->role == ROLE_SECONDARY ||
           (z->config->role == ROLE_CACHE && z->config->rules->follow);
}

static enum verdict refuse(struct job *j, unsigned rcode, int ede)
{
    count(j->worker->counters, COUNT_notify_refused);
    return compose_code(j, rcode, ede);
}

static void tell(struct job *j, const struct world_zone *z)
{
    if (atomic_exchange_explicit(&z->slot->notified, true, memory_order_acq_rel)) {
        count(j->worker->counters, COUNT_notify_merged);
        return;
    }
    count(j->worker->counters, COUNT_notify_taken);
    j->out->wish = WISH_TELL_KEEPER;
    j->out->told.zone = z;
    j->out->told.has_serial = j->query.has_notify_serial;
    j->out->told.serial = j->query.notify_serial;
    j->out->told.ask_kind = TYPE_SOA;
}
