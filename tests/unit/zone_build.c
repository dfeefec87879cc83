/* zone_build.c - jobs on zones: what files, transfers and deltas become, and what is left alone
 * when they become nothing. */
#include "cases.h"
#include "zone_building.h"
#include "zonekit.h"
#include <stdio.h>

#define HEAD "$TTL 60\n@ SOA ns h 5 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"

/* Builds and serves; says what the serial is then. */
static uint32_t serve(struct building *b, const char *text)
{
    building_build(b, text);
    building_serve(b);
    return zone_serial(b->base);
}

static void expect_records(const struct zone_version *v, const char *text)
{
    struct buf out = {.len = 0};
    building_print(v, &out);
    ck_assert_str_eq(buf_text(&out), text);
    buf_free(&out);
}

START_TEST(a_file_becomes_a_version)
{
    struct building b;
    building_start(&b);
    building_build(&b, HEAD "www 300 A 192.0.2.3\nwww A 192.0.2.2\n");
    ck_assert(b.built.ok && !b.built.same && b.built.next != NULL);
    ck_assert_str_eq(buf_text(&b.built.report.text),
                     "z:5:1: warning: www.example. A has records with TTL 60 and TTL 300: the "
                     "smallest counts for all (RFC 2181 5.2)\n  www 300 A 192.0.2.3\n  ^\n");
    ck_assert(b.built.change.first && b.built.change.to == 5);
    ck_assert_uint_eq(b.built.change.added_count, 5);
    ck_assert_uint_eq(b.built.counted_before, 0);
    ck_assert_uint_eq(b.built.counted_after, 5);
    ck_assert_uint_eq(b.built.file_count, 1);
    ck_assert_str_eq(b.built.files[0].path, "z");
    building_serve(&b);
    expect_records(b.base, "example. 60 IN NS ns.example.\n"
                           "example. 60 IN SOA ns.example. h.example. 5 3600 3600 604800 3600\n"
                           "ns.example. 60 IN A 192.0.2.1\n"
                           "www.example. 60 IN A 192.0.2.2\n"
                           "www.example. 60 IN A 192.0.2.3\n");
    building_stop(&b);
}
END_TEST

static void run_none(void *ctx, unsigned parts, void (*part)(void *arg, unsigned index), void *arg)
{
    (void)ctx, (void)part, (void)arg;
    ck_abort_msg("%u parts", parts);
}

/* Ten thousand of them are built at a start: threads would cost more than the zones do. */
START_TEST(a_small_zone_is_built_by_one_hand)
{
    static const struct hands hands = {.count = 4, .run = run_none};
    struct building b;
    building_start(&b);
    b.job.hands = &hands;
    building_build(&b, HEAD "www A 192.0.2.2\n");
    building_serve(&b);
    building_build(&b, HEAD "new A 192.0.2.77\n");
    building_serve(&b);
    building_stop(&b);
}
END_TEST

START_TEST(an_edit_gets_a_serial_and_a_change)
{
    struct building b;
    building_start(&b);
    ck_assert_uint_eq(serve(&b, HEAD), 5);
    building_build(&b, HEAD "www A 192.0.2.2\n");
    ck_assert(b.built.ok && b.built.change.from == 5 && b.built.change.to == 6);
    ck_assert_uint_eq(b.built.change.deleted_count, 1); /* the SOA */
    ck_assert_uint_eq(b.built.change.added_count, 2);
    ck_assert_uint_eq(b.built.counted_before, 3);
    ck_assert_uint_eq(b.built.counted_after, 4);
    building_serve(&b);
    ck_assert_uint_eq(zone_serial(b.base), 6);
    building_build(&b, HEAD "WWW IN A 192.0.2.2 ; the same\n");
    ck_assert(b.built.ok && b.built.same && b.built.next == NULL);
    building_serve(&b);
    ck_assert_uint_eq(serve(&b, HEAD), 7); /* back, but the serial is not */
    ck_assert_uint_eq(serve(&b, "$TTL 60\n@ SOA ns h 9 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"), 9);
    building_build(&b, "$TTL 60\n@ SOA ns h 7 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n");
    ck_assert(b.built.ok && b.built.same); /* an older serial and nothing else is nothing */
    building_serve(&b);
    ck_assert_uint_eq(serve(&b, "$TTL 61\n@ SOA ns h 7 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"),
                      10);
    ck_assert_uint_eq(serve(&b, "$TTL 61\n@ SOA ns h 7 1h 1h 1w 2h\n@ NS ns\nns A 192.0.2.1\n"),
                      11);
    ck_assert_uint_eq(zone_line_pinned(b.line), 0);
    building_stop(&b);
}
END_TEST

