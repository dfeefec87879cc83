/* forward_choose.c - which primary is asked: what speaks against one outweighs all that is less
 * bad. */
#include "cases.h"
#include "forward/choose.h"
#include "wire/name.h"

#define SERVERS 4

struct desk {
    struct cache_zone *zone;
    struct habits habits;
    struct rand rand;
    uint8_t tried[CHOOSE_ORIGINS];
    struct choice choice;
};

static void start(struct desk *d, unsigned servers)
{
    struct name apex;
    ck_assert(name_from("example", &apex));
    *d = (struct desk){.zone = cache_zone_new(1, apex.octets, servers)};
    ck_assert_ptr_nonnull(d->zone);
    rand_seed(&d->rand, 5);
    for (unsigned i = 0; i < servers; i++) {
        struct addr to = {.family = 4, .port = 53, .ip = {192, 0, 2, (uint8_t)i}};
        d->zone->origins[i].address = to;
        habit_answered(habit_of(&d->habits, &to), 10000 + i * 100);
    }
    d->choice =
        (struct choice){.zone = d->zone, .habits = &d->habits, .rand = &d->rand, .tried = d->tried};
}

static void stop(struct desk *d)
{
    habits_free(&d->habits);
    cache_zone_free(d->zone);
}

static struct habit *habit(struct desk *d, unsigned i)
{
    return habit_of(&d->habits, &d->zone->origins[i].address);
}

/* The one chosen nearly always; others come only by the dice. */
static unsigned usual(struct desk *d)
{
    unsigned times[SERVERS] = {0}, best = 0;
    for (unsigned i = 0; i < 64; i++) {
        unsigned n = choose_origin(&d->choice);
        ck_assert_uint_lt(n, SERVERS);
        times[n]++;
        best = times[n] > times[best] ? n : best;
    }
    ck_assert_uint_ge(times[best], 50);
    return best;
}

START_TEST(the_quickest_usually_and_others_now_and_then)
{
    struct desk d;
    unsigned times[SERVERS] = {0};
    start(&d, SERVERS);
    for (unsigned i = 0; i < 4000; i++) {
        times[choose_origin(&d.choice)]++;
    }
    ck_assert_uint_ge(times[0], 3800);
    for (unsigned i = 1; i < SERVERS; i++) { /* 4000 / 32 / 4 are expected: 31 */
        ck_assert_uint_ge(times[i], 10);
        ck_assert_uint_le(times[i], 80);
    }
    habit_answered(habit(&d, 2), 10); /* 8762 us now */
    ck_assert_uint_eq(usual(&d), 2);
    stop(&d);
}
END_TEST

START_TEST(one_not_asked_yet_is_tried_beside_a_slow_one)
{
    struct desk d;
    start(&d, SERVERS);
    for (unsigned i = 0; i < SERVERS; i++) {
        habit(&d, i)->srtt_us = HABIT_UNKNOWN_US + 1;
    }
    habits_free(&d.habits);
    for (unsigned i = 0; i < SERVERS; i++) {
        habit(&d, i)->srtt_us = HABIT_UNKNOWN_US + (i != 3);
    }
    ck_assert_uint_eq(usual(&d), 3);
    stop(&d);
}
END_TEST

/* From the least to the worst: silent, failing, lagging, asked already. */
START_TEST(what_speaks_against_a_server_goes_by_rank)
{
    struct desk d;
    start(&d, SERVERS);
    habit(&d, 0)->avoid_until = (struct mono){1000};
    ck_assert_uint_eq(usual(&d), 1);
    d.zone->origins[1].failing = true;
    d.zone->known = cache_serial(8);
    for (unsigned i = 0; i < SERVERS; i++) {
        d.zone->origins[i].seen = cache_serial(i == 2 ? 7 : 8);
    }
    d.tried[3] = 1;
    ck_assert_uint_eq(usual(&d), 0); /* silent */
    d.tried[0] = CHOOSE_TRIES;
    ck_assert_uint_eq(usual(&d), 1); /* failing */
    d.tried[1] = CHOOSE_TRIES;
    ck_assert_uint_eq(usual(&d), 2); /* lags */
    d.tried[2] = CHOOSE_TRIES;
    ck_assert_uint_eq(usual(&d), 3); /* asked once */
    d.tried[3] = CHOOSE_TRIES;
    ck_assert_uint_eq(choose_origin(&d.choice), CHOOSE_NONE);
    stop(&d);
}
END_TEST

START_TEST(each_is_asked_once_before_any_twice)
{
    struct desk d;
    start(&d, SERVERS);
    for (unsigned turn = 0; turn < CHOOSE_TRIES; turn++) {
        unsigned seen = 0;
        for (unsigned i = 0; i < SERVERS; i++) {
            unsigned n = choose_origin(&d.choice);
            ck_assert(n < SERVERS && d.tried[n] == turn);
            d.tried[n]++;
            seen |= 1u << n;
        }
        ck_assert_uint_eq(seen, (1u << SERVERS) - 1);
    }
    ck_assert_uint_eq(choose_origin(&d.choice), CHOOSE_NONE);
    stop(&d);
}
END_TEST

START_TEST(silence_ends)
{
    struct desk d;
    start(&d, SERVERS);
    habit(&d, 0)->avoid_until = (struct mono){1000};
    ck_assert_uint_eq(usual(&d), 1);
    d.choice.now = (struct mono){1000};
    ck_assert_uint_eq(usual(&d), 0);
    stop(&d);
}
END_TEST

START_TEST(more_servers_than_are_used)
{
    struct desk d;
    start(&d, CHOOSE_ORIGINS + 1);
    for (unsigned i = 0; i < CHOOSE_ORIGINS; i++) {
        d.tried[i] = CHOOSE_TRIES;
    }
    ck_assert_uint_eq(choose_origin(&d.choice), CHOOSE_NONE);
    stop(&d);
}
END_TEST

START_TEST(who_is_current)
{
    struct desk d;
    start(&d, 1);
    ck_assert(origin_is_current(d.zone, 0)); /* nothing is known: nothing is promised */
    d.zone->known = cache_serial(UINT32_MAX);
    ck_assert(!origin_is_current(d.zone, 0)); /* never seen */
    d.zone->origins[0].seen = cache_serial(UINT32_MAX - 1);
    ck_assert(!origin_is_current(d.zone, 0));
    d.zone->origins[0].seen = cache_serial(UINT32_MAX);
    ck_assert(origin_is_current(d.zone, 0));
    d.zone->origins[0].seen = cache_serial(3); /* newer: it wrapped */
    ck_assert(origin_is_current(d.zone, 0));
    stop(&d);
}
END_TEST

TCase *case_forward_choose(void)
{
    TCase *c = tcase_create("forward_choose");
    tcase_add_test(c, the_quickest_usually_and_others_now_and_then);
    tcase_add_test(c, one_not_asked_yet_is_tried_beside_a_slow_one);
    tcase_add_test(c, what_speaks_against_a_server_goes_by_rank);
    tcase_add_test(c, each_is_asked_once_before_any_twice);
    tcase_add_test(c, silence_ends);
    tcase_add_test(c, more_servers_than_are_used);
    tcase_add_test(c, who_is_current);
    return c;
}
