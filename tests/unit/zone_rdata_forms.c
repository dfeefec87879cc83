/* zone_rdata_forms.c - every type whose layout does not say it all has a form of its own, and no
 * other. */
#include "zone/rdata_text.h"
#include "wire/rrtype.h"
#include "cases.h"
#include <string.h>

START_TEST(forms_and_layouts_agree)
{
    for (unsigned type = 0; type < 65536; type++) {
        const char *layout = rrtype_layout((uint16_t)type);
        bool needs = layout != NULL && strchr(layout, '*') != NULL;
        if (needs != (rdata_form((uint16_t)type) != NULL)) {
            ck_abort_msg("type %u", type);
        }
    }
}
END_TEST

START_TEST(names_and_addresses)
{
    struct buf out = {.len = 0};
    rdata_print_name(name_root, &out);
    rdata_print_address((const uint8_t *)"\xc0\0\2\1", 4, &out);
    rdata_print_address((const uint8_t *)"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16, &out);
    ck_assert_str_eq(buf_text(&out), ".192.0.2.1::1");
    buf_free(&out);
}
END_TEST

TCase *case_zone_rdata_forms(void)
{
    TCase *c = tcase_create("zone_rdata_forms");
    tcase_add_test(c, forms_and_layouts_agree);
    tcase_add_test(c, names_and_addresses);
    return c;
}
