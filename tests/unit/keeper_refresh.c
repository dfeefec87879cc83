/* keeper_refresh.c - a secondary asks its primaries in time, at once after a NOTIFY, again when
 * they fail, and stops answering when none was heard for EXPIRE (RFC 1035 3.3.13, RFC 1996 3). */
#include "cases.h"
#include "keeper_fixture.h"

#define ZONE(options)                                                                              \
    "zones: [{ name: example, role: secondary, primaries: [192.0.2.2]" options " }]\n"
#define TWO "zones: [{ name: example, role: secondary, primaries: [192.0.2.2, 192.0.2.3] }]\n"
#define WWW "www 600 A 192.0.2.80\n"

static struct rig r;
static struct rig_peer *a, *b;

static void start(void)
{
    rig_open(&r);
    a = rig_peer(&r, "192.0.2.2");
    b = rig_peer(&r, "192.0.2.3");
    *a = (struct rig_peer){.at = a->at, .answers = true, .serial = 1, .zone = WWW};
}

static void stop(void)
{
    rig_close(&r);
}

/* The next line of what was sent: when, and what; -1: nothing more. */
static int64_t next_sent(const char **wire, const char **what)
{
    char *end;
    if (**wire == '\0') {
        return -1;
    }
    int64_t at = strtoll(*wire, &end, 10);
    *what = end + 1;
    *wire = strchr(end, '\n') + 1;
    return at;
}

static bool is(const char *what, const char *text)
{
    return strncmp(what, text, strlen(text)) == 0;
}

/* From a round's start at `*at` on, it is asked three times: with how long a pause until the next
 * round? */
static int64_t a_failed_round(const char **wire, int64_t *at)
{
    const char *what = "";
    static const int64_t pauses[] = {500, 1000};
    int64_t first = *at;
    for (unsigned i = 0; i < 2; i++) {
        int64_t next = next_sent(wire, &what);
        ck_assert(is(what, "192.0.2.2 soa"));
        ck_assert_int_eq(next - *at, pauses[i]);
        *at = next;
    }
    *at = next_sent(wire, &what);
    return *at < 0 ? -1 : *at - first - 3500;
}

START_TEST(checks_at_start_and_takes_the_zone)
{
    rig_start(&r, ZONE(""));
    RIG_WIRE(&r, "0 192.0.2.2 soa\n"
                 "0 192.0.2.2 connect\n"
                 "0 192.0.2.2 transfer\n");
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert(rig_logged(&r, "info: zone example: serial 1 from 192.0.2.2, 3 records, 0 ms\n"));
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
    ck_assert_int_eq(rig_zone(&r, 0)->refreshed.ms, RIG_START);
    ck_assert_int_eq(rig_zone(&r, 0)->expires.ms, RIG_START + 86400000);
}
END_TEST

START_TEST(refreshes_in_time_and_not_all_together)
{
    int64_t last = 0, least = 3600000, most = 0;
    const char *what;
    rig_start(&r, ZONE(""));
    rig_wire(&r);
    rig_run(&r, 20 * 3600000);
    const char *wire = rig_wire(&r);
    unsigned rounds = 0;
    for (int64_t at; (at = next_sent(&wire, &what)) >= 0; last = at, rounds++) {
        ck_assert(is(what, "192.0.2.2 soa"));
        least = at - last < least ? at - last : least;
        most = at - last > most ? at - last : most;
    }
    ck_assert_uint_ge(rounds, 20);
    ck_assert_int_ge(least, 3240000);
    ck_assert_int_le(most, 3600000);
    ck_assert_int_gt(most - least, 100000);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
}
END_TEST

START_TEST(bounds_of_the_owner)
{
    const char *what;
    rig_start(&r, _i == 0 ? ZONE(", refresh-max: 10m") : ZONE(", refresh-min: 2h"));
    rig_wire(&r);
    rig_run(&r, 7200000);
    const char *wire = rig_wire(&r);
    int64_t at = next_sent(&wire, &what);
    ck_assert_int_le(at, _i == 0 ? 600000 : 7200000);
    ck_assert_int_ge(at, _i == 0 ? 540000 : 6480000);
}
END_TEST

