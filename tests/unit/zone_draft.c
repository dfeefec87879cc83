/* zone_draft.c - records go in and out of an owner, flags follow, bounds hold. */
#include "cases.h"
#include "zone/draft.h"
#include "zone/heap.h"
#include "zonekit.h"

static void start(struct draft *d, const char *owner)
{
    struct key k;
    struct name n = kit_name(owner);
    struct apex root = {.name = name_root, .size = 1};
    *d = (struct draft){.size = 0};
    must(key_of_name(&k, n.octets, &root) && draft_start(d, &k));
}

static enum draft_status add(struct draft *d, uint16_t type, const char *value)
{
    struct kit_record k;
    return draft_add(d, kit_set(&k, name_root, type, value));
}

static enum draft_status drop(struct draft *d, uint16_t type, const char *value)
{
    struct kit_record k;
    return draft_remove(d, kit_set(&k, name_root, type, value));
}

START_TEST(in_and_out_again)
{
    struct draft d, copy = {.size = 0};
    start(&d, "a.b");
    size_t empty = d.size;
    ck_assert_int_eq(add(&d, TYPE_A, "3"), DRAFT_OK);
    ck_assert_int_eq(add(&d, TYPE_A, "1"), DRAFT_OK);
    ck_assert_int_eq(add(&d, TYPE_A, "3"), DRAFT_SAME);
    ck_assert_int_eq(add(&d, TYPE_TXT, ""), DRAFT_OK);
    ck_assert(draft_load(&copy, d.blob));
    ck_assert(blob_same(copy.blob, d.blob));
    ck_assert_int_eq(drop(&d, TYPE_A, "2"), DRAFT_SAME);
    ck_assert_int_eq(drop(&d, TYPE_NS, "x"), DRAFT_SAME);
    ck_assert_int_eq(drop(&d, TYPE_A, "1"), DRAFT_OK);
    ck_assert_uint_eq(d.blob->sets, 2);
    ck_assert_int_eq(drop(&d, TYPE_A, "3"), DRAFT_OK);
    ck_assert_int_eq(drop(&d, TYPE_TXT, ""), DRAFT_OK);
    ck_assert_uint_eq(d.blob->sets, 0);
    ck_assert_uint_eq(d.size, empty);
    draft_free(&d);
    draft_free(&copy);
}
END_TEST

START_TEST(names_in_rdata_have_no_case)
{
    struct draft d;
    start(&d, "a");
    ck_assert_int_eq(add(&d, TYPE_NS, "ns.Example"), DRAFT_OK);
    ck_assert_int_eq(add(&d, TYPE_NS, "NS.example"), DRAFT_SAME);
    ck_assert_int_eq(drop(&d, TYPE_NS, "NS.EXAMPLE"), DRAFT_OK);
    draft_free(&d);
}
END_TEST

START_TEST(flags_follow_ns_and_dname)
{
    struct draft d, apex;
    start(&d, "a");
    start(&apex, ".");
    add(&d, TYPE_A, "1");
    ck_assert_uint_eq(d.blob->flags, 0);
    add(&d, TYPE_NS, "x");
    add(&d, TYPE_NS, "y");
    ck_assert_uint_eq(d.blob->flags, BLOB_CUT);
    add(&d, TYPE_DNAME, "z");
    drop(&d, TYPE_NS, "x");
    ck_assert_uint_eq(d.blob->flags, BLOB_CUT | BLOB_DNAME);
    drop(&d, TYPE_NS, "y");
    ck_assert_uint_eq(d.blob->flags, BLOB_DNAME);
    add(&apex, TYPE_NS, "x");
    ck_assert_uint_eq(apex.blob->flags, 0);
    draft_free(&d);
    draft_free(&apex);
}
END_TEST

START_TEST(an_rrset_has_64_kib_and_an_owner_a_block)
{
    struct draft d;
    static uint8_t rdata[65535];
    struct record rr = {.owner = name_root, .type = 60000, .rdata = rdata, .rdlen = 65535};
    start(&d, "a");
    ck_assert_int_eq(draft_add(&d, &rr), DRAFT_FULL);
    rr.rdlen = 65533;
    ck_assert_int_eq(draft_add(&d, &rr), DRAFT_OK);
    rr.rdlen = 0;
    ck_assert_int_eq(draft_add(&d, &rr), DRAFT_FULL);
    rr.rdlen = 65533;
    unsigned added = 1;
    for (; added < 20; added++) {
        rr.type++;
        enum draft_status status = draft_add(&d, &rr);
        if (status != DRAFT_OK) {
            ck_assert_int_eq(status, DRAFT_FULL);
            break;
        }
    }
    ck_assert_uint_eq(added, 15);
    ck_assert_uint_le(d.size, HEAP_MOST);
    draft_free(&d);
}
END_TEST

TCase *case_zone_draft(void)
{
    TCase *c = tcase_create("zone_draft");
    tcase_add_test(c, in_and_out_again);
    tcase_add_test(c, names_in_rdata_have_no_case);
    tcase_add_test(c, flags_follow_ns_and_dname);
    tcase_add_test(c, an_rrset_has_64_kib_and_an_owner_a_block);
    return c;
}
