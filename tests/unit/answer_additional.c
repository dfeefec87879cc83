/* answer_additional.c - tests of glue and of addresses that go with an answer. */
#include "answer_fixture.h"
#include "cases.h"

/* RFC 9471 3.1, 3.2: all of the cut's own servers first, then siblings, then what else we know. */
START_TEST(glue_of_all_kinds)
{
    struct bench *b = bench_new();
    bench_zone(b, "example",
               "a 60 NS ns.b\na 60 NS ns.a\na 60 NS ns\na 60 NS far.elsewhere.\na 60 NS none.a\n"
               "b 60 NS ns.b\n"
               "ns.a 60 A 192.0.2.1\nns.a 60 AAAA 2001:db8::1\nns.b 60 A 192.0.2.2\n"
               "ns 60 A 192.0.2.3\n");
    bench_ready(b);
    const char *text = ASK(b, "www.a.example", "A");
    const char *inside = strstr(text, "ad ns.a.example. 60 IN A 192.0.2.1\n"
                                      "ad ns.a.example. 60 IN AAAA 2001:db8::1\n");
    const char *sibling = strstr(text, "ad ns.b.example. 60 IN A 192.0.2.2\n");
    ck_assert(inside != NULL && sibling != NULL && inside < sibling);
    ck_assert_ptr_nonnull(strstr(text, "ad ns.example. 60 IN A 192.0.2.3\n"));
    ck_assert_ptr_null(strstr(text, " tc"));
    bench_free(b);
}
END_TEST

static void add_servers(struct buf *lines, unsigned count, const char *where)
{
    for (unsigned i = 0; i < count; i++) {
        buf_print(lines, "cut 60 NS server-%u.%s\nserver-%u.%s 60 AAAA 2001:db8::%x\n", i, where, i,
                  where, i + 1);
    }
}

/* RFC 9471 3.1: TC rather than a referral without the glue it needs. */
START_TEST(glue_that_does_not_fit)
{
    struct bench *b = bench_new();
    struct buf inside = {0}, outside = {0};
    add_servers(&inside, 16, "cut");
    add_servers(&outside, 16, "other");
    bench_zone(b, "in.example", buf_text(&inside));
    bench_zone(b, "out.example", buf_text(&outside));
    bench_ready(b);
    ck_assert(strncmp(ASK(b, "x.cut.in.example", "A", .no_edns = true), "NOERROR tc\n", 11) == 0);
    ck_assert_ptr_nonnull(strstr(b->text, "au cut.in.example. 60 IN NS"));
    ck_assert(strncmp(ASK(b, "x.cut.in.example", "A", .tcp = true), "NOERROR\n", 8) == 0);
    ck_assert(strncmp(ASK(b, "x.cut.out.example", "A", .no_edns = true), "NOERROR\n", 8) == 0);
    ck_assert_uint_eq(counted(&b->counters, COUNT_answers_truncated), 1);
    buf_free(&inside);
    buf_free(&outside);
    bench_free(b);
}
END_TEST

START_TEST(addresses_of_hosts)
{
    struct bench *b = bench_new();
    bench_zone(b, "example",
               "@ 60 SOA ns.example. admin.example. 7 3600 600 86400 300\n"
               "@ 60 NS ns\n@ 60 NS ns.sub\n@ 60 MX 10 mail\n@ 60 MX 20 mail.sub\n"
               "@ 60 MX 30 gone\n@ 60 MX 40 far.elsewhere.\n"
               "_s._tcp 60 SRV 1 1 80 mail\n_s._tcp 60 SRV 2 1 81 mail\n_s._tcp 60 SRV 3 1 82 ns\n"
               "ns 60 A 192.0.2.1\nmail 60 A 192.0.2.2\nmail 60 AAAA 2001:db8::2\n"
               "sub 60 NS ns.sub\nns.sub 60 A 192.0.2.3\nmail.sub 60 A 192.0.2.4\n");
    bench_ready(b);
    EXPECT(b,
           "NOERROR aa\n"
           "an example. 60 IN NS ns.sub.example.\n"
           "an example. 60 IN NS ns.example.\n"
           "ad ns.sub.example. 60 IN A 192.0.2.3\n"
           "ad ns.example. 60 IN A 192.0.2.1\n",
           "example", "NS");
    ASK(b, "example", "MX"); /* what stands below a cut is not ours to give */
    ck_assert_ptr_nonnull(strstr(b->text, "ad mail.example. 60 IN A 192.0.2.2\n"
                                          "ad mail.example. 60 IN AAAA 2001:db8::2\n"));
    ck_assert_ptr_null(strstr(b->text, "192.0.2.4"));
    ASK(b, "_s._tcp.example", "SRV"); /* a host of two records stands there once */
    const char *first = strstr(b->text, "ad mail.example. 60 IN A 192.0.2.2\n");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(strstr(first + 1, "ad mail.example. 60 IN A 192"));
    ck_assert_ptr_nonnull(strstr(b->text, "ad ns.example. 60 IN A 192.0.2.1\n"));
    bench_free(b);
}
END_TEST

