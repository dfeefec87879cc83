/* buf.c - bytes that grow by doubling, up to their bound.
 * One thread at a time. One octet more than asked is always there, for the NUL of buf_text. */
#include "base/buf.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST ((size_t)64)

static bool grow(struct buf *b, size_t room);

void buf_add(struct buf *b, const void *data, size_t len)
{
    uint8_t *to = buf_room(b, len);
    if (to != NULL && len > 0) {
        memcpy(to, data, len);
        b->len += len;
    }
}

void buf_add_u8(struct buf *b, uint8_t v)
{
    buf_add(b, &v, 1);
}

void buf_add_u16(struct buf *b, uint16_t v)
{
    uint8_t octets[2];
    put_u16(octets, v);
    buf_add(b, octets, sizeof octets);
}

void buf_add_u32(struct buf *b, uint32_t v)
{
    uint8_t octets[4];
    put_u32(octets, v);
    buf_add(b, octets, sizeof octets);
}

void buf_add_u64(struct buf *b, uint64_t v)
{
    uint8_t octets[8];
    put_u64(octets, v);
    buf_add(b, octets, sizeof octets);
}

void buf_print(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    b->failed = b->failed || len < 0;
    uint8_t *to = b->failed ? NULL : buf_room(b, (size_t)len);
    if (to != NULL) {
        vsnprintf((char *)to, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

uint8_t *buf_room(struct buf *b, size_t len)
{
    size_t most = b->limit != 0 ? b->limit : SIZE_MAX / 4;
    if (b->failed || b->len > most || len > most - b->len || !grow(b, b->len + len + 1)) {
        b->failed = true;
        return NULL;
    }
    return b->data + b->len;
}

static bool grow(struct buf *b, size_t room)
{
    if (room <= b->room) {
        return true;
    }
    size_t next = b->room < BUF_FIRST ? BUF_FIRST : b->room * 2;
    next = next < room ? room : next;
    uint8_t *data = realloc(b->data, next);
    if (data == NULL) {
        return false;
    }
    b->data = data;
    b->room = next;
    return true;
}

void buf_skip(struct buf *b, size_t len)
{
    must(len <= b->len);
    b->len -= len;
    if (len > 0 && b->len > 0) {
        memmove(b->data, b->data + len, b->len);
    }
}

const char *buf_text(struct buf *b)
{
    if (b->failed || b->len == 0) {
        return "";
    }
    must(b->len < b->room);
    b->data[b->len] = '\0';
    return (const char *)b->data;
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){.limit = b->limit};
}
