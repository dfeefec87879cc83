/* batch.h - the records of a whole zone on their way to a version: collected in any order, sorted
 * by owner, type and rdata (canonical order, RFC 4034 6), each with the place where it stood. */
#ifndef SETTLED_ZONE_BATCH_H
#define SETTLED_ZONE_BATCH_H

#include "base/buf.h"
#include "wire/record.h"

struct batch_row {
    uint64_t prefix; /* first octets of the owner's key: settles most comparisons */
    size_t at;       /* of the record in the stream */
    uint32_t line;   /* in the file, 0: not known */
    uint16_t file;   /* the caller's number for it */
    uint16_t type;
};
struct batch {
    const uint8_t *apex;
    unsigned apex_labels;
    struct buf own;        /* the stream, when it was collected here */
    const uint8_t *stream; /* after batch_sort */
    size_t stream_len;
    struct batch_row *rows;
    size_t count, room;
    bool failed; /* no memory */
};

void batch_start(struct batch *b, const uint8_t *apex);
void batch_add(struct batch *b, const struct record *rr, uint16_t file, uint32_t line);
/* Takes all records of a ready stream, which stays the caller's. False: it is damaged, or holds a
 * record of another zone. */
MUST_USE bool batch_take(struct batch *b, const struct buf *stream);
void batch_sort(struct batch *b);
void batch_record(const struct batch *b, size_t row, struct record *out);
/* The first row of that owner and type (0: any type); false when there is none. After
 * batch_sort. */
MUST_USE bool batch_find(const struct batch *b, const uint8_t *owner, uint16_t type, size_t *row);
/* Is it the same record as the row before, TTL aside? After batch_sort. */
bool batch_is_again(const struct batch *b, size_t row);
void batch_free(struct batch *b);

#endif
