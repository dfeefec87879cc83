/* zone_targets.c - what becomes of the names that records point to. */
#include "cases.h"
#include "zone/targets.h"
#include "zonekit.h"
#include <stdio.h>

static const struct kit_line zone_lines[] = {
    {"z", TYPE_NS, "ns.z"},          {"ns.z", TYPE_A, "1"},         {"text.z", TYPE_TXT, "x"},
    {"alias.z", TYPE_CNAME, "ns.z"}, {"d.z", TYPE_DNAME, "other"},  {"below.d.z", TYPE_A, "1"},
    {"cut.z", TYPE_NS, "ns.cut.z"},  {"ns.cut.z", TYPE_A, "1"},     {"text.cut.z", TYPE_TXT, "x"},
    {"self.z", TYPE_NS, "self.z"},   {"self.z", TYPE_A, "1"},       {"a.empty.z", TYPE_A, "1"},
    {"*.w.z", TYPE_A, "1"},          {"*.c.z", TYPE_CNAME, "ns.z"},
};
#define LINES (sizeof zone_lines / sizeof *zone_lines)

START_TEST(every_kind_of_target)
{
    static const struct {
        const char *name;
        enum target_state state;
    } rows[] = {
        {".", TARGET_FINE},
        {"other", TARGET_FINE},
        {"NS.Z", TARGET_FINE},
        {"gone.z", TARGET_MISSING},
        {"z", TARGET_BARE},
        {"text.z", TARGET_BARE},
        {"empty.z", TARGET_BARE},
        {"alias.z", TARGET_ALIAS},
        {"x.d.z", TARGET_ALIAS},
        {"below.d.z", TARGET_ALIAS},
        {"d.z", TARGET_BARE},
        {"ns.cut.z", TARGET_FINE},
        {"text.cut.z", TARGET_NO_GLUE},
        {"gone.cut.z", TARGET_NO_GLUE},
        {"cut.z", TARGET_NO_GLUE},
        {"self.z", TARGET_FINE},
        {"x.w.z", TARGET_FINE},
        {"x.c.z", TARGET_ALIAS},
        {"w.z", TARGET_BARE},
    };
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", zone_lines, LINES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum target_state state = target_state(v, kit_name(rows[i].name).octets);
        ck_assert_msg(state == rows[i].state, "%s: %d", rows[i].name, (int)state);
    }
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(which_names_any_ns_points_to)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", zone_lines, LINES);
    struct ns_targets t = {.hashes = NULL};
    ck_assert(ns_targets_have(&t, v, kit_name("ns.z").octets));
    ck_assert(ns_targets_have(&t, v, kit_name("NS.cut.z").octets));
    ck_assert(ns_targets_have(&t, v, kit_name("self.z").octets));
    ck_assert(!ns_targets_have(&t, v, kit_name("other").octets)); /* a DNAME's */
    ck_assert(!ns_targets_have(&t, v, kit_name("text.cut.z").octets));
    ck_assert_uint_eq(t.count, 3);
    ns_targets_free(&t);
    ns_targets_limit(&t, kit_name("SELF.z").octets);
    ns_targets_limit(&t, kit_name("text.cut.z").octets);
    ck_assert(ns_targets_have(&t, v, kit_name("self.z").octets));
    ck_assert(!ns_targets_have(&t, v, kit_name("text.cut.z").octets));
    ck_assert_uint_eq(t.count, 1); /* nobody asks for the others */
    ns_targets_free(&t);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(many_of_them_and_none)
{
    struct zone_line *l = kit_line("z");
    struct zone_edit *e = kit_start(l, NULL);
    struct ns_targets t = {.hashes = NULL};
    must(kit_add(e, "z", TYPE_SOA, "1") == ZONE_EDIT_OK);
    struct zone_version *v = kit_finish(e);
    ck_assert(!ns_targets_have(&t, v, kit_name("z").octets));
    ns_targets_free(&t);
    e = kit_start(l, v);
    for (unsigned i = 0; i < 300; i++) {
        char owner[16], target[16];
        snprintf(owner, sizeof owner, "c%u.z", i);
        snprintf(target, sizeof target, "t%u", i);
        must(kit_add(e, owner, TYPE_NS, target) == ZONE_EDIT_OK);
    }
    struct zone_version *next = kit_finish(e);
    for (unsigned i = 0; i < 600; i++) {
        char target[16];
        snprintf(target, sizeof target, "T%u", i);
        must(ns_targets_have(&t, next, kit_name(target).octets) == (i < 300));
    }
    ns_targets_free(&t);
    zone_release(v);
    zone_release(next);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_targets(void)
{
    TCase *c = tcase_create("zone_targets");
    tcase_add_test(c, every_kind_of_target);
    tcase_add_test(c, which_names_any_ns_points_to);
    tcase_add_test(c, many_of_them_and_none);
    return c;
}
