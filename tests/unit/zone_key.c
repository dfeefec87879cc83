/* zone_key.c - symbols keep canonical order, keys turn back into names, no key is too long. */
#include "base/rand.h"
#include "cases.h"
#include "zone/key.h"
#include <string.h>

static const struct apex root = {.name = name_root, .size = 1, .labels = 0};

static void random_name(struct rand *r, struct name *out)
{
    static const char usual[] = "ab-019_*Az./";
    unsigned labels = rand_below(r, 5), at = 0;
    for (unsigned i = 0; i < labels; i++) {
        unsigned len = 1 + rand_below(r, 3);
        out->octets[at++] = (uint8_t)len;
        for (unsigned j = 0; j < len; j++) {
            uint8_t octet = (uint8_t)usual[rand_below(r, sizeof usual - 1)];
            out->octets[at++] = rand_below(r, 3) == 0 ? (uint8_t)rand_below(r, 256) : octet;
        }
    }
    out->octets[at] = 0;
}

static int compare_symbols(const struct key *a, const struct key *b)
{
    unsigned at = key_difference(a, b);
    return at == KEY_LENGTH ? 0 : (int)key_at(a, at) - (int)key_at(b, at);
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

START_TEST(order_is_canonical)
{
    struct rand r;
    rand_seed(&r, 2);
    for (unsigned i = 0; i < 5000; i++) {
        struct name a, b;
        struct key ka, kb;
        random_name(&r, &a);
        random_name(&r, &b);
        must(key_of_name(&ka, a.octets, &root) && key_of_name(&kb, b.octets, &root));
        int order = sign(name_compare(a.octets, b.octets));
        must(sign(compare_symbols(&ka, &kb)) == order);
        must(sign(key_compare(ka.octets, ka.size, kb.octets, kb.size)) == order);
    }
}
END_TEST

START_TEST(every_pair_of_octets_keeps_its_order)
{
    struct key ka, kb;
    unsigned wrong = 0;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            uint8_t x[] = {1, (uint8_t)a, 0}, y[] = {1, (uint8_t)b, 0};
            must(key_of_name(&ka, x, &root) && key_of_name(&kb, y, &root));
            wrong += sign(compare_symbols(&ka, &kb)) != sign(name_compare(x, y));
        }
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(turns_back_into_the_name)
{
    struct rand r;
    struct name apex, lower, back;
    ck_assert(name_from("Example.COM", &apex));
    name_copy_lower(&lower, apex.octets);
    struct apex at = {.name = lower.octets, .size = 13, .labels = 2};
    rand_seed(&r, 3);
    for (unsigned i = 0; i < 2000; i++) {
        struct name front, name;
        struct key k, again;
        random_name(&r, &front);
        must(name_substitute(front.octets, 0, apex.octets, &name));
        must(key_of_name(&k, name.octets, &at));
        key_name(k.octets, k.size, &at, &back);
        must(name_same(back.octets, name.octets));
        key_of_octets(&again, k.octets, k.size);
        must(key_difference(&k, &again) == KEY_LENGTH);
        must(again.labels == name_labels(front.octets));
    }
}
END_TEST

START_TEST(knows_what_is_outside)
{
    struct name apex, n;
    struct key k;
    ck_assert(name_from("example.com", &apex));
    struct apex at = {.name = apex.octets, .size = 13, .labels = 2};
    static const char *const outside[] = {".",
                                          "com",
                                          "example.org",
                                          "xexample.com",
                                          "a.example.co",
                                          "example.com.a",
                                          "abcdefghijklmnopqrstuvwxyz.com"};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        ck_assert(name_from(outside[i], &n));
        ck_assert_msg(!key_of_name(&k, n.octets, &at), "%s", outside[i]);
    }
    ck_assert(name_from("EXAMPLE.com", &n));
    ck_assert(key_of_name(&k, n.octets, &at));
    ck_assert_uint_eq(k.size, 0);
    ck_assert(name_from("w.*.eXample.com", &n));
    ck_assert(key_of_name(&k, n.octets, &at));
    ck_assert(k.star);
    ck_assert_uint_eq(k.labels, 2);
    ck_assert_uint_eq(k.end[1], 2);
}
END_TEST

START_TEST(longest_names_fit)
{
    struct name n;
    struct key k;
    memset(n.octets, 0xff, sizeof n.octets);
    n.octets[0] = n.octets[64] = n.octets[128] = 63;
    n.octets[192] = 61;
    n.octets[254] = 0;
    ck_assert(key_of_name(&k, n.octets, &root));
    ck_assert_uint_eq(k.symbols, KEY_LENGTH - 1);
    ck_assert_uint_eq(k.size, 254);
    for (unsigned i = 0; i < 254; i += 2) {
        n.octets[i] = 1;
    }
    ck_assert(key_of_name(&k, n.octets, &root));
    ck_assert_uint_eq(k.labels, NAME_LABELS);
    ck_assert_uint_eq(k.symbols, 3 * NAME_LABELS);
}
END_TEST

START_TEST(common_labels_are_whole_ones)
{
    struct name a, b;
    struct key ka, kb;
    unsigned labels;
    ck_assert(name_from("x.bb.a", &a) && name_from("y.b.a", &b));
    ck_assert(key_of_name(&ka, a.octets, &root) && key_of_name(&kb, b.octets, &root));
    ck_assert_uint_eq(key_common(&ka, kb.octets, kb.size, &labels), 2);
    ck_assert_uint_eq(labels, 1);
    ck_assert_uint_eq(key_common(&ka, ka.octets, ka.size, &labels), 7);
    ck_assert_uint_eq(labels, 3);
    ck_assert_uint_eq(key_common(&ka, ka.octets, 5, &labels), 5);
    ck_assert_uint_eq(labels, 2);
}
END_TEST

START_TEST(a_prefix_is_the_first_symbols)
{
    struct rand r;
    uint64_t prefix;
    rand_seed(&r, 4);
    for (unsigned i = 0; i < 2000; i++) {
        struct name name;
        struct key k;
        random_name(&r, &name);
        must(key_of_name(&k, name.octets, &root) && key_prefix(name.octets, &root, &prefix));
        for (unsigned n = 0; n < KEY_PREFIX; n++) {
            must((prefix >> 6 * (KEY_PREFIX - 1 - n) & 63) == key_at(&k, n));
        }
    }
    static const uint8_t inside[] = "\1a\1e", outside[] = "\1a\2ee";
    struct apex apex = {.name = inside + 2, .size = 3, .labels = 1};
    ck_assert(key_prefix(inside, &apex, &prefix) && prefix >> 54 > 0);
    ck_assert(!key_prefix(outside, &apex, &prefix));
}
END_TEST

TCase *case_zone_key(void)
{
    TCase *c = tcase_create("zone_key");
    tcase_add_test(c, order_is_canonical);
    tcase_add_test(c, every_pair_of_octets_keeps_its_order);
    tcase_add_test(c, turns_back_into_the_name);
    tcase_add_test(c, knows_what_is_outside);
    tcase_add_test(c, longest_names_fit);
    tcase_add_test(c, common_labels_are_whole_ones);
    tcase_add_test(c, a_prefix_is_the_first_symbols);
    return c;
}
