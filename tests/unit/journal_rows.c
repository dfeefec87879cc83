/* journal_rows.c - the row of each zone comes back as it was, or is named as damaged. */
#include "cases.h"
#include "journal_desk.h"
#include <stdlib.h>

#define SEEN_MOST 8

struct seen {
    struct journal_zone rows[SEEN_MOST];
    struct name names[SEEN_MOST];
    unsigned count, stop_after;
    uint32_t damaged[SEEN_MOST];
    unsigned damaged_count;
    char what[200];
};

static bool see_row(void *ctx, const struct journal_zone *row)
{
    struct seen *s = ctx;
    ck_assert_uint_lt(s->count, SEEN_MOST);
    name_copy(&s->names[s->count], row->name);
    s->rows[s->count] = *row;
    s->rows[s->count].name = s->names[s->count].octets;
    s->count++;
    return s->count != s->stop_after;
}

static void see_damaged(void *ctx, uint32_t id, const char *what)
{
    struct seen *s = ctx;
    ck_assert_uint_lt(s->damaged_count, SEEN_MOST);
    s->damaged[s->damaged_count++] = id;
    snprintf(s->what, sizeof s->what, "%s", what);
}

static void look(struct desk *d, struct seen *s)
{
    struct journal_zones_see see = {see_row, see_damaged, s};
    ck_assert(journal_zones(d->store, &see, &d->oops));
}

/* Every field another number. */
static struct journal_zone full_row(uint32_t id)
{
    return (struct journal_zone){.id = id,
                                 .name = (const uint8_t *)"\7Example\3COM",
                                 .role = 2,
                                 .has_serial = true,
                                 .serial = 0xfedcba98,
                                 .content_hash = UINT64_C(0x8123456789abcdef),
                                 .max_ttl_s = 0x7fffffff,
                                 .expire_s = 1209600,
                                 .committed = {1},
                                 .refreshed = {INT64_C(1) << 60},
                                 .expires = {-5},
                                 .image = 3,
                                 .image_serial = 4,
                                 .image_bytes = UINT64_C(5) << 32,
                                 .old_image = 6,
                                 .old_image_bytes = UINT64_C(7) << 33,
                                 .delta_first = UINT64_C(8) << 34,
                                 .delta_next = UINT64_C(9) << 35,
                                 .delta_bytes = UINT64_C(10) << 36,
                                 .change_next = UINT64_MAX};
}

static void expect_same(const struct journal_zone *a, const struct journal_zone *b)
{
    ck_assert_uint_eq(a->id, b->id);
    ck_assert(name_same_case(a->name, b->name));
    ck_assert_uint_eq(a->role, b->role);
    ck_assert_int_eq(a->has_serial, b->has_serial);
    ck_assert_uint_eq(a->serial, b->serial);
    ck_assert_uint_eq(a->content_hash, b->content_hash);
    ck_assert_uint_eq(a->max_ttl_s, b->max_ttl_s);
    ck_assert_uint_eq(a->expire_s, b->expire_s);
    ck_assert_int_eq(a->committed.ms, b->committed.ms);
    ck_assert_int_eq(a->refreshed.ms, b->refreshed.ms);
    ck_assert_int_eq(a->expires.ms, b->expires.ms);
    ck_assert_uint_eq(a->image, b->image);
    ck_assert_uint_eq(a->image_serial, b->image_serial);
    ck_assert_uint_eq(a->image_bytes, b->image_bytes);
    ck_assert_uint_eq(a->old_image, b->old_image);
    ck_assert_uint_eq(a->old_image_bytes, b->old_image_bytes);
    ck_assert_uint_eq(a->delta_first, b->delta_first);
    ck_assert_uint_eq(a->delta_next, b->delta_next);
    ck_assert_uint_eq(a->delta_bytes, b->delta_bytes);
    ck_assert_uint_eq(a->change_next, b->change_next);
}

START_TEST(rows_come_back_in_order)
{
    struct desk d;
    struct seen s = {.count = 0};
    struct journal_zone large = full_row(UINT32_MAX), small = full_row(2),
                        root = {.id = 256, .name = name_root};
    desk_start(&d);
    look(&d, &s);
    ck_assert_uint_eq(s.count, 0);
    journal_put_zone(&d.batch, &large);
    journal_put_zone(&d.batch, &root);
    journal_put_zone(&d.batch, &small);
    desk_commit(&d);
    look(&d, &s);
    ck_assert_uint_eq(s.count, 3);
    expect_same(&s.rows[0], &small);
    expect_same(&s.rows[1], &root);
    expect_same(&s.rows[2], &large);
    small.serial++;
    journal_put_zone(&d.batch, &small); /* one row, written again */
    desk_commit(&d);
    s = (struct seen){.stop_after = 1};
    look(&d, &s);
    ck_assert_uint_eq(s.count, 1);
    expect_same(&s.rows[0], &small);
    ck_assert_uint_eq(s.damaged_count, 0);
    desk_stop(&d);
}
END_TEST

