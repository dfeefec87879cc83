/* base_addr.c - addresses and prefixes from text and back, and who is inside what. */
#include "base/addr.h"
#include "cases.h"
#include <string.h>

static const char *again(const char *text)
{
    static char out[ADDR_TEXT]; /* a test may keep what a server may not */
    struct addr a;
    return addr_parse(text, 53, &a) ? addr_print(&a, out) : "no";
}

START_TEST(parses)
{
    static const char *const rows[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"192.0.2.1@5300", "192.0.2.1@5300"},
        {"192.0.2.1:5300", "192.0.2.1@5300"},
        {"192.0.2.1@53", "192.0.2.1"},
        {"2001:db8::1@54", "2001:db8::1@54"},
        {"[2001:DB8::1]:54", "2001:db8::1@54"},
        {"[2001:db8::1]@54", "2001:db8::1@54"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"::", "::"},
        {"fe80::1%3", "fe80::1%3"},
        {"fe80::1%4294967295@65535", "fe80::1%4294967295@65535"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_str_eq(again(rows[i][0]), rows[i][1]);
    }
}
END_TEST

START_TEST(refuses)
{
    static const char *const rows[] = {
        "",
        "localhost",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.1@",
        "192.0.2.1@0",
        "192.0.2.1@65536",
        "192.0.2.1@053",
        "192.0.2.1@5x",
        "192.0.2.1:",
        "[]",
        "[192.0.2.1]",
        "[2001:db8::1",
        "[2001:db8::1]x",
        "[2001:db8::1]:",
        "2001:db8::g",
        "fe80::1%eth0",
        "fe80::1%0",
        "192.0.2.1%1",
        " 192.0.2.1",
        "192.0.2.1 ",
        "192.0.2.1/24",
        "1@2@3",
        "192.0.2.1@99999999999999999999",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(strcmp(again(rows[i]), "no") == 0, "taken: %s", rows[i]);
    }
    char many[300];
    memset(many, '1', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    ck_assert_str_eq(again(many), "no");
}
END_TEST

START_TEST(leaves_out_alone_when_wrong)
{
    struct addr a = {.family = 4, .port = 7};
    ck_assert(!addr_parse("nonsense", 53, &a));
    ck_assert_uint_eq(a.port, 7);
    ck_assert(addr_parse("192.0.2.1", 99, &a));
    ck_assert_uint_eq(a.port, 99);
}
END_TEST

START_TEST(reads_prefixes)
{
    char out[ADDR_TEXT];
    struct prefix p;
    static const char *const good[] = {"192.0.2.0/24",  "0.0.0.0/0", "::/0",
                                       "2001:db8::/32", "192.0.2.7", "10.128.0.0/9"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert(prefix_parse(good[i], &p));
        ck_assert_str_eq(prefix_print(&p, out), good[i]);
    }
    static const char *const bad[] = {
        "192.0.2.1/24",   "192.0.2.0/33",    "192.0.2.0/",  "192.0.2.0/-1", "192.0.2.0/024",
        "2001:db8::/129", "2001:db8::1/127", "10.64.0.0/9", "192.0.2.1@53", "/0",
        "fe80::%1/64"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!prefix_parse(bad[i], &p), "taken: %s", bad[i]);
    }
}
END_TEST

static bool in(const char *ip, const char *net)
{
    struct addr a;
    struct prefix p;
    ck_assert(addr_parse(ip, 53, &a) && prefix_parse(net, &p));
    return addr_in(&a, &p);
}

START_TEST(knows_who_is_inside)
{
    ck_assert(in("192.0.2.255", "192.0.2.0/24") && !in("192.0.3.0", "192.0.2.0/24"));
    ck_assert(in("10.127.1.1", "10.0.0.0/9") && !in("10.128.1.1", "10.0.0.0/9"));
    ck_assert(in("1.2.3.4", "0.0.0.0/0") && !in("::1", "0.0.0.0/0") && !in("1.2.3.4", "::/0"));
    ck_assert(in("192.0.2.1", "192.0.2.1") && !in("192.0.2.2", "192.0.2.1"));
    ck_assert(in("2001:db8:1::", "2001:db8::/32") && !in("2001:db9::", "2001:db8::/32"));
    ck_assert(in("::ffff:192.0.2.9", "192.0.2.0/24") && !in("::ffff:192.0.2.9", "::/0"));
    ck_assert(in("192.0.2.9", "::ffff:192.0.2.0/120"));
    ck_assert(in("fe80::1%3", "fe80::/10"));
}
END_TEST

START_TEST(compares)
{
    struct addr a, b, none = {.family = 0};
    char out[ADDR_TEXT];
    ck_assert(addr_parse("127.0.0.1@1", 0, &a) && addr_parse("127.0.0.1@2", 0, &b));
    ck_assert(!addr_same(&a, &b) && addr_same_ip(&a, &b));
    ck_assert_uint_eq(addr_hash_ip(&a, 5), addr_hash_ip(&b, 5));
    ck_assert_uint_ne(addr_hash_ip(&a, 5), addr_hash_ip(&a, 6));
    ck_assert(addr_is_loopback(&a) && !addr_is_loopback(&none));
    ck_assert(addr_parse("::1", 0, &b) && addr_is_loopback(&b));
    ck_assert(!addr_same_ip(&a, &b));
    ck_assert(addr_parse("::ffff:127.9.9.9", 0, &b) && addr_is_loopback(&b));
    ck_assert(addr_parse("128.0.0.1", 0, &b) && !addr_is_loopback(&b));
    ck_assert_str_eq(addr_print(&none, out), "none");
    ck_assert_str_eq(addr_print_ip(&a, out), "127.0.0.1");
}
END_TEST

TCase *case_base_addr(void)
{
    TCase *c = tcase_create("base_addr");
    tcase_add_test(c, parses);
    tcase_add_test(c, refuses);
    tcase_add_test(c, leaves_out_alone_when_wrong);
    tcase_add_test(c, reads_prefixes);
    tcase_add_test(c, knows_who_is_inside);
    tcase_add_test(c, compares);
    return c;
}
