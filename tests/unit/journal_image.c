/* journal_image.c - a zone's image and its change sets come back whole, or not at all with a
 * sentence that says why. */
#include "cases.h"
#include "journal_desk.h"
#include "zonekit.h"

#define PART  SEAL_MOST
#define LARGE (JOURNAL_SLICE + 4096)

/* That many octets, each part another. */
static void fill(struct buf *out, size_t len, uint8_t first)
{
    out->len = 0;
    uint8_t *to = buf_room(out, len);
    ck_assert_ptr_nonnull(to);
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)(first + i + i / PART * 31);
    }
    out->len = len;
}

static unsigned put_image(struct desk *d, uint32_t id, uint32_t no, const struct buf *records)
{
    struct journal_image i = {.id = id, .no = no};
    bool more = true;
    unsigned slices = 0;
    for (; more; slices++) {
        more = journal_put_image(&d->batch, &i, records);
        ck_assert_uint_le(d->batch.ops.len, JOURNAL_SLICE);
        desk_commit(d);
    }
    ck_assert_uint_eq(i.at, records->len);
    return slices;
}

static struct journal_zone row_of(uint32_t id, uint32_t no, uint64_t bytes)
{
    return (struct journal_zone){.id = id, .image = no, .image_bytes = bytes};
}

static struct seal_key image_part(uint32_t id, uint32_t no, uint32_t part)
{
    struct seal_key key = seal_key(STORE_IMAGE, id);
    seal_key_u32(&key, no);
    seal_key_u32(&key, part);
    return key;
}

static void expect_image(struct desk *d, const struct journal_zone *row, const struct buf *records)
{
    struct buf back = {.len = 0};
    bool ok = journal_read_image(d->store, row, &back, &d->oops);
    ck_assert_msg(ok, "%s", d->oops.text);
    ck_assert_uint_eq(back.len, records->len);
    ck_assert(back.len == 0 || memcmp(back.data, records->data, back.len) == 0);
    buf_free(&back);
}

static void expect_no_image(struct desk *d, const struct journal_zone *row, const char *why)
{
    struct buf back = {.len = 0};
    buf_add(&back, "kept", 4);
    ck_assert(!journal_read_image(d->store, row, &back, &d->oops));
    ck_assert_str_eq(d->oops.text, why);
    ck_assert_str_eq(buf_text(&back), "kept");
    buf_free(&back);
}

START_TEST(images_of_every_size)
{
    static const size_t sizes[] = {0, 1, PART - 1, PART, PART + 1, 3 * PART};
    struct desk d;
    struct buf records = {.len = 0};
    desk_start(&d);
    for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct journal_zone row = row_of(7, i + 1, sizes[i]);
        fill(&records, sizes[i], (uint8_t)i);
        ck_assert_uint_eq(put_image(&d, 7, i + 1, &records), 1);
        expect_image(&d, &row, &records);
    }
    for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++) { /* all are still there */
        struct journal_zone row = row_of(7, i + 1, sizes[i]);
        fill(&records, sizes[i], (uint8_t)i);
        expect_image(&d, &row, &records);
    }
    struct journal_zone none = row_of(7, 0, 0);
    expect_no_image(&d, &none, "no image of the zone is on disk");
    buf_free(&records);
    desk_stop(&d);
}
END_TEST

START_TEST(a_large_image_comes_and_goes_in_slices)
{
    struct desk d;
    struct buf records = {.len = 0}, small = {.len = 0};
    struct journal_image drop = {.id = 7, .no = 1};
    struct journal_zone row = row_of(7, 1, LARGE), other = row_of(7, 2, 5000);
    struct seal_key all = seal_key(STORE_IMAGE, 7);
    unsigned slices = 0;
    desk_start(&d);
    fill(&records, LARGE, 1);
    fill(&small, 5000, 2);
    ck_assert_uint_eq(put_image(&d, 7, 1, &records), 2);
    put_image(&d, 7, 2, &small);
    expect_image(&d, &row, &records);
    for (bool more = true; more; slices++) {
        more = journal_drop_image(&d.batch, &drop, row.image_bytes);
        ck_assert_uint_le(d.batch.ops.len, JOURNAL_SLICE);
        desk_commit(&d);
    }
    ck_assert_uint_eq(slices, 2);
    ck_assert_uint_eq(desk_values(&d, &all), 3); /* those of the other */
    expect_image(&d, &other, &small);
    drop = (struct journal_image){.id = 7, .no = 2};
    ck_assert(!journal_drop_image(&d.batch, &drop, 0)); /* of a length not known */
    desk_commit(&d);
    ck_assert_uint_eq(desk_values(&d, &all), 0);
    buf_free(&records);
    buf_free(&small);
    desk_stop(&d);
}
END_TEST

