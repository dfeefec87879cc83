/* rare.c - WKS (RFC 1035 3.4.2), APL (RFC 3123 5), NXT (RFC 2535 5.2), HIP (RFC 8005 6), ATMA
 * (AF-DANS-0152) and IPN rdata as text and back.
 * Pure, any thread. Service names of WKS are a fixed list: asking the system would give one file
 * two meanings. */
#include "wire/rrtype.h"
#include "zone/encode.h"
#include "zone/rdata_text.h"
#include "zone/scan.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ATM_AESA = 0, ATM_E164 = 1, AFI_IPV4 = 1, AFI_IPV6 = 2, NXT_TYPES = 128, WKS_PORTS = 65536 };

static bool wks_parse(struct words *w, uint16_t type, struct buf *out);
static bool wks_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool apl_parse(struct words *w, uint16_t type, struct buf *out);
static bool apl_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool nxt_parse(struct words *w, uint16_t type, struct buf *out);
static bool nxt_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool atma_parse(struct words *w, uint16_t type, struct buf *out);
static bool atma_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool ipn_parse(struct words *w, uint16_t type, struct buf *out);
static bool ipn_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool hip_parse(struct words *w, uint16_t type, struct buf *out);
static bool hip_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool parse_protocol(struct words *w, uint8_t *out);
static bool parse_port(struct words *w, uint16_t *out);
static bool parse_prefix(struct words *w, struct buf *out);
static bool put_prefix(const char *address, unsigned family, struct buf *out);

const struct rdata_form wks_form = {.parse = wks_parse, .print = wks_print};
const struct rdata_form apl_form = {.parse = apl_parse, .print = apl_print};
const struct rdata_form nxt_form = {.parse = nxt_parse, .print = nxt_print};
const struct rdata_form atma_form = {.parse = atma_parse, .print = atma_print};
const struct rdata_form hip_form = {.parse = hip_parse, .print = hip_print};
const struct rdata_form ipn_form = {.parse = ipn_parse, .print = ipn_print};

static bool wks_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    uint8_t address[4], protocol, bits[WKS_PORTS / 8];
    size_t octets = 0;
    memset(bits, 0, sizeof bits);
    if (!words_ipv4(w, address) || !parse_protocol(w, &protocol)) {
        return false;
    }
    while (!words_end(w)) {
        uint16_t port;
        if (!parse_port(w, &port)) {
            return false;
        }
        bits[port / 8] |= (uint8_t)(0x80 >> port % 8);
        octets = port / 8u + 1 > octets ? port / 8u + 1 : octets;
    }
    buf_add(out, address, sizeof address);
    buf_add_u8(out, protocol);
    buf_add(out, bits, octets);
    return true;
}

static bool parse_protocol(struct words *w, uint8_t *out)
{
    if (words_is(w, "tcp") || words_is(w, "udp")) {
        *out = words_is(w, "tcp") ? 6 : 17;
        words_next(w);
        return true;
    }
    return words_u8(w, out) || words_hint(w, ", or tcp, or udp", NULL);
}

static bool parse_port(struct words *w, uint16_t *out)
{
    static const struct {
        const char *word;
        uint16_t port;
    } services[] = {{"tcpmux", 1},    {"echo", 7},   {"discard", 9}, {"daytime", 13},
                    {"ftp-data", 20}, {"ftp", 21},   {"ssh", 22},    {"telnet", 23},
                    {"smtp", 25},     {"time", 37},  {"domain", 53}, {"tftp", 69},
                    {"finger", 79},   {"http", 80},  {"pop3", 110},  {"sunrpc", 111},
                    {"nntp", 119},    {"ntp", 123},  {"imap", 143},  {"snmp", 161},
                    {"ldap", 389},    {"https", 443}};
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        if (words_is(w, services[i].word)) {
            *out = services[i].port;
            words_next(w);
            return true;
        }
    }
    return words_u16(w, out) || words_hint(w, ", or a service, like smtp", NULL);
}

