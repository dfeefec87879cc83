/* generate.c - $GENERATE: many records from one line, as BIND reads it: range lhs [ttl] [class]
 * type rhs.
 * Called by text.c, any thread. Each record is written out as a line and read like any other, so
 * everything that holds for records holds here. In lhs and rhs "$" is the number;
 * ${offset,width,base} is the number plus offset, filled up with zeros, in base d, o, x, X, or as
 * nibbles with dots (n, N); "\$" and "$$" are a plain "$". */
#include "zone/reading.h"
#include "zone/scan.h"
#include <stdio.h>
#include <string.h>

#define NUMBER_MOST UINT64_C(0x7fffffff)
#define WIDTH_MOST  255u
#define NUMBER_TEXT 600 /* as nibbles with dots a number of width 255 has 255 characters */

struct range {
    uint32_t first, last, step;
};
struct format { /* what stands in ${...} */
    int64_t offset;
    unsigned width;
    char base;
};
struct made { /* the two parts of a line that change, and where they stand in the text */
    struct buf owner, rest;
    const char *owner_at, *rest_at;
    struct buf line;
};

static bool parse_range(struct reading *r, struct range *out);
static bool take_parts(struct reading *r, struct made *m);
static bool take_rest(struct reading *r, struct made *m);
static void add_quoted_as_words(const struct lex_token *t, struct buf *out);
static bool make_all(struct reading *r, const struct range *range, struct made *m);
static bool make_one(struct reading *r, uint32_t number, struct made *m);
static const char *expand(const struct buf *part, uint32_t number, struct buf *out);
static const char *expand_number(const struct buf *part, size_t *at, uint32_t number,
                                 struct buf *out);
static const char *parse_format(const char *text, size_t len, struct format *out);
static bool scan_offset(const char *text, size_t len, int64_t *out);
static void print_formatted(uint64_t number, const struct format *f, struct buf *out);
static void print_nibbles(uint64_t number, const struct format *f, struct buf *out);

bool generate_records(struct reading *r, const char *at)
{
    struct range range = {.step = 1};
    struct made m = {.owner_at = NULL};
    bool ok = parse_range(r, &range) && take_parts(r, &m);
    if (ok) {
        struct name owner = r->owner;
        bool has_owner = r->has_owner, inside = r->owner_inside;
        struct lex *lex = r->words.lex;
        r->made_at = at;
        ok = make_all(r, &range, &m);
        r->made_at = NULL;
        r->words.lex = lex;
        r->owner = owner;
        r->has_owner = has_owner;
        r->owner_inside = inside;
    }
    buf_free(&m.owner);
    buf_free(&m.rest);
    buf_free(&m.line);
    return ok;
}

/* first-last, or first-last/step. */
static bool parse_range(struct reading *r, struct range *out)
{
    const struct lex_token *t = &r->words.token;
    const char *dash = t->kind == LEX_WORD ? memchr(t->text, '-', t->len) : NULL;
    if (dash == NULL) {
        words_wrong(&r->words, "expected a range, like 1-100 or 0-255/5");
        return reading_wrong_word(r, "$GENERATE");
    }
    const char *end = t->text + t->len;
    const char *slash = memchr(dash, '/', (size_t)(end - dash));
    const char *last_end = slash != NULL ? slash : end;
    uint64_t first, last, step = 1;
    bool ok =
        scan_number(t->text, (size_t)(dash - t->text), NUMBER_MOST, &first) &&
        scan_number(dash + 1, (size_t)(last_end - dash - 1), NUMBER_MOST, &last) &&
        (slash == NULL || scan_number(slash + 1, (size_t)(end - slash - 1), NUMBER_MOST, &step));
    if (!ok || first > last || step == 0) {
        return reading_wrong(
            r, t->text,
            "$GENERATE: expected a range, like 1-100 or 0-255/5, the smaller number first");
    }
    uint64_t count = (last - first) / step + 1;
    if (count > r->limits.generate) {
        return reading_wrong(r, t->text,
                             "$GENERATE: this makes %llu records; at most %u are allowed",
                             (unsigned long long)count, r->limits.generate);
    }
    *out = (struct range){.first = (uint32_t)first, .last = (uint32_t)last, .step = (uint32_t)step};
    words_next(&r->words);
    return true;
}

