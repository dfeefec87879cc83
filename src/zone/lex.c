/* lex.c - zone text cut into words (RFC 1035 5.1): one pass over memory, nothing copied, nothing
 * allocated.
 * The inner loops look one octet up in a table and stop at the NUL behind the text, so they need no
 * second test for its end. Quotes end on the line they began on, as in BIND: a forgotten quote
 * spoils one line, not the file. */
#include "zone/lex.h"
#include <string.h>

#define UNCLOSED_MOST                                                                              \
    20 /* each costs a look at up to LEX_ENTRY_MOST octets; then the file is given up */

enum octet { WORD, BLANK, NEWLINE, COMMENT, OPEN, CLOSE, QUOTE, BACKSLASH, NUL };

static const uint8_t octet_class[256] = {
    ['\0'] = NUL,  ['\t'] = BLANK, ['\n'] = NEWLINE, ['\r'] = BLANK,  [' '] = BLANK,
    ['"'] = QUOTE, ['('] = OPEN,   [')'] = CLOSE,    [';'] = COMMENT, ['\\'] = BACKSLASH,
};

static enum octet pass_blanks(struct lex *l);
static bool pass_line(struct lex *l);
static void end_of_entry(struct lex *l, struct lex_token *t);
static void read_word(struct lex *l, struct lex_token *t);
static const char *word_escape(const char *p);
static const char *word_value(struct lex *l, const char *p, struct lex_token *t);
static void read_quoted(struct lex *l, struct lex_token *t);
static const char *closing_quote(const char *p, bool *escaped);
static void wrong(struct lex_token *t, const char *at, const char *why);
static const char *skip_one(struct lex *l, const char *p);
static void resume_behind(struct lex *l, const char *open);

static enum octet class_of(const char *p)
{
    return (enum octet)octet_class[(uint8_t)*p];
}

void lex_start(struct lex *l, const char *text, size_t len)
{
    must(text[len] == '\0');
    *l = (struct lex){.at = text, .end = text + len, .line_most = LEX_LINE_MOST};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        l->at += 3;
    }
}

bool lex_entry(struct lex *l)
{
    if (l->number != 0 && l->at < l->end) {
        must(*l->at == '\n');
        l->at++;
    }
    l->number++;
    l->line = l->entry = l->at;
    l->entry_number = l->number;
    l->depth = 0;
    return l->at < l->end;
}

bool lex_blank_start(const struct lex *l)
{
    return class_of(l->entry) == BLANK;
}

void lex_next(struct lex *l, struct lex_token *t)
{
    t->escaped = false;
    t->value = NULL;
    switch (pass_blanks(l)) {
    case WORD:
    case BACKSLASH:
        read_word(l, t);
        return;
    case QUOTE:
        read_quoted(l, t);
        return;
    case CLOSE:
        wrong(t, l->at, "this ')' has no '(' before it");
        return;
    default:
        end_of_entry(l, t);
    }
}

/* Goes to the next octet that means something, which is l->at then: a word, a quote, a ')' too
 * many, or the entry's end. */
static enum octet pass_blanks(struct lex *l)
{
    for (;;) {
        enum octet c = class_of(l->at);
        switch (c) {
        case BLANK:
            l->at++;
            continue;
        case COMMENT:
            l->at = memchr(l->at, '\n', (size_t)(l->end - l->at));
            l->at = l->at != NULL ? l->at : l->end;
            continue;
        case OPEN:
            l->open = l->depth == 0 ? l->at : l->open;
            l->depth++;
            l->at++;
            continue;
        case CLOSE:
            if (l->depth == 0) {
                return c;
            }
            l->depth--;
            l->at++;
            continue;
        case NEWLINE:
            if (l->depth == 0 || !pass_line(l)) {
                return c;
            }
            continue;
        default:
            return c;
        }
    }
}

/* Goes over a newline inside parentheses. False: a limit forbids it. */
static bool pass_line(struct lex *l)
{
    if ((size_t)(l->at - l->line) > l->line_most || (size_t)(l->at - l->entry) > LEX_ENTRY_MOST) {
        return false;
    }
    l->at++;
    l->line = l->at;
    l->number++;
    return true;
}

/* At a newline, a NUL, or the end of the text. */
static void end_of_entry(struct lex *l, struct lex_token *t)
{
    if ((size_t)(l->at - l->line) > l->line_most) {
        wrong(t, l->line + l->line_most, "the line is longer than 65536 octets");
        return;
    }
    if (*l->at == '\0' && l->at < l->end) {
        wrong(t, l->at, "a NUL octet: this is not text");
        return;
    }
    if (l->depth > 0) {
        wrong(t, l->open, "this '(' is never closed");
        return;
    }
    t->kind = LEX_EOL;
    t->text = l->at;
    t->len = 0;
}

static void read_word(struct lex *l, struct lex_token *t)
{
    const char *p = l->at;
    t->kind = LEX_WORD;
    t->text = p;
    for (;;) {
        while (class_of(p) == WORD) {
            p++;
        }
        enum octet c = class_of(p);
        if (c == BACKSLASH) {
            t->escaped = true;
            const char *next = word_escape(p);
            if (next == NULL) {
                wrong(t, p, "nothing follows this '\\' (a backslash itself is written \\\\)");
                return;
            }
            p = next;
        } else if (c == QUOTE) {
            p = word_value(l, p, t);
            if (p == NULL) {
                return;
            }
        } else {
            break;
        }
    }
    t->len = (size_t)(p - t->text);
    l->at = p;
}

