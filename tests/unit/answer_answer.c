/* answer_answer.c - tests of the table of contents: opcode by class by type, and what is no
 * question. */
#include "answer_fixture.h"
#include "cases.h"

static struct bench *a_bench(void)
{
    struct bench *b = bench_new();
    bench_zone(b, "example", "www 60 A 192.0.2.1\n");
    bench_cache(b, "cached");
    bench_ready(b);
    return b;
}

static unsigned rcode_of(const struct bench *b)
{
    ck_assert_int_eq(b->verdict, VERDICT_SEND);
    return b->packet[3] & 15;
}

/* RELIABILITY.md 14, swept: every opcode, some classes, every type that is special and some that
 * are not. */
START_TEST(opcode_class_type)
{
    static const uint16_t classes[] = {CLASS_IN, 0, 2, CLASS_CH, 4, CLASS_NONE, CLASS_ANY, 65280};
    struct bench *b = a_bench();
    for (unsigned opcode = 0; opcode < 16; opcode++) {
        for (size_t c = 0; c < sizeof classes / sizeof *classes; c++) {
            for (unsigned type = 0; type < 300; type++) {
                uint8_t question[1024];
                struct asked a = {.name = "www.example",
                                  .type = "A",
                                  .flags = (uint16_t)(opcode << 11),
                                  .class = classes[c]};
                size_t len = write_question(&a, question);
                put_u16(question + MSG_HEADER + 13, (uint16_t)type);
                put_u16(question + MSG_HEADER + 15, classes[c]);
                memcpy(b->packet, question, len);
                bench_call(b, len, false);
                unsigned expected = RCODE_NOERROR, got = rcode_of(b);
                if (opcode == OPCODE_UPDATE) {
                    expected = RCODE_REFUSED;
                } else if (opcode != OPCODE_QUERY && opcode != OPCODE_NOTIFY) {
                    expected = RCODE_NOTIMP;
                } else if (classes[c] != CLASS_IN) {
                    expected = RCODE_REFUSED;
                } else if (opcode == OPCODE_NOTIFY) {
                    expected = type == TYPE_SOA ? RCODE_NOTAUTH : RCODE_FORMERR;
                } else if (type == TYPE_MAILA || type == TYPE_MAILB) {
                    expected = RCODE_NOTIMP;
                } else if (type == 0 || type == TYPE_OPT || (type >= 128 && type < TYPE_ANY)) {
                    expected = RCODE_FORMERR;
                }
                ck_assert_msg(got == expected, "opcode %u class %u type %u: %s, not %s", opcode,
                              classes[c], type, rcode_name(got), rcode_name(expected));
                ck_assert_uint_eq(b->out.wish, WISH_NONE);
            }
        }
    }
    bench_free(b);
}
END_TEST

/* RFC 7873 5.4: no question at all, but a cookie. */
START_TEST(asking_for_a_cookie)
{
    struct cookie_jar jar = {.seed = "any"};
    struct bench *b = a_bench();
    struct asked a = {
        .name = ".", .type = "A", .cookie = (const uint8_t *)"8 octets", .cookie_len = 8};
    uint8_t question[1024];
    size_t len = write_question(&a, question) - 5;
    put_u16(question + 4, 0);
    memmove(question + MSG_HEADER, question + MSG_HEADER + 5, len - MSG_HEADER);
    memcpy(b->packet, question, len);
    bench_call(b, len, false);
    ck_assert_uint_eq(rcode_of(b), RCODE_FORMERR);
    b->worker.cookies = &jar;
    memcpy(b->packet, question, len);
    bench_call(b, len, false);
    ck_assert_uint_eq(rcode_of(b), RCODE_NOERROR);
    ck_assert_uint_eq(b->out.len, MSG_HEADER + 11 + 4 + COOKIE_SIZE);
    ck_assert_uint_eq(get_u16(b->packet + 4), 0);
    memcpy(question, b->packet, b->out.len); /* its answer, made a question, confirms the cookie */
    for (unsigned bad = 0; bad < 2; bad++) {
        memcpy(b->packet, question, MSG_HEADER + 11 + 4 + COOKIE_SIZE);
        put_u16(b->packet + 2, 0);
        b->packet[b->out.len - 1] ^= (uint8_t)bad;
        bench_call(b, b->out.len, false);
        ck_assert_uint_eq(rcode_of(b), bad ? RCODE_BADCOOKIE & 15 : RCODE_NOERROR);
        ck_assert_uint_eq(b->packet[MSG_HEADER + 5], bad ? RCODE_BADCOOKIE >> 4 : 0);
        ck_assert_mem_eq(b->packet + b->out.len - COOKIE_SIZE, "8 octets", 8);
    }
    bench_free(b);
}
END_TEST

START_TEST(never_an_answer_to_an_answer)
{
    struct bench *b = a_bench();
    for (unsigned opcode = 0; opcode < 16; opcode++) {
        EXPECT(b, "drop", "www.example", "A", .flags = (uint16_t)(MSG_QR | opcode << 11));
    }
    ck_assert_uint_eq(counted(&b->counters, COUNT_dropped_response), 16);
    for (size_t len = 0; len < MSG_HEADER; len++) {
        memset(b->packet, 0, MSG_HEADER);
        ck_assert_int_eq(bench_call(b, len, false), VERDICT_DROP);
    }
    ck_assert_uint_eq(counted(&b->counters, COUNT_dropped_short), MSG_HEADER);
    ck_assert_uint_eq(counted(&b->counters, COUNT_answers), 0);
    bench_free(b);
}
END_TEST

