/* answer_ready.c - tests of answers that stand ready: each is what answer() says, octet for octet,
 * whatever is asked in one batch and whatever is published; what depends on who asks is not
 * kept. */
#include "answer/ready.h"
#include "answer_fixture.h"
#include "base/rand.h"
#include "cases.h"
#include <pthread.h>

#define VERSIONS 20
#define NAMES    1200
#define BATCHES  1500

static struct bench *b;
static struct ready *ready;

static struct zone_version *version(unsigned n)
{
    char text[2048];
    snprintf(text, sizeof text,
             "@ 60 SOA ns.example. admin.example. %1$u 3600 600 86400 30\n@ 60 NS ns.example.\n"
             "ns 60 A 192.0.2.53\nwww 60 A 192.0.2.%1$u\n*.w 60 TXT \"version %1$u\"\n"
             "c 60 CNAME www\nloop 60 CNAME loop\nout 60 CNAME www.other\nd 60 DNAME w.example.\n"
             "sub 60 NS ns.sub\nns.sub 60 A 192.0.2.%1$u\nsub 60 DS 1 13 2 %1$064u\n"
             "far 60 CNAME nobody.test.\nlong 60 TXT \"%2$0250u\" \"%1$0250u\"\n",
             n, 0);
    return zone_of(b->lines[0], text);
}

static void start(void)
{
    b = bench_new();
    bench_zone(b, "example", "www 60 A 192.0.2.1\n");
    bench_zone(b, "other.example", "www 60 A 192.0.2.7\n");
    bench_add(b, "empty", ROLE_PRIMARY);
    bench_cache(b, "cached");
    bench_ready(b);
    (void)zone_release(atomic_load(&b->slots[0].version));
    slot_publish(&b->slots[0], version(1));
    ready = ready_new(9);
    ck_assert_ptr_nonnull(ready);
}

static void stop(void)
{
    ready_free(ready);
    bench_free(b);
}

struct posed { /* one question of a batch, and its answer */
    uint8_t packet[4096];
    size_t len;
    bool was_ready;
};

/* As server/udp.c does it. A packet that is not answered has the length 0. */
static void pose(struct posed *all, unsigned count)
{
    struct ahead questions[AHEAD_MOST] = {{.octets = NULL}};
    struct ready_place *places[AHEAD_MOST] = {NULL};
    for (unsigned i = 0; i < count; i++) {
        questions[i] = (struct ahead){.octets = all[i].packet, .len = all[i].len};
        all[i].was_ready = false;
    }
    if (!ready_look(ready, questions, count, places))
        memset(places, 0, sizeof places);
    for (unsigned i = 0; i < count; i++) {
        struct posed *q = &all[i];
        size_t len = places[i] == NULL ? 0
                                       : ready_answer(ready, b->world, places[i], q->packet, q->len,
                                                      &b->counters);
        q->was_ready = len > 0;
        q->len = len > 0 ? len : q->len;
    }
    for (unsigned i = 0; i < count; i++) {
        struct posed *q = &all[i];
        if (q->was_ready)
            continue;
        struct packet p = {q->packet, q->len, sizeof q->packet, b->from, false, 0, NULL};
        if (places[i] != NULL)
            ready_question(ready, places[i], q->packet, q->len);
        enum verdict v = answer(&b->worker, &p, &b->try, b->now, &b->out);
        if (places[i] != NULL && v == VERDICT_SEND)
            ready_keep(ready, b->world, places[i], &b->out, q->packet);
        q->len = v == VERDICT_SEND ? b->out.len : 0;
    }
}

/* One question by itself. Returns whether its answer stood ready; it is what answer() says. */
static bool again(const struct asked *a, uint16_t id)
{
    struct posed q, plain;
    q.len = write_question(a, q.packet);
    put_u16(q.packet, id);
    plain = q;
    pose(&q, 1);
    struct packet p = {plain.packet, plain.len, sizeof plain.packet, b->from, false, 0, NULL};
    plain.len = answer(&b->worker, &p, &b->try, b->now, &b->out) == VERDICT_SEND ? b->out.len : 0;
    ck_assert_uint_eq(q.len, plain.len);
    ck_assert_mem_eq(q.packet, plain.packet, q.len);
    return q.was_ready;
}

/* The second time it is kept, from the third on it stands ready. */
static bool is_kept(const struct asked *a)
{
    ck_assert(!again(a, 1));
    ck_assert(!again(a, 2));
    bool was_ready = again(a, 3);
    ck_assert_int_eq(again(a, 0xffff), was_ready);
    return was_ready;
}
#define KEPT(asked_name, ...) is_kept(&(struct asked){.name = (asked_name), .type = __VA_ARGS__})

