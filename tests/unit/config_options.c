/* config_options.c - the rows of options.def hang together: unique, in range, with a sentence
 * each. */
#include "cases.h"
#include "config/options.h"
#include "config/value.h"
#include <string.h>

static bool is_number(enum kind kind)
{
    return kind <= KIND_PERCENT;
}

START_TEST(names_are_unique)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        enum option_id id;
        ck_assert_ptr_eq(option_find(o->scope, o->name, &id), o);
        ck_assert_uint_eq(id, i);
        ck_assert_ptr_null(strchr(o->name, '_'));
    }
}
END_TEST

START_TEST(ranges_fit_their_members)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        if (!is_number(o->kind)) {
            continue;
        }
        ck_assert_msg(o->min < o->max, "%s", o->name);
        ck_assert_msg(o->width == 8 || o->max >> (8 * o->width) == 0, "%s", o->name);
    }
}
END_TEST

START_TEST(texts_and_pointers_fit_their_members)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        size_t width = o->kind == KIND_YESNO                            ? sizeof(bool)
                       : o->kind == KIND_WORD                           ? sizeof(enum zone_role)
                       : o->kind >= KIND_TEXT && o->kind <= KIND_FILE   ? sizeof(char *)
                       : o->kind == KIND_NAME && o->scope == SCOPE_ZONE ? sizeof(uint8_t *)
                       : o->kind == KIND_MAP   ? sizeof(struct config_limits)
                       : o->kind == KIND_PEERS ? sizeof(struct config_peers)
                       : o->kind == KIND_ACL   ? sizeof(struct config_acl)
                                               : o->width;
        ck_assert_msg(o->width == width, "%s", o->name);
        ck_assert_msg((o->kind == KIND_WORD) == (o->words != NULL), "%s", o->name);
    }
}
END_TEST

START_TEST(rows_say_what_they_are)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        size_t len = strlen(o->text);
        ck_assert_msg(len > 10 && o->text[len - 1] == '.', "%s", o->name);
        ck_assert_msg((o->scope == SCOPE_ZONE) == (o->roles != 0), "%s", o->name);
        ck_assert_msg(o->required || o->fallback != NULL || o->shown != NULL ||
                          o->kind == KIND_MAP || strcmp(o->name, "role") == 0,
                      "%s: a default is missing", o->name);
    }
}
END_TEST

START_TEST(defaults_are_in_range)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        uint64_t v = o->min;
        if (o->fallback == NULL || !is_number(o->kind) || o->shown != NULL) {
            continue;
        }
        bool good = o->kind == KIND_SECONDS ? value_seconds(o->fallback, &v)
                    : o->kind == KIND_SIZE  ? value_size(o->fallback, &v)
                    : o->kind == KIND_COUNT ? value_count(o->fallback, &v)
                                            : value_percent(o->fallback, &v);
        ck_assert_msg(good && v >= o->min && v <= o->max, "%s", o->name);
    }
}
END_TEST

START_TEST(knows_scopes)
{
    ck_assert_str_eq(scope_section(SCOPE_ZONE), "zones");
    ck_assert_str_eq(scope_section(SCOPE_PEER), "peers");
    ck_assert_ptr_null(scope_section(SCOPE_LIMITS));
    for (int s = SCOPE_TOP; s <= SCOPE_ENTRY; s++) {
        ck_assert(strlen(scope_words((enum scope)s)) > 3);
    }
    ck_assert_str_eq(option_section(0)->name, "server");
    ck_assert_ptr_null(option_section(99));
}
END_TEST

START_TEST(says_why_something_must_wait)
{
    ck_assert_ptr_nonnull(option_later_reason(SCOPE_PEER, "key"));
    ck_assert_ptr_null(option_later_reason(SCOPE_ZONE, "key"));
    ck_assert_ptr_null(option_later(99));
}
END_TEST

TCase *case_config_options(void)
{
    TCase *c = tcase_create("config_options");
    tcase_add_test(c, names_are_unique);
    tcase_add_test(c, ranges_fit_their_members);
    tcase_add_test(c, texts_and_pointers_fit_their_members);
    tcase_add_test(c, rows_say_what_they_are);
    tcase_add_test(c, defaults_are_in_range);
    tcase_add_test(c, knows_scopes);
    tcase_add_test(c, says_why_something_must_wait);
    return c;
}
