/* zone_text.c - one reading of a whole zone: everything wrong in it at once, and its limits. */
#include "zone_memory.h"

START_TEST(all_faults_come_at_once_and_the_rest_is_read)
{
    struct zone_disk disk = {.files = {{.path = "z",
                                        .text = "$TTL 1\r\n"
                                                "a A x\r\n"
                                                "b A 192.0.2.1\r\n"
                                                "c TXT (\r\n  \"d\r\n  e )\r\n"
                                                "f A 192.0.2.2\r\n"
                                                "g MX ( 10\r\n"
                                                "h A 192.0.2.3\r\n"
                                                "i A"}}};
    struct zone_heard h = {.count = 0};
    zone_hear(&disk, &h);
    ck_assert_str_eq(buf_text(&h.report.text),
                     "z:2:5: error: A: expected an IPv4 address, like 192.0.2.1\n  a A x\n      ^\n"
                     "z:5:3: error: TXT: the quote that opens here is not closed on this line\n    \"d\n    ^\n"
                     "z:8:6: error: this '(' is never closed\n  g MX ( 10\n       ^\n"
                     "z:10:4: error: A: expected an IPv4 address, like 192.0.2.1, but nothing follows\n  i A\n     ^\n");
    ck_assert_str_eq(buf_text(&h.records), "b.example.com. 1 IN A 192.0.2.1\n"
                                           "f.example.com. 1 IN A 192.0.2.2\n"
                                           "h.example.com. 1 IN A 192.0.2.3\n");
    ck_assert(!h.ok && h.report.errors == 4);
    zone_heard_free(&h);
}
END_TEST

START_TEST(a_zone_that_cannot_be_read)
{
    struct name apex;
    struct zone_disk disk = {.files = {{.path = NULL}}};
    struct files files = {.read = zone_disk_read, .ctx = &disk};
    struct report report = {.errors = 0};
    ck_assert(name_from("example.com", &apex));
    struct zone_text t = {.apex = apex.octets, .path = "gone", .files = &files, .record = zone_hear_record};
    ck_assert(!zone_text_read(&t, &report));
    ck_assert_str_eq(buf_text(&report.text), "gone: error: gone: no such file\n");
    report_free(&report);
}
END_TEST

START_TEST(an_empty_file_has_no_records)
{
    zone_expect_records("", "");
    zone_expect_records("\n\n ; nothing\n", "");
}
END_TEST

START_TEST(records_have_a_limit)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = "$TTL 1\n@ A 192.0.2.1\n@ A 192.0.2.2\n@ A 192.0.2.3\n"}}};
    struct zone_heard h = {.count = 0};
    zone_hear_limited(&disk, (struct zone_text_limits){.records = 2}, &h);
    ck_assert(!h.ok && h.count == 2);
    ck_assert_str_eq(report_first(&h.report), "z:4:1: error: more than 2 records");
    zone_heard_free(&h);
}
END_TEST

START_TEST(who_asked_may_stop_it)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = "$TTL 1\n@ A 192.0.2.1\n@ A 192.0.2.2\n"}}};
    struct zone_heard h = {.count = 0, .most = 1};
    zone_hear(&disk, &h);
    ck_assert(!h.ok && h.count == 1 && h.report.errors == 0);
    zone_heard_free(&h);
}
END_TEST

TCase *case_zone_text(void)
{
    TCase *c = tcase_create("zone_text");
    tcase_add_test(c, all_faults_come_at_once_and_the_rest_is_read);
    tcase_add_test(c, a_zone_that_cannot_be_read);
    tcase_add_test(c, an_empty_file_has_no_records);
    tcase_add_test(c, records_have_a_limit);
    tcase_add_test(c, who_asked_may_stop_it);
    return c;
}
