/* svcb.c - SVCB and HTTPS rdata as text and back (RFC 9460 2.1, A.1).
 * Pure, any thread. Each parameter goes into the output where its key belongs, so that the keys
 * ascend on the wire whatever their order in the text (2.2). */
#include "zone/encode.h"
#include "zone/rdata_text.h"
#include "zone/scan.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum {
    KEY_MANDATORY = 0,
    KEY_ALPN = 1,
    KEY_NO_DEFAULT_ALPN = 2,
    KEY_PORT = 3,
    KEY_IPV4HINT = 4,
    KEY_ECH = 5,
    KEY_IPV6HINT = 6,
    KEY_DOHPATH = 7,
    KEY_OHTTP = 8,
    KEY_GROUPS = 9,
    KEY_INVALID = 65535
};
static const char *const key_names[] = {
    "mandatory", "alpn",     "no-default-alpn", "port",  "ipv4hint",
    "ech",       "ipv6hint", "dohpath",         "ohttp", "tls-supported-groups"};
#define KEY_NAMES (sizeof key_names / sizeof key_names[0])

/* One item of a value that is a list, its commas and backslashes decoded (A.1). */
struct item {
    char text[256];
    size_t len;
};

static bool svcb_parse(struct words *w, uint16_t type, struct buf *out);
static bool svcb_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool parse_param(struct words *w, struct buf *value, struct buf *out);
static bool parse_key(const char *text, size_t len, uint16_t *out);
static bool parse_name_of_key(const char *text, size_t len, uint16_t *out);
static const char *put_value(uint16_t key, const struct buf *value, struct buf *out);
static const char *put_list(uint16_t key, const struct buf *value, struct buf *out);
static bool next_item(const struct buf *value, size_t *at, struct item *out);
static const char *put_item(uint16_t key, const struct item *item, struct buf *out);
static const char *put_base64(const struct buf *value, struct buf *out);
static bool move_to_place(struct buf *out, size_t params, size_t param);
static void reverse(uint8_t *from, uint8_t *to);
static void sort_mandatory(uint8_t *keys, size_t len);
static const uint8_t *find_param(const uint8_t *params, size_t len, uint16_t key,
                                 size_t *value_len);
static bool check_params(struct words *w, const char *at, const uint8_t *params, size_t len);
static void print_key(uint16_t key, struct buf *out);
static bool print_value(uint16_t key, const uint8_t *value, size_t len, struct buf *out);
static bool print_alpn(const uint8_t *value, size_t len, struct buf *out);
static bool print_fixed(uint16_t key, const uint8_t *value, size_t len, struct buf *out);

const struct rdata_form svcb_form = {.parse = svcb_parse, .print = svcb_print};

static bool svcb_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    uint16_t priority;
    struct name target;
    struct buf value = {.len = 0};
    size_t len = 0;
    w->allow_values = true;
    bool ok = words_u16(w, &priority) && words_name(w, &target, &len);
    const char *begin = w->token.text;
    size_t params = out->len + 2 + len;
    if (ok) {
        buf_add_u16(out, priority);
        buf_add(out, target.octets, len);
    }
    while (ok && !out->failed && !words_end(w)) {
        size_t param = out->len;
        const char *at = w->token.text;
        ok = parse_param(w, &value, out);
        if (ok && !out->failed && !move_to_place(out, params, param)) {
            ok = words_wrong_at(w, at, "this parameter was given before");
        }
    }
    w->allow_values = false;
    buf_free(&value);
    return ok && (out->failed || check_params(w, begin, out->data + params, out->len - params));
}

