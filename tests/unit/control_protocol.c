/* control_protocol.c - the table of commands: each row can be used by client and daemon alike. */
#include "cases.h"
#include "control/order.h"
#include <string.h>

START_TEST(rows_are_complete_and_fit_an_order)
{
    struct order o;
    unsigned rows = 0;
    for (const struct command_row *r = command_rows; r->word != NULL; r++, rows++) {
        size_t len = strlen(r->word);
        ck_assert_int_le(r->least, r->most);
        ck_assert_int_le(r->most, (int)(sizeof o.arguments / sizeof *o.arguments));
        ck_assert_msg(strncmp(r->usage, r->word, len) == 0, "%s", r->usage);
        ck_assert_uint_gt(strlen(r->text), 5);
        for (const char *c = r->options; *c != '\0'; c++) {
            ck_assert_ptr_nonnull(strchr("ftFbP", *c));
        }
        for (const struct command_row *other = command_rows; other != r; other++) {
            ck_assert_str_ne(other->word, r->word);
        }
    }
    ck_assert_uint_eq(rows, 15);
}
END_TEST

TCase *case_control_protocol(void)
{
    TCase *c = tcase_create("control_protocol");
    tcase_add_test(c, rows_are_complete_and_fit_an_order);
    return c;
}
