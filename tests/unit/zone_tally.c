/* zone_tally.c - states of owners are kept apart; sums tell what is the same. */
#include "cases.h"
#include "zone/tally.h"
#include "zonekit.h"
#include <stdio.h>

static const struct kit_line lines[] = {
    {"a.e", TYPE_A, "1"}, {"a.e", TYPE_A, "2"}, {"b.e", TYPE_A, "3"}, {"c.e", TYPE_TXT, "x"}};

START_TEST(states_are_kept_apart)
{
    struct zone_line *l = kit_line("e");
    struct zone_version *v = kit_zone(l, "e", lines, 4);
    struct zone_walk w;
    struct name owner;
    struct zone_node n;
    struct tally t;
    int i = 0;
    ck_assert(tally_start(&t, v));
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &n);) {
        ck_assert_int_eq(tally_get(&t, n), TALLY_UNMET);
        tally_set(&t, n, TALLY_SAME);
        tally_set(&t, n, (enum tally_state)(i++ % 3));
    }
    ck_assert_int_eq(i, 4);
    i = 0;
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &n);) {
        ck_assert_int_eq(tally_get(&t, n), i++ % 3);
    }
    tally_free(&t);
    (void)zone_release(v);
    zone_line_free(l);
}
END_TEST

static void add(struct tally *t, struct zone_node n, uint16_t type, const char *value, uint32_t ttl)
{
    struct kit_record k;
    struct record rr = *kit_set(&k, name_root, type, value);
    rr.ttl = ttl;
    tally_add(t, n, &rr);
}

START_TEST(sums_tell_what_is_the_same)
{
    struct zone_line *l = kit_line("e");
    struct zone_version *v = kit_zone(l, "e", lines, 4);
    struct zone_node a = zone_lookup(v, kit_name("a.e").octets),
                     b = zone_lookup(v, kit_name("b.e").octets),
                     c = zone_lookup(v, kit_name("c.e").octets);
    struct tally t;
    ck_assert(tally_start(&t, v));
    add(&t, a, TYPE_A, "2", 300);
    add(&t, b, TYPE_A, "3", 299);
    add(&t, a, TYPE_A, "1", 300);
    tally_add_all(&t, c);
    tally_settle(&t);
    ck_assert_int_eq(tally_get(&t, a), TALLY_SAME);
    ck_assert_int_eq(tally_get(&t, b), TALLY_ODD);
    ck_assert_int_eq(tally_get(&t, c), TALLY_SAME);
    add(&t, a, TYPE_A, "1", 300);
    add(&t, c, TYPE_TXT, "y", 300);
    tally_settle(&t);
    ck_assert_int_eq(tally_get(&t, a), TALLY_ODD);
    ck_assert_int_eq(tally_get(&t, c), TALLY_ODD);
    tally_free(&t);
    (void)zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(many_sums_fit)
{
    struct zone_line *l = kit_line("e");
    struct zone_edit *e = kit_start(l, NULL);
    struct zone_walk w;
    struct name owner;
    struct zone_node n;
    struct tally t;
    must(kit_add(e, "e", TYPE_SOA, "1") == ZONE_EDIT_OK);
    for (unsigned i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u.e", i);
        must(kit_add(e, name, TYPE_A, "7") == ZONE_EDIT_OK);
    }
    struct zone_version *v = kit_finish(e);
    ck_assert(tally_start(&t, v));
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &n);) {
        add(&t, n, TYPE_A, "7", 300);
    }
    tally_settle(&t);
    unsigned same = 0;
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &n);) {
        same += tally_get(&t, n) == TALLY_SAME;
    }
    ck_assert_uint_eq(same, 1000);
    ck_assert_uint_eq(t.sum_count, 1001);
    tally_free(&t);
    (void)zone_release(v);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_tally(void)
{
    TCase *c = tcase_create("zone_tally");
    tcase_add_test(c, states_are_kept_apart);
    tcase_add_test(c, sums_tell_what_is_the_same);
    tcase_add_test(c, many_sums_fit);
    return c;
}