/* key, key=value or key="value" to key, length and value octets. */
static bool parse_param(struct words *w, struct buf *value, struct buf *out)
{
    const struct lex_token *t = &w->token;
    uint16_t key;
    if (t->kind != LEX_WORD) {
        return words_wrong(w, "expected a parameter, like alpn=h2,h3");
    }
    const char *equals = memchr(t->text, '=', t->len), *begin = t->text + t->len;
    size_t key_len = equals != NULL ? (size_t)(equals - t->text) : t->len, len = 0, at;
    if (!parse_key(t->text, key_len, &key)) {
        return words_wrong(w, "unknown parameter: expected alpn, port, ipv4hint, ..., or key and a "
                              "number below 65535, in small letters");
    }
    if (equals != NULL) {
        begin = t->value != NULL ? t->value + 1 : equals + 1;
        len = (size_t)(t->text + t->len - begin) - (t->value != NULL);
    }
    const char *why;
    value->len = 0;
    if (!scan_text(begin, len, value, &at, &why)) {
        return words_wrong_at(w, begin + at, why);
    }
    buf_add_u16(out, key);
    buf_add_u16(out, 0);
    size_t before = out->len;
    uint16_t named;
    if (parse_name_of_key(t->text, key_len, &named)) {
        why = put_value(key, value, out);
    } else { /* behind keyNNN stand plain octets (2.1) */
        why = NULL;
        buf_add(out, value->data, value->len);
    }
    if (value->failed) {
        why = "no memory";
    }
    if (why == NULL && out->len - before > UINT16_MAX) {
        why = "a value longer than 65535 octets";
    }
    if (why != NULL) {
        return words_wrong_at(w, begin, why);
    }
    if (!out->failed) {
        put_u16(out->data + before - 2, (uint16_t)(out->len - before));
    }
    words_next(w);
    return true;
}

/* Small letters only (RFC 9460 2.1): other servers do not read the others. */
static bool parse_key(const char *text, size_t len, uint16_t *out)
{
    if (parse_name_of_key(text, len, out)) {
        return true;
    }
    uint64_t number;
    bool ok = len > 3 && memcmp("key", text, 3) == 0 &&
              (text[3] != '0' || len == 4) &&
              scan_number(text + 3, len - 3, KEY_INVALID - 1, &number);
    if (ok) {
        *out = (uint16_t)number;
    }
    return ok;
}

static bool parse_name_of_key(const char *text, size_t len, uint16_t *out)
{
    for (size_t i = 0; i < KEY_NAMES; i++) {
        if (strlen(key_names[i]) == len && memcmp(key_names[i], text, len) == 0) {
            *out = (uint16_t)i;
            return true;
        }
    }
    return false;
}

/* The value in the form its key wants (7, RFC 9461 5). NULL, or what is wrong. */
static const char *put_value(uint16_t key, const struct buf *value, struct buf *out)
{
    switch (key) {
    case KEY_NO_DEFAULT_ALPN:
    case KEY_OHTTP:
        return value->len == 0 ? NULL : "this parameter takes no value";
    case KEY_MANDATORY:
    case KEY_ALPN:
    case KEY_PORT:
    case KEY_IPV4HINT:
    case KEY_IPV6HINT:
    case KEY_GROUPS:
        return put_list(key, value, out);
    case KEY_ECH:
        return put_base64(value, out);
    case KEY_DOHPATH:
        buf_add(out, value->data, value->len);
        return value->len > 0 ? NULL : "expected a path, like \"/dns-query{?dns}\"";
    default:
        buf_add(out, value->data, value->len);
        return NULL;
    }
}

static const char *put_list(uint16_t key, const struct buf *value, struct buf *out)
{
    size_t at = 0, before = out->len;
    struct item item;
    do {
        if (!next_item(value, &at, &item)) {
            return "an item of this list is too long";
        }
        const char *why = put_item(key, &item, out);
        if (why != NULL) {
            return why;
        }
    } while (at <= value->len && key != KEY_PORT);
    if (at <= value->len) {
        return "expected one port number";
    }
    if (key == KEY_MANDATORY && !out->failed) {
        sort_mandatory(out->data + before, out->len - before);
    }
    return NULL;
}