static bool wks_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    if (len < 5) {
        return false;
    }
    rdata_print_address(rdata, 4, out);
    buf_print(out, " %u", rdata[4]);
    for (size_t port = 0; port < (len - 5) * 8; port++) {
        if ((rdata[5 + port / 8] & 0x80 >> port % 8) != 0) {
            buf_print(out, " %zu", port);
        }
    }
    return true;
}

static bool apl_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    while (!words_end(w)) {
        if (!parse_prefix(w, out)) {
            return false;
        }
    }
    return true;
}

/* [!]family:address/prefix; family 1 is IPv4, 2 is IPv6. */
static bool parse_prefix(struct words *w, struct buf *out)
{
    static const char why[] =
        "expected a prefix like 1:192.0.2.0/24, 2:2001:db8::/32 or, to exclude it, !1:192.0.2.1/32";
    char text[64], *address, *slash;
    uint64_t prefix;
    const struct lex_token *t = &w->token;
    if (t->kind != LEX_WORD || t->len >= sizeof text) {
        return words_wrong(w, why);
    }
    memcpy(text, t->text, t->len);
    text[t->len] = '\0';
    bool excluded = text[0] == '!';
    unsigned family = strncmp(text + excluded, "1:", 2) == 0   ? AFI_IPV4
                      : strncmp(text + excluded, "2:", 2) == 0 ? AFI_IPV6
                                                               : 0;
    slash = strchr(text, '/');
    if (family == 0 || slash == NULL ||
        !scan_number(slash + 1, strlen(slash + 1), family == AFI_IPV4 ? 32 : 128, &prefix)) {
        return words_wrong(w, why);
    }
    *slash = '\0';
    address = text + excluded + 2;
    buf_add_u16(out, (uint16_t)family);
    buf_add_u8(out, (uint8_t)prefix);
    size_t length_at = out->len;
    if (!put_prefix(address, family, out)) {
        return words_wrong(w, why);
    }
    if (excluded && !out->failed) {
        out->data[length_at] |= 0x80;
    }
    words_next(w);
    return true;
}

/* Length octet and address without its trailing zeros. */
static bool put_prefix(const char *address, unsigned family, struct buf *out)
{
    uint8_t octets[16];
    uint8_t len = family == AFI_IPV4 ? 4 : 16;
    if (inet_pton(family == AFI_IPV4 ? AF_INET : AF_INET6, address, octets) != 1) {
        return false;
    }
    while (len > 0 && octets[len - 1] == 0) {
        len--;
    }
    buf_add_u8(out, len);
    buf_add(out, octets, len);
    return true;
}

static bool apl_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    for (size_t at = 0; at < len;) {
        uint8_t address[16] = {0};
        if (len - at < 4) {
            return false;
        }
        unsigned family = get_u16(rdata + at), octets = rdata[at + 3] & 0x7fu;
        size_t whole = family == AFI_IPV4 ? 4 : family == AFI_IPV6 ? 16 : 0;
        if (octets > whole || len - at - 4 < octets || whole == 0) {
            return false;
        }
        memcpy(address, rdata + at + 4, octets);
        buf_print(out, "%s%s%u:", at > 0 ? " " : "", (rdata[at + 3] & 0x80) != 0 ? "!" : "",
                  family);
        rdata_print_address(address, whole, out);
        buf_print(out, "/%u", rdata[at + 2]);
        at += 4 + octets;
    }
    return true;
}

/* Next name and the types here, all below 128. */
static bool nxt_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    struct name next;
    size_t len, octets = 0;
    uint8_t bits[NXT_TYPES / 8] = {0};
    if (!words_name(w, &next, &len)) {
        return false;
    }
    do {
        const char *at = w->token.text;
        uint16_t one;
        if (!words_type(w, &one)) {
            return false;
        }
        if (one == 0 || one >= NXT_TYPES) {
            return words_wrong_at(w, at, "NXT knows types from 1 to 127 only");
        }
        bits[one / 8] |= (uint8_t)(0x80 >> one % 8);
        octets = one / 8u + 1 > octets ? one / 8u + 1 : octets;
    } while (!words_end(w));
    buf_add(out, next.octets, len);
    buf_add(out, bits, octets);
    return true;
}

