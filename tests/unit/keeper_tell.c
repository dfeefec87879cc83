/* keeper_tell.c - NOTIFY goes out at once and again until the serial was observed; probes see who
 * serves what (RFC 1996; CONVERGENCE.md, Evidence). */
#include "cases.h"
#include "keeper_fixture.h"

#define PRIMARY(peers, notify)                                                                     \
    "peers: [" peers "]\n"                                                                         \
    "zones: [{ name: example, role: primary, file: example.zone, notify: [" notify "] }]\n"
#define NS2 PRIMARY("{ name: ns2, address: 192.0.2.2 }", "ns2")

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

/* The next edit, saved and published. */
static void edit(uint32_t serial)
{
    char lines[64];
    snprintf(lines, sizeof lines, "www 600 A 192.0.2.%u\n", serial % 200);
    rig_zone_file(&r, serial, lines);
    rig_run(&r, 200); /* no burst with the one before */
    rig_wire(&r);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    rig_run(&r, 0);
    ck_assert_uint_eq(rig_serial(&r), serial);
}

static unsigned times(const char *text, const char *what)
{
    unsigned n = 0;
    while ((text = strstr(text, what)) != NULL) {
        n++;
        text += strlen(what);
    }
    return n;
}

START_TEST(told_at_once_and_seen_at_once)
{
    *rig_peer(&r, "192.0.2.2") = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1};
    rig_start(&r, NS2);
    rig_run(&r, 3500000);
    RIG_WIRE(&r, "0 192.0.2.2 notify 1\n"
                 "5 192.0.2.2 soa\n");
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
    ck_assert(rig_logged(&r, "info: zone example: serial 1 served by 1/1 peers after 5 ms\n"));
    rig_run(&r, 100005);
    RIG_WIRE(&r, "3600005 192.0.2.2 soa\n"); /* on REFRESH: is it still there? */
}
END_TEST

START_TEST(an_ack_starts_a_probe_but_is_no_proof)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    p->acks = true;
    p->delay_ms = 2;
    rig_start(&r, NS2);
    rig_run(&r, 400);
    RIG_WIRE(&r, "0 192.0.2.2 notify 1\n"
                 "2 192.0.2.2 soa\n");
    ck_assert_str_eq(rig_peer_state(&r, 0), "acked");
}
END_TEST

/* It acks all the time and transfers never. */
START_TEST(notify_is_repeated_until_the_serial_is_seen)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1, .acks = true};
    rig_start(&r, NS2);
    rig_run(&r, 1000);
    edit(2);
    rig_run(&r, 250000);
    static const unsigned at_s[] = {0, 1, 3, 7, 15, 31, 63, 123, 183, 243};
    const char *wire = rig_wire(&r);
    ck_assert_uint_eq(times(wire, "notify 2"), sizeof at_s / sizeof *at_s);
    for (unsigned i = 0; i < sizeof at_s / sizeof *at_s; i++) {
        char line[64];
        snprintf(line, sizeof line, "\n%u 192.0.2.2 notify 2\n", 1200 + at_s[i] * 1000);
        ck_assert_msg(i == 0 || times(wire, line) == 1, "%s", line);
    }
    p->serial = 2;
    rig_run(&r, 1100); /* probed at least every second while the change is open */
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
    rig_wire(&r);
    rig_run(&r, 600000);
    RIG_WIRE(&r, "");
}
END_TEST

START_TEST(probes_double_to_a_second)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1};
    rig_start(&r, NS2);
    rig_run(&r, 1000);
    edit(2);
    rig_run(&r, 4000);
    RIG_WIRE(&r, "1200 192.0.2.2 notify 2\n"
                 "1205 192.0.2.2 soa\n"
                 "1210 192.0.2.2 soa\n"
                 "1220 192.0.2.2 soa\n"
                 "1240 192.0.2.2 soa\n"
                 "1280 192.0.2.2 soa\n"
                 "1360 192.0.2.2 soa\n"
                 "1520 192.0.2.2 soa\n"
                 "1840 192.0.2.2 soa\n"
                 "2200 192.0.2.2 notify 2\n"
                 "2480 192.0.2.2 soa\n"
                 "3480 192.0.2.2 soa\n"
                 "4200 192.0.2.2 notify 2\n"
                 "4480 192.0.2.2 soa\n");
}
END_TEST

