/* zone_apply.c - a change set leads where it says, or nowhere, with the record named. */
#include "cases.h"
#include "zonemodel.h"

static void random_content(struct zone_edit *e, struct rand *r, unsigned steps)
{
    struct model none = {.apex = kit_name("z")};
    struct kit_record k;
    for (; steps > 0; steps--) {
        model_record(&none, r, 4, &k);
        (rand_below(r, 3) == 0 ? zone_edit_remove : zone_edit_add)(e, &k.rr);
    }
}

/* A version with a serial, from nothing or from another. */
static struct zone_version *random_version(struct zone_line *l, struct zone_version *base,
                                           struct rand *r)
{
    struct zone_edit *e = kit_start(l, base);
    if (base != NULL) {
        kit_serial(e, "z", "1", "2");
    } else {
        kit_add(e, "z", TYPE_SOA, "1");
    }
    random_content(e, r, rand_below(r, 40));
    return kit_finish(e);
}

static void expect_way(struct zone_line *l, const struct zone_version *a,
                       const struct zone_version *b)
{
    struct change c;
    struct oops o = {.text = ""};
    struct buf dump = {.len = 0};
    must(zone_diff(a, b, &c));
    struct zone_version *got = zone_apply(l, a, &c, &o);
    if (got == NULL) {
        ck_abort_msg("%s", o.text);
    }
    kit_dump(b, &dump);
    kit_same(got, &dump);
    must(zone_serial(got) == zone_serial(b) && zone_content_hash(got) == zone_content_hash(b));
    must(zone_records(got) == zone_records(b) && zone_bytes(got) == zone_bytes(b));
    must(zone_records(b) == (a != NULL ? zone_records(a) : 0) + c.added_count - c.deleted_count);
    buf_free(&dump);
    change_free(&c);
    zone_release(got);
}

START_TEST(there_and_back)
{
    struct rand r;
    rand_seed(&r, 21);
    for (unsigned i = 0; i < 200; i++) {
        struct zone_line *l = kit_line("z"), *other = kit_line("z");
        struct zone_version *a = random_version(l, NULL, &r), *near = random_version(l, a, &r);
        struct zone_version *far = random_version(other, NULL, &r);
        expect_way(l, near, far);
        zone_release(near);
        expect_way(l, a, far);
        expect_way(other, far, a);
        expect_way(other, NULL, a);
        zone_release(a);
        zone_release(far);
        zone_line_free(l);
        zone_line_free(other);
    }
}
END_TEST

START_TEST(next_version_of_the_same_line)
{
    struct rand r;
    rand_seed(&r, 22);
    for (unsigned i = 0; i < 150; i++) {
        struct zone_line *l = kit_line("z"), *copy = kit_line("z");
        struct zone_version *a = random_version(l, NULL, &r), *b = random_version(l, a, &r);
        struct change c;
        must(zone_diff(NULL, a, &c));
        struct zone_version *other = zone_apply(copy, NULL, &c, NULL);
        must(other != NULL);
        change_free(&c);
        must(zone_diff(a, b, &c));
        struct zone_version *next = zone_apply(copy, other, &c, NULL);
        struct buf dump = {.len = 0};
        must(next != NULL);
        kit_dump(b, &dump);
        kit_same(next, &dump);
        buf_free(&dump);
        change_free(&c);
        zone_release(a);
        zone_release(b);
        zone_release(other);
        zone_release(next);
        zone_line_free(l);
        zone_line_free(copy);
    }
}
END_TEST

/* ---- refusals ---- */

static void put(struct buf *stream, const char *owner, uint16_t type, const char *value)
{
    struct kit_record k;
    struct name n = kit_name(owner);
    record_add(stream, kit_set(&k, n.octets, type, value));
}

struct refusal {
    const char *from, *to;          /* SOAs */
    struct kit_line deleted, added; /* owner NULL: none */
    const char *why;
};

