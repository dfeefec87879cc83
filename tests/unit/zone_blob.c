/* zone_blob.c - what one owner has is found by type, counted right, and compared but for its
 * edition. */
#include "cases.h"
#include "zone/blob.h"
#include "zone/draft.h"
#include "zonekit.h"

static void add(struct draft *d, uint16_t type, const char *value)
{
    struct kit_record k;
    must(draft_add(d, kit_set(&k, name_root, type, value)) == DRAFT_OK);
}

static void start(struct draft *d)
{
    struct key k;
    static const uint8_t octets[] = {3, 'w', 'w', 'w'};
    key_of_octets(&k, octets, sizeof octets);
    *d = (struct draft){.size = 0};
    must(draft_start(d, &k));
}

START_TEST(finds_by_type_and_by_index)
{
    struct draft d;
    struct rrset set;
    start(&d);
    add(&d, TYPE_TXT, "text");
    add(&d, TYPE_A, "2");
    add(&d, 65280, "unknown");
    add(&d, TYPE_A, "1");
    ck_assert_uint_eq(d.blob->sets, 3);
    ck_assert_uint_eq(blob_size(d.blob), d.size);
    ck_assert_uint_eq(d.size, BLOB_HEAD + 4 + 3 * BLOB_SET + 2 * 6 + 7 + 10);
    static const uint16_t types[] = {TYPE_A, TYPE_TXT, 65280};
    for (unsigned i = 0; i < 3; i++) {
        struct rrset by_index;
        ck_assert(blob_find(d.blob, types[i], &set));
        blob_get(d.blob, i, &by_index);
        ck_assert_uint_eq(by_index.type, types[i]);
        ck_assert_ptr_eq(by_index.data, set.data);
        ck_assert_uint_eq(set.ttl, 300);
    }
    ck_assert(blob_find(d.blob, TYPE_A, &set));
    ck_assert_uint_eq(set.count, 2);
    ck_assert_uint_eq(set.size, 12);
    ck_assert_uint_eq(get_u32(set.data + 2), 1);
    ck_assert_uint_eq(get_u32(set.data + 8), 2);
    ck_assert(!blob_find(d.blob, TYPE_NS, &set));
    ck_assert(!blob_find(&blob_empty, TYPE_NS, &set));
    draft_free(&d);
}
END_TEST

START_TEST(same_whatever_the_order_and_edition)
{
    struct draft a, b;
    start(&a);
    start(&b);
    add(&a, TYPE_A, "1");
    add(&a, TYPE_TXT, "t");
    add(&a, TYPE_A, "2");
    add(&b, TYPE_A, "2");
    add(&b, TYPE_A, "1");
    ck_assert(!blob_same(a.blob, b.blob));
    add(&b, TYPE_TXT, "t");
    b.blob->born = 77;
    ck_assert(blob_same(a.blob, b.blob));
    draft_ttl(&b, TYPE_A, 299);
    ck_assert(!blob_same(a.blob, b.blob));
    draft_free(&a);
    draft_free(&b);
}
END_TEST

TCase *case_zone_blob(void)
{
    TCase *c = tcase_create("zone_blob");
    tcase_add_test(c, finds_by_type_and_by_index);
    tcase_add_test(c, same_whatever_the_order_and_edition);
    return c;
}
