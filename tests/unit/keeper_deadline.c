/* keeper_deadline.c - when no conforming cache can hold an old answer any more, case by case
 * (CONVERGENCE.md, Deadline), and that remembering few changes makes it later, never earlier. */
#include "cases.h"
#include "ledger_fixture.h"

static struct book b;

static void start(void)
{
    book_open(&b);
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
    ck_assert_uint_eq(book_settle(&b), 1);
}

static void stop(void)
{
    book_close(&b);
}

START_TEST(a_first_version_has_no_old_answers)
{
    struct journal_change row;
    book_peers(&b, "s");
    ck_assert_int_eq(book_deadline(&b, 0), 0);
    ck_assert(!ledger_settle(b.ledger, b.now, &row));
}
END_TEST

START_TEST(old_ttl_counts_from_the_publication)
{
    book_pass(&b, 100000);
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    ck_assert_int_eq(book_deadline(&b, 0), 100 + 600 + LEDGER_GRACE_S);
    ck_assert_int_eq(ledger_due(b.ledger, b.now).ns, mono_plus_s(b.now.mono, 605).ns);
    book_pass(&b, 604999);
    ck_assert_uint_eq(book_settle(&b), 0);
    book_pass(&b, 1);
    ck_assert_uint_eq(book_settle(&b), 1);
    ck_assert_int_eq(ledger_due(b.ledger, b.now).ns, MONO_NEVER.ns);
}
END_TEST

START_TEST(old_ttl_counts_from_the_last_secondary)
{
    book_peers(&b, "ss");
    book_seen(&b, 0, 1);
    book_seen(&b, 1, 1);
    book_pass(&b, 100000);
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    book_pass(&b, 1000);
    book_seen(&b, 0, 2);
    ck_assert_int_eq(book_deadline(&b, 0), 100 + 86400 + 605); /* p1 may have refreshed at 100 */
    book_pass(&b, 9000);
    book_seen(&b, 1, 2);
    ck_assert_int_eq(book_deadline(&b, 0), 110 + 605);
    book_pass(&b, 604999);
    ck_assert_uint_eq(book_settle(&b), 0);
    book_pass(&b, 1);
    ck_assert_uint_eq(book_settle(&b), 1);
}
END_TEST

START_TEST(not_settled_before_served)
{
    book_peers(&b, "s");
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    book_pass(&b, (86400 + 606) * INT64_C(1000));
    ck_assert_uint_eq(book_settle(&b), 0); /* it may serve it again at any time */
    book_seen(&b, 0, 2);
    ck_assert_int_eq(book_deadline(&b, 0), 86400 + 606 + 605);
}
END_TEST

START_TEST(never_seen_counts_with_expire_for_each_hop)
{
    struct ledger_peer_start far = {"far", PEER_SECONDARY, true, 1, 3, 1};
    ck_assert(ledger_set_peers(b.ledger, &far, 1, b.now));
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    ck_assert_int_eq(book_deadline(&b, 0), 3 * 86400 + 605);
    book_pass(&b, 50000);
    ledger_fetching(b.ledger, 0, b.now); /* it refreshed at least until now */
    ck_assert_int_eq(book_deadline(&b, 0), 50 + 3 * 86400 + 605);
}
END_TEST

START_TEST(the_largest_expire_it_may_hold_counts)
{
    book_peers(&b, "s");
    book_edit(&b, 2,
              "@ 3600 SOA ns.example. admin.example. 2 3600 600 1000 300\nwww 60 A 192.0.2.1\n");
    book_edit(&b, 3,
              "@ 3600 SOA ns.example. admin.example. 3 3600 600 1000 300\nwww 60 A 192.0.2.3\n");
    book_seen(&b, 0, 1);
    ck_assert_int_eq(book_deadline(&b, 0), 86400 + 3605); /* it holds 1, its SOA for an hour */
    book_pass(&b, 10000);
    book_seen(&b, 0, 2);
    ck_assert_int_eq(book_deadline(&b, 1), 10 + 3605);
    book_seen(&b, 0, 3);
    ck_assert_int_eq(book_deadline(&b, 0), 10 + 3605); /* 1 had another TTL for www, too */
}
END_TEST