/* Behind the escape at p; NULL when the line ends before it does. */
static const char *word_escape(const char *p)
{
    enum octet c = class_of(p + 1);
    if (c == NEWLINE || c == NUL || (p[1] == '\r' && p[2] == '\n')) {
        return NULL;
    }
    return p + 2;
}

/* A quote inside a word, at p: fine behind '=' (RFC 9460 2.1), where it opens a value. Gives what
 * stands behind it, or NULL. */
static const char *word_value(struct lex *l, const char *p, struct lex_token *t)
{
    if (p == l->at || p[-1] != '=') {
        wrong(t, p, "a quote in the middle of a word: put a blank before it, or write \\\"");
        return NULL;
    }
    const char *close = closing_quote(p + 1, &t->escaped);
    t->value = p;
    if (close == NULL) {
        wrong(t, p, "the quote that opens here is not closed on this line");
        return NULL;
    }
    if (class_of(close + 1) == WORD || class_of(close + 1) == BACKSLASH) {
        wrong(t, close + 1, "a blank is missing after the closing quote");
        return NULL;
    }
    return close + 1;
}

static void read_quoted(struct lex *l, struct lex_token *t)
{
    const char *close = closing_quote(l->at + 1, &t->escaped);
    if (close == NULL) {
        wrong(t, l->at, "the quote that opens here is not closed on this line");
        return;
    }
    if (class_of(close + 1) == WORD || class_of(close + 1) == BACKSLASH) {
        wrong(t, close + 1, "a blank is missing after the closing quote");
        return;
    }
    t->kind = LEX_QUOTED;
    t->text = l->at + 1;
    t->len = (size_t)(close - t->text);
    l->at = close + 1;
}

static const char *closing_quote(const char *p, bool *escaped)
{
    for (;; p++) {
        switch (class_of(p)) {
        case QUOTE:
            return p;
        case NEWLINE:
        case NUL:
            return NULL;
        case BACKSLASH:
            *escaped = true;
            if (word_escape(p) == NULL) {
                return NULL;
            }
            p++;
            break;
        default:
            break;
        }
    }
}

static void wrong(struct lex_token *t, const char *at, const char *why)
{
    t->kind = LEX_WRONG;
    t->text = at;
    t->len = 0;
    t->why = why;
}

const char *lex_skip(struct lex *l)
{
    const char *p = l->at;
    while (p < l->end && (*p != '\n' || l->depth > 0)) {
        if ((size_t)(p - l->entry) > LEX_ENTRY_MOST && l->depth > 0) {
            break;
        }
        p = skip_one(l, p);
    }
    l->at = p;
    if (l->depth == 0) {
        return NULL;
    }
    const char *open = l->open;
    resume_behind(l, open);
    return open;
}

/* Behind the octet, escape, quoted string or comment at p. */
static const char *skip_one(struct lex *l, const char *p)
{
    bool escaped = false;
    const char *next = NULL;
    switch (class_of(p)) {
    case NEWLINE:
        l->number++;
        l->line = p + 1;
        break;
    case OPEN:
        l->open = l->depth == 0 ? p : l->open;
        l->depth++;
        break;
    case CLOSE:
        l->depth -= l->depth > 0;
        break;
    case BACKSLASH:
        next = word_escape(p);
        break;
    case QUOTE:
        next = closing_quote(p + 1, &escaped);
        next = next != NULL ? next + 1 : memchr(p, '\n', (size_t)(l->end - p));
        next = next != NULL ? next : l->end;
        break;
    case COMMENT:
        next = memchr(p, '\n', (size_t)(l->end - p));
        next = next != NULL ? next : l->end;
        break;
    default:
        break;
    }
    return next != NULL ? next : p + 1;
}

/* Stands at the newline before the first line behind `open` that begins like an entry of its own;
 * at the end if there is none, or if too many parentheses were left open already. */
static void resume_behind(struct lex *l, const char *open)
{
    l->depth = 0;
    l->unclosed++;
    l->number = l->entry_number;
    for (const char *p = l->entry; p < open; p++) {
        l->number += *p == '\n';
    }
    const char *p =
        l->unclosed > UNCLOSED_MOST ? NULL : memchr(open, '\n', (size_t)(l->end - open));
    while (p != NULL) {
        enum octet c = class_of(p + 1);
        if (c != BLANK && c != COMMENT && c != CLOSE && c != NEWLINE) {
            break;
        }
        l->number++;
        p = memchr(p + 1, '\n', (size_t)(l->end - p - 1));
    }
    l->at = p != NULL ? p : l->end;
}

void lex_where(const struct lex *l, const char *at, struct place *p)
{
    const char *begin = l->entry;
    const char *newline;
    p->line = l->entry_number;
    while ((newline = memchr(begin, '\n', (size_t)(at - begin))) != NULL) {
        begin = newline + 1;
        p->line++;
    }
    const char *end = memchr(at, '\n', (size_t)(l->end - at));
    end = end != NULL ? end : l->end;
    if (end > begin && end[-1] == '\r') {
        end--;
    }
    p->column = (unsigned)(at - begin) + 1;
    p->source = begin;
    p->source_len = (size_t)(end - begin);
}
