/* apply.c - a change set onto the version it was made from (RFC 1995 4): what is deleted must be
 * there, what is added must not, the serials must chain; otherwise nothing is changed and the
 * reason names the record. The thread that writes the line. */
#include "wire/msg.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/change.h"
#include "zone/store.h"

enum side { DELETED, ADDED };

static bool check_base(const struct zone_version *base, const struct change *c, struct oops *o);
static bool apply_stream(struct zone_edit *e, const struct change *c, enum side side,
                         struct oops *o);
static bool check_record(const struct record *rr, bool first, uint32_t serial, struct oops *o);
static bool apply_record(struct zone_edit *e, const struct record *rr, enum side side,
                         struct oops *o);
static bool complain(struct oops *o, const struct record *rr, const char *what);

struct zone_version *zone_apply(struct zone_line *l, const struct zone_version *base,
                                const struct change *c, struct oops *o)
{
    if (!check_base(base, c, o)) {
        return NULL;
    }
    struct zone_edit *e = zone_edit_start(l, c->first ? NULL : base);
    if (e == NULL) {
        oops(o, "out of memory");
        return NULL;
    }
    if (!apply_stream(e, c, DELETED, o) || !apply_stream(e, c, ADDED, o)) {
        zone_edit_drop(e);
        return NULL;
    }
    return zone_edit_finish(e, o);
}

static bool check_base(const struct zone_version *base, const struct change *c, struct oops *o)
{
    if (c->first) {
        return c->deleted.len == 0 || oops(o, "a first change set deletes records");
    }
    if (base == NULL) {
        return oops(o, "change set starts at serial %u, there is no version", c->from);
    }
    return zone_serial(base) == c->from ||
           oops(o, "change set starts at serial %u, the version is %u", c->from, zone_serial(base));
}

static bool apply_stream(struct zone_edit *e, const struct change *c, enum side side,
                         struct oops *o)
{
    const struct buf *stream = side == DELETED ? &c->deleted : &c->added;
    uint32_t serial = side == DELETED ? c->from : c->to;
    struct record rr;
    size_t at = 0;
    bool damaged = false, any = false;
    for (; record_next(stream->data, stream->len, &at, &rr, &damaged); any = true) {
        if (!check_record(&rr, !any, serial, o) || !apply_record(e, &rr, side, o)) {
            return false;
        }
    }
    if (damaged || stream->failed) {
        return oops(o, "change set is damaged");
    }
    return any || (side == DELETED && c->first) || oops(o, "change set without SOA");
}

/* The first record is the SOA with the side's serial, and no other is a SOA. */
static bool check_record(const struct record *rr, bool first, uint32_t serial, struct oops *o)
{
    struct soa soa;
    if (rr->class != CLASS_IN || rrtype_is_meta(rr->type) ||
        !rdata_check(rr->type, rr->rdata, rr->rdlen)) {
        return complain(o, rr, "malformed record in change set");
    }
    if ((rr->type == TYPE_SOA) != first) {
        return complain(o, rr,
                        first ? "change set begins without SOA" : "second SOA in change set");
    }
    if (first && (!soa_read(rr->rdata, rr->rdlen, &soa) || soa.serial != serial)) {
        return complain(o, rr, "change set has another serial than its SOA");
    }
    return true;
}

static bool apply_record(struct zone_edit *e, const struct record *rr, enum side side,
                         struct oops *o)
{
    bool has = false;
    enum zone_edit_status status = edit_has(e, rr, &has);
    if (status == ZONE_EDIT_OK && has != (side == DELETED)) {
        return complain(
            o, rr, has ? "change set adds what is there" : "change set deletes what is not there");
    }
    if (status == ZONE_EDIT_OK) {
        status = side == DELETED ? zone_edit_remove(e, rr) : zone_edit_add(e, rr);
    }
    switch (status) {
    case ZONE_EDIT_OK:
        return true;
    case ZONE_EDIT_OUTSIDE:
        return complain(o, rr, "change set has a record outside the zone");
    case ZONE_EDIT_FULL:
        return complain(o, rr, "RRset over 64 KiB");
    case ZONE_EDIT_SAME: /* asked for above */
    case ZONE_EDIT_NO_MEMORY:
        break;
    }
    return oops(o, "out of memory");
}

static bool complain(struct oops *o, const struct record *rr, const char *what)
{
    char owner[NAME_TEXT], type[RRTYPE_TEXT];
    return oops(o, "%s: %s %s", what, name_print(rr->owner, owner), rrtype_print(rr->type, type));
}
