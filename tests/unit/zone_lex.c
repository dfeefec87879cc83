/* zone_lex.c - words, quotes, parentheses, comments and lines; where to go on behind a mistake. */
#include "zone/lex.h"
#include "cases.h"
#include <string.h>

/* All entries of a text: words with commas between, quoted ones in quotes, "!" for what is
 * wrong, "_" before an entry that begins with a blank; a bar after each entry, "(LINE)" for a
 * parenthesis never closed. */
static void shape(const char *text, size_t len, struct buf *out)
{
    struct lex l;
    struct lex_token t;
    lex_start(&l, text, len);
    while (lex_entry(&l)) {
        buf_print(out, "%s", lex_blank_start(&l) ? "_" : "");
        for (lex_next(&l, &t); t.kind == LEX_WORD || t.kind == LEX_QUOTED; lex_next(&l, &t)) {
            const char *quote = t.kind == LEX_QUOTED ? "\"" : "";
            buf_print(out, "%s%.*s%s,", quote, (int)t.len, t.text, quote);
        }
        if (t.kind == LEX_WRONG) {
            buf_print(out, "!");
            const char *open = lex_skip(&l);
            struct place p = {.line = 0};
            if (open != NULL) {
                lex_where(&l, open, &p);
                buf_print(out, "(%u)", p.line);
            }
        }
        buf_print(out, "|");
    }
}

static void expect(const char *text, const char *shaped)
{
    struct buf out = {.len = 0};
    shape(text, strlen(text), &out);
    ck_assert_str_eq(buf_text(&out), shaped);
    buf_free(&out);
}

START_TEST(words_and_lines)
{
    expect("", "");
    expect("a", "a,|");
    expect("a b\n", "a,b,|");
    expect("a\tb ; c\nd;e\n", "a,b,|d,|");
    expect(" a\n\tb\n\n;c\n", "_a,|_b,|||");
    expect("a b\r\nc\r\n", "a,b,|c,|");
    expect("\xef\xbb\xbf" "a", "a,|");
    expect("a\\ b c\\;d e\\\\ f\\\"g\\(", "a\\ b,c\\;d,e\\\\,f\\\"g\\(,|");
    expect("a\\;", "a\\;,|");
}
END_TEST

START_TEST(quotes)
{
    expect("a \"b c\" \"\" \"d\\\"e\" \";(\"\n", "a,\"b c\",\"\",\"d\\\"e\",\";(\",|");
    expect("\"a\"\"b\"", "\"a\",\"b\",|");
    expect("a \"b\nc", "a,!|c,|");
    expect("a\"b\"\nc", "!|c,|");
    expect("\"a\"b\nc", "!|c,|");
    expect("\"a\\\"\nc", "!|c,|");
    expect("k=\"v w\" x=", "k=\"v w\",x=,|");
    expect("k=\"v w\"x\ny", "!|y,|");
    expect("k=\"v w\ny", "!|y,|");
}
END_TEST

START_TEST(parentheses)
{
    expect("a (\nb\n c ) d\ne", "a,b,c,d,|e,|");
    expect("a(b)c\nd", "a,b,c,|d,|");
    expect("a ( b ; )\n ) ( c\n)\nd", "a,b,c,|d,|");
    expect("a ((b\n)\n)\nc", "a,b,|c,|");
    expect("a )\nb", "a,!|b,|");
}
END_TEST

START_TEST(a_parenthesis_never_closed_spoils_its_entry_only)
{
    expect("a (\n b\n c\nd e\nf\n", "a,b,c,d,e,f,!(1)|d,e,|f,|");
    expect("z\na (\n\n;x\n)b (\nd\n", "z,|a,b,d,!(5)|d,|");
    expect("a ( \"b\nc\n", "a,!(1)|c,|");
    expect("a (", "a,!(1)|");
    expect("a ( \"b\n c )\nd\n", "a,!|d,|");
}
END_TEST

START_TEST(what_is_no_text)
{
    expect("a \\\nb", "a,!|b,|");
    expect("a \\\r\nb", "a,!|b,|");
    expect("a \\", "a,!|");
    expect("\"a\\", "!|");
    struct buf out = {.len = 0};
    static const char text[] = "a\0b\nc \\\0\nd \"\0\"\ne";
    shape(text, sizeof text - 1, &out);
    ck_assert_str_eq(buf_text(&out), "a,!|c,!|d,!|e,|");
    buf_free(&out);
}
END_TEST

START_TEST(limits)
{
    struct buf text = {.len = 0}, out = {.len = 0};
    for (size_t i = 0; i <= LEX_LINE_MOST; i++) {
        buf_add_u8(&text, 'a');
    }
    buf_print(&text, "\nb (\n");
    for (size_t i = 0; i < LEX_ENTRY_MOST / 8 + 10; i++) {
        buf_print(&text, " ; 3456\n");
    }
    buf_print(&text, ")\nc\n");
    shape(buf_text(&text), text.len, &out);
    ck_assert_str_eq(buf_text(&out) + LEX_LINE_MOST + 1, ",!|b,!(2)|c,|");
    buf_free(&out);
    text.len = 0;
    for (int i = 0; i < 1000; i++) {
        buf_print(&text, "a (\n");
    }
    shape(buf_text(&text), text.len, &out);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "a,!(21)|"));
    ck_assert_ptr_null(strstr(buf_text(&out), "a,!(22)|"));
    buf_free(&out);
    buf_free(&text);
}
END_TEST

START_TEST(places)
{
    struct lex l;
    struct lex_token t;
    struct place p;
    const char *text = "x\n\ta (\r\n  b \"c\"\n)\n";
    lex_start(&l, text, strlen(text));
    ck_assert(lex_entry(&l));
    lex_next(&l, &t);
    lex_next(&l, &t);
    ck_assert(lex_entry(&l));
    for (int i = 0; i < 3; i++) {
        lex_next(&l, &t);
    }
    lex_where(&l, t.text, &p);
    ck_assert(p.line == 3 && p.column == 6 && p.source_len == 7 && p.source[2] == 'b');
    lex_next(&l, &t);
    ck_assert_int_eq(t.kind, LEX_EOL);
    lex_next(&l, &t);
    ck_assert_int_eq(t.kind, LEX_EOL);
    lex_where(&l, l.entry + 1, &p);
    ck_assert(p.line == 2 && p.column == 2 && p.source_len == 4);
}
END_TEST

TCase *case_zone_lex(void)
{
    TCase *c = tcase_create("zone_lex");
    tcase_add_test(c, words_and_lines);
    tcase_add_test(c, quotes);
    tcase_add_test(c, parentheses);
    tcase_add_test(c, a_parenthesis_never_closed_spoils_its_entry_only);
    tcase_add_test(c, what_is_no_text);
    tcase_add_test(c, limits);
    tcase_add_test(c, places);
    return c;
}
