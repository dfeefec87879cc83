/* complaint.h - the YAML parser's complaints in plain words. */
#ifndef SETTLED_CONFIG_COMPLAINT_H
#define SETTLED_CONFIG_COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>

#define COMPLAINT_MOST 300
#define QUOTE_IPV6     "quote IPv6 addresses, as \"[2001:db8::1]:53\""

struct complaint {
    const char *problem;  /* libyaml's sentence */
    char at;              /* the character it stopped at, 0: the end of the text */
    unsigned opened_line; /* where the list, map or quote began that it was reading */
    const char *line;     /* the text of the line it stopped in */
    size_t line_len;
};

/* Writes one sentence into out; says "quote IPv6 addresses" where one without quotes is the
 * likely cause. */
void complaint_print(const struct complaint *c, char out[COMPLAINT_MOST]);
/* Does the sentence belong to the place where the list, map or quote began? (Else where the
 * parser stopped.) */
bool complaint_at_start(const char *problem);

#endif
