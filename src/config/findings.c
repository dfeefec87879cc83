/* findings.c - collecting what is wrong, then telling it in the order of the text.
 * Files are read in several rounds (peers before zones), but a person reads from top to bottom.
 * One thread at a time. */
#include "config/findings.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE_MOST 1024

struct finding {
    struct finding *older;
    struct spot at;
    unsigned number; /* ties: the one found first comes first */
    const char *sentence;
};

static struct finding **sorted(const struct findings *f);
static int by_place(const void *a, const void *b);
static int compare(unsigned a, unsigned b);
static void tell(const struct finding *one, struct lines *lines, struct report *report);

void finding_add(struct findings *f, struct spot at, const char *format, ...)
{
    char sentence[SENTENCE_MOST];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    struct finding *one = arena_get(f->arena, sizeof *one);
    const char *text = arena_text(f->arena, sentence);
    if (text != NULL) {
        *one = (struct finding){f->newest, at, f->count, text};
        f->newest = one;
        f->count++;
    }
}

void findings_tell(struct findings *f, struct report *report)
{
    if (f->count == 0) {
        return;
    }
    struct finding **all = sorted(f);
    struct lines lines = {.source = NULL};
    for (unsigned i = 0; all != NULL && i < f->count; i++) {
        tell(all[i], &lines, report);
    }
}

static struct finding **sorted(const struct findings *f)
{
    struct finding **all = arena_get(f->arena, f->count * sizeof *all);
    unsigned i = 0;
    for (struct finding *one = f->newest; all != NULL && one != NULL; one = one->older) {
        all[i++] = one;
    }
    if (all != NULL) {
        qsort(all, f->count, sizeof *all, by_place);
    }
    return all;
}

static int by_place(const void *a, const void *b)
{
    const struct finding *x = *(struct finding *const *)a, *y = *(struct finding *const *)b;
    int order = compare(x->at.source->order, y->at.source->order);
    order = order != 0 ? order : compare(x->at.line, y->at.line);
    order = order != 0 ? order : compare(x->at.column, y->at.column);
    return order != 0 ? order : compare(x->number, y->number);
}

static int compare(unsigned a, unsigned b)
{
    return a < b ? -1 : a > b;
}

static void tell(const struct finding *one, struct lines *lines, struct report *report)
{
    const struct source *s = one->at.source;
    struct place p = {.file = s->path, .line = one->at.line, .column = one->at.column};
    if (s->text != NULL && p.line != 0) {
        p.source = lines_to(lines, s, p.line, &p.source_len);
        p.column = (unsigned)text_octets(p.source, p.source_len, p.column - 1) + 1;
    }
    report_error(report, &p, "%s", one->sentence);
}
