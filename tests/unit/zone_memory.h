/* zone_memory.h - zone files in memory, for the tests of zone/. */
#ifndef SETTLED_TESTS_UNIT_ZONE_MEMORY_H
#define SETTLED_TESTS_UNIT_ZONE_MEMORY_H

#include "cases.h"
#include "wire/rrtype.h"
#include "zone/build.h"
#include "zone/text.h"
#include <string.h>

struct zone_file {
    const char *path, *text;
    size_t len;     /* 0: of the text */
    uint64_t inode; /* 0: none */
};
struct zone_disk {
    struct zone_file files[8]; /* the last without a path */
};

static inline bool zone_disk_read(void *ctx, const char *path, struct buf *out, struct file_id *id,
                                  struct oops *o)
{
    const struct zone_disk *disk = ctx;
    for (const struct zone_file *f = disk->files; f->path != NULL; f++) {
        if (strcmp(f->path, path) == 0) {
            size_t len = f->len == 0 ? strlen(f->text) : f->len;
            *id = (struct file_id){.device = 1, .inode = f->inode, .size = len > 0 ? len : 1};
            buf_add(out, f->text, len);
            return !out->failed || oops(o, "%s: too large", path);
        }
    }
    return oops(o, "%s: no such file", path);
}

static inline bool zone_disk_part(void *ctx, const char *path, uint64_t offset, struct buf *out,
                                  struct file_id *id, struct oops *o)
{
    struct buf whole = {.len = 0};
    size_t room = out->limit - out->len, rest = 0;
    bool ok = zone_disk_read(ctx, path, &whole, id, o);
    if (offset < whole.len) {
        rest = whole.len - (size_t)offset;
        buf_add(out, whole.data + offset, rest < room ? rest : room);
    }
    buf_free(&whole);
    return ok;
}

/* What a reading gave: records as text, the report, the files seen. */
struct zone_heard {
    struct buf records, files;
    struct report report;
    bool ok;
    unsigned count, most; /* most: stop behind so many records; 0: never */
};

static inline bool zone_hear_record(void *ctx, const struct record *rr, const struct place *at)
{
    struct zone_heard *h = ctx;
    ck_assert(at->line > 0 && at->column == 1 && at->file != NULL);
    record_print(rr, &h->records);
    return ++h->count != h->most;
}

static inline void zone_hear_file(void *ctx, const char *path, const struct file_id *id)
{
    struct zone_heard *h = ctx;
    buf_print(&h->files, "%s%s\n", path, id->size == 0 ? " (unread)" : "");
}

/* Reads the first file of the disk as the zone example.com. */
static inline void zone_hear_limited(struct zone_disk *disk, struct zone_text_limits limits,
                                     struct zone_heard *h)
{
    struct name apex;
    struct files files = {.read = zone_disk_read, .ctx = disk};
    ck_assert(name_from("example.com", &apex));
    struct zone_text text = {.apex = apex.octets,
                             .path = disk->files[0].path,
                             .files = &files,
                             .limits = limits,
                             .record = zone_hear_record,
                             .file = zone_hear_file,
                             .ctx = h};
    h->ok = zone_text_read(&text, &h->report);
}

static inline void zone_hear(struct zone_disk *disk, struct zone_heard *h)
{
    zone_hear_limited(disk, (struct zone_text_limits){.bytes = 0}, h);
}

static inline void zone_heard_free(struct zone_heard *h)
{
    buf_free(&h->records);
    buf_free(&h->files);
    report_free(&h->report);
}

/* One faulty line, behind "$TTL 60": the whole finding, with line and caret. */
struct zone_fault {
    const char *line;
    unsigned column;
    const char *message;
};
static inline void zone_expect_fault(const struct zone_fault *f, const char *kind)
{
    struct buf text = {.len = 0}, expected = {.len = 0};
    struct zone_heard h = {.count = 0};
    buf_print(&text, "$TTL 60\n%s\n", f->line);
    struct zone_disk disk = {.files = {{.path = "z", .text = buf_text(&text)}}};
    zone_hear(&disk, &h);
    buf_print(&expected, "z:2:%u: %s: %s\n  %s\n  %*s^\n", f->column, kind, f->message, f->line,
              (int)f->column - 1, "");
    ck_assert_str_eq(buf_text(&h.report.text), buf_text(&expected));
    ck_assert_uint_eq(h.report.errors + h.report.warnings, 1);
    ck_assert(h.ok == (h.report.errors == 0));
    zone_heard_free(&h);
    buf_free(&text);
    buf_free(&expected);
}

/* The records that a text gives without any finding. */
static inline void zone_expect_records(const char *text, const char *records)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = text}}};
    struct zone_heard h = {.count = 0};
    zone_hear(&disk, &h);
    ck_assert_str_eq(buf_text(&h.report.text), "");
    ck_assert(h.ok);
    ck_assert_str_eq(buf_text(&h.records), records);
    zone_heard_free(&h);
}

/* Presentation rdata to wire, to text again: `shown` NULL means the same text. */
static inline void zone_expect_rdata(const char *type, const char *text, const char *hex,
                                     const char *shown)
{
    uint16_t code;
    struct name origin;
    struct buf wire = {.len = 0}, back = {.len = 0}, digits = {.len = 0};
    const char *why = "";
    size_t at = 0;
    ck_assert(rrtype_parse(type, strlen(type), &code) && name_from("example.com", &origin));
    bool ok = rdata_parse(code, text, strlen(text), origin.octets, &wire, &why, &at);
    ck_assert_msg(ok, "%s %s: %s at %zu", type, text, why, at);
    for (size_t i = 0; i < wire.len; i++) {
        buf_print(&digits, "%02x", wire.data[i]);
    }
    if (hex != NULL) {
        ck_assert_str_eq(buf_text(&digits), hex);
    }
    rdata_print(code, wire.data, wire.len, &back);
    ck_assert_str_eq(buf_text(&back), shown != NULL ? shown : text);
    size_t len = wire.len;
    struct buf again = {.len = 0};
    ck_assert(rdata_parse(code, buf_text(&back), back.len, name_root, &again, &why, &at));
    ck_assert_uint_eq(again.len, len);
    ck_assert(len == 0 || memcmp(again.data, wire.data, len) == 0);
    buf_free(&wire);
    buf_free(&back);
    buf_free(&digits);
    buf_free(&again);
}

/* Presentation rdata that is wrong, where, and why (the beginning of it). */
static inline void zone_expect_no_rdata(const char *type, const char *text, size_t place,
                                        const char *reason)
{
    uint16_t code;
    struct buf wire = {.len = 0};
    const char *why = "";
    size_t at = 9999;
    ck_assert(rrtype_parse(type, strlen(type), &code));
    bool ok = rdata_parse(code, text, strlen(text), name_root, &wire, &why, &at);
    ck_assert_msg(!ok, "%s %s is taken", type, text);
    ck_assert_msg(strncmp(why, reason, strlen(reason)) == 0, "%s %s: %s", type, text, why);
    ck_assert_msg(at == place, "%s %s: at %zu", type, text, at);
    ck_assert_uint_eq(wire.len, 0);
    buf_free(&wire);
}

#endif
