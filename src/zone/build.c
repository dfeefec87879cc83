/* build.c - zone jobs: a file, a transfer or deltas become a version next to the base.
 * Pool thread. A job has the line to itself and leaves it as it was, but for the version it gives
 * back with one hold. Nothing here decides whether that version is served. */
#include "zone/build.h"
#include "wire/rrtype.h"
#include "zone/bulk.h"
#include "zone/check.h"
#include "zone/merge.h"
#include "zone/places.h"
#include "zone/plant.h"
#include "zone/recall.h"
#include "zone/reload.h"
#include "zone/renumber.h"
#include <stdlib.h>
#include <string.h>

#define SHARE_FROM       20000 /* records of the base; a smaller zone is built anew in 50 ms */
#define WINDOW           ((size_t)4 << 20) /* octets of a text at hand */
#define WINDOW_TO_LOOK   ((size_t)1 << 19) /* with pieces; it is seldom used, and cheap to fill */
#define WINDOW_OF_PIECES ((size_t)1 << 16) /* to read the few that are wanted */
#define MIXED_MOST       1000 /* owners with several TTLs in an RRset, told again each time */
#define TRIES_MOST       2    /* while the file changes */
#define PASSES_MOST      3    /* over a text: states, what they say is odd, places */

struct build { /* one run of zone_build */
    const struct zone_job *job;
    struct zone_built *out;
    struct bulk batch;
    struct zone_places places;
    struct places_text text;
    size_t soa; /* row of the apex's SOA */
    bool changed;
    unsigned file_room, last_file;
    struct buf named; /* owners that findings name */
    /* beside a large base */
    struct reload *reload; /* NULL: all records are collected */
    struct buf wanted;     /* owners whose places are wanted */
    bool is_missing;       /* a finding's place is not known */
    bool has_asked;        /* a pass was made for places */
    bool needs_whole;      /* the text cannot be read in parts */
    bool is_again, is_new; /* not the first pass; but the file is another by now */
    /* of a text */
    struct recall *recall; /* what was remembered is in use */
    struct zone_text_piecing piecing;
    struct pieces *pieces; /* what will be; NULL: nothing */
    unsigned mixed;        /* findings about TTLs */
    struct checked checked;
};

struct build_part { /* of a file: its records until they are taken */
    struct bulk batch;
    struct zone_text_piecing piecing;
    uint16_t file;
    bool known;
};

