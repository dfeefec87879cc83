/* keeper_asks.c - the keeper's UDP questions: what they look like, which answer is theirs, and how
 * fast they may leave (RFC 5452 9.1, RFC 1996 3; RELIABILITY.md, limits). */
#include "cases.h"
#include "keeper_fixture.h"

#define PRIMARY                                                                                    \
    "peers: [{ name: ns2, address: 192.0.2.2 }]\n"                                                 \
    "zones: [{ name: example, role: primary, file: example.zone, notify: [ns2] }]\n"

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

/* The next packet that is due within `ms`, not carried out. */
static struct keeper_action *packet(int64_t ms)
{
    struct keeper_actions actions = {0};
    struct keeper_event e = {.kind = KEEPER_TIME};
    struct keeper_action *a;
    for (int64_t i = 0; i <= ms; i++) {
        keeper_step(r.keeper, r.now, &e, &actions);
        while ((a = keeper_action_take(&actions)) != NULL) {
            if (a->kind == ACTION_SEND) {
                ck_assert_ptr_null(actions.first);
                return a;
            }
            rig_carry_out(&r, a);
            keeper_action_free(a);
        }
        rig_run(&r, 0);
        r.now.mono = mono_plus_ms(r.now.mono, 1);
        r.now.wall.ms++;
    }
    return NULL;
}

START_TEST(a_notify_carries_the_soa_and_no_edns)
{
    struct keeper_actions actions = {0};
    struct query q;
    rig_start(&r, PRIMARY);
    keeper_notify(r.keeper, 0, r.now, &actions);
    struct keeper_action *a = keeper_action_take(&actions);
    ck_assert_ptr_nonnull(a);
    ck_assert_int_eq(a->kind, ACTION_SEND);
    ck_assert_int_eq(query_read(a->data.data, a->data.len, &q), QUERY_OK);
    ck_assert_uint_eq(get_u16(a->data.data + 2), OPCODE_NOTIFY << 11 | MSG_AA);
    ck_assert_uint_eq(get_u16(a->data.data + 4), 1); /* question */
    ck_assert_uint_eq(get_u16(a->data.data + 6), 1); /* answer: the SOA */
    ck_assert_uint_eq(get_u16(a->data.data + 10), 0);
    ck_assert_uint_eq(get_u32(a->data.data + a->data.len - 20), 1);
    keeper_action_free(a);
    rig_carry_out_all(&r, &actions);
}
END_TEST

START_TEST(a_probe_asks_for_the_soa_without_recursion)
{
    struct query q;
    rig_start(&r, PRIMARY);
    struct keeper_action *a = packet(5);
    ck_assert_ptr_nonnull(a);
    ck_assert_int_eq(query_read(a->data.data, a->data.len, &q), QUERY_OK);
    ck_assert_uint_eq(get_u16(a->data.data + 2), 0);
    ck_assert_uint_eq(q.qtype, TYPE_SOA);
    ck_assert(q.has_edns);
    ck_assert(q.wants_zoneversion);
    keeper_action_free(a);
}
END_TEST

/* An answer to this question, but for one thing. */
static const char *const strange[] = {"nothing",    "the ID",   "the address",
                                      "the port",   "the name", "the type",
                                      "the opcode", "QR",       "the class"};

static void one_only_the_answer_itself_counts(unsigned i)
{
    struct rig_later l = {.e.kind = KEEPER_PACKET};
    struct rig_peer p = {.serial = 1};
    rig_start(&r, PRIMARY);
    struct keeper_action *a = packet(5);
    ck_assert_ptr_nonnull(a);
    rig_reply(&l, &p, a->data.data, false);
    uint8_t *msg = l.data.data;
    size_t type = MSG_HEADER + name_len(msg + MSG_HEADER);
    l.e.from = a->to;
    switch (i) {
    case 1:
        msg[1] ^= 1;
        break;
    case 2:
        l.e.from.ip[3] ^= 1;
        break;
    case 3:
        l.e.from.port ^= 1;
        break;
    case 4:
        msg[MSG_HEADER + 1] = 'f';
        break;
    case 5:
        msg[type + 1] = TYPE_NS;
        break;
    case 6:
        msg[2] |= OPCODE_NOTIFY << 3;
        break;
    case 7:
        msg[2] &= 0x7f;
        break;
    case 8:
        msg[type + 3] = 3;
        break;
    }
    l.e.data = msg;
    l.e.len = l.data.len;
    rig_step(&r, &l.e);
    ck_assert_msg((strcmp(rig_peer_state(&r, 0), "serving") == 0) == (i == 0), "%s", strange[i]);
    if (i == 0) { /* and it counts once */
        rig_step(&r, &l.e);
    }
    keeper_action_free(a);
    buf_free(&l.data);
}

START_TEST(only_the_answer_itself_counts)
{
    for (unsigned i = 0; i < sizeof strange / sizeof *strange; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_only_the_answer_itself_counts(i);
    }
}
END_TEST

