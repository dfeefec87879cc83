/* keeper_follow.c - a cache zone follows its primaries: a new serial is a step at once and is
 * confirmed when every worker has passed it (CONVERGENCE.md, What a cache forgets, Confirmed). */
#include "cases.h"
#include "keeper_fixture.h"

#define ZONE(more)                                                                                 \
    "peers: [{ name: ns1, address: 192.0.2.2 }, { name: far, address: 192.0.2.9, kind: cache }]\n" \
    "zones: [{ name: example, role: cache, primaries: [ns1]" more " }]\n"
#define FOLLOWING ZONE("")

static struct rig r;
static struct rig_peer *p;

static void start(void)
{
    rig_open(&r);
    p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){.at = p->at, .answers = true, .serial = 1};
}

static void stop(void)
{
    rig_close(&r);
}

static struct cache_zone *cache(void)
{
    return rig_kept(&r, 0)->slot->cache;
}

static uint64_t steps(void)
{
    return atomic_load(&cache()->step);
}

/* What probes are told; 0: nothing. */
static uint32_t coherent(void)
{
    uint32_t serial = 0;
    return cache_serial_get(atomic_load(&cache()->coherent), &serial) ? serial : 0;
}

static uint32_t known(void)
{
    uint32_t serial = 0;
    return cache_serial_get(atomic_load(&cache()->known), &serial) ? serial : 0;
}

static void notify(uint32_t serial)
{
    rig_notified(&r, "192.0.2.2", serial);
    rig_run(&r, 0);
}

START_TEST(polls_at_start_and_is_coherent)
{
    const struct slot_soa *soa;
    struct soa read;
    rig_start(&r, FOLLOWING);
    RIG_WIRE(&r, "0 192.0.2.2 soa\n");
    ck_assert_uint_eq(coherent(), 1);
    ck_assert_uint_eq(known(), 1);
    soa = atomic_load(&rig_kept(&r, 0)->slot->soa);
    ck_assert(soa != NULL && soa_read(soa->rdata, soa->len, &read));
    ck_assert_uint_eq(read.serial, 1);
    ck_assert(rig_zone(&r, 0)->follows);
    ck_assert_uint_eq(rig_zone(&r, 0)->serial, 1);
    ck_assert(!atomic_load(&cache()->recursive)); /* RD=0 towards servers */
    ck_assert(rig_logged(&r, "info: zone example: serial 1 at ns1\n"));
    rig_run(&r, 3600000);
    ck_assert_uint_eq(strlen(rig_wire(&r)) > 0, 1); /* on REFRESH */
}
END_TEST

START_TEST(a_new_serial_is_forgotten_then_confirmed)
{
    rig_start(&r, FOLLOWING);
    uint64_t before = steps();
    p->serial = 2;
    epoch_enter(r.epoch, 1); /* a worker that may have an old answer in hand */
    notify(2);
    ck_assert_uint_gt(steps(), before); /* whoever looks from now on finds nothing old */
    ck_assert_uint_eq(known(), 2);
    ck_assert_uint_eq(coherent(), 1);
    rig_run(&r, 500);
    ck_assert_uint_eq(coherent(), 1);
    epoch_leave(r.epoch, 1);
    epoch_enter(r.epoch, 1);
    rig_run(&r, 1);
    ck_assert_uint_eq(coherent(), 2);
    epoch_leave(r.epoch, 1);
    ck_assert(rig_logged(&r, "info: zone example: serial 1 -> 2 at ns1, all entries forgotten\n"));
    ck_assert_uint_eq(steps(), before + 1);
}
END_TEST

START_TEST(the_same_serial_forgets_nothing)
{
    rig_start(&r, FOLLOWING);
    uint64_t before = steps();
    notify(0);
    rig_run(&r, 7200000);
    ck_assert_uint_eq(steps(), before);
    ck_assert_int_gt(rig_zone(&r, 0)->refreshed.ms, RIG_START + 3600000);
}
END_TEST

/* A chain confirms from the origin down: those behind us hear of it after us. */
START_TEST(its_own_caches_are_told_after_it)
{
    rig_start(&r, ZONE(", notify: [far]"));
    RIG_WIRE(&r, "0 192.0.2.2 soa\n"
                 "0 192.0.2.9 notify 1\n");
    rig_run(&r, 2000);
    rig_wire(&r);
    p->serial = 2;
    epoch_enter(r.epoch, 1);
    notify(2);
    rig_run(&r, 100);
    ck_assert_ptr_null(strstr(rig_wire(&r), "notify 2"));
    epoch_leave(r.epoch, 1);
    rig_run(&r, 1);
    ck_assert_ptr_nonnull(strstr(rig_wire(&r), "192.0.2.9 notify 2\n"));
}
END_TEST

