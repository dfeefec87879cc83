/* cache_cache.c - what the cache promises: the TTL rules of CONVERGENCE.md one by one, the fence,
 * denials, stale answers, refresh, and threads that put and get at the same time (run by hand under
 * TSan, too). */
#include "cache_fixture.h"
#include "cases.h"
#include "wire/msg.h"
#include <pthread.h>
#include <stdatomic.h>

static struct fixture f;

static void start(void)
{
    fixture_start(&f, fixture_options());
}

static void stop(void)
{
    fixture_stop(&f);
}

/* Rule 1. */
START_TEST(ttl_is_what_is_left_rounded_down)
{
    struct cache_entry e = fixture_entry(300);
    struct cache_found found;
    e.asked = at_ms(1000);
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 1250), CACHE_PUT);
    const struct {
        int64_t ms;
        uint32_t left;
    } cases[] = {{1250, 299}, {2000, 299}, {2001, 298}, {151000, 150}, {300000, 1}, {300999, 0}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(fixture_get(&f, "a.example.com", cases[i].ms, &found));
        ck_assert_uint_eq(found.ttl_s, cases[i].left);
        ck_assert_uint_eq(found.set.ttl, cases[i].left);
        ck_assert(!found.stale);
    }
    ck_assert(!fixture_get(&f, "a.example.com", 301000, &found));
}
END_TEST

START_TEST(ttl_never_rises_through_a_chain)
{
    struct cache_found found;
    uint32_t ttl_s = 60, shown = 60;
    for (int64_t ms = 0; ms < 60000; ms += 700) { /* each cache asks the one before it, 3 ms away */
        struct cache_entry e = fixture_entry(ttl_s);
        e.asked = at_ms(ms - 3);
        if (fixture_put(&f, "a.example.com", &e, ms) != CACHE_PUT) {
            break;
        }
        ck_assert(fixture_get(&f, "a.example.com", ms, &found));
        ck_assert_uint_le(found.ttl_s, shown);
        ck_assert_uint_le(found.ttl_s, 60 - (uint32_t)(ms / 1000));
        shown = ttl_s = found.ttl_s;
    }
    ck_assert_uint_eq(ttl_s, 0);
}
END_TEST

/* Rule 2. */
START_TEST(one_ttl_for_set_and_signatures)
{
    struct rrset sigs = {TYPE_RRSIG, 1, 40, sizeof fixture_address, fixture_address};
    struct cache_entry e = fixture_entry(300);
    struct cache_found found;
    e.sigs = &sigs;
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT);
    ck_assert(fixture_get(&f, "a.example.com", 0, &found));
    ck_assert_uint_eq(found.ttl_s, 40);
    ck_assert_uint_eq(found.sigs.ttl, 40);
    ck_assert_uint_eq(found.sigs.count, 1);
    ck_assert_uint_eq(found.sigs.type, TYPE_RRSIG);
    ck_assert_mem_eq(found.sigs.data, fixture_address, sizeof fixture_address);
}
END_TEST

START_TEST(ttl_zero_is_not_kept)
{
    struct cache_found found;
    struct cache_entry e = fixture_entry(0);
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT_ZERO);
    e = fixture_entry(UINT32_C(0x80000001)); /* top bit: 0 */
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT_ZERO);
    e = fixture_entry(2); /* used up on the way */
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 2000), CACHE_PUT_ZERO);
    ck_assert(!fixture_get(&f, "a.example.com", 0, &found));
    ck_assert_uint_eq(cache_entries(f.cache), 0);
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 1999), CACHE_PUT);
}
END_TEST

