/* keeper_adopt.c - committed before published, published before told; what cannot be kept on
 * disk is tried again while the old version serves on (RELIABILITY.md 2, 3, 16; disk protocol). */
#include "cases.h"
#include "keeper_fixture.h"

#define PRIMARY                                                                                    \
    "peers: [{ name: ns2, address: 192.0.2.2 }]\n"                                                 \
    "zones: [{ name: example, role: primary, file: example.zone, notify: [ns2] }]\n"
#define ALONE      "zones: [{ name: example, role: primary, file: example.zone }]\n"
#define FIRST_ROOM ((size_t)64) /* of a batch's buffer, as of all */
#define SECONDARY  "zones: [{ name: example, role: secondary, primaries: [192.0.2.3] }]\n"

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

static void save(uint32_t serial)
{
    char lines[64];
    snprintf(lines, sizeof lines, "www 600 A 192.0.2.%u\n", serial);
    rig_zone_file(&r, serial, lines);
    rig_run(&r, 200);
    rig_wire(&r);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
}

START_TEST(committed_before_published_before_told)
{
    rig_start(&r, PRIMARY);
    rig_run(&r, 5000);
    r.commit_ms = 50;
    save(2);
    rig_run(&r, 49);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_str_eq(rig_zone(&r, 0)->activity, "committing");
    RIG_WIRE(&r, "");
    ck_assert(!ledger_served(keeper_ledger(r.keeper, 0), 2));
    rig_run(&r, 1);
    ck_assert_uint_eq(rig_serial(&r), 2);
    RIG_WIRE(&r, "5250 192.0.2.2 notify 2\n");
}
END_TEST

START_TEST(a_full_disk_serves_on_and_is_tried_again)
{
    rig_start(&r, PRIMARY);
    rig_run(&r, 5000);
    r.disk_full = true;
    save(2);
    rig_run(&r, 0);
    ck_assert_uint_eq(rig_serial(&r), 1);
    RIG_WIRE(&r, "");
    ck_assert_str_eq(rig_zone(&r, 0)->error,
                     "serial 2 cannot be kept on disk: No space left on device; serial 1 is served "
                     "on, next try in 1 s");
    unsigned before = r.commits;
    rig_run(&r, 300000);
    ck_assert_uint_ge(r.commits - before, 8); /* 1, 2, 4, ... 60, 60 s */
    ck_assert_uint_le(r.commits - before, 45);
    r.disk_full = false;
    rig_run(&r, 60000);
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
    ck_assert_ptr_nonnull(strstr(rig_wire(&r), "192.0.2.2 notify 2\n"));
    rig_again(&r, 1000, PRIMARY);
    ck_assert_uint_eq(rig_serial(&r), 2);
}
END_TEST

START_TEST(the_next_edit_waits_for_the_commit)
{
    struct keeper_actions actions = {0};
    struct keeper_reloaded out;
    rig_start(&r, PRIMARY);
    rig_run(&r, 5000);
    r.disk_full = true;
    save(2);
    rig_run(&r, 0);
    rig_zone_file(&r, 3, "");
    uint64_t ticket = keeper_reload(r.keeper, 0, false, r.now, &actions);
    rig_carry_out_all(&r, &actions);
    rig_run(&r, 500);
    ck_assert(!keeper_reload_done(r.keeper, 0, ticket, &out));
    r.disk_full = false;
    rig_run(&r, 600);
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert(out.ok && out.changed);
    ck_assert_uint_eq(out.serial, 3);
}
END_TEST

/* Nothing is half taken: the old version serves on, and the next edit is an edit as ever. */
START_TEST(one_that_finds_no_memory_is_refused)
{
    struct keeper_actions actions = {0};
    struct keeper_reloaded out;
    rig_start(&r, PRIMARY);
    rig_run(&r, 5000);
    rig_zone_file(&r, 2, "www 600 A 192.0.2.2\n");
    (void)no_memory_for(sizeof(struct adoption));
    uint64_t ticket = keeper_reload(r.keeper, 0, false, r.now, &actions);
    rig_carry_out_all(&r, &actions);
    rig_wire(&r);
    rig_run(&r, 500);
    ck_assert(no_memory_for(0));
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "out of memory: the new version is not taken");
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert(!out.ok && !out.changed);
    ck_assert_str_eq(out.error, "out of memory: the new version is not taken");
    ck_assert_ptr_null(strstr(rig_wire(&r), "notify"));
    save(3);
    rig_run(&r, 500);
    ck_assert_uint_eq(rig_serial(&r), 3);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
}
END_TEST

