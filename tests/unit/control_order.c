/* control_order.c - lines and last lines, and times as people say them. */
#include "cases.h"
#include "control/order.h"
#include <string.h>

static json_t *last;

static void keep(struct order *o, json_t *line)
{
    (void)o;
    json_decref(last);
    last = line;
}

START_TEST(span_words)
{
    static const struct {
        int64_t ms;
        const char *text;
    } spans[] = {
        {-5, "0 ms"},           {0, "0 ms"},           {850, "850 ms"},      {999, "999 ms"},
        {1000, "1 s"},          {59999, "59 s"},       {60000, "1 min 0 s"}, {200000, "3 min 20 s"},
        {7500000, "2 h 5 min"}, {273600000, "3 d 4 h"}};
    for (unsigned i = 0; i < sizeof spans / sizeof *spans; i++) {
        char out[32];
        ck_assert_str_eq(span_text(spans[i].ms, out), spans[i].text);
    }
}
END_TEST

START_TEST(moments)
{
    char out[21];
    ck_assert_str_eq(wall_text((struct wall){0}, out), "-");
    ck_assert_str_eq(wall_text((struct wall){INT64_C(1700000000000)}, out), "2023-11-14T22:13:20Z");
}
END_TEST

START_TEST(a_line_has_text_and_fields)
{
    struct order o = {.send = keep};
    say(&o, json_pack("{s:i}", "n", 7), "seven is %d", 7);
    ck_assert_str_eq(json_string_value(json_object_get(last, "text")), "seven is 7");
    ck_assert_int_eq(json_integer_value(json_object_get(last, "n")), 7);
    ck_assert_ptr_null(json_object_get(last, "exit"));
    say(&o, NULL, "%s", "\xff\xfe"); /* not UTF-8: still a line */
    ck_assert_str_eq(json_string_value(json_object_get(last, "text")), "(not printable)");
    ck_assert(!o.finished);
    finish(&o, CONTROL_NOT_SETTLED, NULL, "late");
    ck_assert(o.finished);
    ck_assert_ptr_null(o.again);
    ck_assert_int_eq(json_integer_value(json_object_get(last, "exit")), 3);
    json_decref(last);
    last = NULL;
}
END_TEST

TCase *case_control_order(void)
{
    TCase *c = tcase_create("control_order");
    tcase_add_test(c, span_words);
    tcase_add_test(c, moments);
    tcase_add_test(c, a_line_has_text_and_fields);
    return c;
}
