/* probe.c - answers a probe of a cache zone: AA=0, TTL 0, the SOA of the serial the cache is
 * coherent with, and the mark. Worker's thread. The mark is what makes it evidence: ordinary
 * clients get a cached SOA like any other entry, which says nothing about the rest of the zone. */
#include "answer/probe.h"
#include "answer/access.h"
#include "answer/compose.h"
#include "wire/edns.h"
#include "wire/msg.h"
#include "wire/record.h"
#include "wire/rrtype.h"
#include <string.h>

#define SOA_MOST (2 * NAME_SIZE + 20) /* octets of SOA rdata */

bool probe_is(const struct job *j, const struct world_zone *z)
{
    const struct query *q = &j->query;
    return q->qtype == TYPE_SOA && q->wants_zoneversion && (q->flags & MSG_RD) == 0 &&
           z->config->role == ROLE_CACHE && name_same(q->qname, z->slot->name);
}

enum verdict probe_answer(struct job *j, const struct world_zone *z)
{
    if (!access_may_probe(j->worker->world, z, &j->packet->from)) {
        return compose_code(j, RCODE_REFUSED, EDE_PROHIBITED);
    }
    uint32_t serial;
    uint64_t coherent = atomic_load_explicit(&z->slot->cache->coherent, memory_order_acquire);
    const struct slot_soa *soa = atomic_load_explicit(&z->slot->soa, memory_order_acquire);
    if (!cache_serial_get(coherent, &serial) || soa == NULL || soa->len > SOA_MOST) {
        return compose_code(j, RCODE_SERVFAIL, EDE_NOT_READY);
    }
    uint8_t rdata[SOA_MOST];
    memcpy(rdata, soa->rdata, soa->len);
    soa_set_serial(rdata, soa->len, serial);
    struct record rr = {.owner = z->slot->name,
                        .type = TYPE_SOA,
                        .class = CLASS_IN,
                        .rdlen = soa->len,
                        .rdata = rdata};
    struct composing w;
    compose_start(&w);
    edns_option(&w.options, OPTION_SETTLED_MARK, NULL, 0);
    compose_open(j, &w, EDE_NONE, NULL);
    if (!reply_record(&w.reply, SECTION_ANSWER, &rr)) {
        w.reply.flags |= MSG_TC;
    }
    return compose_close(j, &w);
}
