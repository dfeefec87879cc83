/* name_text.c - domain names as people write them (RFC 1035 5.1, 4343 2.1): text to octets and
 * back. Any thread; no allocation. What is printed here parses back to the same octets, and has
 * no control characters, so it may go into logs and zone files as it is. */
#include "wire/name.h"
#include <string.h>

struct parsing {
    const char *text;
    size_t len, at;
    struct name *out;
    size_t label; /* where the open label's length octet is */
    size_t end;   /* octets written */
    const char *why;
};

static bool parse_labels(struct parsing *p);
static bool end_label(struct parsing *p);
static bool put_octet(struct parsing *p, uint8_t octet);
static bool parse_escape(struct parsing *p, uint8_t *octet);
static bool add_origin(struct parsing *p, const uint8_t *origin);
static bool wrong(struct parsing *p, const char *why);
static char *print_octet(char *out, uint8_t octet);
static bool is_letter(char c);
static bool is_digit(char c);

bool name_parse(const char *text, size_t len, const uint8_t *origin, struct name *out,
                const char **why)
{
    struct name whole;
    struct parsing p = {.text = text, .len = len, .out = &whole, .end = 1};
    bool is_root = len == 1 && text[0] == '.', is_origin = len == 1 && text[0] == '@';
    if (is_root || (is_origin && origin != NULL)) {
        name_copy(out, is_root ? name_root : origin);
        return true;
    }
    if (!parse_labels(&p) || !add_origin(&p, origin != NULL ? origin : name_root)) {
        *why = p.why;
        return false;
    }
    *out = whole;
    return true;
}

/* All labels; each ends at a dot or at the end of the text. Afterwards the last label written is
 * empty (its length octet stands at p->label) if the text ended in a dot. */
static bool parse_labels(struct parsing *p)
{
    if (p->len == 0) {
        return wrong(p, "empty name");
    }
    while (p->at < p->len) {
        uint8_t octet = (uint8_t)p->text[p->at++];
        if (octet == '.') {
            if (!end_label(p)) {
                return false;
            }
            continue;
        }
        if ((octet == '\\' && !parse_escape(p, &octet)) || !put_octet(p, octet)) {
            return false;
        }
    }
    return true;
}

static bool end_label(struct parsing *p)
{
    size_t octets = p->end - p->label - 1;
    if (octets == 0) {
        return wrong(p, "empty label");
    }
    p->out->octets[p->label] = (uint8_t)octets;
    p->label = p->end++;
    return p->end <= NAME_SIZE || wrong(p, "name longer than 255 octets");
}

static bool put_octet(struct parsing *p, uint8_t octet)
{
    if (p->end - p->label - 1 == 63) {
        return wrong(p, "label longer than 63 octets");
    }
    if (p->end + 1 >= NAME_SIZE) { /* the root label wants its octet, too */
        return wrong(p, "name longer than 255 octets");
    }
    p->out->octets[p->end++] = octet;
    return true;
}

/* What follows a backslash: three digits, or any one other character. */
static bool parse_escape(struct parsing *p, uint8_t *octet)
{
    const char *c = p->text + p->at;
    size_t left = p->len - p->at;
    if (left == 0) {
        return wrong(p, "backslash at the end");
    }
    if (!is_digit(c[0])) {
        *octet = (uint8_t)c[0];
        p->at += 1;
        return true;
    }
    if (left < 3 || !is_digit(c[1]) || !is_digit(c[2])) {
        return wrong(p, "backslash and a digit, but not three digits");
    }
    int value = (c[0] - '0') * 100 + (c[1] - '0') * 10 + (c[2] - '0');
    if (value > 255) {
        return wrong(p, "backslash and a number above 255");
    }
    *octet = (uint8_t)value;
    p->at += 3;
    return true;
}

static bool add_origin(struct parsing *p, const uint8_t *origin)
{
    if (p->end == p->label + 1) { /* it ended in a dot: absolute */
        p->out->octets[p->label] = 0;
        return true;
    }
    size_t len = name_len(origin);
    if (p->end + len > NAME_SIZE) {
        return wrong(p, len > 1 ? "name longer than 255 octets with its origin"
                                : "name longer than 255 octets");
    }
    p->out->octets[p->label] = (uint8_t)(p->end - p->label - 1);
    memcpy(p->out->octets + p->end, origin, len);
    return true;
}

static bool wrong(struct parsing *p, const char *why)
{
    p->why = why;
    return false;
}

bool name_from(const char *text, struct name *out)
{
    const char *why;
    return name_parse(text, strlen(text), NULL, out, &why);
}

const char *name_print(const uint8_t *name, char out[NAME_TEXT])
{
    name_print_dot(name, out);
    if (name[0] != 0) {
        out[strlen(out) - 1] = '\0';
    }
    return out;
}

const char *name_print_dot(const uint8_t *name, char out[NAME_TEXT])
{
    char *end = out;
    for (; *name != 0; name += 1 + *name) {
        for (unsigned i = 1; i <= *name; i++) {
            end = print_octet(end, name[i]);
        }
        *end++ = '.';
    }
    if (end == out) {
        *end++ = '.';
    }
    *end = '\0';
    return out;
}

static char *print_octet(char *out, uint8_t octet)
{
    if (octet <= ' ' || octet >= 0x7f || octet == '[') { /* "\[" began a bit string (RFC 2673) */
        *out++ = '\\';
        *out++ = (char)('0' + octet / 100);
        *out++ = (char)('0' + octet / 10 % 10);
        *out++ = (char)('0' + octet % 10);
        return out;
    }
    /* Knot reads no other octet without a backslash; all makes read these with one. */
    if (!is_letter((char)octet) && !is_digit((char)octet) && strchr("-_*/", octet) == NULL) {
        *out++ = '\\';
    }
    *out++ = (char)octet;
    return out;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
