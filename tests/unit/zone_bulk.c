/* zone_bulk.c - records on their way to a version: what is found among them. */
#include "cases.h"
#include "zone/bulk.h"
#include "zonekit.h"

static void add(struct bulk *b, const char *owner, uint16_t type, const char *value, uint32_t line)
{
    struct kit_record k;
    struct name n = kit_name(owner);
    bulk_add(b, kit_set(&k, n.octets, type, value), 0, line);
}

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

TCase *case_zone_bulk(void)
{
    TCase *c = tcase_create("zone_bulk");
    tcase_add_test(c, finds_the_first_of_an_owner_and_type);
    tcase_add_test(c, knows_a_record_that_comes_again);
    tcase_add_test(c, takes_a_stream_but_no_foreign_or_damaged_one);
    return c;
}
