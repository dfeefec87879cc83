/* rdata_parse.c - presentation rdata to wire octets, field by field along the layout of its type
 * (wire/rrtype.def).
 * Any thread, no allocation but the growing output. \# works for every type (RFC 3597 5); a known
 * type's octets must then be well-formed for it. */
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/encode.h"
#include "zone/mnemonic.h"
#include "zone/rdata_text.h"
#include "zone/scan.h"
#include "zone/text.h"
#include <arpa/inet.h>
#include <string.h>

#define RDATA_MOST 65535

/* Where in the record a field is: for words in place of numbers, and for messages. */
struct field {
    uint16_t type;
    unsigned number; /* from 0 */
    char letter;
};

static bool is_plain(uint16_t type);
static bool parse_unknown(struct words *w, struct buf *out);
static bool parse_fields(struct words *w, uint16_t type, const char *layout, struct buf *out);
static bool parse_field(struct words *w, const struct field *f, struct buf *out);
static bool parse_number(struct words *w, const struct field *f, struct buf *out);
static bool parse_time(struct words *w, struct buf *out);
static bool parse_address(struct words *w, char letter, struct buf *out);
static bool parse_name(struct words *w, const struct field *f, struct buf *out);
static void doubt_address(struct words *w);
static bool parse_string(struct words *w, struct buf *out);
static bool parse_tag(struct words *w, struct buf *out);
static bool parse_strings(struct words *w, struct buf *out);
static bool parse_counted(struct words *w, char letter, struct buf *out);
static bool parse_base64(struct words *w, const struct field *f, struct buf *out);
static bool parse_bitmap(struct words *w, struct buf *out);
static void put_bitmap(const uint8_t *bits, struct buf *out);
static const char *field_name(uint16_t type, unsigned number);

bool rdata_parse(uint16_t type, const char *text, size_t len, const uint8_t *origin,
                 struct buf *out, const char **why, size_t *at)
{
    struct buf copy = {.len = 0};
    struct lex lex;
    size_t before = out->len;
    buf_add(&copy, text, len);
    const char *begin = buf_text(&copy);
    lex_start(&lex, begin, copy.len);
    lex.line_most = SIZE_MAX;
    lex_entry(&lex);
    struct words w = {.lex = &lex};
    words_origin(&w, origin);
    words_next(&w);
    bool ok = !copy.failed && rdata_words(&w, type, out);
    if (ok && lex.at < lex.end) {
        ok = words_wrong_at(&w, lex.at, "a line ends here, but there is more");
    }
    if (!ok) {
        out->len = before;
        *why = copy.failed ? "no memory" : w.fault.why;
        *at = copy.failed ? 0 : (size_t)(w.fault.at - begin);
    }
    buf_free(&copy);
    return ok;
}

bool rdata_words(struct words *w, uint16_t type, struct buf *out)
{
    size_t before = out->len;
    const char *begin = w->token.text;
    const char *layout = rrtype_layout(type);
    const struct rdata_form *form = rdata_form(type);
    bool ok, plain = is_plain(type);
    if (words_is(w, "\\#")) {
        ok = parse_unknown(w, out);
        plain = false;
    } else if (form != NULL) {
        ok = form->parse(w, type, out);
    } else if (layout != NULL) {
        ok = parse_fields(w, type, layout, out);
    } else {
        return words_wrong(
            w, "this type has no text of its own: expected \\# LENGTH HEX (RFC 3597 5)");
    }
    if (!ok) {
        return false;
    }
    if (!words_end(w)) {
        return words_wrong(w, "nothing more is expected here");
    }
    if (out->failed) {
        return words_wrong_at(w, begin, "no memory");
    }
    if (out->len - before > RDATA_MOST) {
        return words_wrong_at(w, begin, "more than 65535 octets of rdata");
    }
    const uint8_t *rdata = out->len > before ? out->data + before : NULL; /* out may be empty */
    return plain || rdata_check(type, rdata, out->len - before) ||
           words_wrong_at(w, begin, "these octets are not well-formed for this type");
}

/* Types that cannot come out wrong when each of their fields is right: all the usual ones. */
static bool is_plain(uint16_t type)
{
    return type == TYPE_A || type == TYPE_NS || type == TYPE_CNAME || type == TYPE_SOA ||
           type == TYPE_PTR || type == TYPE_MX || type == TYPE_TXT || type == TYPE_AAAA ||
           type == TYPE_SRV;
}

/* RFC 3597 5: \# length hex. */
static bool parse_unknown(struct words *w, struct buf *out)
{
    size_t before = out->len;
    uint16_t rdlen;
    words_next(w);
    if (!words_u16(w, &rdlen) || ((rdlen > 0 || !words_end(w)) && !words_hex(w, out))) {
        return false;
    }
    if (out->len - before != rdlen && !out->failed) {
        return words_wrong_at(w, w->behind,
                              "the hex behind \\# is not as long as the length before it says");
    }
    return true;
}

