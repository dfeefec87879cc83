/* zone_rdata_parse.c - text to wire for every type of the IANA table, the same octets as ldns makes
 * where ldns knows the type. */
#include "zone_memory.h"
#include <ldns/ldns.h>

static const struct {
    const char *type, *text;
    bool ldns; /* knows it, and is right */
} rows[] = {
    {"A", "192.0.2.1", true},
    {"NS", "ns", true},
    {"MD", "md", true},
    {"MF", "mf", true},
    {"CNAME", "a.b.", true},
    {"SOA", "ns hostmaster 4294967295 2h 15m 2w 5m", true},
    {"SOA", "ns hostmaster 1 4294967295 7101w3d 49710d6h28m15s 2147483648", false},
    {"SOA", "ns hostmaster.example.net. 1 3600 600 86400 300", true},
    {"MB", "mb", true},
    {"MG", "mg", true},
    {"MR", "mr", true},
    {"NULL", "\\# 3 abcdef", true},
    {"WKS", "192.0.2.1 6 25 80", false},
    {"PTR", "ptr", true},
    {"HINFO", "PC \"Debian 12\"", true},
    {"MINFO", "a b", true},
    {"MX", "10 mail", true},
    {"TXT", "\"v=spf1 -all\" plain \"\" \"q\\\"\\\\\\007\"", true},
    {"RP", "a b", true},
    {"AFSDB", "1 a", true},
    {"X25", "311061700956", true},
    {"ISDN", "150862028003217 004", true},
    {"ISDN", "150862028003217", false},
    {"RT", "1 a", true},
    {"NSAP", "0x47000580005a0000000001e133ffffff00016100", true},
    {"NSAP-PTR", "a", false},
    {"SIG", "A 5 2 3600 20260101000000 20250101000000 1 example.com. AAAA", true},
    {"KEY", "256 3 5 AwEAAQ==", true},
    {"KEY", "49152 3 0", false},
    {"PX", "10 a b", true},
    {"GPOS", "-32.6882 116.8652 10.0", true},
    {"AAAA", "2001:db8::1", true},
    {"AAAA", "::ffff:192.0.2.1", true},
    {"LOC", "52 31 12.024 N 13 24 18.000 E 34m 30m 10000m 10m", true},
    {"NXT", "a A MX NXT", false},
    {"EID", "abcd", false},
    {"NIMLOC", "abcd", false},
    {"SRV", "1 2 3 a", true},
    {"ATMA", "39246f000e7c9c031200010001000012345678", false},
    {"NAPTR", "100 50 \"s\" \"http+N2L\" \"!^.*$!\\\\1!\" a", true},
    {"KX", "1 a", true},
    {"CERT", "1 2 3 AwEAAQ==", true},
    {"A6", "64 ::1 a", false},
    {"DNAME", "a", true},
    {"SINK", "1 2 3 AwEAAQ==", false},
    {"SINK", "1 2 3", false},
    {"APL", "1:192.0.2.0/24 !2:2001:db8::/32", true},
    {"DS", "12345 8 2 0123 4567", true},
    {"SSHFP", "4 2 0123 4567", true},
    {"IPSECKEY", "10 1 2 192.0.2.38 AQNRU3mG", true},
    {"IPSECKEY", "10 2 2 2001:db8::1 AQNRU3mG", true},
    {"IPSECKEY", "10 3 2 gw.example.com. AQNRU3mG", true},
    {"RRSIG", "A 8 2 3600 20260101000000 20250101000000 1 example.com. AAAA BBBB", true},
    {"NSEC", "a A MX RRSIG NSEC TYPE1234", true},
    {"DNSKEY", "256 3 8 AwEA AQ==", true},
    {"DHCID", "AAAB", true},
    {"NSEC3", "1 1 10 abcd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG", true},
    {"NSEC3", "1 1 10 - 2vptu5timamqttgl4luu9kg21e0aor3s", true},
    {"NSEC3PARAM", "1 0 10 abcd", true},
    {"TLSA", "3 1 1 0123 4567", true},
    {"SMIMEA", "3 1 1 0123 4567", true},
    {"HIP", "2 200100107b1a74df365639cc39f1d578 AwEAAbdx rvs1 rvs2.example.net.", true},
    {"NINFO", "a b", false},
    {"RKEY", "0 1 2 AAAA", false},
    {"TALINK", "a b", true},
    {"CDS", "12345 8 2 01234567", true},
    {"CDS", "0 0 0 00", true},
    {"CDNSKEY", "0 3 0 AA==", true},
    {"OPENPGPKEY", "AwEAAQ==", true},
    {"CSYNC", "1 3 A NS AAAA", true},
    {"ZONEMD", "1 1 1 0123456789abcdef0123456789abcdef", true},
    {"SVCB", "1 a alpn=h2", true},
    {"HTTPS", "1 . port=53 ipv4hint=192.0.2.1,192.0.2.2", true},
    {"DSYNC", "CDS 1 5300 a", false},
    {"HHIT", "AAAA", false},
    {"BRID", "AAAA", false},
    {"SPF", "\"v=spf1 -all\"", true},
    {"NID", "10 0014:4fff:ff20:ee64", true},
    {"L32", "10 192.0.2.1", true},
    {"L64", "10 2001:0db8:1140:1000", true},
    {"LP", "10 a", true},
    {"EUI48", "00-00-5e-00-53-2a", true},
    {"EUI64", "00-00-5e-ef-10-00-00-2a", true},
    {"URI", "10 1 \"ftp://ftp.example.com/public\"", true},
    {"CAA", "0 issue \"ca.example.net\"", true},
    {"AVC", "\"app-name:WOLFGANG\"", false},
    {"DOA", "0 1 2 \"\" aHR0cHM6", false},
    {"DOA", "0 1 2 \"text/plain\" -", false},
    {"AMTRELAY", "10 0 1 203.0.113.15", false},
    {"RESINFO", "qnamemin exterr=15,16", false},
    {"WALLET", "BTC 1abc", false},
    {"CLA", "TCP-v4-v6", false},
    {"IPN", "42", false},
    {"TA", "1 2 3 abcd", false},
    {"DLV", "1 2 3 abcd", true},
    {"UINFO", "\\# 1 00", false},
    {"UID", "\\# 4 00000001", false},
    {"GID", "\\# 4 00000001", false},
    {"UNSPEC", "\\# 1 00", false},
    {"TYPE65280", "\\# 0", false},
    {"TYPE65280", "\\# 5 01 0203 0405", false},
    {"TYPE1", "192.0.2.1", true},
    {"A", "\\# 4 c0000201", true},
};

