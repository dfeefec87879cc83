/* escape.h - text from outside, made harmless: one line, no control characters, no broken UTF-8. */
#ifndef SETTLED_BASE_ESCAPE_H
#define SETTLED_BASE_ESCAPE_H

#include <stddef.h>

#define ESCAPE_MOST 5 /* octets of one escaped character, NUL included */

/* Takes one character of the `len` octets at `text` (len > 0) and writes it to out: itself when it
 * can be printed (UTF-8 included), else \ooo for its first octet. Returns how many octets it took.
 */
size_t escape_next(const char *text, size_t len, char out[ESCAPE_MOST]);
/* All of `text` (to its NUL), escaped, into out; cut with "..." when it does not fit. room >= 8.
 * Returns out. */
char *escape_text(const char *text, char *out, size_t room);

#endif
