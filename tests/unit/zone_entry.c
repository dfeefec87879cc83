/* zone_entry.c - records of zone text: owner, TTL, class and type, and each way to get them
 * wrong. */
#include "zone_memory.h"

START_TEST(owners)
{
    zone_expect_records("$TTL 60\n"
                        "@ A 192.0.2.1\n"
                        "\tA 192.0.2.2\n"
                        "www A 192.0.2.3\n"
                        "   A 192.0.2.4\n"
                        "example.com. A 192.0.2.5\n"
                        "$ORIGIN sub\n"
                        " A 192.0.2.6\n"
                        "@ A 192.0.2.7\n"
                        "a.b A 192.0.2.8\n"
                        "\\@ A 192.0.2.9\n"
                        "a\\.b.c\\032d A 192.0.2.10\n"
                        "*.WWW A 192.0.2.11",
                        "example.com. 60 IN A 192.0.2.1\n"
                        "example.com. 60 IN A 192.0.2.2\n"
                        "www.example.com. 60 IN A 192.0.2.3\n"
                        "www.example.com. 60 IN A 192.0.2.4\n"
                        "example.com. 60 IN A 192.0.2.5\n"
                        "example.com. 60 IN A 192.0.2.6\n"
                        "sub.example.com. 60 IN A 192.0.2.7\n"
                        "a.b.sub.example.com. 60 IN A 192.0.2.8\n"
                        "\\@.sub.example.com. 60 IN A 192.0.2.9\n"
                        "a\\.b.c\\032d.sub.example.com. 60 IN A 192.0.2.10\n"
                        "*.WWW.sub.example.com. 60 IN A 192.0.2.11\n");
}
END_TEST

START_TEST(ttl_and_class_in_either_order)
{
    zone_expect_records("a 1 IN A 192.0.2.1\n"
                        "a IN 2 A 192.0.2.1\n"
                        "a in 1h30m a 192.0.2.1\n"
                        "a CLASS1 4 TYPE1 192.0.2.1\n"
                        "a 5 A 192.0.2.1\n"
                        "a 2147483647 A 192.0.2.1\n"
                        "a 0 A 192.0.2.1\n"
                        "a ( 7\n IN\n A 192.0.2.1 )\n",
                        "a.example.com. 1 IN A 192.0.2.1\n"
                        "a.example.com. 2 IN A 192.0.2.1\n"
                        "a.example.com. 5400 IN A 192.0.2.1\n"
                        "a.example.com. 4 IN A 192.0.2.1\n"
                        "a.example.com. 5 IN A 192.0.2.1\n"
                        "a.example.com. 2147483647 IN A 192.0.2.1\n"
                        "a.example.com. 0 IN A 192.0.2.1\n"
                        "a.example.com. 7 IN A 192.0.2.1\n");
}
END_TEST

/* The TTLs a text gives, blanks between, and how many warnings. */
static void expect_ttls(const char *text, const char *ttls, unsigned warnings)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = text}}};
    struct zone_heard h = {.count = 0};
    zone_hear(&disk, &h);
    struct buf seen = {.len = 0};
    for (const char *line = buf_text(&h.records); *line != '\0'; line = strchr(line, '\n') + 1) {
        buf_print(&seen, "%u ", (unsigned)strtoul(strchr(line, ' '), NULL, 10));
    }
    ck_assert_str_eq(buf_text(&seen), ttls);
    ck_assert_uint_eq(h.report.warnings, warnings);
    buf_free(&seen);
    zone_heard_free(&h);
}

START_TEST(where_a_ttl_comes_from)
{
    /* RFC 2308 4: the default, even when a record before had its own */
    expect_ttls("$TTL 60\n@ A 192.0.2.1\n@ 5 A 192.0.2.1\n@ A 192.0.2.1\n$TTL 1m\n@ A 192.0.2.1\n", "60 5 60 60 ",
                0);
    /* RFC 1035 5.1: the last one; said once */
    expect_ttls("@ 5 A 192.0.2.1\n@ A 192.0.2.1\n@ 7 A 192.0.2.1\n@ A 192.0.2.1\n", "5 5 7 7 ", 1);
    /* as BIND: the SOA's MINIMUM, for all that follow */
    expect_ttls("@ SOA a b 1 2 3 4 99\n@ A 192.0.2.1\n@ 7 A 192.0.2.1\n@ A 192.0.2.1\n", "99 99 7 99 ", 1);
    expect_ttls("@ 6 SOA a b 1 2 3 4 99\n@ A 192.0.2.1\n", "6 6 ", 1);
    expect_ttls("@ A 192.0.2.1\n", "", 0);
}
END_TEST

