/* zone_window.c - a text read in parts gives what it gives whole, or says that it cannot be. */
#include "base/rand.h"
#include "cases.h"
#include "zone_memory.h"

struct seen { /* what a reading gave, as a hash: its text would be millions of octets */
    uint64_t count, sum;
    unsigned last_line;
    struct report report;
    bool ok, needs_whole;
    unsigned parts; /* that were read */
    struct zone_disk disk;
    unsigned change_at; /* the file is another from that part on; 0: never */
};

static bool see(void *ctx, const struct record *rr, const struct place *at)
{
    struct seen *s = ctx;
    s->count++;
    s->last_line = at->line;
    s->sum = s->sum * 31 + name_hash(rr->owner, at->line) +
             rdata_hash(rr->type, rr->rdata, rr->rdlen, at->source_len) + rr->ttl;
    return true;
}

static bool read_part(void *ctx, const char *path, uint64_t offset, struct buf *out,
                      struct file_id *id, struct oops *o)
{
    struct seen *s = ctx;
    bool ok = zone_disk_part(&s->disk, path, offset, out, id, o);
    id->mtime_ns = ++s->parts >= s->change_at && s->change_at > 0;
    return ok;
}

static bool read_whole(void *ctx, const char *path, struct buf *out, struct file_id *id,
                       struct oops *o)
{
    struct seen *s = ctx;
    return zone_disk_read(&s->disk, path, out, id, o);
}

static void hear(struct seen *s, struct buf *text, size_t window)
{
    struct name apex;
    struct files files = {.read = read_whole, .part = read_part, .ctx = s};
    ck_assert(name_from("example.com", &apex));
    s->disk = (struct zone_disk){.files = {{.path = "z", .text = buf_text(text), .len = text->len},
                                           {.path = "sub", .text = "in A 192.0.2.1\nin BAD\n"}}};
    struct zone_text t = {.apex = apex.octets,
                          .path = "z",
                          .files = &files,
                          .record = see,
                          .ctx = s,
                          .window = window,
                          .needs_whole = &s->needs_whole};
    s->ok = zone_text_read(&t, &s->report);
}

/* More than two windows of entries of every form; some are wrong. */
static void write_text(struct buf *out, struct rand *r)
{
    buf_print(out, "\xef\xbb\xbf$TTL 60\n@ SOA ns h 1 1h 1h 1w 1h\n");
    for (unsigned i = 0; out->len < 3500000; i++) {
        switch (rand_below(r, 200)) {
        case 0:
            buf_print(out, "t%u TXT ( ; here\n", i);
            for (unsigned n = rand_below(r, 2000); n > 0; n--) {
                buf_print(out, "  \"some text %u\" ; ) and a comment\n", n);
            }
            buf_print(out, ")\n");
            break;
        case 1:
            buf_print(out, "; %0*u\n\n \n", 60000, i);
            break;
        case 2:
            buf_print(out, rand_below(r, 20) == 0 ? "w%u A 192.0.2\n" : "$ORIGIN o%u\n", i);
            break;
        case 3:
            buf_print(out, "$ORIGIN example.com.\n");
            break;
        case 4:
            buf_print(out, rand_below(r, 20) == 0 ? "$INCLUDE sub\n" : "\tTXT %u\r\n", i);
            break;
        default:
            buf_print(out, "n%u A 192.0.2.%u\n", i, i % 256);
        }
    }
}

static void expect_same(struct buf *text, unsigned parts)
{
    struct seen whole = {.count = 0}, window = {.count = 0};
    hear(&whole, text, 0);
    hear(&window, text, 100000);
    ck_assert_uint_eq(whole.parts, 0);
    ck_assert_uint_ge(window.parts, parts);
    ck_assert(!window.needs_whole && window.ok == whole.ok);
    ck_assert_uint_eq(window.count, whole.count);
    ck_assert_uint_eq(window.last_line, whole.last_line);
    ck_assert_uint_eq(window.sum, whole.sum);
    ck_assert_uint_eq(window.report.errors, whole.report.errors);
    ck_assert_str_eq(buf_text(&window.report.text), buf_text(&whole.report.text));
    report_free(&whole.report);
    report_free(&window.report);
}

static void expect_no_window(struct buf *text, unsigned change_at)
{
    struct seen s = {.change_at = change_at};
    hear(&s, text, 100000);
    ck_assert(s.needs_whole && !s.ok);
    report_free(&s.report);
}

START_TEST(parts_give_the_whole)
{
    struct rand r;
    rand_seed(&r, 77);
    for (unsigned i = 0; i < 2; i++) {
        struct buf text = {.len = 0};
        write_text(&text, &r);
        expect_same(&text, 15);
        buf_free(&text);
    }
}
END_TEST

START_TEST(small_files_are_one_part)
{
    struct buf text = {.len = 0};
    buf_print(&text, "$TTL 60\na A 192.0.2.1\n(\n$INCLUDE sub");
    expect_same(&text, 1);
    buf_free(&text);
}
END_TEST

START_TEST(what_fits_no_window_is_read_whole)
{
    struct buf text = {.len = 0};
    buf_print(&text, "$TTL 60\na A 192.0.2.1 ; %0*u", 3000000, 1);
    expect_no_window(&text, 0); /* a line without an end */
    text.len = 0;
    buf_print(&text, "$TTL 60\na TXT (");
    while (text.len < 3000000) {
        buf_print(&text, "\n   1");
    }
    expect_no_window(&text, 0); /* a parenthesis never closed */
    text.len = 0;
    while (text.len < 3000000) {
        buf_print(&text, "a 60 A 192.0.2.1\n");
    }
    expect_same(&text, 10);
    expect_no_window(&text, 5); /* another file from there on */
    buf_free(&text);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_read_whole)
{
    struct seen s = {.count = 0};
    struct buf text = {.len = 0};
    buf_print(&text, "$INCLUDE nothing\n");
    hear(&s, &text, 100000);
    ck_assert(s.needs_whole && !s.ok);
    report_free(&s.report);
    buf_free(&text);
}
END_TEST

TCase *case_zone_window(void)
{
    TCase *c = tcase_create("zone_window");
    tcase_add_test(c, parts_give_the_whole);
    tcase_add_test(c, small_files_are_one_part);
    tcase_add_test(c, what_fits_no_window_is_read_whole);
    tcase_add_test(c, a_file_that_is_not_there_is_read_whole);
    return c;
}
