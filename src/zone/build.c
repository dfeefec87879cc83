/* build.c - zone jobs: a file, a transfer or deltas become a version next to the base.
 * Pool thread. A job has the line to itself and leaves it as it was, but for the version it gives
 * back with one hold. Nothing here decides whether that version is served.
 * intake.c reads what there is to read; beside.c says what of it matters next to a large base. */
#include "zone/build.h"
#include "wire/rrtype.h"
#include "zone/job.h"
#include "zone/merge.h"
#include "zone/plant.h"
#include "zone/renumber.h"
#include <stdlib.h>
#include <string.h>

#define MIXED_MOST 1000 /* owners with several TTLs in an RRset, told again each time */

static void remember(struct build *b, struct zone_version *v);
static void build_version(struct build *b);
static void build_changes(struct build *b);
static bool find_soa(struct build *b);
static void warn_of_ttls(struct build *b);
static bool make_version(struct build *b);
static bool plant(struct build *b, struct zone_edit *edit);
static bool merge(struct build *b, struct zone_edit *edit);
static bool settle_serial(struct build *b);
static bool choose(struct build *b, uint32_t *serial, struct oops *o);
static void conclude(struct build *b);
static void check(struct build *b);
static void verify_digest(struct build *b);
static bool refuse_edit(struct build *b, enum zone_edit_status status, size_t row);
static void no_memory(struct build *b);

void zone_build(const struct zone_job *job, struct zone_built *out)
{
    *out = (struct zone_built){.ok = false};
    arena_init(&out->arena);
    change_init(&out->change);
    if (job->base != NULL) {
        zone_forget_older(job->base);
    }
    struct build b = {.job = job, .out = out};
    bulk_start(&b.batch, job->apex);
    b.places.batch = &b.batch; /* rows without a line have no place */
    if (job->kind == ZONE_JOB_FILE && !job->check_only) {
        b.pieces = pieces_new(job->apex, zone_line_seed(job->line), job->piece_least);
    }
    if (job->kind == ZONE_JOB_CHANGES) {
        build_changes(&b);
    } else if (!beside_build(&b)) {
        build_batch(&b, intake_read(&b));
    }
    if (!out->ok && out->next != NULL) {
        drop_version(job->line, out->next);
        out->next = NULL;
    }
    must(out->ok == (out->report.errors == 0));
    if (out->ok && job->kind == ZONE_JOB_FILE) {
        remember(&b, out->same ? job->base : out->next);
    }
    pieces_free(b.pieces);
    buf_free(&b.checked.shown);
    buf_free(&b.text.content);
    buf_free(&b.named);
    buf_free(&b.wanted);
    bulk_free(&b.batch);
}

/* The version carries what the next reading wants to know of this one. */
static void remember(struct build *b, struct zone_version *v)
{
    bool is_large = zone_records(v) >= build_share_from(b) && b->mixed <= MIXED_MOST;
    zone_name_owners(v, &b->named);
    struct checked *checked = is_large ? malloc(sizeof *checked) : NULL;
    if (b->pieces == NULL || b->pieces->failed || checked == NULL) {
        free(checked);
        zone_remember(v, NULL, NULL);
        return;
    }
    b->pieces->counted = b->out->counted_after;
    pieces_settle(b->pieces);
    *checked = b->checked;
    b->checked = (struct checked){.known = false};
    zone_remember(v, b->pieces, checked);
    b->pieces = NULL;
}

void build_batch(struct build *b, bool read)
{
    if (b->batch.failed || arena_failed(&b->out->arena)) {
        no_memory(b);
    } else if (read) {
        build_version(b);
    }
}

static void build_version(struct build *b)
{
    bool is_file = b->job->kind == ZONE_JOB_FILE;
    bulk_sort(&b->batch, b->job->hands);
    if (b->batch.failed) {
        no_memory(b);
        return;
    }
    b->text = (struct places_text){.files = b->job->files};
    b->places = (struct zone_places){.batch = &b->batch,
                                     .files = b->out->files,
                                     .text = &b->text,
                                     .named = &b->named,
                                     .missing = &b->is_missing};
    if (!find_soa(b)) {
        return;
    }
    if (make_version(b) && (!is_file || settle_serial(b))) {
        conclude(b);
    }
}

/* An RRset has one TTL (RFC 2181 5.2); RRSIGs of one owner have those of what they cover. */
static void warn_of_ttls(struct build *b)
{
    struct record first = {.ttl = 0}, rr;
    bool warned = false;
    for (size_t row = 0; row < b->batch.count; row++) {
        bulk_record(&b->batch, row, &rr);
        if (!bulk_same_owner(&b->batch, row) || rr.type != first.type) {
            first = rr;
            warned = false;
        } else if (!warned && rr.ttl != first.ttl && rr.type != TYPE_RRSIG) {
            char owner[NAME_TEXT], type[RRTYPE_TEXT];
            struct place place = place_of_row(&b->places, row);
            report_warning(&b->out->report, &place,
                           "%s %s has records with TTL %u and TTL %u: the smallest counts for all "
                           "(RFC 2181 5.2)",
                           name_print_dot(rr.owner, owner), rrtype_print(rr.type, type), first.ttl,
                           rr.ttl);
            warned = true;
            buf_add(&b->named, rr.owner, name_len(rr.owner)); /* to be told again next time */
            b->mixed++;
        }
    }
}