static void one_refused_is_asked_again_in_an_hour_or_with_the_next_change(unsigned i)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    static const unsigned rcodes[] = {RCODE_REFUSED, RCODE_NOTAUTH, RCODE_NOTIMP};
    p->acks = true;
    p->notify_rcode = rcodes[i];
    rig_start(&r, NS2);
    rig_run(&r, 3599000);
    ck_assert_uint_eq(times(rig_wire(&r), "notify"), 1);
    rig_run(&r, 2000);
    ck_assert_uint_eq(times(rig_wire(&r), "3600000 192.0.2.2 notify 1\n"), 1);
    edit(2);
    ck_assert_uint_eq(times(rig_wire(&r), "notify 2"), 1);
}

START_TEST(refused_is_asked_again_in_an_hour_or_with_the_next_change)
{
    for (unsigned i = 0; i < 3; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_refused_is_asked_again_in_an_hour_or_with_the_next_change(i);
    }
}
END_TEST

START_TEST(refused_is_a_reason)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){.at = "192.0.2.2",
                           .answers = true,
                           .serial = 1,
                           .acks = true,
                           .notify_rcode = RCODE_REFUSED};
    rig_start(&r, NS2);
    rig_run(&r, 1000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving"); /* it got there by itself */
    edit(2);
    ck_assert_str_eq(rig_peer_state(&r, 0), "failing");
    ck_assert_str_eq(rig_peer_reason(&r, 0), "NOTIFY answered REFUSED");
    ck_assert(rig_logged(&r, "warning: zone example: peer ns2 failing: NOTIFY answered REFUSED\n"));
    p->serial = 2;
    rig_run(&r, 1000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
    ck_assert_str_eq(rig_peer_reason(&r, 0), "");
}
END_TEST

START_TEST(a_silent_peer_is_said_once_and_asked_every_minute)
{
    rig_start(&r, NS2);
    rig_run(&r, 600000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "failing");
    const char *wire = rig_wire(&r);
    ck_assert_uint_le(times(wire, "soa"), 30);
    ck_assert_uint_ge(times(wire, "soa"), 12);
    ck_assert_uint_eq(times(buf_text(&r.log), "failing"), 2); /* the first, and after five tries */
    ck_assert_ptr_nonnull(strstr(buf_text(&r.log), "zone example: peer ns2 failing: NOTIFY "
                                                   "timeout at 192.0.2.2, 5 tries, next in 15 s"));
    ck_assert_ptr_nonnull(strstr(wire, "15000 192.0.2.2 notify"));
    ck_assert_ptr_nonnull(strstr(wire, "31000 192.0.2.2 notify"));
    rig_wire(&r);
    r.log.len = 0;
    edit(2); /* and it is failing for the next change, too */
    rig_run(&r, 10000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "failing");
    ck_assert_uint_eq(times(buf_text(&r.log), "failing: no answer"), 0);
    *rig_peer(&r, "192.0.2.2") = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 2};
    rig_run(&r, 61000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
}
END_TEST

static void one_answers_that_prove_nothing_are_reasons(unsigned i)
{
    static const struct {
        struct rig_peer p;
        bool cache;
        const char *why;
    } cases[] = {
        {{.answers = true, .serial = 1, .lame = true},
         false,
         "lame: its SOA answer is not authoritative"},
        {{.answers = true, .no_soa = true}, false, "lame: it gives no SOA for the zone"},
        {{.answers = true, .rcode = RCODE_REFUSED}, false, "REFUSED"},
        {{.answers = true, .rcode = RCODE_SERVFAIL}, false, "SERVFAIL"},
        {{.answers = true, .serial = 1, .lame = true},
         true,
         "it is no settled cache: it does not say what it is coherent with"},
        {{.answers = true, .serial = 1}, /* AA=1, but a cache is meant */
         true,
         "it is no settled cache: it does not say what it is coherent with"},
    };
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = cases[i].p;
    p->at = "192.0.2.2";
    rig_start(&r, cases[i].cache ? PRIMARY("{ name: ns2, address: 192.0.2.2, kind: cache }", "ns2")
                                 : NS2);
    rig_run(&r, 10);
    ck_assert_str_eq(rig_peer_state(&r, 0), "failing");
    ck_assert_str_eq(rig_peer_reason(&r, 0), cases[i].why);
    ck_assert(!ledger_served(keeper_ledger(r.keeper, 0), 1));
    *p = (struct rig_peer){
        .at = "192.0.2.2", .answers = true, .serial = 1, .lame = cases[i].cache, .mark = true};
    rig_run(&r, 1000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
}

START_TEST(answers_that_prove_nothing_are_reasons)
{
    for (unsigned i = 0; i < 6; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_answers_that_prove_nothing_are_reasons(i);
    }
}
END_TEST

START_TEST(a_hint_is_worth_a_look_at_once)
{
    struct keeper_event hint = {.kind = KEEPER_HINT, .type = TYPE_IXFR};
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1};
    rig_start(&r, NS2);
    edit(2);
    rig_run(&r, 10000);
    rig_wire(&r);
    ck_assert(addr_parse("192.0.2.2@40000", 0, &hint.from));
    rig_step(&r, &hint);
    ck_assert_str_eq(rig_peer_state(&r, 0), "fetching");
    rig_run(&r, 6);
    RIG_WIRE(&r, "10205 192.0.2.2 soa\n");
    p->serial = 2;
    hint.type = 0; /* what we gave it ended */
    rig_step(&r, &hint);
    rig_run(&r, 1);
    RIG_WIRE(&r, "10207 192.0.2.2 soa\n");
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
}
END_TEST

START_TEST(a_hint_from_nobody_or_from_two_is_none)
{
    struct keeper_event hint = {.kind = KEEPER_HINT, .type = TYPE_AXFR};
    rig_start(&r, PRIMARY("{ name: ns2, address: 192.0.2.2@5302 },"
                          "{ name: ns3, address: 192.0.2.2@5303 }",
                          "ns2, ns3"));
    rig_run(&r, 100);
    rig_wire(&r);
    ck_assert(addr_parse("192.0.2.2@40000", 0, &hint.from));
    rig_step(&r, &hint);
    ck_assert(addr_parse("192.0.2.9@40000", 0, &hint.from));
    rig_step(&r, &hint);
    rig_run(&r, 10);
    RIG_WIRE(&r, "");
    ck_assert_str_eq(rig_peer_state(&r, 0), "notified");
    ck_assert_str_eq(rig_peer_state(&r, 1), "notified");
}
END_TEST

START_TEST(every_address_is_told_and_must_be_seen)
{
    struct rig_peer *a = rig_peer(&r, "192.0.2.2"), *b = rig_peer(&r, "2001:db8::2@5302");
    *a = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1};
    *b = (struct rig_peer){.at = "2001:db8::2@5302"};
    rig_start(&r, PRIMARY("{ name: ns2, address: [192.0.2.2, \"2001:db8::2@5302\"] }", "ns2"));
    RIG_WIRE(&r, "0 192.0.2.2 notify 1\n"
                 "0 2001:db8::2@5302 notify 1\n");
    rig_run(&r, 500);
    RIG_WIRE(&r, "5 192.0.2.2 soa\n"
                 "5 2001:db8::2@5302 soa\n");
    ck_assert_str_eq(rig_peer_state(&r, 0), "notified");
    b->answers = true;
    b->serial = 1;
    rig_run(&r, 3000);
    ck_assert_str_eq(rig_peer_state(&r, 0), "serving");
    ck_assert(rig_logged(&r, "serial 1 served by 1/1 peers"));
}
END_TEST

