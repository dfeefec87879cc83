/* seal.h - the form of a stored value: a format octet, a checksum, the content. The checksum covers
 * table and key too, so that a value that turns up under another key (a swapped page) is found out
 * as well. Private to journal/. */
#ifndef SETTLED_JOURNAL_SEAL_H
#define SETTLED_JOURNAL_SEAL_H

#include "journal/store.h"
#include "wire/reader.h"

#define SEAL_SIZE   9                         /* octets a seal adds */
#define SEAL_MOST   (STORE_VALUE - SEAL_SIZE) /* longest content */
#define SEAL_FORMAT 1                         /* of all tables, today */

#define SEAL_SEED                                                                                  \
    UINT64_C(0x5e771ed000000001) /* of the checksum: any constant, the same for ever */

/* Keys are put together from numbers in network order, so that they sort as the numbers do. */
struct seal_key {
    enum store_table table;
    size_t len;
    uint8_t octets[STORE_KEY];
};
struct seal_key seal_key(enum store_table table, uint32_t id);
void seal_key_u32(struct seal_key *k, uint32_t v);
void seal_key_u64(struct seal_key *k, uint64_t v);
void seal_key_text(struct seal_key *k, const char *text);

/* Appends a put of the content. A content that ran out of memory fails the batch. */
void seal_put(struct store_batch *b, const struct seal_key *k, const struct buf *content);
/* Appends a put of the `len` octets at data. */
void seal_put_octets(struct store_batch *b, const struct seal_key *k, const uint8_t *data,
                     size_t len);
/* Checks the value that was found under a key; `content` then reads it. False: o says what is
 * wrong. */
MUST_USE bool seal_open(const struct batch_op *found, struct reader *content, struct oops *o);
/* Parts of a content that wire/'s reader does not know: 64 bits; a text of at most JOURNAL_TEXT - 1
 * octets behind its length. */
uint64_t seal_u64(struct reader *r);
void seal_add_text(struct buf *content, const char *text);
void seal_text(struct reader *r, char *out, size_t room);

#endif
