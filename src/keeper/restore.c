/* restore.c - a secondary's start from disk: it serves what it last committed before any primary
 * answered (RFC 1035 3.3.13 with the expiry deadline kept as wall time). Damaged state is
 * dropped, said, and transferred again. */
#include "keeper/kept.h"

static void drop_state(struct turn *t, struct kept *z, const char *why);

bool restore_start(struct turn *t, struct kept *z)
{
    if (t->k->o.store == NULL || z->row.image == 0 || !z->row.has_serial)
        return false;
    struct keeper_job *job = job_new(t, z);
    if (job == NULL)
        return false;
    job->what = JOB_RESTORE;
    job->store = t->k->o.store;
    job->row = z->row;
    return job_start(t, z, job, z->row.image_bytes);
}

void restore_built(struct turn *t, struct kept *z, struct keeper_job *job)
{
    struct candidate c = {.built = &job->built,
                          .source = SOURCE_RESTART,
                          .text = "disk",
                          .began = job->began,
                          .restored = true};
    if (job->trouble.text[0] != 0)
        drop_state(t, z, job->trouble.text);
    else if (!job->built.ok || job->built.next == NULL)
        drop_state(t, z, report_first(&job->built.report));
    else if (zone_serial(job->built.next) != z->row.serial ||
             zone_content_hash(job->built.next) != z->row.content_hash)
        drop_state(t, z, "it is not the zone that was committed");
    else if (z->row.expires.ms <= t->now.wall.ms)
        atomic_store_explicit(&z->slot->state, SLOT_EXPIRED, memory_order_release);
    else
        (void)adopt(t, z, &c);
    refresh_start(t, z);
}

static void drop_state(struct turn *t, struct kept *z, const char *why)
{
    log_error(
        t->k->o.log,
        "zone %s: what is on disk of serial %u is damaged (%s): dropped, to be transferred again",
        z->name, z->row.serial, why);
    restore_drop_image(t, z);
}

void restore_drop_image(struct turn *t, struct kept *z)
{
    struct keeper_action *a = act(t, ACTION_COMMIT);
    if (a != NULL) {
        a->number = t->k->next_commit++;
        journal_drop_deltas(&a->batch, z->row.id, z->row.delta_first, z->row.delta_next);
    }
    z->row.old_image = z->row.image; /* its number is not used again, its parts go now */
    z->row.old_image_bytes = z->row.image_bytes;
    z->row.image = 0;
    z->row.delta_first = z->row.delta_next;
    z->row.delta_bytes = 0;
    adopt_old_image(t, z);
}
