/* xfr.c - whether and how a transfer question is answered: who may, over what, from which version
 * (RFC 5936 4.1, 1995 2). Worker's thread, inside its epoch: the version it names must be held
 * before leaving. The stream itself is transfer/'s. */
#include "answer/xfr.h"
#include "answer/access.h"
#include "answer/compose.h"
#include "wire/msg.h"
#include "wire/record.h"
#include "wire/rrtype.h"

static enum verdict refuse(struct job *j, unsigned rcode, int ede);
static enum verdict not_serving(struct job *j, const struct world_zone *z);
static enum verdict stream(struct job *j, const struct world_zone *z, struct zone_version *v);
static enum verdict single_soa(struct job *j, const struct zone_version *v);

enum verdict xfr_answer(struct job *j)
{
    const struct query *q = &j->query;
    const struct world *world = j->worker->world;
    bool ixfr = q->qtype == TYPE_IXFR;
    /* RFC 5936 4.2: AXFR over UDP is not defined. RFC 1995 3: an IXFR brings its SOA along. */
    if ((!ixfr && !j->packet->tcp) || (ixfr && !q->has_notify_serial)) {
        return refuse(j, RCODE_FORMERR, EDE_NONE);
    }
    const struct world_zone *z = world_exact(world, q->qname);
    if (z == NULL) {
        return refuse(j, RCODE_NOTAUTH, EDE_NOT_AUTHORITATIVE);
    }
    j->out->zone = z;
    if (z->config->role == ROLE_CACHE || !access_may_transfer(world, z, &j->packet->from)) {
        return refuse(j, RCODE_REFUSED, EDE_PROHIBITED);
    }
    xfr_hint(j, z);
    if (atomic_load_explicit(&z->slot->state, memory_order_acquire) != SLOT_SERVING) {
        return not_serving(j, z);
    }
    struct zone_version *v = atomic_load_explicit(&z->slot->version, memory_order_acquire);
    if (v == NULL) {
        return not_serving(j, z);
    }
    /* RFC 1995 2: over UDP our SOA says whether it is worth coming back over TCP; who has it
     * already needs no more. */
    if (ixfr && (!j->packet->tcp || !serial_older(q->notify_serial, zone_serial(v)))) {
        return single_soa(j, v);
    }
    return stream(j, z, v);
}

void xfr_hint(struct job *j, const struct world_zone *z)
{
    if (!j->packet->tcp || j->out->wish != WISH_NONE || z->config->role == ROLE_CACHE ||
        !access_may_transfer(j->worker->world, z, &j->packet->from)) {
        return;
    }
    j->out->wish = WISH_HINT;
    j->out->told.zone = z;
    j->out->told.has_serial = j->query.qtype == TYPE_IXFR;
    j->out->told.serial = j->query.notify_serial;
    j->out->told.ask_kind = j->query.qtype;
}

static enum verdict refuse(struct job *j, unsigned rcode, int ede)
{
    count(j->worker->counters, COUNT_transfers_refused);
    return compose_code(j, rcode, ede);
}

static enum verdict not_serving(struct job *j, const struct world_zone *z)
{
    int state = atomic_load_explicit(&z->slot->state, memory_order_relaxed);
    int ede = state == SLOT_EXPIRED ? EDE_INVALID_DATA : EDE_NOT_READY;
    return refuse(j, RCODE_SERVFAIL, ede);
}

static enum verdict stream(struct job *j, const struct world_zone *z, struct zone_version *v)
{
    j->out->stream.zone = z;
    j->out->stream.version = v;
    j->out->stream.ixfr = j->query.qtype == TYPE_IXFR;
    j->out->stream.from_serial = j->query.notify_serial;
    return VERDICT_STREAM;
}

static enum verdict single_soa(struct job *j, const struct zone_version *v)
{
    struct record soa = {.owner = zone_apex(v), .type = TYPE_SOA, .class = CLASS_IN};
    soa.rdata = zone_soa(v, &soa.rdlen, &soa.ttl);
    struct composing w;
    compose_start(&w);
    compose_open(j, &w, EDE_NONE, NULL);
    w.reply.flags |= MSG_AA;
    if (!reply_record(&w.reply, SECTION_ANSWER, &soa)) {
        w.reply.flags |= MSG_TC;
    }
    return compose_close(j, &w);
}
