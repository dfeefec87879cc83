/* zone_walk.c - owners come once each, in canonical order, the apex first. */
#include "cases.h"
#include "zonemodel.h"

START_TEST(the_order_of_rfc_4034)
{
    static const struct kit_line lines[] = {
        {"yljkjljk.a.example", TYPE_A, "1"}, {"Z.a.example", TYPE_A, "1"},
        {"*.z.example", TYPE_A, "1"},        {"zABC.a.EXAMPLE", TYPE_A, "1"},
        {"\\001.z.example", TYPE_A, "1"},    {"a.example", TYPE_A, "1"},
        {"\\200.z.example", TYPE_A, "1"},    {"z.example", TYPE_A, "1"},
    };
    static const char *const order[] = {"example",         "a.example",      "yljkjljk.a.example",
                                        "z.a.example",     "zabc.a.example", "z.example",
                                        "\\001.z.example", "*.z.example",    "\\200.z.example"};
    struct zone_line *l = kit_line("example");
    struct zone_version *v = kit_zone(l, "example", lines, 8);
    struct zone_walk w;
    struct name owner;
    struct zone_node node;
    unsigned count = 0;
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &node); count++) {
        struct name want = kit_name(order[count]);
        ck_assert(name_same_case(owner.octets, want.octets));
        ck_assert_uint_eq(node.ref, zone_lookup(v, owner.octets).ref);
        ck_assert(!zone_node_empty(node));
    }
    ck_assert_uint_eq(count, 9);
    ck_assert(!zone_walk_next(&w, &owner, &node));
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(random_zones_are_walked_whole)
{
    struct rand r;
    struct model *m = malloc(sizeof *m);
    rand_seed(&r, 9);
    for (unsigned i = 0; i < 200; i++) {
        struct zone_line *l = kit_line("x");
        struct zone_edit *e = kit_start(l, NULL);
        model_start(m, "x");
        must(zone_edit_add(e, &m->records[0].rr) == ZONE_EDIT_OK);
        model_fill(m, e, &r, rand_below(&r, 30));
        struct zone_version *v = kit_finish(e);
        struct zone_walk w;
        struct name owner, last;
        struct zone_node node;
        unsigned owners = 0;
        for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &node); owners++) {
            must(owners == 0 || name_compare(last.octets, owner.octets) < 0);
            model_expect(m, node, owner.octets);
            last = owner;
        }
        for (unsigned j = 0; j < m->count; j++) {
            unsigned first = 0;
            while (!name_same(m->records[first].rr.owner, m->records[j].rr.owner)) {
                first++;
            }
            owners -= first == j;
        }
        ck_assert_uint_eq(owners, 0);
        zone_release(v);
        zone_line_free(l);
    }
    free(m);
}
END_TEST

START_TEST(a_walk_goes_as_deep_as_names_do)
{
    struct zone_line *l = kit_line(".");
    struct zone_edit *e = kit_start(l, NULL);
    struct kit_record k;
    struct name n;
    ck_assert_int_eq(kit_add(e, ".", TYPE_SOA, "1"), ZONE_EDIT_OK);
    memset(n.octets, 0, sizeof n.octets);
    unsigned names = 0;
    for (unsigned i = 1; i < 254;
         i++) { /* each name one octet longer than the one before: a branch at every offset */
        unsigned at = 0;
        for (unsigned left = i; left > 0;) {
            unsigned len = left > 64 ? 63 : left - 1;
            if (len == 0) {
                break;
            }
            n.octets[at] = (uint8_t)len;
            memset(n.octets + at + 1, 0x80, len);
            at += len + 1;
            left -= len + 1;
        }
        n.octets[at] = 0;
        names += zone_edit_add(e, kit_set(&k, n.octets, TYPE_A, "1")) == ZONE_EDIT_OK;
    }
    struct zone_version *v = kit_finish(e);
    struct zone_walk w;
    struct zone_node node;
    for (zone_walk_start(&w, v); zone_walk_next(&w, &n, &node); names--) {
    }
    ck_assert_uint_eq(names, 0);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_walk(void)
{
    TCase *c = tcase_create("zone_walk");
    tcase_add_test(c, the_order_of_rfc_4034);
    tcase_add_test(c, random_zones_are_walked_whole);
    tcase_add_test(c, a_walk_goes_as_deep_as_names_do);
    return c;
}