START_TEST(news_is_taken_at_refresh)
{
    rig_start(&r, ZONE(""));
    a->serial = 2;
    rig_run(&r, 3600000);
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert(rig_logged(&r, "info: zone example: serial 1 -> 2 from 192.0.2.2, 0 RRsets, 0 ms\n"));
}
END_TEST

START_TEST(fails_again_later_and_later_up_to_retry)
{
    const char *what;
    rig_start(&r, ZONE(""));
    a->answers = false;
    rig_wire(&r);
    rig_run(&r, 8 * 3600000);
    const char *wire = rig_wire(&r);
    int64_t at = next_sent(&wire, &what), pause, most = 1000;
    unsigned rounds = 0;
    while ((pause = a_failed_round(&wire, &at)) >= 0) {
        ck_assert_int_le(pause, most);
        ck_assert_int_ge(pause, most * 9 / 10 - 1);
        most = most * 2 > 600000 ? 600000 : most * 2; /* RETRY */
        rounds++;
    }
    ck_assert_uint_ge(rounds, 40);
    ck_assert_str_eq(rig_zone(&r, 0)->error,
                     "no primary gave an answer we can use: 192.0.2.2: timeout");
    ck_assert_uint_eq(rig_serial(&r), 1);
    a->answers = true;
    a->serial = 2;
    rig_run(&r, 604000);
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
}
END_TEST

/* Also a zone that was never had. */
START_TEST(never_waits_for_refresh_after_a_failure)
{
    a->answers = false;
    rig_start(&r, ZONE(""));
    rig_run(&r, 3600000);
    ck_assert_uint_eq(rig_serial(&r), 0);
    a->answers = true;
    rig_run(&r, 64000); /* a minute where there is no SOA to say so */
    ck_assert_uint_eq(rig_serial(&r), 1);
}
END_TEST

START_TEST(a_notify_is_due_now)
{
    rig_start(&r, ZONE(""));
    rig_run(&r, 10000);
    rig_wire(&r);
    a->serial = 2;
    rig_notified(&r, "192.0.2.2", 2);
    rig_run(&r, 0);
    RIG_WIRE(&r, "10000 192.0.2.2 soa\n"
                 "10000 192.0.2.2 connect\n"
                 "10000 192.0.2.2 transfer\n");
    ck_assert_uint_eq(rig_serial(&r), 2);
    ck_assert(!atomic_load(&rig_kept(&r, 0)->slot->notified)); /* the next one gets through */
}
END_TEST

/* The zone changes, and we are told, while the transfer of the one before is under way. */
START_TEST(a_notify_during_a_round_is_once_more)
{
    rig_start(&r, ZONE(""));
    rig_run(&r, 10000);
    a->delay_ms = 5;
    a->serial = 2;
    rig_notified(&r, "192.0.2.2", 0);
    rig_run(&r, 12); /* the transfer is asked for, serial 2 is on its way */
    a->serial = 3;
    for (unsigned i = 0; i < 10; i++) {
        rig_notified(&r, "192.0.2.2", 0);
    }
    rig_wire(&r);
    rig_run(&r, 1000);
    ck_assert_uint_eq(rig_serial(&r), 3);
    RIG_WIRE(&r, "10015 192.0.2.2 soa\n" /* one, for the ten of them */
                 "10020 192.0.2.2 connect\n"
                 "10025 192.0.2.2 transfer\n");
}
END_TEST

/* RELIABILITY.md 13, with the serial we have, a newer one, or none: and news are still taken at
 * once after it. */
static unsigned questions_in_a_storm(uint32_t serial)
{
    const char *what;
    unsigned asked = 0;
    for (unsigned i = 0; i < 1000; i++) {
        rig_notified(&r, "192.0.2.2", serial);
        rig_run(&r, 1);
        const char *wire = rig_wire(&r);
        while (next_sent(&wire, &what) >= 0)
            asked++;
    }
    return asked;
}

