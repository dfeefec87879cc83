/* suggest.h - which word a mistyped one was probably meant to be. Pure. */
#ifndef SETTLED_ZONE_SUGGEST_H
#define SETTLED_ZONE_SUGGEST_H

#include <stddef.h>

/* The mnemonic of the RR type for data that differs least from the text, case ignored; NULL when
 * none is near. */
const char *suggest_type(const char *text, size_t len);
/* The same among `count` words. */
const char *suggest_word(const char *text, size_t len, const char *const *words, size_t count);

#endif
