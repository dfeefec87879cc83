/* base_due.c - due times come out in order, against a plain search as oracle. */
#include "base/due.h"
#include "base/rand.h"
#include "cases.h"

#define DUES 200

static struct mono at_ms(int64_t ms)
{
    return (struct mono){ms * NS_PER_MS};
}

START_TEST(ties_first_come_first_served)
{
    struct due_heap h = {.next_order = UINT32_MAX - 20}; /* the order's number wraps meanwhile */
    struct due d[50] = {{.kind = 0}};
    for (int i = 0; i < 50; i++) {
        ck_assert(due_set(&h, &d[i], at_ms(7)));
    }
    ck_assert(due_set(&h, &d[3], at_ms(7))); /* set anew: goes last */
    for (int i = 0; i < 50; i++) {
        int expected = i == 49 ? 3 : i < 3 ? i : i + 1;
        ck_assert_ptr_eq(due_take(&h, at_ms(7)), &d[expected]);
    }
    ck_assert_ptr_null(due_take(&h, at_ms(7)));
    due_heap_free(&h);
}
END_TEST

START_TEST(waits_and_moves)
{
    struct due_heap h = {.count = 0};
    struct due a = {.kind = 1}, b = {.kind = 2};
    ck_assert_int_eq(due_next(&h).ns, MONO_NEVER.ns);
    ck_assert(due_set(&h, &a, at_ms(10)) && due_set(&h, &b, at_ms(20)));
    ck_assert_ptr_null(due_take(&h, at_ms(9)));
    ck_assert(due_no_later(&h, &b, at_ms(30)));
    ck_assert_int_eq(b.at.ns, at_ms(20).ns);
    ck_assert(due_no_later(&h, &b, at_ms(5)));
    ck_assert_int_eq(due_next(&h).ns, at_ms(5).ns);
    due_clear(&h, &b);
    due_clear(&h, &b);
    ck_assert(!due_is_set(&b) && due_is_set(&a));
    ck_assert(due_no_later(&h, &b, at_ms(30))); /* sets what was not set */
    ck_assert_ptr_eq(due_take(&h, at_ms(100)), &a);
    ck_assert_ptr_eq(due_take(&h, at_ms(100)), &b);
    due_heap_free(&h);
}
END_TEST

static struct due *earliest(struct due *d)
{
    struct due *best = NULL;
    for (int i = 0; i < DUES; i++) {
        bool better = best == NULL || d[i].at.ns < best->at.ns ||
                      (d[i].at.ns == best->at.ns && d[i].order < best->order);
        best = due_is_set(&d[i]) && better ? &d[i] : best;
    }
    return best;
}

START_TEST(agrees_with_a_plain_search)
{
    struct due_heap h = {.count = 0};
    struct due d[DUES] = {{.kind = 0}};
    struct rand r;
    rand_seed(&r, 1);
    for (int i = 0; i < 5000; i++) {
        struct due *one = &d[rand_below(&r, DUES)];
        uint32_t what = rand_below(&r, 8);
        if (what < 4) {
            ck_assert(due_set(&h, one, at_ms(rand_below(&r, 300))));
        } else if (what < 6) {
            due_clear(&h, one);
        } else {
            struct due *best = earliest(d);
            ck_assert_ptr_eq(due_take(&h, MONO_NEVER), best);
            ck_assert(best == NULL || !due_is_set(best));
        }
    }
    due_heap_free(&h);
    ck_assert_ptr_null(earliest(d));
}
END_TEST

TCase *case_base_due(void)
{
    TCase *c = tcase_create("base_due");
    tcase_add_test(c, ties_first_come_first_served);
    tcase_add_test(c, waits_and_moves);
    tcase_add_test(c, agrees_with_a_plain_search);
    return c;
}
