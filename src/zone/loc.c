/* loc.c - LOC rdata as text and back: a place on Earth (RFC 1876 3).
 * Pure, any thread. Whole numbers throughout: thousandths of a second of arc, centimetres. */
#include "wire/rrtype.h"
#include "zone/rdata_text.h"
#include "zone/scan.h"
#include <string.h>

#define ZERO_ANGLE    INT64_C(0x80000000)
#define ZERO_ALTITUDE INT64_C(10000000) /* centimetres: 100,000 m below */
#define SIZE_MOST_CM  UINT64_C(9000000000)

static bool loc_parse(struct words *w, uint16_t type, struct buf *out);
static bool loc_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool parse_angle(struct words *w, const char *hemispheres, uint32_t most, uint32_t *out);
static bool hemisphere(struct words *w, const char *hemispheres, int *sign);
static bool parse_fraction(struct words *w, const char *why, unsigned digits, uint64_t *out);
static bool parse_altitude(struct words *w, uint32_t *out);
static bool parse_size(struct words *w, uint8_t *out);
static bool scan_fraction(const char *text, size_t len, unsigned digits, uint64_t *out);
static void print_angle(uint32_t angle, const char *hemispheres, struct buf *out);
static void print_metres(uint64_t centimetres, struct buf *out);
static uint64_t size_centimetres(uint8_t size);

const struct rdata_form loc_form = {.parse = loc_parse, .print = loc_print};

static bool loc_parse(struct words *w, uint16_t type, struct buf *out)
{
    (void)type;
    uint8_t sizes[3] = {0x12, 0x16, 0x13}; /* RFC 1876 3: 1 m, 10,000 m, 10 m */
    uint32_t latitude, longitude, altitude = 0;
    if (!parse_angle(w, "NS", 90, &latitude) || !parse_angle(w, "EW", 180, &longitude) ||
        !parse_altitude(w, &altitude)) {
        return false;
    }
    for (int i = 0; i < 3 && !words_end(w); i++) {
        if (!parse_size(w, &sizes[i])) {
            return false;
        }
    }
    buf_add_u8(out, 0);
    buf_add(out, sizes, sizeof sizes);
    buf_add_u32(out, latitude);
    buf_add_u32(out, longitude);
    buf_add_u32(out, altitude);
    return true;
}

/* Degrees, perhaps minutes, perhaps seconds, and the hemisphere's letter. */
static bool parse_angle(struct words *w, const char *hemispheres, uint32_t most, uint32_t *out)
{
    const char *begin = w->token.text;
    uint64_t part[3] = {0, 0, 0}; /* the last in thousandths */
    int sign = 0;
    for (int i = 0; i < 3 && !hemisphere(w, hemispheres, &sign); i++) {
        const char *why = i == 0   ? "expected degrees"
                          : i == 1 ? "expected minutes from 0 to 59, or the hemisphere"
                                   : "expected seconds from 0 to 59.999, or the hemisphere";
        uint64_t limit = i == 0 ? most : i == 1 ? 59 : 59999;
        const char *at = w->token.text;
        if (!parse_fraction(w, why, i == 2 ? 3 : 0, &part[i])) {
            return false;
        }
        if (part[i] > limit) {
            return words_wrong_at(w, at,
                                  i == 0 && most == 90 ? "more than 90 degrees"
                                  : i == 0             ? "more than 180 degrees"
                                                       : why);
        }
    }
    if (sign == 0 && !hemisphere(w, hemispheres, &sign)) {
        return words_wrong(w, most == 90 ? "expected N or S" : "expected E or W");
    }
    int64_t angle = (int64_t)(part[0] * 3600000 + part[1] * 60000 + part[2]);
    if (angle > (int64_t)most * 3600000) {
        return words_wrong_at(w, begin,
                              most == 90 ? "more than 90 degrees" : "more than 180 degrees");
    }
    *out = (uint32_t)(ZERO_ANGLE + sign * angle);
    return true;
}

/* Takes the letter if it is one of the two: first is positive, second negative. */
static bool hemisphere(struct words *w, const char *hemispheres, int *sign)
{
    char first[2] = {hemispheres[0], '\0'}, second[2] = {hemispheres[1], '\0'};
    if (!words_is(w, first) && !words_is(w, second)) {
        return false;
    }
    *sign = words_is(w, first) ? 1 : -1;
    words_next(w);
    return true;
}

