/* transfer_in.c - tests of taking a zone off the wire: whole or not at all, whatever is sent. */
#include "cases.h"
#include "transfer_fixture.h"

#define BODY "@ 60 NS ns\nns 60 A 192.0.2.1\nwww 60 AAAA 2001:db8::1\n"

static void a_stream(struct buf *s)
{
    TELL(s, SOA(7) "@ 60 NS ns\nns 60 A 192.0.2.1\n");
    TELL(s, "www 60 AAAA 2001:db8::1\n", .no_question = true);
    TELL(s, SOA(7), .no_question = true);
}

START_TEST(question)
{
    static const uint8_t axfr[] = {0, 25,  0x12, 0x34, 0,   0,   0,   1,   0, 0, 0,   0, 0, 0,
                                   7, 'e', 'x',  'a',  'm', 'p', 'l', 'e', 0, 0, 252, 0, 1};
    struct query q;
    size_t len;
    struct transfer_in *t = a_transfer(TRANSFER_AXFR, 0);
    const uint8_t *octets = transfer_in_question(t, &len);
    ck_assert_uint_eq(len, sizeof axfr);
    ck_assert_mem_eq(octets, axfr, len);
    transfer_in_free(t);
    t = a_transfer(TRANSFER_IXFR, 41);
    octets = transfer_in_question(t, &len);
    ck_assert_uint_eq(get_u16(octets), len - 2);
    ck_assert_int_eq(query_read(octets + 2, len - 2, &q), QUERY_OK);
    ck_assert(q.qtype == TYPE_IXFR && q.has_notify_serial && q.notify_serial == 41);
    transfer_in_free(t);
    transfer_in_free(NULL);
}
END_TEST

START_TEST(a_zone_in_any_pieces)
{
    struct buf s = {0}, records = {0}, text = {0};
    a_stream(&s);
    for (size_t piece = 1; piece <= s.len; piece++) {
        struct transfer_in *t = a_transfer(TRANSFER_AXFR, 0);
        uint16_t soa_len;
        ck_assert_ptr_null(transfer_in_soa(t, &soa_len));
        ck_assert_int_eq(feed(t, &s, piece, NULL), TRANSFER_IN_ZONE);
        ck_assert_ptr_nonnull(transfer_in_soa(t, &soa_len));
        ck_assert_uint_eq(transfer_in_bytes(t), s.len);
        ck_assert_uint_eq(transfer_in_count(t), 5);
        transfer_in_take_records(t, &records);
        transfer_in_free(t);
        text.len = 0;
        print_stream(&text, &records);
        ck_assert_str_eq(buf_text(&text),
                         "example. 3600 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n"
                         "example. 60 IN NS ns.example.\n"
                         "ns.example. 60 IN A 192.0.2.1\n"
                         "www.example. 60 IN AAAA 2001:db8::1\n");
        buf_free(&records);
    }
    buf_free(&s);
    buf_free(&text);
}
END_TEST

/* RELIABILITY.md 12: "connection closed" is never "done". */
START_TEST(cut_at_every_octet)
{
    struct buf s = {0};
    a_stream(&s);
    size_t whole = s.len;
    for (s.len = 0; s.len < whole; s.len++) {
        struct transfer_in *t = a_transfer(TRANSFER_AXFR, 0);
        struct oops o = {""};
        ck_assert_int_eq(feed(t, &s, 1000, &o), TRANSFER_IN_MORE);
        transfer_in_closed(t, &o);
        ck_assert(strstr(o.text, "connection closed") == o.text);
        ck_assert((strstr(o.text, "before any answer") != NULL) == (s.len == 0));
        transfer_in_free(t);
    }
    buf_free(&s);
}
END_TEST

START_TEST(records_not_taken_are_freed)
{
    struct buf s = {0};
    a_stream(&s);
    struct transfer_in *t = a_transfer(TRANSFER_AXFR, 0);
    struct oops o = {""};
    ck_assert_int_eq(feed(t, &s, 100, NULL), TRANSFER_IN_ZONE);
    ck_assert_int_eq(transfer_in_feed(t, s.data, 1, (struct mono){0}, &o), TRANSFER_IN_ZONE);
    transfer_in_free(t);
    buf_free(&s);
}
END_TEST

/* ---- hostile streams ---- */

#define M(...)                                                                                     \
    {                                                                                              \
        .lines = __VA_ARGS__                                                                       \
    }
#define NONE                                                                                       \
    {                                                                                              \
        .lines = NULL                                                                              \
    }