START_TEST(what_an_interrupted_write_left_is_gone)
{
    struct desk d;
    struct buf records = {.len = 0};
    struct journal_zone row = row_of(7, 1, PART + 5);
    desk_start(&d);
    fill(&records, 6 * PART, 1);
    put_image(&d, 7, 1, &records); /* the row never came to it */
    fill(&records, PART + 5, 2);
    put_image(&d, 7, 1, &records);
    expect_image(&d, &row, &records);
    buf_free(&records);
    desk_stop(&d);
}
END_TEST

START_TEST(an_image_that_is_not_whole)
{
    struct desk d;
    struct buf records = {.len = 0};
    struct journal_zone row = row_of(7, 1, 3 * PART);
    struct seal_key middle = image_part(7, 1, 1), last = image_part(7, 1, 2);
    struct seal_key behind = image_part(7, 1, 3);
    desk_start(&d);
    fill(&records, 3 * PART, 1);
    put_image(&d, 7, 1, &records);
    desk_flip(&d, &middle, 100);
    expect_no_image(&d, &row, "the zone's image 1 on disk: part 1: damaged: its checksum is wrong");
    batch_delete(&d.batch, STORE_IMAGE, middle.octets, middle.len);
    desk_commit(&d);
    expect_no_image(&d, &row, "the zone's image 1 on disk: part 1 is missing");
    put_image(&d, 7, 1, &records);
    batch_delete(&d.batch, STORE_IMAGE, last.octets, last.len);
    desk_commit(&d);
    expect_no_image(&d, &row, "the zone's image 1 on disk: 3782 of 5673 octets are there");
    put_image(&d, 7, 1, &records);
    desk_put(&d, &behind, "x", 1);
    expect_no_image(&d, &row, "the zone's image 1 on disk: longer than its row says");
    row.image = 2;
    expect_no_image(&d, &row, "the zone's image 2 on disk: 0 of 5673 octets are there");
    buf_free(&records);
    desk_stop(&d);
}
END_TEST

/* ---- change sets ---- */

/* From serial to serial, with `more` records added. */
static struct change delta(uint32_t from, uint32_t to, unsigned more)
{
    struct change c;
    struct kit_record k;
    struct name apex = kit_name("z");
    char value[16];
    change_init(&c);
    c.from = from;
    c.to = to;
    c.deleted_count = 1;
    c.added_count = 1 + more;
    snprintf(value, sizeof value, "%u", from);
    record_add(&c.deleted, kit_set(&k, apex.octets, TYPE_SOA, value));
    snprintf(value, sizeof value, "%u", to);
    record_add(&c.added, kit_set(&k, apex.octets, TYPE_SOA, value));
    for (unsigned i = 0; i < more; i++) {
        snprintf(value, sizeof value, "%u", i);
        record_add(&c.added, kit_set(&k, apex.octets, TYPE_A, value));
    }
    return c;
}

static void put_delta(struct desk *d, uint64_t seq, struct change c)
{
    journal_put_delta(&d->batch, 7, seq, &c);
    change_free(&c);
    desk_commit(d);
}

/* Change sets 5, 6 and 7 lead from 10 to 13; the second is of several parts. */
static struct journal_zone put_chain(struct desk *d)
{
    put_delta(d, 5, delta(10, 11, 0));
    put_delta(d, 6, delta(11, 12, 500));
    put_delta(d, 7, delta(12, 13, 1));
    return (struct journal_zone){
        .id = 7, .serial = 13, .image_serial = 10, .delta_first = 5, .delta_next = 8};
}

static void expect_no_deltas(struct desk *d, const struct journal_zone *row, const char *why)
{
    struct change *list = NULL;
    unsigned count = 99;
    ck_assert(!journal_read_deltas(d->store, row, &list, &count, &d->oops));
    ck_assert_str_eq(d->oops.text, why);
    ck_assert(list == NULL && count == 99);
}

static void expect_delta(const struct change *got, struct change want)
{
    ck_assert_uint_eq(got->from, want.from);
    ck_assert_uint_eq(got->to, want.to);
    ck_assert_uint_eq(got->deleted_count, want.deleted_count);
    ck_assert_uint_eq(got->added_count, want.added_count);
    ck_assert_uint_eq(got->deleted.len, want.deleted.len);
    ck_assert_mem_eq(got->deleted.data, want.deleted.data, want.deleted.len);
    ck_assert_uint_eq(got->added.len, want.added.len);
    ck_assert_mem_eq(got->added.data, want.added.data, want.added.len);
    change_free(&want);
}

