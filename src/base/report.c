/* report.c - everything wrong with a text, all at once: FILE:LINE:COLUMN: error: sentence, the
 * line, a caret. One thread at a time. Sentence and source come from outside, so both go through
 * escape; tabs of the source stay, and stay tabs above the caret, so that it points at the right
 * character whatever a tab's width. */
#include "base/report.h"
#include "base/escape.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_USUALLY 100
#define SENTENCE_MOST 2048 /* two names and some words */
#define SOURCE_MOST   200  /* octets of a long line that are shown around the column */

static const char no_memory[] = "error: out of memory";
static const char no_memory_line[] = "error: out of memory: what was found cannot be shown\n";

static void add(struct report *r, const struct place *p, const char *kind, const char *sentence);
static void add_escaped(struct buf *b, const char *text, size_t len);
static void add_source(struct buf *b, const struct place *p);
static bool is_shown(struct report *r, unsigned count, const char *kind);

void report_error(struct report *r, const struct place *p, const char *format, ...)
{
    char sentence[SENTENCE_MOST];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    r->errors++;
    if (is_shown(r, r->errors, "errors")) {
        add(r, p, "error", sentence);
    }
}

void report_warning(struct report *r, const struct place *p, const char *format, ...)
{
    char sentence[SENTENCE_MOST];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    r->warnings++;
    if (is_shown(r, r->warnings, "warnings")) {
        add(r, p, "warning", sentence);
    }
}

/* Whether the finding number `count` of its kind is shown; says once that there are more. */
static bool is_shown(struct report *r, unsigned count, const char *kind)
{
    unsigned most = r->most != 0 ? r->most : SHOWN_USUALLY;
    if (count == most + 1) {
        buf_print(&r->text, "... and more %s\n", kind);
    }
    return count <= most;
}

static void add(struct report *r, const struct place *p, const char *kind, const char *sentence)
{
    struct buf line = {.len = 0};
    if (p != NULL && p->file != NULL) {
        add_escaped(&line, p->file, strlen(p->file));
        if (p->line != 0) {
            buf_print(&line, ":%u", p->line);
        }
        if (p->line != 0 && p->column != 0) {
            buf_print(&line, ":%u", p->column);
        }
        buf_print(&line, ": ");
    }
    buf_print(&line, "%s: ", kind);
    add_escaped(&line, sentence, strlen(sentence));
    r->text.failed = r->text.failed || line.failed;
    if (strcmp(kind, "error") == 0 && r->errors == 1) {
        r->first.failed = r->first.failed || line.failed;
        buf_add(&r->first, line.data, line.len);
    }
    buf_add(&r->text, line.data, line.len);
    buf_add(&r->text, "\n", 1);
    buf_free(&line);
    if (p != NULL && p->source != NULL) {
        add_source(&r->text, p);
    }
}

static void add_escaped(struct buf *b, const char *text, size_t len)
{
    while (len > 0) {
        char one[ESCAPE_MOST];
        size_t took = text[0] == '\t' ? 1 : escape_next(text, len, one);
        buf_add(b, text[0] == '\t' ? "\t" : one, text[0] == '\t' ? 1 : strlen(one));
        text += took;
        len -= took;
    }
}

/* The source line, or the part of a long one around the column, and a caret below the column. */
static void add_source(struct buf *b, const struct place *p)
{
    size_t column = p->column == 0 ? 0 : p->column - 1;
    column = column > p->source_len ? p->source_len : column;
    size_t from =
        p->source_len > SOURCE_MOST && column > SOURCE_MOST / 2 ? column - SOURCE_MOST / 2 : 0;
    size_t len = p->source_len - from > SOURCE_MOST ? SOURCE_MOST : p->source_len - from;
    size_t start = b->len;
    buf_print(b, from > 0 ? "  ..." : "  ");
    add_escaped(b, p->source + from, column - from);
    size_t caret = b->len;
    add_escaped(b, p->source + column, len - (column - from));
    buf_print(b, from + len < p->source_len ? "...\n" : "\n");
    if (p->column == 0) {
        return;
    }
    for (size_t i = start; i < caret && !b->failed; i++) {
        uint8_t octet = b->data[i];
        if ((octet & 0xc0) != 0x80) { /* later octets of a UTF-8 character take no place */
            buf_add_u8(b, octet == '\t' ? '\t' : ' ');
        }
    }
    buf_add(b, "^\n", 2);
}

const char *report_first(struct report *r)
{
    return r->first.failed ? no_memory : buf_text(&r->first);
}

const char *report_text(struct report *r)
{
    return r->text.failed ? no_memory_line : buf_text(&r->text);
}

void report_free(struct report *r)
{
    buf_free(&r->text);
    buf_free(&r->first);
    r->errors = 0;
    r->warnings = 0;
}
