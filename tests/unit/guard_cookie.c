/* guard_cookie.c - tests of cookies: RFC 9018's own, whose they are, how long they last, secrets
 * that change. */
#include "base/buf.h"
#include "cases.h"
#include "guard/cookie.h"
#include <stdio.h>
#include <string.h>

#define NOW_S 1559731985 /* when the RFC's first was made */

static unsigned from_hex(const char *hex, uint8_t *out)
{
    unsigned len = 0;
    for (; *hex != '\0'; hex += 2) {
        unsigned v;
        ck_assert_int_eq(sscanf(hex, "%2x", &v), 1);
        out[len++] = (uint8_t)v;
    }
    return len;
}

struct desk {
    struct cookie_jar jar;
    struct config_cookies secrets;
    struct addr from;
    char answer[2 * COOKIE_SIZE + 1]; /* of the last look, as hex */
};

static struct desk a_desk(const char *from)
{
    struct desk d = {.jar = {.seed = "fifteen octets."}};
    ck_assert(addr_parse(from, 4711, &d.from));
    return d;
}

static void add_secret(struct desk *d, const char *hex)
{
    ck_assert_uint_eq(from_hex(hex, d->secrets.secret[d->secrets.count++]), 16);
}

static enum cookie_is look(struct desk *d, const char *hex, int64_t now_s)
{
    uint8_t octets[40], answer[COOKIE_SIZE];
    struct cookie_sent sent = {octets, from_hex(hex, octets), &d->from};
    memset(answer, 0xee, sizeof answer);
    enum cookie_is is =
        cookie_look(&d->jar, &d->secrets, &sent, (struct wall){now_s * 1000 + 999}, answer);
    for (unsigned i = 0; i < sizeof answer; i++) {
        snprintf(d->answer + 2 * i, 3, "%02x", answer[i]);
    }
    return is;
}

/* The same look at what was answered last. */
static enum cookie_is look_again(struct desk *d, int64_t now_s)
{
    char sent[sizeof d->answer];
    memcpy(sent, d->answer, sizeof sent);
    return look(d, sent, now_s);
}

START_TEST(learning_a_cookie) /* RFC 9018 A.1 */
{
    struct desk d = a_desk("198.51.100.100");
    add_secret(&d, "e5e973e5a6b2a43f48e7dc849e37bfcf");
    ck_assert_int_eq(look(&d, "2464c4abcf10c957", NOW_S), COOKIE_NEW);
    ck_assert_str_eq(d.answer, "2464c4abcf10c957010000005cf79f111f8130c3eee29480");
}
END_TEST

START_TEST(renewing_it) /* A.2 */
{
    struct desk d = a_desk("198.51.100.100");
    add_secret(&d, "e5e973e5a6b2a43f48e7dc849e37bfcf");
    ck_assert_int_eq(look(&d, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559734385),
                     COOKIE_GOOD);
    ck_assert_str_eq(d.answer, "2464c4abcf10c957010000005cf7a871d4a564a1442aca77");
}
END_TEST

/* A.3: the reserved octets are not zero. As long ago as in the RFC's example we do not take it. */
START_TEST(another_client)
{
    struct desk d = a_desk("203.0.113.203");
    add_secret(&d, "e5e973e5a6b2a43f48e7dc849e37bfcf");
    const char *old = "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5";
    ck_assert_int_eq(look(&d, old, 1559727985 + 3600), COOKIE_GOOD);
    ck_assert_int_eq(look(&d, old, 1559734700), COOKIE_BAD);
    ck_assert_str_eq(d.answer, "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e");
}
END_TEST

START_TEST(a_secret_rolled_over) /* A.4 */
{
    struct desk d = a_desk("2001:db8:220:1:59de:d0f4:8769:82b8");
    const char *old = "22681ab97d52c298010000005cf7c57926556bd0934c72f8";
    add_secret(&d, "445536bcd2513298075a5d379663c962");
    ck_assert_int_eq(look(&d, old, 1559741961), COOKIE_BAD);
    add_secret(&d, "dd3bdf9344b678b185a6f5cb60fca715");
    ck_assert_int_eq(look(&d, old, 1559741961), COOKIE_GOOD);
    /* from now on with the new secret, though the old cookie is young */
    ck_assert_str_eq(d.answer, "22681ab97d52c298010000005cf7c609a6bb79d16625507a");
}
END_TEST

