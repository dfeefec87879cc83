/* entry.c - one record of zone text: owner, TTL and class in either order, type, rdata (RFC 1035
 * 5.1, 2308 4, BIND's ways where the RFCs are silent). Called by text.c and generate.c. */
#include "wire/ascii.h"
#include "wire/msg.h"
#include "wire/rrtype.h"
#include "zone/rdata_text.h"
#include "zone/reading.h"
#include "zone/scan.h"
#include "zone/suggest.h"
#include <string.h>

struct head { /* what stands between owner and rdata */
    const char *type_at;
    uint32_t ttl;
    uint16_t type, class;
    bool has_ttl, has_class, blank;
};

static bool read_owner(struct reading *r);
static bool read_head(struct reading *r, struct head *h);
static bool read_head_word(struct reading *r, struct head *h, bool *is_type);
static bool unknown_type(struct reading *r, const struct head *h);
static const char *owner_that_is_a_type(const struct reading *r, size_t *len);
static bool is_head_word(const struct words *w);
static bool read_rdata(struct reading *r, const struct head *h);
static bool settle_ttl(struct reading *r, struct head *h);
static bool deliver(struct reading *r, const struct head *h);
static size_t first_line(const struct lex *lex);

bool reading_record(struct reading *r, bool blank)
{
    struct head h = {.class = CLASS_IN, .blank = blank};
    piecing_entry(r, blank);
    if (blank && !r->has_owner) {
        return reading_wrong(
            r, r->words.token.text,
            "the first record needs an owner name in the first column; a line that begins with a "
            "blank belongs to the owner before it");
    }
    if ((!blank && !read_owner(r)) || !read_head(r, &h) || !read_rdata(r, &h) ||
        !settle_ttl(r, &h)) {
        return false;
    }
    if (r->words.doubt.at != NULL) {
        reading_doubt(r);
    }
    return !r->owner_inside || deliver(r, &h);
}

static bool read_owner(struct reading *r)
{
    struct name owner;
    size_t len;
    const char *at = r->words.token.text;
    if (words_is(&r->words, "IN")) {
        words_doubt(&r->words,
                    "IN is read as an owner name here; a line without one begins with a blank");
    }
    if (!words_name(&r->words, &owner, &len)) {
        return reading_wrong_word(r, "owner name");
    }
    memcpy(r->owner.octets, owner.octets, len);
    r->has_owner = true;
    r->owner_inside = name_at_or_below(r->owner.octets, r->text->apex);
    if (!r->owner_inside) {
        char name[NAME_TEXT], zone[NAME_TEXT];
        reading_warn(r, at, "%s is not in the zone %s: its records are left out",
                     name_print_dot(owner.octets, name), name_print_dot(r->text->apex, zone));
    }
    return true;
}

/* TTL and class in either order, each at most once, then the type. */
static bool read_head(struct reading *r, struct head *h)
{
    bool is_type = false;
    while (!is_type) {
        if (!read_head_word(r, h, &is_type)) {
            return false;
        }
    }
    if (rrtype_is_meta(h->type)) {
        return reading_wrong(r, h->type_at,
                             "this type is for questions and messages; it cannot stand in a zone");
    }
    return true;
}

static bool read_head_word(struct reading *r, struct head *h, bool *is_type)
{
    struct words *w = &r->words;
    const char *at = w->token.text;
    if (w->token.kind != LEX_WORD) {
        words_wrong(w, "expected a type, like A, perhaps TTL and class before it");
        return reading_wrong_word(r, "record");
    }
    if (is_digit(at[0])) {
        if (h->has_ttl) {
            return reading_wrong(r, at, "a second TTL; expected a type, like A");
        }
        h->has_ttl = true;
        return words_ttl(w, &h->ttl) || reading_wrong_word(r, "TTL");
    }
    if (reading_is_class(w, &h->class)) {
        if (h->has_class) {
            return reading_wrong(r, at, "a second class; expected a type, like A");
        }
        if (h->class != CLASS_IN) {
            return reading_wrong(r, at, "only class IN is served");
        }
        h->has_class = true;
        words_next(w);
        return true;
    }
    if (!rrtype_parse(at, w->token.len, &h->type)) {
        return unknown_type(r, h);
    }
    h->type_at = at;
    *is_type = true;
    words_next(w);
    return true;
}

bool reading_is_class(const struct words *w, uint16_t *class)
{
    static const struct {
        const char *word;
        uint16_t class;
    } classes[] = {{"IN", CLASS_IN}, {"CH", CLASS_CH}, {"CHAOS", CLASS_CH}, {"HS", 4},
                   {"HESIOD", 4},    {"CS", 2},        {"NONE", CLASS_NONE}};
    const struct lex_token *t = &w->token;
    char first = (char)(t->text[0] | 0x20);
    if (t->kind != LEX_WORD || (first != 'i' && first != 'c' && first != 'h' && first != 'n')) {
        return false;
    }
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (words_is(w, classes[i].word)) {
            *class = classes[i].class;
            return true;
        }
    }
    uint64_t number; /* RFC 3597 5 */
    bool ok = t->len > 5 && ascii_same((const uint8_t *)t->text, (const uint8_t *)"class", 5) &&
              scan_number(t->text + 5, t->len - 5, UINT16_MAX, &number);
    if (ok) {
        *class = (uint16_t)number;
    }
    return ok;
}

