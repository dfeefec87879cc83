/* config_secrets.c - tests of the file of cookie secrets. */
#include "config/secrets.h"
#include "config_memory.h"

#define A "000102030405060708090a0b0c0d0e0f"
#define B "FFfeFDfcFBfaF9f8F7f6F5f4F3f2F1f0"

static struct config *with(const char *secrets, struct buf *errors)
{
    struct memory_file files[] = {
        {.path = "/etc/conf", .text = "server: {cookie-secret-file: secrets}\n"},
        {.path = "/etc/secrets", .text = secrets},
        {.path = NULL},
    };
    return memory_config(files, errors);
}

static struct config_cookies taken(const char *secrets)
{
    struct buf errors = {.len = 0};
    struct config *c = with(secrets, &errors);
    ck_assert_str_eq(buf_text(&errors), "");
    struct config_cookies got = c->server.cookies;
    ck_assert_str_eq(c->server.cookie_secret_file, "/etc/secrets");
    buf_free(&errors);
    config_free(c);
    return got;
}

START_TEST(takes_secrets)
{
    struct config_cookies got = taken(A "\n");
    ck_assert_uint_eq(got.count, 1);
    for (unsigned i = 0; i < 16; i++) {
        ck_assert_uint_eq(got.secret[0][i], i);
    }
    got = taken("# the new one\n\n" B "\r\n" A);
    ck_assert_uint_eq(got.count, 2);
    for (unsigned i = 0; i < 16; i++) {
        ck_assert_uint_eq(got.secret[0][i], 255 - i);
    }
    ck_assert_uint_eq(taken(A "\n" B "\n" A "\n" B "\n").count, 4);
    struct config *c = good_config("server: {}");
    ck_assert_uint_eq(c->server.cookies.count, 0);
    config_free(c);
}
END_TEST

START_TEST(tells_what_is_wrong)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"", "no secret in it"},
        {"# nothing\n", "no secret in it"},
        {A "0\n", "line 1: a secret is 32 hexadecimal digits"},
        {A "\n" A A "\n", "line 2: a secret is 32 hexadecimal digits"},
        {"00010203040506070809", "line 1: a secret is 32 hexadecimal digits"},
        {"\n 00102030405060708090a0b0c0d0e0f\n", "line 2: a secret is 32 hexadecimal digits"},
        {"000102030405060708090a0b0c0d0e0g", "line 1: a secret is 32 hexadecimal digits"},
        {A "\n" A "\n" A "\n" A "\n" A "\n", "line 5: more than 4 secrets"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf errors = {.len = 0}, expected = {.len = 0};
        buf_print(&expected, "/etc/conf:1:30: error: cookie-secret-file: %s\n", rows[i].error);
        ck_assert_ptr_null(with(rows[i].text, &errors));
        ck_assert_str_eq(buf_text(&errors), buf_text(&expected));
        buf_free(&errors);
        buf_free(&expected);
    }
}
END_TEST

START_TEST(tells_that_it_is_not_there)
{
    static const struct fault faults[] = {
        {"server: {cookie-secret-file: /secrets}",
         "1:30: cookie-secret-file: /secrets: no such file\n"},
        {"server: {cookie-secret-file: }", "1:10: cookie-secret-file: no value\n"},
        {"server: {cookie-secret-file: [a, b]}",
         "1:30: cookie-secret-file: one value belongs here, not a list\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

TCase *case_config_secrets(void)
{
    TCase *c = tcase_create("config_secrets");
    tcase_add_test(c, takes_secrets);
    tcase_add_test(c, tells_what_is_wrong);
    tcase_add_test(c, tells_that_it_is_not_there);
    return c;
}
