/* fuzz_zone.c - any octets as the files of a zone: z, which is read, and a and b for $INCLUDE, parted
 * by lines of "%%%%". Whatever is accepted is printed, and must read back as the same zone; every
 * error has its place. Read in small parts, as large files are, it is the same in every word; and so
 * it is as an edit of a text that is remembered piece by piece. */
#include "zone/build.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART  "\n%%%%\n"
#define FILES 3

struct input {
    const char *names[FILES];
    const uint8_t *data[FILES];
    size_t size[FILES];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static struct input part(const uint8_t *data, size_t size);
static bool read_input(void *ctx, const char *path, struct buf *out, struct file_id *id,
                       struct oops *o);
static void build(struct zone_line *line, struct zone_version *base, struct input *from,
                  const struct hands *hands, struct zone_built *out);
static void run(struct zone_job *job, struct input *from, struct zone_built *out);
static void build_in_parts(struct input *from, struct zone_built *alone);
static void build_as_edit(struct input *from);
static void edit(struct zone_line *line, uint64_t share_from, struct input *before,
                 struct input *from, struct zone_built *out);
static struct input without_lines(const struct input *from, struct buf *text);
static void expect_same(struct zone_built *a, struct zone_built *b);
static void check_report(struct report *report);
static void print(const struct zone_version *v, struct buf *out);

static const uint8_t apex[] = "\7example\3com";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = part(data, size);
    struct zone_line *line = zone_line_new(apex, 1);
    must(line != NULL);
    struct zone_built built, again;
    build(line, NULL, &input, NULL, &built);
    check_report(&built.report);
    build_in_parts(&input, &built);
    build_as_edit(&input);
    if (built.ok) {
        struct buf text = {.len = 0};
        print(built.next, &text);
        must(!text.failed);
        struct input printed = {.names = {"z"}, .data = {text.data}, .size = {text.len}};
        build(line, built.next, &printed, NULL, &again);
        if (!again.ok || !again.same) {
            fprintf(stderr, "%s\n%s", buf_text(&text), buf_text(&again.report.text));
        }
        must(again.ok && again.same);
        buf_free(&text);
        zone_built_free(&again);
        (void)zone_release(built.next);
    }
    zone_built_free(&built);
    zone_line_free(line);
    return 0;
}

static struct input part(const uint8_t *data, size_t size)
{
    struct input input = {.names = {"z", "a", "b"}, .data = {data}, .size = {size}};
    for (int i = 1; i < FILES; i++) {
        const uint8_t *last = input.data[i - 1];
        const uint8_t *at =
            last == NULL ? NULL : memmem(last, input.size[i - 1], PART, strlen(PART));
        if (at == NULL) {
            break;
        }
        input.data[i] = at + strlen(PART);
        input.size[i] = (size_t)(last + input.size[i - 1] - input.data[i]);
        input.size[i - 1] = (size_t)(at - last);
    }
    return input;
}

static bool read_input(void *ctx, const char *path, struct buf *out, struct file_id *id,
                       struct oops *o)
{
    const struct input *input = ctx;
    for (unsigned i = 0; i < FILES; i++) {
        if (input->data[i] != NULL && strcmp(path, input->names[i]) == 0) {
            *id = (struct file_id){.inode = i + 1, .size = input->size[i]};
            buf_add(out, input->data[i], input->size[i]);
            return !out->failed || oops(o, "%s: too large", path);
        }
    }
    return oops(o, "%s: no such file", path);
}

/* Small limits: what is to be found does not need more, and costs less. */
static void build(struct zone_line *line, struct zone_version *base, struct input *from,
                  const struct hands *hands, struct zone_built *out)
{
    struct zone_job job = {.line = line, .base = base, .hands = hands};
    run(&job, from, out);
}

static void run(struct zone_job *job, struct input *from, struct zone_built *out)
{
    struct files files = {.read = read_input, .ctx = from};
    job->kind = ZONE_JOB_FILE;
    job->apex = apex;
    job->path = "z";
    job->files = &files;
    job->limits = (struct zone_text_limits){.bytes = 1 << 22, .records = 5000, .generate = 300};
    zone_build(job, out);
    must(out->ok == (out->next != NULL || out->same));
    for (unsigned i = 0; i < out->file_count; i++) {
        for (unsigned k = 0; k < i; k++) {
            must(strcmp(out->files[i].path, out->files[k].path) != 0);
        }
    }
}

/* The last part first: nothing may depend on their order. */
static void run_backwards(void *ctx, unsigned parts, void (*work)(void *arg, unsigned index),
                          void *arg)
{
    (void)ctx;
    while (parts > 0) {
        work(arg, --parts);
    }
}

