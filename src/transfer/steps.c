/* steps.c - the order of records in a transfer (RFC 5936 2.2, 1995 4). Keeper thread, for in.c. A
 * table of steps: each takes one record and says what the next one is. A whole zone is its SOA, its
 * records, its SOA. Changes are the new SOA; for each change set its old SOA, deletions, its new
 * SOA, additions; the new SOA. Only the closing SOA makes anything complete. */
#include "transfer/steps.h"
#include "wire/rrtype.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static enum transfer_in_status first(struct transfer_steps *t, const struct record *rr,
                                     struct oops *o);
static enum transfer_in_status second(struct transfer_steps *t, const struct record *rr,
                                      struct oops *o);
static enum transfer_in_status whole(struct transfer_steps *t, const struct record *rr,
                                     struct oops *o);
static enum transfer_in_status deleted(struct transfer_steps *t, const struct record *rr,
                                       struct oops *o);
static enum transfer_in_status added(struct transfer_steps *t, const struct record *rr,
                                     struct oops *o);
static bool is_soa(const struct record *rr, uint32_t *serial);
static bool is_opening_soa(const struct transfer_steps *t, const struct record *rr);
static enum transfer_in_status keep(struct transfer_steps *t, const struct record *rr,
                                    struct buf *into, struct oops *o);
static enum transfer_in_status start_change(struct transfer_steps *t, const struct record *rr,
                                            struct oops *o);
static bool has_room(struct transfer_steps *t);
static struct change *current(struct transfer_steps *t);
static enum transfer_in_status bad(struct oops *o, const char *why);

static enum transfer_in_status (*const steps[])(struct transfer_steps *, const struct record *,
                                                struct oops *) = {
    [STEP_FIRST] = first,     [STEP_SECOND] = second, [STEP_ZONE] = whole,
    [STEP_DELETED] = deleted, [STEP_ADDED] = added,
};

void steps_start(struct transfer_steps *t, const struct transfer_in_start *s)
{
    struct soa ours;
    t->kind = s->kind;
    name_copy(&t->apex, s->apex);
    if (s->kind != TRANSFER_AXFR) {
        bool well_formed = soa_read(s->soa, s->soa_len, &ours);
        must(well_formed);
        t->have = ours.serial;
    }
}

enum transfer_in_status steps_take(struct transfer_steps *t, const struct record *rr,
                                   struct oops *o)
{
    return steps[t->step](t, rr, o);
}

void steps_free(struct transfer_steps *t)
{
    buf_free(&t->zone);
    for (unsigned i = 0; i < t->change_count; i++) {
        change_free(&t->changes[i]);
    }
    free(t->changes);
}

static enum transfer_in_status first(struct transfer_steps *t, const struct record *rr,
                                     struct oops *o)
{
    if (!is_soa(rr, &t->serial) || rr->rdlen > sizeof t->soa) {
        return bad(o, "the stream does not begin with the zone's SOA");
    }
    memcpy(t->soa, rr->rdata, rr->rdlen);
    t->soa_len = rr->rdlen;
    /* RFC 1995 2: one SOA that is not newer means "you have it"; what may follow is of no use */
    if (t->kind != TRANSFER_AXFR && !serial_older(t->have, t->serial)) {
        return TRANSFER_IN_CURRENT;
    }
    t->step = t->kind == TRANSFER_AXFR ? STEP_ZONE : STEP_SECOND;
    return keep(t, rr, &t->zone, o);
}

static enum transfer_in_status second(struct transfer_steps *t, const struct record *rr,
                                      struct oops *o)
{
    uint32_t serial;
    if (is_soa(rr, &serial) && serial != t->serial) {
        return start_change(t, rr, o);
    }
    if (t->kind == TRANSFER_IXFR_ONLY) {
        return TRANSFER_IN_WHOLE;
    }
    t->step = STEP_ZONE;
    return whole(t, rr, o);
}

