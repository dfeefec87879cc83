/* zone_merge.c - a batch of records and a version make an edit: against an oracle, from random
 * zones to others. */
#include "cases.h"
#include "zone/merge.h"
#include "zonemodel.h"
#include <stdio.h>

/* All records of the model, some twice (the second with a larger TTL), in random order. */
static void gather(const struct model *m, struct rand *r, struct bulk *b)
{
    unsigned order[MODEL_MOST];
    bulk_start(b, m->apex.octets);
    for (unsigned i = 0; i < m->count; i++) {
        unsigned other = rand_below(r, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    for (unsigned i = 0; i < m->count; i++) {
        struct record rr = m->records[order[i]].rr;
        bulk_add(b, &rr, 0, i + 1);
        if (rand_below(r, 4) == 0) {
            rr.ttl += 1;
            bulk_add(b, &rr, 0, i + 1);
        }
    }
    bulk_sort(b, NULL);
}

static struct zone_version *merged(struct zone_line *l, struct merge *m)
{
    m->edit = kit_start(l, m->base);
    must(merge_records(m));
    return kit_finish(m->edit);
}

/* The model's zone, made from nothing by the edit alone. */
static struct zone_version *made(struct zone_line *l, const struct model *m)
{
    struct zone_edit *e = kit_start(l, NULL);
    for (unsigned i = 0; i < m->count; i++) {
        must(zone_edit_add(e, &m->records[i].rr) == ZONE_EDIT_OK);
    }
    return kit_finish(e);
}

static unsigned counted(const struct model *m)
{
    unsigned n = 0;
    for (unsigned i = 0; i < m->count; i++) {
        n += m->records[i].rr.type != TYPE_RRSIG && m->records[i].rr.type != TYPE_NSEC &&
             m->records[i].rr.type != TYPE_NSEC3;
    }
    return n;
}

/* Some records taken away, some added; sometimes the serial, sometimes nothing. */
static void change(struct model *m, struct rand *r)
{
    static const uint16_t rare[] = {TYPE_RRSIG, TYPE_NSEC, TYPE_NSEC3};
    for (unsigned n = rand_below(r, 5); n > 0; n--) {
        struct record victim = m->records[rand_below(r, m->count)].rr;
        if (victim.type != TYPE_SOA) {
            struct kit_record k = {.rr = victim};
            name_copy(&k.owner, victim.owner);
            memcpy(k.rdata, victim.rdata, victim.rdlen);
            k.rr.owner = k.owner.octets;
            k.rr.rdata = k.rdata;
            model_remove(m, &k.rr);
            model_fix(m);
        }
    }
    for (unsigned n = rand_below(r, 5); n > 0 && m->count < MODEL_MOST - 8; n--) {
        struct kit_record k;
        model_record(m, r, 3, &k);
        model_add(m, &k.rr);
    }
    if (rand_below(r, 2) == 0) {
        for (unsigned i = 0; i < m->count; i++) {
            if (m->records[i].rr.type == TYPE_SOA) {
                put_u32(m->records[i].rdata + m->records[i].rr.rdlen - 20, (uint32_t)rand_u64(r));
            }
        }
    }
    if (rand_below(r, 3) == 0) {
        struct kit_record k;
        struct name owner;
        model_name(m, r, 2, &owner);
        model_add(m, kit_set(&k, owner.octets, rare[rand_below(r, 3)], "s"));
    }
}

START_TEST(any_zone_to_any_other)
{
    struct rand r;
    rand_seed(&r, 17);
    for (unsigned round = 0; round < 150; round++) {
        struct model m;
        struct zone_line *l = kit_line("z"), *other = kit_line("z");
        struct zone_version *v = NULL;
        unsigned before = 0;
        model_start(&m, "z");
        for (unsigned step = 0; step < 4; step++) {
            struct bulk b;
            struct buf want = {.len = 0};
            change(&m, &r);
            gather(&m, &r, &b);
            struct merge merge = {.base = v, .batch = &b};
            struct zone_version *next = merged(l, &merge), *model = made(other, &m);
            kit_dump(model, &want);
            kit_same(next, &want);
            bool same = v != NULL && zone_content_hash(v) == zone_content_hash(next);
            must(merge.changed == !same);
            must(merge.counted_before == before);
            before = counted(&m);
            must(merge.counted_after == before); /* a record that comes twice counts once */
            buf_free(&want);
            bulk_free(&b);
            zone_release(model);
            if (v != NULL) {
                zone_release(v);
            }
            v = next;
        }
        zone_release(v);
        zone_line_free(l);
        zone_line_free(other);
    }
}
END_TEST

START_TEST(what_is_the_same_is_shared)
{
    struct name apex = kit_name("z");
    struct zone_line *l = kit_line("z");
    struct kit_record k;
    struct bulk b;
    bulk_start(&b, apex.octets);
    bulk_add(&b, kit_set(&k, apex.octets, TYPE_SOA, "1"), 0, 1);
    for (unsigned i = 0; i < 2000; i++) {
        char owner[16];
        snprintf(owner, sizeof owner, "h%u.z", i);
        struct name n = kit_name(owner);
        bulk_add(&b, kit_set(&k, n.octets, TYPE_A, "1"), 0, 1);
    }
    bulk_sort(&b, NULL);
    struct merge m = {.batch = &b};
    struct zone_version *v = merged(l, &m);
    ck_assert(m.changed && m.counted_before == 0 && m.counted_after == 2001);
    uint64_t bytes = zone_bytes(v);
    struct merge again = {.base = v, .batch = &b};
    struct zone_version *same = merged(l, &again);
    ck_assert(!again.changed && again.counted_before == 2001 && again.counted_after == 2001);
    zone_release(v);
    ck_assert_uint_eq(zone_bytes(same), bytes);
    ck_assert_uint_lt(zone_line_pinned(l), bytes / 100);
    zone_release(same);
    bulk_free(&b);
    zone_line_free(l);
}
END_TEST

/* `count` TXT records of 250 octets, filled with one letter, and an SOA. */
static void fill(struct bulk *b, const struct name *apex, unsigned count, char letter)
{
    struct kit_record k;
    uint8_t rdata[250];
    memset(rdata, letter, sizeof rdata);
    rdata[0] = sizeof rdata - 1;
    bulk_start(b, apex->octets);
    bulk_add(b, kit_set(&k, apex->octets, TYPE_SOA, "1"), 0, 1);
    for (unsigned i = 0; i < count; i++) {
        put_u32(rdata + 1, i);
        struct record rr = {.owner = apex->octets,
                            .type = TYPE_TXT,
                            .class = CLASS_IN,
                            .ttl = 1,
                            .rdata = rdata,
                            .rdlen = sizeof rdata};
        bulk_add(b, &rr, 0, i + 2);
    }
    bulk_sort(b, NULL);
}

START_TEST(a_full_rrset_can_be_exchanged_and_a_fuller_one_not)
{
    struct name apex = kit_name("z");
    struct zone_line *l = kit_line("z");
    struct bulk b;
    fill(&b, &apex, 255, 'x'); /* 252 octets each: 64,260 in all */
    struct merge m = {.batch = &b};
    struct zone_version *v = merged(l, &m);
    bulk_free(&b);
    fill(&b, &apex, 255, 'y');
    struct merge second = {.base = v, .batch = &b};
    struct zone_version *next = merged(l, &second);
    ck_assert(second.changed);
    ck_assert_uint_eq(zone_records(next), 256);
    zone_release(v);
    bulk_free(&b);
    fill(&b, &apex, 300, 'z');
    struct merge third = {.base = next, .batch = &b, .edit = kit_start(l, next)};
    ck_assert(!merge_records(&third));
    ck_assert_int_eq(third.status, ZONE_EDIT_FULL);
    ck_assert_uint_eq(bulk_type(&b, third.row), TYPE_TXT);
    zone_edit_drop(third.edit);
    ck_assert_uint_eq(zone_records(next), 256);
    bulk_free(&b);
    zone_release(next);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_merge(void)
{
    TCase *c = tcase_create("zone_merge");
    tcase_add_test(c, any_zone_to_any_other);
    tcase_add_test(c, what_is_the_same_is_shared);
    tcase_add_test(c, a_full_rrset_can_be_exchanged_and_a_fuller_one_not);
    return c;
}
