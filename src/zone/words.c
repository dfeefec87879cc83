/* words.c - the words of one entry taken one by one, as what they should be: numbers, times, names,
 * strings, hex.
 * Called by whoever reads zone text, any thread. Owns nothing: words point into the text. */
#include "zone/words.h"
#include "wire/ascii.h"
#include "wire/rrtype.h"
#include "zone/encode.h"
#include "zone/scan.h"
#include "zone/suggest.h"
#include <arpa/inet.h>
#include <string.h>

static bool number(struct words *w, uint64_t most, const char *why, uint64_t *out);
static bool time_word(struct words *w,
                      const char *(*scan)(const char *text, size_t len, uint32_t *out),
                      uint32_t *out);
static bool address(struct words *w, int family, void *out);
static size_t plain_name(const struct words *w, struct name *out);
static size_t finish_plain_name(const struct words *w, uint8_t *label, uint8_t *to,
                                struct name *out);
static void doubt_missing_dot(struct words *w, const struct name *name, size_t len);
static bool letters(struct words *w, enum encoding as, bool one, struct buf *out);
static const char *letters_expected(enum encoding as);

void words_origin(struct words *w, const uint8_t *origin)
{
    w->origin = origin;
    w->origin_len = name_len(origin);
}

void words_next(struct words *w)
{
    struct lex_token *t = &w->token;
    w->behind = w->lex->at;
    lex_next(w->lex, t);
    if (t->kind == LEX_EOL) {
        t->text = w->behind;
    } else if (t->kind == LEX_WORD && t->value != NULL && !w->allow_values) {
        t->kind = LEX_WRONG;
        t->text = t->value;
        t->why = "a quote in the middle of a word: put a blank before it, or write \\\"";
    }
}

bool words_wrong(struct words *w, const char *why)
{
    const struct lex_token *t = &w->token;
    words_wrong_at(w, t->text - (t->kind == LEX_QUOTED), t->kind == LEX_WRONG ? t->why : why);
    return words_hint(w, t->kind == LEX_EOL ? ", but nothing follows" : NULL, NULL);
}

bool words_wrong_at(struct words *w, const char *at, const char *why)
{
    w->fault = (struct words_fault){.at = at, .why = why};
    return false;
}

bool words_hint(struct words *w, const char *hint, const char *word)
{
    w->fault.hint = hint;
    w->fault.word = word;
    return false;
}

void words_doubt(struct words *w, const char *why)
{
    if (w->doubt.at == NULL) {
        w->doubt.at = w->token.text;
        w->doubt.why = why;
    }
}

bool words_end(const struct words *w)
{
    return w->token.kind == LEX_EOL;
}

bool words_is(const struct words *w, const char *word)
{
    size_t len = strlen(word);
    return w->token.kind == LEX_WORD && w->token.len == len &&
           ascii_same((const uint8_t *)w->token.text, (const uint8_t *)word, len);
}

static bool number(struct words *w, uint64_t most, const char *why, uint64_t *out)
{
    const struct lex_token *t = &w->token;
    if (t->kind != LEX_WORD || !scan_number(t->text, t->len, most, out)) {
        return words_wrong(w, why);
    }
    words_next(w);
    return true;
}

bool words_u8(struct words *w, uint8_t *out)
{
    uint64_t n;
    if (!number(w, UINT8_MAX, "expected a number from 0 to 255", &n)) {
        return false;
    }
    *out = (uint8_t)n;
    return true;
}

bool words_u16(struct words *w, uint16_t *out)
{
    uint64_t n;
    if (!number(w, UINT16_MAX, "expected a number from 0 to 65535", &n)) {
        return false;
    }
    *out = (uint16_t)n;
    return true;
}

bool words_u32(struct words *w, uint32_t *out)
{
    uint64_t n;
    if (!number(w, UINT32_MAX, "expected a number from 0 to 4294967295", &n)) {
        return false;
    }
    *out = (uint32_t)n;
    return true;
}

bool words_u64(struct words *w, uint64_t *out)
{
    return number(w, UINT64_MAX, "expected a number from 0 to 18446744073709551615", out);
}

bool words_ttl(struct words *w, uint32_t *out)
{
    return time_word(w, scan_ttl, out);
}

bool words_period(struct words *w, uint32_t *out)
{
    return time_word(w, scan_period, out);
}

static bool time_word(struct words *w,
                      const char *(*scan)(const char *text, size_t len, uint32_t *out),
                      uint32_t *out)
{
    const struct lex_token *t = &w->token;
    if (t->kind != LEX_WORD) {
        return words_wrong(w, "expected a time: seconds, or numbers with units as in 1h30m");
    }
    const char *why = scan(t->text, t->len, out);
    if (why != NULL) {
        return words_wrong(w, why);
    }
    words_next(w);
    return true;
}

bool words_ipv4(struct words *w, uint8_t out[4])
{
    if (address(w, AF_INET, out)) {
        words_next(w);
        return true;
    }
    uint8_t other[16];
    words_wrong(w, "expected an IPv4 address, like 192.0.2.1");
    return address(w, AF_INET6, other) ? words_hint(w, "; an IPv6 address stands in", "AAAA")
                                       : false;
}

bool words_ipv6(struct words *w, uint8_t out[16])
{
    if (address(w, AF_INET6, out)) {
        words_next(w);
        return true;
    }
    uint8_t other[4];
    words_wrong(w, "expected an IPv6 address, like 2001:db8::1");
    return address(w, AF_INET, other) ? words_hint(w, "; an IPv4 address stands in", "A") : false;
}