/* Several zones: commits come back in their order, each to its zone. */
START_TEST(commits_of_many_zones)
{
    rig_file(&r, "/other.zone",
             "$ORIGIN other.\n@ 60 SOA ns admin 5 3600 600 86400 60\n"
             "@ 60 NS ns.example.\n");
    r.commit_ms = 30;
    rig_start(&r, "zones:\n"
                  "  - { name: example, role: primary, file: example.zone }\n"
                  "  - { name: other, role: primary, file: other.zone }\n");
    r.disk_full = true;
    rig_run(&r, 30);
    ck_assert_ptr_null(rig_zone(&r, 0)->version);
    ck_assert_ptr_null(rig_zone(&r, 1)->version);
    r.disk_full = false;
    rig_run(&r, 1030);
    ck_assert_uint_eq(rig_zone(&r, 0)->serial, 1);
    ck_assert_uint_eq(rig_zone(&r, 1)->serial, 5);
}
END_TEST

/* Peers' states and times are not part of a change; when their commit fails they are written
 * again. */
START_TEST(what_could_not_be_written_is_written_later)
{
    struct ledger_peer_view v;
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    rig_start(&r, PRIMARY);
    rig_run(&r, 5000);
    *p = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1};
    r.disk_full = true;
    rig_run(&r, 5000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
    ck_assert(rig_logged(&r, "error: journal: No space left on device; what was not written is "
                             "written again in 10 s\n"));
    r.disk_full = false;
    rig_run(&r, 11000);
    p->answers = false;
    rig_again(&r, 1000, PRIMARY);
    ledger_peer(keeper_ledger(r.keeper, 0), 0, &v);
    ck_assert(v.seen);
    ck_assert_int_eq(v.state, PEER_SERVING);
}
END_TEST

/* The marks are taken before the commit is made. */
START_TEST(what_finds_no_memory_is_written_later)
{
    rig_start(&r, ALONE);
    rig_run(&r, 5000);
    unsigned commits = r.commits;
    rig_kept(&r, 0)->row_dirty = true;
    ck_assert(due_set(&r.keeper->due, &r.keeper->flush_due, r.now.mono));
    r.loses_actions = true;
    (void)no_memory_for(sizeof(struct keeper_action));
    rig_run(&r, 10);
    ck_assert(no_memory_for(0));
    ck_assert_uint_eq(r.commits, commits);
    ck_assert(rig_logged(&r, "error: journal: out of memory; what was not written is written again "
                             "in 10 s\n"));
    rig_run(&r, 11000);
    ck_assert_uint_eq(r.commits, commits + 1);
    ck_assert(!rig_kept(&r, 0)->row_dirty);
}
END_TEST

/* Without memory for its rows there is no commit, not even an empty one: their numbers go up. */
START_TEST(a_commit_that_finds_no_memory_is_tried_again)
{
    rig_start(&r, ALONE);
    rig_run(&r, 5000);
    r.disk_full = true;
    save(2);
    rig_run(&r, 500);
    r.disk_full = false;
    (void)no_memory_for(FIRST_ROOM);
    rig_run(&r, 1000);
    ck_assert(no_memory_for(0));
    ck_assert_ptr_nonnull(strstr(rig_zone(&r, 0)->error, "cannot be kept on disk: out of memory"));
    ck_assert_uint_eq(r.keeper->committed + 1, r.keeper->next_commit);
    ck_assert_uint_eq(rig_serial(&r), 1);
    rig_run(&r, 2000);
    ck_assert_uint_eq(rig_serial(&r), 2);
}
END_TEST

