/* zone_ahead.c - searches made a step at a time find what those find that are made at once. */
#include "cases.h"
#include "zone/ahead.h"
#include "zone/trie.h"
#include "zonekit.h"
#include <stdio.h>

#define OWNERS 5000 /* of more than 200 octets: above a megabyte */

static struct zone_version *owners(struct zone_line *l, unsigned count)
{
    char text[201] = {0}, owner[32];
    memset(text, 'x', sizeof text - 1);
    struct zone_edit *e = kit_start(l, NULL);
    must(kit_add(e, "example", TYPE_SOA, "1") == ZONE_EDIT_OK);
    for (unsigned i = 0; i < count; i++) {
        snprintf(owner, sizeof owner, "h%u.example", i);
        must(kit_add(e, owner, TYPE_TXT, text) == ZONE_EDIT_OK);
    }
    return kit_finish(e);
}

static void search(const struct zone_version *v, const char *text)
{
    struct zone_search s;
    struct zone_found ahead, plain;
    struct name name = kit_name(text);
    unsigned steps = 0;
    uint8_t going[1] = {0};
    must(zone_ahead_start(&s, v, name.octets));
    while (zone_ahead_step(&s, going, 1) > 0) {
        must(++steps <= 2 * KEY_LENGTH);
    }
    for (unsigned above_cut = 0; above_cut < 2; above_cut++) {
        zone_ahead_found(&s, above_cut != 0, &ahead);
        (above_cut != 0 ? zone_find_above_cut : zone_find)(v, name.octets, &plain);
        ck_assert_int_eq(ahead.match, plain.match);
        ck_assert_uint_eq(ahead.node.ref, plain.node.ref);
        ck_assert_ptr_eq(ahead.node.version, plain.node.version);
        ck_assert_uint_eq(ahead.node_labels, plain.node_labels);
        ck_assert_uint_eq(ahead.encloser_labels, plain.encloser_labels);
    }
}

static void search_all(const struct zone_version *v, unsigned count)
{
    static const char *const others[] = {"example",      "h.example",   "z.example",
                                         "a.h1.example", "*.example",   "a.*.example",
                                         "h1h.example",  "h.h.example", "a.a.a.a.a.example",
                                         "0.example",    "_.example",   "h499.a.example"};
    char owner[64];
    for (unsigned step = 0; step < ZONE_AHEAD_STEPS; step++) {
        zone_ahead(v, step);
    }
    for (unsigned i = 0; i < count; i++) {
        snprintf(owner, sizeof owner, "h%u.example", i);
        search(v, owner);
    }
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        search(v, others[i]);
    }
    struct zone_search s;
    struct name outside = kit_name("h1.test");
    ck_assert(!zone_ahead_start(&s, v, outside.octets));
}

/* Each is at its end after a number of steps of its own; those that are not go on. */
START_TEST(side_by_side)
{
    static const char *const names[] = {"example", "h1.example", "h499.example", "z.example",
                                        "h123.example"};
    enum { COUNT = sizeof names / sizeof *names };
    struct zone_line *l = kit_line("example");
    struct zone_version *v = owners(l, 500);
    static struct zone_search searches[COUNT];
    uint8_t going[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        going[i] = (uint8_t)i;
        ck_assert(zone_ahead_start(&searches[i], v, kit_name(names[i]).octets));
    }
    for (unsigned left = COUNT; left > 0;) {
        unsigned before = left;
        left = zone_ahead_step(searches, going, left);
        ck_assert_uint_le(left, before);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        struct zone_found found, plain;
        zone_ahead_found(&searches[i], false, &found);
        zone_find(v, kit_name(names[i]).octets, &plain);
        ck_assert_int_eq(found.match, plain.match);
        ck_assert_uint_eq(found.node.ref, plain.node.ref);
    }
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(a_large_zone)
{
    struct zone_line *l = kit_line("example");
    struct zone_version *v = owners(l, OWNERS);
    ck_assert(zone_is_large(v));
    search_all(v, OWNERS);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(a_small_zone)
{
    struct zone_line *l = kit_line("example");
    struct zone_version *v = owners(l, 10);
    ck_assert(!zone_is_large(v));
    search_all(v, 20);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

/* Where a search stops above the name, or has to look for a wildcard. */
START_TEST(cuts_and_wildcards)
{
    static const char *const names[] = {
        "sub.example",   "a.sub.example",   "a.b.sub.example", "w.example",     "*.w.example",
        "x.w.example",   "a.x.w.example",   "y.w.example",     "a.y.w.example", "suba.example",
        "b.y.w.example", "c.b.y.w.example", "su.example"};
    struct zone_line *l = kit_line("example");
    struct zone_edit *e = kit_start(l, NULL);
    must(kit_add(e, "example", TYPE_SOA, "1") == ZONE_EDIT_OK);
    must(kit_add(e, "sub.example", TYPE_NS, "ns.sub.example") == ZONE_EDIT_OK);
    must(kit_add(e, "ns.sub.example", TYPE_TXT, "glue") == ZONE_EDIT_OK);
    must(kit_add(e, "*.w.example", TYPE_TXT, "star") == ZONE_EDIT_OK);
    must(kit_add(e, "b.y.w.example", TYPE_TXT, "deep") == ZONE_EDIT_OK);
    struct zone_version *v = kit_finish(e);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        search(v, names[i]);
    }
    zone_release(v);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_ahead(void)
{
    TCase *c = tcase_create("zone_ahead");
    tcase_add_test(c, side_by_side);
    tcase_add_test(c, a_large_zone);
    tcase_add_test(c, a_small_zone);
    tcase_add_test(c, cuts_and_wildcards);
    return c;
}
