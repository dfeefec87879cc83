/* config_manual.c - the manual's option section, and that the manual's example is valid. */
#include "config/options.h"
#include "config_memory.h"
#include <stdio.h>

#define MANUAL "man/settled.conf.5.in"

START_TEST(prints_every_option)
{
    struct buf out = {.len = 0};
    config_print_manual(&out);
    const char *text = buf_text(&out);
    ck_assert_ptr_nonnull(strstr(text, ".Ss server\nThe daemon itself"));
    ck_assert_ptr_nonnull(strstr(
        text, ".It Cm refresh\\-min : Ar time\n"
              "Never ask the primaries for the serial more often than this, whatever the SOA\n"
              "says, unless a NOTIFY came.\n"
              "Role: secondary, cache.\n"
              "Range: 1s to 1d.\n"
              "Default: 60s.\n"));
    ck_assert_ptr_nonnull(
        strstr(text, ".It Cm level : Cm error | warning | notice | info | debug\n"));
    ck_assert_ptr_nonnull(strstr(text, ".It Cm keys , section\n"));
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        char first[12]; /* of the name: hyphens are escaped */
        snprintf(first, sizeof first, "%.*s", (int)strcspn(o->name, "-"), o->name);
        ck_assert_msg(strstr(text, first) != NULL, "%s", o->name);
    }
    buf_free(&out);
}
END_TEST

START_TEST(keeps_the_rules_of_mdoc)
{
    struct buf out = {.len = 0};
    config_print_manual(&out);
    for (const char *at = buf_text(&out); *at != '\0';) {
        size_t len = strcspn(at, "\n");
        ck_assert_uint_le(len, 100);
        ck_assert_msg(len > 0, "an empty line");
        ck_assert(at[0] != '.' || (at[1] >= 'A' && at[1] <= 'Z'));
        ck_assert(at[0] != '\'' && at[len - 1] != ' ');
        at += len + 1;
    }
    buf_free(&out);
}
END_TEST

/* The literal text under EXAMPLES, without the marks of roff. */
static void read_example(struct buf *out)
{
    char path[512], line[512];
    const char *top = getenv("srcdir"); /* set by make */
    bool in_section = false, in_text = false;
    snprintf(path, sizeof path, "%s/%s", top == NULL ? "." : top, MANUAL);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s cannot be read", path);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, ".Sh ", 4) == 0) {
            in_section = strcmp(line, ".Sh EXAMPLES\n") == 0;
        }
        if (line[0] == '.') {
            in_text = in_section && strncmp(line, ".Bd", 3) == 0;
            continue;
        }
        for (const char *c = line; in_text && *c != '\0'; c++) {
            if (*c != '\\') {
                buf_add_u8(out, (uint8_t)*c);
            }
        }
    }
    fclose(f);
}

START_TEST(the_example_is_valid)
{
    struct buf text = {.len = 0};
    read_example(&text);
    struct config *c = good_config(buf_text(&text));
    ck_assert_uint_eq(c->zone_count, 4);
    ck_assert_uint_eq(c->peer_count, 3);
    config_free(c);
    buf_free(&text);
}
END_TEST

TCase *case_config_manual(void)
{
    TCase *c = tcase_create("config_manual");
    tcase_add_test(c, prints_every_option);
    tcase_add_test(c, keeps_the_rules_of_mdoc);
    tcase_add_test(c, the_example_is_valid);
    return c;
}
