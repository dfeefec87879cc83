/* encode.c - octets as letters: base16, base64 and base32hex without padding (RFC 4648), piece by
 * piece.
 * Pure, any thread. Whatever decodes here encodes back to the same letters, case of hex and base32
 * aside: bits left over must be zero (RFC 4648 3.5), so that two texts never mean one record. */
#include "zone/encode.h"

static const char digits_hex[] = "0123456789ABCDEF";
static const char digits_base32hex[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
static const char digits_base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int letter_value(enum encoding as, char letter);
static int digit_value(char letter);
static bool pad(struct decoding *d);

size_t decode(struct decoding *d, const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        if (d->as == ENCODING_BASE64 && text[i] == '=') {
            if (!pad(d)) {
                return i;
            }
            continue;
        }
        int value = letter_value(d->as, text[i]);
        if (value < 0 || d->padding > 0) {
            return i;
        }
        d->letters++;
        d->bits = d->bits << d->as | (uint32_t)value;
        d->have += (unsigned)d->as;
        if (d->have >= 8) {
            d->have -= 8;
            buf_add_u8(out, (uint8_t)(d->bits >> d->have));
            d->bits &= (1u << d->have) - 1;
        }
    }
    return len;
}

/* A '=': only where it fills the last four letters up. */
static bool pad(struct decoding *d)
{
    if (d->letters % 4 < 2 || d->letters % 4 + d->padding >= 4) {
        return false;
    }
    d->padding++;
    return true;
}

static int letter_value(enum encoding as, char letter)
{
    if (as == ENCODING_BASE64) {
        if (letter >= 'A' && letter <= 'Z') {
            return letter - 'A';
        }
        if (letter >= 'a' && letter <= 'z') {
            return letter - 'a' + 26;
        }
        if (letter >= '0' && letter <= '9') {
            return letter - '0' + 52;
        }
        return letter == '+' ? 62 : letter == '/' ? 63 : -1;
    }
    int value = digit_value(letter);
    return value < 1 << as ? value : -1;
}

static int digit_value(char letter)
{
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    char lower = (char)(letter | 0x20);
    return lower >= 'a' && lower <= 'v' ? lower - 'a' + 10 : -1;
}

const char *decode_end(const struct decoding *d)
{
    switch (d->as) {
    case ENCODING_HEX:
        return d->have == 0 ? NULL : "an odd number of hex digits: one is missing";
    case ENCODING_BASE32HEX:
        return d->have < 5 && d->bits == 0 ? NULL
                                           : "the base32 letters do not end with a whole octet";
    case ENCODING_BASE64:
        break;
    }
    if ((d->letters + d->padding) % 4 != 0) {
        return "the base64 text ends too early: letters and '=' come in fours";
    }
    return d->bits == 0 ? NULL : "the last base64 letter has bits that mean nothing";
}

void encode(enum encoding as, const uint8_t *octets, size_t len, struct buf *out)
{
    const char *digits = as == ENCODING_HEX      ? digits_hex
                         : as == ENCODING_BASE64 ? digits_base64
                                                 : digits_base32hex;
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < len; i++) {
        bits = (bits << 8 | octets[i]) & 0xffff;
        for (have += 8; have >= (unsigned)as; have -= (unsigned)as) {
            buf_add_u8(out, (uint8_t)digits[bits >> (have - (unsigned)as) & ((1u << as) - 1)]);
        }
    }
    if (have > 0) {
        buf_add_u8(out, (uint8_t)digits[bits << ((unsigned)as - have) & ((1u << as) - 1)]);
    }
    if (as == ENCODING_BASE64) {
        for (size_t i = len; i % 3 != 0; i++) {
            buf_add_u8(out, '=');
        }
    }
}
