/* zone_edit.c - records go in and out; totals, refusals, and dropping without a trace. */
#include "cases.h"
#include "zonemodel.h"

START_TEST(adds_and_removes)
{
    struct zone_line *l = kit_line("Z");
    struct zone_edit *e = kit_start(l, NULL);
    ck_assert_int_eq(kit_add(e, "z", TYPE_SOA, "5"), ZONE_EDIT_OK);
    ck_assert_int_eq(kit_add(e, "a.z", TYPE_A, "1"), ZONE_EDIT_OK);
    ck_assert_int_eq(kit_add(e, "A.Z", TYPE_A, "1"), ZONE_EDIT_SAME);
    ck_assert_int_eq(kit_add(e, "b.z", TYPE_A, "1"), ZONE_EDIT_OK);
    ck_assert_int_eq(kit_add(e, "y", TYPE_A, "1"), ZONE_EDIT_OUTSIDE);
    ck_assert_int_eq(kit_remove(e, "y", TYPE_A, "1"), ZONE_EDIT_OUTSIDE);
    ck_assert_int_eq(kit_remove(e, "a.z", TYPE_A, "2"), ZONE_EDIT_SAME);
    ck_assert_int_eq(kit_remove(e, "a.z", TYPE_NS, "n"), ZONE_EDIT_SAME);
    ck_assert_int_eq(kit_remove(e, "b.z", TYPE_A, "1"), ZONE_EDIT_OK);
    ck_assert_int_eq(kit_remove(e, "c.z", TYPE_A, "1"), ZONE_EDIT_SAME);
    struct zone_version *v = kit_finish(e);
    ck_assert_uint_eq(zone_records(v), 2);
    ck_assert_uint_eq(zone_serial(v), 5);
    ck_assert_uint_eq(zone_lookup(v, kit_name("b.z").octets).ref, 0);
    ck_assert_uint_ne(zone_lookup(v, kit_name("a.z").octets).ref, 0);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(one_ttl_for_an_rrset)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", NULL, 0);
    struct zone_edit *e = kit_start(l, v);
    struct name owner = kit_name("a.z");
    struct kit_record k;
    struct record rr = *kit_set(&k, owner.octets, TYPE_A, "1");
    rr.ttl = 500;
    ck_assert_int_eq(zone_edit_add(e, &rr), ZONE_EDIT_OK);
    rr.ttl = 600;
    ck_assert_int_eq(zone_edit_add(e, &rr), ZONE_EDIT_SAME);
    put_u32(k.rdata, 2);
    ck_assert_int_eq(zone_edit_add(e, &rr), ZONE_EDIT_OK);
    rr.ttl = 400;
    ck_assert_int_eq(zone_edit_add(e, &rr), ZONE_EDIT_OK);
    ck_assert_int_eq(zone_edit_add(e, &rr), ZONE_EDIT_SAME);
    struct zone_version *next = kit_finish(e);
    struct rrset set;
    ck_assert(zone_rrset(zone_lookup(next, owner.octets), TYPE_A, &set));
    ck_assert_uint_eq(set.ttl, 400);
    ck_assert_uint_eq(set.count, 2);
    ck_assert_uint_ge(zone_max_ttl(next), 400);
    zone_release(v);
    e = kit_start(l, next);
    ck_assert_int_eq(zone_edit_ttl(e, owner.octets, TYPE_A, 400), ZONE_EDIT_SAME);
    ck_assert_int_eq(zone_edit_ttl(e, owner.octets, TYPE_NS, 400), ZONE_EDIT_SAME);
    ck_assert_int_eq(zone_edit_ttl(e, owner.octets, TYPE_A, 90000), ZONE_EDIT_OK);
    v = kit_finish(e);
    ck_assert(zone_rrset(zone_lookup(v, owner.octets), TYPE_A, &set));
    ck_assert_uint_eq(set.ttl, 90000);
    ck_assert_uint_eq(zone_max_ttl(v), 90000);
    ck_assert_uint_ne(zone_content_hash(v), zone_content_hash(next));
    zone_release(v);
    zone_release(next);
    zone_line_free(l);
}
END_TEST

START_TEST(no_version_without_one_soa)
{
    struct zone_line *l = kit_line("z");
    struct oops o;
    uint64_t bytes = zone_line_bytes(l);
    ck_assert_ptr_null(zone_edit_finish(kit_start(l, NULL), &o));
    ck_assert_str_eq(o.text, "no SOA at the apex");
    struct zone_edit *e = kit_start(l, NULL);
    kit_add(e, "a.z", TYPE_SOA, "1");
    ck_assert_ptr_null(zone_edit_finish(e, &o));
    ck_assert_str_eq(o.text, "no SOA at the apex");
    e = kit_start(l, NULL);
    kit_add(e, "z", TYPE_SOA, "1");
    kit_add(e, "z", TYPE_SOA, "2");
    ck_assert_ptr_null(zone_edit_finish(e, &o));
    ck_assert_str_eq(o.text, "2 SOA records at the apex, not one");
    struct kit_record k;
    struct name apex = kit_name("z");
    struct record rr = *kit_set(&k, apex.octets, TYPE_SOA, "1");
    rr.rdlen--;
    e = kit_start(l, NULL);
    zone_edit_add(e, &rr);
    ck_assert_ptr_null(zone_edit_finish(e, NULL));
    ck_assert_uint_eq(zone_line_bytes(l), bytes);
    zone_line_free(l);
}
END_TEST

