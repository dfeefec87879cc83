/* intake.c - what a job is given to read, a file or a stream, as records for those who want them.
 * Called by build.c and beside.c, on a job's thread. Files are noted as they are met. A large file
 * that is read for the first time is read in parts, on several threads (parts.c); each has its own
 * records until they are taken. */
#include "zone/job.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW           ((size_t)4 << 20) /* octets of a text at hand */
#define WINDOW_TO_LOOK   ((size_t)1 << 19) /* with pieces; it is seldom used, and cheap to fill */
#define WINDOW_OF_PIECES ((size_t)1 << 16) /* to read the few that are wanted */

struct intake_part { /* of a file: its records until they are taken */
    struct bulk batch;
    struct zone_text_piecing piecing;
    uint16_t file;
    bool known;
};

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

bool intake_read(struct build *b)
{
    return b->job->kind == ZONE_JOB_FILE ? read_file(b) : read_records(b);
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
    struct intake_part *part = calloc(1, sizeof *part);
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
    struct intake_part *part = ctx;
    bulk_add(&part->batch, rr, part->file, part->known ? at->line : 0);
    return !part->batch.failed;
}

static struct zone_text_piecing *part_piecing(void *part)
{
    struct zone_text_piecing *piecing = &((struct intake_part *)part)->piecing;
    return piecing->pieces != NULL ? piecing : NULL;
}

static bool take_part(void *ctx, void *part)
{
    struct build *b = ctx;
    struct intake_part *p = part;
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
    struct intake_part *p = part;
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
