/* config_keyed.c - what was put under a text is found again, however many there are. */
#include "cases.h"
#include "config/keyed.h"
#include <stdint.h>

START_TEST(finds_what_was_put)
{
    struct arena arena;
    arena_init(&arena);
    struct keyed k = {.arena = &arena};
    ck_assert_ptr_null(keyed_find(&k, "a"));
    for (uintptr_t i = 1; i <= 5000; i++) {
        keyed_put(&k, arena_print(&arena, "key%u", (unsigned)i), (const char *)&k + i);
    }
    ck_assert_uint_eq(k.count, 5000);
    ck_assert_ptr_eq(keyed_find(&k, "key1"), (const char *)&k + 1);
    ck_assert_ptr_eq(keyed_find(&k, "key4999"), (const char *)&k + 4999);
    ck_assert_ptr_null(keyed_find(&k, "key5001"));
    ck_assert_ptr_null(keyed_find(&k, ""));
    arena_free(&arena);
}
END_TEST

START_TEST(stays_quiet_without_memory)
{
    struct arena arena;
    arena_init(&arena);
    arena.failed = true;
    struct keyed k = {.arena = &arena};
    keyed_put(&k, "a", "b");
    ck_assert_ptr_null(keyed_find(&k, "a"));
    arena_free(&arena);
}
END_TEST

TCase *case_config_keyed(void)
{
    TCase *c = tcase_create("config_keyed");
    tcase_add_test(c, finds_what_was_put);
    tcase_add_test(c, stays_quiet_without_memory);
    return c;
}
