/* answer_cached.c - tests of answers from a cache zone: what is there, what has to be asked, what
 * is stale, what has just come. */
#include "answer_fixture.h"
#include "cases.h"

#define RD .recursion = true

static struct bench *a_bench(void)
{
    struct bench *b = bench_new();
    bench_cache(b, "example");
    bench_ready(b);
    return b;
}

static void later(struct bench *b, int64_t s)
{
    b->now.mono = mono_plus_s(b->now.mono, s);
}

struct kept {      /* an entry for the cache */
    unsigned zone; /* number of its slot */
    const char *name, *type, *rdata;
    enum cache_kind kind;
    uint32_t ttl_s;
    bool dnssec_ok;
    const char *sig;   /* rdata of its RRSIG */
    const char *proof; /* NSEC rdata at the same name */
};

static void add_rdata(struct buf *set, uint16_t type, const char *text)
{
    struct buf rdata = {0};
    const char *why;
    size_t at;
    ck_assert(rdata_parse(type, text, strlen(text), name_root, &rdata, &why, &at));
    buf_add_u16(set, (uint16_t)rdata.len);
    buf_add(set, rdata.data, rdata.len);
    buf_free(&rdata);
}

static struct rrset set_of(struct buf *space, uint16_t type, const char *rdata, uint32_t ttl)
{
    add_rdata(space, type, rdata);
    return (struct rrset){type, 1, ttl, (uint32_t)space->len, space->data};
}

static void keep(struct bench *b, struct kept k)
{
    struct buf data = {0}, sig = {0}, proof = {0}, soa = {0};
    struct name name = a_name(k.name);
    struct rrset sigs, proofs;
    uint16_t type = 0;
    ck_assert(k.type == NULL || rrtype_parse(k.type, strlen(k.type), &type));
    struct cache_key key = {b->slots[k.zone].cache, name.octets, type, k.dnssec_ok};
    struct cache_entry e = {.kind = k.kind, .ttl_s = k.ttl_s, .asked = b->now.mono};
    if (k.rdata != NULL) {
        e.set = set_of(&data, type, k.rdata, k.ttl_s);
    } else {
        soa_of(&soa, 7);
        e.soa = soa.data;
        e.soa_len = (uint16_t)soa.len;
        e.soa_owner = b->slots[k.zone].name;
    }
    if (k.sig != NULL) {
        sigs = set_of(&sig, TYPE_RRSIG, k.sig, k.ttl_s);
        e.sigs = &sigs;
    }
    if (k.proof != NULL) {
        proofs = set_of(&proof, TYPE_NSEC, k.proof, k.ttl_s);
        e.proof = &proofs;
        e.proof_owners = &name;
        e.proof_count = 1;
    }
    ck_assert_int_eq(cache_put(b->cache, 0, &key, &e, b->now.mono), CACHE_PUT);
    buf_free(&data);
    buf_free(&sig);
    buf_free(&proof);
    buf_free(&soa);
}

#define KEEP(b, ...) keep(b, (struct kept){__VA_ARGS__})
#define SOA_AT(ttl)  "au example. " ttl " IN SOA ns.example. admin.example. 7 3600 600 86400 300\n"

START_TEST(what_is_there_gets_older)
{
    struct bench *b = a_bench();
    KEEP(b, .name = "www.example", .type = "A", .rdata = "192.0.2.1", .ttl_s = 60);
    EXPECT(b, "NOERROR rd ra\nan www.example. 60 IN A 192.0.2.1\n", "www.example", "A", RD);
    later(b, 20);
    EXPECT(b, "NOERROR rd ra\nan wWw.example. 40 IN A 192.0.2.1\n", "wWw.example", "A", RD);
    ck_assert_uint_eq(counted(&b->counters, COUNT_cache_hits), 2);
    later(b, 41);
    EXPECT(b, "ask", "www.example", "A", RD);
    ck_assert_uint_eq(counted(&b->counters, COUNT_cache_misses), 1);
    bench_free(b);
}
END_TEST

