/* keeper_restore.c - kill -9 and restart: the last committed serial is served at once, the
 * expiry clock and the ledger go on, damage is dropped and transferred again (RELIABILITY.md 3,
 * 4, 6; I8). */
#include "cases.h"
#include "keeper_fixture.h"

#define SECONDARY                                                                                  \
    "peers: [{ name: ns4, address: 192.0.2.4 }]\n"                                                 \
    "zones: [{ name: example, role: secondary, primaries: [192.0.2.3], notify: [ns4] }]\n"
#define PRIMARY                                                                                    \
    "peers: [{ name: ns4, address: 192.0.2.4 }]\n"                                                 \
    "zones: [{ name: example, role: primary, file: example.zone, notify: [ns4] }]\n"
#define WWW "www 600 A 192.0.2.80\n"

static struct rig r;
static struct rig_peer *from, *to;

static void start(void)
{
    rig_open(&r);
    rig_disk(&r);
    from = rig_peer(&r, "192.0.2.3");
    to = rig_peer(&r, "192.0.2.4");
    *from = (struct rig_peer){.at = from->at, .answers = true, .serial = 7, .zone = WWW};
    rig_zone_file(&r, 7, WWW);
}

static void stop(void)
{
    rig_close(&r);
}

START_TEST(served_before_any_primary_answered)
{
    rig_start(&r, SECONDARY);
    rig_run(&r, 2000);
    from->answers = false;
    unsigned commits = r.commits;
    rig_again(&r, 5000, SECONDARY);
    ck_assert_uint_eq(rig_serial(&r), 7);
    ck_assert(rig_logged(&r, "info: zone example: serial 7 from disk, 3 records, 0 ms\n"));
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
    ck_assert_int_eq(rig_zone(&r, 0)->expires.ms, RIG_START + 86400000);
    RIG_WIRE(&r, "0 192.0.2.4 notify 7\n" /* never seen there, so told again */
                 "0 192.0.2.3 soa\n");
    ck_assert_uint_eq(r.commits, commits);
}
END_TEST

START_TEST(the_expiry_clock_goes_on)
{
    rig_start(&r, SECONDARY);
    rig_run(&r, 2000);
    from->answers = false;
    rig_again(&r, 86398000 - 10000, SECONDARY);
    rig_run(&r, 9999);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
    rig_run(&r, 1);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_EXPIRED);
    ck_assert_uint_eq(rig_serial(&r), 0);
}
END_TEST

START_TEST(expired_while_away)
{
    rig_start(&r, SECONDARY);
    rig_run(&r, 2000);
    from->answers = false;
    rig_again(&r, 90000000, SECONDARY);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_EXPIRED);
    ck_assert_uint_eq(rig_serial(&r), 0);
    ck_assert(rig_logged(&r, "zone example: serial 7 expired"));
    from->answers = true;
    from->serial = 6; /* after expiry anything goes (I2) */
    rig_run(&r, 70000);
    ck_assert_uint_eq(rig_serial(&r), 6);
    ck_assert_int_eq(rig_zone(&r, 0)->state, SLOT_SERVING);
}
END_TEST

/* A confirmation moves the deadline on disk, too. */
START_TEST(refreshes_are_remembered)
{
    rig_start(&r, SECONDARY);
    rig_run(&r, 7200000);
    from->answers = false;
    int64_t expires = rig_zone(&r, 0)->expires.ms;
    ck_assert_int_gt(expires, RIG_START + 86400000 + 3000000);
    rig_again(&r, 0, SECONDARY);
    ck_assert_int_eq(rig_zone(&r, 0)->expires.ms, expires);
}
END_TEST

START_TEST(what_was_not_committed_was_never_served)
{
    rig_start(&r, SECONDARY);
    rig_run(&r, 2000);
    r.commit_ms = 100;
    from->serial = 8;
    rig_notified(&r, "192.0.2.3", 8);
    rig_run(&r, 99);
    ck_assert_uint_eq(rig_serial(&r), 7);
    from->answers = false;
    r.commit_ms = 0;
    rig_again(&r, 0, SECONDARY);
    ck_assert_uint_eq(rig_serial(&r), 7);
}
END_TEST

START_TEST(the_ledger_goes_on)
{
    struct ledger_peer_view v;
    *to = (struct rig_peer){.at = to->at, .answers = true, .serial = 7};
    rig_start(&r, SECONDARY);
    rig_run(&r, 2000);
    rig_again(&r, 5000, SECONDARY);
    ledger_peer(keeper_ledger(r.keeper, 0), 0, &v);
    ck_assert_int_eq(v.state, PEER_SERVING);
    RIG_WIRE(&r, "0 192.0.2.3 soa\n"); /* it needs no NOTIFY */
    rig_run(&r, 10);
    RIG_WIRE(&r, "5 192.0.2.4 soa\n");
    ck_assert(!rig_logged(&r, "served by")); /* that was said in the last life */
    ck_assert_uint_eq(ledger_change_count(keeper_history(r.keeper, 0, r.now)), 1);
}
END_TEST

