/* answer_chain.c - tests of following CNAMEs and DNAMEs: within a zone, across zones, in circles,
 * too far. */
#include "answer/chain.h"
#include "answer_fixture.h"
#include "cases.h"

START_TEST(within_a_zone)
{
    struct bench *b = bench_new();
    bench_zone(b, "example",
               "a 10 CNAME b\nb 20 CNAME c\nc 30 A 192.0.2.1\nx 10 CNAME none\ny 10 CNAME c\n");
    bench_ready(b);
    EXPECT(b,
           "NOERROR aa\n"
           "an a.example. 10 IN CNAME b.example.\n"
           "an b.example. 20 IN CNAME c.example.\n"
           "an c.example. 30 IN A 192.0.2.1\n",
           "a.example", "A");
    EXPECT(b, "NOERROR aa\nan a.example. 10 IN CNAME b.example.\n", "a.example", "CNAME");
    EXPECT(b, /* RFC 6604 3: the rcode is the last name's */
           "NXDOMAIN aa\n"
           "an x.example. 10 IN CNAME none.example.\n"
           "au example. 300 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n",
           "x.example", "A");
    EXPECT(b,
           "NOERROR aa\n"
           "an y.example. 10 IN CNAME c.example.\n"
           "au example. 300 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n",
           "y.example", "AAAA");
    bench_free(b);
}
END_TEST

START_TEST(across_zones_of_ours)
{
    struct bench *b = bench_new();
    bench_zone(b, "one",
               "a 10 CNAME b.two.\nout 10 CNAME www.elsewhere.\nc 10 A 192.0.2.1\n"
               "r 10 CNAME x.sub.two.\n");
    const struct config_zone *two =
        bench_zone(b, "two", "b 10 CNAME c.one.\nsub 60 NS ns.elsewhere.\nd 10 CNAME gone.two.\n");
    bench_ready(b);
    EXPECT(b,
           "NOERROR aa\n"
           "an a.one. 10 IN CNAME b.two.\n"
           "an b.two. 10 IN CNAME c.one.\n"
           "an c.one. 10 IN A 192.0.2.1\n",
           "a.one", "A");
    EXPECT(b, "NOERROR aa\nan out.one. 10 IN CNAME www.elsewhere.\n", "out.one", "A");
    EXPECT(b, /* AA is about the first owner, the referral about the last */
           "NOERROR aa\n"
           "an r.one. 10 IN CNAME x.sub.two.\n"
           "au sub.two. 60 IN NS ns.elsewhere.\n",
           "r.one", "A");
    bench_rules(b, two)->allow.any = false; /* who may not ask there gets the link alone */
    EXPECT(b, "NOERROR aa\nan a.one. 10 IN CNAME b.two.\n", "a.one", "A");
    bench_rules(b, two)->allow.any = true;
    atomic_store(&b->slots[1].state, SLOT_LOADING);
    EXPECT(b, "NOERROR aa\nan a.one. 10 IN CNAME b.two.\n", "a.one", "A");
    bench_free(b);
}
END_TEST

/* CONVERGENCE.md, I3: coming back to a zone shows the version seen before. */
START_TEST(one_version_per_question)
{
    struct bench *b = bench_new();
    bench_zone(b, "one", "a 10 CNAME b.two.\nc 10 CNAME d.two.\n");
    bench_zone(b, "two", "b 10 CNAME c.one.\nd 10 A 192.0.2.1\n");
    bench_ready(b);
    struct name qname = a_name("a.one");
    struct packet p = {.from = b->from};
    struct job j = {.worker = &b->worker, .packet = &p, .try = &b->try, .out = &b->out};
    j.query.qname = qname.octets;
    j.query.qtype = TYPE_A;
    struct chain c;
    chain_follow(&j, &c, &b->world->zones[0]);
    ck_assert_int_eq(c.end, CHAIN_ANSWER);
    ck_assert_uint_eq(c.sets, 4);
    ck_assert_uint_eq(c.zones, 2);
    ck_assert_ptr_eq(c.seen[0].version, atomic_load(&b->slots[0].version));
    bench_free(b);
}
END_TEST

START_TEST(circles_and_long_ways)
{
    struct bench *b = bench_new();
    bench_zone(b, "example",
               "self 10 CNAME self\na 10 CNAME b\nb 10 CNAME a\n"
               "l0 10 CNAME l1\nl1 10 CNAME l2\nl2 10 CNAME l3\nl3 10 CNAME l4\nl4 10 CNAME l5\n"
               "l5 10 CNAME l6\nl6 10 CNAME l7\nl7 10 CNAME l8\nl8 10 CNAME l9\nl9 10 A 192.0.2.1\n"
               "d 10 DNAME x.d\n");
    bench_ready(b);
    EXPECT(b, "NOERROR aa\nan self.example. 10 IN CNAME self.example.\n", "self.example", "A");
    EXPECT(b,
           "NOERROR aa\n"
           "an a.example. 10 IN CNAME b.example.\n"
           "an b.example. 10 IN CNAME a.example.\n",
           "a.example", "A");
    ck_assert_uint_eq(counted(&b->counters, COUNT_cname_limit), 2);
    ck_assert_ptr_nonnull(strstr(ASK(b, "l1.example", "A"), "192.0.2.1"));
    ck_assert_uint_eq(counted(&b->counters, COUNT_cname_limit), 2);
    ck_assert_ptr_null(strstr(ASK(b, "l0.example", "A"), "192.0.2.1"));
    ck_assert_ptr_nonnull(strstr(b->text, "l7.example. 10 IN CNAME l8.example.\n"));
    ck_assert_ptr_null(strstr(b->text, "l8.example. 10 IN CNAME"));
    ck_assert_uint_eq(counted(&b->counters, COUNT_cname_limit), 3);
    ASK(b, "y.d.example", "A"); /* each step is longer by one label, the DNAME stands there once */
    const char *first = strstr(b->text, "IN DNAME");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(strstr(first + 1, "IN DNAME"));
    ck_assert_ptr_nonnull(strstr(b->text, "y.x.x.x.x.x.x.x.x.d.example."));
    ck_assert_uint_eq(counted(&b->counters, COUNT_cname_limit), 4);
    bench_free(b);
}
END_TEST

/* RFC 6672 2.2: a name that would be longer than 255 octets is YXDOMAIN, with the DNAME. */
START_TEST(dname_too_long)
{
#define L60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"
    struct bench *b = bench_new();
    bench_zone(b, "example", "d 10 DNAME " L60 "." L60 "." L60 "\n");
    bench_ready(b);
    EXPECT(b, "YXDOMAIN aa\nan d.example. 10 IN DNAME " L60 "." L60 "." L60 ".example.\n",
           L60 ".yy.d.example", "A");
    EXPECT(b,
           "NXDOMAIN aa\nan d.example. 10 IN DNAME " L60 "." L60 "." L60 ".example.\n"
           "an x.d.example. 10 IN CNAME x." L60 "." L60 "." L60 ".example.\n"
           "au example. 300 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n",
           "x.d.example", "A");
    bench_free(b);
}
END_TEST

TCase *case_answer_chain(void)
{
    TCase *c = tcase_create("answer_chain");
    tcase_add_test(c, within_a_zone);
    tcase_add_test(c, across_zones_of_ours);
    tcase_add_test(c, one_version_per_question);
    tcase_add_test(c, circles_and_long_ways);
    tcase_add_test(c, dname_too_long);
    return c;
}