START_TEST(what_has_to_be_asked)
{
    struct bench *b = a_bench();
    EXPECT(b, "ask", "www.Example", "MX", RD, .dnssec_ok = true, .flags = MSG_CD);
    ck_assert_ptr_eq(b->out.ask.zone->slot, &b->slots[0]);
    ck_assert(name_same(b->out.ask.name.octets, a_name("www.example").octets));
    ck_assert_uint_eq(b->out.ask.type, TYPE_MX);
    ck_assert(b->out.ask.dnssec_ok && b->out.ask.checking_disabled);
    ck_assert_int_eq(b->out.wish, WISH_NONE);
    b->try.asked = ANSWER_ASKS - 1;
    EXPECT(b, "ask", "www.example", "MX", RD);
    b->try.asked = ANSWER_ASKS;
    EXPECT(b, "SERVFAIL rd ra\nede 0 too many questions upstream\n", "www.example", "MX", RD);
    ck_assert_uint_eq(counted(&b->counters, COUNT_cache_misses), 1);
    bench_free(b);
}
END_TEST

START_TEST(denials)
{
    struct bench *b = a_bench();
    KEEP(b, .name = "www.example", .type = "AAAA", .kind = CACHE_NODATA, .ttl_s = 100);
    KEEP(b, .name = "no.example", .kind = CACHE_NXDOMAIN, .ttl_s = 100);
    later(b, 30);
    EXPECT(b, "NOERROR rd ra\n" SOA_AT("70"), "www.example", "AAAA", RD);
    EXPECT(b, "NXDOMAIN rd ra\n" SOA_AT("70"), "no.example", "A", RD);
    EXPECT(b, "NXDOMAIN rd ra\n" SOA_AT("70"), "below.no.example", "TXT", RD);
    EXPECT(b, "ask", "www.example", "A", RD);
    bench_free(b);
}
END_TEST

START_TEST(links)
{
    struct bench *b = a_bench();
    KEEP(b, .name = "a.example", .type = "CNAME", .rdata = "b.example.", .ttl_s = 100);
    EXPECT(b, "ask", "a.example", "A", RD);
    ck_assert(name_same(b->out.ask.name.octets, a_name("b.example").octets));
    EXPECT(b, "NOERROR rd ra\nan a.example. 100 IN CNAME b.example.\n", "a.example", "CNAME", RD);
    KEEP(b, .name = "b.example", .type = "A", .rdata = "192.0.2.1", .ttl_s = 50);
    EXPECT(b,
           "NOERROR rd ra\n"
           "an a.example. 100 IN CNAME b.example.\n"
           "an b.example. 50 IN A 192.0.2.1\n",
           "a.example", "A", RD);
    KEEP(b, .name = "c.example", .type = "CNAME", .rdata = "www.elsewhere.", .ttl_s = 100);
    EXPECT(b, "NOERROR rd ra\nan c.example. 100 IN CNAME www.elsewhere.\n", "c.example", "A", RD);
    KEEP(b, .name = "l.example", .type = "CNAME", .rdata = "l.example.", .ttl_s = 100);
    EXPECT(b, "SERVFAIL rd ra\nede 0 CNAME loop or chain too long\n", "l.example", "A", RD);
    bench_free(b);
}
END_TEST

START_TEST(dnames_make_links)
{
    struct bench *b = a_bench();
    KEEP(b, .name = "old.example", .type = "DNAME", .rdata = "new.example.", .ttl_s = 100);
    KEEP(b, .name = "x.y.new.example", .type = "A", .rdata = "192.0.2.1", .ttl_s = 50);
    EXPECT(b,
           "NOERROR rd ra\n"
           "an old.example. 100 IN DNAME new.example.\n"
           "an x.y.old.example. 100 IN CNAME x.y.new.example.\n"
           "an x.y.new.example. 50 IN A 192.0.2.1\n",
           "x.y.old.example", "A", RD);
    EXPECT(b, "ask", "old.example", "A", RD);
    bench_free(b);
}
END_TEST

START_TEST(signatures_and_proofs)
{
#define SIG(type) type " 8 2 300 20300101000000 20200101000000 1 example. AAAA"
    struct bench *b = a_bench();
    KEEP(b, .name = "www.example", .type = "A", .rdata = "192.0.2.1", .ttl_s = 60,
         .dnssec_ok = true, .sig = SIG("A"), .proof = "z.example. A RRSIG");
    KEEP(b, .name = "no.example", .kind = CACHE_NXDOMAIN, .ttl_s = 100, .dnssec_ok = true,
         .proof = "z.example. A RRSIG");
    EXPECT(b,
           "NOERROR rd ra\n"
           "an www.example. 60 IN A 192.0.2.1\n"
           "an www.example. 60 IN RRSIG " SIG("A") "\n"
                                                   "au www.example. 60 IN NSEC z.example. A RRSIG\n"
                                                   "do\n",
           "www.example", "A", RD, .dnssec_ok = true);
    EXPECT(b,
           "NXDOMAIN rd ra\n" SOA_AT("100") "au no.example. 100 IN NSEC z.example. A RRSIG\ndo\n",
           "no.example", "A", RD, .dnssec_ok = true);
    EXPECT(b, "ask", "www.example", "A", RD);
    bench_free(b);
}
END_TEST