static const struct {
    struct told first, second; /* second.lines NULL: none */
    const char *why;           /* what the operator reads */
} hostile[] = {
    {M(SOA(7) BODY SOA(7), .id = 1), NONE, "the answer to another question"},
    {M(SOA(7) BODY SOA(7), .flags = MSG_QR), NONE, "a question in place of an answer"},
    {M(SOA(7) BODY SOA(7), .flags = OPCODE_NOTIFY << 11), NONE, "the answer to another question"},
    {M(SOA(7) BODY SOA(7), .flags = MSG_TC), NONE, "truncated over TCP"},
    {M("", .flags = RCODE_REFUSED), NONE, "REFUSED"},
    {M("", .flags = RCODE_SERVFAIL, .no_question = true), NONE, "SERVFAIL"},
    {M("", .flags = RCODE_NOTAUTH), NONE, "NOTAUTH"},
    {M("", .flags = RCODE_NOTIMP), NONE, "NOTIMP"},
    {M(SOA(7) BODY SOA(7), .flags = RCODE_NXDOMAIN), NONE, "NXDOMAIN"},
    {M(""), NONE, "a message without records"},
    {M(SOA(7) BODY), M("", .no_question = true), "a message without records"},
    {M(SOA(7) BODY SOA(7), .no_question = true), NONE, "the answer to another question"},
    {M(SOA(7) BODY SOA(7), .qname = "example.org"), NONE, "the answer to another question"},
    {M(SOA(7) BODY SOA(7), .qtype = TYPE_IXFR), NONE, "the answer to another question"},
    {M(SOA(7) BODY SOA(7), .qclass = CLASS_CH), NONE, "the answer to another question"},
    {M(SOA(7) BODY), M(SOA(7), .qname = "www.example"), "the answer to another question"},
    {M(SOA(7) BODY), M(SOA(7), .id = 0x8000), "the answer to another question"},
    {M(SOA(7) BODY), M(SOA(7), .flags = RCODE_SERVFAIL), "SERVFAIL"},
    {M(SOA(7) BODY), M(SOA(7), .flags = MSG_TC), "truncated over TCP"},
    {M(BODY SOA(7)), NONE, "the stream does not begin with the zone's SOA"},
    {M("www 60 A 192.0.2.1\n"), NONE, "the stream does not begin with the zone's SOA"},
    {M("www 60 SOA a. b. 1 2 3 4 5\n"), NONE, "SOA below the apex of example: www.example"},
    {M(SOA(7) BODY SOA(8)), NONE, "two different SOA: the zone changed while it was sent"},
    {M(SOA(7) BODY), M(SOA(8) BODY SOA(8)),
     "two different SOA: the zone changed while it was sent"},
    {M(SOA(7) BODY "@ 3600 SOA ns.example. other.example. 7 3600 600 86400 300\n"), NONE,
     "two different SOA: the zone changed while it was sent"},
    {M(SOA(7) "www 60 SOA ns.example. admin.example. 7 3600 600 86400 300\n" SOA(7)), NONE,
     "SOA below the apex of example: www.example"},
    {M(SOA(7) BODY SOA(7) "x 60 A 192.0.2.9\n"), NONE, "records behind the closing SOA"},
    {M(SOA(7) BODY SOA(7) SOA(7)), NONE, "records behind the closing SOA"},
    {M(SOA(7) "www.example.org. 60 A 192.0.2.1\n"), NONE,
     "record of another zone: www.example.org"},
    {M(SOA(7) "notexample. 60 A 192.0.2.1\n"), NONE, "record of another zone: notexample"},
    {M(SOA(7) ". 60 NS ns.example.\n"), NONE, "record of another zone: ."},
    {M("example.org. 3600 SOA a. b. 1 2 3 4 5\n"), NONE, "record of another zone: example.org"},
    {M(SOA(7) BODY SOA(7), .class = CLASS_CH), NONE, "record of class 3 at example"},
    {M(SOA(7) BODY SOA(7), .class = CLASS_ANY), NONE, "record of class 255 at example"},
    {M(SOA(7) BODY SOA(7), .class = CLASS_NONE), NONE, "record of class 254 at example"},
    {M(SOA(7) "www 60 TYPE249 \\# 0\n"), NONE,
     "TKEY is no type of a record in a zone: www.example"},
    {M(SOA(7) "www 60 TYPE252 \\# 0\n"), NONE,
     "AXFR is no type of a record in a zone: www.example"},
    {M(SOA(7) "www 60 TYPE255 \\# 0\n"), NONE, "ANY is no type of a record in a zone: www.example"},
    {M(SOA(7) "www 60 TYPE0 \\# 0\n"), NONE, "TYPE0 is no type of a record in a zone: www.example"},
    {M(SOA(7) "www 60 TYPE128 \\# 0\n"), NONE,
     "NXNAME is no type of a record in a zone: www.example"},
};

