/* wire_tsig.c - the TSIG of a question, and the one that refuses it. */
#include "cases.h"
#include "wire/msg.h"
#include "wire/tsig.h"
#include <string.h>

/* key.k. ANY TSIG 0 h. time 1, fudge 300, MAC "abcd", ID 4660, no error, no other data */
#define OWNER "\3key\1k\0"
#define HEAD  "\0\xfa\0\xff\0\0\0\0\0"
#define REST                                                                                       \
    "\1h\0\0\0\0\0\0\1\1\x2c\0\4"                                                                  \
    "abcd"                                                                                         \
    "\x12\x34\0\0\0\0"

static bool read_tsig(const char *octets, size_t len, struct tsig *out)
{
    uint8_t msg[MSG_HEADER + 128] = {0};
    memcpy(msg + MSG_HEADER, octets, len);
    struct query q = {.msg = msg, .len = MSG_HEADER + len, .tsig_at = MSG_HEADER};
    return tsig_read(&q, out);
}

START_TEST(repeated_without_the_mac)
{
    static const char whole[] = OWNER HEAD "\x17" REST;
    static const char refusal[] = OWNER HEAD "\x13\1h\0\0\0\0\0\0\1\1\x2c\0\0\x12\x34\0\x11\0\0";
    uint8_t answer[128] = {[11] = 1};
    struct tsig t;
    ck_assert(read_tsig(whole, sizeof whole - 1, &t));
    size_t len = MSG_HEADER + sizeof refusal - 1;
    ck_assert_uint_eq(tsig_refuse(&t, TSIG_BADKEY, answer, MSG_HEADER, len - 1), MSG_HEADER);
    ck_assert_uint_eq(answer[11], 1); /* no room, nothing done */
    ck_assert_uint_eq(tsig_refuse(&t, TSIG_BADKEY, answer, MSG_HEADER, len), len);
    ck_assert_mem_eq(answer + MSG_HEADER, refusal, sizeof refusal - 1);
    ck_assert_uint_eq(answer[11], 2);
}
END_TEST

START_TEST(malformed)
{
    static const struct {
        const char *octets;
        size_t len;
    } rows[] = {
#define ROW(text) {text, sizeof text - 1}
        ROW(OWNER HEAD "\x16" REST),                  /* longer than it says */
        ROW(OWNER HEAD "\x18" REST "\0"),             /* shorter */
        ROW(OWNER HEAD "\x17" REST "\0"),             /* this one is well */
        ROW(OWNER "\0\xfa\0\1\0\0\0\0\0\x17" REST),   /* class IN */
        ROW(OWNER "\0\xfa\0\xff\0\0\0\1\0\x17" REST), /* a TTL */
        ROW(OWNER HEAD "\x05\1h\0\0\0"),              /* ends in the time */
        ROW(OWNER HEAD "\x17\1h\0\0\0\0\0\0\1\1\x2c\xff\xff"
                       "abcd\x12\x34\0\0\0\0"),
        ROW("\3key"),
        ROW(""),
    };
    struct tsig t;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(read_tsig(rows[i].octets, rows[i].len, &t) == (i == 2), "row %zu", i);
    }
}
END_TEST

TCase *case_wire_tsig(void)
{
    TCase *c = tcase_create("wire_tsig");
    tcase_add_test(c, repeated_without_the_mac);
    tcase_add_test(c, malformed);
    return c;
}