START_TEST(a_storm_of_notify_is_paced)
{
    static const uint32_t serials[] = {1, 7, 0};
    rig_start(&r, ZONE(""));
    for (unsigned i = 0; i < 3; i++) {
        rig_run(&r, 100000);
        rig_wire(&r);
        unsigned asked = questions_in_a_storm(serials[i]);
        ck_assert_uint_ge(asked, 10);
        ck_assert_uint_le(asked, 14);
    }
    a->serial = 8;
    rig_notified(&r, "192.0.2.2", 8);
    rig_run(&r, 100);
    ck_assert_uint_eq(rig_serial(&r), 8);
}
END_TEST

/* An edit follows the other, each told twice: none of them waits. */
START_TEST(edits_are_not_paced)
{
    rig_start(&r, ZONE(""));
    rig_run(&r, 10000);
    for (uint32_t serial = 2; serial < 100; serial++) {
        a->serial = serial;
        rig_notified(&r, "192.0.2.2", serial);
        rig_run(&r, 1);
        ck_assert_uint_eq(rig_serial(&r), serial);
        rig_notified(&r, "192.0.2.2", serial);
        rig_run(&r, 1);
    }
}
END_TEST

/* Told of a serial that nobody shows yet: a secondary of a secondary hears it too early. */
START_TEST(a_promised_serial_is_looked_for_again)
{
    const char *what;
    rig_start(&r, ZONE(""));
    rig_run(&r, 10000);
    rig_wire(&r);
    rig_notified(&r, "192.0.2.2", 5);
    rig_run(&r, 200000);
    const char *wire = rig_wire(&r);
    int64_t at = next_sent(&wire, &what), pause = 1000;
    ck_assert_int_eq(at, 10000);
    for (unsigned i = 0; i < 6; i++, pause *= 2) {
        int64_t next = next_sent(&wire, &what);
        ck_assert_int_le(next - at, pause);
        ck_assert_int_ge(next - at, pause * 9 / 10);
        at = next;
    }
    ck_assert_int_eq(next_sent(&wire, &what), -1); /* then on REFRESH */
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
    rig_notified(&r, "192.0.2.2", 6);
    rig_run(&r, 500);
    a->serial = 6;
    rig_run(&r, 600);
    ck_assert_uint_eq(rig_serial(&r), 6);
}
END_TEST

START_TEST(who_told_us_is_asked_first)
{
    *b = (struct rig_peer){.at = b->at, .answers = true, .serial = 1, .zone = WWW};
    rig_start(&r, TWO);
    rig_wire(&r);
    b->serial = 2;
    rig_notified(&r, "192.0.2.3", 2);
    rig_run(&r, 0);
    RIG_WIRE(&r, "0 192.0.2.3 soa\n"
                 "0 192.0.2.3 connect\n"
                 "0 192.0.2.3 transfer\n");
    a->serial = 3;
    rig_notified(&r, "192.0.2.3", 3); /* it heard of 3 but has it not: ask another */
    rig_run(&r, 0);
    RIG_WIRE(&r, "0 192.0.2.3 soa\n"
                 "0 192.0.2.2 soa\n"
                 "0 192.0.2.2 connect\n"
                 "0 192.0.2.2 transfer\n");
    ck_assert_uint_eq(rig_serial(&r), 3);
}
END_TEST

static const struct {
    struct rig_peer first;
    const char *why;
} useless[] = {
    {{.answers = true, .serial = 9, .lame = true}, "lame: its answer is not authoritative"},
    {{.answers = true, .rcode = RCODE_REFUSED}, "REFUSED"},
    {{.answers = true, .no_soa = true}, "lame: it gives no SOA for the zone"},
    {{.answers = true, .serial = 9, .refuses = true}, "transfer: Connection refused"},
};

static void one_one_that_fails_makes_room_for_the_next(unsigned i)
{
    *b = *a;
    b->at = "192.0.2.3";
    *a = useless[i].first;
    a->at = "192.0.2.2";
    rig_start(&r, TWO);
    rig_run(&r, 100);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
    b->answers = false;
    rig_run(&r, 3700000);
    char expected[256];
    snprintf(expected, sizeof expected,
             "no primary gave an answer we can use: 192.0.2.2: %s; 192.0.2.3: timeout",
             useless[i].why);
    ck_assert_msg(strncmp(rig_zone(&r, 0)->error, expected, 64 + strlen(useless[i].why)) == 0, "%s",
                  rig_zone(&r, 0)->error);
}