START_TEST(nobody_at_port_0)
{
    struct bench *b = a_bench();
    b->from.port = 0;
    EXPECT(b, "drop", "www.example", "A");
    ck_assert_uint_eq(counted(&b->counters, COUNT_dropped_malformed), 1);
    EXPECT(b, "NOERROR aa\nan www.example. 60 IN A 192.0.2.1\n", "www.example", "A", .tcp = true);
    bench_free(b);
}
END_TEST

/* Cut anywhere, a question is FORMERR with what of it could be read, and the octets behind are
 * not. */
START_TEST(cut_questions)
{
    struct bench *b = a_bench();
    struct asked a = {.name = "www.example", .type = "A"};
    uint8_t question[1024];
    size_t len = write_question(&a, question);
    for (size_t cut = MSG_HEADER; cut < len; cut++) {
        uint8_t *exact = malloc(cut > 512 ? cut : 512);
        ck_assert(exact != NULL);
        memcpy(exact, question, cut);
        struct packet p = {.buf = exact, .len = cut, .room = 512, .from = b->from};
        ck_assert_int_eq(answer(&b->worker, &p, &b->try, b->now, &b->out), VERDICT_SEND);
        ck_assert_uint_eq(exact[3] & 15, RCODE_FORMERR);
        ck_assert_uint_eq(get_u16(exact + 4), cut >= MSG_HEADER + 17);
        free(exact);
    }
    ck_assert_uint_eq(counted(&b->counters, COUNT_formerr), len - MSG_HEADER);
    bench_free(b);
}
END_TEST

START_TEST(later_edns)
{
    struct bench *b = a_bench();
    struct asked a = {.name = "www.example", .type = "A"};
    size_t len = write_question(&a, b->packet);
    b->packet[len - 5] = 1; /* the version in the OPT */
    ck_assert_int_eq(bench_call(b, len, false), VERDICT_SEND);
    struct buf text = {0};
    print_answer(&text, b->packet, b->out.len);
    ck_assert_str_eq(buf_text(&text), "BADVERS\n");
    buf_free(&text);
    bench_free(b);
}
END_TEST

START_TEST(signed_with_an_unknown_key)
{
    static const uint8_t tsig[] = {3, 'k', 'e', 'y', 0,    0,    250, 0, 255, 0, 0, 0,
                                   0, 0,   19,  1,   'h',  0,    0,   0, 0,   0, 0, 0,
                                   1, 44,  0,   0,   0x12, 0x34, 0,   0, 0,   0};
    struct bench *b = a_bench();
    struct asked a = {.name = "www.example", .type = "A", .no_edns = true};
    size_t len = write_question(&a, b->packet);
    memcpy(b->packet + len, tsig, sizeof tsig);
    b->packet[11] = 1;
    ck_assert_int_eq(bench_call(b, len + sizeof tsig, false), VERDICT_SEND);
    ck_assert_uint_eq(rcode_of(b), RCODE_NOTAUTH);
    ck_assert_uint_eq(b->out.len, len + sizeof tsig); /* unsigned itself, with the error BADKEY */
    ck_assert_mem_eq(b->packet + len, tsig, sizeof tsig - 4);
    ck_assert_mem_eq(b->packet + len + sizeof tsig - 4, "\0\x11\0\0", 4);
    ck_assert_uint_eq(get_u16(b->packet + 10), 1);
    (void)write_question(&a, b->packet);
    memcpy(b->packet + len, tsig, sizeof tsig);
    b->packet[11] = 1;
    b->packet[len + sizeof tsig - 7] = 9; /* a MAC that is not there */
    ck_assert_int_eq(bench_call(b, len + sizeof tsig, false), VERDICT_SEND);
    ck_assert_uint_eq(rcode_of(b), RCODE_FORMERR);
    bench_free(b);
}
END_TEST

START_TEST(not_ours)
{
    struct bench *b = a_bench();
    EXPECT(b, "REFUSED\nede 20\n", "www.elsewhere", "A");
    ck_assert_ptr_null(b->out.zone);
    b->rules[0].allow.any = false;
    EXPECT(b, "REFUSED\nede 18\n", "www.example", "A");
    EXPECT(b, "REFUSED\n", "www.example", "A", .no_edns = true);
    bench_free(b);
}
END_TEST

/* A question that waited for upstream is no new one. */
START_TEST(counted_once)
{
    struct bench *b = a_bench();
    EXPECT(b, "ask", "www.cached", "A", .recursion = true);
    b->try.asked = 1;
    EXPECT(b, "ask", "www.cached", "A", .recursion = true);
    ck_assert_uint_eq(counted(&b->counters, COUNT_queries_udp), 1);
    ck_assert_uint_eq(counted(&b->counters, COUNT_cache_misses), 1);
    bench_free(b);
}
END_TEST

TCase *case_answer_answer(void)
{
    TCase *c = tcase_create("answer_answer");
    tcase_add_test(c, opcode_class_type);
    tcase_add_test(c, asking_for_a_cookie);
    tcase_add_test(c, never_an_answer_to_an_answer);
    tcase_add_test(c, nobody_at_port_0);
    tcase_add_test(c, cut_questions);
    tcase_add_test(c, later_edns);
    tcase_add_test(c, signed_with_an_unknown_key);
    tcase_add_test(c, not_ours);
    tcase_add_test(c, counted_once);
    return c;
}
