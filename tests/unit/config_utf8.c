/* config_utf8.c - the first octet that is not text, and where it stands. */
#include "cases.h"
#include "config/utf8.h"
#include <string.h>

START_TEST(takes_text)
{
    static const char *const rows[] = {
        "",
        "a\tb\r\nc",
        "\xc2\xa0\xc3\xbf\xdf\xbf",
        "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbb\xbf",
        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
    };
    struct utf8_fault fault;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert(utf8_check(rows[i], strlen(rows[i]), &fault));
    }
}
END_TEST

START_TEST(refuses_the_rest)
{
    static const char *const rows[] = {
        "\x01",
        "\x7f",
        "\x1b[",
        "\x80",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2\x41",
        "\xc2\x80",
        "\xe0\x9f\xbf",
        "\xe1\x80",
        "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf1\x80\x80",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
    };
    struct utf8_fault fault;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(!utf8_check(rows[i], strlen(rows[i]), &fault), "row %zu", i);
        ck_assert_uint_eq(fault.offset, 0);
        ck_assert_uint_eq(fault.octet, (unsigned char)rows[i][0]);
    }
    ck_assert(!utf8_check("a\0b", 3, &fault));
    ck_assert_uint_eq(fault.offset, 1);
}
END_TEST

START_TEST(says_where)
{
    struct utf8_fault fault;
    ck_assert(!utf8_check("one\nt\xc3\xa4x\xff", 9, &fault));
    ck_assert_uint_eq(fault.offset, 8);
    ck_assert_uint_eq(fault.line, 2);
    ck_assert_uint_eq(fault.column, 4);
    ck_assert_uint_eq(fault.octet, 0xff);
}
END_TEST

TCase *case_config_utf8(void)
{
    TCase *c = tcase_create("config_utf8");
    tcase_add_test(c, takes_text);
    tcase_add_test(c, refuses_the_rest);
    tcase_add_test(c, says_where);
    return c;
}