static const struct zone_fault faults[] = {
    {"www A 192.0.2.300", 7, "A: expected an IPv4 address, like 192.0.2.1"},
    {"www A", 6, "A: expected an IPv4 address, like 192.0.2.1, but nothing follows"},
    {"www A 2001:db8::1", 7, "A: expected an IPv4 address, like 192.0.2.1; an IPv6 address stands in AAAA"},
    {"www AAAA 192.0.2.1", 10, "AAAA: expected an IPv6 address, like 2001:db8::1; an IPv4 address stands in A"},
    {"www AAAAA 2001:db8::1", 5, "unknown type 'AAAAA'; did you mean AAAA?"},
    {"www FOO x", 5, "unknown type 'FOO'"},
    {"www TYPE65536 x", 5, "unknown type 'TYPE65536'"},
    {"NS ns1.example.com.", 4,
     "unknown type 'ns1.example.com.'; 'NS' in the first column was read as the owner name: a line without one "
     "begins with a blank"},
    {"www CH A 192.0.2.1", 5, "only class IN is served"},
    {"www CLASS3 A 192.0.2.1", 5, "only class IN is served"},
    {"www 1 2 A 192.0.2.1", 7, "a second TTL; expected a type, like A"},
    {"www IN IN A 192.0.2.1", 8, "a second class; expected a type, like A"},
    {"www 1h30 A 192.0.2.1", 5,
     "TTL: expected a time: each number needs a unit, as in 1h30m (w, d, h, m, s)"},
    {"www 3600x A 192.0.2.1", 5,
     "TTL: expected a time: seconds, or numbers with units as in 1h30m (w, d, h, m, s)"},
    {"www 2147483648 A 192.0.2.1", 5, "TTL: a time above 2147483647 seconds (RFC 2181 8)"},
    {"www ANY x", 5, "this type is for questions and messages; it cannot stand in a zone"},
    {"www OPT x", 5, "this type is for questions and messages; it cannot stand in a zone"},
    {"www TYPE0 \\# 0", 5, "this type is for questions and messages; it cannot stand in a zone"},
    {"www", 4, "record: expected a type, like A, perhaps TTL and class before it, but nothing follows"},
    {"www IN 60 ; A", 10, "record: expected a type, like A, perhaps TTL and class before it, but nothing follows"},
    {"www \"A\" 192.0.2.1", 5, "record: expected a type, like A, perhaps TTL and class before it"},
    {"\"www\" A 192.0.2.1", 1, "owner name: expected a domain name, which stands without quotes"},
    {"foo..bar A 192.0.2.1", 1, "owner name: empty label"},
    {".foo A 192.0.2.1", 1, "owner name: empty label"},
    {"a23456789012345678901234567890123456789012345678901234567890abcd A 192.0.2.1", 1,
     "owner name: label longer than 63 octets"},
    {"www\\25 A 192.0.2.1", 1, "owner name: backslash and a digit, but not three digits"},
    {" A 192.0.2.1", 2,
     "the first record needs an owner name in the first column; a line that begins with a blank belongs to the "
     "owner before it"},
    {"www A 192.0.2.1 192.0.2.2", 17, "A: nothing more is expected here"},
    {"www A 192.0.2.1 )", 17, "A: this ')' has no '(' before it"},
    {"www A ( 192.0.2.1", 7, "this '(' is never closed"},
    {"www TXT \"abc", 9, "TXT: the quote that opens here is not closed on this line"},
    {"www TXT a\"b\"", 10, "TXT: a quote in the middle of a word: put a blank before it, or write \\\""},
    {"www TXT \"a\"b", 12, "TXT: a blank is missing after the closing quote"},
    {"www TXT k=\"v\"", 11, "TXT: a quote in the middle of a word: put a blank before it, or write \\\""},
    {"www TXT a\\256", 10, "TXT: expected three digits behind '\\', from \\000 to \\255"},
    {"www TXT \\", 9, "TXT: nothing follows this '\\' (a backslash itself is written \\\\)"},
    {"www MX mail", 8, "MX preference: expected a number from 0 to 65535"},
    {"www MX 65536 mail", 8, "MX preference: expected a number from 0 to 65535"},
    {"www MX 10", 10, "MX mail server: expected a domain name, but nothing follows"},
    {"www SRV 1 2 3", 14, "SRV target: expected a domain name, but nothing follows"},
    {"@ SOA a b 1 2 3 4", 18,
     "SOA minimum: expected a time: seconds, or numbers with units as in 1h30m, but nothing follows"},
    {"@ SOA a b 1h 2 3 4 5", 11, "SOA serial: expected a number from 0 to 4294967295"},
    {"@ SOA a b ( 1 2 3 4", 11, "this '(' is never closed"},
    {"www CAA 0 is-sue \"x\"", 11, "CAA tag: expected a tag of letters and digits, like issue"},
    {"www DS 1 FOO 2 abcd", 10,
     "DS algorithm: expected a number from 0 to 255, or an algorithm's mnemonic, like RSASHA256"},
    {"www NSEC a MXX", 12, "NSEC: unknown RR type; did you mean MX?"},
};

