/* server_hands.c - every part of a piece of work is done once, by as many threads as there are. */
#include "server/hands.h"
#include "base/must.h"
#include "cases.h"
#include <stdatomic.h>
#include <string.h>
#include <uv.h>

#define PARTS 200

struct work {
    unsigned done[PARTS]; /* unguarded: each belongs to one part */
    uv_barrier_t together;
    unsigned meeting; /* parts that wait for each other */
};

static void do_part(void *arg, unsigned index)
{
    struct work *w = arg;
    if (index < w->meeting) {
        (void)uv_barrier_wait(&w->together);
    }
    w->done[index]++;
}

static void expect(unsigned threads, unsigned parts, unsigned meeting)
{
    struct work w = {.meeting = meeting};
    struct hands h = hands_of_threads(threads);
    if (meeting > 0) {
        ck_assert_int_eq(uv_barrier_init(&w.together, meeting), 0);
    }
    ck_assert_uint_eq(hands_count(&h), threads);
    hands_run(&h, parts, do_part, &w);
    for (unsigned i = 0; i < PARTS; i++) {
        must(w.done[i] == (i < parts));
    }
    if (meeting > 0) {
        uv_barrier_destroy(&w.together);
    }
}

START_TEST(each_part_is_done_once)
{
    expect(1, PARTS, 0);
    expect(4, PARTS, 0);
    expect(4, 2, 0);
    expect(2, 1, 0);
    expect(4, 0, 0);
}
END_TEST

START_TEST(at_the_same_time)
{
    expect(4, PARTS, 4); /* would never end with fewer threads */
}
END_TEST

START_TEST(without_hands_the_caller_does_it)
{
    struct work w = {.meeting = 0};
    ck_assert_uint_eq(hands_count(NULL), 1);
    hands_run(NULL, 3, do_part, &w);
    ck_assert(w.done[0] == 1 && w.done[1] == 1 && w.done[2] == 1 && w.done[3] == 0);
}
END_TEST

TCase *case_server_hands(void)
{
    TCase *c = tcase_create("server_hands");
    tcase_add_test(c, each_part_is_done_once);
    tcase_add_test(c, at_the_same_time);
    tcase_add_test(c, without_hands_the_caller_does_it);
    return c;
}
