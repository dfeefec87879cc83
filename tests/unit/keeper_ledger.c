/* keeper_ledger.c - changes are prepared, committed, saved and found again by a restart; peers keep
 * what is known of them through a reload (CONVERGENCE.md I8). */
#include "cases.h"
#include "journal_dir.h"
#include "keeper/ledger_inside.h"
#include "ledger_fixture.h"

#define ZONE_ID 7

static struct book b;
static char dir[DIR_PATH];
static struct store *store; /* from the first save on */
static uint64_t commits;

static void start(void)
{
    book_open(&b);
}

static void stop(void)
{
    if (store != NULL) {
        store_close(store);
        dir_remove(dir);
        store = NULL;
    }
    book_close(&b);
}

START_TEST(a_row_says_what_the_change_is)
{
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    ck_assert(b.row.first);
    ck_assert_uint_eq(b.row.old_ttl_s, 0);
    ck_assert_uint_eq(b.row.expire_s, 0);
    ck_assert_uint_eq(b.row.rrsets, 2); /* www and the NS; the SOA aside */
    book_pass(&b, 5000);
    book_edit(&b, 4, "www 60 A 192.0.2.2\nmail 60 A 192.0.2.3\n");
    ck_assert(!b.row.first && !b.row.no_bound);
    ck_assert_uint_eq(b.row.number, 2);
    ck_assert_uint_eq(b.row.from, 1);
    ck_assert_uint_eq(b.row.to, 4);
    ck_assert_uint_eq(b.row.rrsets, 2);
    ck_assert_uint_eq(b.row.old_ttl_s, 600);
    ck_assert_uint_eq(b.row.expire_s, 86400);
    ck_assert_str_eq(b.row.text, "example.zone");
    ck_assert_int_eq(b.row.committed.ms, BOOK_START + 5000);
    ck_assert_int_eq(b.row.published.ms, 0); /* only once it is */
}
END_TEST

START_TEST(prepared_is_not_published)
{
    uint32_t serial;
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    book_prepare(&b, 2, "www 600 A 192.0.2.2\n");
    ck_assert(ledger_has_serial(b.ledger, &serial));
    ck_assert_uint_eq(serial, 1);
    ck_assert_uint_eq(ledger_change_count(b.ledger), 1);
    ck_assert(!ledger_served(b.ledger, 2));
    book_prepare(&b, 3, "www 600 A 192.0.2.3\n"); /* the commit of 2 could not be had */
    ledger_committed(b.ledger, b.now);
    ck_assert(ledger_has_serial(b.ledger, &serial));
    ck_assert_uint_eq(serial, 3);
    ck_assert_uint_eq(ledger_change_count(b.ledger), 2);
}
END_TEST

/* What was served is known by its row only: the state of the zone was lost, or it is a cache. */
START_TEST(an_old_version_nobody_has_any_more)
{
    struct ledger_change_view view;
    struct zone_version *next = book_write(&b, 5, "www 600 A 192.0.2.1\n");
    struct change change;
    change_init(&change);
    ck_assert(zone_diff(NULL, next, &change));
    struct ledger_change c = {.change = &change,
                              .next = next,
                              .old_max_ttl_s = 1234,
                              .old_expire_s = 86400,
                              .had_served = true,
                              .from = 4,
                              .to = 5,
                              .text = "192.0.2.1"};
    ledger_prepare(b.ledger, &c, b.now, &b.row);
    ledger_committed(b.ledger, b.now);
    change_free(&change);
    ck_assert(b.row.no_bound && !b.row.first);
    ck_assert_uint_eq(b.row.old_ttl_s, 1234);
    ledger_change(b.ledger, 0, b.now, &view);
    ck_assert_int_eq(view.deadline.ms, BOOK_START + (1234 + LEDGER_GRACE_S) * 1000);
}
END_TEST

START_TEST(peers_keep_what_is_known_through_a_reload)
{
    struct journal_change row;
    struct ledger_peer_view v;
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    book_peers(&b, "ss");
    book_seen(&b, 0, 1);
    ledger_failing(b.ledger, 1, 0, "timeout");
    struct ledger_peer_start others[] = {{"new", PEER_SECONDARY, false, 1, 0, 9},
                                         {"p1", PEER_SECONDARY, true, 1, 0, 1},
                                         {"p0", PEER_SECONDARY, true, 1, 0, 77}};
    ck_assert(ledger_set_peers(b.ledger, others, 3, b.now));
    ck_assert_int_eq(book_state(&b, 0), PEER_PENDING);
    ck_assert_str_eq(book_reason(&b, 1), "timeout");
    ledger_peer(b.ledger, 2, &v);
    ck_assert(!v.seen); /* other addresses: other observations */
    while (ledger_take_served(b.ledger, &row)) {
    }
    ck_assert(ledger_set_peers(b.ledger, others, 1, b.now)); /* nobody is waited for any more */
    ck_assert(ledger_served(b.ledger, 1));
    ck_assert(ledger_set_peers(b.ledger, others, 2, b.now));
    ck_assert(!ledger_served(b.ledger, 1));
}
END_TEST

