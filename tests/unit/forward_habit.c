/* forward_habit.c - what is remembered of servers: how quick they are, and how long they are left
 * alone. */
#include "cases.h"
#include "forward/habit.h"

static struct addr server(uint8_t n)
{
    return (struct addr){.family = 4, .port = 53, .ip = {192, 0, 2, n}};
}

START_TEST(each_address_has_its_own_row)
{
    struct habits all = {.first = NULL};
    struct addr one = server(1), two = server(2), other_port = server(1);
    other_port.port = 5353;
    struct habit *a = habit_of(&all, &one), *b = habit_of(&all, &two);
    struct habit *c = habit_of(&all, &other_port);
    ck_assert(a != NULL && b != NULL && c != NULL && a != b && b != c && a != c);
    ck_assert_int_eq(a->srtt_us, HABIT_UNKNOWN_US);
    ck_assert(!a->measured && a->silences == 0);
    for (int i = 0; i < 3; i++) { /* in any order of asking, none gets lost */
        ck_assert_ptr_eq(habit_of(&all, &one), a);
        ck_assert_ptr_eq(all.first, a);
        ck_assert_ptr_eq(habit_of(&all, &other_port), c);
        ck_assert_ptr_eq(habit_of(&all, &two), b);
    }
    unsigned count = 0;
    for (const struct habit *h = all.first; h != NULL; h = h->next) {
        count++;
    }
    ck_assert_uint_eq(count, 3);
    habits_free(&all);
    ck_assert_ptr_null(all.first);
}
END_TEST

START_TEST(times_are_smoothed)
{
    struct habits all = {.first = NULL};
    struct addr one = server(1);
    struct habit *h = habit_of(&all, &one);
    habit_answered(h, 8000); /* the first counts in full */
    ck_assert_int_eq(h->srtt_us, 8000);
    habit_answered(h, 16000);
    ck_assert_int_eq(h->srtt_us, 9000);
    habit_answered(h, 1000);
    ck_assert_int_eq(h->srtt_us, 8000);
    habits_free(&all);
}
END_TEST

static bool avoided(const struct habit *h, int64_t ms)
{
    return mono_before((struct mono){ms * NS_PER_MS}, h->avoid_until);
}

START_TEST(silence_is_left_alone_for_longer_and_longer)
{
    static const int seconds[] = {1, 2, 4, 8, 16, 32, 60, 60};
    struct habits all = {.first = NULL};
    struct addr one = server(1);
    struct habit *h = habit_of(&all, &one);
    struct mono now = {.ns = 0};
    ck_assert(!avoided(h, INT64_MIN / NS_PER_MS + 1)); /* a clock may begin anywhere */
    habit_silent(h, now);
    habit_silent(h, now);
    ck_assert(!avoided(h, 0));
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        habit_silent(h, now);
        ck_assert(avoided(h, seconds[i] * 1000 - 1));
        ck_assert(!avoided(h, seconds[i] * 1000));
    }
    habit_answered(h, 1000);
    ck_assert(!avoided(h, 0) && h->silences == 0);
    habit_silent(h, now);
    habit_silent(h, now);
    ck_assert(!avoided(h, 0)); /* three in a row count */
    habits_free(&all);
}
END_TEST

START_TEST(a_silent_server_counts_as_slower_up_to_five_seconds)
{
    struct habits all = {.first = NULL};
    struct addr one = server(1);
    struct habit *h = habit_of(&all, &one);
    habit_silent(h, (struct mono){0});
    ck_assert_int_eq(h->srtt_us, 2 * HABIT_UNKNOWN_US);
    for (int i = 0; i < 100; i++) {
        habit_silent(h, (struct mono){0});
    }
    ck_assert_int_eq(h->srtt_us, 5000000);
    habit_answered(h, 2000); /* never measured before: no guess is averaged in */
    ck_assert_int_eq(h->srtt_us, 2000);
    habits_free(&all);
}
END_TEST

TCase *case_forward_habit(void)
{
    TCase *c = tcase_create("forward_habit");
    tcase_add_test(c, each_address_has_its_own_row);
    tcase_add_test(c, times_are_smoothed);
    tcase_add_test(c, silence_is_left_alone_for_longer_and_longer);
    tcase_add_test(c, a_silent_server_counts_as_slower_up_to_five_seconds);
    return c;
}
