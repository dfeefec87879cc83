/* keeper_evidence.c - only an observed answer proves that a peer serves a change; everything else
 * is shown until then (CONVERGENCE.md, Words, Evidence). */
#include "cases.h"
#include "ledger_fixture.h"

static struct book b;

static void start(void)
{
    book_open(&b);
    book_edit(&b, 1, "www 600 A 192.0.2.1\n");
}

static void stop(void)
{
    book_close(&b);
}

static bool served(uint32_t serial)
{
    return ledger_served(b.ledger, serial);
}

START_TEST(on_the_wire_is_not_served)
{
    book_peers(&b, "s");
    ck_assert_int_eq(book_state(&b, 0), PEER_PENDING);
    ck_assert(ledger_notified(b.ledger, 0));
    ck_assert_int_eq(book_state(&b, 0), PEER_NOTIFIED);
    ck_assert(!ledger_notified(b.ledger, 0)); /* again: nothing new for a person */
    ck_assert(ledger_acked(b.ledger, 0));
    ck_assert_int_eq(book_state(&b, 0), PEER_ACKED);
    ck_assert(!ledger_acked(b.ledger, 0));
    ck_assert(ledger_fetching(b.ledger, 0, b.now));
    ck_assert_int_eq(book_state(&b, 0), PEER_FETCHING);
    ck_assert(!ledger_acked(b.ledger, 0)); /* never back */
    ck_assert_int_eq(book_state(&b, 0), PEER_FETCHING);
    ck_assert(!served(1));
    ck_assert(book_seen(&b, 0, 1));
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
    ck_assert(served(1));
    ck_assert(!book_seen(&b, 0, 1));
}
END_TEST

START_TEST(a_new_change_starts_over)
{
    struct ledger_peer_view v;
    book_peers(&b, "s");
    book_seen(&b, 0, 1);
    ledger_notified(b.ledger, 0);
    ledger_failing(b.ledger, 0, LEDGER_NOTIFY, "NOTIFY timeout");
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    ledger_peer(b.ledger, 0, &v);
    ck_assert_int_eq(v.state, PEER_PENDING);
    ck_assert_uint_eq(v.tries, 0);
    ck_assert_str_eq(v.reason, "");
    ck_assert(v.seen);
    ck_assert_uint_eq(v.serial, 1);
    ck_assert(served(1) && !served(2));
}
END_TEST

START_TEST(an_older_serial_is_seen_but_not_serving)
{
    struct ledger_peer_view v;
    book_peers(&b, "s");
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    book_edit(&b, 3, "www 600 A 192.0.2.3\n");
    book_pass(&b, 7000);
    ck_assert(book_seen(&b, 0, 2));
    ledger_peer(b.ledger, 0, &v);
    ck_assert_int_eq(v.state, PEER_PENDING);
    ck_assert_uint_eq(v.serial, 2);
    ck_assert_int_eq(v.seen_at.ms, b.now.wall.ms);
    ck_assert(served(2) && !served(3));
}
END_TEST

START_TEST(trouble_lasts_until_that_address_answers)
{
    struct ledger_peer_start two = {"p0", PEER_SECONDARY, true, 2, 0, 1};
    ck_assert(ledger_set_peers(b.ledger, &two, 1, b.now));
    ck_assert(ledger_failing(b.ledger, 0, 1, "timeout"));
    ck_assert(!ledger_failing(b.ledger, 0, 1, "timeout"));
    ck_assert(ledger_failing(b.ledger, 0, 1, "REFUSED"));
    ck_assert_int_eq(book_state(&b, 0), PEER_FAILING);
    ck_assert_str_eq(book_reason(&b, 0), "REFUSED");
    ledger_seen(b.ledger, 0, 0, 1, b.now);
    ck_assert_int_eq(book_state(&b, 0), PEER_FAILING);
    ck_assert(!served(1)); /* serving is serving on every address */
    ck_assert(ledger_seen(b.ledger, 0, 1, 1, b.now));
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
    ck_assert_str_eq(book_reason(&b, 0), "");
    ck_assert(served(1));
}
END_TEST

START_TEST(the_smallest_serial_of_all_addresses_is_shown)
{
    struct ledger_peer_start two = {"p0", PEER_SECONDARY, true, 2, 0, 1};
    struct ledger_peer_view v;
    ck_assert(ledger_set_peers(b.ledger, &two, 1, b.now));
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    ledger_seen(b.ledger, 0, 0, 2, b.now);
    ledger_seen(b.ledger, 0, 1, 1, b.now);
    ledger_peer(b.ledger, 0, &v);
    ck_assert_uint_eq(v.serial, 1);
    ck_assert(served(1) && !served(2));
}
END_TEST

START_TEST(notify_trouble_lasts_until_the_ack)
{
    book_peers(&b, "s");
    ck_assert(ledger_failing(b.ledger, 0, LEDGER_NOTIFY, "NOTIFY timeout"));
    ck_assert(ledger_acked(b.ledger, 0));
    ck_assert_int_eq(book_state(&b, 0), PEER_ACKED);
    ledger_failing(b.ledger, 0, LEDGER_NOTIFY, "NOTIFY timeout");
    ck_assert(ledger_fetching(b.ledger, 0, b.now)); /* it must have heard somehow */
    ck_assert_int_eq(book_state(&b, 0), PEER_FETCHING);
}
END_TEST

START_TEST(one_that_serves_is_not_failing)
{
    book_peers(&b, "s");
    book_seen(&b, 0, 1);
    ck_assert(!ledger_failing(b.ledger, 0, LEDGER_NOTIFY, "NOTIFY answered REFUSED"));
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
    ck_assert_str_eq(book_reason(&b, 0), "");
}
END_TEST

