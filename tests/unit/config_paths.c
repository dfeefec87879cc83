/* config_paths.c - what relative paths are relative to. */
#include "cases.h"
#include "config/paths.h"

START_TEST(joins)
{
    struct arena a;
    arena_init(&a);
    ck_assert_str_eq(path_below(&a, "/etc/zones", "x"), "/etc/zones/x");
    ck_assert_str_eq(path_below(&a, "/etc/zones/", "x"), "/etc/zones/x");
    ck_assert_str_eq(path_below(&a, "/", "x"), "/x");
    ck_assert_str_eq(path_below(&a, "", "x"), "x");
    ck_assert_str_eq(path_below(&a, "/etc/zones", "/x"), "/x");
    ck_assert_str_eq(path_beside(&a, "/etc/settled.conf", "zones"), "/etc/zones");
    ck_assert_str_eq(path_beside(&a, "/settled.conf", "zones"), "/zones");
    ck_assert_str_eq(path_beside(&a, "settled.conf", "zones"), "zones");
    ck_assert_str_eq(path_beside(&a, "a/b/settled.conf", "../zones"), "a/b/../zones");
    ck_assert_str_eq(path_beside(&a, "a/settled.conf", "/zones"), "/zones");
    arena_free(&a);
}
END_TEST

TCase *case_config_paths(void)
{
    TCase *c = tcase_create("config_paths");
    tcase_add_test(c, joins);
    return c;
}
