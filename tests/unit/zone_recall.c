/* zone_recall.c - an edit of a text whose pieces are remembered. That it leads to what reading all
 * of it leads to is in zone_beside.c. */
#include "cases.h"
#include "zone/pieces.h"
#include "zone_building.h"

#define HEAD "$TTL 60\n@ SOA ns h 5 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"

static void start(struct building *b)
{
    building_start(b);
    b->job.share_from = 1;
    b->job.share_room = 1 << 20;
    b->job.piece_least = 16;
}

static void edit(struct building *b, const char *text)
{
    building_build(b, text);
    building_serve(b);
}

static void expect_owners(struct building *b, const char *owners)
{
    struct buf met = {.len = 0};
    struct zone_walk walk;
    struct name owner;
    struct zone_node node;
    char text[NAME_TEXT];
    zone_walk_start(&walk, b->base);
    while (zone_walk_next(&walk, &owner, &node)) {
        buf_print(&met, "%s ", name_print(owner.octets, text));
    }
    ck_assert_str_eq(buf_text(&met), owners);
    buf_free(&met);
}

static unsigned addresses(const struct building *b, const char *owner)
{
    struct name name;
    struct rrset set;
    ck_assert(name_from(owner, &name));
    return zone_rrset(zone_lookup(b->base, name.octets), TYPE_A, &set) ? set.count : 0;
}

/* Two names with one hash: what becomes of one does not befall the other. */
START_TEST(a_collision_costs_no_record)
{
    struct building b;
    struct pieces *p = pieces_new((const uint8_t *)"\7example", 7, 0);
    struct name one, other;
    ck_assert(name_from("n363606.example", &one) && name_from("n71041.example", &other));
    ck_assert(pieces_hash(p, one.octets) == pieces_hash(p, other.octets));
    pieces_free(p);
    start(&b);
    edit(&b, HEAD "n363606 A 192.0.2.1\nmiddle A 192.0.2.1\nn71041 A 192.0.2.1\n");
    edit(&b, HEAD "middle A 192.0.2.1\nn71041 A 192.0.2.1\n");
    expect_owners(&b, "example middle.example n71041.example ns.example ");
    edit(&b, HEAD "n363606 A 192.0.2.2\nmiddle A 192.0.2.1\n");
    expect_owners(&b, "example middle.example n363606.example ns.example ");
    building_stop(&b);
}
END_TEST

/* A blank line's owner may come from before an include, that is: from another piece. */
START_TEST(an_owner_of_another_piece_is_not_taken_for_granted)
{
    struct building b;
    start(&b);
    b.disk.files[1] = (struct zone_file){.path = "inc", .text = "in A 192.0.2.1\n"};
    edit(&b, HEAD "one A 192.0.2.1\n$INCLUDE inc\n A 192.0.2.2\n A 192.0.2.3\nz A 192.0.2.1\n");
    edit(&b, HEAD "two A 192.0.2.1\n$INCLUDE inc\n A 192.0.2.2\n A 192.0.2.3\nz A 192.0.2.1\n");
    ck_assert_uint_eq(zone_records(b.base), 8);
    expect_owners(&b, "example in.example ns.example two.example z.example ");
    b.disk.files[1].text = "other A 192.0.2.1\n";
    edit(&b, NULL);
    expect_owners(&b, "example ns.example other.example two.example z.example ");
    building_stop(&b);
}
END_TEST

/* $GENERATE gives back the owner that there was before it: that of another piece, too. */
START_TEST(an_owner_from_before_a_generate_is_not_taken_for_granted)
{
    struct building b;
    start(&b);
    b.disk.files[1] =
        (struct zone_file){.path = "inc", .text = "$GENERATE 1-2 g$ A 192.0.2.1\n A 192.0.2.9\n"};
    edit(&b, HEAD "one A 192.0.2.1\n$INCLUDE inc\nz A 192.0.2.1\n");
    edit(&b, HEAD "one A 192.0.2.1\n$INCLUDE inc\nz A 192.0.2.3\n");
    edit(&b, HEAD "two A 192.0.2.1\n$INCLUDE inc\nz A 192.0.2.3\n");
    ck_assert_uint_eq(addresses(&b, "two.example"), 2);
    edit(&b, HEAD "two A 192.0.2.1\n$INCLUDE inc\nz A 192.0.2.2\n");
    ck_assert_uint_eq(addresses(&b, "two.example"), 2);
    ck_assert_uint_eq(addresses(&b, "z.example"), 1);
    building_stop(&b);
}
END_TEST

/* Records in pieces that are passed over count, too. */
START_TEST(what_is_known_is_limited_as_well)
{
    static const char old[] = "a A 192.0.2.1\nb A 192.0.2.1\nc A 192.0.2.1\nd A 192.0.2.1\n"
                              "e A 192.0.2.1\nf A 192.0.2.1\ng A 192.0.2.1\nh A 192.0.2.1\n";
    for (unsigned more = 0; more < 2; more++) {
        struct building b;
        struct buf text = {.len = 0};
        start(&b);
        b.job.limits.records = 13;
        buf_print(&text, HEAD "%s", old);
        edit(&b, buf_text(&text));
        text.len = 0;
        buf_print(&text, HEAD "x TXT a\nx TXT b\n%s%s", more ? "x TXT c\n" : "", old);
        building_build(&b, buf_text(&text));
        ck_assert_uint_eq(b.built.report.errors, more);
        if (more > 0) {
            zone_built_free(&b.built);
        } else {
            building_serve(&b);
        }
        buf_free(&text);
        building_stop(&b);
    }
}
END_TEST

/* What was refused is not remembered; nor is anything but the text of what is served. */
START_TEST(a_refused_edit_leaves_the_memory_as_it_was)
{
    struct building b;
    start(&b);
    edit(&b, HEAD "one A 192.0.2.1\nlast A 192.0.2.1\n");
    const struct pieces *before = zone_remembered(b.base);
    ck_assert_ptr_nonnull(before);
    building_build(&b, HEAD "two A 192.0.2.1\ntwo CNAME ns\nlast A 192.0.2.1\n");
    ck_assert(!b.built.ok && zone_remembered(b.base) == before);
    zone_built_free(&b.built);
    edit(&b, HEAD "three A 192.0.2.1\nlast A 192.0.2.1\n");
    expect_owners(&b, "example last.example ns.example three.example ");
    building_stop(&b);
}
END_TEST

TCase *case_zone_recall(void)
{
    TCase *c = tcase_create("zone_recall");
    tcase_add_test(c, a_collision_costs_no_record);
    tcase_add_test(c, an_owner_of_another_piece_is_not_taken_for_granted);
    tcase_add_test(c, an_owner_from_before_a_generate_is_not_taken_for_granted);
    tcase_add_test(c, what_is_known_is_limited_as_well);
    tcase_add_test(c, a_refused_edit_leaves_the_memory_as_it_was);
    return c;
}