START_TEST(no_answer_forgets_nothing_and_confirms_nothing)
{
    rig_start(&r, FOLLOWING);
    uint64_t before = steps();
    p->answers = false;
    notify(2);
    rig_run(&r, 3500);
    ck_assert(atomic_load(&cache()->unsure)); /* no stale answers meanwhile */
    ck_assert_uint_eq(steps(), before);
    ck_assert_uint_eq(coherent(), 1);
    p->answers = true;
    p->serial = 2;
    rig_run(&r, 5000);
    ck_assert(!atomic_load(&cache()->unsure));
    ck_assert_uint_eq(coherent(), 2);
}
END_TEST

START_TEST(a_resolver_is_forwarded_to_plainly)
{
    p->lame = true;
    rig_start(&r, FOLLOWING);
    ck_assert(!rig_zone(&r, 0)->follows);
    ck_assert_uint_eq(coherent(), 0);
    ck_assert(atomic_load(&cache()->recursive));
    ck_assert(rig_logged(&r, "notice: zone example: its primaries are not authoritative: plain "
                             "forwarding, changes are not followed\n"));
    uint64_t before = steps();
    p->serial = 2;
    rig_run(&r, 299000);
    RIG_WIRE(&r, "0 192.0.2.2 soa\n");
    rig_run(&r, 1000);
    RIG_WIRE(&r, "300000 192.0.2.2 soa\n"); /* still? */
    ck_assert_uint_eq(steps(), before);     /* its serial says nothing about what it answers */
    ck_assert(!rig_logged(&r, "plain forwarding"));
    p->lame = false;
    rig_run(&r, 300000);
    ck_assert(rig_zone(&r, 0)->follows);
    ck_assert_uint_eq(coherent(), 2);
    ck_assert_uint_gt(steps(), before);
    before = steps();
    p->lame = true;
    notify(3);
    ck_assert(!rig_zone(&r, 0)->follows);
    ck_assert_uint_gt(steps(), before);
    ck_assert_uint_eq(coherent(), 0);
}
END_TEST

START_TEST(another_settled_cache_is_followed)
{
    p->lame = true;
    p->mark = true;
    rig_start(&r, FOLLOWING);
    ck_assert(rig_zone(&r, 0)->follows);
    ck_assert_uint_eq(coherent(), 1);
    ck_assert(atomic_load(&cache()->recursive)); /* RD=1 towards caches */
}
END_TEST

/* Rule 7: when all primaries have been behind us for a REFRESH, they are right. */
START_TEST(primaries_that_went_back)
{
    p->serial = 9;
    rig_start(&r, FOLLOWING);
    p->serial = 5;
    uint64_t before = steps();
    notify(0);
    rig_run(&r, 3590000);
    ck_assert_uint_eq(coherent(), 9);
    ck_assert_uint_eq(steps(), before);
    ck_assert_str_eq(
        rig_zone(&r, 0)->error,
        "no primary gave an answer we can use: 192.0.2.2: its serial is older than ours");
    rig_run(&r, 1300000);
    ck_assert_uint_eq(coherent(), 5);
    ck_assert_uint_gt(steps(), before);
    ck_assert(rig_logged(&r, "every primary has gone back to serial 5: all entries forgotten\n"));
}
END_TEST

START_TEST(not_followed_when_the_owner_says_so)
{
    rig_start(&r, ZONE(", follow: no"));
    rig_run(&r, 7200000);
    RIG_WIRE(&r, "");
    ck_assert(!rig_zone(&r, 0)->follows);
    ck_assert(atomic_load(&cache()->recursive));
}
END_TEST

/* A worker saw a newer serial in an answer. */
START_TEST(news_from_upstream_is_due_now)
{
    struct keeper_event e = {.kind = KEEPER_NEWS, .has_serial = true, .serial = 2};
    rig_start(&r, FOLLOWING);
    p->serial = 2;
    rig_step(&r, &e);
    rig_run(&r, 0);
    ck_assert_uint_eq(coherent(), 2);
}
END_TEST

