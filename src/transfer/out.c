/* out.c - a zone as a stream of messages: SOA, every RRset in canonical order, SOA (RFC 5936 2.2,
 * 1995 4). A worker's thread; one per stream. The version is held, so edits and reloads do not
 * touch what is being sent. A message is filled with whole RRsets; one that is larger than a
 * message is cut between its records. */
#include "transfer/out.h"
#include "wire/record.h"
#include "wire/reply.h"
#include "wire/rrtype.h"
#include <stdlib.h>

#define MESSAGE_FULL 16384 /* compression pointers reach no further (RFC 1035 4.1.4) */
#define OPT_ROOM     11    /* an OPT without options */

enum stage { STAGE_OPEN, STAGE_BODY, STAGE_CLOSE, STAGE_DONE };

struct transfer_out {
    struct zone_version *version;
    struct name qname;
    uint16_t id, qtype;
    bool edns, single; /* single: one SOA and nothing else */
    bool started, stuck;
    enum stage stage;
    uint64_t records;
    struct zone_walk walk;
    struct name owner; /* where the walk is */
    struct zone_node node;
    unsigned node_at;
    bool has_set;
    struct rrset set; /* what goes next, from set_at on */
    size_t set_at;
};

static size_t message(struct transfer_out *t, uint8_t *buf, size_t room);
static bool put_next(struct transfer_out *t, struct reply *r);
static bool put_soa(struct transfer_out *t, struct reply *r, enum stage then);
static bool next_set(struct transfer_out *t);
static bool put_set(struct transfer_out *t, struct reply *r);
static bool put_records(struct transfer_out *t, struct reply *r);

struct transfer_out *transfer_out_new(struct zone_version *version, const struct query *q,
                                      bool ixfr, uint32_t from_serial)
{
    struct transfer_out *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->version = version;
    name_copy(&t->qname, q->qname);
    t->id = q->id;
    t->qtype = q->qtype;
    t->edns = q->has_edns;
    t->single = ixfr && !serial_older(from_serial, zone_serial(version));
    zone_walk_start(&t->walk, version);
    return t;
}

size_t transfer_out_next(struct transfer_out *t, uint8_t *buf, size_t room)
{
    if (t->stage == STAGE_DONE || t->stuck) {
        return 0;
    }
    size_t len = message(t, buf, room < MESSAGE_FULL ? room : MESSAGE_FULL);
    if (len == 0) {
        len = message(t, buf, room);
    }
    t->stuck = len == 0;
    return len;
}

bool transfer_out_complete(const struct transfer_out *t)
{
    return t->stage == STAGE_DONE;
}

uint64_t transfer_out_records(const struct transfer_out *t)
{
    return t->records;
}

struct zone_version *transfer_out_end(struct transfer_out *t)
{
    struct zone_version *version = t->version;
    free(t);
    return version;
}

/* 0: not one record fits. */
static size_t message(struct transfer_out *t, uint8_t *buf, size_t room)
{
    struct reply r;
    /* RFC 5936 2.2.1: the question stands in the first message alone; so does our OPT (2.2.5) */
    reply_start_bare(&r, buf, room, t->id, t->started ? NULL : t->qname.octets, t->qtype);
    r.flags |= MSG_AA;
    r.edns = t->edns && !t->started;
    r.reserved = r.edns ? OPT_ROOM : 0;
    while (t->stage != STAGE_DONE && put_next(t, &r)) {
    }
    if (r.counts[SECTION_ANSWER] == 0) {
        return 0;
    }
    t->started = true;
    return reply_finish(&r);
}

/* False: the message is full. */
static bool put_next(struct transfer_out *t, struct reply *r)
{
    switch (t->stage) {
    case STAGE_OPEN:
        return put_soa(t, r, t->single ? STAGE_DONE : STAGE_BODY);
    case STAGE_BODY:
        if (t->has_set || next_set(t)) {
            return put_set(t, r);
        }
        t->stage = STAGE_CLOSE;
        return true;
    case STAGE_CLOSE:
        return put_soa(t, r, STAGE_DONE);
    case STAGE_DONE:
        break;
    }
    return false;
}

static bool put_soa(struct transfer_out *t, struct reply *r, enum stage then)
{
    struct record soa = {.owner = zone_apex(t->version), .type = TYPE_SOA, .class = CLASS_IN};
    soa.rdata = zone_soa(t->version, &soa.rdlen, &soa.ttl);
    if (!reply_record(r, SECTION_ANSWER, &soa)) {
        return false;
    }
    t->records++;
    t->stage = then;
    return true;
}

/* False: the walk is over. */
static bool next_set(struct transfer_out *t)
{
    for (;;) {
        while (t->node.ref != 0 && zone_rrset_next(t->node, &t->node_at, &t->set)) {
            if (t->set.type != TYPE_SOA) { /* it opens and closes the stream */
                t->has_set = true;
                t->set_at = 0;
                return true;
            }
        }
        if (!zone_walk_next(&t->walk, &t->owner, &t->node)) {
            return false;
        }
        t->node_at = 0;
    }
}

static bool put_set(struct transfer_out *t, struct reply *r)
{
    if (t->set_at == 0 && t->set.type != TYPE_RRSIG) { /* RRSIGs have a TTL each */
        if (reply_rrset(r, SECTION_ANSWER, t->owner.octets, &t->set, t->set.ttl)) {
            t->records += t->set.count;
            t->has_set = false;
            return true;
        }
        if (r->counts[SECTION_ANSWER] > 0) {
            return false; /* in an empty message it may fit */
        }
    }
    return put_records(t, r);
}

/* The rest of an RRset, as far as it fits. */
static bool put_records(struct transfer_out *t, struct reply *r)
{
    struct record rr = {.owner = t->owner.octets, .type = t->set.type, .class = CLASS_IN};
    for (size_t at = t->set_at; (rr.rdata = rrset_next(&t->set, &at, &rr.rdlen)) != NULL;) {
        rr.ttl = zone_record_ttl(t->node, &t->set, rr.rdata);
        if (!reply_record(r, SECTION_ANSWER, &rr)) {
            return false;
        }
        t->records++;
        t->set_at = at;
    }
    t->has_set = false;
    return true;
}
