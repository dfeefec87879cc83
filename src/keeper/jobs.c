/* jobs.c - long work on one zone, made by the keeper, run in the pool, given back with its result.
 * A job owns all it touches but the zone's line, which nobody else writes while `z->job` is set. */
#include "keeper/kept.h"
#include <stdlib.h>

static void restore(struct keeper_job *job);

struct keeper_job *job_new(struct turn *t, struct kept *z)
{
    must(!z->job);
    struct keeper_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        t->actions->failed = true;
        return NULL;
    }
    const struct config_limits *limits = &z->config->rules->limits;
    job->number = z->number;
    job->began = t->now.mono;
    job->zone = (struct zone_job){
        .apex = z->slot->name,
        .line = z->line,
        .base = z->current,
        .files = t->k->o.files,
        .hands = t->k->o.hands,
        .limits = {.bytes = limits->zone_bytes, .records = limits->zone_records},
        .now = t->now.wall,
        .zonemd_verify = z->config->rules->zonemd_verify,
    };
    if (z->current != NULL)
        zone_hold(z->current);
    return job;
}

bool job_start(struct turn *t, struct kept *z, struct keeper_job *job, uint64_t size)
{
    struct keeper_action *a = act(t, ACTION_BUILD);
    if (a == NULL) {
        keeper_job_drop(job);
        return false;
    }
    a->job = job;
    a->size = size;
    z->job = true;
    t->k->jobs++;
    z->line_bytes = zone_line_bytes(z->line);
    return true;
}

void keeper_job_run(struct keeper_job *job)
{
    if (job->what == JOB_RESTORE)
        restore(job);
    else
        zone_build(&job->zone, &job->built);
    if (job->built.ok && job->built.next != NULL)
        job->touched = ledger_touch(&job->built.change, job->zone.base, job->built.next);
}

void keeper_job_drop(struct keeper_job *job)
{
    if (job->built.next != NULL)
        (void)zone_release(job->built.next);
    if (job->zone.base != NULL)
        (void)zone_release(job->zone.base);
    ledger_touched_free(job->touched);
    zone_built_free(&job->built);
    zone_job_clear(&job->zone);
    free((char *)(uintptr_t)job->zone.path);
    free(job);
}

/* The image, then the change sets behind it; whole or not at all. */
static void restore(struct keeper_job *job)
{
    struct change *changes = NULL;
    unsigned count = 0;
    if (!journal_read_image(job->store, &job->row, &job->zone.records, &job->trouble))
        return;
    if (!journal_read_deltas(job->store, &job->row, &changes, &count, &job->trouble))
        return;
    job->zone.kind = ZONE_JOB_RECORDS;
    job->zone.zonemd_verify = false; /* it was taken as it is, under the options of its time */
    zone_build(&job->zone, &job->built);
    job->zone.changes = changes;
    job->zone.change_count = count;
    if (!job->built.ok || count == 0)
        return;
    struct zone_version *image = job->built.next;
    job->built.next = NULL;
    zone_built_free(&job->built);
    job->zone.kind = ZONE_JOB_CHANGES;
    job->zone.base = image; /* its hold goes with the job */
    zone_build(&job->zone, &job->built);
}
