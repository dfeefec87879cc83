/* zone_suggest.c - mistyped types find their way, words that are near nothing do not. */
#include "zone/suggest.h"
#include "cases.h"
#include <string.h>

START_TEST(types)
{
    static const struct {
        const char *text, *meant;
    } rows[] = {{"AAAAA", "AAAA"}, {"aaa", "AAAA"},  {"CNANE", "CNAME"}, {"TXTT", "TXT"}, {"http", "HTTPS"},
                {"SAO", "SOA"},    {"www", NULL},    {"axfr", NULL},     {"", NULL},
                {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *meant = suggest_type(rows[i].text, strlen(rows[i].text));
        if (rows[i].meant == NULL) {
            ck_assert_ptr_null(meant);
        } else {
            ck_assert_ptr_nonnull(meant);
            ck_assert_str_eq(meant, rows[i].meant);
        }
    }
}
END_TEST

START_TEST(words)
{
    static const char *const known[] = {"$TTL", "$ORIGIN"};
    ck_assert_str_eq(suggest_word("$orgin", 6, known, 2), "$ORIGIN");
    ck_assert_ptr_null(suggest_word("$foo", 4, known, 2));
}
END_TEST

TCase *case_zone_suggest(void)
{
    TCase *c = tcase_create("zone_suggest");
    tcase_add_test(c, types);
    tcase_add_test(c, words);
    return c;
}
