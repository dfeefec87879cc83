/* config_complaint.c - the YAML parser's sentences in plain words, and when IPv6 is the likely
 * cause. */
#include "cases.h"
#include "config/complaint.h"
#include <string.h>

static void check(const char *problem, char at, const char *line, const char *expected)
{
    char out[COMPLAINT_MOST];
    struct complaint c = {problem, at, 7, line, strlen(line)};
    complaint_print(&c, out);
    ck_assert_str_eq(out, expected);
}

START_TEST(speaks_plainly)
{
    check("did not find expected ',' or ']'", 0, "a: [1",
          "the list that began in line 7 lacks a ',' or its ']'");
    check("found character that cannot start any token", '\t', "\ta",
          "a tab cannot indent: use spaces");
    check("found character that cannot start any token", '%', "a: %x",
          "text cannot begin with '%': quote it");
    check(
        "mapping values are not allowed in this context", ':', "a: b: c",
        "a ':' that does not fit here: look at the indentation of this line and the one above, and "
        "quote text that holds ': '");
    check("never heard of", 'x', "x", "cannot be read as YAML: never heard of");
}
END_TEST

START_TEST(suspects_ipv6)
{
    static const char *const suspects[] = {"listen: ::", "[::1]:53", "a: [x, 2001:db8::1]",
                                           "a: \"b\" fe80:1:", "\"'\" 'x' ::1"};
    static const char *const others[] = {
        "a: b: c", "a: \"::1\" x", "a: '::1", "12:30 x", "a: x # ::1", "", "\"::1"};
    char out[COMPLAINT_MOST];
    for (size_t i = 0; i < sizeof suspects / sizeof *suspects; i++) {
        struct complaint c = {"found unexpected ':'", ':', 1, suspects[i], strlen(suspects[i])};
        complaint_print(&c, out);
        ck_assert_str_eq(out, "a ':' that does not fit here; " QUOTE_IPV6);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct complaint c = {"found unexpected ':'", ':', 1, others[i], strlen(others[i])};
        complaint_print(&c, out);
        ck_assert_ptr_null(strstr(out, QUOTE_IPV6));
    }
    check("found character that cannot start any token", '@', "listen: @5300",
          "text cannot begin with '@', and an address is missing before it; " QUOTE_IPV6);
}
END_TEST

START_TEST(knows_what_belongs_to_the_start)
{
    ck_assert(complaint_at_start("found unexpected end of stream"));
    ck_assert(!complaint_at_start("did not find expected key"));
    ck_assert(!complaint_at_start("never heard of"));
}
END_TEST

TCase *case_config_complaint(void)
{
    TCase *c = tcase_create("config_complaint");
    tcase_add_test(c, speaks_plainly);
    tcase_add_test(c, suspects_ipv6);
    tcase_add_test(c, knows_what_belongs_to_the_start);
    return c;
}
