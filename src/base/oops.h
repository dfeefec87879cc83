/* oops.h - "the world said no": what was tried, on what, and why, in one sentence for a person. */
#ifndef SETTLED_BASE_OOPS_H
#define SETTLED_BASE_OOPS_H

#include "base/must.h"
#include <stdbool.h>

struct oops {
    char text[512]; /* one line, no newline at the end, always terminated; cut when too long */
};

/* Sets the text; returns false so that `return oops(o, ...)` reads well. `o` may be NULL. */
bool oops(struct oops *o, const char *format, ...) PRINTF_LIKE(2, 3);
/* Puts "context: " before the text that is there; returns false. */
bool oops_in(struct oops *o, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