START_TEST(refuses_what_does_not_fit)
{
    static const struct kit_line lines[] = {{"a.z", TYPE_A, "1"}, {"b.z", TYPE_A, "1"}};
    static const struct refusal refusals[] = {
        {"1",
         "2",
         {"a.z", TYPE_A, "2"},
         {NULL, 0, NULL},
         "change set deletes what is not there: a.z A"},
        {"1",
         "2",
         {"x.z", TYPE_A, "1"},
         {NULL, 0, NULL},
         "change set deletes what is not there: x.z A"},
        {"1", "2", {NULL, 0, NULL}, {"b.z", TYPE_A, "1"}, "change set adds what is there: b.z A"},
        {"1",
         "2",
         {NULL, 0, NULL},
         {"y", TYPE_A, "1"},
         "change set has a record outside the zone: y A"},
        {"1", "2", {NULL, 0, NULL}, {"z", TYPE_SOA, "3"}, "second SOA in change set: z SOA"},
        {"1",
         "2",
         {NULL, 0, NULL},
         {"q.z", TYPE_ANY, "3"},
         "malformed record in change set: q.z ANY"},
        {"7",
         "2",
         {NULL, 0, NULL},
         {NULL, 0, NULL},
         "change set has another serial than its SOA: z SOA"},
        {"1",
         "7",
         {NULL, 0, NULL},
         {NULL, 0, NULL},
         "change set has another serial than its SOA: z SOA"},
        {NULL, "2", {NULL, 0, NULL}, {NULL, 0, NULL}, "change set without SOA"},
        {"1", NULL, {NULL, 0, NULL}, {NULL, 0, NULL}, "change set without SOA"},
        {"1", NULL, {NULL, 0, NULL}, {"q.z", TYPE_A, "3"}, "change set begins without SOA: q.z A"},
    };
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, 2);
    struct buf dump = {.len = 0};
    kit_dump(v, &dump);
    uint64_t bytes = zone_line_bytes(l);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *f = &refusals[i];
        struct change c;
        struct oops o;
        change_init(&c);
        c.from = 1;
        c.to = 2;
        if (f->from != NULL) {
            put(&c.deleted, "z", TYPE_SOA, f->from);
        }
        if (f->deleted.owner != NULL) {
            put(&c.deleted, f->deleted.owner, f->deleted.type, f->deleted.value);
        }
        if (f->to != NULL) {
            put(&c.added, "z", TYPE_SOA, f->to);
        }
        if (f->added.owner != NULL) {
            put(&c.added, f->added.owner, f->added.type, f->added.value);
        }
        ck_assert_ptr_null(zone_apply(l, v, &c, &o));
        ck_assert_str_eq(o.text, f->why);
        ck_assert_uint_eq(zone_line_bytes(l), bytes);
        kit_same(v, &dump);
        change_free(&c);
    }
    buf_free(&dump);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(refuses_what_does_not_chain)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", NULL, 0);
    struct change c;
    struct oops o;
    change_init(&c);
    c.from = 5;
    ck_assert_ptr_null(zone_apply(l, v, &c, &o));
    ck_assert_str_eq(o.text, "change set starts at serial 5, the version is 1");
    ck_assert_ptr_null(zone_apply(l, NULL, &c, &o));
    ck_assert_str_eq(o.text, "change set starts at serial 5, there is no version");
    c.from = 1;
    c.to = 2;
    put(&c.deleted, "z", TYPE_SOA, "1");
    put(&c.added, "z", TYPE_SOA, "2");
    c.added.len--;
    ck_assert_ptr_null(zone_apply(l, v, &c, &o));
    ck_assert_str_eq(o.text, "change set is damaged");
    c.first = true;
    ck_assert_ptr_null(zone_apply(l, v, &c, &o));
    ck_assert_str_eq(o.text, "a first change set deletes records");
    c.first = false;
    c.added.len++;
    struct zone_version *next = zone_apply(l, v, &c, &o);
    ck_assert_ptr_nonnull(next);
    ck_assert_uint_eq(zone_serial(next), 2);
    change_free(&c);
    zone_release(v);
    zone_release(next);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_apply(void)
{
    TCase *c = tcase_create("zone_apply");
    tcase_add_test(c, there_and_back);
    tcase_add_test(c, next_version_of_the_same_line);
    tcase_add_test(c, refuses_what_does_not_fit);
    tcase_add_test(c, refuses_what_does_not_chain);
    return c;
}
