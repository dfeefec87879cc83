/* keeper_ledgers.c - the ledger of a zone without peers lies on disk while nothing of it is
 * unsettled; it comes back with whoever asks, the next change, and the first peer. */
#include "cases.h"
#include "keeper_fixture.h"

#define ALONE "zones: [{ name: example, role: primary, file: example.zone }]\n"
#define WATCHED                                                                                    \
    "peers: [{ name: ns2, address: 192.0.2.2 }]\n"                                                 \
    "zones: [{ name: example, role: primary, file: example.zone, notify: [ns2] }]\n"
#define LONG_ENOUGH 700000 /* for answers of 600 s to be gone */

static struct rig r;

static void start(void)
{
    rig_open(&r);
    rig_disk(&r);
    rig_zone_file(&r, 1, "www 600 A 192.0.2.80\n");
}

static void stop(void)
{
    rig_close(&r);
}

static bool rests(void)
{
    return rig_kept(&r, 0)->ledger == NULL;
}

static bool has_settled(uint32_t serial)
{
    struct wall deadline;
    return ledger_settled(keeper_ledger(r.keeper, 0), serial, r.now, &deadline);
}

static unsigned changes(void)
{
    return ledger_change_count(keeper_history(r.keeper, 0, r.now));
}

static void edit(uint32_t serial)
{
    char lines[64];
    snprintf(lines, sizeof lines, "www 600 A 192.0.2.%u\n", serial);
    rig_zone_file(&r, serial, lines);
    rig_run(&r, 200);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    rig_run(&r, 0);
    ck_assert_uint_eq(rig_serial(&r), serial);
}

START_TEST(a_first_version_needs_none)
{
    struct ledger_change_view c;
    rig_start(&r, ALONE);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_uint_eq(r.commits, 1);
    ck_assert(rests() && has_settled(1));
    ck_assert_uint_eq(changes(), 1);
    ck_assert(!rests());
    ledger_change(keeper_history(r.keeper, 0, r.now), 0, r.now, &c);
    ck_assert(c.row.first && c.served && c.settled);
    ck_assert_uint_eq(c.row.to, 1);
    ck_assert_uint_gt(c.row.rrsets, 0);
    ck_assert_str_eq(c.row.text, "file");
    ck_assert_int_eq(c.row.settled.ms, RIG_START);
    ck_assert(has_settled(1));
}
END_TEST

/* Not at the try that failed. */
START_TEST(a_first_version_is_served_when_the_disk_has_room)
{
    struct ledger_change_view c;
    r.disk_full = true;
    rig_start(&r, ALONE);
    rig_run(&r, 20000);
    r.disk_full = false;
    rig_run(&r, 60000);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert(rests());
    ck_assert_uint_eq(changes(), 1);
    ledger_change(keeper_history(r.keeper, 0, r.now), 0, r.now, &c);
    ck_assert_int_gt(c.row.published.ms, RIG_START + 20000);
    ck_assert_int_eq(c.row.served.ms, c.row.published.ms);
    ck_assert_int_eq(c.row.settled.ms, c.row.published.ms);
}
END_TEST

START_TEST(awake_until_the_last_change_has_settled)
{
    rig_start(&r, ALONE);
    edit(2);
    rig_run(&r, 10000);
    ck_assert(!rests() && !has_settled(2));
    ck_assert_uint_eq(changes(), 2);
    rig_run(&r, LONG_ENOUGH);
    ck_assert(rests() && has_settled(2));
    ck_assert_uint_eq(changes(), 2);
    edit(3);
    ck_assert_uint_eq(changes(), 3);
    ck_assert(!has_settled(3));
}
END_TEST

START_TEST(a_restart_leaves_it_on_disk)
{
    rig_start(&r, ALONE);
    edit(2);
    rig_run(&r, LONG_ENOUGH);
    unsigned commits = r.commits;
    rig_again(&r, 1000, ALONE);
    ck_assert(rests() && has_settled(2));
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert_uint_eq(r.commits, commits);
    ck_assert_uint_eq(changes(), 2);
    edit(3);
    rig_again(&r, 1000, ALONE);
    ck_assert(!rests() && !has_settled(3)); /* its old answers are still about */
}
END_TEST

