/* answer_ration.c - tests of rate-limit: what counts together, what is sent instead, who is let
 * be. */
#include "answer_fixture.h"
#include "cases.h"

#define COOKIE (const uint8_t *)"8 octets", .cookie_len = 8

static struct cookie_jar a_jar(void)
{
    return (struct cookie_jar){.seed = "any"};
}

static struct bench *a_bench(struct cookie_jar *jar)
{
    struct bench *b = bench_new();
    bench_zone(b, "example",
               "www 60 A 192.0.2.1\nmail 60 A 192.0.2.2\n*.wild 60 A 192.0.2.3\nwild 60 TXT x\n"
               "old 60 DNAME new.example.\n*.new 60 A 192.0.2.4\n"
               "sub 60 NS ns.elsewhere.\nsub2 60 NS ns.elsewhere.\n");
    bench_zone(b, "other", "www 60 A 192.0.2.1\n");
    bench_cache(b, "cached");
    bench_ready(b);
    b->config.server.rate_limit = 2;
    b->config.server.rate_limit_slip = 2;
    b->worker.rrl = rrl_new(1);
    b->worker.cookies = jar;
    b->now.wall.ms = 1600000000000;
    return b;
}

static void end(struct bench *b)
{
    rrl_free(b->worker.rrl);
    bench_free(b);
}

/* Asks until there is no answer: how many there were, of `type` for all these names in turn. */
static unsigned answered(struct bench *b, const char *type, unsigned count,
                         const char *const *names)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 10; i++) {
        ASK(b, names[i % count], type);
        if (b->verdict == VERDICT_DROP) {
            return n;
        }
        n++;
    }
    return n;
}
#define ANSWERED(b, type, ...)                                                                     \
    answered(b, type, sizeof(const char *[]){__VA_ARGS__} / sizeof(char *),                        \
             (const char *[]){__VA_ARGS__})

START_TEST(so_many_and_no_more)
{
    struct bench *b = a_bench(NULL);
    const char *whole = "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\n";
    for (unsigned second = 0; second < 3; second++) {
        EXPECT(b, whole, "www.example", "A");
        ASK(b, "wwW.example", "A");
        ck_assert_str_eq(b->text, "NOERROR aa\nan wwW.example. 60 IN A 192.0.2.1\n");
        EXPECT(b, "drop", "www.example", "A");
        EXPECT(b, "NOERROR tc\n", "www.example", "A");
        EXPECT(b, "drop", "www.example", "A");
        EXPECT(b, "NOERROR tc\n", "www.example", "A", .no_edns = true);
        b->now.mono.ns += NS_PER_S;
    }
    ck_assert_uint_eq(counted(&b->counters, COUNT_rate_dropped), 6);
    ck_assert_uint_eq(counted(&b->counters, COUNT_rate_slipped), 6);
    ck_assert_uint_eq(counted(&b->counters, COUNT_answers_truncated), 6);
    ck_assert_uint_eq(counted(&b->counters, COUNT_answers), 12);
    end(b);
}
END_TEST

START_TEST(what_counts_together)
{
    struct bench *b = a_bench(NULL);
    ck_assert_uint_eq(ANSWERED(b, "A", "www.example", "mail.example"), 4);
    ck_assert_uint_eq(ANSWERED(b, "A", "1.nothing.example", "2.example", "3.x.example"), 2);
    ck_assert_uint_eq(ANSWERED(b, "A", "1.other", "2.other"), 2);
    ck_assert_uint_eq(ANSWERED(b, "A", "1.wild.example", "2.wild.example", "3.wild.example"), 2);
    ck_assert_uint_eq(ANSWERED(b, "TXT", "www.example", "mail.example"), 4); /* NODATA */
    ck_assert_uint_eq(ANSWERED(b, "A", "1.sub.example", "2.sub.example", "3.sub.example"), 2);
    ck_assert_uint_eq(ANSWERED(b, "A", "1.sub2.example", "2.sub2.example"), 2);
    ck_assert_uint_eq(ANSWERED(b, "MX", "www.example"), 1); /* of the name: one slips */
    ck_assert_uint_eq(counted(&b->counters, COUNT_rate_table_full), 0);
    end(b);
}
END_TEST

/* Names below a DNAME are as many as there are letters. */
START_TEST(made_up_names)
{
    struct bench *b = a_bench(NULL);
    ck_assert_uint_eq(ANSWERED(b, "A", "1.old.example", "2.old.example", "3.old.example"), 2);
    ck_assert_uint_eq(ANSWERED(b, "TXT", "4.wild.example", "5.wild.example"), 1);
    end(b);
}
END_TEST

