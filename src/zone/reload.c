/* reload.c - a zone that comes again: of all its records, those of owners that are not as they
 * were.
 *
 * Called by a job on its thread, for a text or a transfer that becomes a version beside a large
 * one. Building that version from all records would take their wire form, a row for each, a sort,
 * and a second trie to compare with. Instead each record is compared as it comes with what its
 * owner has, octet for octet; records of one owner nearly always stand together, and when they are
 * all there is, the owner is done with: two bits. What is collected is what remains: new owners,
 * those that have anything else than before, and those that somebody wants to be told the lines of.
 * The work is then lexing, one look-up for each owner, and an edit as large as the change. Order in
 * the file does not matter: an owner whose records stand apart is collected until that takes too
 * much; from then on tally.c sums up, and a second pass collects those whose sum is another.
 *
 * What is the same as without all this, and why:
 * - The version: merge.c makes the same edit of owners that differ, and none of the others.
 * - Errors of the text: it is read by the same reader, and when there are any, that is the result.
 * - What is found in the zone as a whole: check.c looks at the new version, as always.
 * - Differing TTLs within an RRset: a version has one TTL for it, so some record has another than
 *   the version, and the owner is collected.
 * - The lines of findings: owners that findings name are remembered in the version and collected
 *   next time. If a finding names another one, the text is read a second time.
 * Signed zones go the same way: an RRSIG's TTL is not stored, and not compared.
 *
 * Small zones, first loads, and texts of which most is new do it the other way: build.c. */
#include "zone/reload.h"
#include "wire/rrtype.h"
#include <string.h>

#define SHARE       8  /* of the zone's memory may be collected before sums are used instead */
#define RECORD_SIZE 64 /* octets of a record in a batch, and when that is sorted, without names */
#define MORE        4  /* times as much may be collected when the sums are known */

static void start_run(struct reload *r, const uint8_t *owner);
static void end_run(struct reload *r);
static bool is_met(struct reload *r, const struct record *rr, uint16_t file, uint32_t line);
static unsigned count_records(struct zone_node n);
static void turn_odd(struct reload *r);
static void collect_again(struct reload *r);
static void record_at(const struct reload *r, unsigned index, struct record *out);
static void collect(struct reload *r, const struct record *rr, uint16_t file, uint32_t line);
static void start_summing(struct reload *r);
static void mark(struct reload *r, const uint8_t *owner);

bool reload_start(struct reload *r, const struct zone_version *base, uint64_t room,
                  struct bulk *batch)
{
    r->batch = batch;
    r->room = room != 0 ? room : zone_bytes(base) / SHARE;
    r->decided = r->is_summing = r->too_much = false;
    r->run.mode = RUN_NONE;
    return tally_start(&r->tally, base);
}

void reload_begin(struct reload *r, const struct buf *named)
{
    r->run.mode = RUN_NONE;
    r->taken = 0;
    mark(r, zone_apex(r->tally.base));
    for (size_t at = 0; at < named->len; at += name_len(named->data + at)) {
        mark(r, named->data + at);
    }
}

static void mark(struct reload *r, const uint8_t *owner)
{
    struct zone_node n = zone_lookup(r->tally.base, owner);
    if (n.ref != 0) {
        tally_set(&r->tally, n, TALLY_ODD);
    }
}

bool reload_record(struct reload *r, const struct record *rr, uint16_t file, uint32_t line)
{
    if (r->run.mode == RUN_NONE || !name_same_case(r->run.owner.octets, rr->owner)) {
        end_run(r);
        start_run(r, rr->owner);
    }
    if (r->run.mode == RUN_COMPARE) {
        if (is_met(r, rr, file, line)) {
            return true;
        }
        turn_odd(r);
    }
    if (r->run.mode == RUN_COLLECT) {
        collect(r, rr, file, line);
    }
    return !r->too_much && !r->batch->failed && !r->tally.failed;
}

enum reload_pass reload_end(struct reload *r)
{
    end_run(r);
    if (r->too_much || r->batch->failed || r->tally.failed) {
        return RELOAD_USELESS;
    }
    if (r->is_summing) {
        tally_settle(&r->tally);
        r->is_summing = false;
        r->decided = true;
        return RELOAD_AGAIN;
    }
    r->decided = true;
    return RELOAD_READY;
}

void reload_free(struct reload *r)
{
    tally_free(&r->tally);
}

/* ---- the records of one owner that stand together ---- */

static void start_run(struct reload *r, const uint8_t *owner)
{
    name_copy(&r->run.owner, owner);
    r->run.node = zone_lookup(r->tally.base, owner);
    r->run.mode = RUN_COLLECT;
    r->run.count = 0;
    r->run.met = 0;
    if (r->run.node.ref == 0) {
        return;
    }
    enum tally_state state = tally_get(&r->tally, r->run.node);
    if (state == TALLY_SAME && r->decided) {
        r->run.mode = RUN_PASS;
    } else if (state == TALLY_SAME) {
        collect_again(r);
    } else if (state == TALLY_UNMET) {
        r->run.total = count_records(r->run.node);
        r->run.mode = RUN_COMPARE;
    }
}

