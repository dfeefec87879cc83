/* zone_bulk.c - records on their way to a version: any order in, canonical order out. */
#include "base/rand.h"
#include "cases.h"
#include "wire/rdata.h"
#include "zone/bulk.h"
#include "zonekit.h"
#include <stdio.h>

static void add(struct bulk *b, const char *owner, uint16_t type, const char *value, uint32_t line)
{
    struct kit_record k;
    struct name n = kit_name(owner);
    bulk_add(b, kit_set(&k, n.octets, type, value), 0, line);
}

static void run_backwards(void *ctx, unsigned parts, void (*part)(void *arg, unsigned index),
                          void *arg)
{
    (void)ctx;
    while (parts > 0) {
        part(arg, --parts);
    }
}

/* The lines in their order now, as digits. */
static const char *lines(const struct bulk *b, char *out)
{
    for (size_t i = 0; i < b->count; i++) {
        out[i] = (char)('0' + bulk_line(b, i));
    }
    out[b->count] = '\0';
    return out;
}

START_TEST(sorts_by_owner_type_and_rdata)
{
    struct name apex = kit_name("Example");
    struct bulk b;
    char text[16];
    bulk_start(&b, apex.octets);
    add(&b, "z.example", TYPE_A, "1", 6);
    add(&b, "yljkjljk.A.example", TYPE_A, "1", 3); /* the order of RFC 4034 6.1 */
    add(&b, "example", TYPE_SOA, "1", 1);
    add(&b, "a.example", TYPE_A, "1", 2);
    add(&b, "Z.a.example", TYPE_A, "1", 4);
    add(&b, "zABC.a.EXAMPLE", TYPE_A, "1", 5);
    add(&b, "z.example", TYPE_TXT, "n", 8);
    add(&b, "Z.EXAMPLE", TYPE_A, "200", 7);
    add(&b, "*.z.example", TYPE_A, "1", 9);
    bulk_sort(&b, NULL);
    /* z.example: address 1 before 200, whatever the case of the owner, and A before TXT */
    ck_assert_str_eq(lines(&b, text), "123456789");
    ck_assert(!b.failed);
    bulk_free(&b);
}
END_TEST

START_TEST(finds_the_first_of_an_owner_and_type)
{
    struct name apex = kit_name("e"), a = kit_name("A.e"), none = kit_name("b.e");
    struct name other = kit_name("a.a.e"), last = kit_name("zz.e");
    struct bulk b;
    size_t row;
    bulk_start(&b, apex.octets);
    ck_assert(!bulk_find(&b, apex.octets, 0, &row)); /* empty */
    add(&b, "c.e", TYPE_A, "1", 1);
    add(&b, "a.e", TYPE_TXT, "x", 2);
    add(&b, "a.e", TYPE_NS, "n", 3);
    add(&b, "a.e", TYPE_TXT, "a", 4);
    add(&b, "e", TYPE_SOA, "1", 5);
    bulk_sort(&b, NULL);
    ck_assert(bulk_find(&b, a.octets, 0, &row) && bulk_line(&b, row) == 3);
    ck_assert(bulk_find(&b, a.octets, TYPE_TXT, &row) && bulk_line(&b, row) == 4);
    ck_assert(bulk_find(&b, apex.octets, TYPE_SOA, &row) && bulk_line(&b, row) == 5);
    ck_assert(!bulk_find(&b, a.octets, TYPE_A, &row));
    ck_assert(!bulk_find(&b, a.octets, TYPE_AAAA, &row));
    ck_assert(!bulk_find(&b, none.octets, 0, &row));
    ck_assert(!bulk_find(&b, other.octets, 0, &row));
    ck_assert(!bulk_find(&b, last.octets, 0, &row));
    bulk_free(&b);
}
END_TEST

START_TEST(knows_a_record_that_comes_again)
{
    struct name apex = kit_name("e");
    struct bulk b;
    bulk_start(&b, apex.octets);
    add(&b, "a.e", TYPE_NS, "n", 1);
    add(&b, "A.e", TYPE_NS, "N", 2); /* names in rdata compare without case */
    add(&b, "a.e", TYPE_TXT, "x", 3);
    add(&b, "a.e", TYPE_TXT, "X", 4);
    add(&b, "b.e", TYPE_TXT, "X", 5);
    bulk_sort(&b, NULL);
    for (size_t row = 0; row < b.count; row++) {
        ck_assert_int_eq(bulk_is_again(&b, row), row == 1);
    }
    bulk_free(&b);
}
END_TEST

START_TEST(takes_a_stream_but_no_foreign_or_damaged_one)
{
    struct name apex = kit_name("e"), owner = kit_name("a.e"), foreign = kit_name("ae");
    struct kit_record k;
    struct buf stream = {.len = 0};
    struct bulk b;
    record_add(&stream, kit_set(&k, owner.octets, TYPE_A, "2"));
    size_t first = stream.len;
    record_add(&stream, kit_set(&k, apex.octets, TYPE_SOA, "1"));
    bulk_start(&b, apex.octets);
    ck_assert(bulk_take(&b, &stream));
    ck_assert(!b.failed && b.count == 2);
    bulk_sort(&b, NULL);
    struct record rr;
    bulk_record(&b, 0, &rr);
    ck_assert_uint_eq(rr.type, TYPE_SOA);
    bulk_free(&b);
    for (size_t len = 1; len < stream.len; len++) { /* cut: only between two records it is whole */
        struct buf cut = stream;
        cut.len = len;
        bulk_start(&b, apex.octets);
        ck_assert_int_eq(bulk_take(&b, &cut), len == first);
        bulk_free(&b);
    }
    record_add(&stream, kit_set(&k, foreign.octets, TYPE_A, "2"));
    bulk_start(&b, apex.octets);
    ck_assert(!bulk_take(&b, &stream) && !b.failed);
    bulk_free(&b);
    buf_free(&stream);
}
END_TEST

