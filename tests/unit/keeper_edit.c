/* keeper_edit.c - saving the file is enough; a bad one changes nothing and says why; a burst is
 * read once (INTERFACE.md, Zone files). */
#include "cases.h"
#include "keeper_fixture.h"

#define ZONE(options) "zones: [{ name: example, role: primary, file: example.zone" options " }]\n"

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

static void save(uint32_t serial, const char *lines)
{
    rig_zone_file(&r, serial, lines);
    rig_run(&r, 200);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    rig_run(&r, 0);
}

static uint64_t reload(bool force)
{
    struct keeper_actions actions = {0};
    uint64_t ticket = keeper_reload(r.keeper, 0, force, r.now, &actions);
    rig_carry_out_all(&r, &actions);
    return ticket;
}

START_TEST(read_at_start)
{
    rig_start(&r, ZONE(""));
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert(rig_logged(&r, "info: zone example: serial 1 from file, 4 records, 0 ms\n"));
    const struct keeper_zone_view *v = rig_zone(&r, 0);
    ck_assert_int_eq(v->state, SLOT_SERVING);
    ck_assert_str_eq(v->error, "");
    ck_assert_str_eq(v->activity, "idle");
    ck_assert_uint_eq(v->records, 4);
    ck_assert_str_eq(buf_text(&r.watched), "/example.zone\n");
}
END_TEST

START_TEST(a_saved_file_is_served)
{
    rig_start(&r, ZONE(""));
    save(7, "www 600 A 192.0.2.81\nmail 600 A 192.0.2.82\n");
    ck_assert_uint_eq(rig_serial(&r), 7);
    ck_assert(rig_logged(&r, "info: zone example: serial 1 -> 7 from file, 2 RRsets, 0 ms\n"));
}
END_TEST

START_TEST(serial_auto_counts_up_by_itself)
{
    rig_start(&r, ZONE(""));
    save(1, "www 600 A 192.0.2.80\n"); /* saved, but nothing is new */
    ck_assert_uint_eq(rig_serial(&r), 1);
    save(1, "www 600 A 192.0.2.81\n");
    ck_assert_uint_eq(rig_serial(&r), 2);
    save(1, "www 600 A 192.0.2.82\n");
    ck_assert_uint_eq(rig_serial(&r), 3);
    save(100, "www 600 A 192.0.2.82\n");
    ck_assert_uint_eq(rig_serial(&r), 100);
}
END_TEST

START_TEST(serial_keep_holds_an_edit_without_a_newer_one)
{
    rig_start(&r, ZONE(", serial: keep"));
    save(1, "www 600 A 192.0.2.81\n");
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_str_ne(rig_zone(&r, 0)->error, "");
    ck_assert(rig_logged(&r, "the file has errors: serial 1 is served on"));
    ck_assert(rig_zone(&r, 0)->held);
    save(1, "www 600 A 192.0.2.81\nftp 600 AAA 1\n"); /* more is wrong with it than its serial */
    ck_assert(!rig_zone(&r, 0)->held);
    save(1, "www 600 A 192.0.2.81\n");
    ck_assert(rig_zone(&r, 0)->held);
    save(2, "www 600 A 192.0.2.81\n");
    ck_assert(!rig_zone(&r, 0)->held);
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
}
END_TEST

START_TEST(a_bad_file_changes_nothing)
{
    rig_start(&r, ZONE(""));
    r.log.len = 0;
    save(2, "www 600 A 192.0.2.81\nmail 600 A 192.0.2.300\nftp 600 AAA 1\n");
    ck_assert_uint_eq(rig_serial(&r), 1);
    const char *log = buf_text(&r.log);
    ck_assert_ptr_nonnull(strstr(log, "error: zone example: /example.zone:5:12: error: "));
    ck_assert_ptr_nonnull(strstr(log, "error: zone example: /example.zone:6:9: error: "));
    ck_assert_ptr_nonnull(
        strstr(log, "error: zone example: the file has errors: serial 1 is served on\n"));
    ck_assert_ptr_null(strstr(log, "^")); /* the caret is for status */
    const struct keeper_zone_view *v = rig_zone(&r, 0);
    ck_assert_ptr_nonnull(strstr(v->error, "/example.zone:5:12: error: "));
    ck_assert_ptr_nonnull(strstr(v->report, "^"));
    ck_assert_ptr_nonnull(strstr(v->report, "/example.zone:6:9: error: "));
    ck_assert_int_eq(v->state, SLOT_SERVING);
    save(2, "www 600 A 192.0.2.81\n");
    ck_assert_uint_eq(rig_serial(&r), 2);
    v = rig_zone(&r, 0);
    ck_assert_str_eq(v->error, "");
    ck_assert_str_eq(v->report, "");
}
END_TEST

