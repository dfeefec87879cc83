/* config_yaml.c - which YAML is taken, and what is said about the rest. */
#include "config/yaml.h"
#include "config_memory.h"

static struct source read_text(struct arena *arena, const char *text, unsigned *findings)
{
    struct source s = {.path = "conf", .text = text, .len = strlen(text)};
    struct findings f = {.arena = arena};
    yaml_read(&s, arena, &f);
    *findings = f.count;
    return s;
}

START_TEST(builds_a_tree)
{
    struct arena arena;
    unsigned findings;
    arena_init(&arena);
    struct source s = read_text(&arena,
                                "\xef\xbb\xbf# a comment\n"
                                "a: [x, 'y: z']\n"
                                "b:\n"
                                "- c: {d: no}\n"
                                "  e:\n",
                                &findings);
    ck_assert_uint_eq(findings, 0);
    ck_assert(!s.broken);
    ck_assert_int_eq(s.root->kind, NODE_MAP);
    ck_assert_uint_eq(s.root->count, 2);
    const struct node *a = tree_child(s.root, "a"), *b = tree_child(s.root, "b");
    ck_assert_int_eq(a->kind, NODE_LIST);
    ck_assert_str_eq(a->first->next->text, "y: z");
    ck_assert_uint_eq(a->first->next->at.line, 2);
    ck_assert_uint_eq(a->first->next->at.column, 8);
    ck_assert_uint_eq(a->key->at.column, 1);
    const struct node *c = tree_child(b->first, "c");
    ck_assert_str_eq(tree_child(c, "d")->text, "no");
    ck_assert_uint_eq(tree_child(c, "d")->at.line, 4);
    ck_assert(tree_child(b->first, "e")->empty);
    arena_free(&arena);
}
END_TEST

START_TEST(an_empty_text_has_no_root)
{
    struct arena arena;
    unsigned findings;
    arena_init(&arena);
    ck_assert_ptr_null(read_text(&arena, "", &findings).root);
    ck_assert_uint_eq(findings, 0);
    ck_assert_ptr_null(read_text(&arena, "# nothing\n", &findings).root);
    ck_assert_uint_eq(findings, 0);
    arena_free(&arena);
}
END_TEST

START_TEST(keeps_what_came_before_an_error)
{
    struct arena arena;
    unsigned findings;
    arena_init(&arena);
    struct source s = read_text(&arena, "a: 1\nb: [2, 3\nc: 4\n", &findings);
    ck_assert_uint_eq(findings, 1);
    ck_assert(s.broken);
    ck_assert_str_eq(tree_child(s.root, "a")->text, "1");
    ck_assert_ptr_null(tree_child(s.root, "c"));
    arena_free(&arena);
}
END_TEST

#define INDENT                                                                                     \
    "look at the indentation of this line and the one above, and quote text that holds ': '"