static bool parse_fields(struct words *w, uint16_t type, const char *layout, struct buf *out)
{
    for (unsigned i = 0; layout[i] != '\0'; i++) {
        struct field f = {.type = type, .number = i, .letter = layout[i]};
        if (!parse_field(w, &f, out)) {
            w->fault.field = field_name(type, i);
            return false;
        }
    }
    return true;
}

static bool parse_field(struct words *w, const struct field *f, struct buf *out)
{
    switch (f->letter) {
    case 'b':
    case 'h':
    case 'w':
    case 'l':
    case 'T':
        return parse_number(w, f, out);
    case 't':
        return parse_time(w, out);
    case '4':
    case '6':
        return parse_address(w, f->letter, out);
    case 'n':
    case 'd':
    case 'N':
        return parse_name(w, f, out);
    case 's':
        return f->type == TYPE_CAA ? parse_tag(w, out) : parse_string(w, out);
    case 'S':
        return parse_strings(w, out);
    case 'q':
        return words_text(w, out, RDATA_MOST);
    case 'x':
        return words_hex(w, out);
    case 'X':
    case 'H':
        return parse_counted(w, f->letter, out);
    case 'B':
        return parse_base64(w, f, out);
    case 'm':
        return parse_bitmap(w, out);
    default:
        must(!"a layout has a letter we do not know");
        return false;
    }
}

static bool parse_number(struct words *w, const struct field *f, struct buf *out)
{
    uint8_t n8 = 0;
    uint16_t n16 = 0;
    uint32_t n32 = 0;
    enum mnemonic_kind kind = mnemonic_kind(f->type, f->number);
    if (kind != MNEMONIC_NONE && w->token.kind == LEX_WORD &&
        mnemonic_parse(kind, w->token.text, w->token.len, &n16)) {
        words_next(w);
        f->letter == 'b' ? buf_add_u8(out, (uint8_t)n16) : buf_add_u16(out, n16);
        return true;
    }
    switch (f->letter) {
    case 'b':
        if (words_u8(w, &n8)) {
            buf_add_u8(out, n8);
            return true;
        }
        return kind == MNEMONIC_ALGORITHM
                   ? words_hint(w, ", or an algorithm's mnemonic, like RSASHA256", NULL)
                   : false;
    case 'h':
        if (words_u16(w, &n16)) {
            buf_add_u16(out, n16);
            return true;
        }
        return false;
    case 'T':
        if (words_type(w, &n16)) {
            buf_add_u16(out, n16);
            return true;
        }
        return false;
    default:
        if (f->letter == 'w' ? words_u32(w, &n32) : words_period(w, &n32)) {
            buf_add_u32(out, n32);
            return true;
        }
        return false;
    }
}

static bool parse_time(struct words *w, struct buf *out)
{
    uint32_t time;
    if (w->token.kind != LEX_WORD || !scan_time(w->token.text, w->token.len, &time)) {
        return words_wrong(w, "expected a date as YYYYMMDDHHMMSS, or seconds since 1970");
    }
    buf_add_u32(out, time);
    words_next(w);
    return true;
}

static bool parse_address(struct words *w, char letter, struct buf *out)
{
    uint8_t address[16];
    if (letter == '4' ? !words_ipv4(w, address) : !words_ipv6(w, address)) {
        return false;
    }
    buf_add(out, address, letter == '4' ? 4 : 16);
    return true;
}

static bool parse_name(struct words *w, const struct field *f, struct buf *out)
{
    struct name name;
    size_t len;
    const struct lex_token *t = &w->token;
    if (t->kind == LEX_WORD && is_digit(t->text[0])) {
        doubt_address(w);
    }
    if (f->type == TYPE_SOA && f->number == 1 && t->kind == LEX_WORD && t->len > 1 && !t->escaped &&
        memchr(t->text, '@', t->len) != NULL) {
        words_doubt(w, "in a mailbox a '.' stands for the '@' (RFC 1035 8)");
    }
    if (!words_name(w, &name, &len)) {
        return false;
    }
    buf_add(out, name.octets, len);
    return true;
}

/* "NS 192.0.2.1" is a name, below the origin, and never what was meant. */
static void doubt_address(struct words *w)
{
    char text[16];
    uint8_t address[4];
    const struct lex_token *t = &w->token;
    if (t->len >= sizeof text || !is_digit(t->text[t->len - 1])) {
        return;
    }
    memcpy(text, t->text, t->len);
    text[t->len] = '\0';
    if (inet_pton(AF_INET, text, address) == 1) {
        words_doubt(w, "a name is expected here; this looks like an address, and is taken as a "
                       "name below the origin");
    }
}

