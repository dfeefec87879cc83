/* config_peers.c - peers by name, in place and in maps, before and after they are defined. */
#include "config/peers.h"
#include "config_memory.h"

#define CACHE(list) "{name: a, role: cache, primaries: " list "}"

START_TEST(reads_a_peer)
{
    char text[ADDR_TEXT];
    struct config *c = good_config("peers:\n"
                                   "- {name: ns2, address: [192.0.2.2, \"2001:db8::2@5353\"]}\n"
                                   "- {name: b, address: 192.0.2.9, kind: cache, ask: 10.0.0.9,\n"
                                   "   via: 192.0.2.1, watch: no}\n");
    const struct config_peer *p = c->peers;
    ck_assert_uint_eq(c->peer_count, 2);
    ck_assert_str_eq(p[0].name, "ns2");
    ck_assert_uint_eq(p[0].address_count, 2);
    ck_assert_str_eq(addr_print(&p[0].address[1], text), "2001:db8::2@5353");
    ck_assert_uint_eq(p[0].address[0].port, 53);
    ck_assert(p[0].ask == p[0].address && p[0].ask_count == 2);
    ck_assert(p[0].watch && !p[0].has_via && p[0].kind == PEER_SECONDARY);
    ck_assert(!p[1].watch && p[1].has_via && p[1].kind == PEER_CACHE);
    ck_assert_str_eq(addr_print(&p[1].ask[0], text), "10.0.0.9");
    ck_assert_str_eq(addr_print(&p[1].via, text), "192.0.2.1");
    ck_assert_uint_eq(p[1].via.port, 0);
    config_free(c);
}
END_TEST

START_TEST(lists_name_them_or_stand_for_them)
{
    struct memory_file files[] = {
        {.path = "conf",
         .text =
             "include: more\n"
             "zones:\n"
             "- {name: a, role: cache, primaries: [ns2, 192.0.2.1@5300, {address: '::1'}]}\n"
             "- {name: b, role: cache, primaries: 192.0.2.1@5300, notify: [ns2, '[::1]:53']}\n"},
        {.path = "more", .text = "peers: [{name: ns2, address: 192.0.2.2}]"},
        {.path = NULL},
    };
    struct buf errors = {.len = 0};
    struct config *c = memory_config(files, &errors);
    ck_assert_str_eq(buf_text(&errors), "");
    ck_assert_uint_eq(c->peer_count, 3); /* the same address in two lists is one peer */
    const struct config_peers *a = &c->zones[0].rules->primaries,
                              *b = &c->zones[1].rules->primaries;
    ck_assert_uint_eq(a->count, 3);
    ck_assert_ptr_eq(a->items[0], &c->peers[0]);
    ck_assert_ptr_eq(a->items[1], b->items[0]);
    ck_assert_str_eq(a->items[1]->name, "192.0.2.1@5300");
    ck_assert_uint_eq(a->items[1]->address[0].port, 5300);
    ck_assert(a->items[1]->watch && a->items[1]->ask == a->items[1]->address);
    ck_assert_ptr_eq(a->items[2], c->zones[1].rules->notify.items[1]);
    ck_assert_str_eq(a->items[2]->name, "::1");
    buf_free(&errors);
    config_free(c);
}
END_TEST

START_TEST(none_takes_defaults_back)
{
    struct config *c = good_config("defaults: {notify: 192.0.2.1}\n"
                                   "zones:\n"
                                   "- {name: a, role: primary, file: a, notify: none}\n"
                                   "- {name: b, role: primary, file: b, notify: []}\n"
                                   "- {name: c, role: primary, file: c}\n");
    ck_assert_uint_eq(c->zones[0].rules->notify.count, 0);
    ck_assert_uint_eq(c->zones[1].rules->notify.count, 0);
    ck_assert_uint_eq(c->zones[2].rules->notify.count, 1);
    config_free(c);
}
END_TEST

#define NAME_HELP "cannot name a peer: use letters, digits, '.', '-', '_', and not only digits\n"

START_TEST(tells_wrong_peers)
{
    static const struct fault faults[] = {
        {"peers: [{}]", "1:9: 'name' is missing here\n1:9: 'address' is missing here\n"},
        {"peers: [{name: 192.0.2.1, address: 192.0.2.1}]", "1:16: '192.0.2.1' " NAME_HELP},
        {"peers: [{name: 'a b', address: 192.0.2.1}]", "1:16: 'a b' " NAME_HELP},
        {"peers: [{name: '53', address: 192.0.2.1}]", "1:16: '53' " NAME_HELP},
        {"peers: [{name: any, address: 192.0.2.1}]",
         "1:16: a peer cannot be called 'any': the word has a meaning\n"},
        {"peers:\n - {name: a, address: 192.0.2.1}\n - {name: a, address: 192.0.2.2}",
         "3:11: a second peer of the name 'a'\n"},
        {"peers: [{name: a, address: 192.0.2.1, via: 192.0.2.9@53}]",
         "1:44: via: an address without a port belongs here\n"},
        {"peers: [{name: a, address: 192.0.2.1, via: '::1'}]",
         "1:44: via: an IPv6 address, but the peer has none of these\n"},
        {"peers: [{name: a, address: 192.0.2.1, watch: notify}]",
         "1:46: watch: 'notify' is neither yes nor no\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(tells_wrong_lists)
{
    static const struct fault faults[] = {
        {"peers: [{name: branch, address: 192.0.2.1}]\nzones: [" CACHE("[brnach]") "]",
         "2:44: no peer is called 'brnach': did you mean 'branch'?\n"},
        {"zones: [" CACHE("[ns2]") "]",
         "1:44: no peer is called 'ns2', and it is not an address\n"},
        {"zones: [" CACHE("[192.0.2.0/24]") "]",
         "1:44: '192.0.2.0/24' is a prefix: an address belongs here\n"},
        {"zones: [" CACHE("[192.0.2.1, 192.0.2.1@53]") "]", "1:55: 192.0.2.1 is listed twice\n"},
        {"zones: [" CACHE("[{adress: 192.0.2.1}]") "]",
         "1:44: 'address' is missing here\n"
         "1:45: unknown option of an address 'adress': did you mean 'address'?\n"},
        {"zones: [" CACHE("[{address: [192.0.2.1]}]") "]",
         "1:54: address: one value belongs here, not a list\n"},
        {"zones: [" CACHE("[{}]") "]",
         "1:44: a map where an address belongs; quote IPv6 addresses, as \"[2001:db8::1]:53\"\n"},
        {"zones: [" CACHE("") "]", "1:32: an address is missing here\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(does_not_guess_after_a_broken_file)
{
    static const struct fault fault = {"zones: [" CACHE("[ns2]") "]\npeers: [{name: ns2,",
                                       "2:9: this map is not closed\n"};
    check_fault(&fault);
}
END_TEST

TCase *case_config_peers(void)
{
    TCase *c = tcase_create("config_peers");
    tcase_add_test(c, reads_a_peer);
    tcase_add_test(c, lists_name_them_or_stand_for_them);
    tcase_add_test(c, none_takes_defaults_back);
    tcase_add_test(c, tells_wrong_peers);
    tcase_add_test(c, tells_wrong_lists);
    tcase_add_test(c, does_not_guess_after_a_broken_file);
    return c;
}
