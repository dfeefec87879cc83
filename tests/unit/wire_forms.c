/* wire_forms.c - tests of rdata whose form no layout can say: one good and several bad of each
 * type. */
#include "cases.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <string.h>

struct sample {
    uint16_t type;
    bool good;
    const char *hex;
};

static const struct sample samples[] = {
    {TYPE_LOC, true, "00123456 80000000 80000000 00989680"},
    {TYPE_LOC, true, "00129999 934fd900 59604e00 ffffffff"}, /* 90 N */
    {TYPE_LOC, false, "01123456 80000000 80000000 00989680"},
    {TYPE_LOC, false, "001234a6 80000000 80000000 00989680"},
    {TYPE_LOC, false, "00123456 934fd901 80000000 00989680"},
    {TYPE_LOC, false, "00123456 80000000 ffffffff 00989680"},
    {TYPE_LOC, false, "00123456 80000000 80000000 009896"},
    {TYPE_LOC, false, "00123456 80000000 80000000 00989680 00"},
    {TYPE_APL, true, ""},
    {TYPE_APL, true, "0001 15 03 c0a820 0001 1c 83 c0a826"},
    {TYPE_APL, true, "0002 08 01 ff 0063 ff 01 01"},
    {TYPE_APL, false, "0001 21 03 c0a820"},
    {TYPE_APL, false, "0002 81 01 ff"},
    {TYPE_APL, false, "0001 15 05 c0a8200101"},
    {TYPE_APL, false, "0001 15 03 c0a800"},
    {TYPE_APL, false, "0001 15 03 c0a8"},
    {TYPE_APL, false, "0001 15"},
    {TYPE_IPSECKEY, true, "0a 00 02 aabb"},
    {TYPE_IPSECKEY, true, "0a 00 00"},
    {TYPE_IPSECKEY, true, "0a 01 02 c0000226 aabb"},
    {TYPE_IPSECKEY, true, "0a 02 02 20010db8000000000000000000000001 aabb"},
    {TYPE_IPSECKEY, true, "0a 03 02 02677700 aabb"},
    {TYPE_IPSECKEY, false, "0a 01 02 c00002"},
    {TYPE_IPSECKEY, false, "0a 03 02 0267 77"},
    {TYPE_IPSECKEY, false, "0a 04 02 aabb"},
    {TYPE_IPSECKEY, false, "0a 00 02"},
    {TYPE_IPSECKEY, false, "0a 00 00 aabb"},
    {TYPE_IPSECKEY, false, "0a 03 02 c000 aabb"},
    {TYPE_AMTRELAY, true, "0a 80"},
    {TYPE_AMTRELAY, true, "0a 01 cb007101"},
    {TYPE_AMTRELAY, true, "0a 83 026767 00"},
    {TYPE_AMTRELAY, false, "0a 80 00"},
    {TYPE_AMTRELAY, false, "0a 01 cb0071"},
    {TYPE_AMTRELAY, false, "0a 02 cb007101"},
    {TYPE_AMTRELAY, false, "0a 04"},
    {TYPE_HIP, true, "02 02 0003 aabb ccddee"},
    {TYPE_HIP, true, "02 02 0003 aabb ccddee 027276 00 00"},
    {TYPE_HIP, false, "00 02 0003 ccddee"},
    {TYPE_HIP, false, "02 02 0000 aabb"},
    {TYPE_HIP, false, "02 02 0003 aabb ccdd"},
    {TYPE_HIP, false, "02 02 0003 aabb ccddee 027276"},
    {TYPE_A6, true, "00 20010db8000000000000000000000001"},
    {TYPE_A6, true, "40 0000000000000001 027070 00"},
    {TYPE_A6, true, "80 027070 00"},
    {TYPE_A6, false, "81 027070 00"},
    {TYPE_A6, false, "40 0000000000000001"},
    {TYPE_A6, false, "00 20010db8000000000000000000000001 00"},
    {TYPE_NXT, true, "0161 00 62000000 08"},
    {TYPE_NXT, false, "0161 00"},
    {TYPE_NXT, false, "0161 00 80"},
    {TYPE_NXT, false, "0161 00 0102030405060708090a0b0c0d0e0f1011"},
    {TYPE_CAA, true, "00 05 6973737565 63612e6578616d706c65"},
    {TYPE_CAA, true, "80 05 6973737565"},
    {TYPE_CAA, false, "00 00 63612e"},
    {TYPE_CAA, false, "00 05 69732d7565"},
    {TYPE_CAA, false, "00 05 6973"},
    {TYPE_ISDN, true, "03 313233"},
    {TYPE_ISDN, true, "03 313233 01 39"},
    {TYPE_ISDN, false, "03 313233 01 39 01 39"},
    {TYPE_NSEC, true, "0161 00 0001 40"},
    {TYPE_NSEC, false, "0161 00"},
    {TYPE_NSEC, false, "c000 0001 40"},
    {TYPE_WKS, true, "c0000201 06 0000 01"},
    {TYPE_WKS, true, "c0000201 06"},
    {TYPE_WKS, false, "c0000201"},
    {TYPE_ZONEMD, true, "00000001 01 01 0102030405060708090a0b0c"},
    {TYPE_ZONEMD, false, "00000001 01 01 0102030405060708090a0b"},
    {TYPE_URI, true, "0001 0001 61"},
    {TYPE_URI, false, "0001 0001"},
    {TYPE_NSAP, false, ""},
    {TYPE_NSAP, true, "47"},
    {TYPE_ATMA, false, "00"},
    {TYPE_ATMA, true, "0047"},
    {TYPE_NID, true, "000a 00144fffff20ee64"},
    {TYPE_NID, false, "000a 00144fffff20ee"},
    {TYPE_L64, true, "000a 20010db81140 1000"},
    {TYPE_L64, false, "000a 20010db81140 100000"},
    {TYPE_EUI48, true, "00005e00532a"},
    {TYPE_EUI48, false, "00005e0053"},
    {TYPE_EUI64, true, "00005eef1000002a"},
    {TYPE_EUI64, false, "00005eef1000002a00"},
    {TYPE_IPN, true, "0000000000000017"},
    {TYPE_IPN, false, "00000017"},
};

