/* zone_skim.c - pieces that stand where they stood, in a text of which little is at hand. */
#include "cases.h"
#include "zone/skim.h"
#include <string.h>

#define WINDOW 5000 /* octets at hand */
#define STATE  ((const uint8_t *)"s")

struct file {
    struct buf text;
    uint64_t mtime;
    unsigned reads;
};

static bool read_part(void *ctx, const char *path, uint64_t offset, struct buf *out,
                      struct file_id *id, struct oops *o)
{
    struct file *f = ctx;
    size_t rest = f->text.len - offset;
    (void)path;
    (void)o;
    f->reads++;
    *id = (struct file_id){.size = f->text.len, .mtime_ns = (int64_t)f->mtime};
    buf_add(out, f->text.data + offset, rest < out->limit ? rest : out->limit);
    return true;
}

/* 600 KB, as a version was made of it. */
static struct pieces *write_file(struct file *f)
{
    struct pieces *p = pieces_new((const uint8_t *)"", 1, 0);
    char comment[900];
    memset(comment, 'c', sizeof comment);
    for (unsigned i = 0; i < 700; i++) {
        buf_print(&f->text, "owner%u A 192.0.2.1 ; %.*s\n", i, (int)sizeof comment, comment);
    }
    for (size_t at = 0, len; at < f->text.len; at += len) {
        const char *text = buf_text(&f->text) + at;
        len = pieces_cut(p, text, f->text.len - at);
        struct piece piece = {
            .len = (uint32_t)len, .key = pieces_key(p, text, len, STATE, 1), .sound = true};
        pieces_add(p, &piece);
    }
    ck_assert_uint_gt(p->count, 15);
    return p;
}

/* How many pieces from `first` on stand there. */
static size_t skim(struct file *f, const struct pieces *old, size_t first, const char *state)
{
    size_t window = f->text.len < WINDOW ? f->text.len : WINDOW;
    uint64_t at = 0;
    const struct files files = {.part = read_part, .ctx = f};
    struct zone_text_piecing piecing = {.old = old,
                                        .pieces = pieces_new((const uint8_t *)"", 1, 0)};
    const struct zone_text text = {.files = &files, .piecing = &piecing};
    const char *content = buf_text(&f->text);
    struct source source = {.path = "z",
                            .id = {.size = f->text.len},
                            .lex = {.entry = content, .end = content + window},
                            .behind = window,
                            .more = window < f->text.len};
    const struct reading r = {.text = &text, .source = &source};
    for (size_t i = 0; i < first; i++) {
        at += old->list[i].len;
    }
    struct skim s;
    skim_start(&s, &r, at, first);
    while (skim_next(&s, (const uint8_t *)state, 1)) {
        at += old->list[s.next - 1].len;
    }
    ck_assert_uint_eq(s.at, at);
    size_t met = s.next - first;
    skim_end(&s);
    pieces_free(piecing.pieces);
    return met;
}

START_TEST(what_stands_there_is_passed)
{
    struct file f = {.reads = 0};
    struct pieces *old = write_file(&f);
    ck_assert_uint_eq(skim(&f, old, 0, "s"), old->count);
    ck_assert(f.reads > 2 && f.reads < 6);
    ck_assert_uint_eq(skim(&f, old, 3, "s"), old->count - 3);
    ck_assert_uint_eq(skim(&f, old, old->count, "s"), 0);
    ck_assert_uint_eq(skim(&f, old, 0, "t"), 0);
    old->list[4].sound = false;
    ck_assert_uint_eq(skim(&f, old, 0, "s"), 4);
    pieces_free(old);
    buf_free(&f.text);
}
END_TEST

START_TEST(what_changed_is_not)
{
    struct file f = {.reads = 0};
    struct pieces *old = write_file(&f);
    size_t last = f.text.len - 1, first = old->list[0].len + old->list[1].len;
    f.text.data[last]++;
    ck_assert_uint_eq(skim(&f, old, 0, "s"), old->count - 1);
    f.text.data[last]--;
    f.text.data[first]++;
    ck_assert_uint_le(skim(&f, old, 0, "s"), 2); /* what comes behind decides, too */
    f.text.data[first]--;
    f.mtime = 1;
    ck_assert_uint_lt(skim(&f, old, 0, "s"), 3);
    pieces_free(old);
    buf_free(&f.text);
}
END_TEST

/* Another line behind the last piece belongs to it, unless one may begin there. */
START_TEST(a_piece_ends_only_where_one_may_begin)
{
    static const char *const lines[] = {" A 192.0.2.2\n", "; a comment\n", "\n", "$TTL 1\n"};
    struct file f = {.reads = 0};
    struct pieces *old = write_file(&f);
    size_t end = f.text.len;
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        f.text.len = end;
        buf_print(&f.text, "%s", lines[i]);
        ck_assert_uint_eq(skim(&f, old, 0, "s"), old->count - 1);
    }
    unsigned passed = 0;
    for (unsigned i = 0; i < 100; i++) {
        f.text.len = end;
        buf_print(&f.text, "other%u A 192.0.2.1\n", i);
        passed += skim(&f, old, old->count - 1, "s") == 1;
    }
    ck_assert(passed < 10 || old->list[old->count - 1].len >= old->most);
    f.text.len = end - 1;
    old->list[old->count - 1].len--;
    old->list[old->count - 1].key =
        pieces_key(old, buf_text(&f.text) + end - old->list[old->count - 1].len - 1,
                   old->list[old->count - 1].len, STATE, 1);
    ck_assert_uint_eq(skim(&f, old, old->count - 1, "s"), 1); /* there is no newline behind it */
    buf_print(&f.text, "other A 192.0.2.1\n");
    ck_assert_uint_eq(skim(&f, old, old->count - 1, "s"), 0);
    pieces_free(old);
    buf_free(&f.text);
}
END_TEST

TCase *case_zone_skim(void)
{
    TCase *c = tcase_create("zone_skim");
    tcase_add_test(c, what_stands_there_is_passed);
    tcase_add_test(c, what_changed_is_not);
    tcase_add_test(c, a_piece_ends_only_where_one_may_begin);
    return c;
}
