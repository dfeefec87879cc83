/* cache_forget.c - flushing takes exactly what was named; sweeping takes what nobody can be given.
 */
#include "cache_fixture.h"
#include "cases.h"

static struct fixture f;
static const char *const names[] = {"example.com",       "www.example.com",  "a.www.example.com",
                                    "b.www.example.com", "wwww.example.com", "mail.example.com"};
#define NAMES (sizeof names / sizeof *names)

static void start(void)
{
    fixture_start(&f, fixture_options());
    for (unsigned i = 0; i < NAMES; i++) {
        struct cache_entry e = fixture_entry(100 + i);
        struct cache_key k = fixture_key(&f, names[i], TYPE_A);
        ck_assert_int_eq(cache_put(f.cache, 0, &k, &e, at_ms(0)), CACHE_PUT);
        k.type = e.set.type = TYPE_AAAA;
        k.dnssec_ok = true;
        ck_assert_int_eq(cache_put(f.cache, 0, &k, &e, at_ms(0)), CACHE_PUT);
    }
}

static void stop(void)
{
    fixture_stop(&f);
}

static uint64_t forget(const char *text, uint16_t type, bool below)
{
    struct name name;
    ck_assert(name_from(text, &name));
    return cache_forget(f.cache, 0, f.zone, name.octets, type, below);
}

static bool has(const char *text)
{
    struct cache_found found;
    return fixture_get(&f, text, 0, &found);
}

START_TEST(takes_one_name)
{
    ck_assert_uint_eq(forget("WWW.example.com", 0, false), 2);
    ck_assert(!has("www.example.com"));
    ck_assert(has("a.www.example.com") && has("wwww.example.com") && has("example.com"));
    ck_assert_uint_eq(forget("www.example.com", 0, false), 0);
}
END_TEST

START_TEST(takes_one_type)
{
    ck_assert_uint_eq(forget("www.example.com", TYPE_AAAA, false), 1);
    ck_assert(has("www.example.com"));
    ck_assert_uint_eq(forget("www.example.com", TYPE_A, false), 1);
    ck_assert(!has("www.example.com"));
}
END_TEST

START_TEST(takes_what_is_below)
{
    ck_assert_uint_eq(forget("www.example.com", 0, true), 6);
    ck_assert(has("wwww.example.com") && has("mail.example.com"));
    ck_assert_uint_eq(forget("com", 0, true), 2 * NAMES - 6);
    ck_assert_uint_eq(cache_entries(f.cache), 0);
}
END_TEST

START_TEST(takes_a_denial_whatever_the_type)
{
    struct cache_entry e = fixture_denial(CACHE_NXDOMAIN, 60);
    struct cache_found found;
    ck_assert_int_eq(fixture_put(&f, "gone.example.com", &e, 0), CACHE_PUT);
    ck_assert_uint_eq(forget("gone.example.com", TYPE_MX, false), 1);
    struct cache_key k = fixture_key(&f, "gone.example.com", TYPE_A);
    ck_assert(!cache_get_nxdomain(f.cache, &k, at_ms(0), false, &found));
}
END_TEST

START_TEST(leaves_other_zones)
{
    struct cache_zone *other = cache_zone_new(2, name_root, 0);
    ck_assert_uint_eq(cache_forget(f.cache, 0, other, name_root, 0, true), 0);
    cache_zone_free(other);
}
END_TEST

static void sweep_all(int64_t ms)
{
    for (unsigned i = 0; cache_sweep(f.cache, 0, at_ms(ms), 3); i++) {
        ck_assert_uint_lt(i, 1000);
    }
}

START_TEST(sweeps_old_steps)
{
    sweep_all(0);
    ck_assert_uint_eq(cache_entries(f.cache), 2 * NAMES);
    atomic_store(&f.zone->step, 1);
    sweep_all(0);
    ck_assert_uint_eq(cache_entries(f.cache), 0);
    uint64_t held = cache_bytes(f.cache);
    fixture_pass(&f);
    ck_assert_uint_lt(cache_bytes(f.cache), held);
}
END_TEST

START_TEST(sweeps_the_long_expired)
{
    int64_t end_ms = 100000 + INT64_C(86400000);
    sweep_all(end_ms - 1);
    ck_assert_uint_eq(cache_entries(f.cache), 2 * NAMES);
    sweep_all(end_ms);
    ck_assert_uint_eq(cache_entries(f.cache), 2 * NAMES - 2);
    sweep_all(end_ms + 10000);
    ck_assert_uint_eq(cache_entries(f.cache), 0);
}
END_TEST

TCase *case_cache_forget(void)
{
    TCase *c = tcase_create("cache_forget");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, takes_one_name);
    tcase_add_test(c, takes_one_type);
    tcase_add_test(c, takes_what_is_below);
    tcase_add_test(c, takes_a_denial_whatever_the_type);
    tcase_add_test(c, leaves_other_zones);
    tcase_add_test(c, sweeps_old_steps);
    tcase_add_test(c, sweeps_the_long_expired);
    return c;
}