static bool build_beside(struct build *b);
static void remember(struct build *b, struct zone_version *v);
static uint64_t share_from(const struct build *b);
static bool try_beside(struct build *b);
static bool try_recall(struct build *b);
static bool look_through(struct build *b);
static void forget_files(struct build *b);
static void start_over(struct build *b);
static enum reload_pass one_pass(struct build *b);
static void build_version(struct build *b);
static bool read_file(struct build *b);
static bool take_record(void *ctx, const struct record *rr, const struct place *at);
static void *begin_part(void *ctx, const char *path, size_t octets);
static bool take_part_record(void *ctx, const struct record *rr, const struct place *at);
static struct zone_text_piecing *part_piecing(void *part);
static bool take_part(void *ctx, void *part);
static void drop_part(void *part);
static void see_file(void *ctx, const char *path, const struct file_id *id);
static unsigned file_number(struct build *b, const char *path);
static bool read_records(struct build *b);
static bool take_records(struct build *b);
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
    } else if (!build_beside(&b)) {
        (void)one_pass(&b);
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
    bool is_large = zone_records(v) >= share_from(b) && b->mixed <= MIXED_MOST;
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

static uint64_t share_from(const struct build *b)
{
    return b->job->share_from != 0 ? b->job->share_from : SHARE_FROM;
}

/* Beside a large base only what differs is collected (reload.c). False: that is of no use here.
 * A file that changes while it is read is no reason for that yet. */
static bool build_beside(struct build *b)
{
    if (b->job->base == NULL || zone_records(b->job->base) < share_from(b)) {
        return false;
    }
    if (try_recall(b)) {
        return true;
    }
    forget_files(b);
    for (unsigned i = 0; i < TRIES_MOST; i++) {
        if (try_beside(b)) {
            return true;
        }
        bool changed = b->is_new || b->needs_whole;
        forget_files(b);
        if (!changed) {
            break;
        }
    }
    return false;
}

static bool try_beside(struct build *b)
{
    struct reload reload;
    enum reload_pass end = RELOAD_AGAIN;
    const struct buf *named = zone_named_owners(b->job->base);
    if (!reload_start(&reload, b->job->base, b->job->share_room, &b->batch)) {
        return false;
    }
    b->reload = &reload;
    b->wanted.len = 0;
    b->is_new = b->needs_whole = b->has_asked = false;
    buf_add(&b->wanted, named->data, named->len);
    for (unsigned i = 0; i < PASSES_MOST && end == RELOAD_AGAIN; i++) {
        b->is_again = i > 0;
        reload_begin(&reload, &b->wanted);
        end = one_pass(b);
        if (end != RELOAD_READY) {
            start_over(b);
        }
    }
    reload_free(&reload);
    b->reload = NULL;
    b->is_again = false;
    return end == RELOAD_READY;
}

/* Reads only what is new in the text, and what goes with it (recall.c). False: that is not
 * known, or of no use. */
static bool try_recall(struct build *b)
{
    const struct zone_job *job = b->job;
    const struct pieces *old = zone_remembered(job->base);
    struct recall recall;
    if (job->kind != ZONE_JOB_FILE || old == NULL || b->pieces == NULL) {
        return false;
    }
    b->recall = &recall;
    const struct buf *named = zone_named_owners(job->base);
    buf_add(&b->wanted, named->data, named->len);
    bool ok = recall_start(&recall, job->base, old, b->pieces, job->share_room) && look_through(b);
    recall_free(&recall);
    b->recall = NULL;
    b->is_again = b->is_new = b->needs_whole = b->has_asked = false;
    if (!ok) {
        start_over(b);
        b->wanted.len = 0;
    }
    return ok;
}

/* Once for what there is, then for the records that matter; with errors the first is enough. */
static bool look_through(struct build *b)
{
    b->has_asked = b->needs_whole = b->is_new = false;
    bool read = read_file(b);
    if (!read && b->out->report.errors > 0 && !b->needs_whole && !b->recall->piecing.lost) {
        return true;
    }
    for (unsigned i = 0; i < PASSES_MOST - 1 && read; i++) {
        b->is_again = true;
        start_over(b);
        if (!recall_settle(b->recall, &b->wanted)) {
            return false;
        }
        enum reload_pass end = one_pass(b);
        if (end != RELOAD_AGAIN) {
            return end == RELOAD_READY;
        }
    }
    return false;
}

static void forget_files(struct build *b)
{
    arena_free(&b->out->arena);
    arena_init(&b->out->arena);
    b->out->files = NULL;
    b->out->file_count = b->file_room = b->last_file = 0;
}

/* As if nothing had been read, but for the files that were met. */
static void start_over(struct build *b)
{
    struct zone_built *out = b->out;
    if (out->next != NULL) {
        drop_version(b->job->line, out->next);
    }
    change_free(&out->change);
    report_free(&out->report);
    out->next = NULL;
    out->ok = out->same = false;
    out->counted_before = out->counted_after = 0;
    bulk_free(&b->batch);
    bulk_start(&b->batch, b->job->apex);
    buf_free(&b->text.content);
    buf_add(&b->wanted, b->named.data, b->named.len);
    b->named.len = 0;
    b->changed = b->is_missing = false;
    b->mixed = 0;
}

/* Reads all there is, and makes of it what it can. */
static enum reload_pass one_pass(struct build *b)
{
    bool read = b->job->kind == ZONE_JOB_FILE ? read_file(b) : read_records(b);
    if (b->recall != NULL && (!read || b->is_new || b->recall->piecing.lost)) {
        return RELOAD_USELESS;
    }
    if (b->reload != NULL) {
        enum reload_pass end = b->is_new || b->needs_whole ? RELOAD_USELESS : reload_end(b->reload);
        if (end == RELOAD_USELESS || (end == RELOAD_AGAIN && read)) {
            return end;
        }
    }
    if (b->batch.failed || arena_failed(&b->out->arena)) {
        no_memory(b);
    } else if (read) {
        build_version(b);
    }
    bool is_beside = b->reload != NULL || b->recall != NULL;
    bool ask = is_beside && b->is_missing && !b->has_asked;
    b->has_asked = b->has_asked || ask;
    return ask ? RELOAD_AGAIN : RELOAD_READY;
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

/* ---- from a file ---- */

static bool read_file(struct build *b)
{
    const struct zone_job *job = b->job;
    const struct zone_text_parts parts = {.hands = job->hands,
                                          .begin = begin_part,
                                          .record = take_part_record,
                                          .take = take_part,
                                          .drop = drop_part,
                                          .piecing = b->pieces != NULL ? part_piecing : NULL};
    struct zone_text text = {.apex = job->apex,
                             .path = job->path,
                             .files = job->files,
                             .limits = job->limits,
                             .record = take_record,
                             .file = see_file,
                             .ctx = b,
                             .parts = b->reload == NULL && b->recall == NULL ? &parts : NULL};
    if (b->reload != NULL || b->recall != NULL) {
        text.window = b->recall == NULL ? WINDOW : b->is_again ? WINDOW_OF_PIECES : WINDOW_TO_LOOK;
        text.needs_whole = &b->needs_whole;
    }
    if (b->recall != NULL) {
        text.piecing = &b->recall->piecing;
    } else if (b->pieces != NULL) {
        pieces_clear(b->pieces);
        b->piecing = (struct zone_text_piecing){.pieces = b->pieces, .room = UINT64_MAX};
        text.piecing = &b->piecing;
    }
    return zone_text_read(&text, &b->out->report);
}

static bool take_record(void *ctx, const struct record *rr, const struct place *at)
{
    struct build *b = ctx;
    unsigned number = file_number(b, at->file);
    bool known = number <= UINT16_MAX;
    uint16_t file = known ? (uint16_t)number : 0;
    if (b->reload != NULL) {
        return !b->is_new && reload_record(b->reload, rr, file, known ? at->line : 0);
    }
    if (b->recall != NULL && (!b->is_again || !recall_wants(b->recall, rr))) {
        return !b->is_new;
    }
    bulk_add(&b->batch, rr, file, known ? at->line : 0);
    return !b->batch.failed;
}

static void *begin_part(void *ctx, const char *path, size_t octets)
{
    struct build *b = ctx;
    struct build_part *part = calloc(1, sizeof *part);
    if (part != NULL) {
        unsigned number = file_number(b, path);
        part->known = number <= UINT16_MAX;
        part->file = part->known ? (uint16_t)number : 0;
        bulk_start(&part->batch, b->job->apex);
        bulk_expect(&part->batch, octets); /* records are about as long as their text */
        if (b->pieces != NULL) {
            part->piecing.pieces = pieces_new(b->job->apex, b->pieces->seed, b->job->piece_least);
            part->piecing.room = UINT64_MAX;
            b->pieces->failed = b->pieces->failed || part->piecing.pieces == NULL;
        }
    }
    return part;
}

static bool take_part_record(void *ctx, const struct record *rr, const struct place *at)
{
    struct build_part *part = ctx;
    bulk_add(&part->batch, rr, part->file, part->known ? at->line : 0);
    return !part->batch.failed;
}

static struct zone_text_piecing *part_piecing(void *part)
{
    struct zone_text_piecing *piecing = &((struct build_part *)part)->piecing;
    return piecing->pieces != NULL ? piecing : NULL;
}

static bool take_part(void *ctx, void *part)
{
    struct build *b = ctx;
    struct build_part *p = part;
    bulk_join(&b->batch, &p->batch);
    if (p->piecing.pieces != NULL) {
        pieces_join(b->pieces, p->piecing.pieces);
        pieces_free(p->piecing.pieces);
    }
    free(p);
    return !b->batch.failed;
}

static void drop_part(void *part)
{
    struct build_part *p = part;
    bulk_free(&p->batch);
    pieces_free(p->piecing.pieces);
    free(p);
}

/* A file may come twice, under two origins: it is watched once. */
static void see_file(void *ctx, const char *path, const struct file_id *id)
{
    struct build *b = ctx;
    struct zone_built *out = b->out;
    unsigned number = file_number(b, path);
    b->is_new = b->is_new || (b->is_again && (number == out->file_count ||
                                              memcmp(&out->files[number].id, id, sizeof *id) != 0));
    if (number < out->file_count) {
        return;
    }
    if (out->file_count == b->file_room) {
        unsigned room = b->file_room == 0 ? 4 : b->file_room * 2;
        struct zone_file_seen *files = arena_get(&out->arena, room * sizeof *files);
        if (files == NULL) {
            return; /* the arena remembers */
        }
        if (out->file_count > 0) {
            memcpy(files, out->files, out->file_count * sizeof *files);
        }
        out->files = files;
        b->file_room = room;
    }
    const char *copy = arena_text(&out->arena, path);
    if (copy != NULL) {
        out->files[out->file_count++] = (struct zone_file_seen){.path = copy, .id = *id};
    }
}

/* Which of the files seen it is; file_count for a new one. Most records come from the file that the
 * record before came from. */
static unsigned file_number(struct build *b, const char *path)
{
    const struct zone_built *out = b->out;
    unsigned number = b->last_file;
    if (number < out->file_count && strcmp(out->files[number].path, path) == 0) {
        return number;
    }
    for (number = 0; number < out->file_count; number++) {
        if (strcmp(out->files[number].path, path) == 0) {
            b->last_file = number;
            break;
        }
    }
    return number;
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

/* ---- from a transfer, or from disk ---- */

static bool read_records(struct build *b)
{
    bool taken = b->reload != NULL ? take_records(b) : bulk_take(&b->batch, &b->job->records);
    if (!taken && !b->batch.failed) {
        report_error(&b->out->report, NULL, "the records are damaged, or of another zone");
    }
    return taken;
}

static bool take_records(struct build *b)
{
    const struct buf *stream = &b->job->records;
    struct record rr;
    bool damaged = false;
    for (size_t at = 0; record_next(stream->data, stream->len, &at, &rr, &damaged);) {
        if (!name_at_or_below(rr.owner, b->job->apex) || !reload_record(b->reload, &rr, 0, 0)) {
            return false;
        }
    }
    return !damaged;
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
