/* wire_name_text.c - tests of names as text: what parses, what does not and why, and that print
 * -> parse gives it back. */
#include "base/rand.h"
#include "cases.h"
#include "wire/name.h"
#include <string.h>

static const char *print(const char *text, const uint8_t *origin)
{
    static char out[NAME_TEXT];
    struct name n;
    const char *why = "";
    if (!name_parse(text, strlen(text), origin, &n, &why)) {
        return why;
    }
    return name_print_dot(n.octets, out);
}

START_TEST(plain_names)
{
    char out[NAME_TEXT];
    struct name n;
    ck_assert_str_eq(print("www.Example.com.", NULL), "www.Example.com.");
    ck_assert_str_eq(print("www.example.com", NULL), "www.example.com.");
    ck_assert_str_eq(print(".", NULL), ".");
    ck_assert_str_eq(name_print(name_root, out), ".");
    ck_assert(name_from("a.b.", &n));
    ck_assert_str_eq(name_print(n.octets, out), "a.b");
}
END_TEST

START_TEST(origins)
{
    struct name origin, big;
    ck_assert(name_from("example.com", &origin));
    ck_assert_str_eq(print("www", origin.octets), "www.example.com.");
    ck_assert_str_eq(print("www.", origin.octets), "www.");
    ck_assert_str_eq(print("@", origin.octets), "example.com.");
    ck_assert_str_eq(print("\\@", origin.octets), "\\@.example.com.");
    ck_assert_str_eq(print(".", origin.octets), ".");
    char text[245];
    for (size_t i = 0; i < sizeof text - 1; i++) {
        text[i] = i % 2 == 0 ? 'a' : '.';
    }
    text[sizeof text - 2] = '\0';
    ck_assert(name_from(text, &big));
    ck_assert_str_eq(print(text, origin.octets), "name longer than 255 octets with its origin");
    text[241] = '\0'; /* 121 labels: 242 octets, and the origin's 13 */
    ck_assert_uint_eq(strlen(print(text, origin.octets)), 254);
    text[240] = 'b';
    memcpy(text + 241, "b", 2);
    ck_assert_str_eq(print(text, origin.octets), "name longer than 255 octets with its origin");
}
END_TEST

START_TEST(escapes)
{
    struct name n;
    ck_assert_str_eq(print("a\\.b.c", NULL), "a\\.b.c.");
    ck_assert_str_eq(print("\\000\\255\\065\\127~\\032", NULL), "\\000\\255A\\127\\~\\032.");
    ck_assert_str_eq(print("a\\ b;\\\"$()", NULL), "a\\032b\\;\\\"\\$\\(\\).");
    ck_assert_str_eq(print("a'b+[_-*/", NULL), "a\\'b\\+\\091_-*/.");
    ck_assert(name_from("\\046", &n)); /* a dot inside a label */
    ck_assert_uint_eq(name_labels(n.octets), 1);
}
END_TEST

START_TEST(wrong_names_say_why)
{
    char label[66], name[258];
    memset(label, 'a', 64);
    label[64] = '\0';
    for (size_t i = 0; i < sizeof name - 1; i++) {
        name[i] = i % 2 == 0 ? 'a' : '.';
    }
    ck_assert_str_eq(print("", NULL), "empty name");
    ck_assert_str_eq(print("a..b", NULL), "empty label");
    ck_assert_str_eq(print(".a", NULL), "empty label");
    ck_assert_str_eq(print("..", NULL), "empty label");
    ck_assert_str_eq(print(label, NULL), "label longer than 63 octets");
    ck_assert_str_eq(print("a\\", NULL), "backslash at the end");
    ck_assert_str_eq(print("a\\256", NULL), "backslash and a number above 255");
    ck_assert_str_eq(print("a\\25", NULL), "backslash and a digit, but not three digits");
    ck_assert_str_eq(print("a\\2x5", NULL), "backslash and a digit, but not three digits");
    name[254] = '\0'; /* 127 labels and the final dot: 255 octets */
    ck_assert_str_eq(print(name, NULL), name);
    name[253] = '\0';
    ck_assert_uint_eq(strlen(print(name, NULL)), 254);
    name[253] = '.';
    name[254] = 'a';
    name[255] = '\0';
    ck_assert_str_eq(print(name, NULL), "name longer than 255 octets");
    name[255] = '.';
    name[256] = '\0';
    ck_assert_str_eq(print(name, NULL), "name longer than 255 octets");
}
END_TEST

START_TEST(print_then_parse_gives_it_back)
{
    struct rand r;
    rand_seed(&r, 2);
    for (int i = 0; i < 2000; i++) {
        struct name n, back;
        size_t at = 0, len;
        const char *why;
        char text[NAME_TEXT];
        while (rand_below(&r, 6) != 0) {
            unsigned octets = 1 + rand_below(&r, 63);
            if (at + octets + 2 > NAME_SIZE) {
                break;
            }
            n.octets[at++] = (uint8_t)octets;
            for (; octets > 0; octets--) {
                n.octets[at++] = (uint8_t)rand_u64(&r);
            }
        }
        n.octets[at] = 0;
        ck_assert(name_check(n.octets, at + 1, &len));
        name_print(n.octets, text);
        ck_assert_uint_lt(strlen(text), NAME_TEXT);
        ck_assert_msg(name_parse(text, strlen(text), NULL, &back, &why), "%s: %s", text, why);
        ck_assert(name_same_case(n.octets, back.octets));
    }
}
END_TEST

START_TEST(output_only_on_success)
{
    struct name n;
    const char *why;
    ck_assert(name_from("kept", &n));
    ck_assert(!name_parse("a..b", 4, NULL, &n, &why));
    ck_assert_mem_eq(n.octets, "\4kept", 6);
    ck_assert(name_parse("sub", 3, n.octets, &n, &why)); /* the origin may be the result */
    ck_assert_mem_eq(n.octets, "\3sub\4kept", 10);
}
END_TEST

TCase *case_wire_name_text(void)
{
    TCase *c = tcase_create("wire_name_text");
    tcase_add_test(c, plain_names);
    tcase_add_test(c, origins);
    tcase_add_test(c, escapes);
    tcase_add_test(c, wrong_names_say_why);
    tcase_add_test(c, print_then_parse_gives_it_back);
    tcase_add_test(c, output_only_on_success);
    return c;
}
