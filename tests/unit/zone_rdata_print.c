/* zone_rdata_print.c - wire to text that reads back to the same octets, whatever the octets are. */
#include "wire/rdata.h"
#include "zone_memory.h"

#define TYPES  270
#define ROUNDS (45 * TYPES)

START_TEST(usual_types_look_as_everywhere)
{
    zone_expect_rdata("A", "192.0.2.1", "c0000201", NULL);
    zone_expect_rdata("AAAA", "2001:DB8:0:0::1", NULL, "2001:db8::1");
    zone_expect_rdata("MX", "10 mail", NULL, "10 mail.example.com.");
    zone_expect_rdata("SOA", "ns h 1 1h 1m 1w 1", NULL, "ns.example.com. h.example.com. 1 3600 60 604800 1");
    zone_expect_rdata("TXT", "a \"b c\" \\001\\\"", "016103622063020122", "\"a\" \"b c\" \"\\001\\\"\"");
    zone_expect_rdata("CAA", "0 \"issue\" ca.example.net", NULL, "0 issue \"ca.example.net\"");
    zone_expect_rdata("CAA", "0 issue \"\"", "00056973737565", NULL);
    zone_expect_rdata("DS", "1 8 2 ab cd", NULL, "1 8 2 ABCD");
    zone_expect_rdata("NSEC", "a. A TYPE65534", NULL, "a. A TYPE65534");
    zone_expect_rdata("NSEC3", "1 0 10 - 2vptu5timamqttgl4luu9kg21e0aor3s", NULL,
                      "1 0 10 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S");
    zone_expect_rdata("TYPE65280", "\\# 2 abcd", "abcd", "\\# 2 ABCD");
    zone_expect_rdata("KEY", "49152 3 0", "c0000300", NULL);
    zone_expect_rdata("APL", "", "", "\\# 0");
}
END_TEST

static void expect_shown(uint16_t type, const char *octets, size_t len, const char *text)
{
    struct buf out = {.len = 0};
    rdata_print(type, (const uint8_t *)octets, len, &out);
    ck_assert_str_eq(buf_text(&out), text);
    buf_free(&out);
}

START_TEST(what_is_malformed_is_shown_in_hex)
{
    expect_shown(TYPE_A, "\1\2\3", 3, "\\# 3 010203");
    expect_shown(TYPE_MX, "\0\1\3ww", 5, "\\# 5 0001037777");
    expect_shown(TYPE_TXT, "", 0, "\\# 0");
    expect_shown(TYPE_TXT, "\5ab", 3, "\\# 3 056162");
    expect_shown(TYPE_CAA, "\0\3a-bx", 6, "\\# 6 0003612D6278");
    expect_shown(TYPE_LOC, "\1\2", 2, "\\# 2 0102");
    expect_shown(TYPE_HTTPS, "\0\1\0\0\1\0\0", 7, "\\# 7 00010000010000");
    /* well-formed, but its text form cannot hold it: an APL of an unknown family */
    expect_shown(TYPE_APL, "\0\3\x8\1\1", 5, "\\# 5 0003080101");
}
END_TEST

/* All octets of a seeded kind under all types: what is shown reads back. */
START_TEST(anything_reads_back)
{
    uint32_t seed = 12345;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint16_t type = (uint16_t)(round % TYPES);
        uint8_t octets[ROUNDS / TYPES];
        struct buf text = {.len = 0}, back = {.len = 0};
        const char *why = "";
        size_t at = 0, len = round / TYPES;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            octets[i] = (uint8_t)(seed >> 24 & (round % 3 == 0 ? 7 : 255));
        }
        rdata_print(type, octets, len, &text);
        bool ok = rdata_parse(type, buf_text(&text), text.len, name_root, &back, &why, &at);
        bool same = ok && back.len == len && (len == 0 || memcmp(back.data, octets, len) == 0);
        ck_assert_msg(same || !rdata_check(type, octets, len), "%u: %s: %s", type, buf_text(&text), why);
        buf_free(&text);
        buf_free(&back);
    }
}
END_TEST

START_TEST(records_and_their_lines)
{
    struct name owner;
    struct buf out = {.len = 0};
    ck_assert(name_from("a\\.b.example.com", &owner));
    struct record rr = {.owner = owner.octets, .type = TYPE_A, .class = 1, .ttl = 60, .rdlen = 4,
                        .rdata = (const uint8_t *)"\xc0\0\2\1"};
    record_print(&rr, &out);
    rr.type = 65280;
    record_print(&rr, &out);
    ck_assert_str_eq(buf_text(&out), "a\\.b.example.com. 60 IN A 192.0.2.1\n"
                                     "a\\.b.example.com. 60 IN TYPE65280 \\# 4 C0000201\n");
    buf_free(&out);
}
END_TEST

/* Records of 64 KiB, through text and back through the reader with its limit for a line. */
START_TEST(the_longest_records_read_back)
{
    static uint8_t rdata[65535];
    struct name owner;
    static const uint16_t types[] = {TYPE_TXT, TYPE_DNSKEY, 65280, TYPE_URI};
    ck_assert(name_from("example.com", &owner));
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        memset(rdata, types[t] == TYPE_TXT ? 255 : 0x80, sizeof rdata);
        struct record rr = {.owner = owner.octets, .type = types[t], .ttl = 1, .rdlen = 65535, .rdata = rdata};
        rr.rdlen = types[t] == TYPE_TXT ? 255 * 256 : rr.rdlen;
        struct buf text = {.len = 0};
        record_print(&rr, &text);
        struct zone_disk disk = {.files = {{.path = "z", .text = buf_text(&text)}}};
        struct zone_heard h = {.count = 0};
        zone_hear(&disk, &h);
        ck_assert_msg(h.ok, "%u: %s", types[t], report_first(&h.report));
        ck_assert_uint_eq(h.count, 1);
        ck_assert_str_eq(buf_text(&h.records), buf_text(&text));
        zone_heard_free(&h);
        buf_free(&text);
    }
}
END_TEST

TCase *case_zone_rdata_print(void)
{
    TCase *c = tcase_create("zone_rdata_print");
    tcase_add_test(c, usual_types_look_as_everywhere);
    tcase_add_test(c, what_is_malformed_is_shown_in_hex);
    tcase_add_test(c, anything_reads_back);
    tcase_add_test(c, records_and_their_lines);
    tcase_add_test(c, the_longest_records_read_back);
    return c;
}
