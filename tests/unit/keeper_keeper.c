/* keeper_keeper.c - one event in, actions out: when it wants to be woken, what it says once,
 * what it writes at the end, and that nothing of it is lost. */
#include "cases.h"
#include "keeper_fixture.h"

#define PRIMARY                                                                                    \
    "peers: [{ name: ns2, address: 192.0.2.2 }]\n"                                                 \
    "zones: [{ name: example, role: primary, file: example.zone, notify: [ns2] }]\n"
#define SECONDARY "zones: [{ name: example, role: secondary, primaries: [192.0.2.3] }]\n"

static struct rig r;

static void start(void)
{
    rig_open(&r);
    rig_zone_file(&r, 1, "www 600 A 192.0.2.80\n");
}

static void stop(void)
{
    rig_close(&r);
}

START_TEST(never_started)
{
    struct keeper_options o = {.config = rig_read_config(&r, PRIMARY),
                               .epoch = epoch_new(1),
                               .world = &r.world,
                               .log = &r.logger};
    struct keeper *k = keeper_new(&o);
    ck_assert_ptr_nonnull(k);
    ck_assert_uint_eq(keeper_zone_count(k), 0);
    ck_assert_int_eq(keeper_due(k).ns, MONO_NEVER.ns);
    keeper_free(k); /* and the configuration with it */
    keeper_free(NULL);
    epoch_free(o.epoch);
    r.epoch = epoch_new(2); /* for the end of the test */
}
END_TEST

START_TEST(no_zones_no_wishes)
{
    rig_start(&r, "zones: []\n");
    rig_run(&r, 100);
    ck_assert_int_eq(keeper_due(r.keeper).ns, MONO_NEVER.ns);
    ck_assert_uint_eq(atomic_load(&r.world)->count, 0);
}
END_TEST

START_TEST(woken_when_something_is_due)
{
    rig_start(&r, PRIMARY);
    ck_assert_int_eq(mono_ms_between(r.now.mono, keeper_due(r.keeper)), 5); /* the probe */
    epoch_enter(r.epoch, 1);
    rig_zone_file(&r, 2, "");
    rig_run(&r, 2000);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    rig_run(&r, 0);
    ck_assert_int_le(mono_ms_between(r.now.mono, keeper_due(r.keeper)), 1); /* what was retired */
    epoch_leave(r.epoch, 1);
}
END_TEST

/* Woken too early, it does nothing; too late, everything that is due. */
START_TEST(a_late_timer_catches_up)
{
    rig_start(&r, PRIMARY);
    RIG_STEP(&r, KEEPER_TIME);
    rig_wire(&r);
    r.now.mono = mono_plus_ms(r.now.mono, 3000);
    RIG_STEP(&r, KEEPER_TIME);
    ck_assert_ptr_nonnull(strstr(rig_wire(&r), "3000 192.0.2.2 soa\n"));
}
END_TEST

START_TEST(the_same_trouble_is_said_once)
{
    rig_start(&r, SECONDARY);
    rig_run(&r, 60000);
    unsigned said = 0;
    for (const char *at = buf_text(&r.log); (at = strstr(at, "no primary gave")) != NULL; at++) {
        said++;
    }
    ck_assert_uint_eq(said, 1);
}
END_TEST

START_TEST(what_is_not_on_disk_yet_is_the_last_batch)
{
    struct store_batch batch = {0};
    struct oops o = {{0}};
    struct rig_peer *p = rig_peer(&r, "192.0.2.3");
    *p = (struct rig_peer){
        .at = "192.0.2.3", .answers = true, .serial = 1, .zone = "www 600 A 192.0.2.80\n"};
    rig_disk(&r);
    rig_start(&r, SECONDARY);
    rig_run(&r, 2000);
    ck_assert(!keeper_last_batch(r.keeper, r.now, &batch));
    rig_notified(&r, "192.0.2.3", 0);
    rig_run(&r, 0); /* confirmed just now */
    int64_t refreshed = rig_zone(&r, 0)->refreshed.ms;
    ck_assert_int_eq(refreshed, RIG_START + 2000);
    ck_assert(keeper_last_batch(r.keeper, r.now, &batch));
    ck_assert(store_commit(r.store, &batch, &o));
    batch_free(&batch);
    p->answers = false;
    rig_again(&r, 1000, SECONDARY);
    ck_assert_int_eq(rig_zone(&r, 0)->refreshed.ms, refreshed);
}
END_TEST

/* One that is edited all the time is never without a commit of its own under way. */
START_TEST(a_ledger_is_saved_during_an_adoption)
{
    struct store_batch batch = {0};
    rig_zone_file(&r, 1, "www 600 A 192.0.2.80\n");
    rig_disk(&r);
    rig_start(&r, PRIMARY);
    rig_run(&r, 2000);
    r.commit_ms = 100;
    for (uint32_t serial = 2; serial < 4; serial++) {
        rig_zone_file(&r, serial, serial == 2 ? "www 600 A 192.0.2.81\n" : "");
        RIG_STEP(&r, KEEPER_FILE_CHANGED);
        rig_run(&r, serial == 2 ? 300 : 50);
    }
    struct kept *z = rig_kept(&r, 0);
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert(z->adoption != NULL && ledger_dirty(z->ledger));
    z->row_dirty = true;
    ck_assert(keeper_last_batch(r.keeper, r.now, &batch));
    ck_assert(!ledger_dirty(z->ledger));
    ck_assert(z->row_dirty); /* the commit under way has a newer row: it is not undone */
    batch_free(&batch);
}
END_TEST

START_TEST(flushed_within_a_second)
{
    rig_peer(&r, "192.0.2.2")->answers = true;
    rig_disk(&r);
    rig_start(&r, PRIMARY);
    rig_run(&r, 1100);
    unsigned commits = r.commits;
    rig_peer(&r, "192.0.2.2")->serial = 1;
    rig_run(&r, 2200);
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
    ck_assert_uint_eq(r.commits, commits + 1);
    rig_run(&r, 600000);
    ck_assert_uint_eq(r.commits, commits + 1); /* and only when there is something */
}
END_TEST

/* A day of a primary and a secondary: nothing grows, nothing spins. */
START_TEST(a_quiet_day_is_quiet)
{
    *rig_peer(&r, "192.0.2.2") = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1};
    rig_start(&r, PRIMARY);
    rig_run(&r, 86400000);
    unsigned lines = 0;
    for (const char *at = rig_wire(&r); (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    ck_assert_uint_le(lines, 30); /* one probe for each REFRESH */
    ck_assert_uint_le(r.log.len, 400);
}
END_TEST

TCase *case_keeper_keeper(void)
{
    TCase *c = tcase_create("keeper_keeper");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, never_started);
    tcase_add_test(c, no_zones_no_wishes);
    tcase_add_test(c, woken_when_something_is_due);
    tcase_add_test(c, a_late_timer_catches_up);
    tcase_add_test(c, the_same_trouble_is_said_once);
    tcase_add_test(c, what_is_not_on_disk_yet_is_the_last_batch);
    tcase_add_test(c, a_ledger_is_saved_during_an_adoption);
    tcase_add_test(c, flushed_within_a_second);
    tcase_add_test(c, a_quiet_day_is_quiet);
    return c;
}