static bool damage_part(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value,
                        size_t vlen)
{
    uint8_t copy[STORE_VALUE];
    struct oops o = {{0}};
    struct store_batch b = {0};
    memcpy(copy, value, vlen);
    copy[vlen / 2] ^= 1;
    batch_put(&b, *(enum store_table *)ctx, key, klen, copy, vlen);
    ck_assert(store_commit(r.store, &b, &o));
    batch_free(&b);
    return false;
}

/* One bit of it flips on disk. */
START_TEST(damage_is_said_dropped_and_transferred_again)
{
    static const enum store_table tables[] = {STORE_IMAGE, STORE_DELTA};
    enum store_table table = tables[_i];
    struct oops o = {{0}};
    rig_start(&r, SECONDARY);
    if (table == STORE_DELTA) {
        struct kept *z = rig_kept(&r, 0);
        z->row.image_bytes = 100000; /* so that it goes behind the image */
        from->serial = 8;
        rig_notified(&r, "192.0.2.3", 8);
        rig_run(&r, 0);
        ck_assert_uint_eq(z->row.delta_next, 1);
    }
    rig_run(&r, 2000);
    ck_assert(store_scan(r.store, table, NULL, 0, damage_part, &table, &o));
    rig_again(&r, 1000, SECONDARY);
    ck_assert(rig_logged(&r, "damaged"));
    ck_assert_uint_eq(rig_serial(&r), from->serial); /* from the primary, at once */
    ck_assert_ptr_nonnull(strstr(rig_wire(&r), "192.0.2.3 transfer"));
    rig_run(&r, 2000);
    from->answers = false;
    rig_again(&r, 1000, SECONDARY);
    ck_assert_uint_eq(rig_serial(&r), from->serial);
    ck_assert(!rig_logged(&r, "damaged"));
}
END_TEST

/* A zone row that cannot be read is as if there was none. */
START_TEST(a_damaged_row_is_dropped)
{
    enum store_table table = STORE_ZONE;
    struct oops o = {{0}};
    rig_start(&r, SECONDARY);
    rig_run(&r, 2000);
    ck_assert(store_scan(r.store, table, NULL, 0, damage_part, &table, &o));
    from->serial = 8;
    rig_again(&r, 1000, SECONDARY);
    ck_assert(rig_logged(&r, "error: journal: "));
    ck_assert_uint_eq(rig_serial(&r), 8);
    rig_run(&r, 2000);
    from->answers = false;
    rig_again(&r, 1000, SECONDARY);
    ck_assert_uint_eq(rig_serial(&r), 8);
    ck_assert(!rig_logged(&r, "error: journal"));
}
END_TEST

/* ---- a primary ---- */

START_TEST(a_primary_goes_on_with_its_serial)
{
    *to = (struct rig_peer){.at = to->at, .answers = true, .serial = 7};
    rig_start(&r, PRIMARY);
    rig_run(&r, 2000);
    unsigned commits = r.commits;
    rig_again(&r, 1000, PRIMARY);
    ck_assert_uint_eq(rig_serial(&r), 7);
    RIG_WIRE(&r, ""); /* nothing is new, and ns4 has it */
    ck_assert_uint_eq(r.commits, commits);
    ck_assert_uint_eq(ledger_change_count(keeper_history(r.keeper, 0, r.now)), 1);
}
END_TEST

START_TEST(an_edit_while_away_is_a_change)
{
    struct ledger_change_view c;
    *to = (struct rig_peer){.at = to->at, .answers = true, .serial = 7};
    rig_start(&r, PRIMARY);
    rig_run(&r, 2000);
    rig_zone_file(&r, 7, "www 600 A 192.0.2.81\n");
    rig_again(&r, 1000, PRIMARY);
    ck_assert_uint_eq(rig_serial(&r), 8);
    RIG_WIRE(&r, "0 192.0.2.4 notify 8\n");
    ledger_change(keeper_history(r.keeper, 0, r.now), 0, r.now, &c);
    ck_assert_uint_eq(c.row.from, 7);
    ck_assert(c.row.no_bound && !c.row.first); /* what was served is not known any more, */
    ck_assert_uint_eq(c.row.old_ttl_s, 3600);  /* only how long it may live */
}
END_TEST

START_TEST(a_serial_is_never_used_twice)
{
    rig_start(&r, PRIMARY);
    rig_zone_file(&r, 1, "www 600 A 192.0.2.81\n"); /* the file's serial went back */
    rig_again(&r, 1000, PRIMARY);
    ck_assert_uint_eq(rig_serial(&r), 8);
}
END_TEST

TCase *case_keeper_restore(void)
{
    TCase *c = tcase_create("keeper_restore");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, served_before_any_primary_answered);
    tcase_add_test(c, the_expiry_clock_goes_on);
    tcase_add_test(c, expired_while_away);
    tcase_add_test(c, refreshes_are_remembered);
    tcase_add_test(c, what_was_not_committed_was_never_served);
    tcase_add_test(c, the_ledger_goes_on);
    tcase_add_loop_test(c, damage_is_said_dropped_and_transferred_again, 0, 2);
    tcase_add_test(c, a_damaged_row_is_dropped);
    tcase_add_test(c, a_primary_goes_on_with_its_serial);
    tcase_add_test(c, an_edit_while_away_is_a_change);
    tcase_add_test(c, a_serial_is_never_used_twice);
    return c;
}