/* Rule 3. */
START_TEST(denials_are_kept_for_what_they_say)
{
    static const uint8_t soa[] = {0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0,
                                  0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 60};
    struct cache_entry e = fixture_denial(CACHE_NODATA, 60);
    struct cache_found found;
    struct name owner;
    ck_assert(name_from("example.com", &owner));
    e.soa = soa;
    e.soa_len = sizeof soa;
    e.soa_owner = owner.octets;
    e.has_version = true;
    e.version = 7;
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT);
    ck_assert(fixture_get(&f, "A.example.COM", 1, &found));
    ck_assert_int_eq(found.kind, CACHE_NODATA);
    ck_assert_uint_eq(found.ttl_s, 59);
    ck_assert_uint_eq(found.soa_len, sizeof soa);
    ck_assert_mem_eq(found.soa, soa, sizeof soa);
    ck_assert(name_same(found.soa_owner, owner.octets));
    ck_assert(found.has_version);
    ck_assert_uint_eq(found.version, 7);
    struct cache_key other = fixture_key(&f, "a.example.com", TYPE_AAAA);
    ck_assert(!cache_get(f.cache, &other, at_ms(1), false, &found));
    ck_assert(!cache_get_nxdomain(f.cache, &other, at_ms(1), false, &found));
}
END_TEST

START_TEST(nxdomain_covers_what_is_below)
{
    struct cache_entry e = fixture_denial(CACHE_NXDOMAIN, 60);
    struct cache_found found;
    ck_assert_int_eq(fixture_put(&f, "gone.example.com", &e, 0), CACHE_PUT);
    const struct {
        const char *name;
        bool covered;
    } cases[] = {{"gone.example.com", true},       {"x.GONE.example.com", true},
                 {"a.b.c.gone.example.com", true}, {"here.example.com", false},
                 {"xgone.example.com", false},     {"example.com", false}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cache_key k = fixture_key(&f, cases[i].name, TYPE_MX);
        ck_assert_int_eq(cache_get_nxdomain(f.cache, &k, at_ms(0), false, &found),
                         cases[i].covered);
        ck_assert(!cache_get_nxdomain(f.cache, &k, at_ms(60000), false, &found));
        k.dnssec_ok = true;
        ck_assert(!cache_get_nxdomain(f.cache, &k, at_ms(0), false, &found));
    }
}
END_TEST

START_TEST(nxdomain_of_the_apex_covers_nothing_else)
{
    struct cache_entry e = fixture_denial(CACHE_NXDOMAIN, 60);
    struct cache_found found;
    ck_assert_int_eq(fixture_put(&f, "example.com", &e, 0), CACHE_PUT);
    ck_assert_int_eq(fixture_put(&f, "com", &e, 0), CACHE_PUT);
    struct cache_key k = fixture_key(&f, "www.example.com", TYPE_A);
    ck_assert(!cache_get_nxdomain(f.cache, &k, at_ms(0), false, &found));
    k = fixture_key(&f, "example.com", TYPE_A);
    ck_assert(cache_get_nxdomain(f.cache, &k, at_ms(0), false, &found));
}
END_TEST

START_TEST(nxdomain_can_be_kept_from_covering)
{
    struct fixture g;
    struct cache_options o = fixture_options();
    o.nxdomain_covers_below = false;
    fixture_start(&g, o);
    struct cache_entry e = fixture_denial(CACHE_NXDOMAIN, 60);
    struct cache_found found;
    ck_assert_int_eq(fixture_put(&g, "gone.example.com", &e, 0), CACHE_PUT);
    struct cache_key k = fixture_key(&g, "x.gone.example.com", TYPE_A);
    ck_assert(!cache_get_nxdomain(g.cache, &k, at_ms(0), false, &found));
    k = fixture_key(&g, "gone.example.com", TYPE_A);
    ck_assert(cache_get_nxdomain(g.cache, &k, at_ms(0), false, &found));
    fixture_stop(&g);
}
END_TEST

/* Rule 4. */
START_TEST(caps_lower_and_nothing_raises)
{
    struct cache_entry e = fixture_entry(200000);
    struct cache_found found;
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT);
    ck_assert(fixture_get(&f, "a.example.com", 0, &found));
    ck_assert_uint_eq(found.ttl_s, 86400);
    e = fixture_denial(CACHE_NODATA, 200000);
    ck_assert_int_eq(fixture_put(&f, "b.example.com", &e, 0), CACHE_PUT);
    ck_assert(fixture_get(&f, "b.example.com", 0, &found));
    ck_assert_uint_eq(found.ttl_s, 10800);
    e = fixture_entry(1);
    ck_assert_int_eq(fixture_put(&f, "c.example.com", &e, 0), CACHE_PUT);
    ck_assert(!fixture_get(&f, "c.example.com", 1000, &found));
}
END_TEST

