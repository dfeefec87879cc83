/* keeper_actions.c - actions come out in the order they were said. */
#include "cases.h"
#include "keeper/kept.h"

START_TEST(oldest_first)
{
    struct keeper_actions list = {0};
    struct turn t = {.actions = &list};
    ck_assert_ptr_null(keeper_action_take(&list));
    for (unsigned round = 0; round < 2; round++) { /* an emptied list is as good as a new one */
        struct keeper_action *a = act(&t, ACTION_SEND);
        a->conn = 1;
        act(&t, ACTION_WRITE)->conn = 2;
        buf_print(&a->data, "freed with it");
        a = keeper_action_take(&list);
        ck_assert_int_eq(a->kind, ACTION_SEND);
        ck_assert_uint_eq(a->conn, 1);
        ck_assert_ptr_null(a->next);
        keeper_action_free(a);
        act(&t, ACTION_CLOSE)->conn = 3;
        a = keeper_action_take(&list);
        ck_assert_int_eq(a->kind, ACTION_WRITE);
        keeper_action_free(a);
        a = keeper_action_take(&list);
        ck_assert_int_eq(a->kind, ACTION_CLOSE);
        ck_assert_uint_eq(a->conn, 3);
        keeper_action_free(a);
        ck_assert_ptr_null(keeper_action_take(&list));
    }
    ck_assert(!list.failed);
}
END_TEST

START_TEST(a_batch_goes_with_its_action)
{
    struct keeper_actions list = {0};
    struct turn t = {.actions = &list};
    struct store_batch b = {0};
    batch_put(&b, STORE_ZONE, "key", 3, "value", 5);
    batch_join(&act(&t, ACTION_COMMIT)->batch, &b);
    struct keeper_action *a = keeper_action_take(&list);
    ck_assert_uint_eq(a->batch.count, 1);
    keeper_action_free(a); /* and is not leaked */
    keeper_action_free(NULL);
}
END_TEST

TCase *case_keeper_actions(void)
{
    TCase *c = tcase_create("keeper_actions");
    tcase_add_test(c, oldest_first);
    tcase_add_test(c, a_batch_goes_with_its_action);
    return c;
}