START_TEST(answers_that_last)
{
    b->config.server.nsid = "here";
    ck_assert(KEPT("www.example", "A"));
    ck_assert(KEPT("wWw.eXample", "A"));
    ck_assert(KEPT("www.example", "A", .no_edns = true));
    ck_assert(KEPT("www.example", "A", .dnssec_ok = true, .nsid = true, .zoneversion = true));
    ck_assert(KEPT("www.example", "A", .recursion = true, .flags = MSG_CD));
    ck_assert(KEPT("www.example", "MX"));
    ck_assert(KEPT("none.example", "A"));
    ck_assert(KEPT("x.w.example", "TXT"));
    ck_assert(KEPT("x.sub.example", "A"));
    ck_assert(KEPT("c.example", "A"));
    ck_assert(KEPT("x.d.example", "TXT"));
    ck_assert(KEPT("example", "SOA"));
    ck_assert(KEPT("example", "ANY"));
    ck_assert(KEPT("long.example", "TXT", .no_edns = true)); /* TC=1 */
}
END_TEST

START_TEST(answers_that_do_not)
{
    static const uint8_t cookie[8] = "a cookie";
    struct cookie_jar jar = {.seed = {1}};
    b->worker.cookies = &jar;
    ck_assert(!KEPT("www.example", "A", .cookie = cookie, .cookie_len = sizeof cookie));
    ck_assert(!KEPT("sub.example", "DS"));  /* whose it is may depend on who asks */
    ck_assert(!KEPT("out.example", "A"));   /* another zone, which has versions of its own */
    ck_assert(!KEPT("far.example", "A"));   /* and one that may come to be ours */
    ck_assert(!KEPT("loop.example", "A"));  /* counted each time */
    ck_assert(!KEPT("www.empty", "A"));     /* SERVFAIL */
    ck_assert(!KEPT("www.elsewhere", "A")); /* REFUSED */
    ck_assert(!KEPT("www.cached", "A", .recursion = true)); /* to be asked upstream */
    ck_assert(!KEPT("long.example", "TXT"));                /* no room */
    ck_assert(!KEPT("www.example", "A", .class = CLASS_CH));
    ck_assert(!KEPT("www.example", "AXFR"));
    b->config.server.rate_limit = 1000000;
    b->worker.rrl = rrl_new(1);
    ck_assert(!KEPT("www.example", "A"));
    rrl_free(b->worker.rrl);
}
END_TEST

/* Refused to one, it is not given to the other. */
START_TEST(who_may_ask_is_looked_at)
{
    struct prefix some;
    ck_assert(prefix_parse("192.0.2.0/24", &some));
    b->rules[0].allow = (struct config_acl){.items = &some, .count = 1};
    ck_assert(!KEPT("www.example", "A"));
    b->rules[0].allow.any = true; /* all but some */
    ck_assert(!KEPT("www.example", "A"));
    b->rules[0].allow.count = 0;
    ck_assert(KEPT("www.example", "MX"));
}
END_TEST

START_TEST(only_of_what_is_served_now)
{
    struct asked www = {.name = "www.example", .type = "A"}, none = {"none.example", .type = "A"};
    struct zone_version *first = atomic_load(&b->slots[0].version), *second = version(2);
    ck_assert(KEPT("www.example", "A"));
    ck_assert(KEPT("none.example", "A"));
    slot_publish(&b->slots[0], second);
    ck_assert(!again(&www, 4));
    ck_assert(again(&www, 5));
    slot_publish(&b->slots[0], first); /* at the same place, but it could be another one */
    ck_assert(!again(&none, 6));
    ck_assert(!again(&www, 6));
    ck_assert(again(&www, 7));
    atomic_store(&b->slots[0].state, SLOT_EXPIRED);
    ck_assert(!again(&www, 8));
    atomic_store(&b->slots[0].state, SLOT_SERVING);
    ck_assert(!again(&www, 9)); /* the place was given to the SERVFAIL meanwhile */
    ck_assert(again(&www, 10));
    b->world->number++;
    b->config.server.udp_payload = 512;
    ck_assert(!again(&www, 11));
    ck_assert(again(&www, 12));
    (void)zone_release(second);
}
END_TEST

