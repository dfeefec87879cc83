/* transfer_out.c - tests of a zone as a stream: what is sent is what our own receiver takes in
 * whole. */
#include "cases.h"
#include "transfer/out.h"
#include "transfer_fixture.h"

struct sending {
    struct zone_line *line;
    struct zone_version *version;
    uint8_t question[1024];
    struct query query;
};

static void start(struct sending *s, const char *lines, bool ixfr)
{
    struct name apex = a_name("example");
    struct asked a = {.name = "example",
                      .type = ixfr ? "IXFR" : "AXFR",
                      .no_edns = true,
                      .has_soa = ixfr,
                      .serial = 6};
    s->line = zone_line_new(apex.octets, 1);
    s->version = zone_of(s->line, lines);
    size_t len = write_question(&a, s->question);
    ck_assert_int_eq(query_read(s->question, len, &s->query), QUERY_OK);
}

static void stop(struct sending *s)
{
    zone_release(s->version);
    zone_line_free(s->line);
}

/* The whole stream, lengths in front; returns how many messages. */
static unsigned run(struct transfer_out *t, struct buf *stream, size_t room)
{
    unsigned messages = 0;
    uint8_t *buf = malloc(room);
    ck_assert_ptr_nonnull(buf);
    for (size_t len; (len = transfer_out_next(t, buf, room)) > 0; messages++) {
        ck_assert_uint_le(len, room);
        buf_add_u16(stream, (uint16_t)len);
        buf_add(stream, buf, len);
    }
    free(buf);
    return messages;
}

static void send_all(struct sending *s, struct buf *stream, unsigned *messages)
{
    zone_hold(s->version);
    struct transfer_out *t = transfer_out_new(s->version, &s->query, false, 0);
    ck_assert_ptr_nonnull(t);
    *messages = run(t, stream, MSG_MAX);
    ck_assert(transfer_out_complete(t));
    ck_assert_uint_eq(transfer_out_records(t), zone_records(s->version) + 1);
    ck_assert_uint_eq(transfer_out_next(t, s->question, sizeof s->question), 0);
    ck_assert_ptr_eq(transfer_out_end(t), s->version);
    zone_release(s->version);
}

/* Takes the stream in and compares what came with what was sent. */
static void receive(struct sending *s, const struct buf *stream)
{
    struct oops o = {""};
    struct transfer_in *t = a_transfer(TRANSFER_AXFR, 0);
    ck_assert_msg(feed(t, stream, 5000, &o) == TRANSFER_IN_ZONE, "%s", o.text);
    struct buf records;
    transfer_in_take_records(t, &records);
    transfer_in_free(t);
    struct zone_line *l = zone_line_new(zone_line_apex(s->line), 2);
    struct zone_edit *e = zone_edit_start(l, NULL);
    struct record rr;
    for (size_t at = 0; record_next(records.data, records.len, &at, &rr, NULL);) {
        ck_assert_int_eq(zone_edit_add(e, &rr), ZONE_EDIT_OK);
    }
    struct zone_version *v = zone_edit_finish(e, &o);
    ck_assert_ptr_nonnull(v);
    ck_assert_uint_eq(zone_records(v), zone_records(s->version));
    ck_assert_uint_eq(zone_content_hash(v), zone_content_hash(s->version));
    ck_assert_uint_eq(zone_serial(v), zone_serial(s->version));
    zone_release(v);
    zone_line_free(l);
    buf_free(&records);
}

START_TEST(a_small_zone)
{
    struct sending s;
    struct buf stream = {0}, text = {0};
    unsigned messages;
    start(&s,
          SOA(7) "@ 60 NS ns\nwww 60 A 192.0.2.1\nsub 60 NS ns.sub\nns.sub 60 A 192.0.2.2\n"
                 "d 60 DNAME other.\nhidden.d 60 A 192.0.2.3\n",
          false);
    send_all(&s, &stream, &messages);
    ck_assert_uint_eq(messages, 1);
    print_answer(&text, stream.data + 2, stream.len - 2);
    ck_assert_str_eq(buf_text(&text),
                     "NOERROR aa\n"
                     "an example. 3600 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n"
                     "an example. 60 IN NS ns.example.\n"
                     "an d.example. 60 IN DNAME other.\n"
                     "an hidden.d.example. 60 IN A 192.0.2.3\n"
                     "an sub.example. 60 IN NS ns.sub.example.\n"
                     "an ns.sub.example. 60 IN A 192.0.2.2\n"
                     "an www.example. 60 IN A 192.0.2.1\n"
                     "an example. 3600 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n");
    receive(&s, &stream);
    buf_free(&stream);
    buf_free(&text);
    stop(&s);
}
END_TEST