/* The item at *at, which goes behind the comma after it, or behind value->len + 1 at the end. */
static bool next_item(const struct buf *value, size_t *at, struct item *out)
{
    out->len = 0;
    for (; *at < value->len && value->data[*at] != ','; ++*at) {
        if (value->data[*at] == '\\' && *at + 1 < value->len) {
            ++*at;
        }
        if (out->len == sizeof out->text - 1) {
            return false;
        }
        out->text[out->len++] = (char)value->data[*at];
    }
    out->text[out->len] = '\0';
    ++*at;
    return true;
}

static const char *put_item(uint16_t key, const struct item *item, struct buf *out)
{
    uint8_t address[16];
    uint16_t other;
    uint64_t number;
    bool whole = strlen(item->text) == item->len;
    switch (key) {
    case KEY_ALPN:
        buf_add_u8(out, (uint8_t)item->len);
        buf_add(out, item->text, item->len);
        return item->len > 0 ? NULL : "expected protocols with commas between, like h2,h3";
    case KEY_MANDATORY:
        if (!parse_key(item->text, item->len, &other) || other == KEY_MANDATORY) {
            return "expected the names of other parameters, commas between";
        }
        buf_add_u16(out, other);
        return NULL;
    case KEY_IPV4HINT:
        if (!whole || inet_pton(AF_INET, item->text, address) != 1) {
            return "expected IPv4 addresses, commas between";
        }
        buf_add(out, address, 4);
        return NULL;
    case KEY_IPV6HINT:
        if (!whole || inet_pton(AF_INET6, item->text, address) != 1) {
            return "expected IPv6 addresses, commas between";
        }
        buf_add(out, address, 16);
        return NULL;
    default:
        if (!scan_number(item->text, item->len, UINT16_MAX, &number)) {
            return key == KEY_PORT ? "expected a port from 0 to 65535"
                                   : "expected numbers from 0 to 65535, commas between";
        }
        buf_add_u16(out, (uint16_t)number);
        return NULL;
    }
}

static const char *put_base64(const struct buf *value, struct buf *out)
{
    struct decoding d = {.as = ENCODING_BASE64};
    if (value->len == 0 || decode(&d, (const char *)value->data, value->len, out) < value->len) {
        return "expected base64 letters (A-Z, a-z, 0-9, +, /, = at the end)";
    }
    return decode_end(&d);
}

/* Moves the parameter at the end, which begins at `param`, before the first with a larger key.
 * False: the key is there. */
static bool move_to_place(struct buf *out, size_t params, size_t param)
{
    uint16_t key = get_u16(out->data + param);
    size_t at = params;
    while (at < param && get_u16(out->data + at) < key) {
        at += 4u + get_u16(out->data + at + 2);
    }
    if (at == param) {
        return true;
    }
    if (get_u16(out->data + at) == key) {
        return false;
    }
    uint8_t *from = out->data + at, *middle = out->data + param, *end = out->data + out->len;
    reverse(from, middle);
    reverse(middle, end);
    reverse(from, end);
    return true;
}

static void reverse(uint8_t *from, uint8_t *to)
{
    while (to - from > 1) {
        uint8_t octet = *from;
        *from++ = *--to;
        *to = octet;
    }
}

/* 8: ascending. Short, so by insertion; a key given twice is found by rdata_check. */
static void sort_mandatory(uint8_t *keys, size_t len)
{
    for (size_t i = 2; i < len; i += 2) {
        uint16_t key = get_u16(keys + i);
        size_t at = i;
        for (; at > 0 && get_u16(keys + at - 2) > key; at -= 2) {
            put_u16(keys + at, get_u16(keys + at - 2));
        }
        put_u16(keys + at, key);
    }
}

static const uint8_t *find_param(const uint8_t *params, size_t len, uint16_t key, size_t *value_len)
{
    for (size_t at = 0; at < len; at += 4u + get_u16(params + at + 2)) {
        if (get_u16(params + at) == key) {
            *value_len = get_u16(params + at + 2);
            return params + at + 4;
        }
    }
    return NULL;
}

