/* edit.c - a primary's zone file: read at start, when it is saved, and on request; everything ends
 * in adopt().
 *
 * A change is acted upon at once; changes during a read, or within BURST_MS of the last one,
 * become one more read. The read itself is a job; the files it met are what is watched from then
 * on. A file with errors changes nothing and says all of them. */
#include "keeper/kept.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BURST_MS    100 /* reads of one zone start at least this far apart */
#define ERROR_LINES 20  /* errors of one read that are logged; all are in `status` */

static bool read_now(struct turn *t, struct kept *z);
static struct keeper_job *read_job(struct turn *t, struct kept *z);
static void refuse(struct turn *t, struct kept *z, const char *why);
static void finish(struct turn *t, struct kept *z, bool ok);
static void take_report(struct kept *z, struct keeper_job *job);
static void log_errors(struct turn *t, struct kept *z, struct keeper_job *job);
static void watch(struct turn *t, struct kept *z, const struct keeper_job *job);
static void unchanged(struct turn *t, struct kept *z);

void edit_start(struct turn *t, struct kept *z)
{
    watch(t, z, NULL);
    (void)read_now(t, z);
}

void edit_changed(struct turn *t, struct kept *z)
{
    struct mono burst_over = mono_plus_ms(z->reading.last, BURST_MS);
    if (z->reading.running)
        z->reading.wanted = true;
    else if (z->reading.started > 0 && mono_before(t->now.mono, burst_over))
        kept_set_due(t, &z->reading.due, burst_over);
    else
        (void)read_now(t, z);
}

void edit_due(struct turn *t, struct kept *z)
{
    if (z->reading.running)
        z->reading.wanted = true;
    else
        (void)read_now(t, z);
}

uint64_t keeper_reload(struct keeper *k, size_t number, bool force, struct now now,
                       struct keeper_actions *actions)
{
    struct turn t = {k, now, actions};
    struct kept *z = k->zones[number];
    if (z->config->role != ROLE_PRIMARY)
        return keeper_refresh(k, number, false, now, actions);
    z->reading.force = z->reading.force || force;
    if (z->reading.running)
        z->reading.wanted = true;
    else if (read_now(&t, z))
        return z->reading.started;
    return z->reading.started + 1;
}

bool keeper_reload_done(const struct keeper *k, size_t number, uint64_t ticket,
                        struct keeper_reloaded *out)
{
    struct kept *z = k->zones[number];
    if (z->config->role != ROLE_PRIMARY)
        return keeper_refresh_done(k, number, ticket, out);
    if (z->reading.done < ticket)
        return false;
    *out = (struct keeper_reloaded){
        .ok = z->reading.ok,
        .changed = z->reading.changed,
        .before = z->reading.before,
        .serial = z->row.serial,
        .had_before = z->reading.had_before,
        .rrsets = z->reading.rrsets,
        .report = kept_report(z),
    };
    out->error = z->texts != NULL ? z->texts->reading : kept_error(z);
    return true;
}

void edit_built(struct turn *t, struct kept *z, struct keeper_job *job)
{
    watch(t, z, job);
    take_report(z, job);
    struct candidate c = {
        .built = &job->built,
        .source = SOURCE_FILE,
        .text = "file",
        .began = job->began,
        .touched = &job->touched,
        .force = job->force,
    };
    if (!job->built.ok) {
        z->held = job->built.held && job->built.report.errors == 1 && z->current != NULL;
        refuse(t, z, report_first(&job->built.report));
        log_errors(t, z, job);
    } else if (job->built.same) {
        unchanged(t, z);
    } else if (!adopt(t, z, &c)) {
        refuse(t, z, kept_error(z));
    }
}

/* Published, or not to be had on disk for now (then the commit is tried again, and the next read
 * waits for it). */
void edit_adopted(struct turn *t, struct kept *z, bool ok)
{
    if (z->texts != NULL)
        snprintf(z->texts->reading, sizeof z->texts->reading, "%s", ok ? "" : z->texts->error);
    finish(t, z, ok);
}

/* False: no memory; it is read soon. */
static bool read_now(struct turn *t, struct kept *z)
{
    due_clear(&t->k->due, &z->reading.due);
    struct keeper_job *job = z->job ? NULL : read_job(t, z);
    if (job == NULL || !job_start(t, z, job, z->current != NULL ? zone_records(z->current) : 0)) {
        kept_set_due(t, &z->reading.due, mono_plus_ms(t->now.mono, BURST_MS));
        return false;
    }
    z->reading.running = true;
    z->reading.force = false;
    z->reading.wanted = false;
    z->reading.started++;
    z->reading.last = t->now.mono;
    return true;
}

