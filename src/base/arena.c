/* arena.c - memory that dies together, in chunks that double from 4 KiB to 1 MiB.
 * One thread at a time. A request larger than a quarter of a chunk gets a chunk of its own, put
 * behind the current one, so that the rest of the current one is not wasted. The large ones malloc
 * has from the kernel and gives back to it at once: reading the configuration of ten thousand zones
 * leaves no hole of 3 MB. */
#include "base/arena.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_FIRST ((size_t)4096)
#define CHUNK_MOST  ((size_t)1 << 20)

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used; /* of data */
    _Alignas(max_align_t) unsigned char data[];
};

static void *chunk_get(struct arena_chunk *c, size_t size);
static struct arena_chunk *chunk_add(struct arena *a, size_t size);

void arena_init(struct arena *a)
{
    *a = (struct arena){.chunks = NULL};
}

void *arena_get(struct arena *a, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    if (a->failed || size > SIZE_MAX / 2) {
        a->failed = true;
        return NULL;
    }
    size_t need = size == 0 ? align : (size + align - 1) / align * align;
    void *got = a->chunks != NULL ? chunk_get(a->chunks, need) : NULL;
    if (got == NULL) {
        struct arena_chunk *c = chunk_add(a, need);
        if (c == NULL) {
            a->failed = true;
            return NULL;
        }
        got = chunk_get(c, need);
    }
    a->used += size;
    return got;
}

static void *chunk_get(struct arena_chunk *c, size_t size)
{
    if (c->size - c->used < size) {
        return NULL;
    }
    void *got = c->data + c->used;
    c->used += size;
    return got;
}

/* A chunk with room for `size`, linked in; NULL when there is no memory. */
static struct arena_chunk *chunk_add(struct arena *a, size_t size)
{
    struct arena_chunk *first = a->chunks;
    size_t usual = first == NULL ? CHUNK_FIRST : first->size * 2;
    usual = usual < CHUNK_FIRST ? CHUNK_FIRST : usual > CHUNK_MOST ? CHUNK_MOST : usual;
    bool alone = size > usual / 4;
    size_t room = alone ? size : usual;
    struct arena_chunk *c = calloc(1, sizeof *c + room);
    if (c == NULL) {
        return NULL;
    }
    c->size = room;
    if (alone && first != NULL) {
        c->next = first->next;
        first->next = c;
        return c;
    }
    c->next = first;
    a->chunks = c;
    return c;
}

void *arena_copy(struct arena *a, const void *from, size_t size)
{
    void *got = arena_get(a, size);
    if (got != NULL && size > 0) {
        memcpy(got, from, size);
    }
    return got;
}

char *arena_text(struct arena *a, const char *text)
{
    return arena_copy(a, text, strlen(text) + 1);
}

char *arena_print(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *got = len < 0 ? NULL : arena_get(a, (size_t)len + 1);
    if (got != NULL) {
        vsnprintf(got, (size_t)len + 1, format, again);
    }
    va_end(again);
    a->failed = a->failed || got == NULL;
    return got;
}

bool arena_failed(const struct arena *a)
{
    return a->failed;
}

void arena_free(struct arena *a)
{
    while (a->chunks != NULL) {
        struct arena_chunk *next = a->chunks->next;
        free(a->chunks);
        a->chunks = next;
    }
    arena_init(a);
}