static enum transfer_in_status whole(struct transfer_steps *t, const struct record *rr,
                                     struct oops *o)
{
    uint32_t serial;
    if (!is_soa(rr, &serial)) {
        return keep(t, rr, &t->zone, o);
    }
    if (!is_opening_soa(t, rr)) {
        return bad(o, "two different SOA: the zone changed while it was sent");
    }
    return TRANSFER_IN_ZONE;
}

static enum transfer_in_status deleted(struct transfer_steps *t, const struct record *rr,
                                       struct oops *o)
{
    struct change *c = current(t);
    uint32_t serial;
    if (!is_soa(rr, &serial)) {
        c->deleted_count++;
        return keep(t, rr, &c->deleted, o);
    }
    if (!serial_older(c->from, serial) || serial_older(t->serial, serial)) {
        oops(o, "a change from serial %" PRIu32 " to %" PRIu32 " does not lead to %" PRIu32,
             c->from, serial, t->serial);
        return TRANSFER_IN_FAILED;
    }
    c->to = serial;
    c->added_count = 1;
    t->step = STEP_ADDED;
    return keep(t, rr, &c->added, o);
}

static enum transfer_in_status added(struct transfer_steps *t, const struct record *rr,
                                     struct oops *o)
{
    struct change *c = current(t);
    uint32_t serial;
    if (!is_soa(rr, &serial)) {
        c->added_count++;
        return keep(t, rr, &c->added, o);
    }
    if (c->to != t->serial) {
        return start_change(t, rr, o);
    }
    if (!is_opening_soa(t, rr)) {
        return bad(o, "two different SOA: the zone changed while it was sent");
    }
    return TRANSFER_IN_CHANGES;
}

static bool is_soa(const struct record *rr, uint32_t *serial)
{
    struct soa soa;
    if (rr->type != TYPE_SOA || !soa_read(rr->rdata, rr->rdlen, &soa)) {
        return false;
    }
    *serial = soa.serial;
    return true;
}

static bool is_opening_soa(const struct transfer_steps *t, const struct record *rr)
{
    return rdata_same(TYPE_SOA, rr->rdata, rr->rdlen, t->soa, t->soa_len);
}

static enum transfer_in_status keep(struct transfer_steps *t, const struct record *rr,
                                    struct buf *into, struct oops *o)
{
    size_t before = into->len;
    record_add(into, rr);
    if (into->failed) {
        return bad(o, "out of memory");
    }
    t->kept += into->len - before;
    return TRANSFER_IN_MORE;
}

/* A change set begins with the SOA the one before ended with, the first with ours. */
static enum transfer_in_status start_change(struct transfer_steps *t, const struct record *rr,
                                            struct oops *o)
{
    uint32_t serial, expected = t->change_count > 0 ? current(t)->to : t->have;
    bool known = is_soa(rr, &serial);
    must(known);
    if (serial != expected) {
        oops(o, "a change starts at serial %" PRIu32 " instead of %" PRIu32, serial, expected);
        return TRANSFER_IN_FAILED;
    }
    if (t->change_count == STEPS_CHANGES) {
        oops(o, "more than %d changes", STEPS_CHANGES);
        return TRANSFER_IN_FAILED;
    }
    if (!has_room(t)) {
        return bad(o, "out of memory");
    }
    struct change *c = &t->changes[t->change_count++];
    change_init(c);
    c->from = serial;
    c->deleted_count = 1;
    t->step = STEP_DELETED;
    return keep(t, rr, &c->deleted, o);
}

static bool has_room(struct transfer_steps *t)
{
    if (t->change_count < t->change_room) {
        return true;
    }
    unsigned room = t->change_room == 0 ? 4 : t->change_room * 2;
    struct change *changes = realloc(t->changes, room * sizeof *changes);
    if (changes == NULL) {
        return false;
    }
    t->changes = changes;
    t->change_room = room;
    return true;
}

static struct change *current(struct transfer_steps *t)
{
    return &t->changes[t->change_count - 1];
}

static enum transfer_in_status bad(struct oops *o, const char *why)
{
    oops(o, "%s", why);
    return TRANSFER_IN_FAILED;
}
