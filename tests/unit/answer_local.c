/* answer_local.c - tests of names that are never asked upstream. */
#include "answer_fixture.h"
#include "cases.h"

#define RD .recursion = true
#define SOA_OF(zone)                                                                               \
    "au " zone ". 10800 IN SOA localhost. nobody.invalid. 1 3600 1200 604800 10800\n"

static struct bench *a_bench(void)
{
    struct bench *b = bench_new();
    bench_rules(b, bench_cache(b, "."))->local_names = true;
    bench_zone(b, "20.10.in-addr.arpa", "1 60 PTR host.example.\n");
    bench_ready(b);
    return b;
}

START_TEST(localhost)
{
    struct bench *b = a_bench();
    EXPECT(b, "NOERROR rd ra\nan LocalHost. 10800 IN A 127.0.0.1\n", "LocalHost", "A", RD);
    EXPECT(b, "NOERROR rd ra\nan x.localhost. 10800 IN AAAA ::1\n", "x.localhost", "AAAA", RD);
    EXPECT(b, "NOERROR rd ra\n" SOA_OF("localhost"), "localhost", "MX", RD);
    EXPECT(b, "NOERROR rd ra\nan 1.0.0.127.in-addr.arpa. 10800 IN PTR localhost.\n",
           "1.0.0.127.in-addr.arpa", "PTR", RD);
    EXPECT(b, "NOERROR rd ra\n" SOA_OF("127.in-addr.arpa"), "0.0.127.in-addr.arpa", "PTR", RD);
    EXPECT(b, "NXDOMAIN rd ra\n" SOA_OF("127.in-addr.arpa"), "2.0.0.127.in-addr.arpa", "PTR", RD);
#define ONE "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa"
    EXPECT(b, "NOERROR rd ra\nan " ONE ". 10800 IN PTR localhost.\n", ONE, "PTR", RD);
    bench_free(b);
}
END_TEST

START_TEST(private_and_special_names)
{
    static const char *const denied[] = {
        "5.10.in-addr.arpa",
        "1.16.172.in-addr.arpa",
        "9.31.172.in-addr.arpa",
        "1.168.192.in-addr.arpa",
        "1.64.100.in-addr.arpa",
        "1.127.100.in-addr.arpa",
        "x.invalid",
        "a.test",
        "example.onion",
        "printer.home.arpa",
        "a.b.d.f.ip6.arpa",
        "0.8.e.f.ip6.arpa",
        "_dns.resolver.arpa",
        "1.255.255.255.255.in-addr.arpa",
    };
    static const char *const asked[] = {
        "15.172.in-addr.arpa",
        "32.172.in-addr.arpa",
        "172.in-addr.arpa",
        "63.100.in-addr.arpa",
        "128.100.in-addr.arpa",
        "016.172.in-addr.arpa",
        "x16.172.in-addr.arpa",
        "169.192.in-addr.arpa",
        "arpa",
        "in-addr.arpa",
        ".",
        "c.e.f.ip6.arpa",
        "nolocalhost",
        "localhost.example",
        "xtest",
    };
    struct bench *b = a_bench();
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++) {
        ck_assert_msg(strncmp(ASK(b, denied[i], "A", RD), "NXDOMAIN rd ra\nau ", 18) == 0, "%s: %s",
                      denied[i], b->text);
    }
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        ck_assert_msg(strcmp(ASK(b, asked[i], "A", RD), "ask") == 0, "%s: %s", asked[i], b->text);
    }
    EXPECT(b, "NOERROR rd ra\n" SOA_OF("16.172.in-addr.arpa"), "16.172.in-addr.arpa", "PTR", RD);
    EXPECT(b,
           "NOERROR rd ra\n"
           "an test. 10800 IN SOA localhost. nobody.invalid. 1 3600 1200 604800 10800\n",
           "test", "SOA", RD);
    EXPECT(b, "NOERROR rd ra\nan test. 10800 IN NS localhost.\n", "test", "NS", RD);
    bench_free(b);
}
END_TEST

START_TEST(unless_configured_otherwise)
{
    struct bench *b = a_bench();
    ck_assert_ptr_nonnull(strstr(ASK(b, "1.20.10.in-addr.arpa", "PTR", RD), "host.example."));
    b->rules[0].local_names = false;
    EXPECT(b, "ask", "localhost", "A", RD);
    bench_free(b);
}
END_TEST

TCase *case_answer_local(void)
{
    TCase *c = tcase_create("answer_local");
    tcase_add_test(c, localhost);
    tcase_add_test(c, private_and_special_names);
    tcase_add_test(c, unless_configured_otherwise);
    return c;
}
