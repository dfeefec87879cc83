/* escape.c - text from outside, made harmless for a terminal, a log and a one-line message.
 * Names, file contents and peers' words reach the operator only through here. Any thread. A DNS
 * name may hold any octet, so without this a query could write lines of its own into the log. */
#include "base/escape.h"
#include "base/must.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static size_t utf8_len(const unsigned char *p, size_t len);

size_t escape_next(const char *text, size_t len, char out[ESCAPE_MOST])
{
    const unsigned char *p = (const unsigned char *)text;
    must(len > 0);
    size_t n = p[0] >= 0x20 && p[0] < 0x7f ? 1 : utf8_len(p, len);
    if (n > 0) {
        memcpy(out, p, n);
        out[n] = '\0';
        return n;
    }
    out[0] = '\\';
    out[1] = (char)('0' + (p[0] >> 6));
    out[2] = (char)('0' + (p[0] >> 3 & 7));
    out[3] = (char)('0' + (p[0] & 7));
    out[4] = '\0';
    return 1;
}

char *escape_text(const char *text, char *out, size_t room)
{
    size_t left = strlen(text), used = 0, safe = 0; /* safe: where "..." still fits */
    must(room >= 8);
    while (left > 0) {
        char one[ESCAPE_MOST];
        size_t took = escape_next(text, left, one), n = strlen(one);
        if (used + n >= room) {
            memcpy(out + safe, "...", 4);
            return out;
        }
        memcpy(out + used, one, n);
        used += n;
        safe = used + 4 <= room ? used : safe;
        text += took;
        left -= took;
    }
    out[used] = '\0';
    return out;
}

/* How many octets the multi-octet character at p has (RFC 3629 4); 0 when it is none, or a C1
 * control. */
static size_t utf8_len(const unsigned char *p, size_t len)
{
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > len) {
        return 0;
    }
    uint32_t code = p[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (p[i] & 0x3f);
    }
    static const uint32_t least[] = {
        [2] = 0xa0, [3] = 0x800, [4] = 0x10000}; /* below 0xa0: C1 controls */
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[n] || code > 0x10ffff || surrogate ? 0 : n;
}
