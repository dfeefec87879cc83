/* bulk.h - the records of a whole zone on their way to a version: collected in any order, sorted
 * by owner, type and rdata (canonical order, RFC 4034 6), each with the place where it stood. */
#ifndef SETTLED_ZONE_BULK_H
#define SETTLED_ZONE_BULK_H

#include "base/buf.h"
#include "wire/record.h"

struct bulk_row {
    uint64_t prefix; /* first octets of the owner's key: settles most comparisons */
    size_t at;       /* of the record in the stream */
    uint32_t line;   /* in the file, 0: not known */
    uint16_t file;   /* the caller's number for it */
    uint16_t type;
};
struct bulk {
    const uint8_t *apex;
    unsigned apex_labels;
    struct buf own;        /* the stream, when it was collected here */
    const uint8_t *stream; /* after bulk_sort */
    size_t stream_len;
    struct bulk_row *rows;
    size_t count, room;
    bool failed; /* no memory */
};

void bulk_start(struct bulk *b, const uint8_t *apex);
void bulk_add(struct bulk *b, const struct record *rr, uint16_t file, uint32_t line);
/* Takes all records of a ready stream, which stays the caller's. False: it is damaged, or holds a
 * record of another zone. */
MUST_USE bool bulk_take(struct bulk *b, const struct buf *stream);
void bulk_sort(struct bulk *b);
void bulk_record(const struct bulk *b, size_t row, struct record *out);
/* The first row of that owner and type (0: any type); false when there is none. After
 * bulk_sort. */
MUST_USE bool bulk_find(const struct bulk *b, const uint8_t *owner, uint16_t type, size_t *row);
/* Is it the same record as the row before, TTL aside? After bulk_sort. */
bool bulk_is_again(const struct bulk *b, size_t row);
void bulk_free(struct bulk *b);

#endif