START_TEST(one_more_address_must_be_seen)
{
    struct ledger_peer_start p = {"p0", PEER_SECONDARY, true, 1, 0, 5};
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    ck_assert(ledger_set_peers(b.ledger, &p, 1, b.now));
    book_seen(&b, 0, 1);
    p.addresses = 2;
    ck_assert(ledger_set_peers(b.ledger, &p, 1, b.now));
    ck_assert_int_eq(book_state(&b, 0), PEER_PENDING);
    ledger_seen(b.ledger, 0, 1, 1, b.now);
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
    p.addresses = 1;
    ck_assert(ledger_set_peers(b.ledger, &p, 1, b.now));
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
}
END_TEST

/* ---- the disk ---- */

static void open_disk(void)
{
    struct oops o = {{0}};
    dir_make(dir);
    store = store_open(dir, &o);
    ck_assert_msg(store != NULL, "%s", o.text);
}

static void save(void)
{
    struct store_batch batch = {0};
    struct oops o = {{0}};
    if (store == NULL) {
        open_disk();
    }
    ck_assert(ledger_dirty(b.ledger));
    ledger_save(b.ledger, ZONE_ID, ++commits, &batch);
    ck_assert(!ledger_dirty(b.ledger));
    ck_assert_msg(store_commit(store, &batch, &o), "%s", o.text);
    batch_free(&batch);
    ledger_saved(b.ledger, commits);
}

static bool see_change(void *ctx, const struct journal_change *c)
{
    (void)ctx;
    ledger_restore_change(b.ledger, c, b.now);
    return true;
}

static bool see_peer(void *ctx, const struct journal_peer *p)
{
    (void)ctx;
    ledger_restore_peer(b.ledger, p, b.now);
    return true;
}

/* The process ends, and comes back after `pause_ms`, with another monotonic clock. */
static void restart(int64_t pause_ms, const char *kinds)
{
    static const uint8_t apex[] = "\7example";
    struct oops o = {{0}};
    uint32_t serial = 0;
    bool had = ledger_has_serial(b.ledger, &serial);
    ledger_free(b.ledger);
    b.ledger = ledger_new(apex);
    ck_assert_ptr_nonnull(b.ledger);
    b.now.mono.ns = 3 * NS_PER_S;
    b.now.wall.ms += pause_ms;
    book_peers(&b, kinds);
    ck_assert(journal_changes(store, ZONE_ID, see_change, NULL, &o));
    ck_assert(journal_peers(store, ZONE_ID, see_peer, NULL, &o));
    if (had) {
        ledger_restore_serial(b.ledger, serial);
    }
}

START_TEST(a_restart_knows_changes_peers_and_deadlines)
{
    struct ledger_change_view view;
    struct ledger_peer_view v;
    book_peers(&b, "ss");
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    book_pass(&b, 10000);
    book_seen(&b, 0, 2);
    book_seen(&b, 1, 1);
    save();
    restart(5000, "ss");
    ck_assert_uint_eq(ledger_change_count(b.ledger), 2);
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
    ck_assert_int_eq(book_state(&b, 1), PEER_PENDING);
    ledger_peer(b.ledger, 1, &v);
    ck_assert(v.seen);
    ck_assert_uint_eq(v.serial, 1);
    ledger_change(b.ledger, 0, b.now, &view);
    ck_assert(!view.served);
    ck_assert_uint_eq(view.row.to, 2);
    ck_assert_str_eq(view.row.text, "example.zone");
    book_seen(&b, 1, 2);
    ck_assert_int_eq(book_deadline(&b, 0), 15 + 605);
    ck_assert_uint_eq(book_settle(&b), 1); /* the first one */
    save();
    restart(604000, "ss");
    ck_assert(ledger_served(b.ledger, 2));
    ck_assert_uint_eq(book_settle(&b), 0);
    book_pass(&b, 1000);
    ck_assert_uint_eq(book_settle(&b), 1);
    save();
    restart(1000, "ss");
    ledger_change(b.ledger, 0, b.now, &view);
    ck_assert(view.settled);
}
END_TEST

/* Kill -9 between the commit and what followed: published at the restart, as far as we know. */
START_TEST(a_change_that_may_not_have_been_served)
{
    struct store_batch batch = {0};
    struct oops o = {{0}};
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    save();
    book_pass(&b, 1000);
    book_prepare(&b, 2, "www 600 A 192.0.2.2\n");
    journal_put_change(&batch, ZONE_ID, &b.row);
    ck_assert(store_commit(store, &batch, &o));
    batch_free(&batch);
    restart(100000, "");
    ck_assert_int_eq(book_deadline(&b, 0), 101 + 605);
    ck_assert(ledger_dirty(b.ledger)); /* and from now on that is known */
    save();
    restart(100000, "");
    ck_assert_int_eq(book_deadline(&b, 0), 101 + 605);
}
END_TEST

