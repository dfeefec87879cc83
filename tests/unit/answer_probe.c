/* answer_probe.c - tests of the question whether a cache has settled (CONVERGENCE.md, Evidence). */
#include "answer_fixture.h"
#include "cases.h"

#define PROBE .zoneversion = true

static struct bench *a_bench(void)
{
    struct bench *b = bench_new();
    bench_cache(b, "example");
    bench_ready(b);
    return b;
}

/* The keeper's: the zone's SOA, and the serial the cache is coherent with. */
static struct slot_soa *settle(struct bench *b, uint32_t soa_serial, uint32_t coherent)
{
    struct buf rdata = {0};
    soa_of(&rdata, soa_serial);
    struct slot_soa *soa = calloc(1, sizeof *soa + rdata.len);
    ck_assert(soa != NULL);
    soa->ttl = 3600;
    soa->len = (uint16_t)rdata.len;
    memcpy(soa->rdata, rdata.data, rdata.len);
    buf_free(&rdata);
    atomic_store(&b->slots[0].soa, soa);
    atomic_store(&b->slots[0].cache->coherent, cache_serial(coherent));
    return soa;
}

START_TEST(marked_answer)
{
    struct bench *b = a_bench();
    struct slot_soa *soa = settle(b, 6, 8);
    EXPECT(b,
           "NOERROR\n"
           "an example. 0 IN SOA ns.example. admin.example. 8 3600 600 86400 300\n"
           "mark\n",
           "example", "SOA", PROBE);
    EXPECT(b,
           "NOERROR\n"
           "an Example. 0 IN SOA ns.example. admin.example. 8 3600 600 86400 300\n"
           "mark\n",
           "Example", "SOA", PROBE, .tcp = true);
    bench_free(b);
    free(soa);
}
END_TEST

START_TEST(not_settled_yet)
{
    struct bench *b = a_bench();
    EXPECT(b, "SERVFAIL\nede 14\n", "example", "SOA", PROBE);
    struct slot_soa *soa = settle(b, 6, 6);
    atomic_store(&b->slots[0].cache->coherent, 0);
    EXPECT(b, "SERVFAIL\nede 14\n", "example", "SOA", PROBE);
    bench_free(b);
    free(soa);
}
END_TEST

START_TEST(only_such_a_question)
{
    struct bench *b = a_bench();
    struct slot_soa *soa = settle(b, 8, 8);
    EXPECT(b, "REFUSED\nede 20\n", "example", "SOA");
    EXPECT(b, "REFUSED\nede 20\n", "example", "NS", PROBE);
    EXPECT(b, "REFUSED\nede 20\n", "www.example", "SOA", PROBE);
    EXPECT(b, "ask", "example", "SOA", PROBE, .recursion = true);
    bench_free(b);
    free(soa);
}
END_TEST

START_TEST(only_from_those_who_may)
{
    struct prefix primary;
    ck_assert(prefix_parse("192.0.2.99", &primary));
    struct bench *b = a_bench();
    struct slot_soa *soa = settle(b, 8, 8);
    b->rules[0].allow.any = false;
    EXPECT(b, "REFUSED\nede 18\n", "example", "SOA", PROBE);
    b->rules[0].notify_from = (struct config_acl){.items = &primary, .count = 1};
    ck_assert_ptr_nonnull(strstr(ASK(b, "example", "SOA", PROBE), "mark\n"));
    bench_free(b);
    free(soa);
}
END_TEST

TCase *case_answer_probe(void)
{
    TCase *c = tcase_create("answer_probe");
    tcase_add_test(c, marked_answer);
    tcase_add_test(c, not_settled_yet);
    tcase_add_test(c, only_such_a_question);
    tcase_add_test(c, only_from_those_who_may);
    return c;
}
