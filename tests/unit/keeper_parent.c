/* keeper_parent.c - resolvers keep the zone above's copy of our NS, too: its TTL counts where we
 * serve that zone, and is named as left out where we do not (CONVERGENCE.md, Deadline). */
#include "cases.h"
#include "keeper_fixture.h"

#define EXAMPLE "  - { name: example, role: primary, file: example.zone }\n"
#define ABOVE   "  - { name: ., role: primary, file: root.zone }\n"

static struct rig r;

static void start(void)
{
    rig_open(&r);
    rig_zone_file(&r, 1, "b 60 A 192.0.2.2\n");
}

static void stop(void)
{
    rig_close(&r);
}

static struct kept *example(void)
{
    struct name apex = a_name("example");
    size_t number;
    ck_assert(keeper_find(r.keeper, apex.octets, &number));
    return rig_kept(&r, number);
}

static void above(const char *delegation)
{
    char text[1024];
    snprintf(text, sizeof text,
             ". 60 SOA ns.example. admin.example. 1 3600 600 86400 60\n. 60 NS ns.example.\n%s",
             delegation);
    rig_file(&r, "/root.zone", text);
}

static struct ledger_change_view edit(const char *lines)
{
    struct ledger_change_view c;
    rig_zone_file(&r, 2, lines);
    rig_run(&r, 200);
    RIG_STEP(&r, KEEPER_FILE_CHANGED, .slot = example()->number);
    rig_run(&r, 0);
    ledger_change(example()->ledger, 0, r.now, &c);
    ck_assert_uint_eq(c.row.to, 2);
    return c;
}

static const struct {
    const char *above; /* NULL: not ours */
    const char *lines; /* of the edit */
    uint32_t old_ttl_s;
    bool left_out;
} cases[] = {
    /* another server: our own NS live an hour */
    {NULL, "b 60 A 192.0.2.2\n@ 3600 NS b\n", 3600, true},
    {"example. 60 NS ns.example.\n", "b 60 A 192.0.2.2\n@ 3600 NS b\n", 3600, false},
    {"example. 86400 NS ns.example.\n", "b 60 A 192.0.2.2\n@ 3600 NS b\n", 86400, false},
    {"example. 60 NS ns.example.\nns.example. 172800 A 192.0.2.1\n",
     "b 60 A 192.0.2.2\n@ 3600 NS b\n", 172800, false},
    {"", "b 60 A 192.0.2.2\n@ 3600 NS b\n", 3600, false}, /* it does not delegate */
    /* another address of a server: the zone above may have it as glue */
    {"example. 86400 NS ns.example.\n", "b 60 A 192.0.2.2\nns 3600 A 192.0.2.7\n", 86400, false},
    {NULL, "b 60 A 192.0.2.2\nns 3600 A 192.0.2.7\n", 3600, true},
    /* anything else is ours alone */
    {"example. 86400 NS ns.example.\n", "b 60 A 192.0.2.3\n", 60, false},
    {NULL, "b 60 A 192.0.2.3\n", 60, false},
};

static void one_its_ttl_counts_or_is_left_out(unsigned i)
{
    if (cases[i].above != NULL) {
        above(cases[i].above);
    }
    rig_start(&r, cases[i].above != NULL ? "zones:\n" EXAMPLE ABOVE : "zones:\n" EXAMPLE);
    struct ledger_change_view c = edit(cases[i].lines);
    ck_assert_uint_eq(c.row.old_ttl_s, cases[i].old_ttl_s);
    ck_assert_int_eq(c.row.parent_left_out, cases[i].left_out);
    ck_assert_int_eq(c.deadline.ms - c.row.published.ms,
                     (cases[i].old_ttl_s + LEDGER_GRACE_S) * INT64_C(1000));
}

START_TEST(its_ttl_counts_or_is_left_out)
{
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_its_ttl_counts_or_is_left_out(i);
    }
}
END_TEST

START_TEST(left_out_is_remembered_by_the_disk)
{
    struct ledger_change_view c;
    rig_disk(&r);
    rig_start(&r, "zones:\n" EXAMPLE);
    ck_assert(edit("b 60 A 192.0.2.2\n@ 3600 NS b\n").row.parent_left_out);
    rig_run(&r, 2000);
    rig_again(&r, 1000, "zones:\n" EXAMPLE);
    ledger_change(example()->ledger, 0, r.now, &c);
    ck_assert_uint_eq(c.row.to, 2);
    ck_assert(c.row.parent_left_out);
}
END_TEST

START_TEST(nothing_is_above_the_root)
{
    uint32_t ttl_s = 7;
    size_t root;
    above("");
    rig_start(&r, "zones:\n" ABOVE);
    ck_assert(keeper_find(r.keeper, name_root, &root));
    ck_assert(parent_ttl(r.keeper, rig_kept(&r, root), &ttl_s));
    ck_assert_uint_eq(ttl_s, 0);
}
END_TEST

TCase *case_keeper_parent(void)
{
    TCase *c = tcase_create("keeper_parent");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, its_ttl_counts_or_is_left_out);
    tcase_add_test(c, left_out_is_remembered_by_the_disk);
    tcase_add_test(c, nothing_is_above_the_root);
    return c;
}