START_TEST(asked_where_and_from_where_the_owner_says)
{
    rig_start(
        &r, PRIMARY("{ name: many, address: 192.0.2.2, ask: [10.0.0.9], via: 192.0.2.1 }", "many"));
    rig_run(&r, 10);
    RIG_WIRE(&r, "0 192.0.2.2 from 192.0.2.1 notify 1\n"
                 "5 10.0.0.9 from 192.0.2.1 soa\n");
}
END_TEST

START_TEST(served_counts_the_peers_of_that_change)
{
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){.at = "192.0.2.2", .answers = true, .serial = 1};
    rig_start(&r, NS2);
    rig_run(&r, 100);
    edit(2);
    edit(3);
    p->serial = 2; /* 3 is not there yet */
    rig_run(&r, 1000);
    ck_assert(rig_logged(&r, "serial 2 served by 1/1 peers"));
    ck_assert(!rig_logged(&r, "serial 3 served"));
    p->serial = 3;
    rig_run(&r, 2000);
    ck_assert(rig_logged(&r, "serial 3 served by 1/1 peers"));
}
END_TEST

START_TEST(settled_is_said_when_its_time_is_over)
{
    rig_start(&r, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    rig_run(&r, 10000);
    edit(2);
    rig_run(&r, 604999);
    ck_assert(!rig_logged(&r, "serial 2 settled"));
    rig_run(&r, 1);
    ck_assert(rig_logged(&r, "info: zone example: serial 2 settled after 605 s\n"));
}
END_TEST

START_TEST(told_by_hand)
{
    struct keeper_actions actions = {0};
    struct rig_peer *p = rig_peer(&r, "192.0.2.2");
    *p = (struct rig_peer){.at = "192.0.2.2",
                           .answers = true,
                           .serial = 1,
                           .acks = true,
                           .notify_rcode = RCODE_NOTAUTH};
    rig_start(&r, NS2);
    rig_run(&r, 1000);
    rig_wire(&r);
    keeper_notify(r.keeper, 0, r.now, &actions);
    rig_carry_out_all(&r, &actions);
    RIG_WIRE(&r, "1000 192.0.2.2 notify 1\n"); /* though it refused, and serves */
    rig_run(&r, 10);
    RIG_WIRE(&r, "1005 192.0.2.2 soa\n");
}
END_TEST

TCase *case_keeper_tell(void)
{
    TCase *c = tcase_create("keeper_tell");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, told_at_once_and_seen_at_once);
    tcase_add_test(c, an_ack_starts_a_probe_but_is_no_proof);
    tcase_add_test(c, notify_is_repeated_until_the_serial_is_seen);
    tcase_add_test(c, probes_double_to_a_second);
    tcase_add_test(c, refused_is_asked_again_in_an_hour_or_with_the_next_change);
    tcase_add_test(c, refused_is_a_reason);
    tcase_add_test(c, a_silent_peer_is_said_once_and_asked_every_minute);
    tcase_add_test(c, answers_that_prove_nothing_are_reasons);
    tcase_add_test(c, a_hint_is_worth_a_look_at_once);
    tcase_add_test(c, a_hint_from_nobody_or_from_two_is_none);
    tcase_add_test(c, every_address_is_told_and_must_be_seen);
    tcase_add_test(c, asked_where_and_from_where_the_owner_says);
    tcase_add_test(c, served_counts_the_peers_of_that_change);
    tcase_add_test(c, settled_is_said_when_its_time_is_over);
    tcase_add_test(c, told_by_hand);
    return c;
}
