/* zone_denial.c - which NSEC speaks of a name, in a zone of every construct and against an oracle
 * over random zones. */
#include "cases.h"
#include "zone/denial.h"
#include "zonemodel.h"

static void expect(const struct zone_version *v, const char *asked, const char *want)
{
    struct name name = kit_name(asked), owner;
    struct zone_node node = zone_nsec(v, name.octets);
    if (want == NULL) {
        ck_assert_uint_eq(node.ref, 0);
        return;
    }
    ck_assert_msg(node.ref != 0, "nothing for %s", asked);
    zone_node_owner(node, &owner);
    ck_assert_msg(name_same(owner.octets, kit_name(want).octets), "%s: not %s", asked, want);
}

START_TEST(matches_or_covers)
{
    static const struct kit_line lines[] = {
        {"z", TYPE_NSEC, ""},     {"cut.z", TYPE_NS, "ns.cut.z"}, {"cut.z", TYPE_NSEC, ""},
        {"a.cut.z", TYPE_A, "1"}, {"ns.cut.z", TYPE_A, "1"},      {"d.z", TYPE_DNAME, "x"},
        {"d.z", TYPE_NSEC, ""},   {"b.d.z", TYPE_A, "1"},         {"x.y.z", TYPE_A, "1"},
        {"x.y.z", TYPE_NSEC, ""}, {"yy.z", TYPE_A, "1"},
    };
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, sizeof lines / sizeof *lines);
    ck_assert_int_eq(zone_denial(v), DENIAL_NSEC);
    expect(v, "Z", "z");
    expect(v, "a.z", "z");
    expect(v, "\\000.z", "z");
    expect(v, "cut.z", "cut.z");
    expect(v, "cuu.z", "cut.z"); /* glue stands in between */
    expect(v, "d.z", "d.z");
    expect(v, "dd.z", "d.z"); /* what the DNAME hides, too */
    expect(v, "y.z", "d.z");  /* an empty non-terminal */
    expect(v, "a.y.z", "d.z");
    expect(v, "y.y.z", "x.y.z");
    expect(v, "yy.z", NULL); /* has none: the chain is broken */
    expect(v, "z.z", NULL);
    expect(v, "elsewhere", NULL);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(a_zone_without_signatures)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", NULL, 0);
    ck_assert_int_eq(zone_denial(v), DENIAL_NONE);
    expect(v, "a.z", NULL);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

/* Is the name below a cut or a DNAME? */
static bool is_hidden(const struct model *m, const uint8_t *name)
{
    struct name owner;
    enum zone_match match = model_find(m, name, true, &owner);
    return match == ZONE_CUT || match == ZONE_DNAME;
}

static void sign(struct model *m, struct zone_edit *e)
{
    unsigned count = m->count;
    struct kit_record k;
    for (unsigned i = 0; i < count; i++) {
        if (!is_hidden(m, m->records[i].owner.octets)) {
            kit_set(&k, m->records[i].owner.octets, TYPE_NSEC, "");
            bool changed = model_add(m, &k.rr);
            must(zone_edit_add(e, &k.rr) == (changed ? ZONE_EDIT_OK : ZONE_EDIT_SAME));
        }
    }
}

static void expect_last(const struct model *m, const struct zone_version *v, const uint8_t *name)
{
    const uint8_t *best = NULL;
    for (unsigned i = 0; i < m->count; i++) {
        const struct record *rr = &m->records[i].rr;
        if (rr->type == TYPE_NSEC && name_compare(rr->owner, name) <= 0 &&
            (best == NULL || name_compare(best, rr->owner) < 0)) {
            best = rr->owner;
        }
    }
    struct name owner;
    struct zone_node node = zone_nsec(v, name);
    must(node.ref != 0 && best != NULL);
    zone_node_owner(node, &owner);
    must(name_same(owner.octets, best));
}

START_TEST(random_zones)
{
    struct rand r;
    struct model *m = malloc(sizeof *m);
    rand_seed(&r, 12);
    for (unsigned i = 0; i < 150; i++) {
        struct zone_line *l = kit_line("x");
        struct zone_edit *e = kit_start(l, NULL);
        model_start(m, "x");
        must(zone_edit_add(e, &m->records[0].rr) == ZONE_EDIT_OK);
        model_fill(m, e, &r, rand_below(&r, 20));
        sign(m, e);
        struct zone_version *v = kit_finish(e);
        for (unsigned j = 0; j < 40; j++) {
            struct name name;
            model_name(m, &r, 4, &name);
            if (!is_hidden(m, name.octets)) {
                expect_last(m, v, name.octets);
            }
        }
        zone_release(v);
        zone_line_free(l);
    }
    free(m);
}
END_TEST

TCase *case_zone_denial(void)
{
    TCase *c = tcase_create("zone_denial");
    tcase_add_test(c, matches_or_covers);
    tcase_add_test(c, a_zone_without_signatures);
    tcase_add_test(c, random_zones);
    return c;
}
