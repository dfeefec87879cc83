/* keeper_worlds.c - a new configuration makes a new world; what stays keeps its version, serial and
 * ledger; what goes is given back when nobody can see it any more. */
#include "cases.h"
#include "keeper_fixture.h"

#define PEERS         "peers: [{ name: ns2, address: 192.0.2.2 }, { name: ns3, address: 192.0.2.3 }]\n"
#define EXAMPLE(more) "  - { name: example, role: primary, file: example.zone" more " }\n"
#define OTHER         "  - { name: other, role: primary, file: other.zone }\n"
#define ZONES(list)   PEERS "zones:\n" list

static struct rig r;

static void start(void)
{
    rig_open(&r);
    rig_zone_file(&r, 1, "www 600 A 192.0.2.80\n");
    rig_file(&r, "/other.zone",
             "@ 60 SOA ns admin 5 3600 600 86400 60\n@ 60 NS ns\n"
             "ns 60 A 192.0.2.1\n");
}

static void stop(void)
{
    rig_close(&r);
}

static struct slot *slot_of(const char *name)
{
    struct name n = a_name(name);
    const struct world_zone *z = world_exact(atomic_load(&r.world), n.octets);
    return z == NULL ? NULL : z->slot;
}

START_TEST(workers_see_every_zone)
{
    rig_start(&r, ZONES(OTHER EXAMPLE("")));
    struct world *w = atomic_load(&r.world);
    ck_assert_uint_eq(w->count, 2);
    ck_assert_str_eq(w->zones[0].config->text, "example"); /* in the order of names */
    ck_assert_str_eq(w->zones[1].config->text, "other");
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("example")->version)), 1);
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("other")->version)), 5);
    ck_assert_ptr_null(slot_of("none"));
    ck_assert_ptr_eq(keeper_config(r.keeper), w->config);
}
END_TEST

START_TEST(what_stays_keeps_everything)
{
    rig_start(&r, ZONES(EXAMPLE("")));
    struct slot *slot = slot_of("example");
    struct zone_version *v = atomic_load(&slot->version);
    const struct ledger *l = keeper_ledger(r.keeper, slot->number);
    unsigned jobs = r.jobs;
    rig_configure(&r, ZONES(EXAMPLE("") OTHER));
    ck_assert_ptr_eq(slot_of("example"), slot);
    ck_assert_ptr_eq(atomic_load(&slot->version), v);
    ck_assert_ptr_eq(keeper_ledger(r.keeper, slot->number), l);
    ck_assert_uint_eq(r.jobs, jobs + 1); /* only the new one was read */
    ck_assert_ptr_nonnull(slot_of("other"));
}
END_TEST

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
    struct slot *slot = slot_of("other");
    struct zone_version *v = atomic_load(&slot->version);
    rig_configure(&r, ZONES(EXAMPLE("")));
    rig_run(&r, 100);
    ck_assert_uint_eq(w->count, 2);
    ck_assert_str_eq(w->zones[1].config->text, "other");
    ck_assert_uint_eq(zone_serial(v), 5);
    ck_assert_ptr_null(atomic_load(&slot->version));
    ck_assert_int_eq(atomic_load(&slot->state), SLOT_LOADING);
    ck_assert_ptr_null(slot_of("other"));
    ck_assert_uint_eq(r.unwatches, 1);
    ck_assert(rig_logged(&r, "info: zone other: no longer configured\n"));
    epoch_leave(r.epoch, 1);
    rig_run(&r, 100);
    struct keeper_zone_view view;
    ck_assert(!keeper_zone(r.keeper, slot->number, r.now, &view));
}
END_TEST

START_TEST(events_of_what_went_are_nothing)
{
    rig_start(&r, ZONES(EXAMPLE(", notify: [ns2]") OTHER));
    size_t number = slot_of("other")->number;
    rig_configure(&r, ZONES(EXAMPLE(", notify: [ns2]")));
    unsigned jobs = r.jobs;
    RIG_STEP(&r, KEEPER_FILE_CHANGED, .slot = number);
    RIG_STEP(&r, KEEPER_NOTIFIED, .slot = number);
    RIG_STEP(&r, KEEPER_HINT, .slot = number, .type = TYPE_AXFR);
    RIG_STEP(&r, KEEPER_NEWS, .slot = number);
    RIG_STEP(&r, KEEPER_RELEASED, .slot = number);
    RIG_STEP(&r, KEEPER_RELEASED, .slot = 1000);
    RIG_STEP(&r, KEEPER_CLOSED, .conn = 77);
    RIG_STEP(&r, KEEPER_COMMITTED, .number = 99, .ok = true);
    rig_run(&r, 1000);
    ck_assert_uint_eq(r.jobs, jobs);
}
END_TEST

/* Of another role than they are meant for. */
START_TEST(events_for_the_wrong_role_are_nothing)
{
    rig_start(&r, ZONES(EXAMPLE("") "  - { name: s, role: secondary, primaries: [ns2] }\n"
                                    "  - { name: c, role: cache, primaries: [ns2] }\n"));
    unsigned jobs = r.jobs;
    rig_run(&r, 60000);
    rig_wire(&r);
    RIG_STEP(&r, KEEPER_FILE_CHANGED, .slot = slot_of("s")->number);
    RIG_STEP(&r, KEEPER_FILE_CHANGED, .slot = slot_of("c")->number);
    RIG_STEP(&r, KEEPER_NOTIFIED, .slot = slot_of("example")->number);
    RIG_STEP(&r, KEEPER_NEWS, .slot = slot_of("s")->number);
    RIG_STEP(&r, KEEPER_NEWS, .slot = slot_of("example")->number);
    ck_assert_uint_eq(r.jobs, jobs);
    RIG_WIRE(&r, "");
}
END_TEST

