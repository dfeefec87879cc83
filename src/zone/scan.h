/* scan.h - numbers, times and escapes in a piece of zone text. Pure; nothing is read behind text +
 * len. */
#ifndef SETTLED_ZONE_SCAN_H
#define SETTLED_ZONE_SCAN_H

#include "base/buf.h"

#define TTL_MOST UINT32_C(0x7fffffff) /* RFC 2181 8 */

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
/* Decimal digits and nothing else, at most `most`. */
MUST_USE bool scan_number(const char *text, size_t len, uint64_t most, uint64_t *out);
/* "3600", or numbers with units, as in 1h30m or 2W (BIND's w d h m s). NULL when that worked, else
 * what is wrong. */
MUST_USE const char *scan_ttl(const char *text, size_t len, uint32_t *out);
/* The same for the times inside rdata, which have all 32 bits (RFC 1035 3.3.13). */
MUST_USE const char *scan_period(const char *text, size_t len, uint32_t *out);
/* YYYYMMDDHHMMSS in UTC, or plain seconds since 1970 (RFC 4034 3.2), modulo 2^32. */
MUST_USE bool scan_time(const char *text, size_t len, uint32_t *out);
/* The opposite: YYYYMMDDHHMMSS of a time, which is from 1970 to 2106. */
void scan_print_time(uint32_t time, char out[15]);
/* The octet a backslash at text[at] and what follows mean (RFC 1035 5.1); *at goes behind it. NULL,
 * or what is wrong. */
MUST_USE const char *scan_escape(const char *text, size_t len, size_t *at, uint8_t *out);
/* Appends the octets that text means. False: *at is the place of the wrong escape, *why says what
 * is wrong. */
MUST_USE bool scan_text(const char *text, size_t len, struct buf *out, size_t *at,
                        const char **why);
/* The opposite: quotes, backslashes and what cannot be printed are escaped (RFC 1035 5.1); no
 * quotes around it. */
void scan_print_text(const uint8_t *octets, size_t len, struct buf *out);

#endif
