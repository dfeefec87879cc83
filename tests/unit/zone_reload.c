/* zone_reload.c - a zone that comes again, beside its large base: what is the same is not taken for
 * something else. Random edits are in zone_beside.c. */
#include "cases.h"
#include "zone_building.h"

#define HEAD "$TTL 60\n@ SOA ns h 5 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"

/* From one text to another beside what is served; `text` is all that it has then. */
static void expect_edit(const char *from, const char *to, uint64_t room, const char *text)
{
    struct building b;
    struct buf out = {.len = 0};
    building_start(&b);
    b.job.share_from = 1;
    b.job.share_room = room;
    building_build(&b, from);
    building_serve(&b);
    building_build(&b, to);
    building_serve(&b);
    building_print(b.base, &out);
    ck_assert_str_eq(buf_text(&out), text);
    buf_free(&out);
    building_stop(&b);
}

START_TEST(a_record_twice_is_not_two)
{
    static const char after[] =
        "example. 60 IN NS ns.example.\n"
        "example. 60 IN SOA ns.example. h.example. 6 3600 3600 604800 3600\n"
        "ns.example. 60 IN A 192.0.2.1\n"
        "www.example. 60 IN A 192.0.2.2\n";
    for (uint64_t room = 1; room < 1 << 20; room *= 8) {
        expect_edit(HEAD "www A 192.0.2.2\nwww A 192.0.2.3\n",
                    HEAD "www A 192.0.2.2\nwww A 192.0.2.2\n", room, after);
        expect_edit(HEAD "www A 192.0.2.2\nwww A 192.0.2.3\n",
                    "www.example. 60 A 192.0.2.2\n" HEAD "www A 192.0.2.2\n", room, after);
    }
}
END_TEST

static void many(struct buf *out, unsigned from, unsigned to)
{
    buf_print(out, HEAD);
    for (unsigned i = from; i < to; i++) {
        buf_print(out, "many A 192.0.2.%u\n", i);
    }
}

START_TEST(an_owner_may_have_many_records)
{
    struct buf from = {.len = 0}, to = {.len = 0};
    struct building b;
    many(&from, 1, 120);
    many(&to, 2, 121);
    building_start(&b);
    b.job.share_from = 1;
    b.job.share_room = 1 << 20;
    building_build(&b, buf_text(&from));
    building_serve(&b);
    building_build(&b, buf_text(&to));
    ck_assert_uint_eq(b.built.change.deleted_count, 2); /* with the SOA */
    ck_assert_uint_eq(b.built.change.added_count, 2);
    building_serve(&b);
    building_build(&b, buf_text(&to));
    ck_assert(b.built.ok && b.built.same);
    building_serve(&b);
    building_stop(&b);
    buf_free(&from);
    buf_free(&to);
}
END_TEST

TCase *case_zone_reload(void)
{
    TCase *c = tcase_create("zone_reload");
    tcase_add_test(c, a_record_twice_is_not_two);
    tcase_add_test(c, an_owner_may_have_many_records);
    return c;
}