/* RFC 8767: only when upstream does not answer, TTL 30, and never when the zone may have
 * changed. */
START_TEST(stale)
{
    struct bench *b = a_bench();
    KEEP(b, .name = "www.example", .type = "A", .rdata = "192.0.2.1", .ttl_s = 60);
    KEEP(b, .name = "no.example", .kind = CACHE_NXDOMAIN, .ttl_s = 60);
    later(b, 100);
    EXPECT(b, "ask", "www.example", "A", RD);
    b->try.asked = 1;
    b->try.stale_ok = true;
    EXPECT(b, "NOERROR rd ra\nan www.example. 30 IN A 192.0.2.1\nede 3\n", "www.example", "A", RD);
    EXPECT(b, "NXDOMAIN rd ra\n" SOA_AT("30") "ede 19\n", "no.example", "A", RD);
    EXPECT(b, "ask", "other.example", "A", RD); /* it is still being waited for */
    ck_assert_uint_eq(counted(&b->counters, COUNT_cache_stale), 2);
    b->try.failed = true;
    b->try.ede = EDE_NO_REACHABLE_AUTHORITY;
    EXPECT(b, "NOERROR rd ra\nan www.example. 30 IN A 192.0.2.1\nede 3\n", "www.example", "A", RD);
    EXPECT(b, "SERVFAIL rd ra\nede 22\n", "other.example", "A", RD);
    atomic_store(&b->slots[0].cache->unsure, true);
    EXPECT(b, "SERVFAIL rd ra\nede 22\n", "www.example", "A", RD);
    b->try.failed = false;
    EXPECT(b, "ask", "www.example", "A", RD);
    bench_free(b);
}
END_TEST

/* What came with TTL 0 is in no cache: it is shown to those who waited, before what the cache
 * has. */
START_TEST(fresh_comes_first)
{
    static const uint8_t address[] = {0, 4, 192, 0, 2, 9};
    struct bench *b = a_bench();
    struct name www = a_name("www.example"), no = a_name("no.example");
    const struct cache_zone *z = b->slots[0].cache;
    struct answer_fresh fresh[] = {
        {.key = {z, www.octets, TYPE_A, false},
         .found = {.kind = CACHE_RRSET, .set = {TYPE_A, 1, 0, sizeof address, address}}},
        {.key = {z, no.octets, 0, false}, .found = {.kind = CACHE_NXDOMAIN}},
    };
    KEEP(b, .name = "www.example", .type = "A", .rdata = "192.0.2.1", .ttl_s = 60);
    b->try = (struct answer_try){.asked = 1, .fresh = fresh, .fresh_count = 2};
    EXPECT(b, "NOERROR rd ra\nan www.example. 0 IN A 192.0.2.9\n", "www.example", "A", RD);
    EXPECT(b, "NXDOMAIN rd ra\n", "no.example", "A", RD); /* no SOA came along: none is shown */
    EXPECT(b, "ask", "www.example", "A", RD, .dnssec_ok = true);
    b->try.fresh_count = 0;
    EXPECT(b, "NOERROR rd ra\nan www.example. 60 IN A 192.0.2.1\n", "www.example", "A", RD);
    bench_free(b);
}
END_TEST

START_TEST(refresh_near_the_end)
{
    struct bench *b = a_bench();
    KEEP(b, .name = "www.example", .type = "A", .rdata = "192.0.2.1", .ttl_s = 100);
    ASK(b, "www.example", "A", RD);
    ck_assert_int_eq(b->out.wish, WISH_NONE);
    later(b, 95);
    EXPECT(b, "NOERROR rd ra\nan www.example. 5 IN A 192.0.2.1\n", "www.example", "A", RD);
    ck_assert_int_eq(b->out.wish, WISH_REFRESH);
    ck_assert(name_same(b->out.ask.name.octets, a_name("www.example").octets));
    ck_assert_uint_eq(b->out.ask.type, TYPE_A);
    ASK(b, "www.example", "A", RD); /* one asker is enough */
    ck_assert_int_eq(b->out.wish, WISH_NONE);
    bench_free(b);
}
END_TEST

