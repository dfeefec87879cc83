/* zone_rows.c - records on their way to a version: any order in, canonical order out. */
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

/* Some records are sorted by then, which is not enough. */
START_TEST(without_memory_for_one_owner_it_fails)
{
    struct name apex = kit_name("e");
    struct bulk b;
    bulk_start(&b, apex.octets);
    add(&b, "e", TYPE_SOA, "1", 1);
    for (uint32_t i = 300; i > 0; i--) {
        char value[8];
        snprintf(value, sizeof value, "%u", i);
        add(&b, "many.e", TYPE_A, value, 1);
    }
    add(&b, "z.e", TYPE_A, "1", 1);
    (void)no_memory_for(300 * sizeof *b.rows);
    bulk_sort(&b, NULL);
    ck_assert(no_memory_for(0));
    ck_assert(b.failed);
    bulk_free(&b);
}
END_TEST

TCase *case_zone_rows(void)
{
    TCase *c = tcase_create("zone_rows");
    tcase_add_test(c, sorts_by_owner_type_and_rdata);
    tcase_add_test(c, the_order_is_that_of_names_whatever_they_are);
    tcase_add_test(c, many_hands_sort_as_one_does);
    tcase_add_test(c, large_ones_are_kept_whole);
    tcase_add_test(c, without_memory_for_one_owner_it_fails);
    return c;
}
