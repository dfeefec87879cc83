/* value.h - the texts of an option to numbers and back: times, sizes, counts, percentages. */
#ifndef SETTLED_CONFIG_VALUE_H
#define SETTLED_CONFIG_VALUE_H

#include "base/must.h"
#include <stdbool.h>
#include <stdint.h>

#define VALUE_TEXT 32

/* Each is false when the text is no such thing. Numbers too large become UINT64_MAX: the range
 * check tells. */
MUST_USE bool value_seconds(const char *text, uint64_t *out); /* "90", "15m", "1h30m", "2w" */
MUST_USE bool value_size(const char *text, uint64_t *out);    /* "4096", "64K", "1G": 1024 each */
MUST_USE bool value_count(const char *text, uint64_t *out);   /* digits only */
MUST_USE bool value_percent(const char *text, uint64_t *out); /* "10%", "10" */
MUST_USE bool value_yesno(const char *text, bool *out);       /* "yes", "no" */
/* The place of `text` in a list of words parted by spaces, or -1. */
int value_word(const char *text, const char *words);
/* The other way: "1h30m", "64K". Return out. */
const char *value_print_seconds(uint64_t v, char out[VALUE_TEXT]);
const char *value_print_size(uint64_t v, char out[VALUE_TEXT]);

#endif
