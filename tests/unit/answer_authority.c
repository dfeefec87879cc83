/* answer_authority.c - tests of answers from a zone of ours: every way a name can be there, or
 * not. */
#include "answer_fixture.h"
#include "cases.h"
#include <pthread.h>

#define SOA_LINE "au example. 300 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n"

static const char zone[] = "@ 3600 SOA ns.example. admin.example. 7 3600 600 86400 300\n"
                           "@ 3600 NS ns\n"
                           "ns 3600 A 192.0.2.1\n"
                           "www 60 A 192.0.2.2\n"
                           "www 60 A 192.0.2.3\n"
                           "www 60 TXT \"hello\"\n"
                           "alias 60 CNAME www\n"
                           "a.b.ent 60 A 192.0.2.4\n"
                           "*.wild 60 A 192.0.2.5\n"
                           "there.wild 60 TXT \"x\"\n"
                           "*.walias 60 CNAME www\n"
                           "sub 60 NS ns.sub\n"
                           "ns.sub 60 A 192.0.2.6\n"
                           "sub 60 DS 1 8 2 "
                           "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\n"
                           "old 60 DNAME new\n"
                           "below.old 60 A 192.0.2.7\n"
                           "x.new 60 A 192.0.2.8\n";

static struct bench *a_bench(void)
{
    struct bench *b = bench_new();
    bench_zone(b, "example", zone);
    bench_ready(b);
    return b;
}

START_TEST(data_that_is_there)
{
    struct bench *b = a_bench();
    EXPECT(b,
           "NOERROR aa\n"
           "an www.example. 60 IN A 192.0.2.2\n"
           "an www.example. 60 IN A 192.0.2.3\n",
           "www.example", "A");
    EXPECT(b, "NOERROR aa\nan www.example. 60 IN TXT \"hello\"\n", "www.example", "TXT");
    EXPECT(b,
           "NOERROR aa\nan example. 3600 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n",
           "example", "SOA");
    ck_assert_ptr_eq(b->out.zone->slot, &b->slots[0]);
    ck_assert_int_eq(b->out.found.match, ZONE_EXACT);
    EXPECT(b, "NOERROR aa rd\nan www.example. 60 IN TXT \"hello\"\n", "www.example", "TXT",
           .recursion = true);
    bench_free(b);
}
END_TEST

START_TEST(case_of_the_question_stays)
{
    struct bench *b = a_bench();
    EXPECT(b, "NOERROR aa\nan wWw.eXample. 60 IN TXT \"hello\"\n", "wWw.eXample", "TXT");
    bench_free(b);
}
END_TEST

START_TEST(data_that_is_not)
{
    struct bench *b = a_bench();
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "www.example", "MX");
    EXPECT(b, "NXDOMAIN aa\n" SOA_LINE, "nothing.example", "A");
    EXPECT(b, "NXDOMAIN aa\n" SOA_LINE, "below.www.example", "A");
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "b.ent.example", "A");
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "ent.example", "A");
    EXPECT(b, "NXDOMAIN aa\n" SOA_LINE, "c.ent.example", "A");
    ck_assert_int_eq(b->out.found.match, ZONE_NONE);
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "www.example", "TYPE65300");
    bench_free(b);
}
END_TEST

/* RFC 2308 5: the smaller of the SOA's TTL and its MINIMUM. */
START_TEST(negative_ttl)
{
    struct bench *b = bench_new();
    bench_zone(b, "example", "@ 100 SOA ns.example. admin.example. 7 3600 600 86400 300\n");
    bench_ready(b);
    EXPECT(b,
           "NXDOMAIN aa\n"
           "au example. 100 IN SOA ns.example. admin.example. 7 3600 600 86400 300\n",
           "no.example", "A");
    bench_free(b);
}
END_TEST

