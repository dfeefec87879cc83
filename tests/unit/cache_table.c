/* cache_table.c - the table finds what is in it and nothing else, through any order of adding,
 * removing and growing. */
#include "base/rand.h"
#include "cache/table.h"
#include "cache_fixture.h"
#include "cases.h"

#define KEYS 200

static struct {
    struct cache_zone *zone;
    struct name name[KEYS];
    struct sought sought[KEYS];
    struct entry *entry[KEYS];
    bool in[KEYS];
} f;

/* Hashes of three bits: long probe runs that wrap around the end. */
static void start(void)
{
    const struct cache_options o = fixture_options();
    f.zone = cache_zone_new(1, name_root, 0);
    for (unsigned i = 0; i < KEYS; i++) {
        char text[20];
        snprintf(text, sizeof text, "n%u", i);
        ck_assert(name_from(text, &f.name[i]));
        struct cache_key k = {f.zone, f.name[i].octets, TYPE_A, false};
        struct cache_entry e = fixture_entry(10);
        sought_make(&f.sought[i], &k, 1);
        f.sought[i].hash = 250 + f.sought[i].hash % 8;
        f.entry[i] = entry_new(&k, &e, entry_lifetime(&o, &e));
        f.in[i] = false;
    }
}

static void stop(void)
{
    for (unsigned i = 0; i < KEYS; i++) {
        entry_free(f.entry[i]);
    }
    cache_zone_free(f.zone);
}

static void check_all(const struct table *t)
{
    uint32_t used = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        ck_assert_ptr_eq(table_find(t, &f.sought[i]), f.in[i] ? f.entry[i] : NULL);
        used += f.in[i] ? 1 : 0;
    }
    ck_assert_uint_eq(t->used, used);
}

START_TEST(keeps_order_while_things_come_and_go)
{
    _Atomic uint64_t bytes = 0;
    struct table *t = table_new(256, &bytes);
    struct rand r;
    rand_seed(&r, 42);
    for (unsigned round = 0; round < 4000; round++) {
        unsigned i = rand_below(&r, KEYS);
        if (f.in[i]) {
            uint32_t place = table_place(t, &f.sought[i]);
            ck_assert_uint_ne(place, TABLE_NONE);
            table_remove(t, place);
        } else {
            table_add(t, tag_of(f.sought[i].hash), f.entry[i]);
        }
        f.in[i] = !f.in[i];
        if (round % 100 == 0) {
            check_all(t);
        }
    }
    struct table *larger = table_new(512, &bytes);
    table_copy(larger, t);
    check_all(larger);
    check_all(t); /* as it was: others may still be searching it */
    table_free(t);
    table_free(larger);
}
END_TEST

START_TEST(says_when_it_should_grow)
{
    _Atomic uint64_t bytes = 0;
    struct table *t = table_new(8, &bytes);
    unsigned n = 0;
    while (!table_is_full(t)) {
        table_add(t, tag_of(f.sought[n].hash), f.entry[n]);
        n++;
    }
    ck_assert_uint_eq(n, 7);
    ck_assert_ptr_null(table_find(t, &f.sought[n])); /* ends although the run is the whole table */
    table_set(t, table_place(t, &f.sought[0]), f.entry[0]);
    ck_assert_ptr_eq(table_find(t, &f.sought[0]), f.entry[0]);
    table_free(t);
}
END_TEST

START_TEST(a_tag_is_never_zero)
{
    ck_assert_uint_ne(tag_of(0), 0);
    ck_assert_uint_ne(tag_of(UINT64_C(5) << 32), 0);
    ck_assert_uint_eq(tag_of(UINT64_C(5) << 32 | 9), 9);
}
END_TEST

TCase *case_cache_table(void)
{
    TCase *c = tcase_create("cache_table");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, keeps_order_while_things_come_and_go);
    tcase_add_test(c, says_when_it_should_grow);
    tcase_add_test(c, a_tag_is_never_zero);
    return c;
}