START_TEST(errors_that_are_over_are_said_once)
{
    const char *over = "info: zone example: the file has no errors any more: serial 1 is served on\n";
    rig_start(&r, ZONE(""));
    save(1, "www 600 A 192.0.2.80\n");
    ck_assert(!rig_logged(&r, over)); /* there were none */
    save(1, "www 600 A 192.0.2.300\n");
    ck_assert(!rig_logged(&r, over));
    save(1, "www 600 A 192.0.2.80\n");
    ck_assert(rig_logged(&r, over));
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
    r.log.len = 0;
    save(1, "www 600 A 192.0.2.80\n; touched\n");
    ck_assert(!rig_logged(&r, over));
}
END_TEST

START_TEST(nothing_to_serve_yet)
{
    rig_file(&r, "/example.zone", "nonsense\n");
    rig_start(&r, ZONE(""));
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_FAILED);
    ck_assert_uint_eq(rig_serial(&r), 0);
    ck_assert(rig_logged(&r, "the file has errors: the zone is not served"));
    ck_assert_str_eq(buf_text(&r.watched), "/example.zone\n");
    save(1, "");
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
    ck_assert_uint_eq(rig_serial(&r), 1);
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
    r.files[0].path = NULL;
    rig_start(&r, ZONE(""));
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_FAILED);
    ck_assert_ptr_nonnull(strstr(rig_zone(&r, 0)->error, "/example.zone"));
    ck_assert_str_eq(buf_text(&r.watched), "/example.zone\n");
    save(1, "");
    ck_assert_uint_eq(rig_serial(&r), 1);
}
END_TEST

START_TEST(included_files_are_watched_also_missing_ones)
{
    rig_file(&r, "/hosts", "www 600 A 192.0.2.80\n$INCLUDE missing\n");
    rig_zone_file(&r, 1, "$INCLUDE hosts\n");
    rig_start(&r, ZONE(""));
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_FAILED);
    ck_assert_str_eq(buf_text(&r.watched), "/example.zone\n/hosts\n/missing\n");
    rig_file(&r, "/missing", "mail 600 A 192.0.2.81\n");
    rig_run(&r, 200);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    rig_run(&r, 0);
    ck_assert_msg(rig_serial(&r) == 1, "%s", buf_text(&r.log));
    ck_assert_uint_eq(rig_zone(&r, 0)->records, 5);
}
END_TEST

START_TEST(nothing_is_watched_when_the_owner_says_so)
{
    rig_start(&r, ZONE(", watch: no"));
    ck_assert_uint_eq(r.watches, 0);
    rig_zone_file(&r, 2, "");
    reload(false);
    rig_run(&r, 0);
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert_uint_eq(r.watches, 0);
}
END_TEST

START_TEST(a_burst_is_read_at_once_and_once_more)
{
    rig_start(&r, ZONE(""));
    rig_run(&r, 1000);
    ck_assert_uint_eq(r.jobs, 1);
    for (unsigned i = 0; i < 20; i++) {
        rig_zone_file(&r, 2 + i, "");
        RIG_STEP(&r, KEEPER_FILE_CHANGED);
        rig_run(&r, 2);
        ck_assert_uint_eq(r.jobs, 2); /* the first at once */
        ck_assert_uint_eq(rig_serial(&r), 2);
    }
    rig_run(&r, 60);
    ck_assert_uint_eq(r.jobs, 3);
    ck_assert_uint_eq(rig_serial(&r), 21);
    rig_run(&r, 10000);
    ck_assert_uint_eq(r.jobs, 3);
}
END_TEST

START_TEST(a_change_during_a_read_is_not_missed)
{
    r.job_ms = 500;
    rig_start(&r, ZONE(""));
    rig_run(&r, 10);
    ck_assert_str_eq(rig_zone(&r, 0)->activity, "reading");
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    ck_assert_uint_eq(r.jobs, 1);
    rig_run(&r, 490);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_uint_eq(r.jobs, 2);
    rig_run(&r, 5000);
    ck_assert_uint_eq(r.jobs, 2);
}
END_TEST

/* ---- max-shrink ---- */

static void save_hosts(uint32_t serial, unsigned hosts)
{
    struct buf lines = {0};
    for (unsigned i = 0; i < hosts; i++) {
        buf_print(&lines, "h%u 600 A 192.0.2.%u\n", i, i);
    }
    if (r.keeper == NULL) {
        rig_zone_file(&r, serial, buf_text(&lines));
    } else {
        save(serial, buf_text(&lines));
    }
    buf_free(&lines);
}

START_TEST(an_edit_that_loses_most_is_held)
{
    struct keeper_reloaded out;
    save_hosts(1, 37); /* 40 records with SOA, NS and ns */
    rig_start(&r, ZONE(""));
    save_hosts(2, 17); /* exactly half */
    ck_assert_uint_eq(rig_serial(&r), 2);
    save_hosts(3, 37);
    save_hosts(4, 16);
    ck_assert_uint_eq(rig_serial(&r), 3);
    const struct keeper_zone_view *v = rig_zone(&r, 0);
    ck_assert(v->held);
    ck_assert_str_eq(v->activity, "held");
    ck_assert_str_eq(v->error, "held: the edit would leave 19 of 40 records (max-shrink 50%); to "
                               "take it: settlectl reload example --force");
    uint64_t ticket = reload(false);
    rig_run(&r, 0);
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert(!out.ok && !out.changed);
    ck_assert_str_eq(out.error, v->error);
    ck_assert_uint_eq(rig_serial(&r), 3);
    rig_run(&r, 200);
    ticket = reload(true);
    rig_run(&r, 0);
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert(out.ok && out.changed);
    ck_assert_uint_eq(rig_serial(&r), 4);
    ck_assert(!rig_zone(&r, 0)->held);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
}
END_TEST

