/* rdata_print.c - wire rdata to text, field by field along the layout of its type, and whole
 * records.
 * Any thread. What is printed parses back to the same octets. Rdata that is not well-formed, or
 * that its text form cannot hold, comes out as \# (RFC 3597 5), so that an export never loses
 * anything. */
#include "wire/msg.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/encode.h"
#include "zone/lex.h"
#include "zone/rdata_text.h"
#include "zone/scan.h"
#include "zone/text.h"
#include <string.h>

#define CHUNK                                                                                      \
    ((size_t)12 *                                                                                  \
     1024) /* octets of hex or base64 without a blank: lines must stay below LEX_LINE_MOST */
#define QUOTE_MOST                                                                                 \
    ((size_t)12 * 1024) /* octets in one pair of quotes, which may become \DDD each */
#define WRAP_ABOVE ((size_t)56 * 1024) /* a record's text above this goes over several lines */

struct printing {
    uint16_t type;
    const uint8_t *at;
    size_t left;
    struct buf *out;
};

static bool print_fields(struct printing *p, const char *layout);
static bool print_field(struct printing *p, char letter);
static bool print_number(struct printing *p, size_t octets);
static bool print_time(struct printing *p);
static bool print_type(struct printing *p);
static bool print_address(struct printing *p, size_t octets);
static bool print_name(struct printing *p);
static bool print_string(struct printing *p);
static bool print_strings(struct printing *p);
static bool print_quoted_rest(struct printing *p);
static bool print_counted(struct printing *p, char letter);
static bool print_rest(struct printing *p, enum encoding as);
static bool print_bitmap(struct printing *p);
static bool print_form(const struct rdata_form *form, struct printing *p);
static void print_unknown(const uint8_t *rdata, size_t len, struct buf *out);
static void print_letters(enum encoding as, const uint8_t *octets, size_t len, struct buf *out);
static void print_wrapped(const struct buf *rdata, struct buf *out);
static size_t blank_outside_quotes(const struct buf *text, size_t from);

void rdata_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    size_t before = out->len;
    const char *layout = rrtype_layout(type);
    const struct rdata_form *form = rdata_form(type);
    struct printing p = {.type = type, .at = rdata, .left = len, .out = out};
    bool ok = layout != NULL && len > 0 && rdata_check(type, rdata, len) &&
              (form != NULL ? print_form(form, &p) : print_fields(&p, layout));
    if (!ok && !out->failed) {
        out->len = before;
        print_unknown(rdata, len, out);
    }
}

static bool print_fields(struct printing *p, const char *layout)
{
    for (const char *letter = layout; *letter != '\0'; letter++) {
        if (letter != layout && (p->left > 0 || *letter == 'q' || p->type == TYPE_DOA)) {
            buf_add_u8(p->out, ' ');
        }
        if (!print_field(p, *letter)) {
            return false;
        }
    }
    return p->left == 0;
}

static bool print_field(struct printing *p, char letter)
{
    switch (letter) {
    case 'b':
        return print_number(p, 1);
    case 'h':
        return print_number(p, 2);
    case 'w':
    case 'l':
        return print_number(p, 4);
    case 't':
        return print_time(p);
    case 'T':
        return print_type(p);
    case '4':
        return print_address(p, 4);
    case '6':
        return print_address(p, 16);
    case 'n':
    case 'd':
    case 'N':
        return print_name(p);
    case 's':
        return print_string(p);
    case 'S':
        return print_strings(p);
    case 'q':
        return print_quoted_rest(p);
    case 'x':
        return print_rest(p, ENCODING_HEX);
    case 'B':
        return print_rest(p, ENCODING_BASE64);
    case 'X':
    case 'H':
        return print_counted(p, letter);
    case 'm':
        return print_bitmap(p);
    default:
        return false;
    }
}

/* The next `octets` octets, or NULL when they are not there. */
static const uint8_t *take(struct printing *p, size_t octets)
{
    if (p->left < octets) {
        return NULL;
    }
    const uint8_t *at = p->at;
    p->at += octets;
    p->left -= octets;
    return at;
}

static bool print_number(struct printing *p, size_t octets)
{
    const uint8_t *at = take(p, octets);
    if (at == NULL) {
        return false;
    }
    buf_print(p->out, "%u", octets == 1 ? at[0] : octets == 2 ? get_u16(at) : get_u32(at));
    return true;
}

static bool print_time(struct printing *p)
{
    char text[15];
    const uint8_t *at = take(p, 4);
    if (at == NULL) {
        return false;
    }
    scan_print_time(get_u32(at), text);
    buf_print(p->out, "%s", text);
    return true;
}

static bool print_type(struct printing *p)
{
    char text[RRTYPE_TEXT];
    const uint8_t *at = take(p, 2);
    if (at == NULL) {
        return false;
    }
    buf_print(p->out, "%s", rrtype_print(get_u16(at), text));
    return true;
}

static bool print_address(struct printing *p, size_t octets)
{
    const uint8_t *at = take(p, octets);
    if (at == NULL) {
        return false;
    }
    rdata_print_address(at, octets, p->out);
    return true;
}

static bool print_name(struct printing *p)
{
    size_t len;
    if (!name_check(p->at, p->left, &len)) {
        return false;
    }
    rdata_print_name(take(p, len), p->out);
    return true;
}

