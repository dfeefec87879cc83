/* zone_find.c - every kind of answer, from the RFCs' examples and against an oracle over random
 * zones. */
#include "cases.h"
#include "zonemodel.h"

static void expect(const struct zone_version *v, const char *asked, enum zone_match match,
                   const char *owner)
{
    struct name name = kit_name(asked), want = kit_name(owner);
    struct zone_found f;
    zone_find(v, name.octets, &f);
    ck_assert_msg(f.match == match, "%s: %d, not %d", asked, (int)f.match, (int)match);
    ck_assert_msg(f.node_labels == name_labels(want.octets), "%s: %u labels", asked, f.node_labels);
    ck_assert_int_eq(f.node.ref == 0, match == ZONE_NONE || match == ZONE_OUTSIDE);
}

static bool is_empty(const struct zone_version *v, const char *asked)
{
    struct name name = kit_name(asked);
    struct zone_found f;
    zone_find(v, name.octets, &f);
    return zone_node_empty(f.node);
}

/* RFC 4592 2.2.1, with what it says of each name in 2.2.1, 2.2.2 and 3.3.1. */
START_TEST(the_wildcards_of_rfc_4592)
{
    static const struct kit_line lines[] = {
        {"example", TYPE_NS, "ns.example.com"},
        {"example", TYPE_NS, "ns.example.net"},
        {"*.example", TYPE_TXT, "this is a wildcard"},
        {"*.example", 15, "mx"},
        {"sub.*.example", TYPE_TXT, "this is not a wildcard"},
        {"host1.example", TYPE_A, "1"},
        {"_ssh._tcp.host1.example", 33, "srv"},
        {"_ssh._tcp.host2.example", 33, "srv"},
        {"subdel.example", TYPE_NS, "ns.example.com"},
        {"subdel.example", TYPE_NS, "ns.example.net"},
    };
    struct zone_line *l = kit_line("Example");
    struct zone_version *v = kit_zone(l, "example", lines, 10);
    expect(v, "host3.example", ZONE_WILDCARD, "example");
    expect(v, "foo.bar.example", ZONE_WILDCARD, "example");
    expect(v, "host1.example", ZONE_EXACT, "host1.example");
    expect(v, "sub.*.example", ZONE_EXACT, "sub.*.example");
    expect(v, "_telnet._tcp.host1.example", ZONE_NONE, "_tcp.host1.example");
    expect(v, "host.subdel.example", ZONE_CUT, "subdel.example");
    expect(v, "subdel.example", ZONE_CUT, "subdel.example");
    expect(v, "ghost.*.example", ZONE_NONE, "*.example");
    expect(v, "*.example", ZONE_EXACT, "*.example");
    expect(v, "EXAMPLE", ZONE_EXACT, "example");
    expect(v, "_tcp.host2.example", ZONE_EXACT, "_tcp.host2.example");
    ck_assert(is_empty(v, "_tcp.host2.example") && is_empty(v, "host2.example"));
    ck_assert(!is_empty(v, "host1.example") && !is_empty(v, "host3.example"));
    expect(v, "x._tcp.host2.example", ZONE_NONE, "_tcp.host2.example");
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(cuts_and_dnames_nearest_the_apex_win)
{
    static const struct kit_line lines[] = {
        {"z", TYPE_NS, "ns.z"},         {"z", TYPE_A, "1"},
        {"cut.z", TYPE_NS, "ns.cut.z"}, {"ns.cut.z", TYPE_A, "2"},
        {"deep.cut.z", TYPE_NS, "q"},   {"d.z", TYPE_DNAME, "other"},
        {"d.z", TYPE_TXT, "self"},      {"below.d.z", TYPE_A, "3"},
        {"both.z", TYPE_NS, "ns.z"},    {"both.z", TYPE_DNAME, "other"},
        {"cutter.z", TYPE_A, "4"},      {"*.w.z", TYPE_NS, "ns.z"},
    };
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, 12);
    expect(v, "z", ZONE_EXACT, "z");
    expect(v, "cut.z", ZONE_CUT, "cut.z");
    expect(v, "ns.cut.z", ZONE_CUT, "cut.z");
    expect(v, "x.deep.cut.z", ZONE_CUT, "cut.z");
    expect(v, "cutter.z", ZONE_EXACT, "cutter.z");
    expect(v, "cutte.z", ZONE_NONE, "z");
    expect(v, "d.z", ZONE_EXACT, "d.z");
    expect(v, "below.d.z", ZONE_DNAME, "d.z");
    expect(v, "x.below.d.z", ZONE_DNAME, "d.z");
    expect(v, "both.z", ZONE_CUT, "both.z");
    expect(v, "x.both.z", ZONE_CUT, "both.z");
    expect(v, "x.w.z", ZONE_WILDCARD, "w.z");
    expect(v, "*.w.z", ZONE_CUT, "*.w.z");
    expect(v, "y.*.w.z", ZONE_CUT, "*.w.z");
    expect(v, "y", ZONE_OUTSIDE, ".");
    struct zone_found f;
    zone_find_above_cut(v, kit_name("cut.z").octets, &f);
    ck_assert_int_eq(f.match, ZONE_EXACT);
    zone_find_above_cut(v, kit_name("deep.cut.z").octets, &f);
    ck_assert_int_eq(f.match, ZONE_CUT);
    struct zone_node glue = zone_lookup(v, kit_name("NS.cut.z").octets);
    struct rrset set;
    ck_assert(zone_rrset(glue, TYPE_A, &set));
    ck_assert_uint_eq(get_u32(set.data + 2), 2);
    ck_assert(!zone_rrset(glue, TYPE_NS, &set));
    ck_assert_uint_eq(zone_lookup(v, kit_name("n.cut.z").octets).ref, 0);
    ck_assert_uint_eq(zone_lookup(v, kit_name("w.z").octets).ref, 0);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(apex_with_dname_and_wildcard_in_the_root)
{
    static const struct kit_line with_dname[] = {{".", TYPE_DNAME, "x"}, {"a", TYPE_A, "1"}};
    static const struct kit_line with_star[] = {{"*", TYPE_CNAME, "x"}, {"a.b", TYPE_A, "1"}};
    struct zone_line *l = kit_line(".");
    struct zone_version *v = kit_zone(l, ".", with_dname, 2);
    expect(v, ".", ZONE_EXACT, ".");
    expect(v, "a", ZONE_DNAME, ".");
    expect(v, "q.a", ZONE_DNAME, ".");
    zone_release(v);
    v = kit_zone(l, ".", with_star, 2);
    expect(v, "a", ZONE_WILDCARD, ".");
    expect(v, "q.a", ZONE_WILDCARD, ".");
    expect(v, "b", ZONE_EXACT, "b");
    expect(v, "c.b", ZONE_NONE, "b");
    expect(v, "c.*", ZONE_NONE, "*");
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(an_empty_wildcard_is_one)
{
    static const struct kit_line lines[] = {{"a.*.z", TYPE_A, "1"}, {"b.*.z", TYPE_A, "1"}};
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, 2);
    expect(v, "x.z", ZONE_WILDCARD, "z");
    ck_assert(is_empty(v, "x.z"));
    expect(v, "*.z", ZONE_EXACT, "*.z");
    ck_assert(is_empty(v, "*.z"));
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(longest_names_and_any_octet)
{
    struct zone_line *l = kit_line("z");
    struct zone_edit *e = kit_start(l, NULL);
    struct kit_record k;
    struct name n;
    ck_assert_int_eq(kit_add(e, "z", TYPE_SOA, "1"), ZONE_EDIT_OK);
    for (unsigned c = 0; c < 256; c++) {
        memset(n.octets, (int)c, sizeof n.octets);
        n.octets[0] = n.octets[64] = n.octets[128] = 63;
        n.octets[192] = 59;
        memcpy(n.octets + 252, "\1z", 3);
        bool upper = c >= 'A' && c <= 'Z';
        ck_assert_int_eq(zone_edit_add(e, kit_set(&k, n.octets, TYPE_A, "1")) == ZONE_EDIT_OK,
                         c < 'a' || c > 'z');
        ck_assert(upper || name_len(n.octets) == 255);
    }
    struct zone_version *v = kit_finish(e);
    ck_assert_uint_eq(zone_records(v), 257 - 26);
    struct zone_found f;
    for (unsigned c = 0; c < 256; c++) {
        memset(n.octets + 193, (int)c, 59);
        for (unsigned i = 0; i < 192; i++) {
            n.octets[i] = i % 64 == 0 ? 63 : (uint8_t)c;
        }
        zone_find(v, n.octets, &f);
        ck_assert_int_eq(f.match, ZONE_EXACT);
        ck_assert(!zone_node_empty(f.node));
        n.octets[60] ^= 1;
        zone_find(v, n.octets, &f);
        ck_assert_int_eq(f.match, ZONE_NONE);
        ck_assert_uint_eq(f.encloser_labels, 4);
    }
    zone_release(v);
    zone_line_free(l);
}
END_TEST

static void compare_answers(const struct model *m, const struct zone_version *v, struct rand *r)
{
    struct name asked, owner;
    struct zone_found f;
    model_name(m, r, 4, &asked);
    bool above = rand_below(r, 2) == 0;
    enum zone_match want = model_find(m, asked.octets, above, &owner);
    (above ? zone_find_above_cut : zone_find)(v, asked.octets, &f);
    if (f.match != want) {
        char text[NAME_TEXT];
        ck_abort_msg("%s: %d, not %d", name_print(asked.octets, text), (int)f.match, (int)want);
    }
    must(f.node_labels == name_labels(owner.octets));
    must(f.encloser_labels == name_labels(owner.octets));
    if (want == ZONE_WILDCARD) {
        struct name star;
        must(name_wildcard(owner.octets, &star));
        owner = star;
    }
    if (want == ZONE_NONE) {
        must(f.node.ref == 0);
        return;
    }
    if (model_is_hash(m, owner.octets)) { /* what is below it makes it an empty non-terminal */
        must(zone_node_empty(f.node));
    } else {
        model_expect(m, f.node, owner.octets);
    }
    struct zone_node node = zone_lookup(v, asked.octets);
    must((node.ref != 0) == model_owns(m, asked.octets));
}

START_TEST(random_zones_as_the_oracle_says)
{
    static const char *const apexes[] = {".", "a", "*.b", "x.A.b"};
    struct rand r;
    struct model *m = malloc(sizeof *m);
    rand_seed(&r, 4592);
    for (unsigned i = 0; i < 1200; i++) {
        const char *apex = apexes[rand_below(&r, 4)];
        struct zone_line *l = kit_line(apex);
        model_start(m, apex);
        struct zone_edit *e = kit_start(l, NULL);
        must(zone_edit_add(e, &m->records[0].rr) == ZONE_EDIT_OK);
        model_fill(m, e, &r, rand_below(&r, 14));
        struct zone_version *v = kit_finish(e);
        must(zone_records(v) == m->count);
        for (unsigned j = 0; j < 25; j++) {
            compare_answers(m, v, &r);
        }
        zone_release(v);
        zone_line_free(l);
    }
    free(m);
}
END_TEST

TCase *case_zone_find(void)
{
    TCase *c = tcase_create("zone_find");
    tcase_add_test(c, the_wildcards_of_rfc_4592);
    tcase_add_test(c, cuts_and_dnames_nearest_the_apex_win);
    tcase_add_test(c, apex_with_dname_and_wildcard_in_the_root);
    tcase_add_test(c, an_empty_wildcard_is_one);
    tcase_add_test(c, longest_names_and_any_octet);
    tcase_add_test(c, random_zones_as_the_oracle_says);
    return c;
}
