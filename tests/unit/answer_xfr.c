/* answer_xfr.c - tests of AXFR and IXFR questions: who gets a stream, one SOA, or nothing. */
#include "answer_fixture.h"
#include "cases.h"

#define SOA_TEXT                                                                                   \
    "NOERROR aa\nan example. 3600 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n"

static struct bench *a_bench(void)
{
    struct bench *b = bench_new();
    bench_rules(b, bench_zone(b, "example", "www 60 A 192.0.2.1\n"))->transfer.any = true;
    bench_zone(b, "closed", "www 60 A 192.0.2.1\n");
    bench_rules(b, bench_cache(b, "cached"))->transfer.any = true;
    bench_ready(b);
    return b;
}

START_TEST(stream_over_tcp)
{
    struct bench *b = a_bench();
    EXPECT(b, "stream", "example", "AXFR", .tcp = true);
    ck_assert_ptr_eq(b->out.stream.zone->slot, &b->slots[0]);
    ck_assert_ptr_eq(b->out.stream.version, atomic_load(&b->slots[0].version));
    ck_assert(!b->out.stream.ixfr);
    EXPECT(b, "stream", "EXAMPLE", "IXFR", .tcp = true, .has_soa = true, .serial = 6);
    ck_assert(b->out.stream.ixfr && b->out.stream.from_serial == 6);
    ck_assert_uint_eq(counted(&b->counters, COUNT_transfers_refused), 0);
    bench_free(b);
}
END_TEST

/* RFC 1995 2: who is current gets our SOA; over UDP everybody does. */
START_TEST(one_soa)
{
    struct bench *b = a_bench();
    EXPECT(b, SOA_TEXT, "example", "IXFR", .tcp = true, .has_soa = true, .serial = 7);
    EXPECT(b, SOA_TEXT, "example", "IXFR", .tcp = true, .has_soa = true, .serial = 8);
    EXPECT(b, SOA_TEXT, "example", "IXFR", .has_soa = true, .serial = 6);
    bench_free(b);
}
END_TEST

START_TEST(refused)
{
    struct bench *b = a_bench();
    EXPECT(b, "FORMERR\n", "example", "AXFR");
    EXPECT(b, "FORMERR\n", "example", "IXFR", .tcp = true);
    EXPECT(b, "NOTAUTH\nede 20\n", "www.example", "AXFR", .tcp = true);
    EXPECT(b, "NOTAUTH\nede 20\n", "elsewhere", "AXFR", .tcp = true);
    EXPECT(b, "REFUSED\nede 18\n", "closed", "AXFR", .tcp = true);
    EXPECT(b, "REFUSED\nede 18\n", "closed", "IXFR", .tcp = true, .has_soa = true, .serial = 6);
    EXPECT(b, "REFUSED\nede 18\n", "closed", "IXFR", .has_soa = true, .serial = 6);
    EXPECT(b, "REFUSED\nede 18\n", "cached", "AXFR", .tcp = true);
    ck_assert_uint_eq(counted(&b->counters, COUNT_transfers_refused), 8);
    ck_assert_int_eq(b->out.wish, WISH_NONE);
    atomic_store(&b->slots[0].state, SLOT_LOADING);
    EXPECT(b, "SERVFAIL\nede 14\n", "example", "AXFR", .tcp = true);
    atomic_store(&b->slots[0].state, SLOT_EXPIRED);
    EXPECT(b, "SERVFAIL\nede 24\n", "example", "AXFR", .tcp = true);
    bench_free(b);
}
END_TEST

START_TEST(hints_for_the_keeper)
{
    struct bench *b = a_bench();
    ASK(b, "example", "IXFR", .tcp = true, .has_soa = true, .serial = 6);
    ck_assert_int_eq(b->out.wish, WISH_HINT);
    ck_assert_uint_eq(b->out.told.ask_kind, TYPE_IXFR);
    ck_assert(b->out.told.has_serial && b->out.told.serial == 6);
    ASK(b, "example", "AXFR", .tcp = true);
    ck_assert_int_eq(b->out.wish, WISH_HINT);
    ASK(b, "example", "SOA", .tcp = true);
    ck_assert_int_eq(b->out.wish, WISH_HINT);
    ck_assert_uint_eq(b->out.told.ask_kind, TYPE_SOA);
    ck_assert_ptr_eq(b->out.told.zone->slot, &b->slots[0]);
    ASK(b, "example", "SOA"); /* a sender of UDP may be anybody */
    ck_assert_int_eq(b->out.wish, WISH_NONE);
    ASK(b, "example", "IXFR", .has_soa = true, .serial = 6);
    ck_assert_int_eq(b->out.wish, WISH_NONE);
    ASK(b, "closed", "SOA", .tcp = true);
    ck_assert_int_eq(b->out.wish, WISH_NONE);
    ASK(b, "www.example", "SOA", .tcp = true);
    ck_assert_int_eq(b->out.wish, WISH_NONE);
    bench_free(b);
}
END_TEST

TCase *case_answer_xfr(void)
{
    TCase *c = tcase_create("answer_xfr");
    tcase_add_test(c, stream_over_tcp);
    tcase_add_test(c, one_soa);
    tcase_add_test(c, refused);
    tcase_add_test(c, hints_for_the_keeper);
    return c;
}