/* Two questions may have one place. */
START_TEST(only_to_the_same_octets)
{
    struct posed q = {0};
    struct asked www = {.name = "www.example", .type = "A"};
    struct ready_place *place;
    ck_assert(KEPT("www.example", "A"));
    size_t len = write_question(&www, q.packet);
    ck_assert(ready_look(ready, &(struct ahead){.octets = q.packet, .len = len}, 1, &place));
    ck_assert_uint_eq(ready_answer(ready, b->world, place, q.packet, len + 1, &b->counters), 0);
    ck_assert_uint_eq(ready_answer(ready, b->world, place, q.packet, len - 1, &b->counters), 0);
    q.packet[len - 1] ^= 1;
    ck_assert_uint_eq(ready_answer(ready, b->world, place, q.packet, len, &b->counters), 0);
    q.packet[len - 1] ^= 1;
    ck_assert_uint_gt(ready_answer(ready, b->world, place, q.packet, len, &b->counters), 0);
}
END_TEST

START_TEST(counted_like_others)
{
    uint64_t before[COUNTERS], grew[2][COUNTERS];
    struct asked asked[] = {{.name = "none.example", .type = "A"},
                            {.name = "long.example", .type = "TXT", .no_edns = true}};
    for (unsigned which = 0; which < 2; which++) {
        (void)KEPT(asked[which].name, asked[which].type, .no_edns = asked[which].no_edns);
        for (unsigned turn = 0; turn < 2; turn++) {
            struct posed q = {.len = write_question(&asked[which], q.packet)};
            struct packet p = {q.packet, q.len, sizeof q.packet, b->from, false, 0, NULL};
            for (unsigned n = 0; n < COUNTERS; n++)
                before[n] = counted(&b->counters, (enum counter)n);
            if (turn == 0)
                ck_assert_int_eq(answer(&b->worker, &p, &b->try, b->now, &b->out), VERDICT_SEND);
            else
                pose(&q, 1);
            for (unsigned n = 0; n < COUNTERS; n++)
                grew[turn][n] = counted(&b->counters, (enum counter)n) - before[n];
        }
        grew[0][COUNT_answers_ready] = 1;
        ck_assert_mem_eq(grew[0], grew[1], sizeof grew[0]);
    }
}
END_TEST

/* What comes once only is not worth a look; after a while it is seen whether that has changed. */
START_TEST(rests_where_it_is_of_no_use)
{
    uint8_t octets[64] = {0};
    struct ahead q = {.octets = octets, .len = sizeof octets};
    struct ready_place *place;
    unsigned turns = 0, rest = 0;
    while (ready_look(ready, &q, 1, &place)) {
        put_u32(octets + MSG_HEADER, ++turns);
        ck_assert_uint_lt(turns, 100000);
    }
    for (rest = 1; !ready_look(ready, &q, 1, &place); rest++)
        ck_assert_uint_lt(rest, 1000000);
    ck_assert_uint_gt(rest, 8 * turns);
    struct asked www = {.name = "www.example", .type = "A"};
    for (unsigned i = 0; i < 4 * turns; i++) /* and where it is, it does not */
        (void)again(&www, 1);
    ck_assert(again(&www, 1));
}
END_TEST

/* Packets of any form and length, octets beyond their end unread (the sanitizers see that). */
START_TEST(whole_and_cut_questions)
{
    uint8_t question[1024];
    struct asked a = {.name = "www.example", .type = "A"};
    size_t len = write_question(&a, question);
    for (size_t cut = 0; cut <= len; cut++) {
        for (unsigned i = 0; i < 3; i++) {
            struct ready_place *place = NULL;
            uint8_t *copy = malloc(cut);
            ck_assert(copy != NULL || cut == 0);
            if (cut > 0)
                memcpy(copy, question, cut);
            (void)ready_look(ready, &(struct ahead){.octets = copy, .len = cut}, 1, &place);
            if (place != NULL)
                ready_question(ready, place, copy, cut);
            free(copy);
        }
    }
    question[2] |= 0x80; /* an answer has none */
    for (unsigned i = 0; i < 3; i++) {
        struct ready_place *place = NULL;
        ck_assert(ready_look(ready, &(struct ahead){.octets = question, .len = len}, 1, &place));
        ck_assert_ptr_null(place);
    }
}
END_TEST

