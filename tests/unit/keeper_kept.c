/* keeper_kept.c - one zone through changes of its configuration, until it is gone: what a reader has
 * in hand stays until he is through, and what was under way comes to nothing. */
#include "cases.h"
#include "two_zones.h"

static struct rig r;

static void start(void)
{
    two_zones(&r);
}

static void stop(void)
{
    rig_close(&r);
}

START_TEST(a_new_peer_is_told)
{
    *rig_peer(&r, "192.0.2.2") = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1};
    rig_start(&r, ZONES(EXAMPLE(", notify: [ns2]")));
    rig_run(&r, 1000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
    rig_wire(&r);
    rig_configure(&r, ZONES(EXAMPLE(", notify: [ns3, ns2]")));
    RIG_WIRE(&r, "1000 192.0.2.3 notify 1\n");
    ck_assert_str_eq(rig_peer_state(&r, 1), "serving"); /* known still, under another number */
    ck_assert(!ledger_served(keeper_ledger(r.keeper, 0), 1));
    rig_configure(&r, ZONES(EXAMPLE(", notify: [ns2]")));
    ck_assert(ledger_served(keeper_ledger(r.keeper, 0), 1));
}
END_TEST

START_TEST(a_changed_option_reads_the_file_again)
{
    rig_start(&r, ZONES(EXAMPLE("")));
    rig_run(&r, 1000);
    rig_file(&r, "/second.zone",
             "@ 60 SOA ns admin 9 3600 600 86400 60\n@ 60 NS ns\n"
             "ns 60 A 192.0.2.1\n");
    rig_configure(&r, ZONES("  - { name: example, role: primary, file: second.zone }\n"));
    ck_assert_uint_eq(rig_serial(&r), 9);
    ck_assert_str_eq(buf_text(&r.watched), "/second.zone\n");
}
END_TEST

/* A reader that is still inside sees what it found whole; then it goes. */
START_TEST(what_goes_stays_for_who_is_inside)
{
    rig_start(&r, ZONES(EXAMPLE("") OTHER));
    epoch_enter(r.epoch, 1);
    struct world *w = atomic_load(&r.world);
    struct slot *slot = slot_of(&r, "other");
    struct zone_version *v = atomic_load(&slot->version);
    rig_configure(&r, ZONES(EXAMPLE("")));
    rig_run(&r, 100);
    ck_assert_uint_eq(w->count, 2);
    ck_assert_str_eq(w->zones[1].config->text, "other");
    ck_assert_uint_eq(zone_serial(v), 5);
    ck_assert_ptr_null(atomic_load(&slot->version));
    ck_assert_int_eq(atomic_load(&slot->state), SLOT_LOADING);
    ck_assert_ptr_null(slot_of(&r, "other"));
    ck_assert_uint_eq(r.unwatches, 1);
    ck_assert(rig_logged(&r, "info: zone other: no longer configured\n"));
    epoch_leave(r.epoch, 1);
    rig_run(&r, 100);
    struct keeper_zone_view view;
    ck_assert(!keeper_zone(r.keeper, slot->number, r.now, &view));
}
END_TEST

START_TEST(another_role_is_another_zone_with_the_same_past)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){
        .at = "192.0.2.2", .answers = true, .serial = 8, .zone = "www 600 A 192.0.2.80\n"};
    rig_disk(&r);
    rig_start(&r, ZONES("  - { name: example, role: secondary, primaries: [ns2] }\n"));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "example")->version)), 8);
    rig_run(&r, 2000);
    rig_configure(&r, ZONES(EXAMPLE("")));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "example")->version)), 9);
    rig_run(&r, 2000);
    p->serial = 10;
    rig_configure(&r, ZONES("  - { name: example, role: secondary, primaries: [ns2] }\n"));
    rig_run(&r, 10);
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "example")->version)), 10);
    rig_configure(&r, ZONES("  - { name: example, role: cache, primaries: [ns2] }\n"));
    ck_assert_ptr_nonnull(slot_of(&r, "example")->cache);
    ck_assert_ptr_null(atomic_load(&slot_of(&r, "example")->version));
}
END_TEST

START_TEST(gone_while_it_was_being_read)
{
    r.job_ms = 100;
    rig_start(&r, ZONES(EXAMPLE("") OTHER));
    rig_run(&r, 50);
    rig_configure(&r, ZONES(OTHER));
    rig_run(&r, 1000);
    ck_assert_ptr_null(slot_of(&r, "example"));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "other")->version)), 5);
}
END_TEST

START_TEST(gone_while_it_was_being_committed)
{
    rig_disk(&r);
    r.commit_ms = 100;
    rig_start(&r, ZONES(EXAMPLE("") OTHER));
    rig_run(&r, 50);
    r.disk_full = _i == 1;
    rig_configure(&r, ZONES(OTHER));
    rig_run(&r, 60);
    r.disk_full = false;
    rig_run(&r, 2000);
    ck_assert_ptr_null(slot_of(&r, "example"));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "other")->version)), 5);
}
END_TEST

TCase *case_keeper_kept(void)
{
    TCase *c = tcase_create("keeper_kept");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_new_peer_is_told);
    tcase_add_test(c, a_changed_option_reads_the_file_again);
    tcase_add_test(c, what_goes_stays_for_who_is_inside);
    tcase_add_test(c, another_role_is_another_zone_with_the_same_past);
    tcase_add_test(c, gone_while_it_was_being_read);
    tcase_add_loop_test(c, gone_while_it_was_being_committed, 0, 2);
    return c;
}