/* RFC 8482 4.2. */
START_TEST(any_is_never_asked)
{
    struct bench *b = a_bench();
    EXPECT(b, "NOERROR rd ra\nan www.example. 0 IN HINFO \"RFC8482\" \"\"\n", "www.example", "ANY",
           RD);
    KEEP(b, .name = "a.example", .type = "CNAME", .rdata = "b.example.", .ttl_s = 100);
    EXPECT(b, "NOERROR rd ra\nan a.example. 100 IN CNAME b.example.\n", "a.example", "ANY", RD);
    KEEP(b, .name = "no.example", .kind = CACHE_NXDOMAIN, .ttl_s = 60);
    EXPECT(b, "NXDOMAIN rd ra\n" SOA_AT("60"), "no.example", "ANY", RD);
    bench_free(b);
}
END_TEST

START_TEST(who_may_and_how)
{
    struct bench *b = a_bench();
    KEEP(b, .name = "www.example", .type = "A", .rdata = "192.0.2.1", .ttl_s = 60);
    EXPECT(b, "REFUSED\nede 20\n", "www.example", "A");
    b->rules[0].allow.any = false;
    EXPECT(b, "REFUSED rd\nede 18\n", "www.example", "A", RD);
    b->rules[0].allow.any = true;
    b->worker.cache = NULL;
    EXPECT(b, "SERVFAIL rd ra\nede 14 no cache\n", "www.example", "A", RD);
    bench_free(b);
}
END_TEST

/* From a zone of ours into the cache and back, as far as the asker may. */
START_TEST(between_zones)
{
    struct bench *b = bench_new();
    bench_cache(b, ".");
    bench_zone(b, "ours", "a 10 CNAME www.theirs.\nc 10 A 192.0.2.3\n");
    bench_ready(b);
    EXPECT(b, "NOERROR aa\nan a.ours. 10 IN CNAME www.theirs.\n", "a.ours", "A");
    EXPECT(b, "ask", "a.ours", "A", RD);
    ck_assert(name_same(b->out.ask.name.octets, a_name("www.theirs").octets));
    KEEP(b, .name = "www.theirs", .type = "CNAME", .rdata = "c.ours.", .ttl_s = 20);
    EXPECT(b,
           "NOERROR aa rd ra\n"
           "an a.ours. 10 IN CNAME www.theirs.\n"
           "an www.theirs. 20 IN CNAME c.ours.\n"
           "an c.ours. 10 IN A 192.0.2.3\n",
           "a.ours", "A", RD);
    EXPECT(b,
           "NOERROR rd ra\n"
           "an www.theirs. 20 IN CNAME c.ours.\n"
           "an c.ours. 10 IN A 192.0.2.3\n",
           "www.theirs", "A", RD, .zoneversion = true);
    b->rules[0].allow.any = false;
    EXPECT(b, "NOERROR aa rd\nan a.ours. 10 IN CNAME www.theirs.\n", "a.ours", "A", RD);
    EXPECT(b, /* DS of our apex is nobody's else to deny, when the asker may not use the cache */
           "NOERROR aa rd\nau ours. 300 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n",
           "ours", "DS", RD);
    b->rules[0].allow.any = true;
    EXPECT(b, "ask", "ours", "DS", RD);
    bench_free(b);
}
END_TEST

TCase *case_answer_cached(void)
{
    TCase *c = tcase_create("answer_cached");
    tcase_add_test(c, what_is_there_gets_older);
    tcase_add_test(c, what_has_to_be_asked);
    tcase_add_test(c, denials);
    tcase_add_test(c, links);
    tcase_add_test(c, dnames_make_links);
    tcase_add_test(c, signatures_and_proofs);
    tcase_add_test(c, stale);
    tcase_add_test(c, fresh_comes_first);
    tcase_add_test(c, refresh_near_the_end);
    tcase_add_test(c, any_is_never_asked);
    tcase_add_test(c, who_may_and_how);
    tcase_add_test(c, between_zones);
    return c;
}
