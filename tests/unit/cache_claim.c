/* cache_claim.c - identical questions have one asker: the first to claim, until it gives the claim
 * back. */
#include "cache/claim.h"
#include "cache_fixture.h"
#include "cases.h"

static struct fixture f;

static void start(void)
{
    fixture_start(&f, fixture_options());
}

static void stop(void)
{
    fixture_stop(&f);
}

START_TEST(the_first_has_it)
{
    bool was_free;
    struct cache_key k = fixture_key(&f, "a.example.com", TYPE_A);
    ck_assert_uint_eq(cache_claim(f.cache, &k, 2, &was_free), 2);
    ck_assert(was_free);
    ck_assert_uint_eq(cache_claim(f.cache, &k, 1, &was_free), 2);
    ck_assert(!was_free);
    ck_assert_uint_eq(cache_claim(f.cache, &k, 2, &was_free), 2);
    ck_assert(!was_free);
    cache_unclaim(f.cache, &k, 1); /* not its own */
    ck_assert_uint_eq(cache_claim(f.cache, &k, 1, &was_free), 2);
    cache_unclaim(f.cache, &k, 2);
    cache_unclaim(f.cache, &k, 2);
    ck_assert_uint_eq(cache_claim(f.cache, &k, 1, &was_free), 1);
    ck_assert(was_free);
}
END_TEST

START_TEST(other_questions_are_free)
{
    bool was_free;
    struct cache_key k = fixture_key(&f, "a.example.com", TYPE_A);
    ck_assert_uint_eq(cache_claim(f.cache, &k, 2, &was_free), 2);
    k.type = TYPE_AAAA;
    ck_assert_uint_eq(cache_claim(f.cache, &k, 1, &was_free), 1);
    k.type = TYPE_A;
    k.dnssec_ok = true;
    ck_assert_uint_eq(cache_claim(f.cache, &k, 3, &was_free), 3);
    k = fixture_key(&f, "A.example.com", TYPE_A);
    ck_assert_uint_eq(cache_claim(f.cache, &k, 3, &was_free), 2); /* the same name */
    k = fixture_key(&f, "b.example.com", TYPE_A);
    ck_assert_uint_eq(cache_claim(f.cache, &k, 3, &was_free), 3);
}
END_TEST

START_TEST(many_at_once)
{
    bool was_free;
    char text[40];
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "n%u.example.com", i % 2500);
        struct cache_key k = fixture_key(&f, text, TYPE_A);
        ck_assert_uint_eq(cache_claim(f.cache, &k, i, &was_free), i % 2500);
    }
    for (unsigned i = 0; i < 2500; i += 2) {
        snprintf(text, sizeof text, "n%u.example.com", i);
        struct cache_key k = fixture_key(&f, text, TYPE_A);
        cache_unclaim(f.cache, &k, i);
        ck_assert_uint_eq(cache_claim(f.cache, &k, 9999, &was_free), 9999);
        ck_assert(was_free);
    }
}
END_TEST

TCase *case_cache_claim(void)
{
    TCase *c = tcase_create("cache_claim");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, the_first_has_it);
    tcase_add_test(c, other_questions_are_free);
    tcase_add_test(c, many_at_once);
    return c;
}
