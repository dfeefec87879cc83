/* zone_directive.c - $ORIGIN, $TTL and $INCLUDE with their arguments, and what is no directive. */
#include "zone_memory.h"

START_TEST(origin_and_ttl)
{
    zone_expect_records("$ttl 1h ; comment\n"
                        "$ORIGIN a\n@ A 192.0.2.1\n"
                        "$ORIGIN b\n@ A 192.0.2.2\n"
                        "$ORIGIN example.com.\nx A 192.0.2.3\n"
                        "$ORIGIN com.\n$TTL 5\nexample A 192.0.2.4\n"
                        "$ORIGIN .\nx.example.com A 192.0.2.5\n"
                        "\\$TTL.example.com 7 A 192.0.2.6\n",
                        "a.example.com. 3600 IN A 192.0.2.1\n"
                        "b.a.example.com. 3600 IN A 192.0.2.2\n"
                        "x.example.com. 3600 IN A 192.0.2.3\n"
                        "example.com. 5 IN A 192.0.2.4\n"
                        "x.example.com. 5 IN A 192.0.2.5\n"
                        "\\$TTL.example.com. 7 IN A 192.0.2.6\n");
}
END_TEST

static const struct zone_fault faults[] = {
    {"$TTL", 5, "$TTL: expected a time: seconds, or numbers with units as in 1h30m, but nothing follows"},
    {"$TTL 1x", 6, "$TTL: expected a time: seconds, or numbers with units as in 1h30m (w, d, h, m, s)"},
    {"$TTL 1 2", 8, "$TTL: nothing more is expected on this line"},
    {"$TLL 3600", 1, "unknown directive; did you mean $TTL?"},
    {"$FOO", 1,
     "unknown directive: expected $ORIGIN, $TTL, $INCLUDE or $GENERATE (a name that begins with '$' is written "
     "\\$...)"},
    {"$ORIGIN", 8, "$ORIGIN: expected a domain name, but nothing follows"},
    {"$ORIGIN a..b", 9, "$ORIGIN: empty label"},
    {"$ORIGIN a b", 11, "$ORIGIN: nothing more is expected on this line"},
    {"$INCLUDE", 9, "$INCLUDE: expected a text, in quotes if it has blanks, but nothing follows"},
    {"$INCLUDE \"\"", 10, "$INCLUDE: expected the name of a file"},
    {"$INCLUDE a\\000b", 10, "$INCLUDE: expected the name of a file"},
    {"$INCLUDE a b c", 14, "$INCLUDE: nothing more is expected on this line"},
    {"$INCLUDE a b..c", 12, "$INCLUDE: empty label"},
    {"$INCLUDE gone.inc", 1, "gone.inc: no such file"},
};

START_TEST(a_fault_is_named_with_its_place)
{
    zone_expect_fault(&faults[_i], "error");
}
END_TEST

START_TEST(a_directive_begins_its_line)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = "a 1 A 192.0.2.1\n $TTL 5\n"}}};
    struct zone_heard h = {.count = 0};
    zone_hear(&disk, &h);
    ck_assert_str_eq(report_first(&h.report), "z:2:2: error: a directive begins in the first column");
    zone_heard_free(&h);
}
END_TEST

START_TEST(an_origin_twice_is_doubted)
{
    static const struct zone_fault fault = {
        "$ORIGIN sub.example.com", 9, "this name has no final dot, so the origin is put behind it once more"};
    zone_expect_fault(&fault, "warning");
}
END_TEST

TCase *case_zone_directive(void)
{
    TCase *c = tcase_create("zone_directive");
    tcase_add_test(c, origin_and_ttl);
    tcase_add_loop_test(c, a_fault_is_named_with_its_place, 0, (int)(sizeof faults / sizeof faults[0]));
    tcase_add_test(c, a_directive_begins_its_line);
    tcase_add_test(c, an_origin_twice_is_doubted);
    return c;
}