/* Is the next word such an address? Takes nothing. */
static bool address(struct words *w, int family, void *out)
{
    char text[INET6_ADDRSTRLEN];
    const struct lex_token *t = &w->token;
    if (t->kind != LEX_WORD || t->len >= sizeof text) {
        return false;
    }
    memcpy(text, t->text, t->len);
    text[t->len] = '\0';
    return inet_pton(family, text, out) == 1;
}

bool words_name(struct words *w, struct name *out, size_t *len)
{
    const struct lex_token *t = &w->token;
    if (t->kind != LEX_WORD) {
        return words_wrong(w, t->kind == LEX_QUOTED
                                  ? "expected a domain name, which stands without quotes"
                                  : "expected a domain name");
    }
    size_t octets = plain_name(w, out);
    if (octets == 0) {
        const char *why;
        if (!name_parse(t->text, t->len, w->origin, out, &why)) {
            return words_wrong(w, why);
        }
        octets = name_len(out->octets);
    }
    if (t->text[t->len - 1] != '.') {
        doubt_missing_dot(w, out, octets);
    }
    *len = octets;
    words_next(w);
    return true;
}

/* The usual name, without escapes: its length in octets. 0 for anything else, which name_parse then
 * explains. */
static size_t plain_name(const struct words *w, struct name *out)
{
    const struct lex_token *t = &w->token;
    uint8_t *label = out->octets, *to = label + 1;
    if (t->escaped || t->len > NAME_SIZE - 2 || t->text[0] == '.' ||
        (t->len == 1 && t->text[0] == '@')) {
        return 0;
    }
    for (size_t i = 0; i < t->len; i++) {
        if (t->text[i] != '.') {
            *to++ = (uint8_t)t->text[i];
            continue;
        }
        ptrdiff_t octets = to - label - 1;
        if (octets == 0 || octets > 63) {
            return 0;
        }
        *label = (uint8_t)octets;
        label = to++;
    }
    return finish_plain_name(w, label, to, out);
}

/* The last label, which is empty behind a final dot; else the origin follows. */
static size_t finish_plain_name(const struct words *w, uint8_t *label, uint8_t *to,
                                struct name *out)
{
    ptrdiff_t octets = to - label - 1;
    size_t len = (size_t)(to - out->octets);
    *label = (uint8_t)octets;
    if (octets == 0) {
        return len;
    }
    if (octets > 63 || len + w->origin_len > NAME_SIZE) {
        return 0;
    }
    memcpy(to, w->origin, w->origin_len);
    return len + w->origin_len;
}

/* www.example.com without its final dot, in example.com: nearly always a slip. */
static void doubt_missing_dot(struct words *w, const struct name *name, size_t len)
{
    size_t labels = w->origin_len - 1; /* octets of the origin without the root */
    if (labels == 0 || len < 2 * labels + 1) {
        return;
    }
    if (ascii_same(name->octets + len - 1 - 2 * labels, w->origin, labels)) {
        words_doubt(w, "this name has no final dot, so the origin is put behind it once more");
    }
}

bool words_type(struct words *w, uint16_t *out)
{
    const struct lex_token *t = &w->token;
    if (t->kind != LEX_WORD) {
        return words_wrong(w, "expected an RR type, like A or TYPE1");
    }
    if (!rrtype_parse(t->text, t->len, out)) {
        const char *meant = suggest_type(t->text, t->len);
        words_wrong(w, "unknown RR type");
        return meant != NULL ? words_hint(w, "; did you mean", meant) : false;
    }
    words_next(w);
    return true;
}

bool words_text(struct words *w, struct buf *out, size_t most)
{
    const struct lex_token *t = &w->token;
    size_t before = out->len, at;
    const char *why;
    if (t->kind != LEX_WORD && t->kind != LEX_QUOTED) {
        return words_wrong(w, "expected a text, in quotes if it has blanks");
    }
    if (!scan_text(t->text, t->len, out, &at, &why)) {
        return words_wrong_at(w, t->text + at, why);
    }
    if (out->len - before > most) {
        return words_wrong(
            w, most == UINT8_MAX
                   ? "this text is longer than 255 octets: cut it into several, each in quotes"
                   : "this text is too long");
    }
    words_next(w);
    return true;
}

bool words_hex(struct words *w, struct buf *out)
{
    return letters(w, ENCODING_HEX, false, out);
}

bool words_base64(struct words *w, struct buf *out)
{
    return letters(w, ENCODING_BASE64, false, out);
}

bool words_hex_one(struct words *w, struct buf *out)
{
    return letters(w, ENCODING_HEX, true, out);
}

bool words_base32hex_one(struct words *w, struct buf *out)
{
    return letters(w, ENCODING_BASE32HEX, true, out);
}

bool words_base64_one(struct words *w, struct buf *out)
{
    return letters(w, ENCODING_BASE64, true, out);
}

static bool letters(struct words *w, enum encoding as, bool one, struct buf *out)
{
    struct decoding d = {.as = as};
    if (w->token.kind != LEX_WORD) {
        return words_wrong(w, letters_expected(as));
    }
    do {
        size_t took = decode(&d, w->token.text, w->token.len, out);
        if (took < w->token.len) {
            return words_wrong_at(w, w->token.text + took, letters_expected(as));
        }
        words_next(w);
    } while (!one && w->token.kind == LEX_WORD);
    const char *why = decode_end(&d);
    return why == NULL || words_wrong_at(w, w->behind, why);
}

static const char *letters_expected(enum encoding as)
{
    switch (as) {
    case ENCODING_HEX:
        return "expected hex digits, two for each octet";
    case ENCODING_BASE32HEX:
        return "expected base32hex letters (0-9, A-V, no padding)";
    case ENCODING_BASE64:
        break;
    }
    return "expected base64 letters (A-Z, a-z, 0-9, +, /, = at the end)";
}
