/* zone_diff.c - what a difference holds, of one line and of two. */
#include "cases.h"
#include "zonemodel.h"
#include <stdio.h>

static struct zone_version *edited(struct zone_line *l, struct zone_version *base, const char *to)
{
    struct zone_edit *e = kit_start(l, base);
    kit_serial(e, "z", "1", to);
    kit_remove(e, "a.z", TYPE_A, "1");
    kit_add(e, "a.z", TYPE_A, "3");
    kit_add(e, "b.z", TYPE_TXT, "new");
    zone_edit_ttl(e, kit_name("c.z").octets, TYPE_A, 77);
    kit_remove(e, "d.z", TYPE_A, "1");
    return kit_finish(e);
}

static void expect(const struct buf *stream, size_t *at, const char *owner, uint16_t type)
{
    struct record rr;
    bool damaged = false;
    struct name n = kit_name(owner);
    ck_assert(record_next(stream->data, stream->len, at, &rr, &damaged));
    ck_assert_uint_eq(rr.type, type);
    ck_assert_uint_eq(rr.class, CLASS_IN);
    ck_assert(name_same(rr.owner, n.octets));
}

START_TEST(names_what_went_and_what_came)
{
    static const struct kit_line lines[] = {
        {"a.z", TYPE_A, "1"}, {"a.z", TYPE_A, "2"}, {"c.z", TYPE_A, "1"},
        {"c.z", TYPE_A, "2"}, {"d.z", TYPE_A, "1"}, {"e.z", TYPE_A, "1"},
    };
    struct zone_line *l = kit_line("z"), *other = kit_line("z");
    struct zone_version *a = kit_zone(l, "z", lines, 6), *b = edited(l, a, "2");
    struct zone_version *far = kit_zone(other, "z", lines, 6);
    for (unsigned round = 0; round < 2; round++) {
        struct change c;
        size_t i = 0, j = 0;
        ck_assert(zone_diff(round == 0 ? a : far, b, &c));
        ck_assert(!c.first);
        ck_assert_uint_eq(c.from, 1);
        ck_assert_uint_eq(c.to, 2);
        expect(&c.deleted, &i, "z", TYPE_SOA);
        expect(&c.deleted, &i, "a.z", TYPE_A);
        expect(&c.deleted, &i, "c.z", TYPE_A);
        expect(&c.deleted, &i, "c.z", TYPE_A);
        expect(&c.deleted, &i, "d.z", TYPE_A);
        ck_assert_uint_eq(i, c.deleted.len);
        ck_assert_uint_eq(c.deleted_count, 5);
        expect(&c.added, &j, "z", TYPE_SOA);
        expect(&c.added, &j, "a.z", TYPE_A);
        expect(&c.added, &j, "b.z", TYPE_TXT);
        expect(&c.added, &j, "c.z", TYPE_A);
        expect(&c.added, &j, "c.z", TYPE_A);
        ck_assert_uint_eq(j, c.added.len);
        ck_assert_uint_eq(c.added_count, 5);
        change_free(&c);
    }
    zone_release(a);
    zone_release(b);
    zone_release(far);
    zone_line_free(l);
    zone_line_free(other);
}
END_TEST

START_TEST(from_nothing_all_is_added)
{
    static const struct kit_line lines[] = {{"a.z", TYPE_A, "1"}, {"z", TYPE_NS, "a.z"}};
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, 2);
    struct change c;
    size_t at = 0;
    ck_assert(zone_diff(NULL, v, &c));
    ck_assert(c.first);
    ck_assert_uint_eq(c.deleted.len, 0);
    expect(&c.added, &at, "z", TYPE_SOA);
    expect(&c.added, &at, "z", TYPE_NS);
    expect(&c.added, &at, "a.z", TYPE_A);
    ck_assert_uint_eq(at, c.added.len);
    change_free(&c);
    ck_assert(zone_diff(v, v, &c));
    ck_assert_uint_eq(c.added_count, 1);
    ck_assert_uint_eq(c.deleted_count, 1);
    change_free(&c);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

/* RRSIGs have the TTL of what they cover: where that changes, they do. */
START_TEST(signatures_change_with_what_they_cover)
{
    static const struct kit_line lines[] = {
        {"a.z", TYPE_A, "1"},
        {"a.z", TYPE_TXT, "x"},
        {"a.z", TYPE_RRSIG, "1"},
        {"a.z", TYPE_RRSIG, "16"},
    };
    struct zone_line *l = kit_line("z");
    struct record rr;
    struct zone_version *a = kit_zone(l, "z", lines, 4);
    struct zone_edit *e = kit_start(l, a);
    must(zone_edit_ttl(e, kit_name("a.z").octets, TYPE_A, 400) == ZONE_EDIT_OK);
    struct zone_version *b = kit_finish(e);
    struct change c;
    size_t i = 0, j = 0;
    ck_assert(zone_diff(a, b, &c));
    expect(&c.deleted, &i, "z", TYPE_SOA);
    expect(&c.deleted, &i, "a.z", TYPE_A);
    expect(&c.deleted, &i, "a.z", TYPE_RRSIG);
    ck_assert_uint_eq(i, c.deleted.len);
    expect(&c.added, &j, "z", TYPE_SOA);
    expect(&c.added, &j, "a.z", TYPE_A);
    ck_assert(record_next(c.added.data, c.added.len, &j, &rr, NULL));
    ck_assert_uint_eq(rr.type, TYPE_RRSIG);
    ck_assert_uint_eq(rr.ttl, 400);
    ck_assert_uint_eq(get_u16(rr.rdata), TYPE_A);
    ck_assert_uint_eq(j, c.added.len);
    change_free(&c);
    zone_release(a);
    zone_release(b);
    zone_line_free(l);
}
END_TEST

/* Case inside rdata is not a difference (RFC 4343, 4034 6.2). */
START_TEST(case_is_no_difference)
{
    static const struct kit_line small[] = {{"A.z", TYPE_NS, "ns.z"}},
                                 large[] = {{"a.Z", TYPE_NS, "NS.Z"}};
    struct zone_line *l = kit_line("z"), *other = kit_line("Z");
    struct zone_version *a = kit_zone(l, "z", small, 1), *b = kit_zone(other, "z", large, 1);
    struct change c;
    ck_assert(zone_diff(a, b, &c));
    ck_assert_uint_eq(c.added_count + c.deleted_count, 2);
    change_free(&c);
    zone_release(a);
    zone_release(b);
    zone_line_free(l);
    zone_line_free(other);
}
END_TEST

TCase *case_zone_diff(void)
{
    TCase *c = tcase_create("zone_diff");
    tcase_add_test(c, names_what_went_and_what_came);
    tcase_add_test(c, from_nothing_all_is_added);
    tcase_add_test(c, signatures_change_with_what_they_cover);
    tcase_add_test(c, case_is_no_difference);
    return c;
}