/* Memory runs out where it is to be kept what is wrong: status says as much as can be said. */
START_TEST(trouble_without_memory_is_trouble)
{
    struct keeper_actions actions = {0};
    struct keeper_reloaded out;
    rig_start(&r, ALONE);
    rig_run(&r, 5000);
    rig_file(&r, "/example.zone", "what is this\n");
    (void)no_memory_for(sizeof(struct kept_texts));
    uint64_t ticket = keeper_reload(r.keeper, 0, false, r.now, &actions);
    rig_carry_out_all(&r, &actions);
    rig_run(&r, 500);
    ck_assert(no_memory_for(0));
    ck_assert_str_eq(rig_zone(&r, 0)->error, "out of memory");
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert(!out.ok);
    ck_assert_str_eq(out.error, "out of memory");
    struct turn turn = {.k = r.keeper, .now = r.now, .actions = &actions};
    ck_assert_str_eq(kept_texts(&turn, r.keeper->zones[0])->transfer, ""); /* memory is back */
    ck_assert_str_eq(rig_zone(&r, 0)->error, "out of memory");
    ck_assert(keeper_reload_done(r.keeper, 0, ticket, &out));
    ck_assert_str_eq(out.error, "out of memory");
    save(2);
    rig_run(&r, 500);
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
}
END_TEST

/* ---- a secondary's zone on disk: one image, then change sets ---- */

static struct rig_peer *secondary(const char *zone)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.3");
    *p = (struct rig_peer){.at = "192.0.2.3", .answers = true, .serial = 1, .zone = zone};
    rig_start(&r, SECONDARY);
    return p;
}

static void next_zone(struct rig_peer *p, const char *zone)
{
    p->serial++;
    p->zone = zone;
    rig_notified(&r, "192.0.2.3", p->serial);
    rig_run(&r, 0);
    ck_assert_uint_eq(rig_serial(&r), p->serial);
}

#define FIVE(n)                                                                                    \
    n "a 60 A 192.0.2.1\n" n "b 60 A 192.0.2.1\n" n "c 60 A 192.0.2.1\n" n "d 60 A 192.0.2.1\n" n  \
      "e 60 A 192.0.2.1\n"
#define HOSTS FIVE("1") FIVE("2") FIVE("3") FIVE("4") FIVE("5") FIVE("6") FIVE("7") FIVE("8")

START_TEST(small_changes_go_behind_the_image)
{
    struct rig_peer *p = secondary(HOSTS);
    const struct journal_zone *row = &rig_kept(&r, 0)->row;
    ck_assert_uint_eq(row->image, 1);
    ck_assert_uint_eq(row->image_serial, 1);
    next_zone(p, HOSTS "p 60 A 192.0.2.1\n");
    ck_assert_uint_eq(row->image, 1);
    ck_assert_uint_eq(row->delta_next - row->delta_first, 1);
    next_zone(p, HOSTS);
    ck_assert_uint_eq(row->image, 1);
    ck_assert_uint_eq(row->delta_next - row->delta_first, 2);
    p->answers = false;
    rig_again(&r, 1000, SECONDARY);
    ck_assert_uint_eq(rig_serial(&r), 3);
    ck_assert_uint_eq(rig_zone(&r, 0)->records, 42);
}
END_TEST

START_TEST(many_changes_become_a_new_image)
{
    struct rig_peer *p = secondary(HOSTS);
    const struct journal_zone *row = &rig_kept(&r, 0)->row;
    for (unsigned i = 0; i < 8; i++) {
        next_zone(p, i % 2 == 0 ? HOSTS "p 60 A 192.0.2.1\n" : HOSTS);
        ck_assert_uint_le(row->delta_bytes * 2, row->image_bytes);
    }
    ck_assert_uint_gt(row->image, 1);
    ck_assert_uint_eq(row->old_image, 0); /* the one before is gone */
    ck_assert_uint_lt(row->delta_next - row->delta_first, 8);
    next_zone(p, "x 60 A 192.0.2.1\n"); /* more than half */
    ck_assert_uint_eq(row->image_serial, 10);
    ck_assert_uint_eq(row->delta_bytes, 0);
    p->answers = false;
    rig_again(&r, 1000, SECONDARY);
    ck_assert_uint_eq(rig_serial(&r), 10);
    ck_assert_uint_eq(rig_zone(&r, 0)->records, 3);
}
END_TEST

