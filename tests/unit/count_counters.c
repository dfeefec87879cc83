/* count_counters.c - counters count, and every row has a name that fits a metric. */
#include "cases.h"
#include "count/counters.h"
#include <string.h>

START_TEST(counts)
{
    struct counters c = {.n = {0}};
    count(&c, COUNT_answers);
    count(&c, COUNT_answers);
    ck_assert_uint_eq(counted(&c, COUNT_answers), 2);
    ck_assert_uint_eq(counted(&c, COUNT_refused), 0);
}
END_TEST

START_TEST(every_row_has_name_and_text)
{
    ck_assert_str_eq(counter_name(COUNT_queries_udp), "queries_udp");
    for (enum counter i = 0; i < COUNTERS; i++) {
        const char *name = counter_name(i);
        ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
        ck_assert_uint_gt(strlen(counter_text(i)), 5);
        ck_assert_ptr_null(strpbrk(counter_text(i), "\n\\"));
        for (enum counter k = 0; k < i; k++) {
            ck_assert_str_ne(name, counter_name(k));
        }
    }
}
END_TEST

TCase *case_count_counters(void)
{
    TCase *c = tcase_create("count_counters");
    tcase_add_test(c, counts);
    tcase_add_test(c, every_row_has_name_and_text);
    return c;
}
