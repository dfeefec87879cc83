/* wire_rrtype.c - tests of the table of RR types: every row found both ways, ordered, with a
 * layout that makes sense. */
#include "cases.h"
#include "wire/rrtype.h"
#include <ctype.h>
#include <string.h>

struct row {
    const char *mnemonic;
    unsigned code;
    const char *layout;
    const char *where;
};
static const struct row rows[] = {
#define RRTYPE(text, number, form, where) {text, number, form, where},
#include "wire/rrtype.def"
#undef RRTYPE
};
#define ROWS (sizeof rows / sizeof rows[0])

START_TEST(every_row_is_found_both_ways)
{
    for (size_t i = 0; i < ROWS; i++) {
        char text[RRTYPE_TEXT], small[RRTYPE_TEXT];
        uint16_t code = 0;
        ck_assert_str_eq(rrtype_print((uint16_t)rows[i].code, text), rows[i].mnemonic);
        ck_assert_str_eq(rrtype_mnemonic((uint16_t)rows[i].code), rows[i].mnemonic);
        ck_assert_pstr_eq(rrtype_layout((uint16_t)rows[i].code), rows[i].layout);
        for (size_t c = 0; c <= strlen(text); c++) {
            small[c] = (char)tolower((unsigned char)text[c]);
        }
        ck_assert(rrtype_parse(small, strlen(small), &code));
        ck_assert_uint_eq(code, rows[i].code);
    }
}
END_TEST

START_TEST(rows_are_ordered_and_well_formed)
{
    for (size_t i = 0; i < ROWS; i++) {
        const char *layout = rows[i].layout != NULL ? rows[i].layout : "";
        size_t rest = strcspn(layout, "SqxBm*");
        ck_assert(i == 0 || rows[i - 1].code < rows[i].code);
        ck_assert_uint_eq(strspn(layout, "bhwtTl46ndNsSqxXBHm*"), strlen(layout));
        ck_assert_msg(rest + 1 >= strlen(layout), "%s: fields behind the rest", rows[i].mnemonic);
        ck_assert_uint_gt(strlen(rows[i].where), 0);
        ck_assert(!rrtype_is_meta((uint16_t)rows[i].code) || rows[i].layout == NULL);
    }
}
END_TEST

START_TEST(unknown_types_have_numbers)
{
    char text[RRTYPE_TEXT];
    uint16_t type = 7;
    ck_assert_str_eq(rrtype_print(65280, text), "TYPE65280");
    ck_assert_ptr_null(rrtype_mnemonic(65280));
    ck_assert_ptr_null(rrtype_layout(65280));
    ck_assert(rrtype_parse("TYPE65280", 9, &type) && type == 65280);
    ck_assert(rrtype_parse("type1", 5, &type) && type == TYPE_A);
    ck_assert(rrtype_parse("TYPE0", 5, &type) && type == 0);
    type = 7;
    ck_assert(!rrtype_parse("TYPE65536", 9, &type));
    ck_assert(!rrtype_parse("TYPE", 4, &type));
    ck_assert(!rrtype_parse("TYPE1x", 6, &type));
    ck_assert(!rrtype_parse("TYPE-1", 6, &type));
    ck_assert(!rrtype_parse("TYPE000001", 10, &type));
    ck_assert(!rrtype_parse("", 0, &type));
    ck_assert(!rrtype_parse("AX", 2, &type));
    ck_assert(!rrtype_parse("IN", 2, &type));
    ck_assert_uint_eq(type, 7);
}
END_TEST

START_TEST(meta_types)
{
    ck_assert(rrtype_is_meta(0));
    ck_assert(rrtype_is_meta(TYPE_OPT));
    ck_assert(rrtype_is_meta(TYPE_TSIG));
    ck_assert(rrtype_is_meta(TYPE_ANY));
    ck_assert(rrtype_is_meta(128));
    ck_assert(!rrtype_is_meta(TYPE_A));
    ck_assert(!rrtype_is_meta(127));
    ck_assert(!rrtype_is_meta(TYPE_URI));
    ck_assert(!rrtype_is_meta(65280));
}
END_TEST

TCase *case_wire_rrtype(void)
{
    TCase *c = tcase_create("wire_rrtype");
    tcase_add_test(c, every_row_is_found_both_ways);
    tcase_add_test(c, rows_are_ordered_and_well_formed);
    tcase_add_test(c, unknown_types_have_numbers);
    tcase_add_test(c, meta_types);
    return c;
}