/* Rule 5. */
START_TEST(stale_only_when_allowed)
{
    struct cache_entry e = fixture_entry(10);
    struct cache_found found;
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT);
    struct cache_key k = fixture_key(&f, "a.example.com", TYPE_A);
    ck_assert(cache_get(f.cache, &k, at_ms(9999), true, &found));
    ck_assert(!found.stale);
    ck_assert(!cache_get(f.cache, &k, at_ms(10000), false, &found));
    ck_assert(cache_get(f.cache, &k, at_ms(10000), true, &found));
    ck_assert(found.stale);
    ck_assert_uint_eq(found.ttl_s, 30);
    ck_assert(cache_get(f.cache, &k, at_ms(10000 + 86400 * 1000 - 1), true, &found));
    ck_assert(!cache_get(f.cache, &k, at_ms(10000 + 86400 * 1000), true, &found));
    atomic_store(&f.zone->unsure, true); /* nobody confirms that it is still so */
    ck_assert(!cache_get(f.cache, &k, at_ms(10000), true, &found));
    ck_assert(cache_get(f.cache, &k, at_ms(9999), true, &found));
    atomic_store(&f.zone->unsure, false);
    ck_assert(cache_get(f.cache, &k, at_ms(10000), true, &found));
    atomic_store(&f.zone->step, 1); /* known to be changed */
    ck_assert(!cache_get(f.cache, &k, at_ms(10000), true, &found));
}
END_TEST

/* Rule 6. */
START_TEST(refresh_is_told_once_to_one_asker)
{
    struct cache_entry e = fixture_entry(100);
    struct cache_found found;
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT);
    ck_assert(fixture_get(&f, "a.example.com", 95000, &found));
    ck_assert(!found.refresh); /* the first to ask since it was stored */
    ck_assert(fixture_get(&f, "a.example.com", 89999, &found));
    ck_assert(!found.refresh); /* not in its last tenth */
    ck_assert(fixture_get(&f, "a.example.com", 90000, &found));
    ck_assert(found.refresh);
    ck_assert(fixture_get(&f, "a.example.com", 90001, &found));
    ck_assert(!found.refresh);
    e.asked = at_ms(90002);
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 90010), CACHE_PUT);
    ck_assert(fixture_get(&f, "a.example.com", 90020, &found));
    ck_assert(fixture_get(&f, "a.example.com", 185000, &found));
    ck_assert(found.refresh);
}
END_TEST

START_TEST(refresh_can_be_off)
{
    struct fixture g;
    struct cache_options o = fixture_options();
    o.refresh_at = 0;
    fixture_start(&g, o);
    struct cache_entry e = fixture_entry(100);
    struct cache_found found;
    ck_assert_int_eq(fixture_put(&g, "a.example.com", &e, 0), CACHE_PUT);
    for (int64_t ms = 0; ms < 100000; ms += 999) {
        ck_assert(fixture_get(&g, "a.example.com", ms, &found));
        ck_assert(!found.refresh);
    }
    fixture_stop(&g);
}
END_TEST

START_TEST(a_step_forgets_the_zone)
{
    struct cache_entry e = fixture_entry(100);
    struct cache_found found;
    struct cache_zone *other = cache_zone_new(2, name_root, 0);
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT);
    struct cache_key k = fixture_key(&f, "a.example.com", TYPE_A);
    k.zone = other;
    ck_assert(!cache_get(f.cache, &k, at_ms(0), false, &found)); /* the zone is part of the key */
    ck_assert_int_eq(cache_put(f.cache, 0, &k, &e, at_ms(0)), CACHE_PUT);
    atomic_store(&f.zone->step, 1);
    ck_assert(!fixture_get(&f, "a.example.com", 1, &found));
    ck_assert(cache_get(f.cache, &k, at_ms(1), false, &found));
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 1), CACHE_PUT_FENCED); /* asked before */
    e.step = 1;
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 1), CACHE_PUT);
    ck_assert(fixture_get(&f, "a.example.com", 1, &found));
    ck_assert_uint_eq(found.step, 1);
    fixture_stop(&f); /* entries go before their zones */
    cache_zone_free(other);
    start();
}
END_TEST