START_TEST(no_expire_no_bound)
{
    struct wall deadline;
    book_peers(&b, "s");
    book_edit(&b, 2, "@ 60 SOA ns.example. admin.example. 2 3600 600 0 60\nwww 600 A 192.0.2.1\n");
    book_seen(&b, 0, 2);
    book_edit(&b, 3, "@ 60 SOA ns.example. admin.example. 3 3600 600 0 60\nwww 600 A 192.0.2.3\n");
    ck_assert_int_eq(book_deadline(&b, 0), NO_BOUND);
    ck_assert(!ledger_settled(b.ledger, 3, b.now, &deadline));
    ck_assert_int_eq(deadline.ms, 0);
    book_seen(&b, 0, 3); /* seen after all: then there is one */
    ck_assert_int_eq(book_deadline(&b, 0), 605);
}
END_TEST

START_TEST(a_ttl_lowered_before_an_edit_fools_nobody)
{
    book_pass(&b, 100000);
    book_edit(&b, 2, "www 5 A 192.0.2.1\n");
    book_pass(&b, 20000);
    book_edit(&b, 3, "www 5 A 192.0.2.3\n");
    ck_assert_int_eq(book_deadline(&b, 1), 100 + 605); /* the TTL of 1, though 2 has 5 */
    ck_assert_int_eq(book_deadline(&b, 0), 100 + 605);
    book_pass(&b, 11000);
    ck_assert_uint_eq(book_settle(&b), 0);
    book_pass(&b, 574000);
    ck_assert_uint_eq(book_settle(&b), 2);
}
END_TEST

START_TEST(a_ttl_lowered_long_before_counts_no_more)
{
    book_edit(&b, 2, "www 5 A 192.0.2.1\n");
    book_pass(&b, 605000);
    ck_assert_uint_eq(book_settle(&b), 1);
    book_edit(&b, 3, "www 5 A 192.0.2.3\n");
    ck_assert_int_eq(book_deadline(&b, 0), 605 + 5 + LEDGER_GRACE_S);
}
END_TEST

START_TEST(other_names_do_not_count)
{
    book_edit(&b, 2, "www 5 A 192.0.2.1\nmail 900 A 192.0.2.9\n"); /* NXDOMAIN of mail: 300 */
    book_pass(&b, 10000);
    book_edit(&b, 3, "www 5 A 192.0.2.1\nmail 900 A 192.0.2.8\n");
    ck_assert_int_eq(book_deadline(&b, 1), 605);
    ck_assert_int_eq(book_deadline(&b, 0), 10 + 905);
    book_edit(&b, 4, "www 5 A 192.0.2.1\nmail 900 A 192.0.2.8\nftp 60 A 192.0.2.7\n");
    ck_assert_int_eq(book_deadline(&b, 0), 10 + 305);
}
END_TEST

/* By its own chain: an answer of 1 may be held though 2 and 3 made others of it. */
START_TEST(a_chain_of_edits_counts_its_oldest_answer)
{
    book_edit(&b, 2, "www 60 A 192.0.2.2\n");
    book_pass(&b, 1000);
    book_edit(&b, 3, "www 30 A 192.0.2.3\n");
    book_pass(&b, 1000);
    book_edit(&b, 4, "www 10 A 192.0.2.4\n");
    ck_assert_int_eq(book_deadline(&b, 0), 605);
    book_pass(&b, 603000);
    ck_assert_uint_eq(book_settle(&b), 3);
}
END_TEST

START_TEST(a_cache_counts_when_it_confirmed_without_its_ttl)
{
    book_peers(&b, "sc");
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    book_pass(&b, 1000);
    book_seen(&b, 0, 2);
    ck_assert_int_eq(book_deadline(&b, 0), 606); /* what the cache holds is no older than this */
    book_pass(&b, 700000);
    ck_assert_uint_eq(book_settle(&b), 0); /* not served yet */
    book_seen(&b, 1, 2);
    ck_assert_int_eq(book_deadline(&b, 0), 701 + LEDGER_GRACE_S);
    book_pass(&b, 4999);
    ck_assert_uint_eq(book_settle(&b), 0);
    book_pass(&b, 1);
    ck_assert_uint_eq(book_settle(&b), 1);
}
END_TEST

START_TEST(an_unwatched_peer_holds_nothing_up)
{
    book_peers(&b, "u");
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    ck_assert_int_eq(book_deadline(&b, 0), 605);
    book_pass(&b, 300000);
    book_seen(&b, 0, 2);
    ck_assert_int_eq(book_deadline(&b, 0), 605);
    book_pass(&b, 305000);
    ck_assert_uint_eq(book_settle(&b), 1);
}
END_TEST

