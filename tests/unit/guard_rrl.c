/* guard_rrl.c - tests of response rate limiting: which answers are alike, how many go out, what is
 * forgotten when there is no room. */
#include "base/rand.h"
#include "cases.h"
#include "guard/rrl.h"
#include "wire/name.h"
#include <stdlib.h>
#include <string.h>

struct desk {
    struct rrl *rrl;
    struct rrl_limit limit;
    struct mono now;
    struct counters counters;
};

static struct desk a_desk(uint32_t rate, unsigned slip)
{
    struct desk d = {.rrl = rrl_new(7), .limit = {rate, slip}, .now = {NS_PER_S}};
    ck_assert_ptr_nonnull(d.rrl);
    return d;
}

static enum rrl_verdict take(struct desk *d, const char *to, enum rrl_kind kind, const char *name,
                             uint16_t type)
{
    struct addr addr;
    struct name n = {{0}};
    ck_assert(addr_parse(to, 1, &addr));
    ck_assert(name == NULL || name_from(name, &n));
    struct rrl_answer a = {kind, name == NULL ? NULL : n.octets, type};
    return rrl_take(d->rrl, d->limit, &addr, &a, d->now, &d->counters);
}

/* How many of `count` go out. */
static unsigned sent(struct desk *d, unsigned count, const char *to, const char *name)
{
    unsigned n = 0;
    while (count-- > 0) {
        n += take(d, to, RRL_ANSWER, name, 1) == RRL_SEND;
    }
    return n;
}

START_TEST(so_many_in_a_second)
{
    struct desk d = a_desk(10, 0);
    ck_assert_uint_eq(sent(&d, 100, "192.0.2.1", "example"), 10);
    d.now.ns += NS_PER_S / 10;
    ck_assert_uint_eq(sent(&d, 100, "192.0.2.1", "example"), 1);
    d.now.ns += NS_PER_S;
    ck_assert_uint_eq(sent(&d, 100, "192.0.2.1", "example"), 10);
    d.now.ns += 3600 * NS_PER_S; /* no more than a second's is saved up */
    ck_assert_uint_eq(sent(&d, 100, "192.0.2.1", "example"), 10);
    rrl_free(d.rrl);
}
END_TEST

/* However they are spread over the second, and over millisecond and odd rates. */
START_TEST(evenly_over_time)
{
    static const uint32_t rates[] = {1, 3, 7, 10, 333, 999, 1000};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct desk d = a_desk(rates[i], 2);
        unsigned out = 0;
        for (unsigned ms = 0; ms < 10000; ms += 2) {
            d.now.ns += 2 * NS_PER_MS;
            out += sent(&d, 3, "192.0.2.1", "example");
        }
        ck_assert_uint_ge(out, rates[i] * 10);
        ck_assert_uint_le(out, rates[i] * 11);
        rrl_free(d.rrl);
    }
}
END_TEST

START_TEST(below_the_limit_nobody_notices)
{
    struct desk d = a_desk(5, 2);
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_int_eq(take(&d, "192.0.2.1", RRL_ANSWER, "example", 1), RRL_SEND);
        d.now.ns += NS_PER_S / 5;
    }
    rrl_free(d.rrl);
}
END_TEST

START_TEST(switched_off)
{
    struct desk d = a_desk(0, 2);
    ck_assert_uint_eq(sent(&d, 1000, "192.0.2.1", "example"), 1000);
    rrl_free(d.rrl);
}
END_TEST

START_TEST(what_slips)
{
    for (unsigned slip = 0; slip <= 10; slip++) {
        struct desk d = a_desk(1, slip);
        unsigned slipped = 0;
        ck_assert_uint_eq(sent(&d, 1, "192.0.2.1", "example"), 1);
        for (unsigned i = 0; i < 110; i++) {
            enum rrl_verdict v = take(&d, "192.0.2.1", RRL_ANSWER, "example", 1);
            ck_assert_int_ne(v, RRL_SEND);
            slipped += v == RRL_SLIP;
        }
        ck_assert_uint_eq(slipped, slip == 0 ? 0 : 110 / slip);
        rrl_free(d.rrl);
    }
}
END_TEST