START_TEST(an_older_version_does_not_come_in)
{
    struct cache_entry e = fixture_entry(100);
    e.has_version = true;
    e.version = 0xfffffffe;
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &e, 0), CACHE_PUT); /* nothing is known yet */
    atomic_store(&f.zone->known, cache_serial(3));                        /* RFC 1982: newer */
    ck_assert_int_eq(fixture_put(&f, "b.example.com", &e, 0), CACHE_PUT_FENCED);
    e.version = 3;
    ck_assert_int_eq(fixture_put(&f, "b.example.com", &e, 0), CACHE_PUT);
    e.version = 4;
    ck_assert_int_eq(fixture_put(&f, "c.example.com", &e, 0), CACHE_PUT);
    e = fixture_entry(0);
    e.has_version = true;
    e.version = 2;
    ck_assert_int_eq(fixture_put(&f, "d.example.com", &e, 0),
                     CACHE_PUT_FENCED); /* nor with TTL 0 */
}
END_TEST

START_TEST(what_was_asked_later_stays)
{
    struct cache_entry early = fixture_entry(100), late = fixture_entry(50);
    struct cache_found found;
    late.asked = at_ms(500);
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &late, 600), CACHE_PUT);
    ck_assert_int_eq(fixture_put(&f, "a.example.com", &early, 700), CACHE_PUT);
    ck_assert(fixture_get(&f, "a.example.com", 700, &found));
    ck_assert_uint_eq(found.ttl_s, 49);
    ck_assert_uint_eq(cache_entries(f.cache), 1);
}
END_TEST

START_TEST(keys_are_kept_apart)
{
    struct cache_found found;
    struct cache_entry e = fixture_entry(100);
    struct cache_key k = fixture_key(&f, "a.example.com", TYPE_A);
    k.dnssec_ok = true;
    ck_assert_int_eq(cache_put(f.cache, 0, &k, &e, at_ms(0)), CACHE_PUT);
    ck_assert(!fixture_get(&f, "a.example.com", 0, &found));
    k.type = TYPE_AAAA;
    ck_assert(!cache_get(f.cache, &k, at_ms(0), false, &found));
    k.type = TYPE_A;
    ck_assert(cache_get(f.cache, &k, at_ms(0), false, &found));
    ck_assert_mem_eq(found.set.data, fixture_address, sizeof fixture_address);
}
END_TEST

START_TEST(the_owner_keeps_its_case)
{
    struct cache_found found;
    struct cache_entry e = fixture_entry(100);
    ck_assert_int_eq(fixture_put(&f, "WwW.example.com", &e, 0), CACHE_PUT);
    ck_assert(fixture_get(&f, "www.EXAMPLE.com", 0, &found));
    ck_assert_mem_eq(found.owner, "\3WwW\7example\3com", 17);
}
END_TEST

START_TEST(a_small_node_is_small)
{
    struct cache_options o = fixture_options();
    o.size = UINT64_C(16) << 30;
    struct epoch *e = o.epoch = epoch_new(1);
    struct cache *c = cache_new(&o);
    ck_assert_uint_eq(cache_bytes(c), 0); /* nothing is sized by the bound */
    cache_free(c);
    o.size = 0;
    c = cache_new(&o);
    ck_assert_ptr_nonnull(c);
    cache_free(c);
    epoch_free(e);
}
END_TEST

/* ---- threads ---- */

#define NAMES 60
struct crew {
    struct epoch *epoch;
    struct cache *cache;
    struct cache_zone *zone;
    unsigned slot;
    _Atomic unsigned *hits;
};