/* RFC 4034 3: each has the TTL of what it covers. */
START_TEST(signatures_have_a_ttl_each)
{
    struct sending s;
    struct buf stream = {0}, text = {0};
    unsigned messages;
#define SIG(type) type " 8 2 60 20300101000000 20200101000000 1 example. AAAA\n"
    start(&s,
          SOA(7) "a 60 A 192.0.2.1\na 60 RRSIG " SIG("A") "a 30 TXT x\na 30 RRSIG " SIG(
              "TXT") "a 45 RRSIG " SIG("MX"),
          false);
    send_all(&s, &stream, &messages);
    print_answer(&text, stream.data + 2, stream.len - 2);
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "an a.example. 60 IN RRSIG A "));
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "an a.example. 30 IN RRSIG TXT "));
    ck_assert_ptr_nonnull(
        strstr(buf_text(&text), "an a.example. 60 IN RRSIG MX ")); /* of nothing */
    receive(&s, &stream);
    buf_free(&stream);
    buf_free(&text);
    stop(&s);
}
END_TEST

START_TEST(a_zone_of_many_messages)
{
    struct sending s;
    struct buf stream = {0}, lines = {0};
    unsigned messages;
    buf_print(&lines, "%s", SOA(7));
    for (unsigned i = 0; i < 3000; i++) {
        buf_print(&lines, "host-%u 60 A 192.0.2.%u\nhost-%u 60 TXT \"number %u of them\"\n", i,
                  i % 256, i, i);
    }
    start(&s, buf_text(&lines), false);
    send_all(&s, &stream, &messages);
    ck_assert_uint_gt(messages, 5);
    ck_assert_uint_lt(messages, 20);
    for (size_t at = 0; at < stream.len; at += 2u + get_u16(stream.data + at)) {
        ck_assert_uint_le(get_u16(stream.data + at), 16384);
        ck_assert_uint_eq(get_u16(stream.data + at + 2), STREAM_ID);
        ck_assert_uint_eq(get_u16(stream.data + at + 6), at == 0); /* RFC 5936 2.2.2 */
    }
    receive(&s, &stream);
    buf_free(&stream);
    buf_free(&lines);
    stop(&s);
}
END_TEST

/* RRsets and single records larger than a message of usual size. */
START_TEST(large_sets_and_records)
{
    struct sending s;
    struct buf stream = {0}, lines = {0}, text = {0};
    unsigned messages;
    buf_print(&lines, "%s", SOA(7));
    for (unsigned i = 0; i < 400; i++) {
        buf_print(&lines,
                  "many 60 TXT \"%u "
                  "01234567890123456789012345678901234567890123456789012345678901234567890123"
                  "45678901234567890123456789012345678901234567890123456789\"\n",
                  i);
    }
    for (unsigned i = 0; i < 600; i++) {
        buf_print(&text, "aa");
    }
    buf_print(&lines, "wide 60 TYPE65300 \\# 600 %s\n", buf_text(&text));
    start(&s, buf_text(&lines), false);
    send_all(&s, &stream, &messages);
    receive(&s, &stream);
    ck_assert_uint_gt(messages, 3);
    buf_free(&stream);
    buf_free(&lines);
    buf_free(&text);
    stop(&s);
}
END_TEST

static void add_wide(struct zone_edit *e, size_t len)
{
    struct name owner = a_name("wide.example");
    uint8_t *rdata = calloc(1, len);
    ck_assert_ptr_nonnull(rdata);
    struct record rr = {.owner = owner.octets,
                        .type = 65300,
                        .class = CLASS_IN,
                        .ttl = 60,
                        .rdlen = (uint16_t)len,
                        .rdata = rdata};
    ck_assert_int_eq(zone_edit_add(e, &rr), ZONE_EDIT_OK);
    free(rdata);
}

