/* transfer_steps.c - tests of the order of records in an IXFR: changes, a whole zone, nothing
 * new. */
#include "cases.h"
#include "transfer_fixture.h"

#define IXFR .qtype = TYPE_IXFR

struct expected {
    enum transfer_in_status status;
    const char *why; /* FAILED */
};

/* Takes `lines` as one message, and as one message for each record: the same must come out. */
static struct transfer_in *take(enum transfer_in_kind kind, const char *lines, struct expected e)
{
    struct buf one = {0}, many = {0};
    TELL(&one, lines, IXFR);
    for (const char *at = lines; *at != '\0';) {
        char line[512];
        size_t len = strcspn(at, "\n") + 1;
        snprintf(line, sizeof line, "%.*s", (int)len, at);
        TELL(&many, line, IXFR);
        at += len;
    }
    struct buf *streams[] = {&many, &one};
    struct transfer_in *t = NULL;
    for (int i = 0; i < 2; i++) {
        struct oops o = {""};
        transfer_in_free(t);
        t = a_transfer(kind, 7);
        ck_assert_int_eq(feed(t, streams[i], 50, &o), e.status);
        ck_assert(e.why == NULL || strcmp(o.text, e.why) == 0);
    }
    buf_free(&one);
    buf_free(&many);
    return t;
}

static void expect(enum transfer_in_kind kind, const char *lines, enum transfer_in_status status,
                   const char *why)
{
    transfer_in_free(take(kind, lines, (struct expected){status, why}));
}

#define ONE_CHANGE  SOA(7) "www 60 A 192.0.2.1\n" SOA(8) "www 60 A 192.0.2.2\nnew 60 A 192.0.2.3\n"
#define NEXT_CHANGE SOA(8) "new 60 A 192.0.2.3\n" SOA(10)

START_TEST(one_change)
{
    struct change *c;
    struct buf text = {0};
    struct transfer_in *t =
        take(TRANSFER_IXFR, SOA(8) ONE_CHANGE SOA(8), (struct expected){TRANSFER_IN_CHANGES, NULL});
    ck_assert_uint_eq(transfer_in_take_changes(t, &c), 1);
    ck_assert(!c->first && c->from == 7 && c->to == 8);
    ck_assert(c->deleted_count == 2 && c->added_count == 3);
    print_stream(&text, &c->deleted);
    print_stream(&text, &c->added);
    ck_assert_str_eq(buf_text(&text),
                     "example. 3600 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n"
                     "www.example. 60 IN A 192.0.2.1\n"
                     "example. 3600 IN SOA ns.example. admin.example. 8 3600 600 86400 300\n"
                     "www.example. 60 IN A 192.0.2.2\n"
                     "new.example. 60 IN A 192.0.2.3\n");
    change_free(c);
    free(c);
    buf_free(&text);
    transfer_in_free(t);
}
END_TEST

/* What comes in is what zone_apply takes. */
START_TEST(changes_apply)
{
    struct change *c;
    struct oops o = {""};
    struct name apex = a_name("example");
    struct zone_line *l = zone_line_new(apex.octets, 1);
    struct zone_version *v[3] = {zone_of(l, SOA(7) "@ 60 NS ns.elsewhere.\nwww 60 A 192.0.2.1\n")};
    struct transfer_in *t = take(TRANSFER_IXFR, SOA(10) ONE_CHANGE NEXT_CHANGE SOA(10),
                                 (struct expected){TRANSFER_IN_CHANGES, NULL});
    ck_assert_uint_eq(transfer_in_take_changes(t, &c), 2);
    for (int i = 0; i < 2; i++) {
        v[i + 1] = zone_apply(l, v[i], &c[i], &o);
        ck_assert_msg(v[i + 1] != NULL, "%s", o.text);
        change_free(&c[i]);
    }
    ck_assert_uint_eq(zone_serial(v[2]), 10);
    ck_assert_uint_eq(zone_records(v[2]), 3);
    free(c);
    for (int i = 0; i < 3; i++) {
        zone_release(v[i]);
    }
    zone_line_free(l);
    transfer_in_free(t);
}
END_TEST

START_TEST(changes_not_taken_are_freed)
{
    expect(TRANSFER_IXFR_ONLY, SOA(10) ONE_CHANGE NEXT_CHANGE SOA(10), TRANSFER_IN_CHANGES, NULL);
    expect(TRANSFER_IXFR, SOA(10) ONE_CHANGE NEXT_CHANGE, TRANSFER_IN_MORE, NULL);
}
END_TEST

/* RFC 1995 2: one SOA that is not newer. */
START_TEST(nothing_new)
{
    uint16_t len;
    struct soa soa;
    struct transfer_in *t =
        take(TRANSFER_IXFR, SOA(6), (struct expected){TRANSFER_IN_CURRENT, NULL});
    const uint8_t *rdata = transfer_in_soa(t, &len);
    ck_assert(soa_read(rdata, len, &soa) && soa.serial == 6);
    transfer_in_free(t);
    expect(TRANSFER_IXFR, SOA(7), TRANSFER_IN_CURRENT, NULL);
    expect(TRANSFER_IXFR_ONLY, SOA(7), TRANSFER_IN_CURRENT, NULL);
    expect(TRANSFER_IXFR, SOA(7) "www 60 A 192.0.2.1\n" SOA(7), TRANSFER_IN_CURRENT, NULL);
    expect(TRANSFER_IXFR, SOA(2147483655), TRANSFER_IN_CURRENT, NULL); /* RFC 1982 3.2: undefined */
    expect(TRANSFER_IXFR, SOA(2147483654), TRANSFER_IN_MORE, NULL);
}
END_TEST

