/* base_must.c - must() lets a true condition pass and stops the program at a false one. */
#include "base/must.h"
#include "cases.h"
#include <signal.h>

START_TEST(passes_when_true)
{
    int evaluated = 0;
    must(++evaluated == 1);
    ck_assert_int_eq(evaluated, 1);
}
END_TEST

START_TEST(stops_when_false)
{
    must(1 + 1 == 3);
}
END_TEST

TCase *case_base_must(void)
{
    TCase *c = tcase_create("must");
    tcase_add_test(c, passes_when_true);
    tcase_add_test_raise_signal(c, stops_when_false, SIGABRT);
    return c;
}
