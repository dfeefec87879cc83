/* zone_change.c - which RRsets a change touches, what they were and how long caches may keep
 * them. */
#include "cases.h"
#include "zonekit.h"

struct seen {
    struct change_rrset r[16];
    unsigned count, stop_at;
};

static bool see(void *ctx, const struct change_rrset *r)
{
    struct seen *s = ctx;
    s->r[s->count++] = *r;
    return s->count != s->stop_at;
}

static void expect(const struct seen *s, unsigned i, const char *owner, uint16_t type)
{
    struct name n = kit_name(owner);
    ck_assert_uint_gt(s->count, i);
    ck_assert(name_same(s->r[i].owner.octets, n.octets));
    ck_assert_uint_eq(s->r[i].type, type);
}

static void expect_life(const struct seen *s, unsigned i, bool was, bool is, uint32_t old_ttl)
{
    ck_assert_int_eq(s->r[i].was, was);
    ck_assert_int_eq(s->r[i].is, is);
    ck_assert_uint_eq(s->r[i].old_ttl, old_ttl);
}

static struct zone_version *base(struct zone_line *l)
{
    static const struct kit_line lines[] = {
        {"a.z", TYPE_A, "1"}, {"a.z", TYPE_A, "2"}, {"b.z", TYPE_A, "1"}, {"c.z", TYPE_A, "1"}};
    return kit_zone(l, "z", lines, 4);
}

START_TEST(each_once_with_its_life)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = base(l);
    struct zone_edit *e = kit_start(l, v);
    kit_serial(e, "z", "1", "2");
    kit_remove(e, "a.z", TYPE_A, "1");
    kit_remove(e, "b.z", TYPE_A, "1");
    zone_edit_ttl(e, kit_name("c.z").octets, TYPE_A, 10);
    kit_add(e, "d.z", TYPE_TXT, "x");
    kit_add(e, "d.z", TYPE_A, "7");
    kit_add(e, "d.z", TYPE_A, "8");
    struct zone_version *next = kit_finish(e);
    struct change c;
    struct seen s = {.count = 0};
    ck_assert(zone_diff(v, next, &c));
    ck_assert(change_rrsets(&c, v, see, &s));
    ck_assert_uint_eq(s.count, 5);
    expect(&s, 0, "a.z", TYPE_A);
    expect_life(&s, 0, true, true, 300);
    expect(&s, 1, "b.z", TYPE_A);
    expect_life(&s, 1, true, false, 300);
    expect(&s, 2, "c.z", TYPE_A);
    expect_life(&s, 2, true, true, 300);
    expect(&s, 3, "d.z", TYPE_A);
    expect_life(&s, 3, false, true, 300); /* SOA TTL 300 < MINIMUM 4000 */
    expect(&s, 4, "d.z", TYPE_TXT);
    s = (struct seen){.stop_at = 2};
    ck_assert(change_rrsets(&c, v, see, &s));
    ck_assert_uint_eq(s.count, 2);
    change_free(&c);
    zone_release(v);
    zone_release(next);
    zone_line_free(l);
}
END_TEST

START_TEST(soa_only_if_more_than_its_serial_changed)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = base(l);
    struct zone_edit *e = kit_start(l, v);
    struct kit_record k;
    struct name apex = kit_name("z");
    kit_remove(e, "z", TYPE_SOA, "1");
    struct record rr = *kit_set(&k, apex.octets, TYPE_SOA, "2");
    put_u32(k.rdata + rr.rdlen - 4, 200);
    zone_edit_add(e, &rr);
    struct zone_version *next = kit_finish(e);
    struct change c;
    struct seen s = {.count = 0};
    ck_assert(zone_diff(v, next, &c));
    ck_assert(change_rrsets(&c, v, see, &s));
    ck_assert_uint_eq(s.count, 1);
    expect(&s, 0, "z", TYPE_SOA);
    expect_life(&s, 0, true, true, 300);
    change_free(&c);
    s.count = 0;
    ck_assert(zone_diff(next, next, &c));
    ck_assert(change_rrsets(&c, next, see, &s));
    ck_assert_uint_eq(s.count, 0);
    change_free(&c);
    ck_assert(zone_diff(NULL, next, &c));
    ck_assert(change_rrsets(&c, NULL, see, &s));
    ck_assert_uint_eq(s.count, 4);
    expect(&s, 0, "z", TYPE_SOA);
    expect_life(&s, 0, false, true, 0);
    change_free(&c);
    zone_release(v);
    zone_release(next);
    zone_line_free(l);
}
END_TEST

/* A foreign IXFR has no order. */
START_TEST(any_order_will_do)
{
    static const struct kit_line deleted[] = {{"z", TYPE_SOA, "1"},
                                              {"c.z", TYPE_A, "1"},
                                              {"a.z", TYPE_A, "2"},
                                              {"B.z", TYPE_A, "1"},
                                              {"a.z", TYPE_A, "1"}};
    static const struct kit_line added[] = {
        {"z", TYPE_SOA, "2"}, {"x.z", TYPE_A, "1"}, {"b.z", TYPE_A, "5"}};
    struct zone_line *l = kit_line("z");
    struct zone_version *v = base(l);
    struct change c;
    struct kit_record k;
    struct seen s = {.count = 0};
    change_init(&c);
    for (unsigned i = 0; i < 5; i++) {
        record_add(&c.deleted, kit_set(&k, kit_name(deleted[i].owner).octets, deleted[i].type,
                                       deleted[i].value));
    }
    for (unsigned i = 0; i < 3; i++) {
        record_add(&c.added,
                   kit_set(&k, kit_name(added[i].owner).octets, added[i].type, added[i].value));
    }
    ck_assert(change_rrsets(&c, v, see, &s));
    ck_assert_uint_eq(s.count, 4);
    expect(&s, 0, "a.z", TYPE_A);
    expect_life(&s, 0, true, false, 300);
    expect(&s, 1, "b.z", TYPE_A);
    expect_life(&s, 1, true, true, 300);
    expect(&s, 2, "c.z", TYPE_A);
    expect(&s, 3, "x.z", TYPE_A);
    change_free(&c);
    ck_assert_ptr_null(c.added.data);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_change(void)
{
    TCase *c = tcase_create("zone_change");
    tcase_add_test(c, each_once_with_its_life);
    tcase_add_test(c, soa_only_if_more_than_its_serial_changed);
    tcase_add_test(c, any_order_will_do);
    return c;
}
