/* wire_fields.c - tests of the length of each field of rdata, by its letter. */
#include "cases.h"
#include "wire/fields.h"

static size_t size(char letter, const char *octets, size_t left)
{
    return field_size(letter, (const uint8_t *)octets, left);
}

START_TEST(fixed_fields)
{
    static const struct {
        char letter;
        size_t size;
    } rows[] = {{'b', 1}, {'h', 2}, {'T', 2}, {'w', 4}, {'t', 4}, {'l', 4}, {'4', 4}, {'6', 16}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static const char zeros[20];
        ck_assert_uint_eq(size(rows[i].letter, zeros, sizeof zeros), rows[i].size);
        ck_assert_uint_eq(size(rows[i].letter, zeros, rows[i].size), rows[i].size);
        ck_assert_uint_eq(size(rows[i].letter, zeros, rows[i].size - 1), FIELD_BAD);
    }
}
END_TEST

START_TEST(names_and_strings)
{
    for (const char *letter = "ndN"; *letter != '\0'; letter++) {
        ck_assert_uint_eq(size(*letter, "\1a\0rest", 7), 3);
        ck_assert_uint_eq(size(*letter, "\1a", 2), FIELD_BAD);
        ck_assert_uint_eq(size(*letter, "\xc0\x00", 2), FIELD_BAD);
    }
    for (const char *letter = "sX"; *letter != '\0'; letter++) {
        ck_assert_uint_eq(size(*letter, "\2abc", 4), 3);
        ck_assert_uint_eq(size(*letter, "\0", 1), 1);
        ck_assert_uint_eq(size(*letter, "\2a", 2), FIELD_BAD);
        ck_assert_uint_eq(size(*letter, "", 0), FIELD_BAD);
    }
    ck_assert_uint_eq(size('H', "\2abc", 4), 3);
    ck_assert_uint_eq(size('H', "\0", 1), FIELD_BAD);
    ck_assert_uint_eq(size('S', "\1a\0\2bc", 6), 6);
    ck_assert_uint_eq(size('S', "\1a\3bc", 5), FIELD_BAD);
    ck_assert_uint_eq(size('S', "", 0), FIELD_BAD);
}
END_TEST

START_TEST(rests)
{
    for (const char *letter = "qxB*"; *letter != '\0'; letter++) {
        ck_assert_uint_eq(size(*letter, "abc", 3), 3);
        ck_assert_uint_eq(size(*letter, "", 0), 0);
    }
}
END_TEST

START_TEST(bitmaps)
{
    ck_assert_uint_eq(size('m', "", 0), 0);
    ck_assert_uint_eq(size('m', "\0\1\x40", 3), 3);
    ck_assert_uint_eq(size('m', "\0\1\x40\1\2\0\1", 7), 7);
    ck_assert_uint_eq(size('m', "\0", 1), FIELD_BAD);
    ck_assert_uint_eq(size('m', "\0\0", 2), FIELD_BAD);             /* an empty window */
    ck_assert_uint_eq(size('m', "\0\2\x40", 3), FIELD_BAD);         /* runs over */
    ck_assert_uint_eq(size('m', "\0\2\x40\0", 4), FIELD_BAD);       /* trailing zero */
    ck_assert_uint_eq(size('m', "\1\1\x40\1\1\x40", 6), FIELD_BAD); /* the same window */
    ck_assert_uint_eq(size('m', "\1\1\x40\0\1\x40", 6), FIELD_BAD); /* descending */
    static const char wide[36] = {0, 33, [34] = 1};
    ck_assert_uint_eq(size('m', wide, 35), FIELD_BAD);
}
END_TEST

START_TEST(folding_letters)
{
    ck_assert(field_folds('n') && field_folds('d'));
    ck_assert(!field_folds('N') && !field_folds('s'));
}
END_TEST

TCase *case_wire_fields(void)
{
    TCase *c = tcase_create("wire_fields");
    tcase_add_test(c, fixed_fields);
    tcase_add_test(c, names_and_strings);
    tcase_add_test(c, rests);
    tcase_add_test(c, bitmaps);
    tcase_add_test(c, folding_letters);
    return c;
}
