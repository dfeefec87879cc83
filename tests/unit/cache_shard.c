/* cache_shard.c - the bound holds whatever readers do, the right ones are evicted, and every octet
 * is given back. */
#include "cache/shard.h"
#include "cache_fixture.h"
#include "cases.h"

#define SIZE 30000

static struct fixture f;

static void start(void)
{
    struct cache_options o = fixture_options();
    o.size = SIZE;
    fixture_start(&f, o);
}

static void stop(void)
{
    fixture_stop(&f);
}

static enum cache_put_status put_number(unsigned n, int64_t ms)
{
    char text[40];
    struct cache_entry e = fixture_entry(1000);
    e.asked = at_ms(ms);
    snprintf(text, sizeof text, "n%u.example.com", n);
    return fixture_put(&f, text, &e, ms);
}

static bool has_number(unsigned n)
{
    char text[40];
    struct cache_found found;
    snprintf(text, sizeof text, "n%u.example.com", n);
    return fixture_get(&f, text, 0, &found);
}

START_TEST(bound_holds_while_somebody_reads)
{
    static uint8_t data[4000];
    unsigned full = 0;
    for (unsigned i = 0; i < 2000; i++) { /* slot 0 never leaves: nothing is freed */
        struct cache_entry e = fixture_entry(1000);
        e.set.data = data;
        e.set.size = i % 7 * 500;
        char text[40];
        snprintf(text, sizeof text, "n%u.example.com", i);
        full += fixture_put(&f, text, &e, 0) == CACHE_PUT_FULL ? 1 : 0;
        ck_assert_uint_le(cache_bytes(f.cache), SIZE);
    }
    ck_assert_uint_gt(full, 1000);
    ck_assert_uint_eq(cache_refused(f.cache), full);
    uint64_t evicted = cache_evictions(f.cache);
    ck_assert_uint_gt(evicted, 0);
    fixture_pass(&f);
    ck_assert_int_eq(put_number(9999, 0), CACHE_PUT); /* what was retired is free now */
    ck_assert(has_number(9999));
}
END_TEST

/* Also when the last octets go to a grave, or to a larger table, in the middle of a put. */
START_TEST(bound_holds_to_the_octet)
{
    for (uint64_t size = 4000; size < 8000; size += 56) {
        struct cache_options o = fixture_options();
        struct fixture g;
        struct cache_entry e = fixture_entry(1000);
        char text[40];
        o.size = size;
        fixture_start(&g, o);
        for (unsigned i = 0; i < 120; i++) {
            snprintf(text, sizeof text, "n%u.example.com", i);
            (void)fixture_put(&g, text, &e, 0);
            ck_assert_uint_le(cache_bytes(g.cache), size);
        }
        fixture_stop(&g);
    }
}
END_TEST

START_TEST(makes_room_when_readers_pass)
{
    for (unsigned i = 0; i < 2000; i++) {
        ck_assert_int_eq(put_number(i, 0), CACHE_PUT);
        ck_assert_uint_le(cache_bytes(f.cache), SIZE);
        fixture_pass(&f);
    }
    ck_assert_uint_gt(cache_entries(f.cache), 100);
    ck_assert_uint_eq(cache_entries(f.cache) + cache_evictions(f.cache), 2000);
    ck_assert(has_number(1999));
}
END_TEST

START_TEST(those_asked_for_stay)
{
    for (unsigned i = 0; i < 3000; i++) {
        ck_assert_int_eq(put_number(i, 0), CACHE_PUT);
        fixture_pass(&f);
        for (unsigned popular = 0; popular < 20 && popular < i; popular++) {
            ck_assert(has_number(popular)); /* a scan of new names does not drive them out */
        }
    }
}
END_TEST

START_TEST(the_dead_go_first)
{
    unsigned n = 0;
    for (; cache_evictions(f.cache) == 0; n++) {
        ck_assert_int_eq(put_number(n, 0), CACHE_PUT);
        fixture_pass(&f);
        (void)has_number(n); /* visited, all of them */
    }
    atomic_store(&f.zone->step, 1);
    struct cache_entry e = fixture_entry(1000);
    e.step = 1;
    uint64_t before = cache_evictions(f.cache);
    ck_assert_int_eq(fixture_put(&f, "new.example.com", &e, 0), CACHE_PUT);
    ck_assert_uint_eq(cache_evictions(f.cache), before + 1);
}
END_TEST

START_TEST(every_octet_comes_back)
{
    for (unsigned i = 0; i < 50; i++) {
        ck_assert_int_eq(put_number(i, 0), CACHE_PUT);
        ck_assert_int_eq(put_number(i, 10), CACHE_PUT); /* replaced */
    }
    ck_assert_uint_eq(cache_entries(f.cache), 50);
    ck_assert_uint_eq(cache_forget(f.cache, 0, f.zone, f.zone->apex, 0, true), 50);
    fixture_pass(&f);
    ck_assert_uint_eq(cache_entries(f.cache), 0);
    const struct table *t = atomic_load(&f.cache->shard[0].table);
    ck_assert_uint_eq(cache_bytes(f.cache), table_need(t->mask + 1));
    ck_assert_uint_eq(f.cache->shard[0].live, table_need(t->mask + 1));
}
END_TEST

START_TEST(large_sets_wait_for_room)
{
    static uint8_t data[SIZE];
    for (unsigned i = 0; i < 400; i++) {
        (void)put_number(i, 0);
        fixture_pass(&f);
    }
    struct cache_entry e = fixture_entry(100);
    e.set.size = 20000;
    e.set.data = data;
    unsigned tries = 0;
    while (fixture_put(&f, "large.example.com", &e, 0) == CACHE_PUT_FULL) {
        ck_assert_uint_lt(++tries, 10);
        fixture_pass(&f);
    }
    e.set.size = SIZE;
    for (tries = 0; tries < 20; tries++) { /* never fits; loses nothing it need not */
        ck_assert_int_eq(fixture_put(&f, "larger.example.com", &e, 0), CACHE_PUT_FULL);
        fixture_pass(&f);
    }
}
END_TEST

START_TEST(a_cache_may_go_before_its_epoch)
{
    struct fixture g;
    struct cache_options o = fixture_options();
    o.size = 4000;
    fixture_start(&g, o);
    for (unsigned i = 0; i < 100; i++) {
        char text[40];
        struct cache_entry e = fixture_entry(1000);
        snprintf(text, sizeof text, "n%u.example.com", i);
        (void)fixture_put(&g, text, &e, 0);
    }
    epoch_leave(g.epoch, 0);
    cache_free(g.cache); /* what it retired is still the epoch's */
    epoch_free(g.epoch);
    cache_zone_free(g.zone);
}
END_TEST

TCase *case_cache_shard(void)
{
    TCase *c = tcase_create("cache_shard");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, bound_holds_while_somebody_reads);
    tcase_add_test(c, bound_holds_to_the_octet);
    tcase_add_test(c, makes_room_when_readers_pass);
    tcase_add_test(c, those_asked_for_stay);
    tcase_add_test(c, the_dead_go_first);
    tcase_add_test(c, every_octet_comes_back);
    tcase_add_test(c, large_sets_wait_for_room);
    tcase_add_test(c, a_cache_may_go_before_its_epoch);
    return c;
}
