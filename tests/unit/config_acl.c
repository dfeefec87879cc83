/* config_acl.c - who may: reading, order, and the answer. */
#include "config/acl.h"
#include "config_memory.h"

/* A zone whose transfer list is `list`. */
static struct config *config_with(const char *list)
{
    struct buf text = {.len = 0};
    buf_print(&text,
              "peers: [{name: p, address: [192.0.2.77, '2001:db8::7@5300']}]\n"
              "zones: [{name: a, role: primary, file: a, transfer: %s}]\n",
              list);
    struct config *c = good_config(buf_text(&text));
    buf_free(&text);
    return c;
}

static bool allows(const char *list, const char *from)
{
    struct addr a;
    struct config *c = config_with(list);
    ck_assert(addr_parse(from, 4711, &a));
    bool yes = config_acl_allows(&c->zones[0].rules->transfer, &a);
    config_free(c);
    return yes;
}

START_TEST(answers)
{
    ck_assert(allows("192.0.2.1", "192.0.2.1"));
    ck_assert(allows("192.0.2.1@5300", "192.0.2.1")); /* the port says where we send */
    ck_assert(!allows("192.0.2.1", "192.0.2.2"));
    ck_assert(allows("[10.0.0.0/8, '2001:db8::/32']", "10.255.0.1"));
    ck_assert(allows("[10.0.0.0/8, '2001:db8::/32']", "2001:db8:1::9"));
    ck_assert(!allows("[10.0.0.0/8, '2001:db8::/32']", "2001:db9::"));
    ck_assert(allows("10.0.0.0/8", "::ffff:10.1.2.3"));
    ck_assert(allows("p", "192.0.2.77") && allows("p", "2001:db8::7"));
    ck_assert(allows("{address: 127.0.0.0/8}", "127.3.2.1"));
    ck_assert(allows("any", "198.51.100.1") && allows("[any, p]", "::1"));
    ck_assert(!allows("none", "127.0.0.1") && !allows("[]", "127.0.0.1"));
    ck_assert(allows("localhost", "127.9.9.9") && allows("localhost", "::1"));
    ck_assert(!allows("localhost", "192.0.2.1"));
}
END_TEST

START_TEST(sorts_the_longest_first)
{
    struct config *c =
        config_with("[10.0.0.0/8, 0.0.0.0/0, 10.0.0.1, p, 10.0.0.0/16, 10.0.0.1, '::/0']");
    static const char *const order[] = {"10.0.0.1",  "192.0.2.77",  "10.0.0.0/16", "10.0.0.0/8",
                                        "0.0.0.0/0", "2001:db8::7", "::/0"};
    const struct config_acl *a = &c->zones[0].rules->transfer;
    char text[ADDR_TEXT];
    ck_assert_uint_eq(a->count, sizeof order / sizeof *order);
    for (unsigned i = 0; i < a->count; i++) {
        ck_assert_str_eq(prefix_print(&a->items[i], text), order[i]);
    }
    config_free(c);
}
END_TEST

START_TEST(tells_wrong_entries)
{
    static const struct fault faults[] = {
        {"defaults: {allow: [none, 192.0.2.1]}", "1:20: 'none' can only stand alone\n"},
        {"defaults: {allow: [{address: any}]}",
         "1:30: 'any' is not an address: write it without 'address:'\n"},
        {"defaults: {allow: [ns2, all]}",
         "1:20: no peer is called 'ns2', and it is not an address\n"
         "1:25: no peer is called 'all', and it is not an address\n"},
        {"defaults: {allow: 192.0.2.256}", "1:19: '192.0.2.256' is not an address\n"},
        {"defaults: {allow: }", "1:12: an address is missing here\n"},
        {"defaults: {allow: [[any]]}",
         "1:20: a list where an address belongs; quote IPv6 addresses, as \"[2001:db8::1]:53\"\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

TCase *case_config_acl(void)
{
    TCase *c = tcase_create("config_acl");
    tcase_add_test(c, answers);
    tcase_add_test(c, sorts_the_longest_first);
    tcase_add_test(c, tells_wrong_entries);
    return c;
}