/* A network's addresses count together, others do not. */
START_TEST(networks)
{
    static const struct {
        const char *one, *other;
        bool together;
    } rows[] = {
        {"192.0.2.1", "192.0.2.254", true},
        {"192.0.2.1", "192.0.3.1", false},
        {"2001:db8:0:1200::1", "2001:db8:0:12ff:ffff::2", true},
        {"2001:db8:0:1200::1", "2001:db8:0:1300::1", false},
        {"0.0.0.1", "::1", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk d = a_desk(3, 0);
        ck_assert_uint_eq(sent(&d, 5, rows[i].one, "example"), 3);
        ck_assert_uint_eq(sent(&d, 5, rows[i].other, "example"), rows[i].together ? 0 : 3);
        rrl_free(d.rrl);
    }
}
END_TEST

START_TEST(alike)
{
    struct desk d = a_desk(1, 0);
    static const struct {
        enum rrl_kind kind;
        const char *name;
        uint16_t type;
        bool again;
    } rows[] = {
        {RRL_ANSWER, "www.example", 1, false},
        {RRL_ANSWER, "WWW.Example", 1, true},
        {RRL_ANSWER, "www.example", 28, false},
        {RRL_ANSWER, "mail.example", 1, false},
        {RRL_NODATA, "www.example", 0, false},
        {RRL_NODATA, "www.example", 0, true},
        {RRL_WILDCARD, "example", 0, false},
        {RRL_NXDOMAIN, "example", 0, false},
        {RRL_REFERRAL, "sub.example", 0, false},
        {RRL_NXDOMAIN, "eXample", 0, true},
        {RRL_NXDOMAIN, "example.org", 0, false},
        {RRL_ERROR, NULL, 0, false},
        {RRL_ERROR, NULL, 0, true},
        {RRL_ANSWER, ".", 1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum rrl_verdict v = take(&d, "192.0.2.1", rows[i].kind, rows[i].name, rows[i].type);
        ck_assert_msg((v != RRL_SEND) == rows[i].again, "row %zu", i);
    }
    rrl_free(d.rrl);
}
END_TEST

/* Hundreds of thousands of forged networks, one answer each, and one victim: it is not
 * forgotten. */
START_TEST(a_full_table_keeps_who_is_hurt)
{
    struct desk d = a_desk(5, 0);
    struct rand chance;
    struct rrl_answer a = {.kind = RRL_ANSWER, .name = name_root, .type = 1};
    unsigned out = 0;
    rand_seed(&chance, 1);
    for (unsigned i = 0; i < 200000; i++) {
        struct addr from = {.family = 4};
        uint64_t v = rand_u64(&chance);
        memcpy(from.ip, &v, 4);
        (void)rrl_take(d.rrl, d.limit, &from, &a, d.now, &d.counters);
        out += i % 100 == 0 ? sent(&d, 10, "192.0.2.1", ".") : 0;
    }
    ck_assert_uint_eq(out, 5);
    ck_assert_uint_gt(counted(&d.counters, COUNT_rate_table_full), 0); /* in one second */
    rrl_free(d.rrl);
}
END_TEST

/* Who is full again is no loss. */
START_TEST(forgetting_costs_nothing_later)
{
    struct desk d = a_desk(5, 0);
    struct rrl_answer a = {.kind = RRL_ERROR};
    for (uint32_t i = 0; i < 300000; i++) {
        struct addr from = {.family = 4, .ip = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
        d.now.ns += NS_PER_S / 4000;
        ck_assert_int_eq(rrl_take(d.rrl, d.limit, &from, &a, d.now, &d.counters), RRL_SEND);
    }
    ck_assert_uint_eq(counted(&d.counters, COUNT_rate_table_full), 0);
    rrl_free(d.rrl);
}
END_TEST

TCase *case_guard_rrl(void)
{
    TCase *c = tcase_create("guard_rrl");
    tcase_add_test(c, so_many_in_a_second);
    tcase_add_test(c, evenly_over_time);
    tcase_add_test(c, below_the_limit_nobody_notices);
    tcase_add_test(c, switched_off);
    tcase_add_test(c, what_slips);
    tcase_add_test(c, networks);
    tcase_add_test(c, alike);
    tcase_add_test(c, a_full_table_keeps_who_is_hurt);
    tcase_add_test(c, forgetting_costs_nothing_later);
    return c;
}