START_TEST(who_showed_what_is_noted_for_questions)
{
    rig_start(&r, FOLLOWING);
    ck_assert_uint_eq(atomic_load(&cache()->origins[0].seen), cache_serial(1));
    ck_assert(!atomic_load(&cache()->origins[0].failing));
    p->answers = false;
    notify(0);
    rig_run(&r, 3500);
    ck_assert(atomic_load(&cache()->origins[0].failing));
    ck_assert_uint_eq(atomic_load(&cache()->origins[0].seen), cache_serial(1));
}
END_TEST

/* I5 over a restart: on disk before it is confirmed, the fence from the start, an older serial
 * only when all have it for long. */
START_TEST(what_was_confirmed_outlives_a_restart)
{
    rig_disk(&r);
    rig_start(&r, FOLLOWING);
    p->serial = 5;
    notify(5);
    rig_run(&r, 10);
    ck_assert_uint_eq(coherent(), 5);
    ck_assert_uint_eq(r.commits, 2);
    p->serial = 4;
    rig_again(&r, 1000, FOLLOWING);
    rig_run(&r, 100000);
    ck_assert_uint_eq(known(), 5);
    ck_assert_uint_eq(coherent(), 0);
    rig_run(&r, 300000 + 60000);
    ck_assert_uint_eq(coherent(), 4);
    rig_again(&r, 1000, FOLLOWING);
    rig_run(&r, 10);
    ck_assert_uint_eq(coherent(), 4);
    ck_assert_uint_eq(r.commits, 4); /* the same serial is not written again */
}
END_TEST

/* Forgotten at once, confirmed when it is on disk; a disk that takes nothing holds it up no
 * longer than it says so. */
START_TEST(confirmed_when_it_is_on_disk)
{
    rig_disk(&r);
    rig_start(&r, FOLLOWING);
    r.commit_ms = 50;
    p->serial = 2;
    notify(2);
    rig_run(&r, 49);
    ck_assert_uint_eq(known(), 2);
    ck_assert_uint_eq(coherent(), 1);
    rig_run(&r, 2);
    ck_assert_uint_eq(coherent(), 2);
    r.disk_full = true;
    p->serial = 3;
    notify(3);
    rig_run(&r, 60);
    ck_assert_uint_eq(coherent(), 3);
}
END_TEST

/* A zone that comes or goes below it takes what was kept for its names along. */
START_TEST(a_nested_zone_is_forgotten_around)
{
    rig_start(&r, FOLLOWING);
    uint64_t before = steps();
    rig_configure(&r, "peers: [{ name: ns1, address: 192.0.2.2 }, { name: far, address: 192.0.2.9, "
                      "kind: cache }]\n"
                      "zones:\n"
                      "  - { name: example, role: cache, primaries: [ns1] }\n"
                      "  - { name: sub.example, role: cache, primaries: [far] }\n"
                      "  - { name: other, role: cache, primaries: [far] }\n");
    ck_assert_uint_eq(steps(), before + 1);
    ck_assert_uint_eq(coherent(), 1);
    rig_configure(&r, FOLLOWING);
    ck_assert_uint_eq(steps(), before + 2);
    ck_assert_uint_eq(coherent(), 1);
}
END_TEST

TCase *case_keeper_follow(void)
{
    TCase *c = tcase_create("keeper_follow");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, polls_at_start_and_is_coherent);
    tcase_add_test(c, a_new_serial_is_forgotten_then_confirmed);
    tcase_add_test(c, the_same_serial_forgets_nothing);
    tcase_add_test(c, its_own_caches_are_told_after_it);
    tcase_add_test(c, no_answer_forgets_nothing_and_confirms_nothing);
    tcase_add_test(c, a_resolver_is_forwarded_to_plainly);
    tcase_add_test(c, another_settled_cache_is_followed);
    tcase_add_test(c, primaries_that_went_back);
    tcase_add_test(c, not_followed_when_the_owner_says_so);
    tcase_add_test(c, news_from_upstream_is_due_now);
    tcase_add_test(c, who_showed_what_is_noted_for_questions);
    tcase_add_test(c, what_was_confirmed_outlives_a_restart);
    tcase_add_test(c, confirmed_when_it_is_on_disk);
    tcase_add_test(c, a_nested_zone_is_forgotten_around);
    return c;
}
