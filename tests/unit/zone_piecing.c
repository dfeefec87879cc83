/* zone_piecing.c - what is known of a text is not read again, and what is not for certain known
 * is. That nothing else comes of it than without is in zone_beside.c. */
#include "cases.h"
#include "zone/pieces.h"
#include "zone_memory.h"

struct text_reader {
    struct zone_disk disk;
    struct buf met; /* owners, as they come */
    struct report report;
    struct pieces *old;
    bool has_part;
};

static bool hear(void *ctx, const struct record *rr, const struct place *at)
{
    char owner[NAME_TEXT];
    struct text_reader *r = ctx;
    buf_print(&r->met, "%s:%u ", name_print(rr->owner, owner), at->line);
    return true;
}

static bool known(void *ctx, uint64_t key, size_t *index)
{
    const struct text_reader *r = ctx;
    for (size_t i = 0; i < r->old->count; i++) {
        if (r->old->list[i].sound && r->old->list[i].key == key) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool read_whole(void *ctx, const char *path, struct buf *out, struct file_id *id,
                       struct oops *o)
{
    return zone_disk_read(&((struct text_reader *)ctx)->disk, path, out, id, o);
}

static bool read_part(void *ctx, const char *path, uint64_t offset, struct buf *out,
                      struct file_id *id, struct oops *o)
{
    return zone_disk_part(&((struct text_reader *)ctx)->disk, path, offset, out, id, o);
}

/* Gives the pieces of the text; those of r->old are known. */
static struct pieces *look(struct text_reader *r, const char *text, const char *included)
{
    struct name apex;
    bool needs_whole = false;
    struct files files = {.read = read_whole, .part = r->has_part ? read_part : NULL, .ctx = r};
    struct zone_text_piecing piecing = {.pieces = pieces_new((const uint8_t *)"\7example", 5, 16),
                                        .old = r->old,
                                        .known = r->old != NULL ? known : NULL,
                                        .ctx = r,
                                        .room = UINT64_MAX};
    ck_assert(name_from("example", &apex));
    buf_free(&r->met);
    report_free(&r->report);
    r->disk.files[0] = (struct zone_file){.path = "z", .text = text};
    r->disk.files[1] = (struct zone_file){.path = "inc", .text = included};
    struct zone_text t = {.apex = apex.octets,
                          .path = "z",
                          .files = &files,
                          .record = hear,
                          .ctx = r,
                          .window = 4096,
                          .needs_whole = &needs_whole,
                          .piecing = &piecing};
    ck_assert_msg(zone_text_read(&t, &r->report), "%s", buf_text(&r->report.text));
    ck_assert(!piecing.pieces->failed && !piecing.lost);
    return piecing.pieces;
}

/* Of `to`, when `from` is known, that is read. */
static void expect_read(const char *from, const char *to, const char *included, const char *met)
{
    for (unsigned i = 0; i < 2; i++) {
        struct text_reader r = {.has_part = i > 0};
        r.old = look(&r, from, "in A 192.0.2.1\n");
        struct pieces *again = look(&r, to, included);
        ck_assert_str_eq(buf_text(&r.met), met);
        pieces_free(again);
        pieces_free(r.old);
        buf_free(&r.met);
        report_free(&r.report);
    }
}

#define HEAD "$TTL 60\n"
#define A    "a A 192.0.2.1\na A 192.0.2.2\n"
#define B    "b A 192.0.2.1\nb A 192.0.2.2\n"
#define C    "c A 192.0.2.1\nc A 192.0.2.2\n"
#define LAST "; a cut is decided by what comes behind it, so here is enough of that ...\n"

START_TEST(what_is_known_is_not_read)
{
    expect_read(HEAD A B C, HEAD A B C, "", "");
    expect_read(HEAD A B C A B C LAST, HEAD A B C LAST, "", "");
    expect_read(HEAD A B C LAST, HEAD A B C LAST "d A 192.0.2.1", "", "d.example:9 ");
    expect_read(HEAD A B C LAST, HEAD C B A LAST, "",
                "c.example:2 c.example:3 b.example:4 b.example:5 a.example:6 a.example:7 ");
    expect_read(HEAD A B C LAST, "$TTL 61\n" A B C LAST, "",
                "a.example:2 a.example:3 b.example:4 b.example:5 c.example:6 c.example:7 ");
    expect_read(HEAD A B C LAST, "; moved by a line\n" HEAD A B C LAST, "",
                "a.example:3 a.example:4 b.example:5 ");
}
END_TEST

START_TEST(what_is_said_is_said_again)
{
    expect_read(HEAD "out.zone. A 192.0.2.1\n", HEAD "out.zone. A 192.0.2.1\n", "", "");
    struct text_reader r = {.old = NULL};
    r.old = look(&r, HEAD A "x.other. A 192.0.2.1\n" B, "");
    unsigned warnings = r.report.warnings;
    struct pieces *again = look(&r, HEAD A "x.other. A 192.0.2.1\n" B, "");
    ck_assert(warnings == 1 && r.report.warnings == 1);
    pieces_free(again);
    pieces_free(r.old);
    buf_free(&r.met);
    report_free(&r.report);
}
END_TEST

TCase *case_zone_piecing(void)
{
    TCase *c = tcase_create("zone_piecing");
    tcase_add_test(c, what_is_known_is_not_read);
    tcase_add_test(c, what_is_said_is_said_again);
    return c;
}
