/* utf8.h - is a file text at all? */
#ifndef SETTLED_CONFIG_UTF8_H
#define SETTLED_CONFIG_UTF8_H

#include <stdbool.h>
#include <stddef.h>

struct utf8_fault {
    size_t offset;
    unsigned line, column; /* from 1, in characters */
    unsigned char octet;
};

/* True when all `len` octets are UTF-8 (RFC 3629) without control characters other than tab and
 * line end. */
bool utf8_check(const char *text, size_t len, struct utf8_fault *fault);

#endif
