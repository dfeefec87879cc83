/* base_escape.c - nothing from outside can start a line or drive a terminal. */
#include "base/escape.h"
#include "cases.h"
#include <string.h>

static const char *escaped(const char *text)
{
    static char out[200]; /* a test may keep what a server may not */
    return escape_text(text, out, sizeof out);
}

START_TEST(keeps_what_prints)
{
    ck_assert_str_eq(escaped("a b~\\\""), "a b~\\\"");
    ck_assert_str_eq(escaped("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa2"),
                     "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa2");
}
END_TEST

START_TEST(escapes_control_and_broken)
{
    ck_assert_str_eq(escaped("a\nb\tc\x7f\x1b[1m"), "a\\012b\\011c\\177\\033[1m");
    ck_assert_str_eq(escaped("\xc2\x9b"), "\\302\\233");                   /* a C1 control */
    ck_assert_str_eq(escaped("\xc0\xaf"), "\\300\\257");                   /* overlong */
    ck_assert_str_eq(escaped("\xe0\x80\xaf"), "\\340\\200\\257");          /* overlong */
    ck_assert_str_eq(escaped("\xed\xa0\x80"), "\\355\\240\\200");          /* surrogate */
    ck_assert_str_eq(escaped("\xf4\x90\x80\x80"), "\\364\\220\\200\\200"); /* beyond Unicode */
    ck_assert_str_eq(escaped("\xe2\x82"), "\\342\\202");                   /* cut */
    ck_assert_str_eq(escaped("\xff"), "\\377");
}
END_TEST

START_TEST(cuts_at_every_room)
{
    const char *text = "ab\ncd\nef\ngh";
    const char *whole = "ab\\012cd\\012ef\\012gh";
    for (size_t room = 8; room < strlen(whole) + 5; room++) {
        char *out = malloc(room); /* ASan watches its end */
        escape_text(text, out, room);
        ck_assert_uint_lt(strlen(out), room);
        if (room > strlen(whole)) {
            ck_assert_str_eq(out, whole);
        } else {
            size_t kept = strlen(out) - 3;
            ck_assert_str_eq(out + kept, "...");
            ck_assert(strncmp(out, whole, kept) == 0);
        }
        free(out);
    }
}
END_TEST

TCase *case_base_escape(void)
{
    TCase *c = tcase_create("base_escape");
    tcase_add_test(c, keeps_what_prints);
    tcase_add_test(c, escapes_control_and_broken);
    tcase_add_test(c, cuts_at_every_room);
    return c;
}
