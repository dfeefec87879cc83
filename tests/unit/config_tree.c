/* config_tree.c - children, entries, lines and columns of a configuration text. */
#include "cases.h"
#include "config/tree.h"
#include <string.h>

START_TEST(finds_children)
{
    struct node keys[2] = {{.text = "a"}, {.text = "b"}};
    struct node values[2] = {{.key = &keys[0], .text = "1", .next = &values[1]},
                             {.key = &keys[1], .text = "2"}};
    struct node map = {.kind = NODE_MAP, .first = &values[0], .count = 2};
    ck_assert_ptr_eq(tree_child(&map, "b"), &values[1]);
    ck_assert_ptr_null(tree_child(&map, "c"));
    ck_assert_ptr_null(tree_child(NULL, "a"));
    ck_assert_ptr_null(tree_child(&values[0], "a"));
}
END_TEST

START_TEST(one_value_is_a_list_of_one)
{
    struct node entries[2] = {{.text = "1", .next = &entries[1]}, {.text = "2"}};
    struct node list = {.kind = NODE_LIST, .first = &entries[0], .count = 2};
    ck_assert_uint_eq(item_count(&list), 2);
    ck_assert_ptr_eq(item_next(&list, item_first(&list)), &entries[1]);
    ck_assert_ptr_null(item_next(&list, &entries[1]));
    ck_assert_uint_eq(item_count(&entries[0]), 1);
    ck_assert_ptr_eq(item_first(&entries[0]), &entries[0]);
    ck_assert_ptr_null(item_next(&entries[0], &entries[0])); /* its neighbour is not of the list */
}
END_TEST

static void check_line(struct lines *l, const struct source *s, unsigned line, const char *expected)
{
    size_t len;
    const char *text = lines_to(l, s, line, &len);
    ck_assert_uint_eq(len, strlen(expected));
    ck_assert_mem_eq(text, expected, len);
}

START_TEST(walks_lines)
{
    struct source s = {.text = "one\r\ntwo\n\nfour"}, other = {.text = ""};
    struct lines l = {.source = NULL};
    s.len = strlen(s.text);
    check_line(&l, &s, 2, "two");
    check_line(&l, &s, 4, "four");
    check_line(&l, &s, 5, "");
    check_line(&l, &s, 9, "");
    check_line(&l, &s, 1, "one");
    check_line(&l, &s, 3, "");
    check_line(&l, &other, 1, "");
    check_line(&l, &other, 2, "");
}
END_TEST

START_TEST(counts_octets)
{
    ck_assert_uint_eq(text_octets("abc", 3, 2), 2);
    ck_assert_uint_eq(text_octets("a\xc3\xa4\xe2\x82\xac!", 7, 3), 6);
    ck_assert_uint_eq(text_octets("abc", 3, 9), 3);
    ck_assert_uint_eq(text_octets("", 0, 1), 0);
}
END_TEST

TCase *case_config_tree(void)
{
    TCase *c = tcase_create("config_tree");
    tcase_add_test(c, finds_children);
    tcase_add_test(c, one_value_is_a_list_of_one);
    tcase_add_test(c, walks_lines);
    tcase_add_test(c, counts_octets);
    return c;
}