START_TEST(one_that_went_back_counts_from_its_return)
{
    book_peers(&b, "s");
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    book_seen(&b, 0, 2);
    ck_assert_int_eq(book_deadline(&b, 0), 605);
    book_pass(&b, 100000);
    book_seen(&b, 0, 1);
    ck_assert_int_eq(book_deadline(&b, 0), 100 + 86400 + 605);
    book_pass(&b, 50000);
    book_seen(&b, 0, 2);
    ck_assert_int_eq(book_deadline(&b, 0), 150 + 605);
}
END_TEST

START_TEST(a_step_of_the_wall_clock_moves_nothing)
{
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    b.now.wall.ms += INT64_C(3600) * 1000;
    ck_assert_uint_eq(book_settle(&b), 0);
    ck_assert_int_eq(book_deadline(&b, 0), 3600 + 605); /* as people see it now */
    book_pass(&b, 605000);
    ck_assert_uint_eq(book_settle(&b), 1);
}
END_TEST

START_TEST(edits_without_old_answers_settle_when_served)
{
    book_peers(&b, "s");
    book_edit(&b, 2, "www 600 A 192.0.2.1\n"); /* only the serial */
    ck_assert_uint_eq(b.row.rrsets, 0);
    ck_assert_uint_eq(book_settle(&b), 0);
    book_seen(&b, 0, 2);
    ck_assert_uint_eq(book_settle(&b), 1);
}
END_TEST

/* More edits than are remembered: two become one, and the deadline of the newest does not get
 * earlier. */
START_TEST(joined_changes_are_never_earlier)
{
    char lines[64];
    for (unsigned i = 0; i < LEDGER_CHANGES + 3; i++) {
        snprintf(lines, sizeof lines, "www %u A 192.0.2.%u\n", i == 0 ? 500 : 5, 2 + i);
        book_edit(&b, 2 + i, lines);
        book_pass(&b, 1000);
        ck_assert_uint_eq(book_settle(&b), 0);
    }
    ck_assert_uint_eq(ledger_change_count(b.ledger), LEDGER_CHANGES);
    ck_assert_int_ge(book_deadline(&b, 0), 605);
    ck_assert_int_le(book_deadline(&b, 0), 605 + 5); /* the first ones, counted from a later one */
    ck_assert_int_ge(book_deadline(&b, LEDGER_CHANGES - 1), 605);
}
END_TEST

START_TEST(settled_changes_are_forgotten_first)
{
    struct ledger_change_view view;
    book_edit(&b, 2, "www 600 A 192.0.2.2\n"); /* stays open all the time */
    for (unsigned i = 0; i < LEDGER_CHANGES + 3; i++) {
        book_edit(&b, 3 + i, "www 600 A 192.0.2.2\n"); /* only the serial: settled at once */
        ck_assert_uint_eq(book_settle(&b), 1);
    }
    ck_assert_uint_eq(ledger_change_count(b.ledger), LEDGER_CHANGES);
    ledger_change(b.ledger, LEDGER_CHANGES - 1, b.now, &view);
    ck_assert(!view.settled);
    ck_assert_uint_eq(view.row.to, 2);
    ck_assert_int_eq(book_deadline(&b, LEDGER_CHANGES - 1), 605);
}
END_TEST

TCase *case_keeper_deadline(void)
{
    TCase *c = tcase_create("keeper_deadline");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_first_version_has_no_old_answers);
    tcase_add_test(c, old_ttl_counts_from_the_publication);
    tcase_add_test(c, old_ttl_counts_from_the_last_secondary);
    tcase_add_test(c, not_settled_before_served);
    tcase_add_test(c, never_seen_counts_with_expire_for_each_hop);
    tcase_add_test(c, the_largest_expire_it_may_hold_counts);
    tcase_add_test(c, no_expire_no_bound);
    tcase_add_test(c, a_ttl_lowered_before_an_edit_fools_nobody);
    tcase_add_test(c, a_ttl_lowered_long_before_counts_no_more);
    tcase_add_test(c, other_names_do_not_count);
    tcase_add_test(c, a_chain_of_edits_counts_its_oldest_answer);
    tcase_add_test(c, a_cache_counts_when_it_confirmed_without_its_ttl);
    tcase_add_test(c, an_unwatched_peer_holds_nothing_up);
    tcase_add_test(c, one_that_went_back_counts_from_its_return);
    tcase_add_test(c, a_step_of_the_wall_clock_moves_nothing);
    tcase_add_test(c, edits_without_old_answers_settle_when_served);
    tcase_add_test(c, joined_changes_are_never_earlier);
    tcase_add_test(c, settled_changes_are_forgotten_first);
    return c;
}
