/* fields.c - how long each field of rdata is, by its letter in the layout (rrtype.h). Any thread.
 * All that walks rdata (checking, reading, comparing, compressing) measures fields here. */
#include "wire/fields.h"
#include "wire/name.h"

static size_t fixed_size(char letter);
static size_t name_size(const uint8_t *p, size_t left);
static size_t string_size(const uint8_t *p, size_t left);
static size_t strings_size(const uint8_t *p, size_t left);
static size_t bitmap_size(const uint8_t *p, size_t left);

size_t field_size(char letter, const uint8_t *p, size_t left)
{
    switch (letter) {
    case 'n':
    case 'd':
    case 'N':
        return name_size(p, left);
    case 's':
    case 'X':
        return string_size(p, left);
    case 'H': /* a hash is never empty */
        return left > 0 && p[0] > 0 ? string_size(p, left) : FIELD_BAD;
    case 'S':
        return strings_size(p, left);
    case 'm':
        return bitmap_size(p, left);
    case 'q':
    case 'x':
    case 'B':
    case '*':
        return left;
    }
    return fixed_size(letter) <= left ? fixed_size(letter) : FIELD_BAD;
}

static size_t fixed_size(char letter)
{
    switch (letter) {
    case 'b':
        return 1;
    case 'h':
    case 'T':
        return 2;
    case 'w':
    case 't':
    case 'l':
    case '4':
        return 4;
    case '6':
        return 16;
    }
    must(!"a letter that rrtype.h does not know");
    return FIELD_BAD;
}

static size_t name_size(const uint8_t *p, size_t left)
{
    size_t len;
    return name_check(p, left, &len) ? len : FIELD_BAD;
}

static size_t string_size(const uint8_t *p, size_t left)
{
    return left > 0 && p[0] < left ? 1U + p[0] : FIELD_BAD;
}

/* At least one character-string (RFC 1035 3.3.14), all of them to the end. */
static size_t strings_size(const uint8_t *p, size_t left)
{
    size_t at = 0;
    do {
        size_t one = string_size(p + at, left - at);
        if (one == FIELD_BAD) {
            return FIELD_BAD;
        }
        at += one;
    } while (at < left);
    return at;
}

/* RFC 4034 4.1.2: windows ascending, 1 to 32 octets each, no trailing zero octets. May be empty. */
static size_t bitmap_size(const uint8_t *p, size_t left)
{
    int window = -1;
    size_t at = 0;
    while (at < left) {
        if (left - at < 2 || p[at] <= window || p[at + 1] < 1 || p[at + 1] > 32) {
            return FIELD_BAD;
        }
        size_t octets = p[at + 1];
        if (left - at - 2 < octets || p[at + 1 + octets] == 0) {
            return FIELD_BAD;
        }
        window = p[at];
        at += 2 + octets;
    }
    return at;
}