START_TEST(a_transfer_that_finds_no_memory_is_fetched_again)
{
    struct rig_peer *p = secondary(HOSTS);
    const struct journal_zone *row = &rig_kept(&r, 0)->row;
    (void)no_memory_for(sizeof(struct adoption));
    p->serial = 2;
    p->zone = "x 60 A 192.0.2.1\n";
    rig_notified(&r, "192.0.2.3", 2);
    rig_run(&r, 100);
    ck_assert(no_memory_for(0));
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_uint_eq(row->image_serial, 1);
    ck_assert_ptr_nonnull(strstr(rig_zone(&r, 0)->error, "out of memory: the new version is not"));
    rig_run(&r, 3600000);
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert_uint_eq(row->image_serial, 2);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
}
END_TEST

START_TEST(a_second_try_writes_the_same)
{
    struct rig_peer *p = secondary(HOSTS);
    r.disk_full = true;
    p->serial = 2;
    p->zone = "x 60 A 192.0.2.1\n";
    rig_notified(&r, "192.0.2.3", 2);
    rig_run(&r, 10000);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_str_eq(rig_zone(&r, 0)->activity, "committing");
    r.disk_full = false;
    rig_run(&r, 16000);
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert_uint_eq(rig_kept(&r, 0)->row.image, 2);
    p->answers = false;
    rig_again(&r, 1000, SECONDARY);
    ck_assert_uint_eq(rig_serial(&r), 2);
}
END_TEST

static bool count_part(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value,
                       size_t vlen)
{
    (void)key, (void)klen, (void)value, (void)vlen;
    ++*(unsigned *)ctx;
    return true;
}

/* An old image whose deletion failed is deleted after all. */
START_TEST(an_old_image_does_not_stay)
{
    struct rig_peer *p = secondary(HOSTS);
    unsigned parts = 0;
    struct oops o = {{0}};
    p->serial = 2;
    p->zone = "x 60 A 192.0.2.1\n";
    r.commit_ms = 10;
    rig_notified(&r, "192.0.2.3", 2);
    rig_run(&r, 10);
    ck_assert_uint_eq(rig_serial(&r), 2);
    r.disk_full = true;
    rig_run(&r, 2000);
    r.disk_full = false;
    rig_run(&r, 20000);
    r.commit_ms = 0;
    next_zone(p, "y 60 A 192.0.2.1\n");
    rig_run(&r, 2000);
    ck_assert_uint_eq(rig_kept(&r, 0)->row.image, 3);
    ck_assert(store_scan(r.store, STORE_IMAGE, NULL, 0, count_part, &parts, &o));
    ck_assert_uint_eq(parts, 1);
}
END_TEST

TCase *case_keeper_adopt(void)
{
    TCase *c = tcase_create("keeper_adopt");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, committed_before_published_before_told);
    tcase_add_test(c, a_full_disk_serves_on_and_is_tried_again);
    tcase_add_test(c, the_next_edit_waits_for_the_commit);
    tcase_add_test(c, one_that_finds_no_memory_is_refused);
    tcase_add_test(c, commits_of_many_zones);
    tcase_add_test(c, what_could_not_be_written_is_written_later);
    tcase_add_test(c, what_finds_no_memory_is_written_later);
    tcase_add_test(c, trouble_without_memory_is_trouble);
    tcase_add_test(c, a_commit_that_finds_no_memory_is_tried_again);
    tcase_add_test(c, small_changes_go_behind_the_image);
    tcase_add_test(c, many_changes_become_a_new_image);
    tcase_add_test(c, a_transfer_that_finds_no_memory_is_fetched_again);
    tcase_add_test(c, a_second_try_writes_the_same);
    tcase_add_test(c, an_old_image_does_not_stay);
    return c;
}
