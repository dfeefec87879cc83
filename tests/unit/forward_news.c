/* forward_news.c - each thing is told once a second. */
#include "cases.h"
#include "forward/news.h"

START_TEST(once_a_second)
{
    struct news n = {.places = {{.waiting = false}}};
    struct slot *slot = (struct slot *)&n; /* only compared */
    struct forward_news a = {.slot = slot, .has_serial = true, .serial = 8}, got;
    struct mono now = {NS_PER_S};
    for (unsigned i = 0; i < 3; i++) {
        news_add(&n, &a, now);
    }
    ck_assert(news_take(&n, &got));
    ck_assert_uint_eq(got.serial, 8);
    ck_assert(!news_take(&n, &got));
    news_add(&n, &a, mono_plus_ms(now, 999));
    ck_assert(!news_take(&n, &got));
    a.serial = 9; /* another thing */
    news_add(&n, &a, mono_plus_ms(now, 999));
    ck_assert(news_take(&n, &got));
    ck_assert_uint_eq(got.serial, 9);
    a.serial = 8;
    news_add(&n, &a, mono_plus_ms(now, 1000));
    ck_assert(news_take(&n, &got));
    ck_assert_uint_eq(got.serial, 8);
}
END_TEST

START_TEST(what_finds_no_place_is_forgotten)
{
    struct news n = {.places = {{.waiting = false}}};
    struct forward_news a = {.slot = (struct slot *)&n, .has_serial = true}, got;
    for (a.serial = 0; a.serial < NEWS_PLACES + 5; a.serial++) {
        news_add(&n, &a, (struct mono){0});
    }
    unsigned taken = 0;
    while (news_take(&n, &got)) {
        taken++;
    }
    ck_assert_uint_eq(taken, NEWS_PLACES);
}
END_TEST

TCase *case_forward_news(void)
{
    TCase *t = tcase_create("forward_news");
    tcase_add_test(t, once_a_second);
    tcase_add_test(t, what_finds_no_place_is_forgotten);
    return t;
}
