/* buf.h - bytes that grow. Remembers that it ran out of memory or over its bound: check once. */
#ifndef SETTLED_BASE_BUF_H
#define SETTLED_BASE_BUF_H

#include "base/must.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data;
    size_t len, room;
    size_t limit; /* 0: none; otherwise growing past it fails */
    bool failed;
};

/* All zero is an empty buf. Appending to a failed buf does nothing. */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_u8(struct buf *b, uint8_t v);
void buf_add_u16(struct buf *b, uint16_t v); /* network order */
void buf_add_u32(struct buf *b, uint32_t v); /* network order */
void buf_add_u64(struct buf *b, uint64_t v); /* network order */
void buf_print(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* Room for `len` more bytes at data+len, or NULL; the caller then adds to b->len what it wrote. */
uint8_t *buf_room(struct buf *b, size_t len);
/* Drops the first `len` bytes. */
void buf_skip(struct buf *b, size_t len);
/* The bytes as a C string (a NUL is kept behind them, not counted); "" when empty or failed. */
const char *buf_text(struct buf *b);
void buf_free(struct buf *b); /* empty and usable again */

/* Network-order integers in plain memory. */
static inline uint16_t get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint64_t get_u64(const uint8_t *p)
{
    return (uint64_t)get_u32(p) << 32 | get_u32(p + 4);
}
static inline void put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}
static inline void put_u32(uint8_t *p, uint32_t v)
{
    put_u16(p, (uint16_t)(v >> 16));
    put_u16(p + 2, (uint16_t)v);
}
static inline void put_u64(uint8_t *p, uint64_t v)
{
    put_u32(p, (uint32_t)(v >> 32));
    put_u32(p + 4, (uint32_t)v);
}

#endif
