/* fields.h - the fields of uncompressed rdata by the letters of rrtype.h. For the files of wire/
 * alone. */
#ifndef SETTLED_WIRE_FIELDS_H
#define SETTLED_WIRE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIELD_BAD SIZE_MAX

/* How many of the `left` octets at p the field takes; FIELD_BAD when it is malformed or does not
 * fit. */
size_t field_size(char letter, const uint8_t *p, size_t left);
/* A name whose case does not count in the canonical form (RFC 4034 6.2, 6840 5.1). */
static inline bool field_folds(char letter)
{
    return letter == 'n' || letter == 'd';
}
/* Beyond the layout: is the whole rdata, whose fields are all there, as its RFC wants it? */
bool form_check(uint16_t type, const uint8_t *rdata, size_t len);

#endif
