/* base_oops.c - one sentence, growing outwards, always one terminated line. */
#include "base/oops.h"
#include "cases.h"
#include <string.h>

static bool fails(struct oops *o)
{
    return oops(o, "cannot open %s: %s", "a.zone", "Permission denied");
}

START_TEST(says_and_grows)
{
    struct oops o;
    ck_assert(!fails(&o));
    ck_assert_str_eq(o.text, "cannot open a.zone: Permission denied");
    ck_assert(!oops_in(&o, "zone %s", "example.org"));
    ck_assert_str_eq(o.text, "zone example.org: cannot open a.zone: Permission denied");
    ck_assert(!oops(&o, "again: %s", o.text)); /* its own text as argument */
    ck_assert_str_eq(o.text, "again: zone example.org: cannot open a.zone: Permission denied");
}
END_TEST

START_TEST(takes_null)
{
    ck_assert(!fails(NULL));
    ck_assert(!oops_in(NULL, "x"));
}
END_TEST

START_TEST(is_one_cut_line)
{
    struct oops o;
    char many[2000];
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    many[3] = '\n';
    ck_assert(!oops(&o, "%s", many));
    ck_assert_uint_lt(strlen(o.text), sizeof o.text);
    ck_assert(strncmp(o.text, "xxx\\012xxx", 10) == 0);
    ck_assert(!oops_in(&o, "%s", many));
    ck_assert_ptr_ne(memchr(o.text, '\0', sizeof o.text), NULL);
}
END_TEST

TCase *case_base_oops(void)
{
    TCase *c = tcase_create("base_oops");
    tcase_add_test(c, says_and_grows);
    tcase_add_test(c, takes_null);
    tcase_add_test(c, is_one_cut_line);
    return c;
}