START_TEST(the_order_is_that_of_names_whatever_they_are)
{
    static const char *const labels[] = {"a", "b", "\\000", "\\255", "ab", "*", "A", "longer-one"};
    struct name apex = kit_name("example");
    struct rand r;
    struct bulk b;
    rand_seed(&r, 3);
    bulk_start(&b, apex.octets);
    for (unsigned i = 0; i < 500; i++) {
        char owner[64] = "";
        for (unsigned n = rand_below(&r, 4); n > 0; n--) {
            strcat(owner, labels[rand_below(&r, 8)]);
            strcat(owner, ".");
        }
        strcat(owner, "example");
        add(&b, owner, rand_below(&r, 2) == 0 ? TYPE_A : TYPE_TXT,
            rand_below(&r, 2) == 0 ? "1" : "2", 1);
    }
    bulk_sort(&b, NULL);
    for (size_t i = 1; i < b.count; i++) {
        struct record x, y;
        bulk_record(&b, i - 1, &x);
        bulk_record(&b, i, &y);
        int order = name_compare(x.owner, y.owner);
        must(order <= 0);
        must(order < 0 || x.type <= y.type);
        must(order < 0 || x.type < y.type ||
             rdata_compare(x.type, x.rdata, x.rdlen, y.rdata, y.rdlen) <= 0);
        size_t row;
        must(bulk_find(&b, y.owner, y.type, &row) && row <= i);
    }
    bulk_free(&b);
}
END_TEST

/* Many records in pieces, by several hands: as one list by one. */
START_TEST(many_hands_sort_as_one_does)
{
    const struct hands hands = {.count = 3, .run = run_backwards, .least = 20};
    struct name apex = kit_name("example");
    struct rand r;
    struct bulk one, other;
    rand_seed(&r, 5);
    bulk_start(&one, apex.octets);
    bulk_start(&other, apex.octets);
    for (uint32_t line = 1; line < 3000;) {
        struct bulk piece;
        bulk_start(&piece, apex.octets);
        for (unsigned n = rand_below(&r, 400); n > 0; n--, line++) {
            char owner[40];
            snprintf(owner, sizeof owner, "%s%u.example", rand_below(&r, 2) == 0 ? "x" : "X",
                     rand_below(&r, 300));
            add(&one, owner, TYPE_A, line % 2 == 0 ? "1" : "2", line);
            add(&piece, owner, TYPE_A, line % 2 == 0 ? "1" : "2", line);
        }
        bulk_join(&other, &piece);
    }
    bulk_sort(&one, NULL);
    bulk_sort(&other, &hands);
    ck_assert(!one.failed && !other.failed);
    ck_assert_uint_eq(one.count, other.count);
    for (size_t i = 0; i < one.count; i++) { /* of equals the first stays first */
        must(bulk_line(&one, i) == bulk_line(&other, i));
        must(bulk_same_owner(&one, i) == bulk_same_owner(&other, i));
        must(i == 0 || !bulk_is_again(&one, i) || bulk_line(&one, i) > bulk_line(&one, i - 1));
    }
    bulk_free(&one);
    bulk_free(&other);
}
END_TEST

/* More than the chunks' first sizes, and one RRset whose records come the wrong way round. */
START_TEST(large_ones_are_kept_whole)
{
    struct name apex = kit_name("e");
    static uint8_t rdata[60000];
    struct bulk b;
    bulk_start(&b, apex.octets);
    for (uint32_t i = 0; i < 300; i++) {
        memset(rdata, 0, sizeof rdata);
        put_u32(rdata, 300 - i);
        struct record rr = {.owner = apex.octets,
                            .type = TYPE_TXT,
                            .rdlen = (uint16_t)(i % 50 == 0 ? sizeof rdata : 4 + i),
                            .rdata = rdata};
        bulk_add(&b, &rr, 0, 300 - i);
    }
    bulk_sort(&b, NULL);
    ck_assert(!b.failed && b.count == 300);
    for (uint32_t i = 0; i < 300; i++) {
        struct record rr;
        bulk_record(&b, i, &rr);
        must(bulk_line(&b, i) == i + 1 && get_u32(rr.rdata) == i + 1);
        must(rr.rdlen == ((300 - i - 1) % 50 == 0 ? sizeof rdata : 4 + 300 - i - 1));
    }
    bulk_free(&b);
}
END_TEST

TCase *case_zone_bulk(void)
{
    TCase *c = tcase_create("zone_bulk");
    tcase_add_test(c, sorts_by_owner_type_and_rdata);
    tcase_add_test(c, finds_the_first_of_an_owner_and_type);
    tcase_add_test(c, knows_a_record_that_comes_again);
    tcase_add_test(c, takes_a_stream_but_no_foreign_or_damaged_one);
    tcase_add_test(c, the_order_is_that_of_names_whatever_they_are);
    tcase_add_test(c, many_hands_sort_as_one_does);
    tcase_add_test(c, large_ones_are_kept_whole);
    return c;
}
