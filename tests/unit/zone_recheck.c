/* zone_recheck.c - what an edit changes elsewhere in what is said of a zone: it is said as if all of
 * it had been looked at. Random edits are in zone_beside.c. */
#include "cases.h"
#include "zone_building.h"

#define HEAD "$TTL 60\n@ SOA ns h 5 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"

static void build(struct building *b, const char *text, uint64_t share_from)
{
    b->job.share_from = share_from;
    b->job.share_room = 1 << 20;
    b->job.piece_least = 16;
    building_build(b, text);
}

/* The edit changes what is said by so many warnings, and leads to the same words either way. */
static void expect(const char *from, const char *to, int more)
{
    struct building beside, anew;
    building_start(&beside);
    building_start(&anew);
    build(&beside, from, 1);
    int before = (int)beside.built.report.warnings;
    building_serve(&beside);
    ck_assert_ptr_nonnull(zone_checked(beside.base));
    build(&anew, from, UINT64_MAX);
    building_serve(&anew);
    build(&beside, to, 1);
    build(&anew, to, UINT64_MAX);
    ck_assert_str_eq(buf_text(&beside.built.report.text), buf_text(&anew.built.report.text));
    ck_assert_int_eq((int)beside.built.report.warnings, before + more);
    building_serve(&beside);
    building_serve(&anew);
    building_stop(&beside);
    building_stop(&anew);
}

static void expect_both_ways(const char *from, const char *to, int more)
{
    expect(from, to, more);
    expect(to, from, -more);
}

START_TEST(who_points_to_what_changed_is_looked_at)
{
    expect_both_ways(HEAD "m MX 0 h\nh A 192.0.2.1\n", HEAD "m MX 0 h\nh TXT a\n", 1);
    expect_both_ways(HEAD "m MX 0 h\nh A 192.0.2.1\n", HEAD "m MX 0 h\n", 1);
    expect_both_ways(HEAD "m SRV 0 0 1 h\nh A 192.0.2.1\n", HEAD "m SRV 0 0 1 h\nh CNAME ns\n", 1);
    expect_both_ways(HEAD "m MX 0 x.h\n", HEAD "m MX 0 x.h\nx.h AAAA 2001:db8::1\n", -1);
    expect_both_ways(HEAD "cut NS ns.cut\n", HEAD "cut NS ns.cut\nns.cut A 192.0.2.1\n", -1);
    expect_both_ways(HEAD "m MX 0 x.d\n", HEAD "m MX 0 x.d\nd NS ns\n", -1);
    expect_both_ways(HEAD "m MX 0 x.d\n", HEAD "m MX 0 x.d\ny.d TXT a\n", 0);
    expect_both_ways(HEAD "m MX 0 d\no MX 0 x.d\n", HEAD "m MX 0 d\no MX 0 x.d\n*.d A 192.0.2.1\n",
                     -1);
}
END_TEST

START_TEST(names_that_are_nowhere_change_with_others)
{
    expect_both_ways(HEAD "m MX 0 t.w\n*.w A 192.0.2.1\n", HEAD "m MX 0 t.w\n*.w TXT a\n", 1);
    expect_both_ways(HEAD "m MX 0 t.w\n*.w A 192.0.2.1\n", HEAD "m MX 0 t.w\n", 1);
    expect_both_ways(HEAD "m MX 0 t\n* A 192.0.2.1\n", HEAD "m MX 0 t\n", 1);
    /* an empty non-terminal comes between the wildcard and the name */
    expect_both_ways(HEAD "m MX 0 e.d\n* A 192.0.2.1\n",
                     HEAD "m MX 0 e.d\n* A 192.0.2.1\nx.d TXT a\n", 1);
}
END_TEST

START_TEST(what_is_below_changes_with_what_is_above)
{
    expect_both_ways(HEAD "h A 192.0.2.1\nx.h A 192.0.2.1\n",
                     HEAD "h A 192.0.2.1\nh NS ns\nx.h A 192.0.2.1\n", 2);
    expect_both_ways(HEAD "h A 192.0.2.1\nx.h A 192.0.2.1\n",
                     HEAD "h A 192.0.2.1\nh DNAME ns\nx.h A 192.0.2.1\n", 1);
    /* ns2.cut is glue as long as somebody has it for a server */
    expect_both_ways(
        HEAD "cut NS ns1.cut\nns1.cut A 192.0.2.1\nns2.cut A 192.0.2.2\no NS ns2.cut\n",
        HEAD "cut NS ns1.cut\nns1.cut A 192.0.2.1\nns2.cut A 192.0.2.2\no NS ns1.cut\n", 1);
}
END_TEST

static void many(struct buf *out, unsigned from, unsigned to, const char *more)
{
    buf_print(out, HEAD);
    for (unsigned i = from; i < to; i++) {
        buf_print(out, "m%02u MX 0 none%u\n", i, i);
    }
    buf_print(out, "%s", more);
}

/* From m`a` up to m`b` to others. */
static void expect_many(const unsigned from[2], const unsigned to[2], const char *more, int change)
{
    struct buf x = {.len = 0}, y = {.len = 0};
    many(&x, from[0], from[1], "");
    many(&y, to[0], to[1], more);
    expect_both_ways(buf_text(&x), buf_text(&y), change);
    buf_free(&x);
    buf_free(&y);
}

START_TEST(the_first_of_many_are_shown)
{
    expect_many((unsigned[]){10, 35}, (unsigned[]){11, 35}, "", 0);
    expect_many((unsigned[]){10, 35}, (unsigned[]){10, 34}, "", 0);
    expect_many((unsigned[]){10, 35}, (unsigned[]){9, 35}, "", 0);
    expect_many((unsigned[]){10, 30}, (unsigned[]){10, 31}, "", 1);
    expect_many((unsigned[]){10, 35}, (unsigned[]){10, 35}, "none12 A 192.0.2.1\n", 0);
    expect_many((unsigned[]){10, 35}, (unsigned[]){10, 35}, "none34 A 192.0.2.1\n", 0);
    expect_many((unsigned[]){10, 31}, (unsigned[]){10, 31}, "none12 A 192.0.2.1\n", -1);
}
END_TEST

TCase *case_zone_recheck(void)
{
    TCase *c = tcase_create("zone_recheck");
    tcase_add_test(c, who_points_to_what_changed_is_looked_at);
    tcase_add_test(c, names_that_are_nowhere_change_with_others);
    tcase_add_test(c, what_is_below_changes_with_what_is_above);
    tcase_add_test(c, the_first_of_many_are_shown);
    return c;
}