START_TEST(one_that_fails_makes_room_for_the_next)
{
    for (unsigned i = 0; i < 4; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_one_that_fails_makes_room_for_the_next(i);
    }
}
END_TEST

/* I2: an older serial is not taken, but from a primary when the zone had expired. */
START_TEST(serials_never_go_backwards_before_expiry)
{
    a->serial = 10;
    rig_start(&r, ZONE(""));
    a->serial = 9;
    rig_run(&r, 86400000 - 1000);
    ck_assert_uint_eq(rig_serial(&r), 10);
    ck_assert_str_eq(
        rig_zone(&r, 0)->error,
        "no primary gave an answer we can use: 192.0.2.2: its serial is older than ours");
    rig_run(&r, 604000 + 1000);
    ck_assert_uint_eq(rig_serial(&r), 9);
}
END_TEST

START_TEST(serials_wrap)
{
    a->serial = UINT32_C(0xfffffff0);
    rig_start(&r, ZONE(""));
    a->serial = 3;
    rig_notified(&r, "192.0.2.2", 3);
    rig_run(&r, 0);
    ck_assert_uint_eq(rig_serial(&r), 3);
}
END_TEST

/* I6 */
START_TEST(expires_and_recovers_by_itself)
{
    rig_start(&r, ZONE(""));
    rig_run(&r, 50000000); /* confirmed many times meanwhile */
    a->answers = false;
    rig_run(&r, 86400000 - 3600000);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
    rig_run(&r, 3600000);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_EXPIRED);
    ck_assert_uint_eq(rig_serial(&r), 0);
    ck_assert(rig_logged(&r, "error: zone example: serial 1 expired: no primary has confirmed it; "
                             "answering SERVFAIL until one does\n"));
    a->answers = true;
    rig_run(&r, 604000);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_str_eq(rig_zone(&r, 0)->error, "");
}
END_TEST

START_TEST(expire_max_of_the_owner)
{
    rig_start(&r, ZONE(", expire-max: 2h"));
    a->answers = false;
    rig_run(&r, 7199000);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
    rig_run(&r, 1000);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_EXPIRED);
}
END_TEST

/* ---- settlectl refresh, retransfer ---- */

static uint64_t order(bool retransfer)
{
    struct keeper_actions actions = {0};
    uint64_t ticket = keeper_refresh(r.keeper, 0, retransfer, r.now, &actions);
    rig_carry_out_all(&r, &actions);
    return ticket;
}

START_TEST(a_refresh_by_hand_says_how_it_went)
{
    struct keeper_reloaded out;
    rig_start(&r, ZONE(""));
    a->delay_ms = 5;
    a->serial = 2;
    uint64_t ticket = order(false);
    ck_assert(!keeper_refresh_done(r.keeper, 0, ticket, &out));
    rig_run(&r, 15);
    ck_assert(keeper_refresh_done(r.keeper, 0, ticket, &out));
    ck_assert(out.ok && out.changed && out.had_before);
    ck_assert_uint_eq(out.before, 1);
    ck_assert_uint_eq(out.serial, 2);
    ticket = order(false);
    rig_run(&r, 15);
    ck_assert(keeper_refresh_done(r.keeper, 0, ticket, &out));
    ck_assert(out.ok && !out.changed);
    a->answers = false;
    ticket = order(false);
    rig_run(&r, 3499);
    ck_assert(!keeper_refresh_done(r.keeper, 0, ticket, &out));
    rig_run(&r, 1);
    ck_assert(keeper_refresh_done(r.keeper, 0, ticket, &out));
    ck_assert(!out.ok && !out.changed);
    ck_assert_str_eq(out.error, "no primary gave an answer we can use: 192.0.2.2: timeout");
}
END_TEST