/* Errors of every kind are one; what slips is the error itself. */
START_TEST(errors)
{
    struct bench *b = a_bench(NULL);
    EXPECT(b, "REFUSED\nede 20\n", "www.elsewhere", "A");
    EXPECT(b, "FORMERR\n", "www.example", "AXFR");
    EXPECT(b, "drop", "www.example", "MAILA");
    EXPECT(b, "REFUSED\nede 21\n", "www.example", "A", .class = CLASS_CH);
    atomic_store(&b->slots[0].state, SLOT_FAILED);
    EXPECT(b, "drop", "www.example", "A");
    EXPECT(b, "SERVFAIL\nede 14 zone not loaded\n", "www.example", "A");
    EXPECT(b, "NOERROR aa\nan www.other. 60 IN A 192.0.2.1\n", "www.other", "A");
    end(b);
}
END_TEST

START_TEST(about_the_server)
{
    struct bench *b = a_bench(NULL);
    b->config.server.identity = "me";
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(b, "NOERROR aa\nan id.server. 0 CH TXT \"me\"\n", "id.server", "TXT",
               .class = CLASS_CH);
    }
    EXPECT(b, "drop", "id.server", "TXT", .class = CLASS_CH);
    EXPECT(b, "NOERROR tc\n", "id.server", "TXT", .class = CLASS_CH);
    end(b);
}
END_TEST

/* Who speaks cookies is told one; who shows it is not counted. */
START_TEST(cookies)
{
    struct cookie_jar jar = a_jar();
    struct bench *b = a_bench(&jar);
    b->config.server.rate_limit_slip = 1;
    const char *whole =
        "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\ncookie 8 octets 1600000000\n";
    EXPECT(b, whole, "www.example", "A", .cookie = COOKIE);
    EXPECT(b, whole, "www.example", "A", .cookie = COOKIE);
    EXPECT(b, "BADCOOKIE\ncookie 8 octets 1600000000\n", "www.example", "A", .cookie = COOKIE);
    ck_assert_uint_eq(counted(&b->counters, COUNT_badcookie), 1);
    uint8_t good[COOKIE_SIZE];
    memcpy(good, b->packet + b->out.len - COOKIE_SIZE, COOKIE_SIZE);
    for (unsigned i = 0; i < 5; i++) {
        EXPECT(b, whole, "www.example", "A", .cookie = good, .cookie_len = COOKIE_SIZE);
    }
    good[COOKIE_SIZE - 1] ^= 1;
    EXPECT(b, "BADCOOKIE\ncookie 8 octets 1600000000\n", "www.example", "A", .cookie = good,
           .cookie_len = COOKIE_SIZE);
    EXPECT(b, "NOERROR tc\n", "www.example", "A");
    end(b);
}
END_TEST

START_TEST(who_is_not_counted)
{
    struct bench *b = a_bench(NULL);
    struct prefix net;
    ck_assert(prefix_parse("192.0.2.99", &net));
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_str_ne(ASK(b, "www.example", "A", .tcp = true), "drop");
        ck_assert_str_eq(ASK(b, "www.cached", "A", .recursion = true), "ask");
    }
    ck_assert_uint_eq(ANSWERED(b, "A", "www.example"), 2);
    b->config.server.rate_limit_exempt = (struct config_acl){.items = &net, .count = 1};
    ck_assert_uint_eq(ANSWERED(b, "A", "www.example"), 10);
    b->from.ip[3]--;
    ck_assert_uint_eq(ANSWERED(b, "A", "www.example"), 1); /* one slipped */
    b->config.server.rate_limit = 0;
    ck_assert_uint_eq(ANSWERED(b, "A", "www.example"), 10);
    end(b);
}
END_TEST

/* A cache for some is not counted, one for everybody is. */
START_TEST(caches)
{
    struct bench *b = a_bench(NULL);
    b->try = (struct answer_try){.asked = 1, .failed = true, .ede = EDE_NETWORK_ERROR};
    const char *fails = "SERVFAIL rd ra\nede 23\n";
    b->rules[2].allow.any = false;
    struct prefix all = {.net = {.family = 4}};
    b->rules[2].allow = (struct config_acl){.items = &all, .count = 1};
    for (unsigned i = 0; i < 5; i++) {
        EXPECT(b, fails, "www.cached", "A", .recursion = true);
    }
    b->rules[2].allow.any = true;
    EXPECT(b, fails, "www.cached", "A", .recursion = true);
    EXPECT(b, fails, "www.cached", "A", .recursion = true);
    EXPECT(b, "drop", "www.cached", "A", .recursion = true);
    end(b);
}
END_TEST

TCase *case_answer_ration(void)
{
    TCase *c = tcase_create("answer_ration");
    tcase_add_test(c, so_many_and_no_more);
    tcase_add_test(c, what_counts_together);
    tcase_add_test(c, made_up_names);
    tcase_add_test(c, errors);
    tcase_add_test(c, about_the_server);
    tcase_add_test(c, cookies);
    tcase_add_test(c, who_is_not_counted);
    tcase_add_test(c, caches);
    return c;
}
