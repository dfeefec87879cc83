/* config_suggest.c - which known word a mistyped one is taken for. */
#include "cases.h"
#include "config/suggest.h"

static const char *meant(const char *word)
{
    static const char *const known[] = {"listen", "threads",     "state",      "zones",
                                        "user",   "refresh-min", "refresh-max"};
    struct suggestion s = {.word = word};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        suggest_try(&s, known[i]);
    }
    return s.best == NULL ? "?" : s.best;
}

START_TEST(takes_the_nearest)
{
    ck_assert_str_eq(meant("lisen"), "listen");
    ck_assert_str_eq(meant("litsen"), "listen");
    ck_assert_str_eq(meant("zone"), "zones");
    ck_assert_str_eq(meant("refresh_min"), "refresh-min");
    ck_assert_str_eq(meant("refresh-mx"), "refresh-max");
    ck_assert_str_eq(meant("usr"), "user");
    ck_assert_str_eq(meant("usre"), "user");
    ck_assert_str_eq(meant("Threads"), "threads");
}
END_TEST

START_TEST(takes_nothing_far_away)
{
    ck_assert_str_eq(meant("cookies"), "?");
    ck_assert_str_eq(meant(""), "?");
    ck_assert_str_eq(meant("u"), "?");
    ck_assert_str_eq(meant("refresh"), "?");
    ck_assert_str_eq(
        meant("listenlistenlistenlistenlistenlistenlistenlistenlistenlistenlistenlisten"), "?");
}
END_TEST

TCase *case_config_suggest(void)
{
    TCase *c = tcase_create("config_suggest");
    tcase_add_test(c, takes_the_nearest);
    tcase_add_test(c, takes_nothing_far_away);
    return c;
}
