/* keeper_fetch.c - a zone comes over TCP whole or not at all; whatever goes wrong is a reason, and
 * the next primary (RELIABILITY.md 12, 15). */
#include "cases.h"
#include "keeper_fixture.h"

#define ONE "zones: [{ name: example, role: secondary, primaries: [192.0.2.2] }]\n"
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

static void one_cut_anywhere_is_not_a_zone(unsigned i)
{
    *b = *a;
    b->at = "192.0.2.3";
    a->cut = 1 + (size_t)i * 40;
    rig_start(&r, TWO);
    rig_run(&r, 100);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert(rig_logged(&r, "warning: zone example: transfer from 192.0.2.2 failed: connection "
                             "closed"));
    ck_assert_ptr_nonnull(strstr(rig_wire(&r), "0 192.0.2.3 transfer\n"));
}

START_TEST(cut_anywhere_is_not_a_zone)
{
    for (unsigned i = 0; i < 4; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_cut_anywhere_is_not_a_zone(i);
    }
}
END_TEST

START_TEST(the_old_zone_serves_on)
{
    rig_start(&r, ONE);
    a->serial = 2;
    a->cut = 100;
    rig_notified(&r, "192.0.2.2", 2);
    rig_run(&r, 3000);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_str_eq(rig_zone(&r, 0)->error,
                     "no primary gave an answer we can use: 192.0.2.2: transfer: connection closed "
                     "within a message: 0 records in 0 messages came, the end did not");
    a->cut = 0;
    rig_run(&r, 5000); /* back-off from a second, never REFRESH */
    ck_assert_uint_eq(rig_serial(&r), 2);
}
END_TEST

START_TEST(a_foreign_record_spoils_all_of_it)
{
    rig_start(&r, ONE);
    a->serial = 2;
    a->zone = "www.example.net. 600 A 192.0.2.80\n";
    rig_notified(&r, "192.0.2.2", 2);
    rig_run(&r, 0);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_ptr_nonnull(strstr(rig_zone(&r, 0)->error, "record of another zone"));
}
END_TEST

START_TEST(a_connection_that_does_not_come_is_given_up)
{
    *b = *a;
    b->at = "192.0.2.3";
    a->zone = NULL; /* no answer to SYN */
    rig_start(&r, TWO);
    rig_run(&r, 4999);
    ck_assert_uint_eq(rig_serial(&r), 0);
    rig_run(&r, 1);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert(rig_logged(&r, "transfer from 192.0.2.2 failed: timeout while connecting"));
}
END_TEST

START_TEST(one_that_drips_is_given_up)
{
    *b = *a;
    b->at = "192.0.2.3";
    a->cut = 100;
    rig_start(&r, TWO);
    rig_run(&r, 0);
    ck_assert_uint_eq(rig_serial(&r), 1); /* cut: the next one at once */
    a->serial = 2;
    a->cut = 0;
    a->delay_ms = 3600000; /* everything comes an hour late */
    rig_notified(&r, "192.0.2.2", 2);
    rig_run(&r, 3600000);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
    b->serial = 2;
    rig_run(&r, 3600000);
    ck_assert_uint_eq(rig_serial(&r), 2);
}
END_TEST

/* A place is taken by each connection that is being waited for. */
START_TEST(so_many_at_a_time)
{
    struct buf yaml = {0};
    buf_print(&yaml, "zones:\n");
    for (unsigned i = 0; i < 130; i++) {
        buf_print(&yaml, "  - { name: z%u.example, role: secondary, primaries: [192.0.2.2] }\n", i);
    }
    a->zone = NULL;
    rig_start(&r, buf_text(&yaml));
    rig_run(&r, 1500); /* the SOA questions are paced, too */
    const char *wire = rig_wire(&r);
    unsigned connects = 0;
    for (const char *at = wire; (at = strstr(at, "connect")) != NULL; at++) {
        connects++;
    }
    ck_assert_uint_eq(connects, 128);
    ck_assert_uint_eq(r.keeper->fetches, 128);
    rig_run(&r, 6000); /* those were given up: the other two get their turn */
    ck_assert_uint_ge(strlen(rig_wire(&r)), 100);
    buf_free(&yaml);
}
END_TEST

START_TEST(a_zone_that_goes_takes_its_transfer_along)
{
    a->delay_ms = 10;
    rig_start(&r, ONE);
    rig_run(&r, 25); /* the connection stands, the zone is on its way */
    ck_assert_uint_eq(r.keeper->fetches, 1);
    rig_configure(&r, "zones: [{ name: other, role: secondary, primaries: [192.0.2.9] }]\n");
    ck_assert_uint_eq(r.keeper->fetches, 0);
    rig_run(&r, 1000); /* it comes, and nobody wants it */
    ck_assert_uint_eq(rig_serial(&r), 0);
}
END_TEST

START_TEST(a_reload_during_a_transfer)
{
    a->delay_ms = 10;
    rig_start(&r, TWO);
    r.job_ms = 50;
    rig_run(&r, 40); /* the zone is being built */
    rig_configure(&r, ONE);
    ck_assert_uint_eq(rig_kept(&r, 0)->pull->target_count, 1);
    rig_run(&r, 1000);
    ck_assert_uint_eq(rig_serial(&r), 1);
    ck_assert_uint_eq(r.keeper->fetches, 0);
}
END_TEST

/* What came from the last primary is refused when that primary is no longer configured. */
START_TEST(a_reload_takes_the_primary_away)
{
    *b = *a;
    b->at = "192.0.2.3";
    b->serial = 9;
    rig_start(&r, "zones: [{ name: example, role: secondary, primaries: [192.0.2.4, 192.0.2.5, "
                  "192.0.2.6, 192.0.2.3] }]\n");
    rig_run(&r, 20000);
    ck_assert_uint_eq(rig_serial(&r), 9);
    b->serial = 10;
    b->delay_ms = 10;
    rig_notified(&r, "192.0.2.3", 10);
    rig_run(&r, 15);
    b->serial = 8; /* it says 10 and gives 8 */
    r.job_ms = 500;
    rig_run(&r, 50);
    ck_assert_str_eq(rig_zone(&r, 0)->activity, "building");
    rig_configure(&r, ONE);
    a->serial = 11;
    rig_run(&r, 5000);
    ck_assert_uint_eq(rig_serial(&r), 11);
}
END_TEST

TCase *case_keeper_fetch(void)
{
    TCase *c = tcase_create("keeper_fetch");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, cut_anywhere_is_not_a_zone);
    tcase_add_test(c, the_old_zone_serves_on);
    tcase_add_test(c, a_foreign_record_spoils_all_of_it);
    tcase_add_test(c, a_connection_that_does_not_come_is_given_up);
    tcase_add_test(c, one_that_drips_is_given_up);
    tcase_add_test(c, so_many_at_a_time);
    tcase_add_test(c, a_zone_that_goes_takes_its_transfer_along);
    tcase_add_test(c, a_reload_during_a_transfer);
    tcase_add_test(c, a_reload_takes_the_primary_away);
    return c;
}
