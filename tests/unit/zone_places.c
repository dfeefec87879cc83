/* zone_places.c - file and line of what a finding is about. */
#include "cases.h"
#include "zone/places.h"
#include "zonekit.h"
#include <string.h>

static void add(struct bulk *b, const char *owner, uint16_t type, const char *value, uint16_t file,
                uint32_t line)
{
    struct kit_record k;
    struct name n = kit_name(owner);
    bulk_add(b, kit_set(&k, n.octets, type, value), file, line);
}

static void expect(struct place p, const char *file, unsigned line)
{
    if (file == NULL) {
        ck_assert_ptr_null(p.file);
    } else {
        ck_assert_str_eq(p.file, file);
    }
    ck_assert_uint_eq(p.line, line);
    ck_assert_uint_eq(p.column, line > 0);
    ck_assert_ptr_null(p.source);
}

START_TEST(places_of_owners_and_records)
{
    static const struct zone_file_seen files[] = {{.path = "main"}, {.path = "sub/included"}};
    struct name apex = kit_name("e"), a = kit_name("A.e"), b = kit_name("b.e");
    struct kit_record k;
    struct bulk batch;
    bulk_start(&batch, apex.octets);
    add(&batch, "a.e", TYPE_NS, "y", 1, 70);
    add(&batch, "a.e", TYPE_NS, "x", 0, 9);
    add(&batch, "a.e", TYPE_A, "1", 0, 5);
    add(&batch, "e", TYPE_SOA, "1", 0, 1);
    add(&batch, "c.e", TYPE_A, "1", 0, 0); /* not known where */
    bulk_sort(&batch, NULL);
    struct zone_places places = {.batch = &batch, .files = files};
    expect(place_of_owner(&places, a.octets, 0), "main", 5);
    expect(place_of_owner(&places, a.octets, TYPE_NS), "main", 9);
    expect(place_of_owner(&places, a.octets, TYPE_TXT), NULL, 0);
    expect(place_of_owner(&places, b.octets, 0), NULL, 0);
    expect(place_of_record(&places, kit_set(&k, a.octets, TYPE_NS, "Y")), "sub/included", 70);
    expect(place_of_record(&places, kit_set(&k, a.octets, TYPE_NS, "z")), NULL, 0);
    expect(place_of_record(&places, kit_set(&k, b.octets, TYPE_NS, "y")), NULL, 0);
    expect(place_of_row(&places, 0), "main", 1);
    expect(place_of_row(&places, 4), NULL, 0);
    bulk_free(&batch);
}
END_TEST

START_TEST(without_a_text_there_is_no_place)
{
    struct name apex = kit_name("e");
    struct kit_record k;
    expect(place_of_owner(NULL, apex.octets, 0), NULL, 0);
    expect(place_of_record(NULL, kit_set(&k, apex.octets, TYPE_NS, "y")), NULL, 0);
    expect(place_of_row(NULL, 0), NULL, 0);
}
END_TEST

/* The disk counts how often it is asked; its files have these ids. */
struct disk {
    const char *text[3];
    uint64_t inode[3];
    unsigned reads;
};

static bool read_disk(void *ctx, const char *path, struct buf *out, struct file_id *id,
                      struct oops *o)
{
    struct disk *d = ctx;
    unsigned n = (unsigned)(path[0] - '0');
    d->reads++;
    if (d->text[n] == NULL) {
        return oops(o, "gone");
    }
    *id = (struct file_id){.inode = d->inode[n]};
    buf_add(out, d->text[n], strlen(d->text[n]));
    return true;
}

static void expect_line(struct place p, unsigned column, const char *line)
{
    ck_assert_uint_eq(p.column, column);
    ck_assert_uint_eq(p.source_len, strlen(line));
    ck_assert_mem_eq(p.source, line, strlen(line));
}

