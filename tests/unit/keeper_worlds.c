/* keeper_worlds.c - a new configuration makes a new world: what stays keeps its version, serial and
 * ledger, what is new has its turn, what went hears nothing. */
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

START_TEST(workers_see_every_zone)
{
    rig_start(&r, ZONES(OTHER EXAMPLE("")));
    struct world *w = atomic_load(&r.world);
    ck_assert_uint_eq(w->count, 2);
    ck_assert_str_eq(w->zones[0].config->text, "example"); /* in the order of names */
    ck_assert_str_eq(w->zones[1].config->text, "other");
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "example")->version)), 1);
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "other")->version)), 5);
    ck_assert_ptr_null(slot_of(&r, "none"));
    ck_assert_ptr_eq(keeper_config(r.keeper), w->config);
}
END_TEST

START_TEST(what_stays_keeps_everything)
{
    rig_start(&r, ZONES(EXAMPLE("")));
    struct slot *slot = slot_of(&r, "example");
    struct zone_version *v = atomic_load(&slot->version);
    const struct ledger *l = keeper_ledger(r.keeper, slot->number);
    unsigned jobs = r.jobs;
    rig_configure(&r, ZONES(EXAMPLE("") OTHER));
    ck_assert_ptr_eq(slot_of(&r, "example"), slot);
    ck_assert_ptr_eq(atomic_load(&slot->version), v);
    ck_assert_ptr_eq(keeper_ledger(r.keeper, slot->number), l);
    ck_assert_uint_eq(r.jobs, jobs + 1); /* only the new one was read */
    ck_assert_ptr_nonnull(slot_of(&r, "other"));
}
END_TEST

START_TEST(events_of_what_went_are_nothing)
{
    rig_start(&r, ZONES(EXAMPLE(", notify: [ns2]") OTHER));
    size_t number = slot_of(&r, "other")->number;
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
    RIG_STEP(&r, KEEPER_FILE_CHANGED, .slot = slot_of(&r, "s")->number);
    RIG_STEP(&r, KEEPER_FILE_CHANGED, .slot = slot_of(&r, "c")->number);
    RIG_STEP(&r, KEEPER_NOTIFIED, .slot = slot_of(&r, "example")->number);
    RIG_STEP(&r, KEEPER_NEWS, .slot = slot_of(&r, "s")->number);
    RIG_STEP(&r, KEEPER_NEWS, .slot = slot_of(&r, "example")->number);
    ck_assert_uint_eq(r.jobs, jobs);
    RIG_WIRE(&r, "");
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
    ck_assert_ptr_null(slot_of(&r, "z80"));
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "z00")->version)), 5);
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "z99")->version)), 5);
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
    ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "other")->version)), 5);
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
    tcase_add_test(c, events_of_what_went_are_nothing);
    tcase_add_test(c, events_for_the_wrong_role_are_nothing);
    tcase_add_test(c, each_new_primary_has_its_turn);
    tcase_add_test(c, new_primaries_wait_for_the_disk);
    tcase_add_test(c, many_reloads_cost_no_memory_of_the_past);
    return c;
}