static bool take_parts(struct reading *r, struct made *m)
{
    struct words *w = &r->words;
    if (w->token.kind != LEX_WORD) {
        words_wrong(w, "expected an owner name, like host-$");
        return reading_wrong_word(r, "$GENERATE");
    }
    m->owner_at = w->token.text;
    buf_add(&m->owner, w->token.text, w->token.len);
    words_next(w);
    return take_rest(r, m);
}

/* TTL, class and type as they are; then the rdata, where "$" means something. One text in quotes is
 * rdata in BIND's way: its content is the words. */
static bool take_rest(struct reading *r, struct made *m)
{
    struct words *w = &r->words;
    uint16_t class, type;
    while (w->token.kind == LEX_WORD &&
           (is_digit(w->token.text[0]) || reading_is_class(w, &class))) {
        buf_add_u8(&m->rest, ' ');
        buf_add(&m->rest, w->token.text, w->token.len);
        words_next(w);
    }
    buf_add_u8(&m->rest, ' ');
    buf_add(&m->rest, w->token.text, w->token.len);
    if (w->token.kind == LEX_WORD && !words_type(w, &type)) {
        return reading_wrong_word(r, "$GENERATE");
    }
    m->rest_at = w->token.text;
    struct lex_token first = w->token;
    size_t before = m->rest.len;
    unsigned count = 0;
    w->allow_values = true;
    for (; w->token.kind == LEX_WORD || w->token.kind == LEX_QUOTED; words_next(w), count++) {
        const char *quote = w->token.kind == LEX_QUOTED ? "\"" : "";
        buf_print(&m->rest, " %s", quote);
        buf_add(&m->rest, w->token.text, w->token.len);
        buf_print(&m->rest, "%s", quote);
    }
    w->allow_values = false;
    if (count == 0 || !words_end(w)) {
        words_wrong(w, "expected range, owner, type and rdata, like 1-10 host-$ A 192.0.2.$");
        return reading_wrong_word(r, "$GENERATE");
    }
    if (count == 1 && first.kind == LEX_QUOTED) {
        m->rest.len = before;
        buf_add_u8(&m->rest, ' ');
        add_quoted_as_words(&first, &m->rest);
    }
    return true;
}

static void add_quoted_as_words(const struct lex_token *t, struct buf *out)
{
    for (size_t i = 0; i < t->len; i++) {
        if (t->text[i] == '\\' && i + 1 < t->len) {
            if (t->text[i + 1] != '"') {
                buf_add_u8(out, '\\');
            }
            i++;
        }
        buf_add_u8(out, (uint8_t)t->text[i]);
    }
}

static bool make_all(struct reading *r, const struct range *range, struct made *m)
{
    for (uint64_t n = range->first; n <= range->last && !r->stopped; n += range->step) {
        if (!make_one(r, (uint32_t)n, m)) {
            return false;
        }
    }
    return true;
}

static bool make_one(struct reading *r, uint32_t number, struct made *m)
{
    m->line.len = 0;
    const char *why = expand(&m->owner, number, &m->line);
    if (why != NULL) {
        return reading_wrong(r, m->owner_at, "$GENERATE: %s", why);
    }
    why = expand(&m->rest, number, &m->line);
    if (why != NULL || m->line.failed) {
        return reading_wrong(r, m->rest_at, "$GENERATE: %s", why != NULL ? why : "no memory");
    }
    struct lex lex;
    lex_start(&lex, buf_text(&m->line), m->line.len);
    lex_entry(&lex);
    r->words.lex = &lex;
    words_next(&r->words);
    if (reading_record(r, false)) {
        return true;
    }
    char was[sizeof r->wrong.text];
    memcpy(was, r->wrong.text, sizeof was);
    return reading_wrong(r, m->rest_at, "$GENERATE makes \"%.200s\": %s", buf_text(&m->line), was);
}

