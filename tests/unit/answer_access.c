/* answer_access.c - tests of who may ask what. */
#include "answer/access.h"
#include "answer_fixture.h"
#include "cases.h"

static struct addr at(const char *text)
{
    struct addr a;
    ck_assert(addr_parse(text, 0, &a));
    return a;
}

START_TEST(lists_decide)
{
    struct prefix some;
    ck_assert(prefix_parse("192.0.2.0/24", &some));
    struct bench *b = bench_new();
    struct config_rules *r = bench_rules(b, bench_add(b, "example", ROLE_PRIMARY));
    bench_ready(b);
    const struct world_zone *wz = &b->world->zones[0];
    struct addr in = at("192.0.2.7"), out = at("198.51.100.7");
    r->allow = (struct config_acl){0};
    ck_assert(!access_may_ask(b->world, wz, &in));
    r->allow = (struct config_acl){.items = &some, .count = 1};
    ck_assert(access_may_ask(b->world, wz, &in) && !access_may_ask(b->world, wz, &out));
    ck_assert(!access_may_transfer(b->world, wz, &in) && !access_may_notify(b->world, wz, &in));
    r->transfer = r->allow;
    ck_assert(access_may_transfer(b->world, wz, &in) && !access_may_transfer(b->world, wz, &out));
    r->notify_from = r->allow;
    ck_assert(access_may_notify(b->world, wz, &in) && !access_may_notify(b->world, wz, &out));
    r->allow = (struct config_acl){.any = true};
    ck_assert(access_may_ask(b->world, wz, &out));
    bench_free(b);
}
END_TEST

START_TEST(own_networks_where_the_list_says_so)
{
    struct prefix own[2];
    ck_assert(prefix_parse("10.1.0.0/16", &own[0]) && prefix_parse("2001:db8:1::/48", &own[1]));
    struct bench *b = bench_new();
    struct config_rules *r = bench_rules(b, bench_add(b, ".", ROLE_CACHE));
    bench_ready(b);
    b->world->own_networks = own;
    b->world->own_network_count = 2;
    const struct world_zone *wz = &b->world->zones[0];
    struct addr in4 = at("10.1.2.3"), in6 = at("2001:db8:1::7"), out = at("10.2.0.1"),
                lo4 = at("127.0.0.1"), lo6 = at("::1");
    r->allow = (struct config_acl){.own_networks = true};
    ck_assert(access_may_ask(b->world, wz, &in4) && access_may_ask(b->world, wz, &in6));
    ck_assert(access_may_ask(b->world, wz, &lo4) && access_may_ask(b->world, wz, &lo6));
    ck_assert(!access_may_ask(b->world, wz, &out));
    r->allow = (struct config_acl){0};
    ck_assert(!access_may_ask(b->world, wz, &in4) && !access_may_ask(b->world, wz, &lo4));
    bench_free(b);
}
END_TEST

START_TEST(probes_from_askers_and_notifiers)
{
    struct prefix one, other;
    ck_assert(prefix_parse("192.0.2.1", &one) && prefix_parse("192.0.2.2", &other));
    struct bench *b = bench_new();
    struct config_rules *r = bench_rules(b, bench_add(b, "example", ROLE_CACHE));
    bench_ready(b);
    r->allow = (struct config_acl){.items = &one, .count = 1};
    r->notify_from = (struct config_acl){.items = &other, .count = 1};
    const struct world_zone *wz = &b->world->zones[0];
    struct addr a1 = at("192.0.2.1"), a2 = at("192.0.2.2"), a3 = at("192.0.2.3");
    ck_assert(access_may_probe(b->world, wz, &a1) && access_may_probe(b->world, wz, &a2));
    ck_assert(!access_may_probe(b->world, wz, &a3));
    bench_free(b);
}
END_TEST

TCase *case_answer_access(void)
{
    TCase *c = tcase_create("answer_access");
    tcase_add_test(c, lists_decide);
    tcase_add_test(c, own_networks_where_the_list_says_so);
    tcase_add_test(c, probes_from_askers_and_notifiers);
    return c;
}
