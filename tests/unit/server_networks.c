/* server_networks.c - the networks of this machine: loopback is one of them. */
#include "cases.h"
#include "server/networks.h"

START_TEST(own_networks)
{
    unsigned count = 0;
    struct addr loopback, foreign;
    bool found = false;
    struct prefix *own = networks_own(&count);
    ck_assert_ptr_nonnull(own);
    ck_assert(addr_parse("127.9.9.9", 0, &loopback));
    ck_assert(addr_parse("240.0.0.1", 0, &foreign));
    for (unsigned i = 0; i < count; i++) {
        struct addr inside = own[i].net;
        char text[ADDR_TEXT];
        ck_assert_uint_eq(own[i].net.port, 0);
        ck_assert_uint_le(own[i].bits, inside.family == 4 ? 32 : 128);
        ck_assert(addr_in(&inside, &own[i]));
        struct prefix again; /* host bits are zero, or this would not parse */
        ck_assert(prefix_parse(prefix_print(&own[i], text), &again));
        found = found || addr_in(&loopback, &own[i]);
        ck_assert(own[i].bits == 0 || !addr_in(&foreign, &own[i]));
    }
    ck_assert(found);
    free(own);
}
END_TEST

TCase *case_server_networks(void)
{
    TCase *c = tcase_create("server_networks");
    tcase_add_test(c, own_networks);
    return c;
}
