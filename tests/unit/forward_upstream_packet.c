/* forward_upstream_packet.c - what we send, and what makes a packet its answer: ID, question, case,
 * cookie. */
#include "cases.h"
#include "forward/upstream_packet.h"
#include "wire/edns.h"
#include "wire/msg.h"
#include "wire/query.h"
#include "wire/rrtype.h"
#include <string.h>

static struct {
    struct rand rand;
    struct entropy entropy;
    struct chance chance;
    struct buf out;
    struct packet_peer peer;
    struct packet_sent sent;
    uint8_t msg[512]; /* an answer */
    size_t len;
} f;

static void fill(void *ctx, void *out, size_t len)
{
    uint8_t *to = out;
    (void)ctx;
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)rand_u64(&f.rand);
    }
}

static void start(void)
{
    memset(&f, 0, sizeof f);
    rand_seed(&f.rand, 3);
    f.entropy.fill = fill;
    f.chance.entropy = &f.entropy;
    memcpy(f.peer.client, "CLIENT!!", 8);
}

static void stop(void)
{
    buf_free(&f.out);
}

static void write_one(const char *text, bool plain)
{
    struct name name;
    ck_assert(name_from(text, &name));
    struct upstream_question q = {.name = name.octets,
                                  .type = TYPE_AAAA,
                                  .flags = MSG_RD | MSG_CD,
                                  .dnssec_ok = true,
                                  .plain = plain};
    packet_write(&q, &f.peer, &f.chance, &f.out, &f.sent);
}

/* The answer that fits, with the cookie given (NULL: no OPT at all). */
static void make_answer(const char *cookie, size_t cookie_len)
{
    struct buf b = {.data = NULL};
    buf_add_u16(&b, f.sent.id);
    buf_add_u16(&b, MSG_QR);
    buf_add_u16(&b, 1);
    buf_add_u32(&b, 0);
    buf_add_u16(&b, cookie != NULL ? 1 : 0);
    buf_add(&b, f.sent.question, f.sent.question_len);
    if (cookie != NULL) {
        buf_add(&b, "\0\0\51\4\320\0\0\0\0", 9);
        buf_add_u16(&b, (uint16_t)(4 + cookie_len));
        edns_option(&b, OPTION_COOKIE, cookie, cookie_len);
    }
    ck_assert(!b.failed && b.len <= sizeof f.msg);
    memcpy(f.msg, b.data, b.len);
    f.len = b.len;
    buf_free(&b);
}

static bool fits(void)
{
    return packet_answers(f.msg, f.len, &f.sent, &f.peer);
}

START_TEST(question_is_well_formed)
{
    struct query q;
    write_one("www.Example.com", false);
    ck_assert_int_eq(query_read(f.out.data, f.out.len, &q), QUERY_OK);
    ck_assert_uint_eq(q.id, f.sent.id);
    ck_assert_uint_eq(q.flags, MSG_RD | MSG_CD);
    ck_assert_uint_eq(q.qtype, TYPE_AAAA);
    ck_assert_uint_eq(q.qclass, CLASS_IN);
    ck_assert(q.has_edns && q.dnssec_ok && q.wants_zoneversion);
    ck_assert_uint_eq(q.payload, MSG_UDP_DEFAULT);
    ck_assert_uint_eq(q.cookie_len, 8);
    ck_assert_mem_eq(q.cookie, "CLIENT!!", 8);
    struct name name;
    ck_assert(name_from("www.example.com", &name));
    ck_assert(name_same(q.qname, name.octets));
    write_one(".", true);
    ck_assert_int_eq(query_read(f.out.data, f.out.len, &q), QUERY_OK);
    ck_assert(!q.has_edns);
    ck_assert_uint_eq(f.out.len, 12 + 5);
}
END_TEST

START_TEST(case_is_of_chance)
{
    unsigned upper[6] = {0};
    for (unsigned i = 0; i < 1000; i++) {
        write_one("abcdef", false);
        for (unsigned k = 0; k < 6; k++) {
            upper[k] += f.sent.question[1 + k] < 'a' ? 1 : 0;
        }
        ck_assert_uint_eq(f.sent.question[0], 6);
    }
    for (unsigned k = 0; k < 6; k++) {
        ck_assert_uint_gt(upper[k], 430);
        ck_assert_uint_lt(upper[k], 570);
    }
}
END_TEST

