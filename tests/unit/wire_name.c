/* wire_name.c - tests of names as octets: measured, compared, hashed, copied, turned into keys. */
#include "base/rand.h"
#include "cases.h"
#include "wire/name.h"
#include <ctype.h>
#include <string.h>

static struct name named(const char *text)
{
    struct name n;
    ck_assert_msg(name_from(text, &n), "%s", text);
    return n;
}

/* A random name from few different octets, so that equal labels, prefixes and case pairs are
 * common. */
static struct name random_name(struct rand *r)
{
    static const uint8_t octets[] = {0, 1, 2, 'A', 'a', 'B', 'b', '*', '-', '[', 0xc1, 0xff};
    struct name n;
    size_t at = 0;
    for (unsigned labels = rand_below(r, 6); labels > 0; labels--) {
        unsigned len = 1 + rand_below(r, rand_below(r, 20) == 0 ? 63 : 4);
        if (at + len + 2 > NAME_SIZE) {
            break;
        }
        n.octets[at++] = (uint8_t)len;
        for (; len > 0; len--) {
            n.octets[at++] = octets[rand_below(r, sizeof octets)];
        }
    }
    n.octets[at] = 0;
    return n;
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

START_TEST(lengths_and_labels)
{
    struct name n = named("www.Example.com");
    ck_assert_uint_eq(name_len(n.octets), 17);
    ck_assert_uint_eq(name_labels(n.octets), 3);
    ck_assert_uint_eq(name_len(name_root), 1);
    ck_assert_uint_eq(name_labels(name_root), 0);
    ck_assert(name_same(name_up(n.octets, 1), named("example.COM").octets));
    ck_assert(name_same(name_suffix(n.octets, 1), named("com").octets));
    ck_assert_ptr_eq(name_suffix(n.octets, 3), n.octets);
    ck_assert_uint_eq(name_len(name_up(n.octets, 3)), 1);
}
END_TEST

START_TEST(foreign_octets_are_checked)
{
    uint8_t longest[300];
    size_t len = 0;
    ck_assert(name_check((const uint8_t *)"\3www\0rest", 9, &len));
    ck_assert_uint_eq(len, 5);
    ck_assert(!name_check((const uint8_t *)"\3www", 4, &len));       /* no end */
    ck_assert(!name_check((const uint8_t *)"\5www\0", 5, &len));     /* label runs over */
    ck_assert(!name_check((const uint8_t *)"\1a\xc0\x0c", 4, &len)); /* a pointer */
    ck_assert(!name_check((const uint8_t *)"\x41"
                                           "a\0",
                          3, &len)); /* label type 01 */
    ck_assert(!name_check(longest, 0, &len));
    for (size_t i = 0; i < sizeof longest; i++) {
        longest[i] = i % 2 == 0 ? 1 : 'a';
    }
    longest[0] = 64;
    ck_assert(!name_check(longest, sizeof longest, &len));
    longest[0] = 1;
    longest[254] = 0; /* 127 labels of one octet: 255 octets */
    ck_assert(name_check(longest, sizeof longest, &len));
    ck_assert_uint_eq(len, 255);
    ck_assert_uint_eq(name_labels(longest), NAME_LABELS);
    longest[254] = 1;
    longest[256] = 0;
    ck_assert(!name_check(longest, sizeof longest, &len));
}
END_TEST

START_TEST(case_does_not_count)
{
    struct name a = named("WwW.eXample.[@`{Z"), b = named("wWw.ExAmplE.[@`{z");
    ck_assert(name_same(a.octets, b.octets));
    ck_assert(!name_same_case(a.octets, b.octets));
    ck_assert(name_same_case(a.octets, a.octets));
    ck_assert_int_eq(name_compare(a.octets, b.octets), 0);
    ck_assert_uint_eq(name_hash(a.octets, 7), name_hash(b.octets, 7));
    ck_assert_uint_ne(name_hash(a.octets, 7), name_hash(a.octets, 8));
    /* neighbours of the letters keep their own value */
    ck_assert(!name_same(named("[").octets, named("{").octets));
    ck_assert(!name_same(named("@a").octets, named("`a").octets));
    ck_assert(!name_same(named("\\193aaaaaaa").octets, named("\\225aaaaaaa").octets));
}
END_TEST

START_TEST(canonical_order)
{
    /* the example of RFC 4034 6.1 */
    static const char *const order[] = {"example",         "a.example",      "yljkjljk.a.example",
                                        "Z.a.example",     "zABC.a.EXAMPLE", "z.example",
                                        "\\001.z.example", "*.z.example",    "\\200.z.example"};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        for (size_t j = 0; j < sizeof order / sizeof order[0]; j++) {
            int got = name_compare(named(order[i]).octets, named(order[j]).octets);
            ck_assert_int_eq(sign(got), (i > j) - (i < j));
        }
    }
}
END_TEST