START_TEST(what_was_not_written_does_not_rest)
{
    rig_start(&r, ALONE);
    edit(2);
    r.disk_full = true;
    rig_run(&r, LONG_ENOUGH);
    ck_assert(!rests());
    r.disk_full = false;
    rig_run(&r, 30000);
    ck_assert(rests());
    rig_again(&r, 1000, ALONE);
    ck_assert(rests() && has_settled(2));
}
END_TEST

/* What was saved takes longer than it is to the next look. */
START_TEST(a_slow_disk_keeps_none_awake)
{
    rig_start(&r, ALONE);
    edit(2);
    r.commit_ms = 20000;
    rig_run(&r, LONG_ENOUGH);
    ck_assert(rests() && has_settled(2));
}
END_TEST

/* It may have to be written once more. */
START_TEST(awake_until_the_disk_has_it)
{
    rig_start(&r, ALONE);
    edit(2);
    rig_run(&r, LONG_ENOUGH - 110000);
    r.commit_ms = 20000;
    unsigned commits = r.commits;
    for (unsigned i = 0; r.commits == commits && i < 200; i++)
        rig_run(&r, 500);
    ck_assert(has_settled(2) && r.commits == commits + 1);
    for (unsigned i = 0; i < 10; i++) {
        rig_run(&r, 1000);
        ck_assert(!rests());
    }
    rig_run(&r, 30000);
    ck_assert(rests());
}
END_TEST

START_TEST(a_peer_wakes_it)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){.at = p->at, .answers = true, .serial = 0};
    rig_start(&r, ALONE);
    rig_run(&r, 5000);
    rig_wire(&r);
    rig_configure(&r, WATCHED);
    ck_assert(!rests());
    RIG_WIRE(&r, "5000 192.0.2.2 notify 1\n");
    ck_assert(!ledger_served(keeper_ledger(r.keeper, 0), 1));
    ck_assert_uint_eq(changes(), 1);
    p->serial = 1;
    rig_run(&r, 60000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
    ck_assert(!rests());
    rig_configure(&r, ALONE);
    rig_run(&r, 5000);
    ck_assert(rests());
}
END_TEST

/* Asked for, or given a peer, while the first version is on its way to the disk. */
START_TEST(awake_before_there_is_anything)
{
    for (int peer = 0; peer < 2; peer++) {
        if (peer > 0) {
            rig_close(&r);
            start();
        }
        r.commit_ms = 100;
        rig_start(&r, ALONE);
        rig_run(&r, 50);
        ck_assert_uint_eq(changes(), 0);
        if (peer > 0)
            rig_configure(&r, WATCHED);
        rig_run(&r, 50);
        ck_assert_uint_eq(rig_serial(&r), 1);
        ck_assert_uint_eq(changes(), 1);
        ck_assert(ledger_served(keeper_ledger(r.keeper, 0), 1) == (peer == 0));
        ck_assert_str_eq(rig_wire(&r), peer > 0 ? "100 192.0.2.2 notify 1\n" : "");
    }
}
END_TEST

START_TEST(without_a_store_all_is_in_memory)
{
    rig_close(&r);
    rig_open(&r);
    rig_zone_file(&r, 1, "www 600 A 192.0.2.80\n");
    rig_start(&r, ALONE);
    rig_run(&r, 5000);
    ck_assert(!rests() && has_settled(1));
    ck_assert_uint_eq(changes(), 1);
}
END_TEST

TCase *case_keeper_ledgers(void)
{
    TCase *c = tcase_create("keeper_ledgers");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_first_version_needs_none);
    tcase_add_test(c, a_first_version_is_served_when_the_disk_has_room);
    tcase_add_test(c, awake_until_the_last_change_has_settled);
    tcase_add_test(c, a_restart_leaves_it_on_disk);
    tcase_add_test(c, what_was_not_written_does_not_rest);
    tcase_add_test(c, a_slow_disk_keeps_none_awake);
    tcase_add_test(c, awake_until_the_disk_has_it);
    tcase_add_test(c, a_peer_wakes_it);
    tcase_add_test(c, awake_before_there_is_anything);
    tcase_add_test(c, without_a_store_all_is_in_memory);
    return c;
}
