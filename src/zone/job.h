/* job.h - private to build.c, beside.c and intake.c: one run of zone_build, on its thread. */
#ifndef SETTLED_ZONE_JOB_H
#define SETTLED_ZONE_JOB_H

#include "zone/build.h"
#include "zone/bulk.h"
#include "zone/check.h"
#include "zone/places.h"
#include "zone/recall.h"
#include "zone/reload.h"

#define SHARE_FROM 20000 /* records of the base; a smaller zone is built anew in 50 ms */

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

static inline uint64_t build_share_from(const struct build *b)
{
    return b->job->share_from != 0 ? b->job->share_from : SHARE_FROM;
}
/* The records that were read become a version, which is checked; out has what comes of it. `read`:
 * all of them were. */
void build_batch(struct build *b, bool read);
/* beside.c: next to a large base only what differs is collected. False: that is of no use here, and
 * out is as before. A file that changes while it is read is no reason for that yet. */
MUST_USE bool beside_build(struct build *b);
/* intake.c: gives all records of the file or of the stream to whoever is under way: to `reload`, to
 * `recall`, or into the batch. False: that failed, and the report says why, unless it is theirs to
 * know. */
MUST_USE bool intake_read(struct build *b);

#endif