START_TEST(hostile_stream)
{
    struct buf s = {0};
    struct oops o = {""};
    struct transfer_in *t = a_transfer(TRANSFER_AXFR, 0);
    tell(&s, hostile[_i].first);
    if (hostile[_i].second.lines != NULL) {
        tell(&s, hostile[_i].second);
    }
    ck_assert_msg(feed(t, &s, 37, &o) == TRANSFER_IN_FAILED, "row %d", _i);
    ck_assert_str_eq(o.text, hostile[_i].why);
    ck_assert_int_eq(transfer_in_feed(t, s.data, 1, (struct mono){0}, &o), TRANSFER_IN_FAILED);
    transfer_in_free(t);
    buf_free(&s);
}
END_TEST

static void refuse(const void *octets, size_t len, const char *why)
{
    struct buf s = {0};
    struct oops o = {""};
    struct transfer_in *t = a_transfer(TRANSFER_AXFR, 0);
    buf_add(&s, octets, len);
    ck_assert_int_eq(feed(t, &s, len, &o), TRANSFER_IN_FAILED);
    ck_assert_str_eq(o.text, why);
    transfer_in_free(t);
    buf_free(&s);
}

START_TEST(no_messages)
{
    static const char short_one[] = "\0\13\x12\x34\x84\0\0\1\0\0\0\0\0\0";
    static const char lying[] = "\0\14\x12\x34\x84\0\0\0\xff\xff\0\0\0\0";
    static const char loop[] = "\0\51\x12\x34\x84\0\0\1\0\1\0\0\0\0\7example\0\0\374\0\1"
                               "\xc0\x19\0\1\0\1\0\0\0\0\0\4\1\2\3\4";
    refuse("\0\0", 2, "a message of 0 octets");
    refuse(short_one, 13, "a message of 11 octets");
    refuse(lying, sizeof lying - 1, "malformed message");
    refuse(loop, sizeof loop - 1, "malformed record");
}
END_TEST

/* Octets changed at random may leave another zone, never a crash, never a half one. */
START_TEST(flipped_octets)
{
    struct buf s = {0};
    a_stream(&s);
    for (size_t at = 0; at < s.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            s.data[at] ^= (uint8_t)(1u << bit);
            struct transfer_in *t = a_transfer(TRANSFER_AXFR, 0);
            struct oops o = {""};
            if (feed(t, &s, 64, &o) == TRANSFER_IN_FAILED) {
                ck_assert_uint_gt(strlen(o.text), 0);
            }
            transfer_in_free(t);
            s.data[at] ^= (uint8_t)(1u << bit);
        }
    }
    buf_free(&s);
}
END_TEST

START_TEST(rcode_for_the_next_try)
{
    struct buf s = {0};
    struct transfer_in *t = a_transfer(TRANSFER_IXFR, 6);
    ck_assert_uint_eq(transfer_in_rcode(t), 0);
    TELL(&s, "", .flags = RCODE_NOTIMP, .qtype = TYPE_IXFR);
    ck_assert_int_eq(feed(t, &s, 100, NULL), TRANSFER_IN_FAILED);
    ck_assert_uint_eq(transfer_in_rcode(t), RCODE_NOTIMP);
    transfer_in_free(t);
    buf_free(&s);
}
END_TEST

/* ---- limits ---- */

static struct transfer_in *limited(const struct transfer_in_start *limits)
{
    struct name apex = a_name("example");
    struct transfer_in_start s = *limits;
    s.kind = TRANSFER_AXFR;
    s.apex = apex.octets;
    s.id = STREAM_ID;
    struct transfer_in *t = transfer_in_new(&s);
    ck_assert_ptr_nonnull(t);
    return t;
}

static void expect_limit(struct transfer_in_start limits, const struct buf *s, const char *why)
{
    struct oops o = {""};
    struct transfer_in *t = limited(&limits);
    enum transfer_in_status status = feed(t, s, 100, &o);
    ck_assert_int_eq(status, why == NULL ? TRANSFER_IN_ZONE : TRANSFER_IN_FAILED);
    if (why != NULL) {
        ck_assert_str_eq(o.text, why);
    }
    transfer_in_free(t);
}

START_TEST(too_much)
{
    struct buf s = {0};
    a_stream(&s);
    char why[64];
    snprintf(why, sizeof why, "more than %zu octets", s.len - 1);
    expect_limit((struct transfer_in_start){.most_bytes = s.len - 1}, &s, why);
    expect_limit((struct transfer_in_start){.most_bytes = s.len + 100}, &s, NULL);
    expect_limit((struct transfer_in_start){.most_records = 4}, &s, "more than 4 records");
    expect_limit((struct transfer_in_start){.most_records = 5}, &s, NULL);
    buf_free(&s);
}
END_TEST