static void by_ldns(const char *type, const char *text, struct buf *wire)
{
    struct buf line = {.len = 0};
    ldns_rr *rr = NULL;
    uint8_t *octets = NULL;
    size_t len = 0;
    ldns_rdf *origin = ldns_dname_new_frm_str("example.com.");
    buf_print(&line, "a. 0 IN %s %s", type, text);
    ck_assert_msg(ldns_rr_new_frm_str(&rr, buf_text(&line), 0, origin, NULL) == LDNS_STATUS_OK, "%s",
                  buf_text(&line));
    ck_assert_int_eq(ldns_rr2wire(&octets, rr, LDNS_SECTION_ANSWER, &len), LDNS_STATUS_OK);
    buf_add(wire, octets + 13, len - 13);
    free(octets);
    ldns_rr_free(rr);
    ldns_rdf_deep_free(origin);
    buf_free(&line);
}

START_TEST(every_type)
{
    uint16_t type;
    struct name origin;
    struct buf wire = {.len = 0}, oracle = {.len = 0}, shown = {.len = 0}, again = {.len = 0};
    const char *why = "", *text = rows[_i].text;
    size_t at = 0;
    ck_assert(rrtype_parse(rows[_i].type, strlen(rows[_i].type), &type));
    ck_assert(name_from("example.com", &origin));
    bool ok = rdata_parse(type, text, strlen(text), origin.octets, &wire, &why, &at);
    ck_assert_msg(ok, "%s %s: %s at %zu", rows[_i].type, text, why, at);
    if (rows[_i].ldns) {
        by_ldns(rows[_i].type, text, &oracle);
        ck_assert_uint_eq(wire.len, oracle.len);
        ck_assert_mem_eq(wire.data, oracle.data, wire.len);
    }
    rdata_print(type, wire.data, wire.len, &shown);
    ck_assert_msg(rdata_parse(type, buf_text(&shown), shown.len, name_root, &again, &why, &at), "%s: %s",
                  buf_text(&shown), why);
    ck_assert_uint_eq(again.len, wire.len);
    if (wire.len > 0) {
        ck_assert_mem_eq(again.data, wire.data, wire.len);
    }
    buf_free(&wire);
    buf_free(&oracle);
    buf_free(&shown);
    buf_free(&again);
}
END_TEST