/* What must hold between the parameters (7.1.1, 8). */
static bool check_params(struct words *w, const char *at, const uint8_t *params, size_t len)
{
    size_t ignored, mandatory_len = 0;
    const uint8_t *mandatory = find_param(params, len, KEY_MANDATORY, &mandatory_len);
    if (find_param(params, len, KEY_NO_DEFAULT_ALPN, &ignored) != NULL &&
        find_param(params, len, KEY_ALPN, &ignored) == NULL) {
        return words_wrong_at(w, at, "no-default-alpn needs alpn beside it");
    }
    for (size_t i = 0; i + 2 <= mandatory_len; i += 2) {
        uint16_t key = get_u16(mandatory + i);
        if (i > 0 && key == get_u16(mandatory + i - 2)) {
            return words_wrong_at(w, at, "mandatory names a parameter twice");
        }
        if (find_param(params, len, key, &ignored) == NULL) {
            return words_wrong_at(w, at, "mandatory names a parameter that is not there");
        }
    }
    return true;
}

static bool svcb_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    size_t name;
    if (len < 2 || !name_check(rdata + 2, len - 2, &name)) {
        return false;
    }
    buf_print(out, "%u ", get_u16(rdata));
    rdata_print_name(rdata + 2, out);
    for (size_t at = 2 + name; at < len;) {
        if (len - at < 4 || len - at - 4 < get_u16(rdata + at + 2)) {
            return false;
        }
        buf_add_u8(out, ' ');
        print_key(get_u16(rdata + at), out);
        if (!print_value(get_u16(rdata + at), rdata + at + 4, get_u16(rdata + at + 2), out)) {
            return false;
        }
        at += 4u + get_u16(rdata + at + 2);
    }
    return true;
}

static void print_key(uint16_t key, struct buf *out)
{
    if (key < KEY_NAMES) {
        buf_print(out, "%s", key_names[key]);
    } else {
        buf_print(out, "key%u", key);
    }
}

static bool print_value(uint16_t key, const uint8_t *value, size_t len, struct buf *out)
{
    if (key == KEY_NO_DEFAULT_ALPN || key == KEY_OHTTP || (len == 0 && key >= KEY_NAMES)) {
        return len == 0;
    }
    buf_add_u8(out, '=');
    switch (key) {
    case KEY_ALPN:
        return print_alpn(value, len, out);
    case KEY_ECH:
        encode(ENCODING_BASE64, value, len, out);
        return len > 0;
    case KEY_MANDATORY:
    case KEY_PORT:
    case KEY_IPV4HINT:
    case KEY_IPV6HINT:
    case KEY_GROUPS:
        return print_fixed(key, value, len, out);
    default:
        buf_add_u8(out, '"');
        scan_print_text(value, len, out);
        buf_add_u8(out, '"');
        return true;
    }
}

/* Commas and backslashes inside a protocol are escaped first, then the whole as any text is
 * (A.1). */
static bool print_alpn(const uint8_t *value, size_t len, struct buf *out)
{
    buf_add_u8(out, '"');
    for (size_t at = 0; at < len; at += 1u + value[at]) {
        if (value[at] >= len - at) {
            return false;
        }
        buf_print(out, "%s", at > 0 ? "," : "");
        for (size_t i = 1; i <= value[at]; i++) {
            if (value[at + i] == ',' || value[at + i] == '\\') {
                buf_print(out, "\\\\");
            }
            scan_print_text(value + at + i, 1, out);
        }
    }
    buf_add_u8(out, '"');
    return len > 0;
}

/* Lists of items of one size. */
static bool print_fixed(uint16_t key, const uint8_t *value, size_t len, struct buf *out)
{
    size_t size = key == KEY_IPV4HINT ? 4 : key == KEY_IPV6HINT ? 16 : 2;
    if (len == 0 || len % size != 0) {
        return false;
    }
    for (size_t at = 0; at < len; at += size) {
        buf_print(out, "%s", at > 0 ? "," : "");
        if (key == KEY_MANDATORY) {
            print_key(get_u16(value + at), out);
        } else if (size == 2) {
            buf_print(out, "%u", get_u16(value + at));
        } else {
            rdata_print_address(value + at, size, out);
        }
    }
    return true;
}
