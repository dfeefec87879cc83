/* gateway.c - IPSECKEY (RFC 4025 3), AMTRELAY (RFC 8777 4.3) and A6 (RFC 2874 3.2) rdata as text
 * and back: types where a number says whether an address or a name follows. Pure, any thread. */
#include "wire/rrtype.h"
#include "zone/encode.h"
#include "zone/rdata_text.h"

enum gateway { GATEWAY_NONE, GATEWAY_IPV4, GATEWAY_IPV6, GATEWAY_NAME };

static bool ipseckey_parse(struct words *w, uint16_t type, struct buf *out);
static bool ipseckey_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool amtrelay_parse(struct words *w, uint16_t type, struct buf *out);
static bool amtrelay_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool a6_parse(struct words *w, uint16_t type, struct buf *out);
static bool a6_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool parse_gateway(struct words *w, unsigned kind, struct buf *out);
static size_t print_gateway(const uint8_t *at, size_t left, unsigned kind, struct buf *out);
static bool parse_suffix(struct words *w, unsigned prefix, struct buf *out);
static bool parse_name(struct words *w, struct buf *out);

const struct rdata_form ipseckey_form = {.parse = ipseckey_parse, .print = ipseckey_print};
const struct rdata_form amtrelay_form = {.parse = amtrelay_parse, .print = amtrelay_print};
const struct rdata_form a6_form = {.parse = a6_parse, .print = a6_print};

static bool ipseckey_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    uint8_t precedence, kind, algorithm;
    if (!words_u8(w, &precedence)) {
        return false;
    }
    const char *at = w->token.text;
    if (!words_u8(w, &kind) || !words_u8(w, &algorithm)) {
        return false;
    }
    if (kind > GATEWAY_NAME) {
        return words_wrong_at(w, at, "expected a gateway type from 0 to 3: none, IPv4, IPv6, name");
    }
    buf_add_u8(out, precedence);
    buf_add_u8(out, kind);
    buf_add_u8(out, algorithm);
    if (!parse_gateway(w, kind, out)) {
        return false;
    }
    return algorithm == 0 || words_base64(w, out); /* RFC 4025 2.4: 0 means no key */
}

static bool amtrelay_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    uint8_t precedence, discovery, kind;
    if (!words_u8(w, &precedence)) {
        return false;
    }
    const char *at = w->token.text;
    if (!words_u8(w, &discovery)) {
        return false;
    }
    const char *kind_at = w->token.text;
    if (!words_u8(w, &kind)) {
        return false;
    }
    if (discovery > 1) {
        return words_wrong_at(w, at, "expected 0 or 1 (is discovery optional?)");
    }
    if (kind > GATEWAY_NAME) {
        return words_wrong_at(w, kind_at,
                              "expected a relay type from 0 to 3: none, IPv4, IPv6, name");
    }
    buf_add_u8(out, precedence);
    buf_add_u8(out, (uint8_t)(discovery << 7 | kind));
    return parse_gateway(w, kind, out);
}

static bool parse_gateway(struct words *w, unsigned kind, struct buf *out)
{
    uint8_t address[16];
    switch (kind) {
    case GATEWAY_NONE:
        if (!words_is(w, ".")) {
            return words_wrong(w, "expected \".\": type 0 has no gateway");
        }
        words_next(w);
        return true;
    case GATEWAY_IPV4:
        if (!words_ipv4(w, address)) {
            return false;
        }
        buf_add(out, address, 4);
        return true;
    case GATEWAY_IPV6:
        if (!words_ipv6(w, address)) {
            return false;
        }
        buf_add(out, address, 16);
        return true;
    default:
        return parse_name(w, out);
    }
}

static bool parse_name(struct words *w, struct buf *out)
{
    struct name name;
    size_t len;
    if (!words_name(w, &name, &len)) {
        return false;
    }
    buf_add(out, name.octets, len);
    return true;
}

static bool ipseckey_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    if (len < 3) {
        return false;
    }
    buf_print(out, "%u %u %u ", rdata[0], rdata[1], rdata[2]);
    size_t gateway = print_gateway(rdata + 3, len - 3, rdata[1], out);
    if (gateway == SIZE_MAX) {
        return false;
    }
    if (len - 3 > gateway) {
        buf_add_u8(out, ' ');
        encode(ENCODING_BASE64, rdata + 3 + gateway, len - 3 - gateway, out);
    }
    return true;
}

static bool amtrelay_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    if (len < 2) {
        return false;
    }
    buf_print(out, "%u %u %u ", rdata[0], rdata[1] >> 7, rdata[1] & 0x7fu);
    return print_gateway(rdata + 2, len - 2, rdata[1] & 0x7fu, out) == len - 2;
}

/* How many octets the gateway takes; SIZE_MAX when it is malformed. */
static size_t print_gateway(const uint8_t *at, size_t left, unsigned kind, struct buf *out)
{
    size_t len = kind == GATEWAY_IPV4 ? 4 : kind == GATEWAY_IPV6 ? 16 : 0;
    if (kind > GATEWAY_NAME || left < len ||
        (kind == GATEWAY_NAME && !name_check(at, left, &len))) {
        return SIZE_MAX;
    }
    if (kind == GATEWAY_NONE) {
        buf_add_u8(out, '.');
    } else if (kind == GATEWAY_NAME) {
        rdata_print_name(at, out);
    } else {
        rdata_print_address(at, len, out);
    }
    return len;
}

/* Prefix length; the address suffix unless the prefix is all 128 bits; the prefix's name unless it
 * has none. */
static bool a6_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    uint8_t prefix;
    const char *at = w->token.text;
    if (!words_u8(w, &prefix)) {
        return false;
    }
    if (prefix > 128) {
        return words_wrong_at(w, at, "expected a prefix length from 0 to 128");
    }
    buf_add_u8(out, prefix);
    if (prefix < 128 && !parse_suffix(w, prefix, out)) {
        return false;
    }
    return prefix == 0 || parse_name(w, out);
}

/* The octets behind the prefix; bits of the prefix in the first of them are 0 (RFC 2874 3.1.1). */
static bool parse_suffix(struct words *w, unsigned prefix, struct buf *out)
{
    uint8_t address[16];
    const char *at = w->token.text;
    if (!words_ipv6(w, address)) {
        return false;
    }
    for (unsigned i = 0; i < prefix; i++) {
        if ((address[i / 8] & 0x80 >> i % 8) != 0) {
            return words_wrong_at(w, at, "the bits of the prefix must be 0 in the address suffix");
        }
    }
    buf_add(out, address + prefix / 8, 16 - prefix / 8);
    return true;
}

static bool a6_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    uint8_t address[16] = {0};
    unsigned prefix = len > 0 ? rdata[0] : 255, suffix = prefix <= 128 ? 16 - prefix / 8 : 0;
    if (prefix > 128 || len < 1 + suffix) {
        return false;
    }
    buf_print(out, "%u", prefix);
    if (prefix < 128) {
        for (unsigned i = 0; i < suffix; i++) {
            address[16 - suffix + i] = rdata[1 + i];
        }
        buf_add_u8(out, ' ');
        rdata_print_address(address, 16, out);
    }
    if (prefix > 0) {
        size_t name;
        if (!name_check(rdata + 1 + suffix, len - 1 - suffix, &name)) {
            return false;
        }
        buf_add_u8(out, ' ');
        rdata_print_name(rdata + 1 + suffix, out);
    }
    return true;
}
