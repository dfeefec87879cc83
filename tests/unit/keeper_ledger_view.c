/* keeper_ledger_view.c - what users ask of the ledger: names, who serves, "is it everywhere yet?",
 * "is it settled, and when?" (CONVERGENCE.md I7). */
#include "cases.h"
#include "ledger_fixture.h"

static struct book b;

static void start(void)
{
    book_open(&b);
}

static void stop(void)
{
    book_close(&b);
}

START_TEST(states_and_sources_have_names)
{
    static const char *const states[] = {"pending", "notified", "acked", "fetching",
                                         "serving", "failing",  "ahead"};
    static const char *const sources[] = {"file", "transfer", "update", "restart"};
    for (unsigned i = 0; i < PEER_STATES; i++) {
        ck_assert_str_eq(peer_state_name(i), states[i]);
    }
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_str_eq(change_source_name(i), sources[i]);
    }
    ck_assert_str_eq(change_source_name(9), "unknown"); /* of a later version's disk */
}
END_TEST

START_TEST(nothing_published_is_not_served)
{
    uint32_t serial;
    struct wall deadline;
    ck_assert(!ledger_has_serial(b.ledger, &serial));
    ck_assert(!ledger_served(b.ledger, 0));
    ck_assert(!ledger_served(b.ledger, 1));
    ck_assert(!ledger_settled(b.ledger, 1, b.now, &deadline));
}
END_TEST

START_TEST(without_peers_served_is_published)
{
    unsigned watched = 9;
    book_edit(&b, 5, "www 600 A 192.0.2.1\n");
    ck_assert(ledger_served(b.ledger, 5));
    ck_assert(ledger_served(b.ledger, 3)); /* an older one, forgotten or never ours */
    ck_assert(!ledger_served(b.ledger, 6));
    ck_assert_uint_eq(ledger_serving(b.ledger, &watched), 0);
    ck_assert_uint_eq(watched, 0);
}
END_TEST

START_TEST(a_peer_ahead_serves_nothing)
{
    book_edit(&b, 5, "www 600 A 192.0.2.1\n");
    book_peers(&b, "s");
    book_seen(&b, 0, 9);
    ck_assert(!ledger_served(b.ledger, 5));
    ck_assert(!ledger_served(b.ledger, 3));
}
END_TEST

/* Who waits for a serial that was passed over gets it with the next one. */
START_TEST(newer_is_served_too)
{
    book_edit(&b, 5, "www 600 A 192.0.2.1\n");
    book_peers(&b, "s");
    book_edit(&b, 8, "www 600 A 192.0.2.2\n");
    ck_assert(!ledger_served(b.ledger, 6));
    book_seen(&b, 0, 8);
    ck_assert(ledger_served(b.ledger, 5));
    ck_assert(ledger_served(b.ledger, 6));
    ck_assert(ledger_served(b.ledger, 8));
}
END_TEST

START_TEST(settled_waits_for_all_changes_up_to_it)
{
    struct wall deadline;
    book_edit(&b, 1, "www 600 A 192.0.2.1\nmail 60 A 192.0.2.1\n");
    book_edit(&b, 2, "www 600 A 192.0.2.2\nmail 60 A 192.0.2.1\n");
    book_pass(&b, 10000);
    book_edit(&b, 3, "www 600 A 192.0.2.2\nmail 60 A 192.0.2.2\n");
    ck_assert(!ledger_settled(b.ledger, 3, b.now, &deadline));
    ck_assert_int_eq(deadline.ms, BOOK_START + 605 * 1000);
    book_pass(&b, 65000);
    ck_assert_uint_eq(book_settle(&b), 2);                     /* the first one, and 2 -> 3 */
    ck_assert(!ledger_settled(b.ledger, 3, b.now, &deadline)); /* www may still be old */
    ck_assert_int_eq(deadline.ms, BOOK_START + 605 * 1000);
    ck_assert(!ledger_settled(b.ledger, 2, b.now, &deadline));
    ck_assert(ledger_settled(b.ledger, 1, b.now, &deadline));
    book_pass(&b, 530000);
    ck_assert(ledger_settled(b.ledger, 3, b.now, &deadline)); /* also before book_settle() */
    ck_assert_uint_eq(book_settle(&b), 1);
    ck_assert(ledger_settled(b.ledger, 3, b.now, &deadline));
    ck_assert_int_eq(deadline.ms, BOOK_START + 605 * 1000);
}
END_TEST

START_TEST(settled_is_not_before_served)
{
    struct wall deadline;
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    book_peers(&b, "c");
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    book_pass(&b, 700000);
    ck_assert(!ledger_settled(b.ledger, 2, b.now, &deadline));
    book_seen(&b, 0, 2);
    ck_assert(!ledger_settled(b.ledger, 2, b.now, &deadline));
    book_pass(&b, LEDGER_GRACE_S * 1000);
    ck_assert(ledger_settled(b.ledger, 2, b.now, &deadline));
    book_seen(&b, 0, 1);
    ck_assert(!ledger_settled(b.ledger, 2, b.now, &deadline));
}
END_TEST

START_TEST(changes_are_shown_newest_first)
{
    struct ledger_change_view view;
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    book_peers(&b, "s");
    book_pass(&b, 1000);
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    ledger_change(b.ledger, 0, b.now, &view);
    ck_assert_uint_eq(view.row.to, 2);
    ck_assert(!view.served && !view.settled && view.has_deadline && !view.deadline_final);
    book_seen(&b, 0, 2);
    ledger_change(b.ledger, 0, b.now, &view);
    ck_assert(view.served && !view.settled && view.has_deadline && view.deadline_final);
    ck_assert_int_eq(view.row.served.ms, b.now.wall.ms);
    ledger_change(b.ledger, 1, b.now, &view);
    ck_assert_uint_eq(view.row.to, 1);
    ck_assert(view.row.first);
    book_settle(&b);
    ledger_change(b.ledger, 1, b.now, &view);
    ck_assert(view.served && view.settled);
}
END_TEST

/* Taken back by the operator: 9 was published before 5. */
START_TEST(an_ordered_way_back_is_known)
{
    book_edit(&b, 9, "www 600 A 192.0.2.1\n");
    book_peers(&b, "s");
    book_seen(&b, 0, 9);
    book_edit(&b, 5, "www 600 A 192.0.2.2\n");
    ck_assert_int_eq(book_state(&b, 0), PEER_PENDING);
    ck_assert(!ledger_served(b.ledger, 5));
    ck_assert(ledger_served(b.ledger, 9));
    book_seen(&b, 0, 5);
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
    ck_assert(ledger_served(b.ledger, 5));
    ck_assert(ledger_served(b.ledger, 9)); /* 5 is the newer one here */
}
END_TEST

TCase *case_keeper_ledger_view(void)
{
    TCase *c = tcase_create("keeper_ledger_view");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, states_and_sources_have_names);
    tcase_add_test(c, nothing_published_is_not_served);
    tcase_add_test(c, without_peers_served_is_published);
    tcase_add_test(c, a_peer_ahead_serves_nothing);
    tcase_add_test(c, newer_is_served_too);
    tcase_add_test(c, settled_waits_for_all_changes_up_to_it);
    tcase_add_test(c, settled_is_not_before_served);
    tcase_add_test(c, changes_are_shown_newest_first);
    tcase_add_test(c, an_ordered_way_back_is_known);
    return c;
}
