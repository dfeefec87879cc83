/* lex.h - zone text cut into words (RFC 1035 5.1): one pass over memory, nothing copied, nothing
 * allocated.
 * An entry is what stands on one line, or on several inside parentheses. Words keep their escapes;
 * who reads them decodes. */
#ifndef SETTLED_ZONE_LEX_H
#define SETTLED_ZONE_LEX_H

#include "base/must.h"
#include "base/report.h"
#include <stdbool.h>
#include <stddef.h>

#define LEX_LINE_MOST  ((size_t)64 * 1024)   /* octets of one line */
#define LEX_ENTRY_MOST ((size_t)1024 * 1024) /* of one entry: 64 KiB as \DDD, and ample comments */

enum lex_kind {
    LEX_WORD,   /* a word; may hold a quoted value behind '=', as in alpn="h2,h3" */
    LEX_QUOTED, /* text is what stands between the quotes */
    LEX_EOL,    /* the entry is over; lex_next gives this again until lex_entry */
    LEX_WRONG   /* `why` says what is wrong at text */
};
struct lex_token {
    enum lex_kind kind;
    bool escaped;      /* there is a backslash in it */
    const char *value; /* WORD: its quoted part, from the opening quote on; else NULL */
    const char *text;
    size_t len;
    const char *why;
};
struct lex {
    const char *at, *end;
    const char *line;      /* begin of the line `at` is in */
    unsigned number;       /* of that line, from 1 */
    const char *entry;     /* begin of the entry */
    unsigned entry_number; /* of its first line */
    const char *open;      /* the outermost parenthesis not closed yet */
    unsigned depth;        /* of parentheses */
    unsigned unclosed;     /* parentheses that were never closed, so far */
    size_t line_most;      /* LEX_LINE_MOST, unless changed after lex_start */
};

/* text[len] must be a NUL. A byte order mark at the front is passed over. */
void lex_start(struct lex *l, const char *text, size_t len);
/* Goes to the next line, where an entry may begin. False at the end of the text. What is left of
 * the entry before must have been read to its LEX_EOL, or skipped. */
bool lex_entry(struct lex *l);
/* Does the entry begin with a blank, that is: does it belong to the owner before (RFC 1035 5.1)? */
bool lex_blank_start(const struct lex *l);
void lex_next(struct lex *l, struct lex_token *t);
/* Goes to the end of the entry, whatever stands there. NULL when that worked. Else the parenthesis
 * that is never closed; reading goes on at the first line behind it that looks like a new entry. */
const char *lex_skip(struct lex *l);
/* Line, column and source of a place in this entry. `file` is left alone. */
void lex_where(const struct lex *l, const char *at, struct place *p);

#endif