START_TEST(an_edit_that_must_be_held)
{
    struct building b;
    struct buf dump = {.len = 0};
    building_start(&b);
    serve(&b, HEAD);
    kit_dump(b.base, &dump);
    b.job.policy = SERIAL_KEEP;
    building_build(&b, HEAD "www CNAME ns\nwww A 192.0.2.1\n"); /* and what else is wrong with it */
    building_refused(
        &b, "z:2:1: error: the content changed, but the serial is still 5, and the serial "
            "is kept as it is (serial: keep): raise it in the file\n"
            "z:5:1: error: www.example.: a CNAME and also A: nothing stands beside a CNAME "
            "(RFC 2181 10.1)\n");
    b.job.policy = SERIAL_AUTO;
    building_build(&b, HEAD "ns RRSIG A 8 2 60 1 1 1 example. AAAA\n"
                            "@ RRSIG SOA 8 2 60 1 1 1 example. AAAA\n");
    ck_assert_uint_eq(b.built.report.errors, 1);
    ck_assert_str_eq(report_first(&b.built.report),
                     "z:2:1: error: the content changed, but the serial is still 5, and this zone "
                     "is signed, so its serial cannot be raised here: raise it in the file");
    ck_assert(!b.built.ok && b.built.next == NULL);
    zone_built_free(&b.built);
    kit_same(b.base, &dump);
    ck_assert_uint_eq(zone_line_pinned(b.line), 0);
    buf_free(&dump);
    building_stop(&b);
}
END_TEST

START_TEST(what_was_served_before_a_restart)
{
    struct building b;
    building_start(&b);
    serve(&b, HEAD);
    b.job.has_served = true;
    b.job.served = 12;
    b.job.served_hash = zone_content_hash(b.base);
    (void)zone_release(b.base);
    b.base = NULL;
    ck_assert_uint_eq(serve(&b, HEAD), 12); /* the serial it was given then */
    (void)zone_release(b.base);
    b.base = NULL;
    ck_assert_uint_eq(serve(&b, HEAD "www A 192.0.2.2\n"), 13);
    (void)zone_release(b.base);
    b.base = NULL;
    b.job.policy = SERIAL_KEEP;
    building_build(&b, HEAD "www A 192.0.2.2\n");
    building_refused(&b,
                     "z:2:1: error: serial 5 is older than 12, which is served (RFC 1982), and the "
                     "serial is kept as it is (serial: keep): give a newer one\n");
    building_stop(&b);
}
END_TEST

START_TEST(checking_alone_chooses_no_serial)
{
    struct building b;
    building_start(&b);
    serve(&b, HEAD);
    b.job.check_only = true;
    b.job.policy = SERIAL_KEEP;
    building_build(&b, HEAD "www A 192.0.2.2\n");
    ck_assert(b.built.ok);
    ck_assert_uint_eq(zone_serial(b.built.next), 5);
    building_serve(&b);
    building_stop(&b);
}
END_TEST

START_TEST(an_rrset_that_is_too_large)
{
    struct building b;
    building_start(&b);
    building_build(&b, HEAD "$GENERATE 0-299 big TXT text-${0,250}\n");
    building_refused(&b, "z:5:1: error: big.example. has too many records: all TXT are more than "
                         "64 KiB, or all types together more than 1 MiB\n");
    ck_assert_uint_eq(zone_line_pinned(b.line), 0);
    building_stop(&b);
}
END_TEST

/* ---- from a transfer ---- */