/* One record that fills a message of its own; and one that no message can carry. */
START_TEST(a_record_as_large_as_a_message)
{
    static const size_t lens[] = {20000, 65400, 65520};
    for (size_t i = 0; i < 3; i++) {
        struct sending s;
        struct buf stream = {0};
        start(&s, SOA(7) "@ 60 NS ns.elsewhere.\n", false);
        struct zone_edit *e = zone_edit_start(s.line, s.version);
        add_wide(e, lens[i]);
        struct oops o = {""};
        struct zone_version *v = zone_edit_finish(e, &o);
        ck_assert_msg(v != NULL, "%s", o.text);
        zone_release(s.version);
        s.version = v;
        zone_hold(v);
        struct transfer_out *t = transfer_out_new(v, &s.query, false, 0);
        run(t, &stream, MSG_MAX);
        ck_assert_int_eq(transfer_out_complete(t), i < 2);
        zone_release(transfer_out_end(t));
        if (i < 2) {
            receive(&s, &stream);
        }
        buf_free(&stream);
        stop(&s);
    }
}
END_TEST

START_TEST(small_room)
{
    struct sending s;
    struct buf stream = {0}, lines = {0};
    buf_print(&lines, "%s", SOA(7));
    for (unsigned i = 0; i < 600; i++) {
        buf_print(&lines, "many 60 A 192.0.%u.%u\n", i / 256, i % 256);
    }
    start(&s, buf_text(&lines), false);
    zone_hold(s.version);
    struct transfer_out *t = transfer_out_new(s.version, &s.query, false, 0);
    ck_assert_uint_gt(run(t, &stream, 4096), 2);
    ck_assert(transfer_out_complete(t));
    zone_release(transfer_out_end(t));
    receive(&s, &stream);
    buf_free(&stream);
    buf_free(&lines);
    stop(&s);
}
END_TEST

/* RFC 1995 2 and 4: one SOA for who is current, the whole zone for everybody else. */
START_TEST(ixfr)
{
    static const struct {
        uint32_t from;
        uint64_t records;
    } rows[] = {{6, 4}, {7, 1}, {8, 1}, {0xfffffff0, 4}, {0x80000007, 1}};
    struct sending s;
    start(&s, SOA(7) "@ 60 NS ns.elsewhere.\nwww 60 A 192.0.2.1\n", true);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf stream = {0};
        zone_hold(s.version);
        struct transfer_out *t = transfer_out_new(s.version, &s.query, true, rows[i].from);
        run(t, &stream, MSG_MAX);
        ck_assert_uint_eq(transfer_out_records(t), rows[i].records);
        ck_assert(transfer_out_complete(t));
        zone_release(transfer_out_end(t));
        struct transfer_in *in = a_transfer(TRANSFER_IXFR, rows[i].from);
        ck_assert_int_eq(feed(in, &stream, 1000, NULL),
                         rows[i].records == 1 ? TRANSFER_IN_CURRENT : TRANSFER_IN_ZONE);
        transfer_in_free(in);
        buf_free(&stream);
    }
    stop(&s);
}
END_TEST

/* RFC 5936 2.2.5: an OPT in the first message, when the question had one. */
START_TEST(edns)
{
    struct sending s;
    struct buf stream = {0};
    struct response r;
    start(&s, SOA(7) "@ 60 NS ns.elsewhere.\n", false);
    s.query.has_edns = true;
    zone_hold(s.version);
    struct transfer_out *t = transfer_out_new(s.version, &s.query, false, 0);
    run(t, &stream, MSG_MAX);
    ck_assert(response_read(stream.data + 2, stream.len - 2, &r) && r.has_edns);
    zone_release(transfer_out_end(t));
    receive(&s, &stream);
    buf_free(&stream);
    stop(&s);
}
END_TEST

TCase *case_transfer_out(void)
{
    TCase *c = tcase_create("transfer_out");
    tcase_add_test(c, a_small_zone);
    tcase_add_test(c, signatures_have_a_ttl_each);
    tcase_add_test(c, a_zone_of_many_messages);
    tcase_add_test(c, large_sets_and_records);
    tcase_add_test(c, a_record_as_large_as_a_message);
    tcase_add_test(c, small_room);
    tcase_add_test(c, ixfr);
    tcase_add_test(c, edns);
    return c;
}