START_TEST(refuses_what_has_no_use_here)
{
    static const struct fault faults[] = {
        {"server: {user: &x y}", "1:16: anchors (&name) are not used here: leave it out\n"},
        {"server: &x {user: y}", "1:9: anchors (&name) are not used here: leave it out\n"},
        {"server: {user: *x}", "1:16: aliases (*name) are not used here: write the value out\n"},
        {"server: {user: !!str y}", "1:16: tags (!name) are not used here: every value is text\n"},
        {"zones: !x []", "1:8: tags (!name) are not used here: every value is text\n"},
        {"server:\n  <<: {user: y}", "2:3: merge keys are not used here: write the options out\n"},
        {"server: {}\n---\nlog: {}", "2:1: a second document: one file is one document\n"},
        {"server: {}\n...\n---\nlog: {}", "3:1: a second document: one file is one document\n"},
        {"server: {user: \"a\\tb\"}", "1:16: a text with control characters or line ends\n"},
        {"server: {user: \"a\\0b\"}", "1:16: a text with control characters or line ends\n"},
        {"server:\n  user: |\n    a\n", "2:9: a text with control characters or line ends\n"},
        {"server:\n  user: a\n   b\n",
         "2:9: a text over several lines: look at the indentation, or quote it\n"},
        {"? [a]\n: b", "1:3: a list or map where a name belongs; "
                       "quote IPv6 addresses, as \"[2001:db8::1]:53\"\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(explains_syntax)
{
    static const struct fault faults[] = {
        {"server:\n\tuser: x", "2:1: a tab cannot indent: use spaces\n"},
        {"server: {user: `x}", "1:16: text cannot begin with '`': quote it\n"},
        {"server:\n  user: %x", "2:9: text cannot begin with '%': quote it\n"},
        {"log:\n  level: info\n format: text", "3:2: this does not fit here: the next option of "
                                               "its map was expected, indented like the others\n"},
        {"server: {}\nlog: {}\n- a", "3:1: this does not fit here: the next option of its map was "
                                     "expected, indented like the others\n"},
        {"zones:\n  - {name: a, role: cache, primaries: 192.0.2.1}\n  b: c",
         "3:3: this does not fit here: the next '- ' of the list that began in line 2 was "
         "expected\n"},
        {"server:\n  user: a: b", "2:10: a ':' that does not fit here: " INDENT "\n"},
        {"log: x\n  level: info", "2:8: a ':' that does not fit here: " INDENT "\n"},
        {"server: {user: \"a", "1:16: this quote is never closed\n"},
        {"server:\n  user: 'a\nlog: {}\n", "2:9: this quote is never closed\n"},
        {"server: {user: \"\\q\"}", "1:17: an escape that is not known in double quotes: write "
                                    "'\\\\' for a backslash, or use single quotes\n"},
        {"log: {}\nserver\nzones: []", "2:1: a ':' is missing behind this\n"},
        {"zones:\n  - { name: a, role: primary\n  - { name: b }",
         "3:5: the map that began in line 2 lacks a ',' or its '}'\n"},
        {"zones: [\n  { name: a }\n\nlog: {}",
         "4:1: the list that began in line 1 lacks a ',' or its ']'\n"},
        {"server: {threads: , user: ,,}",
         "1:10: threads: no value\n1:28: a value is missing here\n"},
        {"zones: [\n  { name: a,", "2:3: this map is not closed\n"},
        {"%YAML 3.0\n---\na: b", "1:1: this version of YAML is not known: leave the line out\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

#define QUOTE "; quote IPv6 addresses, as \"[2001:db8::1]:53\"\n"

START_TEST(says_quote_ipv6)
{
    static const struct fault faults[] = {
        {"server: {listen: [::1@53]}", "1:19: a value is missing here" QUOTE},
        {"server:\n  listen: ::", "2:12: a ':' that does not fit here" QUOTE},
        {"server:\n  listen: @5300",
         "2:11: text cannot begin with '@', and an address is missing before it" QUOTE},
        {"server:\n  listen: [::1]:53", "2:12: a value is missing here" QUOTE},
        {"server:\n  listen: [[2001:db8::1]:53]", "2:12: a list or map where a name belongs" QUOTE},
        {"server:\n  listen: [2001:db8:: , 192.0.2.1]",
         "2:12: a map where an address belongs" QUOTE},
        {"peers:\n - {name: a, address: fe80::}", "2:28: a ':' that does not fit here" QUOTE},
        {"zones:\n - {name: a, role: cache, primaries: [::1]}",
         "2:39: a value is missing here" QUOTE},
        {"defaults:\n  transfer: [2001:db8:: ]", "2:14: a map where an address belongs" QUOTE},
        {"defaults:\n  notify: [{2001:db8:: }]", "2:12: a map where an address belongs" QUOTE},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(refuses_binary)
{
    static const struct fault faults[] = {
        {"a: b\n\x01",
         "2:1: octet 0x01 is not text: the file must be UTF-8 without control characters\n"},
        {"\xff\xfe", "1:1: octet 0xff is not text: the file must be UTF-8\n"},
        {"a: \xc3\xa4\xc3(", "1:6: octet 0xc3 is not text: the file must be UTF-8\n"},
    };
    CHECK_FAULTS(faults);
    struct memory_file nul[] = {{.path = "conf", .text = "a: \0", .len = 4}, {.path = NULL}};
    struct buf errors = {.len = 0};
    ck_assert_ptr_null(memory_config(nul, &errors));
    ck_assert_str_eq(buf_text(&errors),
                     "conf:1:4: error: octet 0x00 is not text: the file must be UTF-8 without "
                     "control characters\n");
    buf_free(&errors);
}
END_TEST

START_TEST(has_bounds)
{
    static const char deep[] = "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";
    struct arena arena;
    arena_init(&arena);
    struct source s = {.path = "conf", .text = deep, .len = strlen(deep)};
    struct findings f = {.arena = &arena};
    yaml_read(&s, &arena, &f);
    ck_assert_uint_eq(f.count, 1);
    ck_assert(s.broken);
    s = (struct source){.path = "conf", .text = "[a, b, c, d]", .len = 12, .most = 4};
    yaml_read(&s, &arena, &f);
    ck_assert_uint_eq(f.count, 2);
    ck_assert(s.broken);
    ck_assert_uint_eq(s.root->count, 3);
    s = (struct source){.path = "conf", .text = "[a, b, c, d]", .len = 12, .most = 5};
    yaml_read(&s, &arena, &f);
    ck_assert_uint_eq(f.count, 2);
    arena_free(&arena);
}
END_TEST

TCase *case_config_yaml(void)
{
    TCase *c = tcase_create("config_yaml");
    tcase_add_test(c, builds_a_tree);
    tcase_add_test(c, an_empty_text_has_no_root);
    tcase_add_test(c, keeps_what_came_before_an_error);
    tcase_add_test(c, refuses_what_has_no_use_here);
    tcase_add_test(c, explains_syntax);
    tcase_add_test(c, says_quote_ipv6);
    tcase_add_test(c, refuses_binary);
    tcase_add_test(c, has_bounds);
    return c;
}