/* RFC 9460; appendix D.3 lists what must be refused. All begin with priority and target. */
static const struct sample services[] = {
    {TYPE_SVCB, true, "0000 0161 00"},
    {TYPE_HTTPS, true, "0001 00"},
    {TYPE_HTTPS, true, "0001 00 0003 0002 0035"},
    {TYPE_HTTPS, true, "0001 00 0001 0006 026832 026833"},
    {TYPE_HTTPS, true, "0001 00 0001 0003 026832 0002 0000"},
    {TYPE_HTTPS, true, "0001 00 0004 0008 c0000201 c0000202"},
    {TYPE_HTTPS, true, "0001 00 0006 0010 20010db8000000000000000000000001"},
    {TYPE_HTTPS, true, "0001 00 0005 0002 aabb 0008 0000 029b 0003 010203"},
    {TYPE_SVCB, true, "0010 0161 00 0000 0004 0001 0004 0001 0003 026832 0004 0004 c0000201"},
    {TYPE_SVCB, false, "00"},
    {TYPE_SVCB, false, "0001"},
    {TYPE_SVCB, false, "0001 c000"},
    {TYPE_SVCB, false, "0001 00 0003"},
    {TYPE_SVCB, false, "0001 00 0003 0002 00"},
    {TYPE_SVCB, false, "0001 00 0003 0003 003500"},
    {TYPE_SVCB, false, "0001 00 0003 0002 0035 0003 0002 0035"},     /* the same key */
    {TYPE_SVCB, false, "0001 00 0004 0004 c0000201 0003 0002 0035"}, /* descending */
    {TYPE_SVCB, false, "0001 00 ffff 0000"},
    {TYPE_SVCB, false, "0001 00 0001 0000"},
    {TYPE_SVCB, false, "0001 00 0001 0001 00"},
    {TYPE_SVCB, false, "0001 00 0001 0003 036832"},
    {TYPE_SVCB, false, "0001 00 0002 0000"}, /* no-default-alpn alone */
    {TYPE_SVCB, false, "0001 00 0001 0003 026832 0002 0001 00"},
    {TYPE_SVCB, false, "0001 00 0004 0000"},
    {TYPE_SVCB, false, "0001 00 0004 0005 c000020101"},
    {TYPE_SVCB, false, "0001 00 0005 0000"},
    {TYPE_SVCB, false, "0001 00 0006 0004 c0000201"},
    {TYPE_SVCB, false, "0001 00 0008 0001 00"},
    {TYPE_SVCB, false, "0001 00 0000 0000"},
    {TYPE_SVCB, false, "0001 00 0000 0001 00 0003 0002 0035"},
    {TYPE_SVCB, false, "0001 00 0000 0002 0000"}, /* mandatory names itself */
    {TYPE_SVCB, false, "0001 00 0000 0002 0004"}, /* what is not there */
    {TYPE_SVCB, false, "0001 00 0000 0004 0003 0004 0003 0002 0035"},
    {TYPE_SVCB, false, "0001 00 0000 0004 0003 0003 0003 0002 0035"},
    {TYPE_SVCB, false, "0001 00 0000 0004 0004 0003 0003 0002 0035 0004 0004 c0000201"},
};

static size_t from_hex(const char *hex, uint8_t *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t nibbles = 0;
    for (; *hex != '\0'; hex++) {
        if (*hex == ' ') {
            continue;
        }
        unsigned value = (unsigned)(strchr(digits, *hex) - digits);
        out[nibbles / 2] = (uint8_t)(nibbles % 2 == 0 ? value << 4 : out[nibbles / 2] | value);
        nibbles++;
    }
    ck_assert_uint_eq(nibbles % 2, 0);
    return nibbles / 2;
}

static void check_samples(const struct sample *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t octets[256];
        size_t len = from_hex(rows[i].hex, octets);
        uint8_t *exact = malloc(len + 1); /* so that the sanitizer sees a step too far */
        memcpy(exact, octets, len);
        exact = realloc(exact, len > 0 ? len : 1);
        ck_assert_msg(rdata_check(rows[i].type, exact, len) == rows[i].good, "%s %s",
                      rrtype_mnemonic(rows[i].type), rows[i].hex);
        free(exact);
    }
}

START_TEST(forms_of_their_own)
{
    check_samples(samples, sizeof samples / sizeof samples[0]);
}
END_TEST

START_TEST(service_bindings)
{
    check_samples(services, sizeof services / sizeof services[0]);
}
END_TEST

TCase *case_wire_forms(void)
{
    TCase *c = tcase_create("wire_forms");
    tcase_add_test(c, forms_of_their_own);
    tcase_add_test(c, service_bindings);
    return c;
}
