/* cache_loose.c - an answer that is not kept looks like one from the cache to those who waited for
 * it. */
#include "cache_fixture.h"
#include "cases.h"

START_TEST(looks_like_a_found_one)
{
    struct fixture f;
    fixture_start(&f, fixture_options());
    struct cache_entry e = fixture_entry(20);
    struct cache_found found;
    e.step = 4;
    struct cache_key k = fixture_key(&f, "a.example.com", TYPE_A);
    struct cache_loose *l = cache_loose_new(f.cache, &k, &e, at_ms(1500), &found);
    ck_assert_uint_eq(found.ttl_s, 18);
    ck_assert_uint_eq(found.set.ttl, 18);
    ck_assert_uint_eq(found.step, 4);
    ck_assert(!found.stale && !found.refresh);
    ck_assert_mem_eq(found.set.data, fixture_address, sizeof fixture_address);
    ck_assert(name_same(found.owner, k.name));
    cache_loose_free(l);
    fixture_stop(&f);
}
END_TEST

START_TEST(used_up_is_ttl_zero_and_not_stale)
{
    struct fixture f;
    fixture_start(&f, fixture_options());
    struct cache_found found;
    struct cache_key k = fixture_key(&f, "a.example.com", TYPE_A);
    for (uint32_t ttl_s = 0; ttl_s < 4; ttl_s++) {
        struct cache_entry e = fixture_entry(ttl_s);
        struct cache_loose *l = cache_loose_new(f.cache, &k, &e, at_ms(3000), &found);
        ck_assert_uint_eq(found.ttl_s, 0);
        ck_assert_uint_eq(found.set.ttl, 0);
        ck_assert(!found.stale);
        cache_loose_free(l);
    }
    cache_loose_free(NULL);
    fixture_stop(&f);
}
END_TEST

/* What another cache gave as stale gets no new life here: given on as that, and not kept. */
START_TEST(stale_is_given_on_and_not_kept)
{
    struct fixture f;
    fixture_start(&f, fixture_options());
    struct cache_entry e = fixture_entry(30);
    struct cache_found found;
    e.stale = true;
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT_ZERO);
    ck_assert(!fixture_get(&f, "a.example.com", 0, &found));
    struct cache_key k = fixture_key(&f, "a.example.com", TYPE_A);
    struct cache_loose *l = cache_loose_new(f.cache, &k, &e, at_ms(500), &found);
    ck_assert(found.stale);
    ck_assert_uint_eq(found.ttl_s, 29);
    cache_loose_free(l);
    f.zone->step++;
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT_FENCED);
    fixture_stop(&f);
}
END_TEST

TCase *case_cache_loose(void)
{
    TCase *c = tcase_create("cache_loose");
    tcase_add_test(c, looks_like_a_found_one);
    tcase_add_test(c, used_up_is_ttl_zero_and_not_stale);
    tcase_add_test(c, stale_is_given_on_and_not_kept);
    return c;
}