START_TEST(wildcards)
{
    struct bench *b = a_bench();
    EXPECT(b, "NOERROR aa\nan a.wild.example. 60 IN A 192.0.2.5\n", "a.wild.example", "A");
    EXPECT(b, "NOERROR aa\nan a.b.c.wild.example. 60 IN A 192.0.2.5\n", "a.b.c.wild.example", "A");
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "a.wild.example", "TXT");
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "there.wild.example", "A");
    EXPECT(b, "NXDOMAIN aa\n" SOA_LINE, "below.there.wild.example", "A");
    EXPECT(b, "NOERROR aa\nan *.wild.example. 60 IN A 192.0.2.5\n", "*.wild.example", "A");
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "wild.example", "A");
    EXPECT(b,
           "NOERROR aa\n"
           "an z.walias.example. 60 IN CNAME www.example.\n"
           "an www.example. 60 IN TXT \"hello\"\n",
           "z.walias.example", "TXT");
    bench_free(b);
}
END_TEST

START_TEST(delegations)
{
    struct bench *b = a_bench();
    static const char referral[] = "NOERROR\n"
                                   "au sub.example. 60 IN NS ns.sub.example.\n"
                                   "ad ns.sub.example. 60 IN A 192.0.2.6\n";
    EXPECT(b, referral, "sub.example", "A");
    EXPECT(b, referral, "sub.example", "NS");
    EXPECT(b, referral, "ns.sub.example", "A");
    EXPECT(b, referral, "far.below.sub.example", "TXT");
    EXPECT(b, referral, "far.below.sub.example", "DS");
    ck_assert_int_eq(b->out.found.match, ZONE_CUT);
    bench_free(b);
}
END_TEST

/* RFC 4035 3.1.4.1: DS is the parent's. */
START_TEST(ds_stands_above_the_cut)
{
    struct bench *b = a_bench();
    EXPECT(b,
           "NOERROR aa\n"
           "an sub.example. 60 IN DS 1 8 2 "
           "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\n",
           "sub.example", "DS");
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "example", "DS");
    EXPECT(b,
           "NOERROR\n" /* no DS from a zone that is not signed (RFC 4035 3.1) */
           "au sub.example. 60 IN NS ns.sub.example.\n"
           "ad ns.sub.example. 60 IN A 192.0.2.6\n"
           "do\n",
           "www.sub.example", "A", .dnssec_ok = true);
    bench_free(b);
}
END_TEST

START_TEST(below_a_dname)
{
    struct bench *b = a_bench();
    EXPECT(b,
           "NOERROR aa\n"
           "an old.example. 60 IN DNAME new.example.\n"
           "an x.old.example. 60 IN CNAME x.new.example.\n"
           "an x.new.example. 60 IN A 192.0.2.8\n",
           "x.old.example", "A");
    EXPECT(b, "NOERROR aa\nan old.example. 60 IN DNAME new.example.\n", "old.example", "DNAME");
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "old.example", "A");
    EXPECT(b, /* what the DNAME hides is not there (RFC 6672 2.4) */
           "NXDOMAIN aa\n"
           "an old.example. 60 IN DNAME new.example.\n"
           "an below.old.example. 60 IN CNAME below.new.example.\n" SOA_LINE,
           "below.old.example", "A");
    EXPECT(b,
           "NOERROR aa\n"
           "an old.example. 60 IN DNAME new.example.\n"
           "an x.old.example. 60 IN CNAME x.new.example.\n",
           "x.old.example", "CNAME");
    bench_free(b);
}
END_TEST

/* RFC 8482 4.1. */
START_TEST(any_is_one_set)
{
    struct bench *b = a_bench();
    EXPECT(b,
           "NOERROR aa\n"
           "an www.example. 60 IN A 192.0.2.2\n"
           "an www.example. 60 IN A 192.0.2.3\n",
           "www.example", "ANY");
    EXPECT(b, "NOERROR aa\nan alias.example. 60 IN CNAME www.example.\n", "alias.example", "ANY");
    EXPECT(b, "NOERROR aa\n" SOA_LINE, "ent.example", "ANY");
    EXPECT(b, "NXDOMAIN aa\n" SOA_LINE, "no.example", "ANY");
    bench_free(b);
}
END_TEST

