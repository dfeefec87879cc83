/* bulk.h - the records of a whole zone on their way to a version: collected in any order, sorted
 * by owner, type and rdata (canonical order, RFC 4034 6), each with the place where it stood. */
#ifndef SETTLED_ZONE_BULK_H
#define SETTLED_ZONE_BULK_H

#include "base/buf.h"
#include "base/hands.h"
#include "wire/record.h"
#include "zone/key.h"

struct bulk_row { /* one record; after bulk_sort */
    const uint8_t
        *owner;        /* one pointer for all rows of an owner: equal owners are equal pointers */
    const uint8_t *at; /* type, class, TTL, rdlength, rdata; before it the place, if it has one */
};
struct bulk_run {      /* records that came one after the other and have the same owner */
    uint64_t prefix;   /* first symbols of the owner's key: settles most comparisons */
    const uint8_t *at; /* the owner; behind it the records */
    uint32_t count;
};
struct bulk_list { /* of runs, as they came */
    struct bulk_list *next;
    size_t count, room;
    struct bulk_run runs[];
};
struct bulk_chunk;
struct bulk {
    struct apex apex;
    struct bulk_row *rows;     /* after bulk_sort */
    size_t count;              /* of records */
    struct bulk_list *lists;   /* until then; newest first */
    struct bulk_chunk *chunks; /* memory of the records, newest first */
    uint8_t *to, *end;         /* what is left of the newest */
    const uint8_t *last;       /* owner of the newest run */
    size_t expected;           /* octets of all records, as far as is known */
    bool foreign; /* a stream of the caller's: an owner before each record, no places */
    bool failed;  /* no memory */
};

/* Empty. The apex stays the caller's, and outlives b. */
void bulk_start(struct bulk *b, const uint8_t *apex);
void bulk_expect(struct bulk *b, size_t octets); /* about so much is going to be added */
/* Copies one record, and where it stood (file: the caller's number; line 0: not known). No memory:
 * `failed`. */
void bulk_add(struct bulk *b, const struct record *rr, uint16_t file, uint32_t line);
/* Takes all records of a ready stream, which stays the caller's. False: it is damaged, or holds a
 * record of another zone. */
MUST_USE bool bulk_take(struct bulk *b, const struct buf *stream);
/* Puts the records of `next` behind those of b, and leaves it empty. */
void bulk_join(struct bulk *b, struct bulk *next);
/* Among equal records the one that came first stays first. */
void bulk_sort(struct bulk *b, const struct hands *hands);
/* What a row has, in place: good until bulk_free. After bulk_sort. */
void bulk_record(const struct bulk *b, size_t row, struct record *out);
uint16_t bulk_type(const struct bulk *b, size_t row);
uint16_t bulk_file(const struct bulk *b, size_t row); /* the caller's number for it */
uint32_t bulk_line(const struct bulk *b, size_t row); /* in the file, 0: not known */
/* The first row of that owner and type (0: any type); false when there is none. After
 * bulk_sort. */
MUST_USE bool bulk_find(const struct bulk *b, const uint8_t *owner, uint16_t type, size_t *row);
/* Is it the same record as the row before, TTL aside? After bulk_sort. */
bool bulk_is_again(const struct bulk *b, size_t row);
/* Has it the owner of the row before? After bulk_sort. */
static inline bool bulk_same_owner(const struct bulk *b, size_t row)
{
    return row > 0 && b->rows[row].owner == b->rows[row - 1].owner;
}
void bulk_free(struct bulk *b);
void bulk_free_lists(struct bulk *b); /* rows have been made of all runs */

#endif
