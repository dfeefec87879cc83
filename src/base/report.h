/* report.h - everything wrong with a text, all at once: FILE:LINE:COLUMN: error: sentence, the
 * line, a caret. */
#ifndef SETTLED_BASE_REPORT_H
#define SETTLED_BASE_REPORT_H

#include "base/buf.h"

struct report {
    struct buf text;  /* what report_text gives: ready for a person, lines end with \n */
    struct buf first; /* what report_first gives */
    unsigned errors, warnings;
    unsigned most; /* errors shown before "... and more"; 0: 100 */
};
/* Adds one finding. file may be NULL (no place), line and column count from 1, 0: not known.
 * `source` is the line's text for the caret (NULL: none). Text that came from outside is escaped.
 */
struct place {
    const char *file;
    unsigned line, column;
    const char *source;
    size_t source_len;
};
void report_error(struct report *r, const struct place *p, const char *format, ...)
    PRINTF_LIKE(3, 4);
void report_warning(struct report *r, const struct place *p, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* The first error as one line without source and caret, "" when there is none: what logs and status
 * show. When there was no memory to say what it is, that is said. */
const char *report_first(struct report *r);
/* All of it; as much as that when there was no memory for it. */
const char *report_text(struct report *r);
void report_free(struct report *r);

#endif