/* Says what the word at hand, which is no type, was probably meant to be. */
static bool unknown_type(struct reading *r, const struct head *h)
{
    struct words *w = &r->words;
    const char *at = w->token.text;
    int len = w->token.len < 100 ? (int)w->token.len : 100;
    const char *meant = suggest_type(at, w->token.len);
    size_t owner_len;
    const char *owner =
        h->blank || h->has_ttl || h->has_class ? NULL : owner_that_is_a_type(r, &owner_len);
    if (at[0] == '$') {
        return reading_wrong(r, at, "a directive begins in the first column");
    }
    if (owner != NULL) {
        return reading_wrong(
            r, at,
            "unknown type '%.*s'; '%.*s' in the first column was read as the owner name: a line "
            "without one begins with a blank",
            len, at, (int)owner_len, owner);
    }
    words_next(w);
    if (h->blank && !h->has_ttl && !h->has_class && is_head_word(w)) {
        return reading_wrong(
            r, at,
            "expected TTL, class or type: this line begins with a blank, so it belongs to the "
            "owner before it; is '%.*s' meant as an owner name? These begin in the first column",
            len, at);
    }
    return reading_wrong(r, at, "unknown type '%.*s'%s%s%s", len, at,
                         meant != NULL ? "; did you mean " : "", meant != NULL ? meant : "",
                         meant != NULL ? "?" : "");
}

/* The word in the first column, if it is class or type: then the blank before it was forgotten. */
static const char *owner_that_is_a_type(const struct reading *r, size_t *len)
{
    uint16_t type;
    struct lex_token t = {.kind = LEX_WORD, .text = r->words.lex->entry};
    if (r->made_at != NULL) {
        return NULL;
    }
    while (t.text[t.len] > ' ' && t.text[t.len] != ';' && t.text[t.len] != '(') {
        t.len++;
    }
    *len = t.len;
    return rrtype_parse(t.text, t.len, &type) ? t.text : NULL;
}

/* May the next word stand between owner and rdata? */
static bool is_head_word(const struct words *w)
{
    uint16_t ignored;
    const struct lex_token *t = &w->token;
    return t->kind == LEX_WORD && (is_digit(t->text[0]) || reading_is_class(w, &ignored) ||
                                   rrtype_parse(t->text, t->len, &ignored));
}

static bool read_rdata(struct reading *r, const struct head *h)
{
    char type[RRTYPE_TEXT];
    r->rdata.len = 0;
    if (rdata_words(&r->words, h->type, &r->rdata)) {
        return true;
    }
    if (r->rdata.failed) {
        r->stopped = true;
    }
    return reading_wrong_word(r, rrtype_print(h->type, type));
}

/* The record's own TTL; else $TTL (RFC 2308 4); else the last one (RFC 1035 5.1); else, for the
 * SOA, and from then on for all, its MINIMUM, as in BIND. */
static bool settle_ttl(struct reading *r, struct head *h)
{
    if (h->has_ttl) {
        r->last_ttl = h->ttl;
        r->has_last_ttl = true;
        return true;
    }
    if (!r->has_default_ttl && !r->has_last_ttl) {
        if (h->type != TYPE_SOA) {
            return reading_wrong(r, h->type_at,
                                 "no TTL: neither here, nor in $TTL, nor in a record before");
        }
        uint32_t minimum = get_u32(r->rdata.data + r->rdata.len - 4);
        r->default_ttl = minimum < TTL_MOST ? minimum : TTL_MOST;
        r->has_default_ttl = true;
        reading_warn(
            r, h->type_at,
            "no TTL and no $TTL: the SOA's MINIMUM, %u, is used for all records without one",
            r->default_ttl);
    }
    h->ttl = r->has_default_ttl ? r->default_ttl : r->last_ttl;
    if (!r->has_default_ttl && !r->told_last_ttl) {
        r->told_last_ttl = true;
        reading_warn(
            r, h->type_at,
            "no TTL and no $TTL: the one of the record before, %u, is used, here and further on",
            r->last_ttl);
    }
    return true;
}

static bool deliver(struct reading *r, const struct head *h)
{
    const struct lex *lex = &r->source->lex;
    if (r->gave_up) {
        return true; /* a warning comes first, and is not ours to say */
    }
    if (r->records == r->limits.records) {
        reading_stop(r, "more than %llu records", (unsigned long long)r->limits.records);
        return true;
    }
    r->records++;
    piecing_record(r);
    struct record rr = {.owner = r->owner.octets,
                        .type = h->type,
                        .class = CLASS_IN,
                        .ttl = h->ttl,
                        .rdlen = (uint16_t)r->rdata.len,
                        .rdata = r->rdata.data};
    struct place at = {.file = r->source->path,
                       .line = lex->entry_number,
                       .column = 1,
                       .source = lex->entry,
                       .source_len = first_line(lex)};
    r->stopped = !r->text->record(r->text->ctx, &rr, &at);
    return true;
}

static size_t first_line(const struct lex *lex)
{
    const char *end = lex->number == lex->entry_number
                          ? lex->at
                          : memchr(lex->entry, '\n', (size_t)(lex->at - lex->entry));
    return (size_t)(end - lex->entry);
}
