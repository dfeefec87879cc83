/* addr.c - addresses, ports and prefixes: text to octets and back, and comparing them.
 * Any thread. Interfaces are numbers only ("fe80::1%2"): looking up a name would be a system call.
 */
#include "base/addr.h"
#include "base/hash.h"
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define IP_TEXT 64 /* longest address with scope that we read, NUL included */

static bool parse_number(const char *text, uint32_t most, uint32_t *out);
static bool split(const char *text, char ip[IP_TEXT], const char **port);
static bool split_at(const char *text, size_t len, char ip[IP_TEXT]);
static bool parse_ip(char *text, struct addr *out);
static unsigned bits_of(const struct addr *a);
static struct addr plain(const struct addr *a);
static bool is_mapped(const struct addr *a);

bool addr_parse(const char *text, uint16_t default_port, struct addr *out)
{
    char ip[IP_TEXT];
    const char *port_text;
    uint32_t port = default_port;
    struct addr got = {.family = 0};
    if (!split(text, ip, &port_text) || !parse_ip(ip, &got)) {
        return false;
    }
    if (port_text != NULL && (!parse_number(port_text, UINT16_MAX, &port) || port == 0)) {
        return false;
    }
    got.port = (uint16_t)port;
    *out = got;
    return true;
}

/* Parts text into address and port (NULL: none). */
static bool split(const char *text, char ip[IP_TEXT], const char **port)
{
    const char *at = strchr(text, '@'), *colon = strchr(text, ':'), *close = strchr(text, ']');
    *port = NULL;
    if (text[0] == '[') { /* [2001:db8::1], [2001:db8::1]:53, [2001:db8::1]@53 */
        if (close == NULL || colon == NULL || colon > close) {
            return false;
        }
        if (close[1] != '\0' && close[1] != ':' && close[1] != '@') {
            return false;
        }
        *port = close[1] == '\0' ? NULL : close + 2;
        return split_at(text + 1, (size_t)(close - text - 1), ip);
    }
    if (at == NULL && colon != NULL && strchr(colon + 1, ':') == NULL) {
        at = colon; /* 192.0.2.1:53; an IPv6 address has at least two colons */
    }
    *port = at == NULL ? NULL : at + 1;
    return split_at(text, at == NULL ? strlen(text) : (size_t)(at - text), ip);
}

static bool split_at(const char *text, size_t len, char ip[IP_TEXT])
{
    if (len >= IP_TEXT) {
        return false;
    }
    memcpy(ip, text, len);
    ip[len] = '\0';
    return true;
}

/* An address without port; cuts a scope off `text`. */
static bool parse_ip(char *text, struct addr *out)
{
    char *scope = strchr(text, '%');
    if (scope != NULL) {
        *scope++ = '\0';
    }
    if (inet_pton(AF_INET6, text, out->ip) == 1) {
        out->family = 6;
        return scope == NULL || (parse_number(scope, UINT32_MAX, &out->scope) && out->scope != 0);
    }
    *out = (struct addr){.family = 4};
    return scope == NULL && inet_pton(AF_INET, text, out->ip) == 1;
}

/* Digits only, no leading zero, at most `most`. */
static bool parse_number(const char *text, uint32_t most, uint32_t *out)
{
    uint64_t v = 0;
    if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0')) {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return false;
        }
        v = v * 10 + (uint64_t)(*text - '0');
        if (v > most) {
            return false;
        }
    }
    *out = (uint32_t)v;
    return true;
}

bool prefix_parse(const char *text, struct prefix *out)
{
    char ip[IP_TEXT];
    const char *slash = strchr(text, '/');
    struct prefix got = {.bits = 0};
    size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
    if (!split_at(text, len, ip) || !parse_ip(ip, &got.net) || got.net.scope != 0) {
        return false;
    }
    uint32_t bits = bits_of(&got.net);
    if (slash != NULL && !parse_number(slash + 1, bits, &bits)) {
        return false;
    }
    if (is_mapped(&got.net) &&
        bits >= 96) { /* addr_in sees mapped addresses as IPv4, so the net is one too */
        got.net = plain(&got.net);
        bits -= 96;
    }
    for (uint32_t i = bits; i < bits_of(&got.net); i++) {
        if ((got.net.ip[i / 8] & 0x80 >> i % 8) != 0) {
            return false;
        }
    }
    got.bits = (uint8_t)bits;
    *out = got;
    return true;
}

static unsigned bits_of(const struct addr *a)
{
    return a->family == 4 ? 32 : 128;
}

const char *addr_print(const struct addr *a, char out[ADDR_TEXT])
{
    addr_print_ip(a, out);
    if (a->family != 0 && a->port != 0 && a->port != 53) {
        size_t len = strlen(out);
        snprintf(out + len, ADDR_TEXT - len, "@%u", (unsigned)a->port);
    }
    return out;
}

const char *addr_print_ip(const struct addr *a, char out[ADDR_TEXT])
{
    if (a->family == 0) {
        return strcpy(out, "none");
    }
    must(inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->ip, out, ADDR_TEXT) != NULL);
    if (a->scope != 0) {
        size_t len = strlen(out);
        snprintf(out + len, ADDR_TEXT - len, "%%%u", (unsigned)a->scope);
    }
    return out;
}

const char *prefix_print(const struct prefix *p, char out[ADDR_TEXT])
{
    addr_print_ip(&p->net, out);
    if (p->bits != bits_of(&p->net)) {
        size_t len = strlen(out);
        snprintf(out + len, ADDR_TEXT - len, "/%u", (unsigned)p->bits);
    }
    return out;
}

bool addr_same(const struct addr *a, const struct addr *b)
{
    return a->port == b->port && addr_same_ip(a, b);
}

bool addr_same_ip(const struct addr *a, const struct addr *b)
{
    return a->family == b->family && a->scope == b->scope &&
           memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

bool addr_in(const struct addr *a, const struct prefix *p)
{
    struct addr ip = plain(a);
    if (ip.family != p->net.family) {
        return false;
    }
    unsigned whole = p->bits / 8, rest = p->bits % 8;
    if (memcmp(ip.ip, p->net.ip, whole) != 0) {
        return false;
    }
    return rest == 0 || ((ip.ip[whole] ^ p->net.ip[whole]) & (0xff00 >> rest & 0xff)) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
    static const uint8_t one[16] = {[15] = 1};
    struct addr ip = plain(a);
    return ip.family == 4 ? ip.ip[0] == 127 : ip.family == 6 && memcmp(ip.ip, one, 16) == 0;
}

/* The address with an IPv4-mapped one (RFC 4291 2.5.5.2) as the IPv4 it is. */
static struct addr plain(const struct addr *a)
{
    if (!is_mapped(a)) {
        return *a;
    }
    struct addr ip = {.family = 4, .port = a->port};
    memcpy(ip.ip, a->ip + 12, 4);
    return ip;
}

static bool is_mapped(const struct addr *a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    return a->family == 6 && memcmp(a->ip, mapped, sizeof mapped) == 0;
}

uint64_t addr_hash_ip(const struct addr *a, uint64_t seed)
{
    return hash_bytes(a->ip, sizeof a->ip, hash_mix(seed, (uint64_t)a->scope << 8 | a->family));
}