/* Names that compress well: what they are uncompressed counts too. */
START_TEST(bomb)
{
#define L60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"
    struct buf s = {0}, lines = {0};
    buf_print(&lines, "%s", SOA(7));
    for (unsigned i = 0; i < 1000; i++) {
        buf_print(&lines, "%s.%s.%s 60 A 192.0.%u.%u\n", L60, L60, L60, i / 250, i % 250);
    }
    buf_print(&lines, "%s", SOA(7));
    TELL(&s, buf_text(&lines));
    ck_assert_uint_lt(s.len, 20000);
    expect_limit((struct transfer_in_start){.most_bytes = 100000}, &s,
                 "more than 100000 octets of uncompressed records");
    expect_limit((struct transfer_in_start){.most_bytes = 300000}, &s, NULL);
    buf_free(&s);
    buf_free(&lines);
}
END_TEST

static struct mono at_s(int64_t s)
{
    return (struct mono){s * NS_PER_S};
}

START_TEST(too_long)
{
    static const uint8_t some[2000] = {0xff, 0xff};
    struct oops o = {""};
    struct transfer_in *t = limited(
        &(struct transfer_in_start){.most_s = 100, .least_per_minute = 1000, .now = at_s(1000)});
    ck_assert_int_eq(transfer_in_due(t).ns, at_s(1060).ns);
    ck_assert_int_eq(transfer_in_late(t, at_s(1059), &o), TRANSFER_IN_MORE);
    ck_assert_int_eq(transfer_in_feed(t, some, 2000, at_s(1061), &o), TRANSFER_IN_MORE);
    ck_assert_int_eq(transfer_in_due(t).ns, at_s(1100).ns);
    ck_assert_int_eq(transfer_in_late(t, at_s(1099), &o), TRANSFER_IN_MORE);
    ck_assert_int_eq(transfer_in_late(t, at_s(1100), &o), TRANSFER_IN_FAILED);
    ck_assert_str_eq(o.text, "not done after 100 s");
    transfer_in_free(t);
}
END_TEST

START_TEST(too_slow)
{
    static const uint8_t some[2000] = {0xff, 0xff};
    struct oops o = {""};
    struct transfer_in *t =
        limited(&(struct transfer_in_start){.least_per_minute = 1000, .now = at_s(0)});
    ck_assert_int_eq(transfer_in_feed(t, some, 1000, at_s(59), &o), TRANSFER_IN_MORE);
    ck_assert_int_eq(transfer_in_late(t, at_s(60), &o), TRANSFER_IN_MORE);
    ck_assert_int_eq(transfer_in_feed(t, some + 2, 999, at_s(100), &o), TRANSFER_IN_MORE);
    ck_assert_int_eq(transfer_in_late(t, at_s(119), &o), TRANSFER_IN_MORE);
    ck_assert_int_eq(transfer_in_late(t, at_s(120), &o), TRANSFER_IN_FAILED);
    ck_assert_str_eq(o.text, "slower than 1000 octets a minute");
    ck_assert_int_eq(transfer_in_late(t, at_s(121), &o), TRANSFER_IN_FAILED);
    transfer_in_free(t);
    t = limited(
        &(struct transfer_in_start){.now = at_s(0)}); /* a trickle is seen without a timer */
    ck_assert_int_eq(transfer_in_feed(t, some, 1, at_s(59), &o), TRANSFER_IN_MORE);
    ck_assert_int_eq(transfer_in_feed(t, some, 1, at_s(60), &o), TRANSFER_IN_FAILED);
    ck_assert_str_eq(o.text, "slower than 10240 octets a minute");
    transfer_in_free(t);
}
END_TEST

TCase *case_transfer_in(void)
{
    TCase *c = tcase_create("transfer_in");
    tcase_add_test(c, question);
    tcase_add_test(c, a_zone_in_any_pieces);
    tcase_add_test(c, cut_at_every_octet);
    tcase_add_test(c, records_not_taken_are_freed);
    tcase_add_loop_test(c, hostile_stream, 0, sizeof hostile / sizeof *hostile);
    tcase_add_test(c, no_messages);
    tcase_add_test(c, flipped_octets);
    tcase_add_test(c, rcode_for_the_next_try);
    tcase_add_test(c, too_much);
    tcase_add_test(c, bomb);
    tcase_add_test(c, too_long);
    tcase_add_test(c, too_slow);
    return c;
}