START_TEST(zones_that_are_not_serving)
{
    static const struct {
        enum slot_state state;
        const char *text;
    } rows[] = {
        {SLOT_LOADING, "SERVFAIL\nede 14 zone not loaded\n"},
        {SLOT_FAILED, "SERVFAIL\nede 14 zone not loaded\n"},
        {SLOT_EXPIRED, "SERVFAIL\nede 24 zone expired\n"},
    };
    struct bench *b = a_bench();
    struct zone_version *v = atomic_load(&b->slots[0].version);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        atomic_store(&b->slots[0].state, rows[i].state);
        EXPECT(b, rows[i].text, "www.example", "A");
        atomic_store(&b->slots[0].version, NULL);
        EXPECT(b, rows[i].text, "www.example", "A");
        atomic_store(&b->slots[0].version, v);
    }
    bench_free(b);
}
END_TEST

/* CONVERGENCE.md I3: whoever publishes meanwhile, an answer is made from one version. Each
 * version's TTLs are its serial. */
#define VERSIONS 5
#define ASKED    1500

struct publisher {
    struct slot *slot;
    struct zone_version *versions[VERSIONS];
    _Atomic bool stop;
};

static void *publish_on(void *ctx)
{
    struct publisher *p = ctx;
    for (unsigned i = 0; !atomic_load(&p->stop); i++)
        atomic_store_explicit(&p->slot->version, p->versions[i % VERSIONS], memory_order_release);
    return NULL;
}

static struct zone_version *numbered(struct zone_line *line, unsigned n)
{
    char text[1024];
    snprintf(text, sizeof text,
             "@ %1$u SOA ns.example. admin.example. %1$u 3600 600 86400 300\n@ %1$u NS ns.example.\n"
             "a %1$u CNAME b\nb %1$u CNAME c\nc %1$u CNAME none\n"
             "m %1$u MX 1 n\nm %1$u MX 2 o\nn %1$u A 192.0.2.1\no %1$u A 192.0.2.2\n",
             n);
    return zone_of(line, text);
}

static void ask_while_published(struct bench *b, struct publisher *p, const char *name,
                                const char *type)
{
    char *expected[VERSIONS];
    pthread_t thread;
    for (unsigned i = 0; i < VERSIONS; i++) {
        atomic_store(&p->slot->version, p->versions[i]);
        expected[i] = strdup(ASK(b, name, type, .zoneversion = true));
    }
    atomic_store(&p->stop, false);
    ck_assert_int_eq(pthread_create(&thread, NULL, publish_on, p), 0);
    for (unsigned i = 0; i < ASKED; i++) {
        const char *got = ASK(b, name, type, .zoneversion = true);
        bool is_one = false;
        for (unsigned v = 0; v < VERSIONS && !is_one; v++)
            is_one = strcmp(got, expected[v]) == 0;
        ck_assert_msg(is_one, "mixed: %s", got);
    }
    atomic_store(&p->stop, true);
    pthread_join(thread, NULL);
    for (unsigned i = 0; i < VERSIONS; i++)
        free(expected[i]);
}

START_TEST(made_from_one_version)
{
    struct bench *b = a_bench();
    struct publisher p = {.slot = &b->slots[0]};
    struct zone_version *before = atomic_load(&p.slot->version);
    for (unsigned i = 0; i < VERSIONS; i++)
        p.versions[i] = numbered(b->lines[0], i + 1);
    ask_while_published(b, &p, "a.example", "A"); /* through three CNAMEs to NXDOMAIN */
    ask_while_published(b, &p, "m.example", "MX");
    atomic_store(&p.slot->version, before);
    for (unsigned i = 0; i < VERSIONS; i++)
        (void)zone_release(p.versions[i]);
    bench_free(b);
}
END_TEST

TCase *case_answer_authority(void)
{
    TCase *c = tcase_create("answer_authority");
    tcase_add_test(c, data_that_is_there);
    tcase_add_test(c, case_of_the_question_stays);
    tcase_add_test(c, data_that_is_not);
    tcase_add_test(c, negative_ttl);
    tcase_add_test(c, wildcards);
    tcase_add_test(c, delegations);
    tcase_add_test(c, ds_stands_above_the_cut);
    tcase_add_test(c, below_a_dname);
    tcase_add_test(c, any_is_one_set);
    tcase_add_test(c, zones_that_are_not_serving);
    tcase_add_test(c, made_from_one_version);
    return c;
}
