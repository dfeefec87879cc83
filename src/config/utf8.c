/* utf8.c - the first octet of a file that is not text: a control character, or no UTF-8.
 * RFC 3629. Done before libyaml sees it, so that the message can say the place. Any thread. */
#include "config/utf8.h"

static size_t character(const unsigned char *text, size_t len);

bool utf8_check(const char *text, size_t len, struct utf8_fault *fault)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned line = 1, column = 1;
    for (size_t i = 0; i < len;) {
        size_t took = character(at + i, len - i);
        if (took == 0) {
            *fault = (struct utf8_fault){i, line, column, at[i]};
            return false;
        }
        column = at[i] == '\n' ? 1 : column + 1;
        line += at[i] == '\n';
        i += took;
    }
    return true;
}

/* Octets of the character at the front, 0 when it is none. */
static size_t character(const unsigned char *text, size_t len)
{
    unsigned char c = text[0];
    if (c < 0x80) {
        bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
        return control ? 0 : 1;
    }
    size_t need = c >= 0xc2 && c <= 0xdf   ? 2
                  : (c & 0xf0) == 0xe0     ? 3
                  : c >= 0xf0 && c <= 0xf4 ? 4
                                           : 0;
    if (need == 0 || need > len) {
        return 0;
    }
    for (size_t i = 1; i < need; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (c == 0xe0 && text[1] < 0xa0) || (c == 0xf0 && text[1] < 0x90);
    bool surrogate = c == 0xed && text[1] > 0x9f;
    bool too_high = c == 0xf4 && text[1] > 0x8f;
    bool c1_control = c == 0xc2 && text[1] < 0xa0;
    return overlong || surrogate || too_high || c1_control ? 0 : need;
}
