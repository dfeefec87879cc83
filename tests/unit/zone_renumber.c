/* zone_renumber.c - a version that nobody saw yet gets another serial, and nothing else. */
#include "cases.h"
#include "zone/renumber.h"
#include "zonekit.h"

static const struct kit_line lines[] = {
    {"z", TYPE_NS, "ns.z"}, {"ns.z", TYPE_A, "1"}, {"a.z", TYPE_TXT, "x"}};

/* The same zone, made with that serial from the start. */
static void expect_as_if(const struct zone_version *v, const char *serial)
{
    struct zone_line *l = kit_line("z");
    struct zone_edit *e = kit_start(l, NULL);
    struct buf dump = {.len = 0};
    must(kit_add(e, "z", TYPE_SOA, serial) == ZONE_EDIT_OK);
    for (size_t i = 0; i < 3; i++) {
        must(kit_add(e, lines[i].owner, lines[i].type, lines[i].value) == ZONE_EDIT_OK);
    }
    struct zone_version *other = kit_finish(e);
    kit_dump(other, &dump);
    kit_same(v, &dump);
    ck_assert(zone_content_hash(v) == zone_content_hash(other));
    ck_assert_uint_eq(zone_records(v), zone_records(other));
    buf_free(&dump);
    zone_release(other);
    zone_line_free(l);
}

START_TEST(only_the_serial_changes)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, 3);
    struct oops o = {.text = ""};
    uint64_t bytes = zone_line_bytes(l);
    ck_assert(renumber_version(l, &v, 4000000000u, &o));
    ck_assert_uint_eq(zone_serial(v), 4000000000u);
    expect_as_if(v, "4000000000");
    ck_assert_uint_eq(zone_line_pinned(l), 0); /* the one before is gone for good */
    for (uint32_t serial = 1; serial < 200; serial++) {
        must(renumber_version(l, &v, serial, &o));
    }
    expect_as_if(v, "199");
    ck_assert_uint_le(zone_line_bytes(l), bytes + 4096); /* and its room is used again */
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(the_version_before_the_new_one_stays)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *served = kit_zone(l, "z", lines, 3);
    struct buf dump = {.len = 0};
    struct oops o = {.text = ""};
    kit_dump(served, &dump);
    struct zone_edit *e = kit_start(l, served);
    must(kit_add(e, "b.z", TYPE_A, "1") == ZONE_EDIT_OK);
    struct zone_version *next = kit_finish(e);
    ck_assert(renumber_version(l, &next, 2, &o));
    kit_same(served, &dump);
    ck_assert_uint_eq(zone_serial(served), 1);
    ck_assert_uint_eq(zone_serial(next), 2);
    ck_assert_uint_eq(zone_records(next), zone_records(served) + 1);
    drop_version(l, next);
    kit_same(served, &dump);
    buf_free(&dump);
    zone_release(served);
    zone_line_free(l);
}
END_TEST

START_TEST(what_is_dropped_costs_nothing_any_more)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *served = kit_zone(l, "z", lines, 3);
    uint64_t pinned = zone_line_pinned(l);
    for (unsigned i = 0; i < 50; i++) {
        struct zone_edit *e = kit_start(l, served);
        must(kit_add(e, "b.z", TYPE_A, "1") == ZONE_EDIT_OK);
        drop_version(l, kit_finish(e));
    }
    ck_assert_uint_eq(zone_line_pinned(l), pinned);
    struct zone_edit *e = kit_start(l, served);
    struct zone_version *next = kit_finish(e);
    zone_hold(next); /* somebody else has a hold: it stays */
    drop_version(l, next);
    ck_assert_uint_eq(zone_serial(next), 1);
    zone_release(next);
    zone_release(served);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_renumber(void)
{
    TCase *c = tcase_create("zone_renumber");
    tcase_add_test(c, only_the_serial_changes);
    tcase_add_test(c, the_version_before_the_new_one_stays);
    tcase_add_test(c, what_is_dropped_costs_nothing_any_more);
    return c;
}