static bool parse_string(struct words *w, struct buf *out)
{
    size_t before = out->len;
    buf_add_u8(out, 0);
    if (!words_text(w, out, UINT8_MAX)) {
        return false;
    }
    if (!out->failed) {
        out->data[before] = (uint8_t)(out->len - before - 1);
    }
    return true;
}

/* RFC 8659 4.1: the tag is letters and digits, at least one. */
static bool parse_tag(struct words *w, struct buf *out)
{
    const struct lex_token *t = &w->token;
    bool ok = (t->kind == LEX_WORD || t->kind == LEX_QUOTED) && t->len > 0;
    for (size_t i = 0; ok && i < t->len; i++) {
        char lower = (char)(t->text[i] | 0x20);
        ok = is_digit(t->text[i]) || (lower >= 'a' && lower <= 'z');
    }
    if (!ok) {
        return words_wrong(w, "expected a tag of letters and digits, like issue");
    }
    return parse_string(w, out);
}

static bool parse_strings(struct words *w, struct buf *out)
{
    do {
        if (!parse_string(w, out)) {
            return false;
        }
    } while (!words_end(w));
    return true;
}

/* X: hex, "-" when empty. H: base32hex. Both with a length octet in front. */
static bool parse_counted(struct words *w, char letter, struct buf *out)
{
    size_t before = out->len;
    const char *begin = w->token.text;
    buf_add_u8(out, 0);
    if (letter == 'X' && words_is(w, "-")) {
        words_next(w);
        return true;
    }
    if (letter == 'X' ? !words_hex_one(w, out) : !words_base32hex_one(w, out)) {
        return false;
    }
    if (out->len - before - 1 > UINT8_MAX) {
        return words_wrong_at(w, begin, "more than 255 octets");
    }
    if (!out->failed) {
        out->data[before] = (uint8_t)(out->len - before - 1);
    }
    return true;
}

/* A KEY without a key (RFC 2535 3.1.2) and a SINK without data have nothing here; DOA has "-". */
static bool parse_base64(struct words *w, const struct field *f, struct buf *out)
{
    if ((f->type == TYPE_KEY || f->type == TYPE_SINK) && words_end(w)) {
        return true;
    }
    if (f->type == TYPE_DOA && words_is(w, "-")) {
        words_next(w);
        return true;
    }
    return words_base64(w, out);
}

/* RFC 4034 4.1.2. */
static bool parse_bitmap(struct words *w, struct buf *out)
{
    uint8_t bits[65536 / 8];
    uint16_t type;
    memset(bits, 0, sizeof bits);
    while (!words_end(w)) {
        if (!words_type(w, &type)) {
            return false;
        }
        bits[type / 8] |= (uint8_t)(0x80 >> type % 8);
    }
    put_bitmap(bits, out);
    return true;
}

static void put_bitmap(const uint8_t *bits, struct buf *out)
{
    for (unsigned window = 0; window < 256; window++) {
        const uint8_t *octets = bits + (size_t)window * 32;
        unsigned len = 32;
        while (len > 0 && octets[len - 1] == 0) {
            len--;
        }
        if (len > 0) {
            buf_add_u8(out, (uint8_t)window);
            buf_add_u8(out, (uint8_t)len);
            buf_add(out, octets, len);
        }
    }
}

/* What a field of the usual types is called, for messages. */
static const char *field_name(uint16_t type, unsigned number)
{
    static const struct {
        uint16_t type;
        const char *names[9];
    } rows[] = {
        {TYPE_SOA,
         {"primary server", "mailbox", "serial", "refresh", "retry", "expire", "minimum"}},
        {TYPE_MX, {"preference", "mail server"}},
        {TYPE_SRV, {"priority", "weight", "port", "target"}},
        {TYPE_NAPTR, {"order", "preference", "flags", "services", "regexp", "replacement"}},
        {TYPE_CAA, {"flags", "tag", "value"}},
        {TYPE_DS, {"key tag", "algorithm", "digest type", "digest"}},
        {TYPE_DNSKEY, {"flags", "protocol", "algorithm", "key"}},
        {TYPE_RRSIG,
         {"type covered", "algorithm", "labels", "original TTL", "expiration", "inception",
          "key tag", "signer", "signature"}},
        {TYPE_NSEC3, {"hash algorithm", "flags", "iterations", "salt", "next owner", "types"}},
        {52 /* TLSA */, {"usage", "selector", "matching type", "data"}},
        {44 /* SSHFP */, {"algorithm", "fingerprint type", "fingerprint"}},
        {256 /* URI */, {"priority", "weight", "target"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].type == type) {
            return rows[i].names[number];
        }
    }
    return NULL;
}