START_TEST(a_peer_that_is_gone_goes_from_the_disk)
{
    struct ledger_peer_view v;
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    book_peers(&b, "ss");
    book_seen(&b, 0, 1);
    book_seen(&b, 1, 1);
    save();
    restart(0, "s");
    ck_assert(ledger_served(b.ledger, 1));
    save();
    restart(0, "ss");
    ledger_peer(b.ledger, 1, &v);
    ck_assert(!v.seen);
}
END_TEST

START_TEST(forgotten_changes_go_from_the_disk)
{
    char lines[64];
    for (unsigned i = 0; i < LEDGER_CHANGES + 4; i++) {
        snprintf(lines, sizeof lines, "www 600 A 192.0.2.%u\n", i);
        book_edit(&b, 1 + i, lines);
        save();
    }
    restart(0, "");
    ck_assert_uint_eq(ledger_change_count(b.ledger), LEDGER_CHANGES);
    ck_assert_int_eq(book_deadline(&b, 0), 605);
}
END_TEST

static bool count_row(void *ctx, const struct journal_change *c)
{
    (void)c;
    ++*(unsigned *)ctx;
    return true;
}

static unsigned rows_on_disk(void)
{
    struct oops o = {{0}};
    unsigned rows = 0;
    ck_assert_msg(journal_changes(store, ZONE_ID, count_row, &rows, &o), "%s", o.text);
    return rows;
}

/* As many changes as are remembered, on disk: each further one forgets one. */
static void fill(void)
{
    for (unsigned i = 0; i < LEDGER_CHANGES; i++) {
        book_edit(&b, 1 + i, "www 600 A 192.0.2.1\n");
    }
    save();
}

START_TEST(what_could_not_be_taken_off_the_disk_goes_later)
{
    struct store_batch lost = {0};
    fill();
    book_edit(&b, 1 + LEDGER_CHANGES, "www 600 A 192.0.2.1\n");
    ledger_save(b.ledger, ZONE_ID, ++commits, &lost);
    batch_free(&lost);
    ledger_unsaved(b.ledger);
    save();
    ck_assert_uint_eq(rows_on_disk(), LEDGER_CHANGES);
}
END_TEST

START_TEST(what_is_forgotten_while_a_commit_is_under_way_goes_with_the_next)
{
    struct store_batch first = {0}, second = {0};
    struct oops o = {{0}};
    fill();
    book_edit(&b, 1 + LEDGER_CHANGES, "www 600 A 192.0.2.1\n");
    ledger_save(b.ledger, ZONE_ID, ++commits, &first);
    book_edit(&b, 2 + LEDGER_CHANGES, "www 600 A 192.0.2.1\n");
    ledger_saved(b.ledger, commits - 1); /* of an earlier one: it says nothing of this */
    ledger_save(b.ledger, ZONE_ID, commits + 1, &second);
    ck_assert(ledger_dirty(b.ledger)); /* what was forgotten waits for the first one */
    ck_assert(store_commit(store, &first, &o) && store_commit(store, &second, &o));
    batch_free(&first);
    batch_free(&second);
    ck_assert_uint_eq(rows_on_disk(), LEDGER_CHANGES + 1);
    ledger_saved(b.ledger, commits++); /* the second one is not back yet */
    ck_assert(ledger_dirty(b.ledger));
    save();
    ck_assert_uint_eq(rows_on_disk(), LEDGER_CHANGES);
    ck_assert_uint_eq(b.ledger->dropped_count, 0);
}
END_TEST

START_TEST(a_damaged_history_does_not_take_the_serial)
{
    uint32_t serial;
    open_disk();
    book_edit(&b, 6, "www 600 A 192.0.2.1\n");
    restart(0, "s"); /* nothing was saved */
    ck_assert(ledger_has_serial(b.ledger, &serial));
    ck_assert_uint_eq(serial, 6);
    ck_assert_uint_eq(ledger_change_count(b.ledger), 0);
    ck_assert(!ledger_served(b.ledger, 6));
    book_seen(&b, 0, 6);
    ck_assert(ledger_served(b.ledger, 6));
}
END_TEST

TCase *case_keeper_ledger(void)
{
    TCase *c = tcase_create("keeper_ledger");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_row_says_what_the_change_is);
    tcase_add_test(c, prepared_is_not_published);
    tcase_add_test(c, an_old_version_nobody_has_any_more);
    tcase_add_test(c, peers_keep_what_is_known_through_a_reload);
    tcase_add_test(c, one_more_address_must_be_seen);
    tcase_add_test(c, a_restart_knows_changes_peers_and_deadlines);
    tcase_add_test(c, a_change_that_may_not_have_been_served);
    tcase_add_test(c, a_peer_that_is_gone_goes_from_the_disk);
    tcase_add_test(c, forgotten_changes_go_from_the_disk);
    tcase_add_test(c, what_could_not_be_taken_off_the_disk_goes_later);
    tcase_add_test(c, what_is_forgotten_while_a_commit_is_under_way_goes_with_the_next);
    tcase_add_test(c, a_damaged_history_does_not_take_the_serial);
    return c;
}
