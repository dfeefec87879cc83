/* text.c - zone text to records: one run over all files, and what is said about them (RFC 1035
 * 5).
 * Called by intake.c and by tools, on any thread; all state is in one struct reading on the
 * stack. An error ends its entry, not the reading: all errors of all files come out at once.
 * Nothing is allocated per record. */
#include "zone/text.h"
#include "zone/reading.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_limits(struct reading *r);
static void read_entries(struct reading *r);
static void report_wrong(struct reading *r);
static void find_place(const struct reading *r, const char *at, struct place *p);

bool zone_text_read(const struct zone_text *t, struct report *report)
{
    unsigned errors = report->errors;
    struct reading r = {.text = t, .limits = t->limits, .report = report, .entries = read_entries};
    set_limits(&r);
    name_copy(&r.origin, t->apex);
    words_origin(&r.words, r.origin.octets);
    if (!include_file(&r, t->path, NULL)) {
        struct place place = {.file = t->path};
        report_error(report, &place, "%s", r.wrong.text);
    }
    buf_free(&r.rdata);
    return report->errors == errors && !r.stopped;
}

static void set_limits(struct reading *r)
{
    struct zone_text_limits *l = &r->limits;
    l->bytes = l->bytes != 0 ? l->bytes : UINT64_C(1) << 30;
    l->records = l->records != 0 ? l->records : 20 * 1000 * 1000;
    l->include_depth = l->include_depth != 0 ? l->include_depth : 8;
    l->generate = l->generate != 0 ? l->generate : 100 * 1000;
}

/* All entries of the innermost file. */
static void read_entries(struct reading *r)
{
    struct lex *lex = r->words.lex;
    struct parts_cursor parts;
    struct piece_cursor pieces;
    parts_start(r, &parts);
    piecing_start(r, &pieces);
    while (!r->stopped && window_slide(r) && lex_entry(lex)) {
        if (parts_take(r, &parts) || piecing_take(r)) {
            continue;
        }
        r->words.doubt.at = NULL;
        words_next(&r->words);
        if (!words_end(&r->words) && !reading_entry(r)) {
            report_wrong(r);
        }
    }
    piecing_end(r, &pieces);
    parts_end(r, &parts);
}

bool reading_entry(struct reading *r)
{
    const struct lex_token *t = &r->words.token;
    bool blank = lex_blank_start(r->words.lex);
    if (t->kind == LEX_WORD && t->text[0] == '$' && !blank) {
        r->gave_up = r->is_part;
        return r->is_part || reading_directive(r);
    }
    return reading_record(r, blank);
}

/* ---- what is wrong ---- */

bool reading_wrong(struct reading *r, const char *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->wrong.text, sizeof r->wrong.text, format, args);
    va_end(args);
    r->wrong.at = at;
    return false;
}

bool reading_wrong_word(struct reading *r, const char *about)
{
    const struct words_fault *f = &r->words.fault;
    bool question = f->word != NULL && strstr(f->hint, "did you mean") != NULL;
    return reading_wrong(r, f->at, "%s%s%s: %s%s%s%s%s", about, f->field != NULL ? " " : "",
                         f->field != NULL ? f->field : "", f->why, f->hint != NULL ? f->hint : "",
                         f->word != NULL ? " " : "", f->word != NULL ? f->word : "",
                         question ? "?" : "");
}

void reading_stop(struct reading *r, const char *format, ...)
{
    char text[256];
    struct place place = {.file = NULL};
    va_list args;
    if (r->is_part) {
        r->gave_up = true;
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    find_place(r, r->source->lex.entry, &place);
    report_error(r->report, &place, "%s", text);
    r->stopped = true;
}

/* Goes to the end of the entry and says what was wrong; a parenthesis never closed is the cause of
 * all that followed it. */
static void report_wrong(struct reading *r)
{
    struct buf stack = {.len = 0};
    struct place place = {.file = NULL};
    const char *open = lex_skip(r->words.lex);
    if (open != NULL) {
        reading_wrong(r, open, "this '(' is never closed%s",
                      r->words.lex->at == r->words.lex->end ? "; the rest of the file is not read"
                                                            : "");
    }
    find_place(r, r->wrong.at, &place);
    include_stack(r->source, &stack);
    report_error(r->report, &place, "%s%s", r->wrong.text, buf_text(&stack));
    buf_free(&stack);
}

void reading_doubt(struct reading *r)
{
    reading_warn(r, r->words.doubt.at, "%s", r->words.doubt.why);
    r->words.doubt.at = NULL;
}

void reading_warn(struct reading *r, const char *at, const char *format, ...)
{
    char text[1500];
    struct buf stack = {.len = 0};
    struct place place = {.file = NULL};
    va_list args;
    if (r->is_part) {
        r->gave_up = true;
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    find_place(r, at, &place);
    include_stack(r->source, &stack);
    report_warning(r->report, &place, "%s%s", text, buf_text(&stack));
    buf_free(&stack);
}

static void find_place(const struct reading *r, const char *at, struct place *p)
{
    p->file = r->source->path;
    lex_where(&r->source->lex, r->made_at != NULL ? r->made_at : at, p);
}
