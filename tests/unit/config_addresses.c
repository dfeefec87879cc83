/* config_addresses.c - lists of addresses, and what is said of those that are none. */
#include "config/addresses.h"
#include "config_memory.h"

START_TEST(reads_lists)
{
    char text[ADDR_TEXT];
    struct config *c =
        good_config("server: {listen: [192.0.2.1, 192.0.2.1:5300, \"::1\", \"[::1]:54\"]}");
    ck_assert_uint_eq(c->server.listen_count, 4);
    ck_assert_uint_eq(c->server.listen[0].port, 53);
    ck_assert_str_eq(addr_print(&c->server.listen[1], text), "192.0.2.1@5300");
    ck_assert_str_eq(addr_print(&c->server.listen[3], text), "::1@54");
    config_free(c);
    c = good_config("server: {listen: 192.0.2.1}");
    ck_assert_uint_eq(c->server.listen_count, 1);
    config_free(c);
}
END_TEST

START_TEST(tells_what_is_wrong)
{
    static const struct fault faults[] = {
        {"server: {listen: [ns1.example, 192.0.2.1@x, 192.0.2.1@0, 192.0.2.300]}",
         "1:19: 'ns1.example' is not an address\n"
         "1:32: '192.0.2.1@x' is not an address\n"
         "1:45: '192.0.2.1@0' is not an address\n"
         "1:58: '192.0.2.300' is not an address\n"},
        {"server: {listen: [192.0.2.1, 192.0.2.1@53]}", "1:30: 192.0.2.1@53 is listed twice\n"},
        {"server: {listen: []}", "1:18: listen: an empty list\n"},
        {"server: {listen: }", "1:10: an address is missing here\n"},
        {"server: {listen: 192.0.2.0/24}",
         "1:18: '192.0.2.0/24' is a prefix: an address belongs here\n"},
        {"server: {listen: {a: b}}",
         "1:18: a map where an address belongs; quote IPv6 addresses, as \"[2001:db8::1]:53\"\n"},
        {"server: {listen: [[192.0.2.1]]}",
         "1:19: a list where an address belongs; quote IPv6 addresses, as \"[2001:db8::1]:53\"\n"},
        {"defaults: {allow: [192.0.2.1/24, '2001:db8::1/32', 10.1.1.1/8]}",
         "1:20: '192.0.2.1/24' has bits behind its prefix: did you mean '192.0.2.0/24'?\n"
         "1:34: '2001:db8::1/32' has bits behind its prefix: did you mean '2001:db8::/32'?\n"
         "1:52: '10.1.1.1/8' has bits behind its prefix: did you mean '10.0.0.0/8'?\n"},
        {"defaults: {allow: [192.0.2.1/33, 192.0.2.0/, 10/8, 192.0.2.1/x, 192.0.2.1/08]}",
         "1:20: '192.0.2.1/33' is not an address or prefix\n"
         "1:34: '192.0.2.0/' is not an address or prefix\n"
         "1:46: '10/8' is not an address or prefix\n"
         "1:52: '192.0.2.1/x' is not an address or prefix\n"
         "1:65: '192.0.2.1/08' is not an address or prefix\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(knows_what_looks_like_one)
{
    ck_assert(address_like("192.0.2.1") && address_like("::1") && address_like("10/8") &&
              address_like("[x") && address_like("1@2") && address_like(""));
    ck_assert(!address_like("ns2") && !address_like("any") && !address_like("2nd.ns"));
    ck_assert(address_word("any") && address_word("none") && address_word("localhost"));
    ck_assert(!address_word("all"));
}
END_TEST

START_TEST(bounds_a_list)
{
    struct buf text = {.len = 0};
    buf_print(&text, "server: {listen: [");
    for (int i = 0; i <= ADDRESSES_MOST; i++) {
        buf_print(&text, "10.0.%d.%d,", i / 256, i % 256);
    }
    buf_print(&text, "]}");
    struct fault fault = {buf_text(&text), "1:18: listen: more than 1024 addresses\n"};
    check_fault(&fault);
    buf_free(&text);
}
END_TEST

TCase *case_config_addresses(void)
{
    TCase *c = tcase_create("config_addresses");
    tcase_add_test(c, reads_lists);
    tcase_add_test(c, tells_what_is_wrong);
    tcase_add_test(c, knows_what_looks_like_one);
    tcase_add_test(c, bounds_a_list);
    return c;
}