static void random_question(struct rand *r, struct posed *q)
{
    static const char *const zones[] = {"w.example", "sub.example", "d.example", "example",
                                        "other.example"};
    static const char *const types[] = {"A", "TXT", "SOA", "DS"};
    char name[64];
    uint64_t chance = rand_u64(r);
    /* few names often, many now and then: places change hands within a batch */
    unsigned number = (unsigned)(chance >> 32) % (chance % 4 == 0 ? NAMES : NAMES / 30);
    snprintf(name, sizeof name, "n%u.%s", number, zones[(chance >> 2) % 5]);
    struct asked a = {.name = name, .type = types[(chance >> 8) % 4]};
    q->len = write_question(&a, q->packet);
    put_u16(q->packet, (uint16_t)(chance >> 16));
}

/* In batches, with versions published between them. */
START_TEST(random_questions)
{
    static struct posed posed[AHEAD_MOST], plain[AHEAD_MOST];
    struct zone_version *versions[4];
    struct rand r;
    unsigned from_store = 0;
    rand_seed(&r, 20);
    for (unsigned i = 0; i < 4; i++)
        versions[i] = i == 0 ? atomic_load(&b->slots[0].version) : version(i + 1);
    for (unsigned turn = 0; turn < BATCHES; turn++) {
        unsigned count = 1 + (unsigned)(rand_u64(&r) % AHEAD_MOST);
        if (rand_u64(&r) % 64 == 0)
            slot_publish(&b->slots[0], versions[rand_u64(&r) % 4]);
        for (unsigned i = 0; i < count; i++) {
            random_question(&r, &posed[i]);
            plain[i] = posed[i];
        }
        pose(posed, count);
        for (unsigned i = 0; i < count; i++) {
            struct packet p = {
                plain[i].packet, plain[i].len, sizeof plain[i].packet, b->from, false, 0, NULL};
            ck_assert_int_eq(answer(&b->worker, &p, &b->try, b->now, &b->out), VERDICT_SEND);
            ck_assert_uint_eq(posed[i].len, b->out.len);
            ck_assert_mem_eq(posed[i].packet, plain[i].packet, b->out.len);
            from_store += posed[i].was_ready;
        }
    }
    ck_assert_uint_gt(from_store, BATCHES); /* and some of them stood ready */
    slot_publish(&b->slots[0], versions[0]);
    for (unsigned i = 1; i < 4; i++)
        (void)zone_release(versions[i]);
}
END_TEST

struct publisher {
    struct zone_version *versions[VERSIONS];
    _Atomic unsigned published;
};

static void *publish_all(void *ctx)
{
    struct publisher *p = ctx;
    for (unsigned i = 1; i < VERSIONS; i++) {
        slot_publish(&b->slots[0], p->versions[i]);
        atomic_store(&p->published, i + 1);
        for (unsigned wait = 0; wait < 20000; wait++)
            atomic_load(&p->published);
    }
    return NULL;
}

/* While versions are published: an answer is never older than one that was given before, and never
 * older than what was published when it was asked (RELIABILITY.md 1 and 2). */
START_TEST(never_older_than_what_was_seen)
{
    struct publisher p = {.published = 1};
    struct asked asked[] = {{.name = "www.example", .type = "A", .no_edns = true},
                            {.name = "ns.sub.example", .type = "A", .no_edns = true}};
    pthread_t thread;
    unsigned seen = 1;
    p.versions[0] = atomic_load(&b->slots[0].version);
    for (unsigned i = 1; i < VERSIONS; i++)
        p.versions[i] = version(i + 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, publish_all, &p), 0);
    for (unsigned turn = 0; seen < VERSIONS; turn++) {
        struct posed q = {.len = write_question(&asked[turn / 3 % 2], q.packet)};
        unsigned least = atomic_load(&p.published);
        pose(&q, 1);
        unsigned got = q.packet[q.len - 1]; /* the last octet of the address */
        ck_assert_uint_ge(got, seen);
        ck_assert_uint_ge(got, least);
        seen = got;
    }
    pthread_join(thread, NULL);
    slot_publish(&b->slots[0], p.versions[0]);
    for (unsigned i = 1; i < VERSIONS; i++)
        (void)zone_release(p.versions[i]);
}
END_TEST

TCase *case_answer_ready(void)
{
    TCase *c = tcase_create("answer_ready");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, answers_that_last);
    tcase_add_test(c, answers_that_do_not);
    tcase_add_test(c, who_may_ask_is_looked_at);
    tcase_add_test(c, only_of_what_is_served_now);
    tcase_add_test(c, only_to_the_same_octets);
    tcase_add_test(c, counted_like_others);
    tcase_add_test(c, rests_where_it_is_of_no_use);
    tcase_add_test(c, whole_and_cut_questions);
    tcase_add_test(c, random_questions);
    tcase_add_test(c, never_older_than_what_was_seen);
    return c;
}
