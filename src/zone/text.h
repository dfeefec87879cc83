/* text.h - zone text to records (RFC 1035 5, 2308 4, 3597 5): $ORIGIN, $TTL, $INCLUDE, $GENERATE,
 * every IANA type, all errors of all files at once. And records to text. */
#ifndef SETTLED_ZONE_TEXT_H
#define SETTLED_ZONE_TEXT_H

#include "base/files.h"
#include "base/hands.h"
#include "base/report.h"
#include "wire/record.h"

struct zone_text_limits {
    uint64_t bytes;         /* of all files, 0: 1 GiB */
    uint64_t records;       /* 0: 20 M */
    unsigned include_depth; /* 0: 8 */
    unsigned generate;      /* records one $GENERATE may make, 0: 100,000 */
};
/* How a text is remembered, and what is remembered is not read again (piecing.c). */
struct pieces;
struct zone_text_piecing {
    struct pieces *pieces; /* of this text: found, or with `again` known */
    /* What was remembered of an earlier text, and which piece of it has that key. NULL: nothing. */
    const struct pieces *old;
    bool (*known)(void *ctx, uint64_t key, size_t *index);
    void *ctx;
    size_t expected;        /* of the old pieces: what comes next, if all is as it was */
    uint64_t room, unknown; /* octets that may be read, that were read */
    bool lost;              /* more than that, or another text than before: the reading failed */
    bool again;             /* the same text once more, for those of its pieces that are wanted */
    const uint8_t *wanted;
    size_t next; /* of its pieces; 0 at first */
};
/* How a large file is read in parts, several at the same time; what comes out is the same. Parts
 * are begun, taken and dropped by the thread that called zone_text_read, and taken in file
 * order. */
struct zone_text_parts {
    const struct hands *hands;
    /* A place for the records of one, of so many octets of text. NULL: no memory. */
    void *(*begin)(void *ctx, const char *path, size_t octets);
    /* As `record` below, on any thread, with a part in place of the ctx. */
    bool (*record)(void *part, const struct record *rr, const struct place *at);
    /* Its records come next, behind all that were given to `record` or taken so far. False
     * stops. */
    bool (*take)(void *ctx, void *part);
    void (*drop)(void *part); /* its records do not count */
    /* Where it is remembered; NULL: not at all. */
    struct zone_text_piecing *(*piecing)(void *part);
    size_t head, least; /* octets before the first cut, and of a part; 0: what is good */
};
struct zone_text {
    const uint8_t *apex; /* origin at the start; records outside it are warned of and left out */
    const char *path;
    const struct files *files;
    struct zone_text_limits limits;
    /* Called for each good record in file order, TTL settled; `at` is where it stands, valid during
     * the call. False stops the reading, which then failed. */
    bool (*record)(void *ctx, const struct record *rr, const struct place *at);
    /* Called for each file, main file first, also for one that cannot be read: its id is all zero
     * then (may be NULL). Paths of $INCLUDE are relative to the file they stand in. */
    void (*file)(void *ctx, const char *path, const struct file_id *id);
    void *ctx;
    const struct zone_text_parts *parts; /* NULL: in order */
    struct zone_text_piecing *piecing;   /* NULL: not remembered */
    /* A file is read in parts of about this many octets, if `files` can; 0: whole. When that
     * does not work out, whatever it is that is wrong, *needs_whole is set, and the reading
     * failed. */
    size_t window;
    bool *needs_whole;
};
/* False when there were errors (all in report); warnings alone are true. Any thread. */
MUST_USE bool zone_text_read(const struct zone_text *t, struct report *report);

/* Parses presentation rdata of one record ("10 mail.example.com."), appends wire rdata. False: *why
 * in words, *at the octet where it went wrong. `origin` completes relative names. */
MUST_USE bool rdata_parse(uint16_t type, const char *text, size_t len, const uint8_t *origin,
                          struct buf *out, const char **why, size_t *at);
/* Appends the presentation form; what cannot be shown by its type is shown as \# (RFC 3597 5). */
void rdata_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
/* "owner. TTL IN TYPE rdata\n". */
void record_print(const struct record *rr, struct buf *out);

#endif
