/* scan.c - numbers, times and escapes in a piece of zone text, and back. Pure, any thread.
 * Dates are reckoned here and not by the C library: those functions ask the environment for a time
 * zone. */
#include "zone/scan.h"
#include <stdio.h>
#include <string.h>

static const char *scan_seconds(const char *text, size_t len, uint64_t most, uint64_t *out);
static uint64_t unit_seconds(char unit);
static int64_t days_from_date(int64_t year, int64_t month, int64_t day);
static void date_from_days(int64_t days, int *year, int *month, int *day);
static int64_t days_in_month(int64_t year, int64_t month);

bool scan_number(const char *text, size_t len, uint64_t most, uint64_t *out)
{
    uint64_t n = 0;
    if (len == 0) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        uint64_t digit = (uint64_t)(uint8_t)text[i] - '0';
        if (digit > 9 || digit > most || n > (most - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}

const char *scan_ttl(const char *text, size_t len, uint32_t *out)
{
    uint64_t seconds = 0;
    const char *why = scan_seconds(text, len, TTL_MOST, &seconds);
    *out = why == NULL ? (uint32_t)seconds : *out;
    return why;
}

const char *scan_period(const char *text, size_t len, uint32_t *out)
{
    uint64_t seconds = 0;
    const char *why = scan_seconds(text, len, UINT32_MAX, &seconds);
    *out = why == NULL ? (uint32_t)seconds : *out;
    return why;
}

static const char *scan_seconds(const char *text, size_t len, uint64_t most, uint64_t *out)
{
    uint64_t total = 0, n = 0;
    bool has_unit = false, has_digit = false;
    for (size_t i = 0; i < len; i++) {
        if (is_digit(text[i])) {
            n = n * 10 + (uint64_t)(text[i] - '0');
            has_digit = true;
        } else if (has_digit && unit_seconds(text[i]) != 0) {
            total += n * unit_seconds(text[i]);
            n = 0;
            has_digit = false;
            has_unit = true;
        } else {
            return "expected a time: seconds, or numbers with units as in 1h30m (w, d, h, m, s)";
        }
        if (n > most || total + n > most) {
            return most == TTL_MOST ? "a time above 2147483647 seconds (RFC 2181 8)"
                                    : "a time above 4294967295 seconds";
        }
    }
    if (has_digit == has_unit) { /* nothing at all, or "1h30" */
        return "expected a time: each number needs a unit, as in 1h30m (w, d, h, m, s)";
    }
    *out = total + n;
    return NULL;
}

static uint64_t unit_seconds(char unit)
{
    switch (unit | 0x20) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 604800;
    default:
        return 0;
    }
}

bool scan_time(const char *text, size_t len, uint32_t *out)
{
    uint64_t n;
    if (len != 14) {
        if (!scan_number(text, len, UINT32_MAX, &n)) {
            return false;
        }
        *out = (uint32_t)n;
        return true;
    }
    uint64_t part[6];
    static const size_t begin[7] = {0, 4, 6, 8, 10, 12, 14};
    for (size_t i = 0; i < 6; i++) {
        if (!scan_number(text + begin[i], begin[i + 1] - begin[i], 9999, &part[i])) {
            return false;
        }
    }
    int64_t year = (int64_t)part[0], month = (int64_t)part[1], day = (int64_t)part[2];
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
        part[3] > 23 || part[4] > 59 || part[5] > 60) {
        return false;
    }
    uint64_t days = (uint64_t)days_from_date(year, month, day);
    *out = (uint32_t)(days * 86400 + part[3] * 3600 + part[4] * 60 + part[5]);
    return true;
}

void scan_print_time(uint32_t time, char out[15])
{
    int year, month, day;
    unsigned second = time % 86400;
    date_from_days(time / 86400, &year, &month, &day);
    char text[64]; /* room for what the compiler fears */
    snprintf(text, sizeof text, "%04d%02d%02d%02u%02u%02u", year, month, day, second / 3600,
             second / 60 % 60, second % 60);
    memcpy(out, text, 14);
    out[14] = '\0';
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    int64_t before = year - 1;
    int64_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (int64_t m = 1; m < month; m++) {
        days += days_in_month(year, m);
    }
    return days + day - 1;
}

static void date_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t y = 1970, m = 1;
    while (days >= 365 + is_leap(y)) { /* at most 136 turns: times end in 2106 */
        days -= 365 + is_leap(y);
        y++;
    }
    while (days >= days_in_month(y, m)) {
        days -= days_in_month(y, m);
        m++;
    }
    *year = (int)y;
    *month = (int)m;
    *day = (int)days + 1;
}

const char *scan_escape(const char *text, size_t len, size_t *at, uint8_t *out)
{
    const char *c = text + *at + 1;
    size_t left = len - *at - 1;
    if (left == 0) {
        return "nothing follows this '\\' (a backslash itself is written \\\\)";
    }
    if (!is_digit(c[0])) {
        *out = (uint8_t)c[0];
        *at += 2;
        return NULL;
    }
    uint64_t value;
    if (left < 3 || !scan_number(c, 3, 255, &value)) {
        return "expected three digits behind '\\', from \\000 to \\255";
    }
    *out = (uint8_t)value;
    *at += 4;
    return NULL;
}

bool scan_text(const char *text, size_t len, struct buf *out, size_t *at, const char **why)
{
    size_t i = 0;
    while (i < len) {
        const char *backslash = memchr(text + i, '\\', len - i);
        size_t plain = backslash != NULL ? (size_t)(backslash - text) - i : len - i;
        buf_add(out, text + i, plain);
        i += plain;
        if (backslash == NULL) {
            break;
        }
        uint8_t octet = 0;
        if ((*why = scan_escape(text, len, &i, &octet)) != NULL) {
            *at = i;
            return false;
        }
        buf_add_u8(out, octet);
    }
    return true;
}

void scan_print_text(const uint8_t *octets, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t c = octets[i];
        if (c < ' ' || c >= 0x7f) {
            buf_print(out, "\\%03u", c);
            continue;
        }
        if (c == '"' || c == '\\') {
            buf_add_u8(out, '\\');
        }
        buf_add_u8(out, c);
    }
}