/* RFC 6672 2.4: what a DNAME hides is no glue. */
START_TEST(hidden_addresses_stay_hidden)
{
    struct bench *b = bench_new();
    bench_zone(b, "example", "mx 60 MX 10 host.old\nold 60 DNAME new\nhost.old 60 A 192.0.2.1\n");
    bench_ready(b);
    EXPECT(b, "NOERROR aa\nan mx.example. 60 IN MX 10 host.old.example.\n", "mx.example", "MX");
    bench_free(b);
}
END_TEST

/* Addresses that are only useful do not make an answer truncated. */
START_TEST(hosts_that_do_not_fit)
{
    struct bench *b = bench_new();
    struct buf lines = {0};
    for (unsigned i = 0; i < 20; i++) {
        buf_print(&lines, "mx 60 MX %u mail-%u\nmail-%u 60 AAAA 2001:db8::1\n", i, i, i);
    }
    bench_zone(b, "example", buf_text(&lines));
    bench_ready(b);
    ck_assert(strncmp(ASK(b, "mx.example", "MX", .no_edns = true), "NOERROR aa\n", 11) == 0);
    ck_assert_ptr_null(strstr(b->text, "mail-19.example. 60 IN AAAA"));
    ASK(b, "mx.example", "MX");
    ck_assert_ptr_nonnull(strstr(b->text, "mail-19.example. 60 IN AAAA"));
    buf_free(&lines);
    bench_free(b);
}
END_TEST

/* RFC 4035 3.1.1: an RRSIG goes with a server's addresses that are no glue, behind all of those. */
START_TEST(signatures_in_a_referral)
{
#define SIG(type) "RRSIG " type " 13 2 60 20370101000000 20170101000000 1 example. AAAA\n"
    struct bench *b = bench_new();
    bench_zone(b, "example",
               "@ 60 SOA ns admin 7 3600 600 86400 300\n@ 60 NS ns\n@ 60 " SIG(
                   "SOA") "a 60 NS ns.a\na 60 NS ns\na 60 NS ns.b\nb 60 NS ns.b\n"
                          "ns.a 60 A 192.0.2.1\nns.b 60 A 192.0.2.2\n"
                          "ns 60 A 192.0.2.3\nns 60 " SIG("A") "ns 60 AAAA 2001:db8::3\nns 60 " SIG(
                              "AAAA"));
    bench_ready(b);
    const char *text = ASK(b, "www.a.example", "A", .dnssec_ok = true);
    const char *last = strstr(text, "ad ns.b.example. 60 IN A 192.0.2.2\n");
    const char *sig = strstr(text, "ad ns.example. 60 IN RRSIG A 13 ");
    ck_assert_msg(last != NULL && sig != NULL && last < sig, "%s", text);
    ck_assert_ptr_nonnull(strstr(sig, "ad ns.example. 60 IN RRSIG AAAA 13 "));
    ck_assert_ptr_null(strstr(ASK(b, "www.a.example", "A"), "RRSIG"));
    bench_free(b);
#undef SIG
}
END_TEST

TCase *case_answer_additional(void)
{
    TCase *c = tcase_create("answer_additional");
    tcase_add_test(c, glue_of_all_kinds);
    tcase_add_test(c, glue_that_does_not_fit);
    tcase_add_test(c, addresses_of_hosts);
    tcase_add_test(c, signatures_in_a_referral);
    tcase_add_test(c, hidden_addresses_stay_hidden);
    tcase_add_test(c, hosts_that_do_not_fit);
    return c;
}