static void end_run(struct reload *r)
{
    if (r->run.mode != RUN_COMPARE) {
        return;
    }
    if (r->run.count == r->run.total) {
        tally_set(&r->tally, r->run.node, TALLY_SAME);
    } else {
        turn_odd(r);
    }
}

/* Has the owner this record, octet for octet, and was it not met before? One that is the same
 * but for the case of a name in it makes the owner odd, which does no harm. */
static bool is_met(struct reload *r, const struct record *rr, uint16_t file, uint32_t line)
{
    struct rrset set = {.type = 0};
    unsigned index = 0;
    for (unsigned i = 0; zone_rrset_next(r->run.node, &i, &set) && set.type < rr->type;) {
        index += set.count;
    }
    bool may_be = set.type == rr->type && (set.ttl == rr->ttl || rr->type == TYPE_RRSIG);
    if (!may_be || r->run.total > RELOAD_RECORDS) {
        return false;
    }
    const uint8_t *rdata;
    uint16_t len;
    for (size_t at = 0; (rdata = rrset_next(&set, &at, &len)) != NULL; index++) {
        if (len == rr->rdlen && memcmp(rdata, rr->rdata, len) == 0) {
            break;
        }
    }
    if (rdata == NULL || (r->run.met >> index & 1) != 0) {
        return false;
    }
    r->run.met |= UINT64_C(1) << index;
    r->run.list[r->run.count++] =
        (struct reload_met){.line = line, .file = file, .index = (uint8_t)index};
    return true;
}

static unsigned count_records(struct zone_node n)
{
    struct rrset set;
    unsigned count = 0;
    for (unsigned at = 0; zone_rrset_next(n, &at, &set);) {
        count += set.count;
    }
    return count;
}

/* What was met in this run is collected after all. */
static void turn_odd(struct reload *r)
{
    tally_set(&r->tally, r->run.node, TALLY_ODD);
    r->run.mode = RUN_COLLECT;
    for (unsigned i = 0; i < r->run.count; i++) {
        const struct reload_met *met = &r->run.list[i];
        struct record rr;
        record_at(r, met->index, &rr);
        collect(r, &rr, met->file, met->line);
    }
}

/* The owner was done with, and here is more of it. What there was before is known, but for the
 * lines; if these are asked for, there will be another pass. */
static void collect_again(struct reload *r)
{
    unsigned total = count_records(r->run.node);
    tally_set(&r->tally, r->run.node, TALLY_ODD);
    if (r->is_summing) {
        tally_add_all(&r->tally, r->run.node);
        return;
    }
    for (unsigned i = 0; i < total; i++) {
        struct record rr;
        record_at(r, i, &rr);
        collect(r, &rr, 0, 0);
    }
}

static void record_at(const struct reload *r, unsigned index, struct record *out)
{
    struct rrset set;
    unsigned i = 0;
    while (zone_rrset_next(r->run.node, &i, &set) && index >= set.count) {
        index -= set.count;
    }
    *out = (struct record){.owner = r->run.owner.octets, .type = set.type, .ttl = set.ttl};
    size_t at = 0;
    do {
        out->rdata = rrset_next(&set, &at, &out->rdlen);
    } while (index-- > 0);
}

/* ---- what is collected ---- */

static void collect(struct reload *r, const struct record *rr, uint16_t file, uint32_t line)
{
    if (r->is_summing) {
        if (r->run.node.ref != 0) {
            tally_add(&r->tally, r->run.node, rr);
        }
        return;
    }
    bulk_add(r->batch, rr, file, line);
    r->taken += name_len(rr->owner) + RECORD_SIZE + rr->rdlen;
    if (!r->decided && r->taken > r->room) {
        start_summing(r);
    }
    r->too_much = r->decided && r->taken > r->room * MORE;
}

/* From now on nothing is collected; what was is added up. */
static void start_summing(struct reload *r)
{
    struct zone_node n = {.ref = 0};
    struct record rr;
    r->is_summing = true;
    bulk_sort(r->batch, NULL);
    for (size_t row = 0; row < r->batch->count && !r->batch->failed; row++) {
        bulk_record(r->batch, row, &rr);
        if (!bulk_same_owner(r->batch, row)) {
            n = zone_lookup(r->tally.base, rr.owner);
        }
        if (n.ref != 0) {
            tally_add(&r->tally, n, &rr);
        }
    }
    bulk_free(r->batch);
    bulk_start(r->batch, zone_apex(r->tally.base));
}