START_TEST(too_much_changes_nothing)
{
    static uint8_t rdata[65533];
    struct zone_line *l = kit_line("z");
    struct zone_edit *e = kit_start(l, NULL);
    struct name owner = kit_name("a.z");
    struct record rr = {
        .owner = owner.octets, .type = 60000, .ttl = 9, .rdata = rdata, .rdlen = sizeof rdata};
    kit_add(e, "z", TYPE_SOA, "1");
    ck_assert_int_eq(zone_edit_add(e, &rr), ZONE_EDIT_OK);
    rr.rdlen = 1;
    rr.ttl = 8;
    ck_assert_int_eq(zone_edit_add(e, &rr), ZONE_EDIT_FULL);
    struct zone_version *v = kit_finish(e);
    struct rrset set;
    ck_assert_uint_eq(zone_records(v), 2);
    ck_assert(zone_rrset(zone_lookup(v, owner.octets), 60000, &set));
    ck_assert_uint_eq(set.ttl, 9);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

/* What an edit leaves when it is dropped: nothing, down to the last octet. */
START_TEST(a_dropped_edit_leaves_no_trace)
{
    struct zone_line *l = kit_line("z");
    struct zone_edit *e = kit_start(l, NULL);
    struct model *m = malloc(sizeof *m);
    struct rand r;
    struct buf dump = {.len = 0};
    rand_seed(&r, 11);
    model_start(m, "z");
    kit_add(e, "z", TYPE_SOA, "1");
    model_fill(m, e, &r, 40);
    struct zone_version *v = kit_finish(e);
    kit_dump(v, &dump);
    uint64_t bytes = zone_line_bytes(l);
    for (unsigned i = 0; i < 20; i++) {
        e = kit_start(l, i % 3 == 0 ? NULL : v);
        for (unsigned j = rand_below(&r, 3000); j > 0; j--) {
            struct kit_record k;
            model_record(m, &r, 5, &k);
            (j % 3 == 0 ? zone_edit_remove : zone_edit_add)(e, &k.rr);
        }
        zone_edit_drop(e);
        ck_assert_uint_eq(zone_line_bytes(l), bytes);
        ck_assert_uint_eq(zone_line_pinned(l), 0);
        kit_same(v, &dump);
    }
    buf_free(&dump);
    free(m);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

/* The same content by another way: same hash, same records, same memory. */
START_TEST(the_way_does_not_matter)
{
    struct rand r;
    struct model *m = malloc(sizeof *m);
    rand_seed(&r, 12);
    for (unsigned i = 0; i < 100; i++) {
        struct zone_line *l = kit_line("z"), *other = kit_line("z");
        struct zone_edit *e = kit_start(l, NULL);
        model_start(m, "z");
        kit_add(e, "z", TYPE_SOA, "1");
        model_fill(m, e, &r, 20);
        for (unsigned j = 0; j < 15; j++) {
            unsigned at = 1 + rand_below(&r, m->count - 1);
            struct kit_record k = m->records[at];
            k.rr.owner = k.owner.octets;
            k.rr.rdata = k.rdata;
            must(zone_edit_remove(e, &k.rr) == ZONE_EDIT_OK && model_remove(m, &k.rr));
            model_fix(m);
            model_fill(m, e, &r, 1);
        }
        struct zone_version *a = kit_finish(e);
        e = kit_start(other, NULL);
        for (unsigned j = m->count; j > 0; j--) {
            must(zone_edit_add(e, &m->records[j - 1].rr) == ZONE_EDIT_OK);
        }
        struct zone_version *b = kit_finish(e);
        struct buf dump = {.len = 0};
        kit_dump(a, &dump);
        kit_same(b, &dump);
        buf_free(&dump);
        ck_assert_uint_eq(zone_content_hash(a), zone_content_hash(b));
        ck_assert_uint_eq(zone_records(a), m->count);
        ck_assert_uint_eq(zone_bytes(a), zone_bytes(b));
        ck_assert_uint_eq(zone_line_pinned(l), 0);
        zone_release(a);
        zone_release(b);
        zone_line_free(l);
        zone_line_free(other);
    }
    free(m);
}
END_TEST

START_TEST(nothing_changed_shares_everything)
{
    static const struct kit_line lines[] = {{"a.z", TYPE_A, "1"}, {"b.z", TYPE_A, "1"}};
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, 2);
    struct zone_edit *e = kit_start(l, v);
    kit_remove(e, "a.z", TYPE_A, "1");
    kit_add(e, "a.z", TYPE_A, "1");
    struct zone_version *next = kit_finish(e);
    struct name n = kit_name("a.z");
    ck_assert_uint_eq(zone_lookup(v, n.octets).ref, zone_lookup(next, n.octets).ref);
    ck_assert_uint_eq(zone_line_pinned(l), 0);
    ck_assert_uint_eq(zone_content_hash(v), zone_content_hash(next));
    zone_release(v);
    zone_release(next);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_edit(void)
{
    TCase *c = tcase_create("zone_edit");
    tcase_add_test(c, adds_and_removes);
    tcase_add_test(c, one_ttl_for_an_rrset);
    tcase_add_test(c, no_version_without_one_soa);
    tcase_add_test(c, too_much_changes_nothing);
    tcase_add_test(c, a_dropped_edit_leaves_no_trace);
    tcase_add_test(c, the_way_does_not_matter);
    tcase_add_test(c, nothing_changed_shares_everything);
    return c;
}
