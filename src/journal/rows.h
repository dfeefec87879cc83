/* rows.h - what is kept on disk of zones, changes and peers, and its form: each value sealed with a format octet and a checksum.
 * Writing appends to a batch; reading goes through the store. A damaged value reads as "not there", with a sentence in o. */
#ifndef SETTLED_JOURNAL_ROWS_H
#define SETTLED_JOURNAL_ROWS_H

#include "base/clock.h"
#include "journal/store.h"
#include "zone/change.h"

#define JOURNAL_TEXT 128

/* The state of one zone: one row, rewritten with every committed change. Keyed by id; ids are given once and kept with the name. */
struct journal_zone {
    uint32_t id;
    struct name name;
    uint8_t role;               /* enum zone_role when written */
    bool has_serial;
    uint32_t serial;            /* last committed, what a restart serves */
    uint64_t content_hash;      /* zone_content_hash of it */
    uint32_t max_ttl_s;         /* zone_max_ttl: how long answers of it may live */
    struct wall committed;
    struct wall refreshed;      /* secondary: last time a primary confirmed the serial; 0: never */
    struct wall expires;        /* secondary: when the zone expires; 0: not running */
    uint32_t image;             /* number of the complete image on disk, 0: none */
    uint32_t image_serial;
    uint64_t image_bytes;
    uint64_t delta_first, delta_next; /* change sets [first, next) lead from image_serial to serial */
    uint64_t delta_bytes;
    uint64_t change_next;       /* number of the next history row */
};
void journal_put_zone(struct store_batch *b, const struct journal_zone *row);
void journal_drop_zone(struct store_batch *b, uint32_t id); /* the row and all that belongs to it */
/* All zone rows, for the start. Damaged rows are reported through `damaged` (may be NULL) and left out. */
MUST_USE bool journal_zones(struct store *s, bool (*see)(void *ctx, const struct journal_zone *row),
                            void (*damaged)(void *ctx, const char *what), void *ctx, struct oops *o);

/* A zone's image: the whole record stream cut into values. Writing goes slice by slice so that no batch is over 4 MiB. */
#define JOURNAL_SLICE (4u << 20)
/* Appends the slice of `records` that begins at `from` as parts of image `no`; returns where the next one begins
 * (records_len: that was the last). `part` counts on through the slices, start with 0. */
size_t journal_put_image(struct store_batch *b, uint32_t id, uint32_t no, const struct buf *records, size_t from,
                         uint32_t *part);
void journal_drop_image(struct store_batch *b, uint32_t id, uint32_t no);
void journal_put_delta(struct store_batch *b, uint32_t id, uint64_t seq, const struct change *c);
void journal_drop_deltas(struct store_batch *b, uint32_t id, uint64_t first, uint64_t end);
/* Reads image and change sets back, whole or not at all (lengths, counts, checksums, serial chain). Pool thread. */
MUST_USE bool journal_read_image(struct store *s, const struct journal_zone *row, struct buf *records, struct oops *o);
MUST_USE bool journal_read_deltas(struct store *s, const struct journal_zone *row, struct change **changes, unsigned *count,
                                  struct oops *o); /* malloc'd array, the caller's */

/* One change as the ledger remembers it (CONVERGENCE.md, Words). */
struct journal_change {
    uint64_t number;            /* counts up within the zone */
    bool first;                 /* no version before it */
    uint32_t from, to;
    uint8_t source;             /* enum change_source of keeper/ledger.h */
    char text[JOURNAL_TEXT];    /* "example.com.zone", "192.0.2.1" */
    struct wall committed;
    uint32_t rrsets;            /* touched */
    uint32_t old_ttl_s;         /* largest TTL of an old answer */
    uint32_t expire_s;          /* EXPIRE of the SOA of `from` */
    struct wall served, settled; /* 0: not yet */
    bool no_bound;              /* old answers not known (our state was lost): old_ttl_s is a guess from max_ttl */
};
void journal_put_change(struct store_batch *b, uint32_t id, const struct journal_change *c);
void journal_drop_change(struct store_batch *b, uint32_t id, uint64_t number);
MUST_USE bool journal_changes(struct store *s, uint32_t id, bool (*see)(void *ctx, const struct journal_change *c), void *ctx,
                              struct oops *o);
/* What was last observed of one peer of a zone. */
struct journal_peer {
    char name[JOURNAL_TEXT];
    bool seen;
    uint32_t serial;            /* last observed */
    struct wall at;             /* when */
    uint32_t above_count;       /* how many (serial, time) pairs follow: when it was first seen above older serials */
    struct {
        uint32_t serial;
        struct wall at;
    } above[16];
};
void journal_put_peer(struct store_batch *b, uint32_t id, const struct journal_peer *p);
MUST_USE bool journal_peers(struct store *s, uint32_t id, bool (*see)(void *ctx, const struct journal_peer *p), void *ctx,
                            struct oops *o);

#endif