START_TEST(no_answer_can_be_cut_or_empty)
{
    struct rig_later l = {.e.kind = KEEPER_PACKET};
    struct rig_peer p = {.serial = 1};
    rig_start(&r, PRIMARY);
    struct keeper_action *a = packet(5);
    ck_assert_ptr_nonnull(a);
    rig_reply(&l, &p, a->data.data, false);
    l.e.from = a->to;
    for (size_t len = 0; len < l.data.len; len++) {
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, l.data.data, len);
        l.e.data = exact;
        l.e.len = len;
        rig_step(&r, &l.e);
        free(exact);
    }
    ck_assert_str_eq(rig_peer_state(&r, 0), "notified");
    keeper_action_free(a);
    buf_free(&l.data);
}
END_TEST

/* ---- how fast ---- */

static void many_zones(unsigned count)
{
    struct buf yaml = {0};
    buf_print(&yaml, "zones:\n");
    for (unsigned i = 0; i < count; i++) {
        buf_print(&yaml, "  - { name: z%u, role: secondary, primaries: [192.0.2.2] }\n", i);
    }
    rig_start(&r, buf_text(&yaml));
    buf_free(&yaml);
}

static unsigned sent_in(int64_t ms)
{
    rig_run(&r, ms);
    unsigned lines = 0;
    for (const char *at = rig_wire(&r); (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    return lines;
}

START_TEST(slowly_to_one_that_has_not_answered)
{
    many_zones(200);
    ck_assert_uint_eq(sent_in(0), 16); /* a burst */
    unsigned sent = sent_in(400);
    ck_assert_uint_ge(sent, 38);
    ck_assert_uint_le(sent, 42); /* 100 a second */
}
END_TEST

START_TEST(quickly_to_one_that_answers)
{
    *rig_peer(&r, "192.0.2.2") = (struct rig_peer){
        .at = "192.0.2.2", .answers = true, .rcode = RCODE_REFUSED, .delay_ms = 2};
    many_zones(200);
    ck_assert_uint_eq(sent_in(0), 16);
    sent_in(1); /* the first answers come at 2 ms */
    unsigned sent = sent_in(20);
    ck_assert_uint_ge(sent, 80);
    ck_assert_uint_le(sent, 120); /* 5000 a second */
    sent_in(60);
    for (unsigned i = 0; i < 200; i++) { /* all were asked, and none twice within a second */
        ck_assert_str_ne(rig_zone(&r, i)->error, "");
    }
}
END_TEST

START_TEST(a_slow_one_holds_up_nobody_else)
{
    struct buf yaml = {0};
    struct rig_peer *p = rig_peer(&r, "192.0.2.3");
    *p = (struct rig_peer){.at = "192.0.2.3", .answers = true, .rcode = RCODE_REFUSED};
    buf_print(&yaml, "zones:\n");
    for (unsigned i = 0; i < 101; i++) {
        buf_print(&yaml, "  - { name: z%u, role: secondary, primaries: [192.0.2.%u] }\n", i,
                  i < 100 ? 2 : 3);
    }
    rig_start(&r, buf_text(&yaml));
    ck_assert_ptr_nonnull(strstr(rig_wire(&r), "0 192.0.2.3 soa z100\n"));
    buf_free(&yaml);
}
END_TEST

/* Checking primaries and probing peers of one address have budgets of their own. */
START_TEST(checks_do_not_hold_up_probes)
{
    struct buf yaml = {0};
    buf_print(&yaml, "peers: [{ name: ns2, address: 192.0.2.2 }]\nzones:\n"
                     "  - { name: example, role: primary, file: example.zone, notify: [ns2] }\n");
    for (unsigned i = 0; i < 100; i++) {
        buf_print(&yaml, "  - { name: z%u, role: secondary, primaries: [192.0.2.2] }\n", i);
    }
    rig_start(&r, buf_text(&yaml));
    rig_run(&r, 5);
    const char *wire = rig_wire(&r);
    ck_assert_ptr_nonnull(strstr(wire, "0 192.0.2.2 notify 1\n"));
    ck_assert_ptr_nonnull(strstr(wire, "5 192.0.2.2 soa\n"));
    buf_free(&yaml);
}
END_TEST

/* What waits in a queue goes with its zone. */
START_TEST(queued_questions_can_be_given_up)
{
    many_zones(60);
    rig_run(&r, 20);
    rig_configure(&r, "zones: [{ name: z59, role: secondary, primaries: [192.0.2.2] }]\n");
    rig_wire(&r);
    rig_run(&r, 1000);
    for (const char *at = rig_wire(&r); *at != '\0'; at = strchr(at, '\n') + 1) {
        ck_assert_msg(strncmp(strchr(at, ' '), " 192.0.2.2 soa z59\n", 19) == 0, "%s", at);
    }
}
END_TEST

TCase *case_keeper_asks(void)
{
    TCase *c = tcase_create("keeper_asks");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_notify_carries_the_soa_and_no_edns);
    tcase_add_test(c, a_probe_asks_for_the_soa_without_recursion);
    tcase_add_test(c, only_the_answer_itself_counts);
    tcase_add_test(c, no_answer_can_be_cut_or_empty);
    tcase_add_test(c, slowly_to_one_that_has_not_answered);
    tcase_add_test(c, quickly_to_one_that_answers);
    tcase_add_test(c, a_slow_one_holds_up_nobody_else);
    tcase_add_test(c, checks_do_not_hold_up_probes);
    tcase_add_test(c, queued_questions_can_be_given_up);
    return c;
}