START_TEST(held_ends_when_the_file_is_mended)
{
    save_hosts(1, 37);
    rig_start(&r, ZONE(""));
    save_hosts(2, 3);
    ck_assert(rig_zone(&r, 0)->held);
    save_hosts(1, 37);
    ck_assert(!rig_zone(&r, 0)->held);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
    ck_assert_uint_eq(rig_serial(&r), 1);
}
END_TEST

START_TEST(small_zones_and_willing_owners_may_lose_all)
{
    save_hosts(1, _i == 0 ? 17 : 37); /* 20 records are few */
    rig_start(&r, _i == 0 ? ZONE("") : ZONE(", max-shrink: 100%"));
    save_hosts(2, 0);
    ck_assert_uint_eq(rig_serial(&r), 2);
}
END_TEST

/* ---- settlectl reload ---- */

START_TEST(a_reload_by_hand_says_what_it_did)
{
    struct keeper_reloaded out;
    r.job_ms = 3;
    rig_start(&r, ZONE(""));
    rig_run(&r, 1000);
    rig_zone_file(&r, 1, "www 600 A 192.0.2.81\n");
    uint64_t ticket = reload(false);
    ck_assert(!keeper_reload_done(r.keeper, 0, ticket, &out));
    rig_run(&r, 3);
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert(out.ok && out.changed && out.had_before);
    ck_assert_uint_eq(out.before, 1);
    ck_assert_uint_eq(out.serial, 2);
    ck_assert_uint_eq(out.rrsets, 1);
    ck_assert_str_eq(out.error, "");
    ticket = reload(false); /* not held up by the burst rule */
    rig_run(&r, 3);
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert(out.ok && !out.changed);
    ck_assert_uint_eq(out.serial, 2);
    rig_zone_file(&r, 2, "bad\n");
    ticket = reload(false);
    rig_run(&r, 3);
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert(!out.ok && !out.changed);
    ck_assert_ptr_nonnull(strstr(out.error, "/example.zone:4:"));
    ck_assert_ptr_nonnull(strstr(out.report, "/example.zone:4:"));
    ck_assert_uint_eq(out.serial, 2);
}
END_TEST

/* What it reports must have been read after it was ordered. */
START_TEST(a_reload_during_a_read_waits_for_the_next)
{
    struct keeper_reloaded out;
    r.job_ms = 200;
    rig_start(&r, ZONE(""));
    rig_run(&r, 10);
    uint64_t ticket = reload(false);
    rig_zone_file(&r, 9, "");
    rig_run(&r, 190);
    ck_assert(!keeper_reload_done(r.keeper, 0, ticket, &out));
    rig_run(&r, 200);
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert_uint_eq(out.serial, 9);
}
END_TEST

START_TEST(force_during_a_read_is_not_lost)
{
    save_hosts(1, 37);
    rig_start(&r, ZONE(""));
    r.job_ms = 200;
    save_hosts(2, 3);
    rig_run(&r, 10);
    reload(true);
    rig_run(&r, 190);
    ck_assert_uint_eq(rig_serial(&r), 1);
    rig_run(&r, 200);
    ck_assert_uint_eq(rig_serial(&r), 2);
}
END_TEST

TCase *case_keeper_edit(void)
{
    TCase *c = tcase_create("keeper_edit");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, read_at_start);
    tcase_add_test(c, a_saved_file_is_served);
    tcase_add_test(c, serial_auto_counts_up_by_itself);
    tcase_add_test(c, serial_keep_holds_an_edit_without_a_newer_one);
    tcase_add_test(c, a_bad_file_changes_nothing);
    tcase_add_test(c, errors_that_are_over_are_said_once);
    tcase_add_test(c, nothing_to_serve_yet);
    tcase_add_test(c, a_file_that_is_not_there);
    tcase_add_test(c, included_files_are_watched_also_missing_ones);
    tcase_add_test(c, nothing_is_watched_when_the_owner_says_so);
    tcase_add_test(c, a_burst_is_read_at_once_and_once_more);
    tcase_add_test(c, a_change_during_a_read_is_not_missed);
    tcase_add_test(c, an_edit_that_loses_most_is_held);
    tcase_add_test(c, held_ends_when_the_file_is_mended);
    tcase_add_loop_test(c, small_zones_and_willing_owners_may_lose_all, 0, 2);
    tcase_add_test(c, a_reload_by_hand_says_what_it_did);
    tcase_add_test(c, a_reload_during_a_read_waits_for_the_next);
    tcase_add_test(c, force_during_a_read_is_not_lost);
    return c;
}