START_TEST(case_is_put_back)
{
    for (unsigned i = 0; i < 50; i++) {
        write_one("wWw.ExAmple.com", false);
        make_answer(NULL, 0);
        packet_restore(f.msg, &f.sent);
        ck_assert_mem_eq(f.msg + MSG_HEADER, "\3wWw\7ExAmple\3com\0\0\34\0\1", 21);
    }
}
END_TEST

START_TEST(all_must_fit)
{
    write_one("www.example.com", false);
    make_answer(NULL, 0);
    ck_assert(fits());
    const size_t places[] = {0, 1, 5, 12, 13, 28, 29, 31, 32}; /* ID, count, name, type, class */
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        f.msg[places[i]] ^= 1;
        ck_assert_msg(!fits(), "octet %zu", places[i]);
        f.msg[places[i]] ^= 1;
    }
    f.msg[13] ^= 0x20; /* case */
    ck_assert(!fits());
    f.msg[13] ^= 0x20;
    f.msg[2] = 0; /* a question */
    ck_assert(!fits());
    f.msg[2] = 0x80;
    ck_assert(fits());
    for (; f.len > 0; f.len--) {
        ck_assert_int_eq(fits(), f.len >= 33);
    }
}
END_TEST

START_TEST(a_server_that_loses_case_is_believed_in_time)
{
    for (unsigned i = 0; i < HABIT_MISSES; i++) {
        ck_assert(!f.peer.case_given_up);
        write_one("www.example.com", false);
        make_answer(NULL, 0);
        f.msg[13] ^= 0x20;
        ck_assert(!fits());
    }
    ck_assert(f.peer.case_given_up);
    write_one("wWw.example.com", false);
    ck_assert_mem_eq(f.sent.question, "\3wWw", 4); /* as it was asked of us */
    make_answer(NULL, 0);
    f.msg[13] ^= 0x20;
    ck_assert(fits());
    f.msg[13] ^= 1;
    ck_assert(!fits());
}
END_TEST

START_TEST(a_server_that_kept_case_once_must_keep_it)
{
    write_one("www.example.com", false);
    make_answer(NULL, 0);
    ck_assert(fits());
    f.msg[13] ^= 0x20;
    for (unsigned i = 0; i < 10 * HABIT_MISSES; i++) {
        ck_assert(!fits());
    }
    ck_assert(!f.peer.case_given_up);
}
END_TEST

START_TEST(cookies_are_compared_and_learned)
{
    write_one("www.example.com", false);
    make_answer("CLIENT!?", 8);
    ck_assert(!fits());
    make_answer("CLIENT!!", 7);
    ck_assert(!fits());
    make_answer("CLIENT!!server", 14);
    ck_assert(!fits());
    make_answer("CLIENT!!", 8);
    ck_assert(fits());
    make_answer(NULL, 0);
    ck_assert(fits()); /* it has shown none yet */
    make_answer("CLIENT!!0123456789", 18);
    ck_assert(fits());
    ck_assert_uint_eq(f.peer.server_len, 10);
    struct query q;
    write_one("www.example.com", false);
    ck_assert_int_eq(query_read(f.out.data, f.out.len, &q), QUERY_OK);
    ck_assert_uint_eq(q.cookie_len, 18);
    ck_assert_mem_eq(q.cookie, "CLIENT!!0123456789", 18);
    make_answer(NULL, 0);
    ck_assert(!fits()); /* now one is expected */
    make_answer("CLIENT!!0123456789", 18);
    ck_assert(fits());
    for (unsigned i = 0; i < HABIT_MISSES; i++) {
        ck_assert_uint_eq(f.peer.server_len, 10);
        make_answer(NULL, 0);
        ck_assert(!fits());
    }
    ck_assert_uint_eq(f.peer.server_len, 0); /* it has stopped giving them */
    ck_assert(fits());
}
END_TEST

START_TEST(without_edns_no_cookie_is_expected)
{
    f.peer.server_len = 8;
    write_one("www.example.com", true);
    make_answer(NULL, 0);
    ck_assert(fits());
}
END_TEST

TCase *case_forward_upstream_packet(void)
{
    TCase *c = tcase_create("forward_upstream_packet");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, question_is_well_formed);
    tcase_add_test(c, case_is_of_chance);
    tcase_add_test(c, case_is_put_back);
    tcase_add_test(c, all_must_fit);
    tcase_add_test(c, a_server_that_loses_case_is_believed_in_time);
    tcase_add_test(c, a_server_that_kept_case_once_must_keep_it);
    tcase_add_test(c, cookies_are_compared_and_learned);
    tcase_add_test(c, without_edns_no_cookie_is_expected);
    return c;
}
