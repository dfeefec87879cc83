/* reader.h - reading foreign bytes within bounds. Remembers that it failed; a failed reader
 * gives zeros. Decompression is bounded: every pointer goes strictly below where the part of the
 * name before it began, and all names of one message together may cost 4 steps (a label or a
 * jump) for each of its octets (`work`). Counted in steps, not in octets, because honest answers
 * with many short records under one long name copy more than 4 times their size. */
#ifndef SETTLED_WIRE_READER_H
#define SETTLED_WIRE_READER_H

#include "base/must.h"
#include "wire/name.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
    const uint8_t *data;
    size_t len, at;
    size_t work; /* labels and jumps still allowed */
    bool failed;
};

/* At the first of `len` octets, which stay the caller's and outlive the reader. */
void reader_start(struct reader *r, const uint8_t *data, size_t len);
/* The next number in network order; 0 (and failed) when it is not all there. */
uint8_t read_u8(struct reader *r);
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
/* `len` octets in place, or NULL when they are not there. */
const uint8_t *read_bytes(struct reader *r, size_t len);
/* A name, compressed or not, uncompressed into out; false (and failed) when it is malformed. */
bool read_name(struct reader *r, struct name *out);
/* Steps over a name without following it; false (and failed) when it does not end within the
 * data. */
bool skip_name(struct reader *r);
/* Octets that are still to be read; 0 when it failed. */
size_t reader_left(const struct reader *r);

#endif