START_TEST(how_long_it_lasts) /* RFC 9018 4.3 */
{
    static const struct {
        int ago_s;
        enum cookie_is is;
        bool kept;
    } rows[] = {
        {0, COOKIE_GOOD, true},     {1800, COOKIE_GOOD, true},  {1801, COOKIE_GOOD, false},
        {3600, COOKIE_GOOD, false}, {3601, COOKIE_BAD, false},  {-300, COOKIE_GOOD, true},
        {-301, COOKIE_BAD, false},  {86400, COOKIE_BAD, false}, {-86400, COOKIE_BAD, false}};
    for (unsigned with_file = 0; with_file < 2; with_file++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct desk d = a_desk("192.0.2.1");
            d.secrets.count = with_file;
            ck_assert_int_eq(look(&d, "0102030405060708", NOW_S), COOKIE_NEW);
            char made[sizeof d.answer];
            memcpy(made, d.answer, sizeof made);
            ck_assert_int_eq(look(&d, made, NOW_S + rows[i].ago_s), rows[i].is);
            ck_assert_msg((strcmp(made, d.answer) == 0) == rows[i].kept, "row %zu", i);
            ck_assert_int_eq(look_again(&d, NOW_S + rows[i].ago_s), COOKIE_GOOD);
        }
    }
}
END_TEST

/* The seconds of a timestamp are a serial number (RFC 1982): they wrap in 2106. */
START_TEST(when_the_seconds_wrap)
{
    struct desk d = a_desk("192.0.2.1");
    int64_t wraps_s = INT64_C(1) << 32;
    ck_assert_int_eq(look(&d, "0102030405060708", wraps_s - 100), COOKIE_NEW);
    ck_assert_int_eq(look_again(&d, wraps_s + 100), COOKIE_GOOD);
}
END_TEST

/* Any octet changed, another address, another length: not ours, and the client gets a good one. */
START_TEST(made_up)
{
    struct desk d = a_desk("192.0.2.1"), other = a_desk("192.0.2.2");
    ck_assert_int_eq(look(&d, "0102030405060708", NOW_S), COOKIE_NEW);
    char made[sizeof d.answer], changed[sizeof d.answer];
    memcpy(made, d.answer, sizeof made);
    for (size_t i = 0; i < 2 * COOKIE_SIZE; i++) {
        memcpy(changed, made, sizeof made);
        changed[i] = made[i] == '0' ? '1' : '0';
        ck_assert_msg(look(&d, changed, NOW_S) == COOKIE_BAD, "digit %zu", i);
        ck_assert_int_eq(look_again(&d, NOW_S), COOKIE_GOOD);
    }
    ck_assert_int_eq(look(&other, made, NOW_S), COOKIE_BAD);
    for (size_t len = 16; len <= 40; len++) {
        char padded[81] = "";
        memcpy(padded, made, 48);
        memset(padded + 48, '0', sizeof padded - 49);
        padded[2 * len] = '\0';
        ck_assert_int_eq(look(&d, padded, NOW_S), len == COOKIE_SIZE ? COOKIE_GOOD : COOKIE_BAD);
    }
    ck_assert_int_eq(look(&d, "", NOW_S), COOKIE_ABSENT);
    ck_assert_str_eq(d.answer, "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
}
END_TEST

/* Without a file: another secret each day, the same with all workers, and yesterday's still
 * verifies. */
START_TEST(a_secret_for_each_day)
{
    int64_t midnight_s = (int64_t)NOW_S / 86400 * 86400 + 86400;
    struct desk d = a_desk("192.0.2.1"), other = a_desk("192.0.2.1");
    ck_assert_int_eq(look(&d, "0102030405060708", midnight_s - 1), COOKIE_NEW);
    uint8_t first[SIPHASH_KEY];
    memcpy(first, d.jar.secret, sizeof first);
    memcpy(other.answer, d.answer, sizeof d.answer);
    ck_assert_int_eq(look_again(&d, midnight_s + 1799), COOKIE_GOOD);
    ck_assert_int_eq(look_again(&other, midnight_s + 1801), COOKIE_GOOD);
    ck_assert_mem_ne(other.jar.secret, first, sizeof first);
    ck_assert_int_eq(look_again(&d, midnight_s + 3599), COOKIE_GOOD);
    struct desk stranger = a_desk("192.0.2.1");
    stranger.jar.seed[15] = 1;
    memcpy(stranger.answer, d.answer, sizeof d.answer);
    ck_assert_int_eq(look_again(&stranger, midnight_s + 3599), COOKIE_BAD);
}
END_TEST

TCase *case_guard_cookie(void)
{
    TCase *c = tcase_create("guard_cookie");
    tcase_add_test(c, learning_a_cookie);
    tcase_add_test(c, renewing_it);
    tcase_add_test(c, another_client);
    tcase_add_test(c, a_secret_rolled_over);
    tcase_add_test(c, how_long_it_lasts);
    tcase_add_test(c, when_the_seconds_wrap);
    tcase_add_test(c, made_up);
    tcase_add_test(c, a_secret_for_each_day);
    return c;
}