START_TEST(ahead_says_both_serials_and_the_way_out)
{
    book_peers(&b, "s");
    ck_assert(book_seen(&b, 0, 40));
    ck_assert_int_eq(book_state(&b, 0), PEER_AHEAD);
    ck_assert_str_eq(book_reason(&b, 0),
                     "answers serial 40, newer than 1, the newest published here: give example a "
                     "serial above 40 if state was lost here, or let only one server be primary");
    ck_assert(!served(1));
    ck_assert(!ledger_failing(b.ledger, 0, LEDGER_NOTIFY, "NOTIFY timeout")); /* it follows */
    ck_assert_int_eq(book_state(&b, 0), PEER_AHEAD);
    book_edit(&b, 41, "www 600 A 192.0.2.2\n"); /* as told */
    ck_assert_int_eq(book_state(&b, 0), PEER_PENDING);
    ck_assert(book_seen(&b, 0, 41));
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
}
END_TEST

START_TEST(ahead_that_was_published_meanwhile_serves)
{
    struct journal_change row;
    book_peers(&b, "s");
    while (ledger_take_served(b.ledger, &row)) {
    }
    book_seen(&b, 0, 2);
    ck_assert_int_eq(book_state(&b, 0), PEER_AHEAD);
    book_pass(&b, 1000);
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
    ck_assert(served(2));
    ck_assert(ledger_take_served(b.ledger, &row));
}
END_TEST

START_TEST(half_the_circle_away_is_ahead)
{
    book_peers(&b, "s");
    book_seen(&b, 0, 1 + (UINT32_C(1) << 31)); /* RFC 1982 3.2: neither older nor newer */
    ck_assert_int_eq(book_state(&b, 0), PEER_AHEAD);
    book_seen(&b, 0, 2 + (UINT32_C(1) << 31)); /* older */
    ck_assert_int_eq(book_state(&b, 0), PEER_PENDING);
}
END_TEST

START_TEST(serials_wrap)
{
    book_peers(&b, "s");
    book_edit(&b, UINT32_C(0x70000000), "www 600 A 192.0.2.2\n");
    book_edit(&b, UINT32_C(0xe0000000), "www 600 A 192.0.2.3\n");
    book_seen(&b, 0, 1); /* newer by RFC 1982, but published two changes ago */
    ck_assert_int_eq(book_state(&b, 0), PEER_PENDING);
    ck_assert(served(1));
    book_seen(&b, 0, UINT32_C(0x70000000));
    ck_assert(served(UINT32_C(0x70000000)));
    book_edit(&b, 3, "www 600 A 192.0.2.4\n");
    ck_assert_int_eq(book_state(&b, 0), PEER_PENDING);
    ck_assert(!served(UINT32_C(0xe0000000)));
    book_seen(&b, 0, UINT32_C(0xe0000000));
    ck_assert(served(UINT32_C(0xe0000000)) && !served(3));
    book_seen(&b, 0, 3);
    ck_assert(served(3));
}
END_TEST

START_TEST(going_back_is_said_until_it_serves_again)
{
    book_peers(&b, "s");
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    book_seen(&b, 0, 2);
    ck_assert(served(2));
    ck_assert(book_seen(&b, 0, 1));
    ck_assert_int_eq(book_state(&b, 0), PEER_FAILING);
    ck_assert_str_eq(book_reason(&b, 0), "went back from serial 2 to 1");
    ck_assert(!served(2));
    ck_assert(book_seen(&b, 0, 2));
    ck_assert_int_eq(book_state(&b, 0), PEER_SERVING);
    ck_assert(served(2));
}
END_TEST

START_TEST(served_is_said_once_with_its_time)
{
    struct journal_change row;
    unsigned watched;
    book_peers(&b, "ssu");
    while (ledger_take_served(b.ledger, &row)) {
    }
    book_edit(&b, 2, "www 600 A 192.0.2.2\n");
    book_seen(&b, 0, 2);
    ck_assert_uint_eq(ledger_serving(b.ledger, &watched), 1);
    ck_assert_uint_eq(watched, 2);
    ck_assert(!ledger_take_served(b.ledger, &row));
    book_pass(&b, 41);
    book_seen(&b, 1, 2); /* p2 is not waited for */
    ck_assert_uint_eq(ledger_serving(b.ledger, &watched), 2);
    unsigned count = 0;
    while (ledger_take_served(b.ledger, &row)) {
        ck_assert_int_eq(row.served.ms, b.now.wall.ms);
        count++;
    }
    ck_assert_uint_eq(count, 1); /* serial 1 was, before there were peers */
    ck_assert_uint_eq(row.to, 2);
    book_seen(&b, 1, 1);
    book_seen(&b, 1, 2);
    ck_assert(!ledger_take_served(b.ledger, &row));
}
END_TEST

TCase *case_keeper_evidence(void)
{
    TCase *c = tcase_create("keeper_evidence");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, on_the_wire_is_not_served);
    tcase_add_test(c, a_new_change_starts_over);
    tcase_add_test(c, an_older_serial_is_seen_but_not_serving);
    tcase_add_test(c, trouble_lasts_until_that_address_answers);
    tcase_add_test(c, the_smallest_serial_of_all_addresses_is_shown);
    tcase_add_test(c, notify_trouble_lasts_until_the_ack);
    tcase_add_test(c, one_that_serves_is_not_failing);
    tcase_add_test(c, ahead_says_both_serials_and_the_way_out);
    tcase_add_test(c, ahead_that_was_published_meanwhile_serves);
    tcase_add_test(c, half_the_circle_away_is_ahead);
    tcase_add_test(c, serials_wrap);
    tcase_add_test(c, going_back_is_said_until_it_serves_again);
    tcase_add_test(c, served_is_said_once_with_its_time);
    return c;
}