static bool parse_fraction(struct words *w, const char *why, unsigned digits, uint64_t *out)
{
    if (w->token.kind != LEX_WORD || !scan_fraction(w->token.text, w->token.len, digits, out)) {
        return words_wrong(w, why);
    }
    words_next(w);
    return true;
}

static bool parse_altitude(struct words *w, uint32_t *out)
{
    static const char why[] =
        "expected an altitude in metres from -100000.00 to 42849672.95, like 10m";
    const struct lex_token *t = &w->token;
    size_t len = t->len;
    uint64_t centimetres;
    if (t->kind != LEX_WORD) {
        return words_wrong(w, why);
    }
    len -= t->text[len - 1] == 'm' || t->text[len - 1] == 'M';
    bool below = t->text[0] == '-';
    if (len <= below || !scan_fraction(t->text + below, len - below, 2, &centimetres)) {
        return words_wrong(w, why);
    }
    int64_t altitude = ZERO_ALTITUDE + (below ? -(int64_t)centimetres : (int64_t)centimetres);
    if (altitude < 0 || altitude > UINT32_MAX) {
        return words_wrong(w, why);
    }
    *out = (uint32_t)altitude;
    words_next(w);
    return true;
}

/* RFC 1876 2: a digit and a power of ten, in centimetres; what does not fit is cut. */
static bool parse_size(struct words *w, uint8_t *out)
{
    static const char why[] = "expected a size in metres from 0 to 90000000.00, like 100m";
    const struct lex_token *t = &w->token;
    size_t len = t->len;
    uint64_t centimetres;
    if (t->kind != LEX_WORD) {
        return words_wrong(w, why);
    }
    len -= t->text[len - 1] == 'm' || t->text[len - 1] == 'M';
    if (!scan_fraction(t->text, len, 2, &centimetres) || centimetres > SIZE_MOST_CM) {
        return words_wrong(w, why);
    }
    uint8_t exponent = 0;
    for (; centimetres > 9; centimetres /= 10) {
        exponent++;
    }
    *out = (uint8_t)(centimetres << 4 | exponent);
    words_next(w);
    return true;
}

/* "12.5" with up to `digits` digits behind the point, as a whole number of 10^-digits. */
static bool scan_fraction(const char *text, size_t len, unsigned digits, uint64_t *out)
{
    const char *point = len > 0 ? memchr(text, '.', len) : NULL;
    size_t whole = point != NULL ? (size_t)(point - text) : len,
           behind = point != NULL ? len - whole - 1 : 0;
    uint64_t n, fraction = 0;
    if (behind > digits || (point != NULL && behind == 0) ||
        !scan_number(text, whole, 100000000, &n) ||
        (behind > 0 && !scan_number(point + 1, behind, 1000, &fraction))) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        n *= 10;
        fraction *= i >= behind ? 10 : 1;
    }
    *out = n + fraction;
    return true;
}

static bool loc_print(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    (void)type;
    if (len != 16 || rdata[0] != 0) {
        return false;
    }
    print_angle(get_u32(rdata + 4), "NS", out);
    print_angle(get_u32(rdata + 8), "EW", out);
    int64_t altitude = (int64_t)get_u32(rdata + 12) - ZERO_ALTITUDE;
    buf_print(out, "%s", altitude < 0 ? "-" : "");
    print_metres((uint64_t)(altitude < 0 ? -altitude : altitude), out);
    for (int i = 1; i <= 3; i++) {
        buf_print(out, " ");
        print_metres(size_centimetres(rdata[i]), out);
    }
    return true;
}

static void print_angle(uint32_t angle, const char *hemispheres, struct buf *out)
{
    int64_t signed_angle = (int64_t)angle - ZERO_ANGLE;
    unsigned n = (unsigned)(signed_angle < 0 ? -signed_angle : signed_angle);
    buf_print(out, "%u %u %u.%03u %c ", n / 3600000, n / 60000 % 60, n / 1000 % 60, n % 1000,
              hemispheres[signed_angle < 0]);
}

static void print_metres(uint64_t centimetres, struct buf *out)
{
    unsigned long long metres = centimetres / 100;
    unsigned rest = (unsigned)(centimetres % 100);
    if (rest == 0) {
        buf_print(out, "%llum", metres);
    } else {
        buf_print(out, "%llu.%02um", metres, rest);
    }
}

static uint64_t size_centimetres(uint8_t size)
{
    uint64_t n = size >> 4;
    for (unsigned i = 0; i < (size & 15u); i++) {
        n *= 10;
    }
    return n;
}