START_TEST(change_sets_come_back)
{
    struct desk d;
    struct change *list;
    unsigned count;
    desk_start(&d);
    struct journal_zone row = put_chain(&d);
    ck_assert(journal_read_deltas(d.store, &row, &list, &count, &d.oops));
    ck_assert_uint_eq(count, 3);
    expect_delta(&list[0], delta(10, 11, 0));
    expect_delta(&list[1], delta(11, 12, 500));
    expect_delta(&list[2], delta(12, 13, 1));
    for (unsigned i = 0; i < count; i++) {
        change_free(&list[i]);
    }
    free(list);
    row = (struct journal_zone){.id = 7, .serial = 10, .image_serial = 10}; /* none */
    ck_assert(journal_read_deltas(d.store, &row, &list, &count, &d.oops));
    ck_assert_uint_eq(count, 0);
    free(list);
    desk_stop(&d);
}
END_TEST

START_TEST(a_chain_that_is_broken)
{
    struct desk d;
    desk_start(&d);
    struct journal_zone row = put_chain(&d), other = row;
    other.image_serial = 9;
    expect_no_deltas(&d, &other,
                     "the zone's change sets on disk: one begins at serial 10 where 9 was reached");
    other = row;
    other.serial = 14;
    expect_no_deltas(
        &d, &other, "the zone's change sets on disk: they end at serial 13 where 14 was committed");
    other = row;
    other.delta_next = 9;
    expect_no_deltas(&d, &other, "the zone's change sets on disk: one is missing");
    other.delta_next = 4;
    expect_no_deltas(&d, &other, "the zone's row on disk counts change sets wrongly");
    other.delta_next = UINT64_MAX;
    expect_no_deltas(&d, &other, "the zone's row on disk counts change sets wrongly");
    struct change first = delta(10, 11, 0);
    first.first = true;
    put_delta(&d, 5, first);
    expect_no_deltas(
        &d, &row,
        "the zone's change sets on disk: one is a zone's first, where serial 10 was reached");
    journal_drop_deltas(&d.batch, 7, 5, 7);
    desk_commit(&d);
    struct seal_key all = seal_key(STORE_DELTA, 7);
    ck_assert_uint_eq(desk_values(&d, &all), 1); /* number 7 stays */
    desk_stop(&d);
}
END_TEST

static struct seal_key delta_part(uint64_t seq, uint32_t part)
{
    struct seal_key key = seal_key(STORE_DELTA, 7);
    seal_key_u64(&key, seq);
    seal_key_u32(&key, part);
    return key;
}

START_TEST(change_sets_that_are_damaged)
{
    struct desk d;
    desk_start(&d);
    struct journal_zone row = put_chain(&d);
    struct seal_key part = delta_part(6, 1), small = delta_part(7, 0);
    desk_flip(&d, &part, -1);
    expect_no_deltas(&d, &row,
                     "the zone's change sets on disk: part 1: damaged: its checksum is wrong");
    put_delta(&d, 6, delta(11, 12, 500));
    batch_delete(&d.batch, STORE_DELTA, part.octets, part.len);
    desk_commit(&d);
    expect_no_deltas(&d, &row, "the zone's change sets on disk: part 1 is missing");
    put_delta(&d, 6, delta(11, 12, 500));
    struct buf value = {.len = 0};
    ck_assert(store_get(d.store, STORE_DELTA, small.octets, small.len, &value, &d.oops));
    uint8_t *content = value.data + SEAL_SIZE;
    size_t len = value.len - SEAL_SIZE;
    static const int damage[] = {12, 16, 24, 32}; /* last octets of counts and lengths */
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        content[damage[i]]++;
        desk_put(&d, &small, content, len);
        content[damage[i]]--;
        expect_no_deltas(&d, &row, "the zone's change sets on disk: one is damaged");
    }
    for (size_t cut = 1; cut < len; cut += 3) {
        desk_put(&d, &small, content, cut);
        expect_no_deltas(&d, &row, "the zone's change sets on disk: one is damaged");
    }
    memset(content + 16, 0xff, 16); /* lengths that overflow when added */
    desk_put(&d, &small, content, len);
    expect_no_deltas(&d, &row, "the zone's change sets on disk: one is damaged");
    buf_free(&value);
    desk_stop(&d);
}
END_TEST

TCase *case_journal_image(void)
{
    TCase *c = tcase_create("journal_image");
    tcase_add_test(c, images_of_every_size);
    tcase_add_test(c, a_large_image_comes_and_goes_in_slices);
    tcase_add_test(c, what_an_interrupted_write_left_is_gone);
    tcase_add_test(c, an_image_that_is_not_whole);
    tcase_add_test(c, change_sets_come_back);
    tcase_add_test(c, a_chain_that_is_broken);
    tcase_add_test(c, change_sets_that_are_damaged);
    return c;
}
