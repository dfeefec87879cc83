/* server_sockaddr.c - the kernel's addresses are ours and back. */
#include "cases.h"
#include "server/sockaddr.h"
#include <netinet/in.h>
#include <string.h>

START_TEST(there_and_back)
{
    static const char *const texts[] = {"192.0.2.1@53", "127.0.0.1@65535", "[2001:db8::1]:5300",
                                        "[::1]:53", "0.0.0.0@1"};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct addr a;
        struct sockaddr_storage sa;
        ck_assert(addr_parse(texts[i], 0, &a));
        socklen_t len = addr_to_sockaddr(&a, &sa);
        ck_assert_uint_eq(len,
                          a.family == 4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        ck_assert_int_eq(sa.ss_family, a.family == 4 ? AF_INET : AF_INET6);
        struct addr back = addr_from_sockaddr((struct sockaddr *)&sa);
        ck_assert(addr_same(&a, &back));
    }
}
END_TEST

START_TEST(the_port_is_in_network_order)
{
    struct addr a = {.family = 4, .port = 0x1234};
    struct sockaddr_storage sa;
    addr_to_sockaddr(&a, &sa);
    const uint8_t *port = (const uint8_t *)&((struct sockaddr_in *)&sa)->sin_port;
    ck_assert_uint_eq(port[0], 0x12);
    ck_assert_uint_eq(port[1], 0x34);
}
END_TEST

START_TEST(port_0_is_none)
{
    struct addr v4 = {.family = 4}, v6 = {.family = 6};
    struct sockaddr_storage sa;
    for (unsigned port = 0; port < 0x10000; port += 0x100) {
        v4.port = v6.port = (uint16_t)port;
        addr_to_sockaddr(&v4, &sa);
        ck_assert_int_eq(sockaddr_has_port((struct sockaddr *)&sa), port != 0);
        addr_to_sockaddr(&v6, &sa);
        ck_assert_int_eq(sockaddr_has_port((struct sockaddr *)&sa), port != 0);
    }
}
END_TEST

START_TEST(mapped_ipv4_is_ipv4)
{
    struct addr mapped, plain;
    struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
    memcpy(in.sin6_addr.s6_addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16);
    mapped = addr_from_sockaddr((struct sockaddr *)&in);
    ck_assert(addr_parse("192.0.2.1@53", 0, &plain));
    ck_assert(addr_same(&mapped, &plain));
}
END_TEST

START_TEST(the_interface_of_a_link_local_address)
{
    struct addr a;
    struct sockaddr_storage sa;
    ck_assert(addr_parse("[fe80::1]:53", 0, &a));
    a.scope = 3;
    addr_to_sockaddr(&a, &sa);
    ck_assert_uint_eq(((struct sockaddr_in6 *)&sa)->sin6_scope_id, 3);
    ck_assert_uint_eq(addr_from_sockaddr((struct sockaddr *)&sa).scope, 3);
}
END_TEST

START_TEST(other_families_are_none)
{
    struct sockaddr sa = {.sa_family = AF_UNIX};
    ck_assert_uint_eq(addr_from_sockaddr(&sa).family, 0);
}
END_TEST

TCase *case_server_sockaddr(void)
{
    TCase *c = tcase_create("server_sockaddr");
    tcase_add_test(c, there_and_back);
    tcase_add_test(c, the_port_is_in_network_order);
    tcase_add_test(c, port_0_is_none);
    tcase_add_test(c, mapped_ipv4_is_ipv4);
    tcase_add_test(c, the_interface_of_a_link_local_address);
    tcase_add_test(c, other_families_are_none);
    return c;
}