START_TEST(lines_are_read_again_unless_the_file_changed)
{
    static const struct zone_file_seen files[] = {{.path = "0", .id = {.inode = 1}},
                                                  {.path = "1", .id = {.inode = 2}},
                                                  {.path = "2", .id = {.size = 1 << 30}}};
    struct disk disk = {.text = {"one\n \ttwo\r\nthree", "first\n\nlast\n", "huge"},
                        .inode = {1, 2}};
    struct files read = {.read = read_disk, .ctx = &disk};
    struct places_text text = {.files = &read};
    struct name apex = kit_name("e");
    struct bulk batch;
    bulk_start(&batch, apex.octets);
    for (uint16_t i = 0; i < 7; i++) {
        add(&batch, "e", TYPE_TXT, (char[]){(char)('a' + i), '\0'}, i / 3, i % 3 + 1);
    }
    bulk_sort(&batch, NULL);
    struct zone_places places = {.batch = &batch, .files = files, .text = &text};
    expect_line(place_of_row(&places, 0), 1, "one");
    expect_line(place_of_row(&places, 1), 3, " \ttwo");
    expect_line(place_of_row(&places, 2), 1, "three");
    ck_assert_uint_eq(disk.reads, 1);
    expect_line(place_of_row(&places, 4), 1, "");
    expect_line(place_of_row(&places, 5), 1, "last");
    ck_assert_uint_eq(disk.reads, 2);
    expect(place_of_row(&places, 6), "2", 1); /* too large */
    ck_assert_uint_eq(disk.reads, 2);
    disk.inode[0] = 9; /* another file by now */
    expect(place_of_row(&places, 0), "0", 1);
    disk.text[1] = "short";
    expect(place_of_row(&places, 5), "1", 3);
    disk.text[1] = NULL;
    expect(place_of_row(&places, 0), "0", 1);
    expect(place_of_row(&places, 3), "1", 1);
    for (unsigned i = 0; i < 100; i++) {
        (void)place_of_row(&places, i % 2 * 3);
    }
    ck_assert_uint_le(disk.reads, 20);
    buf_free(&text.content);
    bulk_free(&batch);
}
END_TEST

/* A file with very many findings: the octets that are walked to show their lines have a bound. */
START_TEST(lines_are_searched_for_within_a_bound)
{
    enum { BEHIND = 1 << 19, BOUND = 1 << 28 };
    static const struct zone_file_seen files[] = {{.path = "0", .id = {.inode = 1}}};
    struct disk disk = {.inode = {1}};
    struct files read = {.read = read_disk, .ctx = &disk};
    struct places_text text = {.files = &read, .walked = BOUND - 4 * BEHIND};
    struct name apex = kit_name("e");
    struct bulk batch;
    char *long_file = malloc(BEHIND + 16);
    memset(long_file, ';', BEHIND);
    strcpy(long_file + BEHIND, "\nlast\n");
    disk.text[0] = long_file;
    bulk_start(&batch, apex.octets);
    add(&batch, "e", TYPE_TXT, "a", 0, 2);
    bulk_sort(&batch, NULL);
    struct zone_places places = {.batch = &batch, .files = files, .text = &text};
    unsigned shown = 0;
    while (shown < 10 && place_of_row(&places, 0).source != NULL) {
        shown++;
    }
    ck_assert(shown >= 4 && shown <= 5);
    expect(place_of_row(&places, 0), "0", 2); /* the place is said all the same */
    free(long_file);
    buf_free(&text.content);
    bulk_free(&batch);
}
END_TEST

START_TEST(one_owner_ends_before_the_next)
{
    static const struct zone_file_seen files[] = {{.path = "f"}};
    struct name apex = kit_name("e"), a = kit_name("a.e");
    struct kit_record k;
    struct bulk batch;
    bulk_start(&batch, apex.octets);
    add(&batch, "a.e", TYPE_TXT, "x", 0, 1);
    add(&batch, "b.e", TYPE_TXT, "y", 0, 2);
    bulk_sort(&batch, NULL);
    struct zone_places places = {.batch = &batch, .files = files};
    expect(place_of_record(&places, kit_set(&k, a.octets, TYPE_TXT, "y")), NULL, 0);
    bulk_free(&batch);
}
END_TEST

TCase *case_zone_places(void)
{
    TCase *c = tcase_create("zone_places");
    tcase_add_test(c, places_of_owners_and_records);
    tcase_add_test(c, lines_are_read_again_unless_the_file_changed);
    tcase_add_test(c, lines_are_searched_for_within_a_bound);
    tcase_add_test(c, one_owner_ends_before_the_next);
    tcase_add_test(c, without_a_text_there_is_no_place);
    return c;
}