START_TEST(one_by_hand_during_a_round_gets_a_round_of_its_own)
{
    struct keeper_reloaded out;
    rig_start(&r, ZONE(""));
    a->delay_ms = 5;
    uint64_t first = order(false), second = order(false);
    ck_assert_uint_eq(second, first + 1);
    rig_run(&r, 5);
    ck_assert(keeper_refresh_done(r.keeper, 0, first, &out));
    ck_assert(!keeper_refresh_done(r.keeper, 0, second, &out));
    rig_run(&r, 5);
    ck_assert(keeper_refresh_done(r.keeper, 0, second, &out));
}
END_TEST

/* The owner's word: the whole zone, whatever its serial. */
START_TEST(retransfer_takes_what_there_is)
{
    struct keeper_reloaded out;
    a->serial = 10;
    rig_start(&r, ZONE(""));
    a->serial = 9;
    a->zone = "www 600 A 192.0.2.99\n";
    uint64_t ticket = order(true);
    rig_run(&r, 0);
    ck_assert(keeper_refresh_done(r.keeper, 0, ticket, &out));
    ck_assert(out.ok && out.changed);
    ck_assert_uint_eq(rig_serial(&r), 9);
    a->zone = "www 600 A 192.0.2.98\n"; /* the same serial, another zone */
    ticket = order(true);
    rig_run(&r, 0);
    ck_assert(keeper_refresh_done(r.keeper, 0, ticket, &out));
    ck_assert(out.ok);
    ck_assert_uint_eq(rig_serial(&r), 9);
    struct ledger_change_view change;
    ledger_change(keeper_ledger(r.keeper, 0), 0, r.now, &change);
    ck_assert(!change.row.first && !change.settled); /* www may be old for 10 min */
    ck_assert_int_eq(change.deadline.ms, RIG_START + 605000);
    rig_run(&r, 100);
    rig_wire(&r);
    order(false);
    rig_run(&r, 0);
    RIG_WIRE(&r, "100 192.0.2.2 soa\n"); /* only once */
}
END_TEST

START_TEST(retransfer_during_a_transfer_is_one_more)
{
    struct keeper_reloaded out;
    rig_start(&r, ZONE(""));
    a->delay_ms = 5;
    a->serial = 2;
    order(false);
    rig_run(&r, 12); /* the transfer is on its way */
    a->zone = "www 600 A 192.0.2.99\n";
    uint64_t ticket = order(true);
    rig_wire(&r);
    rig_run(&r, 100);
    RIG_WIRE(&r, "15 192.0.2.2 soa\n"
                 "20 192.0.2.2 connect\n"
                 "25 192.0.2.2 transfer\n");
    ck_assert(keeper_refresh_done(r.keeper, 0, ticket, &out));
    ck_assert(out.ok);
    ck_assert_uint_eq(rig_zone(&r, 0)->serial, 2);
}
END_TEST

TCase *case_keeper_refresh(void)
{
    TCase *c = tcase_create("keeper_refresh");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, checks_at_start_and_takes_the_zone);
    tcase_add_test(c, refreshes_in_time_and_not_all_together);
    tcase_add_loop_test(c, bounds_of_the_owner, 0, 2);
    tcase_add_test(c, news_is_taken_at_refresh);
    tcase_add_test(c, fails_again_later_and_later_up_to_retry);
    tcase_add_test(c, never_waits_for_refresh_after_a_failure);
    tcase_add_test(c, a_notify_is_due_now);
    tcase_add_test(c, a_notify_during_a_round_is_once_more);
    tcase_add_test(c, a_storm_of_notify_is_paced);
    tcase_add_test(c, edits_are_not_paced);
    tcase_add_test(c, a_promised_serial_is_looked_for_again);
    tcase_add_test(c, who_told_us_is_asked_first);
    tcase_add_test(c, one_that_fails_makes_room_for_the_next);
    tcase_add_test(c, serials_never_go_backwards_before_expiry);
    tcase_add_test(c, serials_wrap);
    tcase_add_test(c, expires_and_recovers_by_itself);
    tcase_add_test(c, expire_max_of_the_owner);
    tcase_add_test(c, a_refresh_by_hand_says_how_it_went);
    tcase_add_test(c, one_by_hand_during_a_round_gets_a_round_of_its_own);
    tcase_add_test(c, retransfer_takes_what_there_is);
    tcase_add_test(c, retransfer_during_a_transfer_is_one_more);
    return c;
}
