/* keeper_views.c - what control/ is shown of each zone, at each point of its life. */
#include "cases.h"
#include "keeper_fixture.h"

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

START_TEST(zones_by_number_and_by_name)
{
    size_t numbers[8], number;
    struct name name = a_name("B.EXAMPLE");
    struct keeper_zone_view v;
    rig_start(&r, "zones:\n"
                  "  - { name: example, role: primary, file: example.zone }\n"
                  "  - { name: b.example, role: cache, primaries: [192.0.2.2] }\n"
                  "  - { name: a.example, role: secondary, primaries: [192.0.2.2] }\n");
    ck_assert_uint_eq(keeper_zone_count(r.keeper), 3);
    ck_assert_uint_eq(keeper_zones_in_order(r.keeper, numbers, 8), 3);
    const char *const order[] = {"example", "a.example", "b.example"};
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_str_eq(rig_zone(&r, numbers[i])->name, order[i]);
        ck_assert_uint_eq(r.view.number, numbers[i]);
        ck_assert_uint_eq(r.view.slot->number, numbers[i]);
    }
    ck_assert_uint_eq(keeper_zones_in_order(r.keeper, numbers, 2), 2);
    ck_assert(keeper_find(r.keeper, name.octets, &number));
    ck_assert_str_eq(rig_zone(&r, number)->name, "b.example");
    name = a_name("c.example");
    ck_assert(!keeper_find(r.keeper, name.octets, &number));
    ck_assert(!keeper_zone(r.keeper, 3, r.now, &v));
}
END_TEST

START_TEST(a_primary)
{
    rig_start(&r, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    rig_run(&r, 5000);
    const struct keeper_zone_view *v = rig_zone(&r, 0);
    ck_assert_int_eq(v->role, ROLE_PRIMARY);
    ck_assert(v->has_serial);
    ck_assert_uint_eq(v->serial, 1);
    ck_assert_int_eq(v->since.ms, RIG_START);
    ck_assert_int_eq(v->refreshed.ms, 0);
    ck_assert_int_eq(v->expires.ms, 0);
    ck_assert(!v->has_next);
    ck_assert(!v->held && !v->follows);
    ck_assert_uint_eq(v->records, 4);
    ck_assert_uint_gt(v->bytes, 100);
    ck_assert_ptr_eq(v->version, atomic_load(&v->slot->version));
}
END_TEST

START_TEST(a_secondary_step_by_step)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){.at = "192.0.2.2",
                           .answers = true,
                           .serial = 4,
                           .delay_ms = 10,
                           .zone = "www 600 A 192.0.2.80\n"};
    rig_disk(&r);
    r.job_ms = r.commit_ms = 10;
    rig_start(&r, "zones: [{ name: example, role: secondary, primaries: [192.0.2.2] }]\n");
    static const char *const steps[] = {"checking", "fetching",   "fetching",
                                        "building", "committing", "idle"};
    for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
        ck_assert_str_eq(rig_zone(&r, 0)->activity, steps[i]);
        ck_assert_int_eq(r.view.has_serial, i == 5);
        rig_run(&r, 10);
    }
    ck_assert_int_eq(r.view.refreshed.ms, RIG_START + 30); /* when it was heard */
    ck_assert_int_eq(r.view.expires.ms, r.view.refreshed.ms + 86400000);
    ck_assert(r.view.has_next);
    ck_assert_int_ge(r.view.next.ms, RIG_START + 3240000);
    ck_assert_int_le(r.view.next.ms, RIG_START + 3600100);
}
END_TEST

/* While a job writes the zone's memory it is not looked at. */
START_TEST(memory_as_it_was_before_the_job)
{
    rig_start(&r, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    uint64_t bytes = rig_zone(&r, 0)->bytes;
    r.job_ms = 100;
    rig_zone_file(&r, 2, "www 600 A 192.0.2.80\nmail 600 A 192.0.2.81\n");
    rig_run(&r, 200);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    ck_assert(rig_kept(&r, 0)->job);
    keeper_job_run(r.later->e.job);
    ck_assert_uint_eq(rig_zone(&r, 0)->bytes, bytes);
    RIG_STEP(&r, KEEPER_BUILT, .job = r.later->e.job);
    ck_assert_uint_gt(rig_zone(&r, 0)->bytes, bytes);
    struct rig_later *done = r.later;
    r.later = done->next;
    free(done);
}
END_TEST

START_TEST(whoever_watches_hears_of_it)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    rig_start(&r, "peers: [{ name: ns2, address: 192.0.2.2 }]\n"
                  "zones: [{ name: example, role: primary, file: example.zone, notify: [ns2] }]\n");
    rig_run(&r, 100);
    uint64_t news = keeper_news(r.keeper);
    rig_run(&r, 200);
    ck_assert_uint_eq(keeper_news(r.keeper), news);
    *p = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1};
    rig_run(&r, 1000);
    ck_assert_uint_gt(keeper_news(r.keeper), news);
    news = keeper_news(r.keeper);
    rig_zone_file(&r, 2, "bad\n");
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    rig_run(&r, 0);
    ck_assert_uint_gt(keeper_news(r.keeper), news);
}
END_TEST

START_TEST(settle_times_are_counted)
{
    rig_start(&r, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    ck_assert_uint_eq(histogram_count(keeper_settle_times(r.keeper)), 0); /* nobody to wait for */
    *rig_peer(&r, "192.0.2.2") = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 2};
    rig_configure(&r,
                  "peers: [{ name: ns2, address: 192.0.2.2 }]\n"
                  "zones: [{ name: example, role: primary, file: example.zone, notify: [ns2] }]\n");
    rig_zone_file(&r, 2, "");
    rig_run(&r, 200);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    rig_run(&r, 10);
    ck_assert_uint_eq(histogram_count(keeper_settle_times(r.keeper)), 1);
}
END_TEST

TCase *case_keeper_views(void)
{
    TCase *c = tcase_create("keeper_views");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, zones_by_number_and_by_name);
    tcase_add_test(c, a_primary);
    tcase_add_test(c, a_secondary_step_by_step);
    tcase_add_test(c, memory_as_it_was_before_the_job);
    tcase_add_test(c, whoever_watches_hears_of_it);
    tcase_add_test(c, settle_times_are_counted);
    return c;
}