/* The one SOA of the apex; the same record twice is one. */
static bool find_soa(struct build *b)
{
    char apex[NAME_TEXT];
    name_print_dot(b->job->apex, apex);
    if (!bulk_find(&b->batch, b->job->apex, TYPE_SOA, &b->soa)) {
        struct place place = {.file = b->job->kind == ZONE_JOB_FILE ? b->job->path : NULL};
        report_error(
            &b->out->report, &place,
            "the zone has no SOA: expected one record like \"%s SOA ns hostmaster 1 1h 15m "
            "2w 5m\"",
            apex);
        return false;
    }
    for (size_t row = b->soa + 1; row < b->batch.count; row++) {
        if (bulk_type(&b->batch, row) != TYPE_SOA || !bulk_same_owner(&b->batch, row)) {
            break;
        }
        if (!bulk_is_again(&b->batch, row)) {
            struct place place = place_of_row(&b->places, row);
            report_error(&b->out->report, &place, "a second SOA of %s: a zone has exactly one",
                         apex);
            return false;
        }
    }
    return true;
}

/* The records as a version after the base; out->next has it. */
static bool make_version(struct build *b)
{
    const struct zone_job *job = b->job;
    struct oops o = {.text = ""};
    struct zone_edit *edit = zone_edit_start(job->line, job->base);
    if (edit == NULL) {
        no_memory(b);
        return false;
    }
    if (!(job->base == NULL ? plant(b, edit) : merge(b, edit))) {
        zone_edit_drop(edit);
        return false;
    }
    b->out->next = zone_edit_finish(edit, &o);
    if (b->out->next == NULL) {
        report_error(&b->out->report, NULL, "%s", o.text);
        return false;
    }
    if (job->base == NULL && job->has_served) {
        b->changed = zone_content_hash(b->out->next) != job->served_hash;
    }
    return true;
}

/* The first version: nothing to compare with. */
static bool plant(struct build *b, struct zone_edit *edit)
{
    struct plant p = {.edit = edit, .batch = &b->batch, .hands = b->job->hands};
    bool ok = plant_survey(&p);
    if ((p.mixed_ttls || !ok) && b->job->kind == ZONE_JOB_FILE) {
        warn_of_ttls(b);
    }
    if (ok && !plant_grow(&p)) {
        p.status = ZONE_EDIT_NO_MEMORY;
        ok = false;
    }
    plant_free(&p);
    b->changed = true;
    b->out->counted_after = p.counted;
    return ok || refuse_edit(b, p.status, p.row);
}

static bool merge(struct build *b, struct zone_edit *edit)
{
    struct merge m = {.edit = edit,
                      .base = b->job->base,
                      .batch = &b->batch,
                      .tally = b->reload != NULL ? &b->reload->tally : NULL};
    if (b->recall != NULL) {
        if (!recall_find(b->recall, &b->batch)) {
            no_memory(b);
            return false;
        }
        m.nodes = b->recall->nodes;
        m.node_count = b->recall->node_count;
        m.counted = b->recall->old->counted;
    }
    if (b->job->kind == ZONE_JOB_FILE) {
        warn_of_ttls(b);
    }
    if (!merge_records(&m)) {
        return refuse_edit(b, m.status, m.row);
    }
    b->changed = m.changed;
    b->out->counted_before = m.counted_before;
    b->out->counted_after = m.counted_after;
    return true;
}

static bool refuse_edit(struct build *b, enum zone_edit_status status, size_t row)
{
    if (status == ZONE_EDIT_NO_MEMORY) {
        no_memory(b);
        return false;
    }
    char owner[NAME_TEXT], type[RRTYPE_TEXT];
    struct record rr;
    bulk_record(&b->batch, row, &rr);
    struct place place = place_of_row(&b->places, row);
    name_print_dot(rr.owner, owner);
    if (status == ZONE_EDIT_OUTSIDE) {
        report_error(&b->out->report, &place, "%s is not in this zone", owner);
    } else {
        report_error(&b->out->report, &place,
                     "%s has too many records: all %s are more than 64 KiB, or all types together "
                     "more than 1 MiB",
                     owner, rrtype_print(rr.type, type));
    }
    return false;
}

/* ---- the serial of an edited file ---- */

/* Gives out->next the serial it is served with. When the edit must be held, the report says why,
 * and the version stays as it is, so that the checks can say what else is wrong. */