static void add(struct buf *stream, const char *owner, uint16_t type, const char *value)
{
    struct kit_record k;
    struct name n = kit_name(owner);
    record_add(stream, kit_set(&k, n.octets, type, value));
}

static void build_stream(struct building *b, const char *serial, const char *address)
{
    b->job.kind = ZONE_JOB_RECORDS;
    b->job.records.len = 0;
    add(&b->job.records, "example", TYPE_SOA, serial);
    add(&b->job.records, "example", TYPE_NS, "ns.example");
    add(&b->job.records, "ns.example", TYPE_A, address);
    building_build(b, NULL);
}

START_TEST(a_transfer_becomes_a_version_as_it_is)
{
    struct building b;
    building_start(&b);
    build_stream(&b, "7", "1");
    building_serve(&b);
    ck_assert_uint_eq(zone_serial(b.base), 7);
    build_stream(&b, "9", "2");
    ck_assert(b.built.change.from == 7 && b.built.change.to == 9);
    building_serve(&b);
    build_stream(&b, "9", "2");
    ck_assert(b.built.ok && b.built.same);
    building_serve(&b);
    build_stream(&b, "8", "2"); /* whether an older one is taken is not decided here */
    ck_assert(b.built.ok && !b.built.same);
    building_serve(&b);
    ck_assert_uint_eq(zone_serial(b.base), 8);
    zone_job_clear(&b.job);
    building_stop(&b);
}
END_TEST

/* Two records of 40 KiB: no RRset. */
static void add_large(struct buf *stream)
{
    static uint8_t rdata[40 * 1024];
    struct name owner = kit_name("big.example");
    struct record rr = {
        .owner = owner.octets, .type = 65280, .rdlen = sizeof rdata, .rdata = rdata};
    record_add(stream, &rr);
    rdata[0] = 1;
    record_add(stream, &rr);
}

START_TEST(a_transfer_that_is_none)
{
    struct building b;
    building_start(&b);
    build_stream(&b, "7", "1");
    building_serve(&b);
    b.job.records.len = 0;
    building_build(&b, NULL);
    building_refused(&b, "error: the zone has no SOA: expected one record like \"example. SOA ns "
                         "hostmaster 1 1h 15m 2w 5m\"\n");
    add(&b.job.records, "example", TYPE_SOA, "1");
    add(&b.job.records, "example", TYPE_SOA, "2");
    building_build(&b, NULL);
    building_refused(&b, "error: a second SOA of example.: a zone has exactly one\n");
    b.job.records.len = 0;
    add(&b.job.records, "example", TYPE_SOA, "1");
    add(&b.job.records, "other", TYPE_A, "1");
    building_build(&b, NULL);
    building_refused(&b, "error: the records are damaged, or of another zone\n");
    b.job.records.len -= 11;
    building_build(&b, NULL);
    building_refused(&b, "error: the records are damaged, or of another zone\n");
    b.job.records.len = 0;
    add(&b.job.records, "example", TYPE_SOA, "1");
    add_large(&b.job.records);
    building_build(&b, NULL);
    building_refused(&b, "error: big.example. has too many records: all TYPE65280 are more than 64 "
                         "KiB, or all types together more than 1 MiB\n");
    ck_assert_uint_eq(zone_serial(b.base), 7);
    ck_assert_uint_eq(zone_line_pinned(b.line), 0);
    zone_job_clear(&b.job);
    building_stop(&b);
}
END_TEST

START_TEST(a_transfer_is_served_with_its_faults)
{
    struct building b;
    building_start(&b);
    b.job.kind = ZONE_JOB_RECORDS;
    add(&b.job.records, "example", TYPE_SOA, "1");
    add(&b.job.records, "a.example", TYPE_CNAME, "x"); /* its primary may say so */
    add(&b.job.records, "a.example", TYPE_A, "1");
    building_build(&b, NULL);
    ck_assert_str_eq(buf_text(&b.built.report.text), "");
    building_serve(&b);
    zone_job_clear(&b.job);
    building_stop(&b);
}
END_TEST

/* ---- deltas ---- */