static void build_in_parts(struct input *from, struct zone_built *alone)
{
    struct hands hands = {.count = 3, .run = run_backwards, .least = 1 + from->size[0] % 50};
    struct zone_line *line = zone_line_new(apex, 1);
    must(line != NULL);
    struct zone_built built;
    build(line, NULL, from, &hands, &built);
    if (strcmp(buf_text(&built.report.text), buf_text(&alone->report.text)) != 0) {
        fprintf(stderr, "alone:\n%s\nin parts:\n%s", buf_text(&alone->report.text),
                buf_text(&built.report.text));
        must(!"the same is said");
    }
    expect_same(alone, &built);
    if (built.ok) {
        (void)zone_release(built.next);
    }
    zone_built_free(&built);
    zone_line_free(line);
}

/* From the text without some of its lines to all of it, by pieces and in all. */
static void build_as_edit(struct input *from)
{
    struct zone_line *line[2] = {zone_line_new(apex, 1), zone_line_new(apex, 1)};
    struct zone_built built[2];
    struct buf text = {.len = 0};
    struct input before = without_lines(from, &text);
    must(line[0] != NULL && line[1] != NULL);
    for (int i = 0; i < 2; i++) {
        edit(line[i], i == 0 ? 1 : UINT64_MAX, &before, from, &built[i]);
    }
    expect_same(&built[0], &built[1]);
    for (int i = 0; i < 2; i++) {
        if (built[i].next != NULL) {
            (void)zone_release(built[i].next);
        }
        zone_built_free(&built[i]);
        zone_line_free(line[i]);
    }
    buf_free(&text);
}

static void edit(struct zone_line *line, uint64_t share_from, struct input *before,
                 struct input *from, struct zone_built *out)
{
    struct zone_job job = {.line = line,
                           .share_from = share_from,
                           .share_room = 1 << 20,
                           /* below 16 many owners have the same hash */
                           .piece_least = 8 + from->size[0] % 60};
    run(&job, before, out);
    job.base = out->next;
    zone_built_free(out);
    run(&job, from, out);
    if (job.base != NULL) {
        (void)zone_release(job.base);
    }
}

static struct input without_lines(const struct input *from, struct buf *text)
{
    struct input out = *from;
    size_t third = from->size[0] / 3;
    const uint8_t *begin = from->data[0] + third, *end = begin + third / 2;
    const uint8_t *first = memchr(begin, '\n', third), *last = memchr(end, '\n', third);
    if (first != NULL && last != NULL && first < last) {
        buf_add(text, from->data[0], (size_t)(first - from->data[0]));
        buf_add(text, last, (size_t)(from->data[0] + from->size[0] - last));
        out.data[0] = text->data;
        out.size[0] = text->len;
    }
    return out;
}

static void expect_same(struct zone_built *a, struct zone_built *b)
{
    if (strcmp(buf_text(&a->report.text), buf_text(&b->report.text)) != 0) {
        fprintf(stderr, "one:\n%s\nother:\n%s", buf_text(&a->report.text),
                buf_text(&b->report.text));
        must(!"the same is said");
    }
    must(a->ok == b->ok && a->same == b->same && a->file_count == b->file_count);
    must(a->counted_before == b->counted_before && a->counted_after == b->counted_after);
    must((a->next != NULL) == (b->next != NULL));
    if (a->next != NULL) {
        struct buf one = {.len = 0}, other = {.len = 0};
        print(a->next, &one);
        print(b->next, &other);
        must(strcmp(buf_text(&one), buf_text(&other)) == 0);
        buf_free(&one);
        buf_free(&other);
    }
}

/* Findings are lines "FILE:LINE:COLUMN: error: sentence", then the indented source and caret. */
static void check_report(struct report *report)
{
    unsigned errors = 0;
    for (const char *line = buf_text(&report->text); *line != '\0';) {
        size_t len = strcspn(line, "\n");
        const char *error = memmem(line, len, ": error: ", 9);
        unsigned number, column;
        for (size_t i = 0; i < len; i++) {
            must((uint8_t)line[i] >= ' ' || line[i] == '\t');
        }
        if (*line != ' ' && error != NULL) {
            errors++;
            must(memmem(line, len, "the zone has no SOA", 19) != NULL ||
                 sscanf(line, "%*[^:]:%u:%u: error:", &number, &column) == 2);
        }
        line += len + 1;
    }
    must((errors > 0) == (report->errors > 0) && errors <= report->errors);
    must((report_first(report)[0] != '\0') == (report->errors > 0));
}

static void print(const struct zone_version *v, struct buf *out)
{
    struct zone_walk w;
    struct name owner;
    struct zone_node node;
    struct rrset set;
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &node);) {
        for (unsigned at = 0; zone_rrset_next(node, &at, &set);) {
            struct record rr = {.owner = owner.octets, .type = set.type, .ttl = set.ttl};
            for (size_t i = 0; (rr.rdata = rrset_next(&set, &i, &rr.rdlen)) != NULL;) {
                must(rdata_check(rr.type, rr.rdata, rr.rdlen));
                record_print(&rr, out);
            }
        }
    }
}