static bool settle_serial(struct build *b)
{
    struct oops o = {.text = ""};
    uint32_t serial = zone_serial(b->out->next);
    if (b->job->check_only) {
        return true;
    }
    if (!choose(b, &serial, &o)) {
        struct place place = place_of_row(&b->places, b->soa);
        report_error(&b->out->report, &place, "%s", o.text);
        b->out->held = true;
        return true;
    }
    if (serial == zone_serial(b->out->next)) {
        return true;
    }
    if (!renumber_version(b->job->line, &b->out->next, serial, &o)) {
        report_error(&b->out->report, NULL, "%s", o.text);
        return false;
    }
    return true;
}

static bool choose(struct build *b, uint32_t *serial, struct oops *o)
{
    const struct zone_job *job = b->job;
    bool has_base = job->base != NULL;
    struct serial_case c = {.policy = job->policy,
                            .in_file = zone_serial(b->out->next),
                            .has_served = has_base || job->has_served,
                            .served = has_base ? zone_serial(job->base) : job->served,
                            .changed = b->changed,
                            .fixed = zone_is_signed(b->out->next),
                            .now = job->now};
    return serial_choose(&c, serial, o);
}

/* ---- the end ---- */

/* Finds out whether there is anything new; checks what came from a file; says what. */
static void conclude(struct build *b)
{
    const struct zone_job *job = b->job;
    struct zone_built *out = b->out;
    bool ok = job->base == NULL ? change_first(out->next, &out->change)
                                : zone_diff(job->base, out->next, &out->change);
    if (!ok) {
        no_memory(b);
        return;
    }
    if (job->kind == ZONE_JOB_FILE) {
        check(b);
    }
    verify_digest(b);
    if (out->report.errors > 0) {
        change_free(&out->change);
        return;
    }
    if (job->base != NULL && !b->changed && zone_serial(out->next) == zone_serial(job->base)) {
        change_free(&out->change);
        drop_version(job->line, out->next);
        out->next = NULL;
        out->same = true;
    }
    out->ok = true;
}

static void check(struct build *b)
{
    const struct zone_job *job = b->job;
    const struct zone_check check = {.v = b->out->next,
                                     .places = &b->places,
                                     .now = job->now,
                                     .hands = job->hands,
                                     .base = job->base,
                                     .before = job->base != NULL ? zone_checked(job->base) : NULL,
                                     .change = &b->out->change};
    buf_free(&b->checked.shown);
    b->checked = (struct checked){.known = false};
    zone_check_version(&check, &b->checked, &b->out->report);
}

/* RFC 8976 4 leaves open what becomes of a zone that fails. It was cut short or altered on its way,
 * or edited by hand, so the version before it, which was right, serves on. */
static void verify_digest(struct build *b)
{
    struct zone_built *out = b->out;
    if (b->job->zonemd_verify) {
        zonemd_verify(out->next, &out->digest);
    }
    if (out->digest.state != ZONEMD_WRONG && out->digest.state != ZONEMD_UNKNOWN) {
        return; /* a place that is asked for makes the version remember the owner */
    }
    struct place place = place_of_owner(&b->places, b->job->apex, TYPE_ZONEMD);
    if (out->digest.state == ZONEMD_WRONG) {
        report_error(&out->report, &place, "%s", out->digest.text);
    } else {
        report_warning(&out->report, &place, "%s", out->digest.text);
    }
}

/* Deltas, one after the other; RFC 1995 4 wants each to fit. */
static void build_changes(struct build *b)
{
    const struct zone_job *job = b->job;
    struct zone_built *out = b->out;
    struct oops o = {.text = "no memory"};
    for (unsigned i = 0; i < job->change_count; i++) {
        const struct zone_version *from = out->next != NULL ? out->next : job->base;
        struct zone_version *next = zone_apply(job->line, from, &job->changes[i], &o);
        if (next == NULL) {
            report_error(&out->report, NULL, "%s", o.text);
            return;
        }
        if (out->next != NULL) {
            (void)zone_release(out->next);
        }
        out->next = next;
    }
    if (out->next == NULL) {
        out->ok = out->same = true;
        return;
    }
    verify_digest(b);
    if (out->report.errors > 0) {
        return;
    }
    if (!zone_diff(job->base, out->next, &out->change)) {
        no_memory(b);
        return;
    }
    out->ok = true;
    (void)zone_line_reclaim(job->line, UINT32_MAX);
}

static void no_memory(struct build *b)
{
    report_error(&b->out->report, NULL, "no memory to build the zone");
}

void zone_built_free(struct zone_built *b)
{
    change_free(&b->change);
    report_free(&b->report);
    arena_free(&b->arena);
    b->files = NULL;
    b->file_count = 0;
}

void zone_job_clear(struct zone_job *job)
{
    for (unsigned i = 0; i < job->change_count; i++) {
        change_free(&job->changes[i]);
    }
    free(job->changes);
    buf_free(&job->records);
    job->changes = NULL;
    job->change_count = 0;
}
