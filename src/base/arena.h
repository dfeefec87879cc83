/* arena.h - memory that dies together: a config, a parsed file, a batch. Freed in one go.
 * An arena remembers that it ran out; callers check arena_failed() once at the end. One thread at a
 * time. */
#ifndef SETTLED_BASE_ARENA_H
#define SETTLED_BASE_ARENA_H

#include "base/must.h"
#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;
struct arena {
    struct arena_chunk *chunks;
    size_t used; /* bytes handed out so far, for bounds and reports */
    bool failed;
};

/* An empty arena is all zero; nothing is allocated until the first arena_get. */
void arena_init(struct arena *a);
/* `size` zeroed bytes aligned for any type, or NULL (then arena_failed is true for ever). */
void *arena_get(struct arena *a, size_t size);
void *arena_copy(struct arena *a, const void *from, size_t size);
char *arena_text(struct arena *a, const char *text);
char *arena_print(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
bool arena_failed(const struct arena *a);
/* Frees everything; the arena is empty and usable again. */
void arena_free(struct arena *a);

#endif
