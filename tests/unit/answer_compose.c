/* answer_compose.c - tests of what every answer has: EDNS, sizes, truncation, counters. */
#include "answer_fixture.h"
#include "cases.h"

static void add_texts(struct buf *lines, const char *owner, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        buf_print(lines,
                  "%s 60 TXT \"%u "
                  "0123456789012345678901234567890123456789012345678901234567890123456789"
                  "0123456789\"\n",
                  owner, i);
    }
}

static struct bench *a_bench(void)
{
    struct bench *b = bench_new();
    struct buf lines = {0};
    buf_print(&lines, "www 60 A 192.0.2.1\nlink 60 CNAME t20\n");
    add_texts(&lines, "t4", 4);
    add_texts(&lines, "t20", 20);
    add_texts(&lines, "t600", 600);
    bench_zone(b, "example", buf_text(&lines));
    buf_free(&lines);
    bench_ready(b);
    return b;
}

static unsigned lines_of(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
        n++;
    }
    return n;
}

START_TEST(truncated_by_whole_sets)
{
    struct bench *b = a_bench();
    EXPECT(b, "NOERROR aa tc\n", "t20.example", "TXT");
    EXPECT(b, "NOERROR aa tc\nan link.example. 60 IN CNAME t20.example.\n", "link.example", "TXT");
    ASK(b, "t20.example", "TXT", .tcp = true);
    ck_assert_uint_eq(lines_of(b->text, "an "), 20);
    ck_assert_uint_eq(counted(&b->counters, COUNT_answers_truncated), 2);
    ck_assert_uint_eq(counted(&b->counters, COUNT_answers), 3);
    ck_assert_uint_eq(counted(&b->counters, COUNT_noerror), 3);
    ck_assert_uint_eq(counted(&b->counters, COUNT_queries_udp), 2);
    ck_assert_uint_eq(counted(&b->counters, COUNT_queries_tcp), 1);
    bench_free(b);
}
END_TEST

START_TEST(as_large_as_both_allow)
{
    struct bench *b = a_bench();
    EXPECT(b, "NOERROR aa tc\n", "t20.example", "TXT", .no_edns = true);
    ASK(b, "t4.example", "TXT", .no_edns = true);
    ck_assert_uint_eq(lines_of(b->text, "an "), 4);
    EXPECT(b, "NOERROR aa tc\n", "t20.example", "TXT", .payload = 4096); /* ours is 1232 */
    b->config.server.udp_payload = 600;
    ck_assert_uint_eq(lines_of(ASK(b, "t4.example", "TXT"), "an "), 4);
    b->config.server.udp_payload = 1232;
    ASK(b, "t4.example", "TXT", .payload = 100); /* RFC 6891 6.2.3: below 512 is 512 */
    ck_assert_uint_eq(lines_of(b->text, "an "), 4);
    ck_assert_uint_eq(lines_of(ASK(b, "t600.example", "TXT", .tcp = true), "an "), 600);
    bench_free(b);
}
END_TEST

/* Neither a buffer smaller than the limit is overrun. */
START_TEST(room_of_the_buffer)
{
    struct bench *b = a_bench();
    b->room = 512;
    EXPECT(b, "NOERROR aa tc\n", "t600.example", "TXT", .tcp = true);
    bench_free(b);
}
END_TEST

START_TEST(denial_that_does_not_fit)
{
    struct bench *b = bench_new();
#define L60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"
    struct buf lines = {0};
    buf_print(&lines, "@ 60 SOA %s.%s.%s.%s. %s.%s.%s.x. 1 2 3 4 5\n", L60, L60, L60, L60, L60, L60,
              L60);
    bench_zone(b, "example", buf_text(&lines));
    buf_free(&lines);
    bench_ready(b);
    EXPECT(b, "NXDOMAIN aa tc\n", L60 "." L60 ".example", "A", .no_edns = true);
    bench_free(b);
}
END_TEST

START_TEST(options_that_were_asked_for)
{
    struct bench *b = a_bench();
    EXPECT(b, "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\n", "www.example", "A", .nsid = true);
    b->config.server.nsid = "ns1.here";
    EXPECT(b, "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\nnsid ns1.here\n", "www.example", "A",
           .nsid = true);
    EXPECT(b, "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\n", "www.example", "A");
    EXPECT(b, "REFUSED\nnsid ns1.here\nede 20\n", "www.elsewhere", "A", .nsid = true);
    EXPECT(b, "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\ndo\n", "www.example", "A",
           .dnssec_ok = true);
    EXPECT(b, "NOERROR aa cd\nan www.example. 60 IN A 192.0.2.1\n", "www.example", "A",
           .flags = MSG_CD | MSG_AD);
    bench_free(b);
}
END_TEST

/* RFC 9660: of the zone the name asked is in, also for what is not there; not when we do not
 * know. */
