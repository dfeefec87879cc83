/* zone_encode.c - base16, base32hex and base64 as RFC 4648 has them, in one piece or in many. */
#include "zone/encode.h"
#include "cases.h"
#include <string.h>

struct row {
    enum encoding as;
    const char *octets, *letters;
};
/* RFC 4648 10, padding of base32hex left out. */
static const struct row rows[] = {
    {ENCODING_HEX, "", ""},
    {ENCODING_HEX, "foobar", "666F6F626172"},
    {ENCODING_BASE64, "f", "Zg=="},
    {ENCODING_BASE64, "fo", "Zm8="},
    {ENCODING_BASE64, "foo", "Zm9v"},
    {ENCODING_BASE64, "foobar", "Zm9vYmFy"},
    {ENCODING_BASE32HEX, "f", "CO"},
    {ENCODING_BASE32HEX, "fo", "CPNG"},
    {ENCODING_BASE32HEX, "foo", "CPNMU"},
    {ENCODING_BASE32HEX, "foob", "CPNMUOG"},
    {ENCODING_BASE32HEX, "foobar", "CPNMUOJ1E8"},
};

START_TEST(octets_and_letters)
{
    const struct row *row = &rows[_i];
    size_t len = strlen(row->letters);
    for (size_t cut = 0; cut <= len; cut++) {
        struct buf out = {.len = 0};
        struct decoding d = {.as = row->as};
        ck_assert_uint_eq(decode(&d, row->letters, cut, &out), cut);
        ck_assert_uint_eq(decode(&d, row->letters + cut, len - cut, &out), len - cut);
        ck_assert_ptr_null(decode_end(&d));
        ck_assert_str_eq(buf_text(&out), row->octets);
        buf_free(&out);
    }
    struct buf letters = {.len = 0};
    encode(row->as, (const uint8_t *)row->octets, strlen(row->octets), &letters);
    ck_assert_str_eq(buf_text(&letters), row->letters);
    buf_free(&letters);
}
END_TEST

START_TEST(stops_at_what_is_no_letter)
{
    static const struct {
        enum encoding as;
        const char *letters;
        size_t taken;
    } bad[] = {{ENCODING_HEX, "0g", 1},      {ENCODING_HEX, "0x", 1},      {ENCODING_BASE32HEX, "W", 0},
               {ENCODING_BASE64, "Zm8=Zg", 4}, {ENCODING_BASE64, "=", 0},  {ENCODING_BASE64, "Z=", 1},
               {ENCODING_BASE64, "Zg===", 4}, {ENCODING_BASE64, "Zm9v=", 4}, {ENCODING_BASE64, "Zm-", 2}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf out = {.len = 0};
        struct decoding d = {.as = bad[i].as};
        ck_assert_uint_eq(decode(&d, bad[i].letters, strlen(bad[i].letters), &out), bad[i].taken);
        buf_free(&out);
    }
}
END_TEST

START_TEST(says_what_is_missing)
{
    static const struct {
        enum encoding as;
        const char *letters;
    } bad[] = {{ENCODING_HEX, "abc"},     {ENCODING_BASE64, "Zg"},   {ENCODING_BASE64, "Zg="},
               {ENCODING_BASE64, "Z"},    {ENCODING_BASE64, "Zh=="}, {ENCODING_BASE64, "Zm9="},
               {ENCODING_BASE32HEX, "C"}, {ENCODING_BASE32HEX, "CP"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf out = {.len = 0};
        struct decoding d = {.as = bad[i].as};
        ck_assert_uint_eq(decode(&d, bad[i].letters, strlen(bad[i].letters), &out), strlen(bad[i].letters));
        ck_assert_msg(decode_end(&d) != NULL, "%s", bad[i].letters);
        buf_free(&out);
    }
}
END_TEST

TCase *case_zone_encode(void)
{
    TCase *c = tcase_create("zone_encode");
    tcase_add_loop_test(c, octets_and_letters, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(c, stops_at_what_is_no_letter);
    tcase_add_test(c, says_what_is_missing);
    return c;
}
