/* base_arena.c - zeroed, aligned, apart from each other, and failing for ever once it failed. */
#include "base/arena.h"
#include "cases.h"
#include <stdint.h>
#include <string.h>

START_TEST(gives_zeroed_aligned_and_apart)
{
    struct arena a;
    unsigned char *got[300];
    size_t total = 0;
    arena_init(&a);
    for (size_t i = 0; i < 300; i++) {
        size_t size = i % 7 == 0 ? i * 100 : i;
        got[i] = arena_get(&a, size);
        ck_assert_ptr_nonnull(got[i]);
        ck_assert_uint_eq((uintptr_t)got[i] % _Alignof(max_align_t), 0);
        ck_assert(size == 0 || (got[i][0] == 0 && memcmp(got[i], got[i] + 1, size - 1) == 0));
        memset(got[i], (int)i & 0xff, size);
        total += size;
    }
    for (size_t i = 0; i < 300; i++) {
        size_t size = i % 7 == 0 ? i * 100 : i;
        ck_assert(size == 0 || (got[i][0] == (i & 0xff) && got[i][size - 1] == (i & 0xff)));
    }
    ck_assert_uint_eq(a.used, total);
    ck_assert(!arena_failed(&a));
    arena_free(&a);
}
END_TEST

START_TEST(copies_text)
{
    struct arena a;
    arena_init(&a);
    ck_assert_str_eq(arena_text(&a, "hello"), "hello");
    ck_assert_str_eq(arena_print(&a, "%s-%d", "x", 42), "x-42");
    ck_assert_mem_eq(arena_copy(&a, "a\0b", 3), "a\0b", 3);
    ck_assert_ptr_nonnull(arena_copy(&a, NULL, 0));
    arena_free(&a);
}
END_TEST

START_TEST(fails_for_ever)
{
    struct arena a;
    arena_init(&a);
    ck_assert_ptr_null(arena_get(&a, SIZE_MAX));
    ck_assert_ptr_null(arena_get(&a, SIZE_MAX - 10));
    ck_assert(arena_failed(&a));
    ck_assert_ptr_null(arena_get(&a, 1));
    ck_assert_ptr_null(arena_print(&a, "x"));
    arena_free(&a);
    ck_assert(!arena_failed(&a));
    ck_assert_ptr_nonnull(arena_get(&a, 1));
    arena_free(&a);
}
END_TEST

TCase *case_base_arena(void)
{
    TCase *c = tcase_create("base_arena");
    tcase_add_test(c, gives_zeroed_aligned_and_apart);
    tcase_add_test(c, copies_text);
    tcase_add_test(c, fails_for_ever);
    return c;
}