/* A CAA tag stands without quotes (RFC 8659 4.1.1); other tools insist. */
static bool print_string(struct printing *p)
{
    const uint8_t *len = take(p, 1);
    const uint8_t *octets = len != NULL ? take(p, *len) : NULL;
    if (octets == NULL) {
        return false;
    }
    const char *quote = p->type == TYPE_CAA ? "" : "\"";
    buf_print(p->out, "%s", quote);
    scan_print_text(octets, *len, p->out);
    buf_print(p->out, "%s", quote);
    return true;
}

static bool print_strings(struct printing *p)
{
    for (bool first = true; p->left > 0; first = false) {
        if (!first) {
            buf_add_u8(p->out, ' ');
        }
        if (!print_string(p)) {
            return false;
        }
    }
    return true;
}

static bool print_quoted_rest(struct printing *p)
{
    if (p->left > QUOTE_MOST) {
        return false;
    }
    size_t len = p->left;
    buf_add_u8(p->out, '"');
    scan_print_text(take(p, len), len, p->out);
    buf_add_u8(p->out, '"');
    return true;
}

static bool print_counted(struct printing *p, char letter)
{
    const uint8_t *len = take(p, 1);
    const uint8_t *octets = len != NULL ? take(p, *len) : NULL;
    if (octets == NULL) {
        return false;
    }
    if (*len == 0) {
        buf_add_u8(p->out, '-');
        return letter == 'X';
    }
    encode(letter == 'X' ? ENCODING_HEX : ENCODING_BASE32HEX, octets, *len, p->out);
    return true;
}

static bool print_rest(struct printing *p, enum encoding as)
{
    size_t len = p->left;
    if (len == 0 && p->type == TYPE_DOA) {
        buf_add_u8(p->out, '-');
        return true;
    }
    print_letters(as, take(p, len), len, p->out);
    return len > 0 || p->type == TYPE_KEY || p->type == TYPE_SINK;
}

/* RFC 4034 4.1.2. */
static bool print_bitmap(struct printing *p)
{
    char text[RRTYPE_TEXT];
    bool first = true;
    while (p->left > 0) {
        const uint8_t *head = take(p, 2);
        const uint8_t *octets = head != NULL ? take(p, head[1]) : NULL;
        for (unsigned i = 0; octets != NULL && i < head[1] * 8u; i++) {
            if ((octets[i / 8] & 0x80 >> i % 8) != 0) {
                buf_print(p->out, "%s%s", first ? "" : " ",
                          rrtype_print((uint16_t)(head[0] * 256u + i), text));
                first = false;
            }
        }
        if (octets == NULL) {
            return false;
        }
    }
    return true;
}

/* The forms are checked by reading their text back: other octets, and it is no text for this
 * rdata. */
static bool print_form(const struct rdata_form *form, struct printing *p)
{
    size_t before = p->out->len, at;
    struct buf back = {.len = 0};
    const char *why;
    if (!form->print(p->type, p->at, p->left, p->out) || p->out->failed ||
        p->out->len - before > LEX_LINE_MOST / 2) {
        return false;
    }
    bool same = rdata_parse(p->type, (const char *)p->out->data + before, p->out->len - before,
                            name_root, &back, &why, &at) &&
                back.len == p->left && memcmp(back.data, p->at, p->left) == 0;
    buf_free(&back);
    return same;
}

static void print_unknown(const uint8_t *rdata, size_t len, struct buf *out)
{
    buf_print(out, "\\# %zu", len);
    if (len > 0) {
        buf_add_u8(out, ' ');
        print_letters(ENCODING_HEX, rdata, len, out);
    }
}

/* A blank now and then, so that a long record can be cut into lines. */
static void print_letters(enum encoding as, const uint8_t *octets, size_t len, struct buf *out)
{
    for (size_t at = 0; at < len; at += CHUNK) {
        if (at > 0) {
            buf_add_u8(out, ' ');
        }
        encode(as, octets + at, len - at < CHUNK ? len - at : CHUNK, out);
    }
}

void record_print(const struct record *rr, struct buf *out)
{
    char owner[NAME_TEXT], type[RRTYPE_TEXT];
    buf_print(out, "%s %u %s %s ", name_print_dot(rr->owner, owner), rr->ttl,
              rr->class == CLASS_CH ? "CH" : "IN", rrtype_print(rr->type, type));
    size_t before = out->len;
    rdata_print(rr->type, rr->rdata, rr->rdlen, out);
    if (!out->failed && out->len - before > WRAP_ABOVE) {
        struct buf rdata = {.len = 0};
        buf_add(&rdata, out->data + before, out->len - before);
        out->len = before;
        print_wrapped(&rdata, out);
        out->failed = out->failed || rdata.failed;
        buf_free(&rdata);
    }
    buf_add_u8(out, '\n');
}

/* In parentheses, a line for each piece of up to WRAP_ABOVE / 2 or a little more. */
static void print_wrapped(const struct buf *rdata, struct buf *out)
{
    buf_add_u8(out, '(');
    for (size_t at = 0; at < rdata->len;) {
        size_t end = blank_outside_quotes(rdata, at);
        buf_print(out, "\n ");
        buf_add(out, rdata->data + at, end - at);
        at = end + 1;
    }
    buf_print(out, " )");
}

/* The first blank between words that is at least half of WRAP_ABOVE behind `from`, or the end. */
static size_t blank_outside_quotes(const struct buf *text, size_t from)
{
    bool quoted = false;
    for (size_t i = from; i < text->len; i++) {
        if (text->data[i] == '\\') {
            i++;
        } else if (text->data[i] == '"') {
            quoted = !quoted;
        } else if (text->data[i] == ' ' && !quoted && i - from > WRAP_ABOVE / 2) {
            return i;
        }
    }
    return text->len;
}