START_TEST(zoneversion)
{
    struct bench *b = bench_new();
    bench_zone(b, "a.example",
               "www 60 A 192.0.2.1\nlink 60 CNAME www.b.example.\n"
               "sub 60 NS ns.elsewhere.\n");
    bench_zone(b, "b.example",
               "@ 60 SOA ns.example. admin.example. 99 3600 600 86400 300\n"
               "www 60 A 192.0.2.2\n");
    bench_ready(b);
    EXPECT(b, "NOERROR aa\nan www.a.example. 60 IN A 192.0.2.1\nzoneversion 2 7\n", "www.a.example",
           "A", .zoneversion = true);
    ck_assert_ptr_nonnull(
        strstr(ASK(b, "no.a.example", "A", .zoneversion = true), "zoneversion 2 7\n"));
    ck_assert_ptr_nonnull(
        strstr(ASK(b, "x.sub.a.example", "A", .zoneversion = true), "zoneversion 2 7\n"));
    ASK(b, "link.a.example", "A", .zoneversion = true);
    ck_assert_ptr_nonnull(strstr(b->text, "192.0.2.2"));
    ck_assert_ptr_nonnull(strstr(b->text, "zoneversion 2 7\n"));
    EXPECT(b, "REFUSED\nede 20\n", "www.elsewhere", "A", .zoneversion = true);
    atomic_store(&b->slots[0].state, SLOT_EXPIRED);
    EXPECT(b, "SERVFAIL\nede 24 zone expired\n", "www.a.example", "A", .zoneversion = true);
    bench_free(b);
}
END_TEST

/* RFC 7873 5.2: with a good cookie and with none of ours alike, and the answer has one. */
START_TEST(cookies)
{
    struct cookie_jar jar = {.seed = "any"};
    struct bench *b = a_bench();
    const uint8_t *client = (const uint8_t *)"8 octets";
    const char *plain = "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\n";
    EXPECT(b, plain, "www.example", "A", .cookie = client, .cookie_len = 8);
    b->worker.cookies = &jar;
    b->now.wall.ms = 1600000000000;
    const char *with = "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\ncookie 8 octets 1600000000\n";
    EXPECT(b, plain, "www.example", "A");
    EXPECT(b, with, "www.example", "A", .cookie = client, .cookie_len = 8);
    uint8_t got[COOKIE_SIZE];
    memcpy(got, b->packet + b->out.len - COOKIE_SIZE, COOKIE_SIZE);
    b->now.wall.ms += 1000;
    EXPECT(b, with, "www.example", "A", .cookie = got, .cookie_len = COOKIE_SIZE);
    ck_assert_mem_eq(b->packet + b->out.len - COOKIE_SIZE, got, COOKIE_SIZE);
    EXPECT(b, with, "www.example", "A", .cookie = got, .cookie_len = COOKIE_SIZE, .tcp = true);
    b->from.ip[3]++;
    EXPECT(b, "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\ncookie 8 octets 1600000001\n",
           "www.example", "A", .cookie = got, .cookie_len = COOKIE_SIZE);
    EXPECT(b, "REFUSED\ncookie 8 octets 1600000001\nede 20\n", "www.elsewhere", "A",
           .cookie = client, .cookie_len = 8);
    ck_assert_uint_eq(counted(&b->counters, COUNT_cookies_new), 2);
    ck_assert_uint_eq(counted(&b->counters, COUNT_cookies_good), 2);
    ck_assert_uint_eq(counted(&b->counters, COUNT_cookies_bad), 1);
    bench_free(b);
}
END_TEST

/* RFC 7828 3.3: over TCP, to those who ask. */
START_TEST(keepalive)
{
    struct bench *b = a_bench();
    const char *plain = "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\n";
    EXPECT(b, plain, "www.example", "A", .keepalive = true);
    EXPECT(b, plain, "www.example", "A", .tcp = true);
    EXPECT(b, "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\nkeepalive 300\n", "www.example", "A",
           .tcp = true, .keepalive = true);
    bench_free(b);
}
END_TEST

START_TEST(rcodes_are_counted)
{
    struct bench *b = a_bench();
    ASK(b, "no.example", "A");
    ASK(b, "www.elsewhere", "A");
    atomic_store(&b->slots[0].state, SLOT_FAILED);
    ASK(b, "www.example", "A");
    ck_assert_uint_eq(counted(&b->counters, COUNT_nxdomain), 1);
    ck_assert_uint_eq(counted(&b->counters, COUNT_refused), 1);
    ck_assert_uint_eq(counted(&b->counters, COUNT_servfail), 1);
    ck_assert_uint_eq(counted(&b->counters, COUNT_noerror), 0);
    bench_free(b);
}
END_TEST

TCase *case_answer_compose(void)
{
    TCase *c = tcase_create("answer_compose");
    tcase_add_test(c, truncated_by_whole_sets);
    tcase_add_test(c, as_large_as_both_allow);
    tcase_add_test(c, room_of_the_buffer);
    tcase_add_test(c, denial_that_does_not_fit);
    tcase_add_test(c, options_that_were_asked_for);
    tcase_add_test(c, zoneversion);
    tcase_add_test(c, cookies);
    tcase_add_test(c, keepalive);
    tcase_add_test(c, rcodes_are_counted);
    return c;
}