/* Each entry's data says which name it is of: a torn or freed one would not. */
static void turn(const struct crew *w, unsigned i)
{
    unsigned n = (i * 7919 + w->slot * 104729) % NAMES;
    char text[40];
    struct name name;
    uint8_t data[] = {0, 4, (uint8_t)(n >> 8), (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)n};
    snprintf(text, sizeof text, "n%u.example.com", n);
    ck_assert(name_from(text, &name));
    struct cache_key k = {w->zone, name.octets, TYPE_A, false};
    struct cache_found found;
    if (cache_get(w->cache, &k, at_ms(i), false, &found)) {
        ck_assert_mem_eq(found.set.data, data, sizeof data);
        atomic_fetch_add(w->hits, 1);
        return;
    }
    struct cache_entry e = {.kind = n % 5 == 0 ? CACHE_NXDOMAIN : CACHE_RRSET,
                            .set = {TYPE_A, 1, 2, sizeof data, data},
                            .ttl_s = 2,
                            .asked = at_ms(i),
                            .step = atomic_load(&w->zone->step)};
    (void)cache_put(w->cache, w->slot, &k, &e, at_ms(i));
    bool was_free;
    if (cache_claim(w->cache, &k, w->slot, &was_free) == w->slot) {
        cache_unclaim(w->cache, &k, w->slot);
    }
    k.name = found.owner = name.octets;
    (void)cache_get_nxdomain(w->cache, &k, at_ms(i), true, &found);
}

static void *work(void *arg)
{
    const struct crew *w = arg;
    for (unsigned i = 0; i < 6000; i++) {
        epoch_enter(w->epoch, w->slot);
        turn(w, i);
        if (w->slot == 1 && i % 500 == 0) {
            (void)cache_sweep(w->cache, w->slot, at_ms(i), 100);
            atomic_fetch_add(&w->zone->step, 1);
        }
        if (w->slot == 2 && i % 700 == 0) {
            (void)cache_forget(w->cache, w->slot, w->zone, w->zone->apex, TYPE_A, true);
        }
        epoch_leave(w->epoch, w->slot);
        epoch_sweep(w->epoch, w->slot, 50);
    }
    return NULL;
}

START_TEST(threads_see_whole_entries)
{
    struct cache_options o = fixture_options();
    struct fixture g;
    o.size = 24000; /* one shard, always near its bound */
    fixture_start(&g, o);
    epoch_leave(g.epoch, 0);
    pthread_t thread[FIXTURE_SLOTS];
    struct crew crew[FIXTURE_SLOTS];
    _Atomic unsigned hits = 0;
    for (unsigned i = 0; i < FIXTURE_SLOTS; i++) {
        crew[i] = (struct crew){g.epoch, g.cache, g.zone, i, &hits};
        ck_assert_int_eq(pthread_create(&thread[i], NULL, work, &crew[i]), 0);
    }
    for (unsigned i = 0; i < FIXTURE_SLOTS; i++) {
        pthread_join(thread[i], NULL);
    }
    ck_assert_uint_gt(atomic_load(&hits), 100);
    ck_assert_uint_le(cache_bytes(g.cache), o.size);
    epoch_enter(g.epoch, 0);
    fixture_stop(&g);
}
END_TEST

TCase *case_cache_cache(void)
{
    TCase *c = tcase_create("cache_cache");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, ttl_is_what_is_left_rounded_down);
    tcase_add_test(c, ttl_never_rises_through_a_chain);
    tcase_add_test(c, one_ttl_for_set_and_signatures);
    tcase_add_test(c, ttl_zero_is_not_kept);
    tcase_add_test(c, denials_are_kept_for_what_they_say);
    tcase_add_test(c, nxdomain_covers_what_is_below);
    tcase_add_test(c, nxdomain_of_the_apex_covers_nothing_else);
    tcase_add_test(c, nxdomain_can_be_kept_from_covering);
    tcase_add_test(c, caps_lower_and_nothing_raises);
    tcase_add_test(c, stale_only_when_allowed);
    tcase_add_test(c, refresh_is_told_once_to_one_asker);
    tcase_add_test(c, refresh_can_be_off);
    tcase_add_test(c, a_step_forgets_the_zone);
    tcase_add_test(c, an_older_version_does_not_come_in);
    tcase_add_test(c, what_was_asked_later_stays);
    tcase_add_test(c, keys_are_kept_apart);
    tcase_add_test(c, the_owner_keeps_its_case);
    tcase_add_test(c, a_small_node_is_small);
    tcase_add_test(c, threads_see_whole_entries);
    return c;
}