/* A row, an image, a delta, a change and a peer of that zone. */
static void put_all(struct desk *d, uint32_t id)
{
    struct journal_zone row = full_row(id);
    struct journal_image image = {.id = id, .no = 1};
    struct journal_change change = {.number = 1, .text = "file"};
    struct journal_peer peer = {.name = "ns2"};
    struct change delta;
    struct buf records = {.len = 0};
    change_init(&delta);
    buf_add(&records, "octets", 6);
    journal_put_zone(&d->batch, &row);
    ck_assert(!journal_put_image(&d->batch, &image, &records));
    journal_put_delta(&d->batch, id, 1, &delta);
    journal_put_change(&d->batch, id, &change);
    journal_put_peer(&d->batch, id, &peer);
    desk_commit(d);
    buf_free(&records);
}

static unsigned values_of(struct desk *d, uint32_t id)
{
    unsigned count = 0;
    for (enum store_table t = 0; t < STORE_TABLES; t++) {
        struct seal_key key = seal_key(t, id);
        count += desk_values(d, &key);
    }
    return count;
}

START_TEST(a_zone_is_dropped_with_all_that_belongs_to_it)
{
    struct desk d;
    desk_start(&d);
    put_all(&d, 1);
    put_all(&d, 256);
    put_all(&d, 257);
    ck_assert_uint_eq(values_of(&d, 256), 5);
    journal_drop_zone(&d.batch, 256);
    desk_commit(&d);
    ck_assert_uint_eq(values_of(&d, 1), 5);
    ck_assert_uint_eq(values_of(&d, 256), 0);
    ck_assert_uint_eq(values_of(&d, 257), 5);
    desk_stop(&d);
}
END_TEST

START_TEST(damaged_rows_are_named_and_left_out)
{
    struct desk d;
    struct seen s = {.count = 0};
    desk_start(&d);
    for (uint32_t id = 1; id <= 3; id++) {
        struct journal_zone row = full_row(id);
        journal_put_zone(&d.batch, &row);
    }
    desk_commit(&d);
    struct seal_key two = seal_key(STORE_ZONE, 2);
    desk_flip(&d, &two, -1);
    look(&d, &s);
    ck_assert(s.count == 2 && s.rows[0].id == 1 && s.rows[1].id == 3);
    ck_assert(s.damaged_count == 1 && s.damaged[0] == 2);
    ck_assert_str_eq(s.what,
                     "the journal's row of zone number 2 is damaged: its checksum is wrong");
    struct journal_zones_see deaf = {see_row, NULL, &s};
    s.count = 0;
    ck_assert(journal_zones(d.store, &deaf, &d.oops));
    ck_assert_uint_eq(s.count, 2);
    desk_stop(&d);
}
END_TEST

/* Whole by its checksum, and yet no row: too short, too long, a name that is none, a key that is
 * none. */
START_TEST(a_row_of_another_form_is_none)
{
    struct desk d;
    struct store_batch good = {.count = 0};
    struct journal_zone row = full_row(7);
    struct batch_op op;
    size_t at = 0;
    uint8_t content[300];
    desk_start(&d);
    journal_put_zone(&good, &row);
    ck_assert(batch_next(&good, &at, &op));
    size_t len = op.vlen - SEAL_SIZE;
    memcpy(content, op.value + SEAL_SIZE, len);
    content[len] = 0;
    struct seal_key key = seal_key(STORE_ZONE, 7), longer = key;
    for (size_t cut = 0; cut <= len + 1; cut++) {
        struct seen s = {.count = 0};
        desk_put(&d, &key, content, cut);
        look(&d, &s);
        ck_assert_uint_eq(s.count, cut == len);
        ck_assert_uint_eq(s.damaged_count, cut != len);
    }
    struct seen s = {.count = 0};
    content[0] = 0xc0; /* a pointer, as it were */
    desk_put(&d, &key, content, len);
    seal_key_u32(&longer, 1);
    content[0] = 7;
    desk_put(&d, &longer, content, len);
    look(&d, &s);
    ck_assert(s.count == 0 && s.damaged_count == 2 && s.damaged[0] == 7 && s.damaged[1] == 0);
    batch_free(&good);
    desk_stop(&d);
}
END_TEST

TCase *case_journal_rows(void)
{
    TCase *c = tcase_create("journal_rows");
    tcase_add_test(c, rows_come_back_in_order);
    tcase_add_test(c, a_zone_is_dropped_with_all_that_belongs_to_it);
    tcase_add_test(c, damaged_rows_are_named_and_left_out);
    tcase_add_test(c, a_row_of_another_form_is_none);
    return c;
}