/* NULL, or what is wrong. */
static const char *expand(const struct buf *part, uint32_t number, struct buf *out)
{
    const char *text = (const char *)part->data;
    for (size_t at = 0; at < part->len;) {
        const char *why = NULL;
        if (text[at] == '\\' && at + 1 < part->len) {
            buf_add(out, text + at, 2);
            at += 2;
        } else if (text[at] != '$') {
            buf_add_u8(out, part->data[at]);
            at++;
        } else if (at + 1 < part->len && text[at + 1] == '$') {
            buf_print(out, "\\$");
            at += 2;
        } else {
            why = expand_number(part, &at, number, out);
        }
        if (why != NULL) {
            return why;
        }
    }
    return NULL;
}

/* "$" or "${...}" at *at. */
static const char *expand_number(const struct buf *part, size_t *at, uint32_t number,
                                 struct buf *out)
{
    struct format f = {.base = 'd'};
    const char *text = (const char *)part->data + *at;
    size_t left = part->len - *at, used = 1;
    if (left > 1 && text[1] == '{') {
        const char *close = memchr(text, '}', left);
        if (close == NULL) {
            return "\"${\" without \"}\"";
        }
        used = (size_t)(close - text) + 1;
        const char *why = parse_format(text + 2, used - 3, &f);
        if (why != NULL) {
            return why;
        }
    }
    int64_t value = (int64_t)number + f.offset;
    if (value < 0) {
        return "the offset makes a number below 0";
    }
    print_formatted((uint64_t)value, &f, out);
    *at += used;
    return NULL;
}

/* offset[,width[,base]] */
static const char *parse_format(const char *text, size_t len, struct format *out)
{
    const char *comma = memchr(text, ',', len);
    size_t offset_len = comma != NULL ? (size_t)(comma - text) : len;
    if (!scan_offset(text, offset_len, &out->offset)) {
        return "expected ${offset}, ${offset,width} or ${offset,width,base}, like ${-1,3,d}";
    }
    if (comma == NULL) {
        return NULL;
    }
    const char *width = comma + 1;
    size_t left = len - offset_len - 1;
    comma = memchr(width, ',', left);
    uint64_t n;
    if (!scan_number(width, comma != NULL ? (size_t)(comma - width) : left, WIDTH_MOST, &n)) {
        return "the width in ${offset,width,base} is a number up to 255";
    }
    out->width = (unsigned)n;
    if (comma == NULL) {
        return NULL;
    }
    if (text + len - comma != 2 || strchr("doxXnN", comma[1]) == NULL) {
        return "the base in ${offset,width,base} is d, o, x, X, n or N";
    }
    out->base = comma[1];
    return NULL;
}

static bool scan_offset(const char *text, size_t len, int64_t *out)
{
    bool minus = len > 0 && text[0] == '-', sign = minus || (len > 0 && text[0] == '+');
    uint64_t n;
    if (!scan_number(text + sign, len - sign, NUMBER_MOST, &n)) {
        return false;
    }
    *out = minus ? -(int64_t)n : (int64_t)n;
    return true;
}

static void print_formatted(uint64_t number, const struct format *f, struct buf *out)
{
    int width = (int)f->width;
    unsigned long long n = number;
    switch (f->base) {
    case 'o':
        buf_print(out, "%0*llo", width, n);
        return;
    case 'x':
        buf_print(out, "%0*llx", width, n);
        return;
    case 'X':
        buf_print(out, "%0*llX", width, n);
        return;
    case 'n':
    case 'N':
        print_nibbles(number, f, out);
        return;
    default:
        buf_print(out, "%0*llu", width, n);
    }
}

/* Hex digits, the lowest first, dots between; the dots count in the width. */
static void print_nibbles(uint64_t number, const struct format *f, struct buf *out)
{
    unsigned width = f->width;
    for (bool first = true; first || number != 0 || width > 0; first = false) {
        if (!first) {
            buf_add_u8(out, '.');
            width -= width > 0;
        }
        if (first || number != 0 || width > 0) {
            buf_print(out, f->base == 'n' ? "%x" : "%X", (unsigned)(number & 15));
            width -= width > 0;
        }
        number >>= 4;
    }
}
