/* name.h - domain names as uncompressed wire octets (RFC 1035 3.1), compared without case (RFC
 * 4343). A `const uint8_t *name` in this program is always a checked one: labels of 1..63
 * octets, a root label at the end, 255 octets at most. Case is kept; comparing, hashing and keys
 * ignore ASCII case. No allocation here. */
#ifndef SETTLED_WIRE_NAME_H
#define SETTLED_WIRE_NAME_H

#include "base/must.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_SIZE   255  /* octets, root label included */
#define NAME_LABELS 127  /* without the root label */
#define NAME_TEXT   1024 /* longest presentation form, NUL included (each octet as \DDD) */

struct name { /* when a name must live on the stack or inside a struct */
    uint8_t octets[NAME_SIZE + 1];
};

extern const uint8_t name_root[1];

/* Octets, root label included: 1..255. */
static inline size_t name_len(const uint8_t *name)
{
    size_t at = 0;
    while (name[at] != 0) {
        at += 1U + name[at];
    }
    return at + 1;
}
/* Without the root: 0 for ".". */
static inline unsigned name_labels(const uint8_t *name)
{
    unsigned count = 0;
    for (; *name != 0; name += 1 + *name) {
        count++;
    }
    return count;
}
/* Checks untrusted octets: true when a whole uncompressed name stands at the front; *len is its
 * length. */
MUST_USE bool name_check(const uint8_t *octets, size_t room, size_t *len);
/* Presentation text (RFC 1035 5.1: \., \\, \DDD). Relative names get `origin` (NULL: the root);
 * "@" alone is the origin. False: *why says what is wrong in words ("label longer than 63
 * octets", ...). */
MUST_USE bool name_parse(const char *text, size_t len, const uint8_t *origin, struct name *out,
                         const char **why);
/* Convenience for plain C strings, absolute or not; false when it is no name. */
MUST_USE bool name_from(const char *text, struct name *out);
/* Text without the final dot, "." for the root; everything unusual escaped. Returns out. */
const char *name_print(const uint8_t *name, char out[NAME_TEXT]);
/* The same with the final dot: what zone files and dig show. */
const char *name_print_dot(const uint8_t *name, char out[NAME_TEXT]);
bool name_same(const uint8_t *a, const uint8_t *b);
bool name_same_case(const uint8_t *a, const uint8_t *b); /* octet for octet */
/* Canonical order (RFC 4034 6.1): <0, 0, >0. */
int name_compare(const uint8_t *a, const uint8_t *b);
/* Is `name` equal to or below `above`? */
bool name_at_or_below(const uint8_t *name, const uint8_t *above);
/* The name without its first `labels` labels (a pointer into name). labels <= name_labels(name). */
const uint8_t *name_up(const uint8_t *name, unsigned labels);
/* The suffix of `name` that has exactly `labels` labels. */
const uint8_t *name_suffix(const uint8_t *name, unsigned labels);
bool name_is_wildcard(const uint8_t *name);             /* first label is "*" */
uint64_t name_hash(const uint8_t *name, uint64_t seed); /* case ignored */
void name_copy(struct name *out, const uint8_t *name);
void name_copy_lower(struct name *out, const uint8_t *name);
/* `prefix` labels (of name, before its suffix of `keep` labels) put before `target` (DNAME, RFC
 * 6672 2.2). False: longer than 255 octets. */
MUST_USE bool name_substitute(const uint8_t *name, unsigned keep, const uint8_t *target,
                              struct name *out);
/* "*." put before name; false when too long. */
MUST_USE bool name_wildcard(const uint8_t *name, struct name *out);

/* The trie's key: labels reversed, lower case, order of memcmp over (key, length) = canonical
 * order of names. Octets are encoded so that a label's end sorts below any octet. Returns the
 * key's length (at most NAME_KEY). `skip` labels at the top (the apex's) are left out. */
#define NAME_KEY 520
size_t name_key(const uint8_t *name, unsigned skip, uint8_t key[NAME_KEY]);

#endif