START_TEST(a_fault_is_named_with_its_place)
{
    zone_expect_fault(&faults[_i], "error");
}
END_TEST

static const struct zone_fault doubts[] = {
    {"www.example.com A 192.0.2.1", 1,
     "this name has no final dot, so the origin is put behind it once more"},
    {"@ NS ns.example.com", 6, "this name has no final dot, so the origin is put behind it once more"},
    {"@ NS 192.0.2.53", 6,
     "a name is expected here; this looks like an address, and is taken as a name below the origin"},
    {"@ SOA ns host@example.com. 1 2 3 4 5", 10, "in a mailbox a '.' stands for the '@' (RFC 1035 8)"},
    {"in A 192.0.2.1", 1, "IN is read as an owner name here; a line without one begins with a blank"},
    {"www.example.org. A 192.0.2.1", 1,
     "www.example.org. is not in the zone example.com.: its records are left out"},
};

START_TEST(a_doubt_is_a_warning)
{
    zone_expect_fault(&doubts[_i], "warning");
}
END_TEST

START_TEST(an_owner_that_does_not_begin_its_line)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = "$TTL 1\na A 192.0.2.1\n www IN A 192.0.2.2\n"}}};
    struct zone_heard h = {.count = 0};
    zone_hear(&disk, &h);
    ck_assert_str_eq(report_first(&h.report),
                     "z:3:2: error: expected TTL, class or type: this line begins with a blank, so it belongs to "
                     "the owner before it; is 'www' meant as an owner name? These begin in the first column");
    zone_heard_free(&h);
}
END_TEST

START_TEST(what_is_outside_is_left_out)
{
    struct zone_disk disk = {.files = {{.path = "z",
                                        .text = "$TTL 1\nexample.org. A 192.0.2.1\n TXT \"gone, too\"\nxexample.com. A "
                                                "192.0.2.1\nwww A 192.0.2.2\n"}}};
    struct zone_heard h = {.count = 0};
    zone_hear(&disk, &h);
    ck_assert(h.ok && h.report.warnings == 2);
    ck_assert_str_eq(buf_text(&h.records), "www.example.com. 1 IN A 192.0.2.2\n");
    zone_heard_free(&h);
}
END_TEST

TCase *case_zone_entry(void)
{
    TCase *c = tcase_create("zone_entry");
    tcase_add_test(c, owners);
    tcase_add_test(c, ttl_and_class_in_either_order);
    tcase_add_test(c, where_a_ttl_comes_from);
    tcase_add_loop_test(c, a_fault_is_named_with_its_place, 0, (int)(sizeof faults / sizeof faults[0]));
    tcase_add_loop_test(c, a_doubt_is_a_warning, 0, (int)(sizeof doubts / sizeof doubts[0]));
    tcase_add_test(c, an_owner_that_does_not_begin_its_line);
    tcase_add_test(c, what_is_outside_is_left_out);
    return c;
}
