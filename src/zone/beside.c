/* beside.c - a zone that comes again is built beside its large base: what differs is collected, in
 * as many passes over the text or the stream as that takes.
 * Called by build.c, on a job's thread. First with what is remembered of the text (recall.c), then
 * without (reload.c); either may find out that it is of no use, and then nothing has happened. */
#include "zone/job.h"
#include "zone/renumber.h"

#define TRIES_MOST  2 /* while the file changes */
#define PASSES_MOST 3 /* over a text: states, what they say is odd, places */

static bool try_beside(struct build *b);
static bool try_recall(struct build *b);
static bool look_through(struct build *b);
static void forget_files(struct build *b);
static void start_over(struct build *b);
static enum reload_pass one_pass(struct build *b);

bool beside_build(struct build *b)
{
    if (b->job->base == NULL || zone_records(b->job->base) < build_share_from(b)) {
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
    bool read = intake_read(b);
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
    bool read = intake_read(b);
    if (b->recall != NULL && (!read || b->is_new || b->recall->piecing.lost)) {
        return RELOAD_USELESS;
    }
    if (b->reload != NULL) {
        enum reload_pass end = b->is_new || b->needs_whole ? RELOAD_USELESS : reload_end(b->reload);
        if (end == RELOAD_USELESS || (end == RELOAD_AGAIN && read)) {
            return end;
        }
    }
    build_batch(b, read);
    bool ask = b->is_missing && !b->has_asked;
    b->has_asked = b->has_asked || ask;
    return ask ? RELOAD_AGAIN : RELOAD_READY;
}