START_TEST(a_whole_zone_instead)
{
    struct buf records, text = {0};
    const char *lines = SOA(8) "www 60 A 192.0.2.1\n@ 60 NS ns\n" SOA(8);
    struct transfer_in *t = take(TRANSFER_IXFR, lines, (struct expected){TRANSFER_IN_ZONE, NULL});
    transfer_in_take_records(t, &records);
    print_stream(&text, &records);
    ck_assert_str_eq(buf_text(&text),
                     "example. 3600 IN SOA ns.example. admin.example. 8 3600 600 86400 300\n"
                     "www.example. 60 IN A 192.0.2.1\n"
                     "example. 60 IN NS ns.example.\n");
    buf_free(&records);
    buf_free(&text);
    transfer_in_free(t);
    expect(TRANSFER_IXFR_ONLY, lines, TRANSFER_IN_WHOLE, NULL);
    expect(TRANSFER_IXFR, SOA(8) SOA(8), TRANSFER_IN_ZONE, NULL);
    expect(TRANSFER_IXFR_ONLY, SOA(8) SOA(8), TRANSFER_IN_WHOLE, NULL);
}
END_TEST

START_TEST(chains_that_break)
{
    static const struct {
        const char *lines, *why;
    } rows[] = {
        {SOA(8) SOA(6) SOA(8) SOA(8), "a change starts at serial 6 instead of 7"},
        {SOA(8) SOA(9), "a change starts at serial 9 instead of 7"},
        {SOA(10) ONE_CHANGE SOA(9), "a change starts at serial 9 instead of 8"},
        {SOA(10) ONE_CHANGE SOA(7), "a change starts at serial 7 instead of 8"},
        {SOA(10) ONE_CHANGE SOA(10), "a change starts at serial 10 instead of 8"},
        {SOA(8) SOA(7) SOA(9), "a change from serial 7 to 9 does not lead to 8"},
        {SOA(8) SOA(7) SOA(7), "a change from serial 7 to 7 does not lead to 8"},
        {SOA(8) SOA(7) SOA(6), "a change from serial 7 to 6 does not lead to 8"},
        {SOA(8) ONE_CHANGE SOA(9), "two different SOA: the zone changed while it was sent"},
        {SOA(8) ONE_CHANGE "@ 60 SOA a. b. 8 1 1 1 1\n",
         "two different SOA: the zone changed while it was sent"},
        {SOA(8) "www 60 A 192.0.2.1\n" SOA(9),
         "two different SOA: the zone changed while it was sent"},
        {SOA(8) SOA(7) "www.example.org. 60 A 192.0.2.1\n",
         "record of another zone: www.example.org"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect(TRANSFER_IXFR, rows[i].lines, TRANSFER_IN_FAILED, rows[i].why);
    }
}
END_TEST

START_TEST(records_behind_the_end)
{
    struct buf s = {0};
    struct oops o = {""};
    struct transfer_in *t = a_transfer(TRANSFER_IXFR, 7);
    TELL(&s, SOA(8) ONE_CHANGE SOA(8) "x 60 A 192.0.2.1\n", IXFR);
    ck_assert_int_eq(feed(t, &s, 1000, &o), TRANSFER_IN_FAILED);
    ck_assert_str_eq(o.text, "records behind the closing SOA");
    transfer_in_free(t);
    buf_free(&s);
}
END_TEST

/* Serials wrap (RFC 1982). */
START_TEST(across_the_wrap)
{
    struct change *c;
    struct buf s = {0};
    struct transfer_in *t = a_transfer(TRANSFER_IXFR, 4294967295u);
    TELL(&s, SOA(2) SOA(4294967295) SOA(1) SOA(1) SOA(2) SOA(2), IXFR);
    ck_assert_int_eq(feed(t, &s, 1000, NULL), TRANSFER_IN_CHANGES);
    ck_assert_uint_eq(transfer_in_take_changes(t, &c), 2);
    ck_assert(c[0].from == 4294967295u && c[0].to == 1 && c[1].from == 1 && c[1].to == 2);
    change_free(&c[0]);
    change_free(&c[1]);
    free(c);
    transfer_in_free(t);
    buf_free(&s);
}
END_TEST

TCase *case_transfer_steps(void)
{
    TCase *c = tcase_create("transfer_steps");
    tcase_add_test(c, one_change);
    tcase_add_test(c, changes_apply);
    tcase_add_test(c, changes_not_taken_are_freed);
    tcase_add_test(c, nothing_new);
    tcase_add_test(c, a_whole_zone_instead);
    tcase_add_test(c, chains_that_break);
    tcase_add_test(c, records_behind_the_end);
    tcase_add_test(c, across_the_wrap);
    return c;
}
