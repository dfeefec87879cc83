/* rows.h - what is kept on disk of zones, changes and peers, and its form: each value sealed with a
 * format octet and a checksum. Writing appends to a batch; reading goes through the store. A
 * damaged value reads as "not there", with a sentence in o. */
#ifndef SETTLED_JOURNAL_ROWS_H
#define SETTLED_JOURNAL_ROWS_H

#include "base/clock.h"
#include "journal/store.h"
#include "zone/change.h"

#define JOURNAL_TEXT 128

/* The state of one zone: one row, rewritten with every committed change. Keyed by id; ids are given
 * once and kept with the name. */
struct journal_zone {
    const uint8_t *name; /* read from disk it stays valid until `row` returns */
    uint32_t id;
    uint8_t role; /* enum zone_role when written */
    bool has_serial;
    uint32_t serial;       /* last committed, what a restart serves */
    uint32_t max_ttl_s;    /* zone_max_ttl: how long answers of it may live */
    uint64_t content_hash; /* zone_content_hash of it */
    struct wall committed;
    struct wall refreshed; /* secondary: last time a primary confirmed the serial; 0: never */
    struct wall expires;   /* secondary: when the zone expires; 0: not running */
    uint32_t expire_s;     /* EXPIRE of its SOA */
    uint32_t image;        /* number of the complete image on disk, 0: none */
    uint32_t image_serial;
    uint32_t old_image; /* an earlier one, still being deleted (journal_drop_image), 0: none */
    uint64_t image_bytes, old_image_bytes;
    uint64_t delta_first,
        delta_next; /* change sets [first, next) lead from image_serial to serial */
    uint64_t delta_bytes;
    uint64_t change_next; /* number of the next history row */
};
void journal_put_zone(struct store_batch *b, const struct journal_zone *row);
void journal_drop_zone(struct store_batch *b, uint32_t id); /* the row and all that belongs to it */
/* All zone rows by ascending id, for the start. Damaged rows are reported through `damaged` (may be
 * NULL) and left out; their id is still in use until journal_drop_zone (0: the id itself is not
 * known). */
struct journal_zones_see {
    bool (*row)(void *ctx, const struct journal_zone *row); /* false stops */
    void (*damaged)(void *ctx, uint32_t id, const char *what);
    void *ctx;
};
MUST_USE bool journal_zones(struct store *s, const struct journal_zones_see *see, struct oops *o);

/* A zone's image: the whole record stream cut into values. Writing goes slice by slice so that no
 * batch is over 4 MiB. When all slices are on disk, the zone row flips to it (image, image_serial,
 * image_bytes; old_image: the one before); then the old one goes slice by slice. Image numbers
 * count up from 1. */
#define JOURNAL_SLICE (4u << 20)
struct journal_image {
    uint32_t id, no;
    uint64_t at; /* octets written or dropped so far: start with 0 */
};
/* Appends the next slice of `records`. False: that was the last one. The first slice drops what an
 * earlier, interrupted write under this number left. */
bool journal_put_image(struct store_batch *b, struct journal_image *i, const struct buf *records);
/* Appends the deletion of the next slice of an image of `bytes` octets (0: of all of it at once).
 * False: that was the last one. */
bool journal_drop_image(struct store_batch *b, struct journal_image *i, uint64_t bytes);
void journal_put_delta(struct store_batch *b, uint32_t id, uint64_t seq, const struct change *c);
void journal_drop_deltas(struct store_batch *b, uint32_t id, uint64_t first, uint64_t end);
/* Reads image and change sets back, whole or not at all (lengths, counts, checksums, serial chain).
 * Pool thread. */
MUST_USE bool journal_read_image(struct store *s, const struct journal_zone *row,
                                 struct buf *records, struct oops *o);
MUST_USE bool journal_read_deltas(struct store *s, const struct journal_zone *row,
                                  struct change **changes, unsigned *count,
                                  struct oops *o); /* malloc'd array, the caller's */

/* One change as the ledger remembers it (CONVERGENCE.md, Words). */
struct journal_change {
    uint64_t number; /* counts up within the zone */
    bool first;      /* no version before it */
    uint32_t from, to;
    uint8_t source; /* enum change_source of keeper/ledger.h */
    /* "file", "192.0.2.1"; less than JOURNAL_TEXT octets of it are kept. Read from disk it stays
     * valid until `see` returns. */
    const char *text;
    struct wall committed;
    struct wall published; /* when we began to serve it; 0: not known, perhaps only a restart did */
    struct wall gone;   /* when the last server so far (we, a secondary) was first seen to serve it;
                           0: as published */
    uint32_t rrsets;    /* touched */
    uint32_t old_ttl_s; /* largest TTL of an old answer */
    uint32_t expire_s;  /* EXPIRE of the SOA of `from` */
    struct wall served, settled; /* 0: not yet */
    bool parent_left_out; /* the delegation changed, and the TTL of the zone above's copy of it is
                             not known here */
    bool no_bound;        /* old answers not known (our state was lost): old_ttl_s is a guess from
                      max_ttl_s */
};
void journal_put_change(struct store_batch *b, uint32_t id, const struct journal_change *c);
void journal_drop_change(struct store_batch *b, uint32_t id, uint64_t number);
/* Changes by ascending number. Damaged rows are left out; then true is given all the same, and o
 * has a sentence. */
MUST_USE bool journal_changes(struct store *s, uint32_t id,
                              bool (*see)(void *ctx, const struct journal_change *c), void *ctx,
                              struct oops *o);
/* What was last observed of one peer of a zone. */
struct journal_peer {
    char name[JOURNAL_TEXT];
    uint64_t identity; /* of its kind and addresses: other addresses, other observations */
    bool seen;         /* on every address */
    uint32_t serial;   /* last observed, the smallest of its addresses */
    struct wall at;    /* when that serial was first observed */
};
void journal_put_peer(struct store_batch *b, uint32_t id, const struct journal_peer *p);
void journal_drop_peers(struct store_batch *b, uint32_t id); /* all of the zone */
/* Damaged rows as above. */
MUST_USE bool journal_peers(struct store *s, uint32_t id,
                            bool (*see)(void *ctx, const struct journal_peer *p), void *ctx,
                            struct oops *o);

#endif