static bool nxt_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    size_t name;
    char text[RRTYPE_TEXT];
    if (!name_check(rdata, len, &name)) {
        return false;
    }
    rdata_print_name(rdata, out);
    for (size_t i = 0; i < (len - name) * 8; i++) {
        if ((rdata[name + i / 8] & 0x80 >> i % 8) != 0) {
            buf_print(out, " %s", rrtype_print((uint16_t)i, text));
        }
    }
    return true;
}

/* "+" and digits: E.164; else hex, which may have dots: AESA. */
static bool atma_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    static const char why[] =
        "expected an ATM address: + and digits, or hex digits, dots between them";
    const struct lex_token *t = &w->token;
    if (t->kind != LEX_WORD) {
        return words_wrong(w, why);
    }
    bool e164 = t->text[0] == '+';
    struct decoding d = {.as = ENCODING_HEX};
    buf_add_u8(out, e164 ? ATM_E164 : ATM_AESA);
    for (size_t i = e164; i < t->len; i++) {
        bool dot = t->text[i] == '.' && i > e164 && i + 1 < t->len && t->text[i - 1] != '.';
        if (dot) {
            continue;
        }
        if (e164 ? !is_digit(t->text[i]) : decode(&d, t->text + i, 1, out) == 0) {
            return words_wrong_at(w, t->text + i, why);
        }
        if (e164) {
            buf_add_u8(out, (uint8_t)t->text[i]);
        }
    }
    if (decode_end(&d) != NULL) {
        return words_wrong(w, decode_end(&d));
    }
    words_next(w);
    return true;
}

static bool atma_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    if (len < 2 || rdata[0] > ATM_E164) {
        return false;
    }
    if (rdata[0] == ATM_AESA) {
        encode(ENCODING_HEX, rdata + 1, len - 1, out);
        return true;
    }
    buf_add_u8(out, '+');
    for (size_t i = 1; i < len; i++) {
        if (!is_digit((char)rdata[i])) {
            return false;
        }
        buf_add_u8(out, rdata[i]);
    }
    return true;
}

static bool ipn_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    uint64_t number;
    if (!words_u64(w, &number)) {
        return false;
    }
    buf_add_u64(out, number);
    return true;
}

static bool ipn_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    if (len != 8) {
        return false;
    }
    buf_print(out, "%" PRIu64, get_u64(rdata));
    return true;
}

/* Algorithm, HIT, public key, then rendezvous servers (RFC 8005 6). */
static bool hip_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    uint8_t algorithm;
    struct buf hit = {.len = 0}, key = {.len = 0};
    bool ok = words_u8(w, &algorithm) && words_hex_one(w, &hit) && words_base64_one(w, &key);
    if (ok && (hit.len > UINT8_MAX || key.len > UINT16_MAX)) {
        ok = words_wrong(w, "expected a HIT of at most 255 octets, and a key of at most 65535");
    }
    if (ok) {
        buf_add_u8(out, (uint8_t)hit.len);
        buf_add_u8(out, algorithm);
        buf_add_u16(out, (uint16_t)key.len);
        buf_add(out, hit.data, hit.len);
        buf_add(out, key.data, key.len);
    }
    while (ok && !words_end(w)) {
        struct name server;
        size_t len;
        ok = words_name(w, &server, &len);
        if (ok) {
            buf_add(out, server.octets, len);
        }
    }
    out->failed = out->failed || hit.failed || key.failed;
    buf_free(&hit);
    buf_free(&key);
    return ok;
}

static bool hip_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    if (len < 4 || len - 4 < (size_t)rdata[0] + get_u16(rdata + 2)) {
        return false;
    }
    size_t hit = rdata[0], key = get_u16(rdata + 2);
    buf_print(out, "%u ", rdata[1]);
    encode(ENCODING_HEX, rdata + 4, hit, out);
    buf_print(out, " ");
    encode(ENCODING_BASE64, rdata + 4 + hit, key, out);
    for (size_t at = 4 + hit + key; at < len; at += name_len(rdata + at)) {
        buf_print(out, " ");
        rdata_print_name(rdata + at, out);
    }
    return true;
}