/* From serial to serial: the address n is exchanged for n + 1. */
static struct change delta(uint32_t from, uint32_t to, uint32_t address)
{
    struct change c;
    char serial[2][12], value[2][12];
    change_init(&c);
    for (unsigned i = 0; i < 2; i++) {
        snprintf(serial[i], sizeof serial[i], "%u", i == 0 ? from : to);
        snprintf(value[i], sizeof value[i], "%u", address + i);
    }
    c.from = from;
    c.to = to;
    c.deleted_count = c.added_count = 2;
    add(&c.deleted, "example", TYPE_SOA, serial[0]);
    add(&c.deleted, "ns.example", TYPE_A, value[0]);
    add(&c.added, "example", TYPE_SOA, serial[1]);
    add(&c.added, "ns.example", TYPE_A, value[1]);
    return c;
}

static void give_deltas(struct building *b, struct change one, struct change two)
{
    b->job.kind = ZONE_JOB_CHANGES;
    b->job.changes = malloc(2 * sizeof *b->job.changes);
    b->job.changes[0] = one;
    b->job.changes[1] = two;
    b->job.change_count = 2;
}

START_TEST(deltas_one_after_the_other_are_one_change)
{
    struct building b;
    building_start(&b);
    build_stream(&b, "7", "1");
    building_serve(&b);
    zone_job_clear(&b.job);
    give_deltas(&b, delta(7, 8, 1), delta(8, 11, 2));
    building_build(&b, NULL);
    ck_assert(b.built.ok && !b.built.same);
    ck_assert(b.built.change.from == 7 && b.built.change.to == 11);
    ck_assert(b.built.change.deleted_count == 2 && b.built.change.added_count == 2);
    building_serve(&b);
    ck_assert_uint_eq(zone_serial(b.base), 11);
    ck_assert_uint_eq(zone_line_pinned(b.line), 0);
    zone_job_clear(&b.job);
    building_build(&b, NULL); /* none at all */
    ck_assert(b.built.ok && b.built.same && b.built.next == NULL);
    building_serve(&b);
    building_stop(&b);
}
END_TEST

START_TEST(a_delta_that_does_not_fit_changes_nothing)
{
    struct building b;
    struct buf dump = {.len = 0};
    building_start(&b);
    build_stream(&b, "7", "1");
    building_serve(&b);
    kit_dump(b.base, &dump);
    zone_job_clear(&b.job);
    give_deltas(&b, delta(7, 8, 1), delta(9, 11, 2)); /* the chain is broken */
    building_build(&b, NULL);
    ck_assert(!b.built.ok && b.built.next == NULL && b.built.report.errors == 1);
    zone_built_free(&b.built);
    zone_job_clear(&b.job);
    give_deltas(&b, delta(7, 8, 1), delta(8, 11, 7)); /* deletes what is not there */
    building_build(&b, NULL);
    ck_assert(!b.built.ok && b.built.next == NULL && b.built.report.errors == 1);
    zone_built_free(&b.built);
    zone_job_clear(&b.job);
    kit_same(b.base, &dump);
    ck_assert_uint_eq(zone_line_pinned(b.line), 0);
    buf_free(&dump);
    building_stop(&b);
}
END_TEST

TCase *case_zone_build(void)
{
    TCase *c = tcase_create("zone_build");
    tcase_add_test(c, a_file_becomes_a_version);
    tcase_add_test(c, a_small_zone_is_built_by_one_hand);
    tcase_add_test(c, an_edit_gets_a_serial_and_a_change);
    tcase_add_test(c, an_edit_that_must_be_held);
    tcase_add_test(c, what_was_served_before_a_restart);
    tcase_add_test(c, checking_alone_chooses_no_serial);
    tcase_add_test(c, an_rrset_that_is_too_large);
    tcase_add_test(c, a_transfer_becomes_a_version_as_it_is);
    tcase_add_test(c, a_transfer_that_is_none);
    tcase_add_test(c, a_transfer_is_served_with_its_faults);
    tcase_add_test(c, deltas_one_after_the_other_are_one_change);
    tcase_add_test(c, a_delta_that_does_not_fit_changes_nothing);
    return c;
}