START_TEST(no_type_is_forgotten)
{
    for (unsigned type = 1; type < 65536; type++) {
        const char *mnemonic = rrtype_mnemonic((uint16_t)type);
        bool found = mnemonic == NULL || rrtype_is_meta((uint16_t)type);
        for (size_t i = 0; !found && i < sizeof rows / sizeof rows[0]; i++) {
            found = strcmp(rows[i].type, mnemonic) == 0;
        }
        if (!found) {
            ck_abort_msg("%s has no example", mnemonic);
        }
    }
}
END_TEST

START_TEST(faults)
{
    zone_expect_no_rdata("A", "", 0, "expected an IPv4 address");
    zone_expect_no_rdata("A", "192.0.2.1\n192.0.2.2", 9, "a line ends here, but there is more");
    zone_expect_no_rdata("A", "( 192.0.2.1", 0, "this '(' is never closed");
    zone_expect_no_rdata("A", "\\# 3 abcdef", 0, "these octets are not well-formed for this type");
    zone_expect_no_rdata("A", "\\# 4 abcdef", 11, "the hex behind \\# is not as long");
    zone_expect_no_rdata("TYPE65280", "\\# 0 ab", 7, "the hex behind \\# is not as long");
    zone_expect_no_rdata("TYPE65280", "abc", 0, "this type has no text of its own");
    zone_expect_no_rdata("NULL", "abc", 0, "this type has no text of its own");
    zone_expect_no_rdata("SOA", "a b 1 4294967296 1 1 1", 6, "a time above 4294967295 seconds");
    zone_expect_no_rdata("SOA", "a b 1 1 1 1 1h4294963696", 12, "a time above 4294967295 seconds");
    zone_expect_no_rdata("DS", "1 8 2", 5, "expected hex digits");
    zone_expect_no_rdata("ZONEMD", "1 1 1 abcd", 0, "these octets are not well-formed for this type");
    zone_expect_no_rdata("NSEC", "a.", 0, "these octets are not well-formed for this type");
    zone_expect_no_rdata("NSEC3", "1 0 10 - 2vptx A", 13, "expected base32hex letters");
    zone_expect_no_rdata("NSEC3", "1 0 10 abc 2vpt A", 10, "an odd number of hex digits");
    zone_expect_no_rdata("RRSIG", "A 8 2 1h 20261301000000 0 1 . AAAA", 9, "expected a date");
    zone_expect_no_rdata("CAA", "0 \"\" x", 2, "expected a tag");
    zone_expect_no_rdata("DNSKEY", "256 3 8", 7, "expected base64 letters");
    zone_expect_no_rdata("TLSA", "3 1 1 \"ab\"", 6, "expected hex digits");
    zone_expect_no_rdata("ISDN", "a b c", 0, "these octets are not well-formed for this type");
    zone_expect_no_rdata("URI", "1 1 \"\"", 0, "these octets are not well-formed for this type");
}
END_TEST

START_TEST(strings_end_at_255_octets)
{
    char text[300];
    memset(text, 'a', sizeof text);
    uint16_t type;
    struct buf wire = {.len = 0};
    const char *why;
    size_t at;
    ck_assert(rrtype_parse("TXT", 3, &type));
    ck_assert(rdata_parse(type, text, 255, name_root, &wire, &why, &at) && wire.len == 256 && wire.data[0] == 255);
    buf_free(&wire);
    ck_assert(!rdata_parse(type, text, 256, name_root, &wire, &why, &at));
    ck_assert_ptr_nonnull(strstr(why, "255 octets"));
    buf_free(&wire);
}
END_TEST

START_TEST(rdata_ends_at_65535_octets)
{
    struct buf text = {.len = 0}, wire = {.len = 0};
    const char *why;
    size_t at;
    buf_print(&text, "\\# 65535 ");
    for (int i = 0; i < 65535; i++) {
        buf_print(&text, "00");
    }
    ck_assert(rdata_parse(65280, buf_text(&text), text.len, name_root, &wire, &why, &at));
    ck_assert_uint_eq(wire.len, 65535);
    buf_free(&wire);
    text.len = 0;
    for (int i = 0; i < 16384; i++) {
        buf_print(&text, "abc ");
    }
    ck_assert(!rdata_parse(TYPE_TXT, buf_text(&text), text.len, name_root, &wire, &why, &at));
    ck_assert_str_eq(why, "more than 65535 octets of rdata");
    buf_free(&text);
    buf_free(&wire);
}
END_TEST

TCase *case_zone_rdata_parse(void)
{
    TCase *c = tcase_create("zone_rdata_parse");
    tcase_add_loop_test(c, every_type, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(c, no_type_is_forgotten);
    tcase_add_test(c, faults);
    tcase_add_test(c, strings_end_at_255_octets);
    tcase_add_test(c, rdata_ends_at_65535_octets);
    return c;
}