static struct keeper_job *read_job(struct turn *t, struct kept *z)
{
    struct keeper_job *job = job_new(t, z);
    if (job == NULL)
        return NULL;
    job->what = JOB_READ;
    job->force = z->reading.force;
    job->zone.kind = ZONE_JOB_FILE;
    job->zone.path = strdup(z->config->file);
    job->zone.policy = z->config->rules->serial;
    job->zone.has_served = z->row.has_serial;
    job->zone.served = z->row.serial;
    job->zone.served_hash = z->row.content_hash;
    if (job->zone.path != NULL)
        return job;
    keeper_job_drop(job);
    return NULL;
}

static void refuse(struct turn *t, struct kept *z, const char *why)
{
    struct kept_texts *texts = kept_texts(t, z);
    z->untold = z->texts == NULL;
    snprintf(texts->reading, sizeof texts->reading, "%s", why);
    memcpy(texts->error, texts->reading, sizeof texts->error); /* `why` may be that itself */
    if (z->current == NULL)
        atomic_store_explicit(&z->slot->state, SLOT_FAILED, memory_order_release);
    t->k->news++;
    finish(t, z, false);
}

static void unchanged(struct turn *t, struct kept *z)
{
    z->held = false;
    if (z->texts != NULL && z->texts->reading[0] != 0)
        log_info(t->k->o.log, "zone %s: the file has no errors any more: serial %u is served on",
                 z->name, z->row.serial);
    if (z->texts != NULL)
        z->texts->reading[0] = 0;
    z->reading.had_before = z->row.has_serial;
    z->reading.before = z->row.serial;
    z->reading.changed = false;
    z->reading.rrsets = 0;
    kept_well(t, z);
    finish(t, z, true);
}

static void finish(struct turn *t, struct kept *z, bool ok)
{
    struct reading *r = &z->reading;
    r->ok = ok;
    if (!ok)
        r->changed = false;
    r->done = r->started;
    r->running = z->adoption != NULL;
    t->k->news++;
    if (r->wanted && !r->running)
        kept_set_due(t, &r->due, r->force ? t->now.mono : mono_plus_ms(r->last, BURST_MS));
}

static void take_report(struct kept *z, struct keeper_job *job)
{
    struct buf *text = &job->built.report.text;
    free(z->report);
    z->report = NULL;
    if (buf_text(text)[0] != 0) {
        z->report = (char *)text->data;
        *text = (struct buf){0};
    }
}

/* The lines that name a place, without the source text and caret below them; if there was no memory
 * for these, the first error. */
static void log_errors(struct turn *t, struct kept *z, struct keeper_job *job)
{
    const char *line = kept_report(z);
    int shown = 0;
    if (z->report == NULL)
        log_error(t->k->o.log, "zone %s: %s", z->name, report_first(&job->built.report));
    while (*line != 0) {
        const char *end = strchrnul(line, '\n');
        char text[512];
        snprintf(text, sizeof text, "%.*s", (int)(end - line), line);
        if (strstr(text, "error: ") != NULL && shown++ < ERROR_LINES)
            log_error(t->k->o.log, "zone %s: %s", z->name, text);
        line = *end == 0 ? end : end + 1;
    }
    if (z->row.has_serial && z->current != NULL)
        log_error(t->k->o.log, "zone %s: the file has errors: serial %u is served on", z->name,
                  z->row.serial);
    else
        log_error(t->k->o.log, "zone %s: the file has errors: the zone is not served", z->name);
}

/* Before the first read only the main file's name is known; a missing include is watched for,
 * too. */
static void watch(struct turn *t, struct kept *z, const struct keeper_job *job)
{
    if (z->config->rules->watch == WATCH_NO)
        return;
    struct keeper_action *a = act(t, ACTION_WATCH);
    if (a == NULL)
        return;
    a->slot = z->number;
    a->watch = z->config->rules->watch;
    if (job == NULL || job->built.file_count == 0) {
        buf_add(&a->data, z->config->file, strlen(z->config->file) + 1);
        a->path_count = 1;
        return;
    }
    for (unsigned i = 0; i < job->built.file_count; i++)
        buf_add(&a->data, job->built.files[i].path, strlen(job->built.files[i].path) + 1);
    a->path_count = job->built.file_count;
}
