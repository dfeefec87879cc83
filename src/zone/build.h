/* build.h - the long work on a zone, as jobs for the pool: read a file, take in a transfer, apply
 * deltas, restore from disk.
 * A job reads what it was given, writes only the zone's line and its own result, and touches
 * nothing else. One job per line at a time. The result is a version nobody serves yet; adopt()
 * (keeper/) decides. */
#ifndef SETTLED_ZONE_BUILD_H
#define SETTLED_ZONE_BUILD_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/hands.h"
#include "zone/change.h"
#include "zone/serial.h"
#include "zone/text.h"
#include "zone/zonemd.h"

enum zone_job_kind {
    ZONE_JOB_FILE,    /* path, files, policy -> a version with its serial chosen */
    ZONE_JOB_RECORDS, /* records (a whole zone as a record stream) -> a version; serial as it is */
    ZONE_JOB_CHANGES  /* changes applied to base, one after the other */
};
struct zone_job {
    enum zone_job_kind kind;
    const uint8_t *apex;
    struct zone_line *line;
    struct zone_version *base; /* held by whoever made the job; NULL: none yet */
    const char *path;          /* FILE */
    const struct files *files;
    struct zone_text_limits limits;
    enum serial_policy policy;
    bool has_served; /* FILE: serial and content hash known from the journal though base is NULL */
    uint32_t served;
    uint64_t served_hash;
    struct wall now;
    struct buf records;     /* RECORDS: owned by the job */
    struct change *changes; /* CHANGES: owned by the job */
    unsigned change_count;
    bool zonemd_verify;        /* a zone that is not what its ZONEMD says is refused */
    const struct hands *hands; /* for a large zone; NULL: this thread alone */
    /* FILE, RECORDS: with a base of that many records only what differs is collected; 0: 20,000. */
    uint64_t share_from;
    uint64_t share_room; /* octets of what differs that are collected at first; 0: see reload.h */
    size_t piece_least;  /* octets of a piece of text that is remembered; 0: see pieces.h */
    bool check_only;     /* FILE: for check-zone: build and check, choose no serial */
};
struct zone_file_seen {
    const char *path;
    struct file_id id;
};
struct zone_built {
    bool ok;
    bool same;                   /* ok, and nothing changed: next is NULL */
    bool held;                   /* not ok: the content wants a newer serial than the file has */
    struct zone_version *next;   /* one hold, the caller's */
    struct change change;        /* from base to next (CHANGES: all of them in one) */
    struct report report;        /* errors and warnings of text and semantics */
    struct zonemd_result digest; /* what came of zonemd_verify */
    /* In arena: main file and every include, each once, also those that could not be read. */
    struct zone_file_seen *files;
    unsigned file_count;
    uint32_t counted_before, counted_after; /* records without RRSIG, NSEC, NSEC3: for max-shrink */
    struct arena arena;
};
/* Runs the job. Pool thread (or the simulation's). */
void zone_build(const struct zone_job *job, struct zone_built *out);
void zone_built_free(struct zone_built *b); /* not `next`: release that */
void zone_job_clear(struct zone_job *job);  /* frees records and changes */

#endif