START_TEST(one_that_comes_back_goes_on_with_its_serial)
{
    for (int disk = 0; disk < 2; disk++) {
        if (disk > 0) {
            rig_close(&r);
            start();
            rig_disk(&r);
        }
        rig_start(&r, ZONES(EXAMPLE("") OTHER));
        rig_run(&r, 2000);
        rig_configure(&r, ZONES(OTHER));
        rig_run(&r, 2000);
        rig_zone_file(&r, 1, "www 600 A 192.0.2.81\n");
        rig_configure(&r, ZONES(EXAMPLE("") OTHER));
        ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("example")->version)), 2);
    }
}
END_TEST

START_TEST(another_role_is_another_zone_with_the_same_past)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){
        .at = "192.0.2.2", .answers = true, .serial = 8, .zone = "www 600 A 192.0.2.80\n"};
    rig_disk(&r);
    rig_start(&r, ZONES("  - { name: example, role: secondary, primaries: [ns2] }\n"));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("example")->version)), 8);
    rig_run(&r, 2000);
    rig_configure(&r, ZONES(EXAMPLE("")));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("example")->version)), 9);
    rig_run(&r, 2000);
    p->serial = 10;
    rig_configure(&r, ZONES("  - { name: example, role: secondary, primaries: [ns2] }\n"));
    rig_run(&r, 10);
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("example")->version)), 10);
    rig_configure(&r, ZONES("  - { name: example, role: cache, primaries: [ns2] }\n"));
    ck_assert_ptr_nonnull(slot_of("example")->cache);
    ck_assert_ptr_null(atomic_load(&slot_of("example")->version));
}
END_TEST

START_TEST(gone_while_it_was_being_read)
{
    r.job_ms = 100;
    rig_start(&r, ZONES(EXAMPLE("") OTHER));
    rig_run(&r, 50);
    rig_configure(&r, ZONES(OTHER));
    rig_run(&r, 1000);
    ck_assert_ptr_null(slot_of("example"));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("other")->version)), 5);
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
    ck_assert_ptr_null(slot_of("example"));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("other")->version)), 5);
}
END_TEST

/* So many zones are not read all at once; one that goes before its turn is not read at all. */
START_TEST(each_new_primary_has_its_turn)
{
    struct buf all = {.len = 0}, most = {.len = 0};
    buf_print(&all, "zones:\n");
    buf_print(&most, "zones:\n");
    for (unsigned i = 0; i < 100; i++) {
        buf_print(&all, "  - { name: z%02u, role: primary, file: other.zone }\n", i);
        if (i != 80) {
            buf_print(&most, "  - { name: z%02u, role: primary, file: other.zone }\n", i);
        }
    }
    r.job_ms = 10;
    rig_start(&r, buf_text(&all));
    ck_assert_uint_eq(r.jobs, 64);
    rig_run(&r, 9);
    ck_assert_uint_eq(r.jobs, 64);
    rig_configure(&r, buf_text(&most));
    rig_run(&r, 1000);
    ck_assert_uint_eq(r.jobs, 99);
    ck_assert_ptr_null(slot_of("z80"));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("z00")->version)), 5);
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("z99")->version)), 5);
    buf_free(&all);
    buf_free(&most);
}
END_TEST

/* Nor faster than the disk takes what was read. */
START_TEST(new_primaries_wait_for_the_disk)
{
    rig_start(&r, ZONES(EXAMPLE("")));
    unsigned jobs = r.jobs;
    r.keeper->next_commit += 300; /* as if so many were under way */
    rig_configure(&r, ZONES(EXAMPLE("") OTHER));
    rig_run(&r, 100);
    ck_assert_uint_eq(r.jobs, jobs);
    r.keeper->committed += 100;
    RIG_STEP(&r, KEEPER_TIME);
    rig_run(&r, 0);
    ck_assert_uint_eq(r.jobs, jobs + 1);
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of("other")->version)), 5);
}
END_TEST

START_TEST(many_reloads_cost_no_memory_of_the_past)
{
    rig_start(&r, ZONES(EXAMPLE("")));
    for (unsigned i = 0; i < 20; i++) {
        rig_configure(&r, i % 2 == 0 ? ZONES(EXAMPLE("") OTHER) : ZONES(EXAMPLE("")));
        rig_run(&r, 10);
    }
    ck_assert_uint_eq(keeper_zone_count(r.keeper), 1);
    ck_assert_uint_eq(epoch_sweep(r.epoch, 0, 1000), 0);
}
END_TEST

TCase *case_keeper_worlds(void)
{
    TCase *c = tcase_create("keeper_worlds");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, workers_see_every_zone);
    tcase_add_test(c, what_stays_keeps_everything);
    tcase_add_test(c, a_new_peer_is_told);
    tcase_add_test(c, a_changed_option_reads_the_file_again);
    tcase_add_test(c, what_goes_stays_for_who_is_inside);
    tcase_add_test(c, events_of_what_went_are_nothing);
    tcase_add_test(c, events_for_the_wrong_role_are_nothing);
    tcase_add_test(c, one_that_comes_back_goes_on_with_its_serial);
    tcase_add_test(c, another_role_is_another_zone_with_the_same_past);
    tcase_add_test(c, gone_while_it_was_being_read);
    tcase_add_loop_test(c, gone_while_it_was_being_committed, 0, 2);
    tcase_add_test(c, each_new_primary_has_its_turn);
    tcase_add_test(c, new_primaries_wait_for_the_disk);
    tcase_add_test(c, many_reloads_cost_no_memory_of_the_past);
    return c;
}