START_TEST(keys_order_as_names_do)
{
    struct rand r;
    rand_seed(&r, 1);
    for (int i = 0; i < 8000; i++) {
        struct name a = random_name(&r), b = random_name(&r);
        uint8_t ka[NAME_KEY], kb[NAME_KEY];
        size_t la = name_key(a.octets, 0, ka), lb = name_key(b.octets, 0, kb);
        int order = memcmp(ka, kb, la < lb ? la : lb);
        order = order != 0 ? order : (la > lb) - (la < lb);
        ck_assert_int_eq(sign(order), sign(name_compare(a.octets, b.octets)));
        ck_assert(name_same(a.octets, b.octets) == (order == 0));
        ck_assert(order != 0 || name_hash(a.octets, 3) == name_hash(b.octets, 3));
    }
}
END_TEST

START_TEST(keys_leave_out_the_apex)
{
    uint8_t whole[NAME_KEY], rest[NAME_KEY];
    struct name n = named("B.a.example.com");
    size_t whole_len = name_key(n.octets, 0, whole), rest_len = name_key(n.octets, 2, rest);
    ck_assert_uint_eq(rest_len, 4);
    ck_assert_mem_eq(rest, "a\0b\0", 4);
    ck_assert_mem_eq(whole + whole_len - rest_len, rest, rest_len);
    ck_assert_uint_eq(name_key(n.octets, 4, rest), 0);
    uint8_t ones[256] = {0};
    size_t at = 0;
    for (int i = 0; i < 4; i++) { /* the longest key: every octet escaped */
        ones[at] = i < 3 ? 63 : 61;
        memset(ones + at + 1, 1, ones[at]);
        at += 1U + ones[at];
    }
    ck_assert_uint_eq(name_len(ones), NAME_SIZE);
    ck_assert_uint_le(name_key(ones, 0, whole), NAME_KEY);
}
END_TEST

START_TEST(below_and_wildcards)
{
    struct name www = named("www.example.com"), apex = named("EXAMPLE.com");
    ck_assert(name_at_or_below(www.octets, apex.octets));
    ck_assert(name_at_or_below(apex.octets, apex.octets));
    ck_assert(name_at_or_below(www.octets, name_root));
    ck_assert(!name_at_or_below(apex.octets, www.octets));
    ck_assert(!name_at_or_below(named("xexample.com").octets, apex.octets));
    ck_assert(!name_at_or_below(named("x\\007example.com").octets, apex.octets)); /* one label */
    ck_assert(!name_at_or_below(named("www.example.org").octets, apex.octets));
    ck_assert(name_is_wildcard(named("*.example.com").octets));
    ck_assert(!name_is_wildcard(named("**.example.com").octets));
    ck_assert(!name_is_wildcard(name_root));
    struct name star;
    ck_assert(name_wildcard(apex.octets, &star));
    ck_assert(name_same(star.octets, named("*.example.com").octets));
}
END_TEST

START_TEST(substitution)
{
    struct name old = named("a.b.example.com"), target = named("new.net"), out;
    ck_assert(name_substitute(old.octets, 2, target.octets, &out));
    ck_assert(name_same_case(out.octets, named("a.b.new.net").octets));
    ck_assert(name_substitute(old.octets, 4, target.octets, &out));
    ck_assert(name_same_case(out.octets, target.octets));
    struct name big = named("a.b"); /* 63 octets a label until nothing fits */
    struct name piece;
    memset(piece.octets, 'x', 64);
    piece.octets[0] = 63;
    piece.octets[64] = 0;
    for (int i = 0; i < 3; i++) {
        ck_assert(name_substitute(piece.octets, 0, big.octets, &big));
    }
    ck_assert_uint_eq(name_len(big.octets), 3 * 64 + 5);
    ck_assert(!name_substitute(piece.octets, 0, big.octets, &out));
    piece.octets[0] = 57; /* 58 and 197: exactly 255 */
    piece.octets[58] = 0;
    ck_assert(name_substitute(piece.octets, 0, big.octets, &out));
    ck_assert_uint_eq(name_len(out.octets), NAME_SIZE);
    ck_assert(!name_wildcard(out.octets, &piece));
    piece.octets[0] = 58;
    piece.octets[58] = 'x';
    piece.octets[59] = 0;
    ck_assert(!name_substitute(piece.octets, 0, big.octets, &out));
}
END_TEST

START_TEST(copies)
{
    struct name from = named("Www.Example.COM-0123456789"), to;
    name_copy(&to, from.octets);
    ck_assert(name_same_case(to.octets, from.octets));
    name_copy_lower(&to, from.octets);
    ck_assert(name_same(to.octets, from.octets));
    for (size_t i = 0; i < name_len(to.octets); i++) {
        ck_assert(!isupper(to.octets[i]));
    }
}
END_TEST

TCase *case_wire_name(void)
{
    TCase *c = tcase_create("wire_name");
    tcase_add_test(c, lengths_and_labels);
    tcase_add_test(c, foreign_octets_are_checked);
    tcase_add_test(c, case_does_not_count);
    tcase_add_test(c, canonical_order);
    tcase_add_test(c, keys_order_as_names_do);
    tcase_add_test(c, keys_leave_out_the_apex);
    tcase_add_test(c, below_and_wildcards);
    tcase_add_test(c, substitution);
    tcase_add_test(c, copies);
    return c;
}
