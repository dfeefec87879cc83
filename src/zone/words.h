/* words.h - the words of one entry taken one by one, as what they should be: numbers, times, names,
 * strings, hex.
 * Every function that takes a word says true and goes to the next one, or says false with `fault`
 * filled: where it went wrong, what was expected, and a hint. All sentences are constants, so a
 * fault costs nothing until it is shown. */
#ifndef SETTLED_ZONE_WORDS_H
#define SETTLED_ZONE_WORDS_H

#include "base/buf.h"
#include "wire/name.h"
#include "zone/lex.h"

struct words_fault {
    const char *at;    /* in the text */
    const char *field; /* which field of the record, in words; NULL: not said */
    const char *why;
    const char *hint; /* more, with its comma; NULL: none */
    const char *word; /* the hint's last word, as in "did you mean AAAA"; NULL: none */
};
struct words {
    struct lex *lex;
    struct lex_token token; /* the next word */
    const char *behind;     /* where the word before it ended: the place of what is missing */
    const uint8_t *origin;  /* completes relative names */
    size_t origin_len;
    bool allow_values; /* key="value" may come (SVCB) */
    struct words_fault fault;
    struct { /* not wrong, but hardly meant: at NULL when there is none */
        const char *at, *why;
    } doubt;
};

/* The name that completes relative ones from now on; it stays the caller's. */
void words_origin(struct words *w, const uint8_t *origin);
void words_next(struct words *w); /* passes over token and reads the next */
/* Fills the fault with the next word as its place; returns false. */
bool words_wrong(struct words *w, const char *why);
bool words_wrong_at(struct words *w, const char *at, const char *why);
/* Adds to the fault; returns false. */
bool words_hint(struct words *w, const char *hint, const char *word);
/* About the next word; the first doubt stays. */
void words_doubt(struct words *w, const char *why);
bool words_end(const struct words *w); /* no more words */
/* Is the next word this one, ASCII case ignored? Words in quotes are not. */
bool words_is(const struct words *w, const char *word);

/* Decimal numbers that fit, without a sign. */
MUST_USE bool words_u8(struct words *w, uint8_t *out);
MUST_USE bool words_u16(struct words *w, uint16_t *out);
MUST_USE bool words_u32(struct words *w, uint32_t *out);
MUST_USE bool words_u64(struct words *w, uint64_t *out);
/* Seconds, or a time as in 1h30m; at most 2^31-1 (RFC 2181 8). */
MUST_USE bool words_ttl(struct words *w, uint32_t *out);
MUST_USE bool words_period(struct words *w, uint32_t *out); /* up to 2^32-1 */
/* Addresses as inet_pton(3) reads them. */
MUST_USE bool words_ipv4(struct words *w, uint8_t out[4]);
MUST_USE bool words_ipv6(struct words *w, uint8_t out[16]);
/* A domain name, completed by the origin, and how many octets it has. */
MUST_USE bool words_name(struct words *w, struct name *out, size_t *len);
/* An RR type, by its mnemonic or as TYPE123 (RFC 3597 5). */
MUST_USE bool words_type(struct words *w, uint16_t *out);
/* Octets of a word or quoted text, escapes decoded; at most `most`. */
MUST_USE bool words_text(struct words *w, struct buf *out, size_t most);
/* All words that are left, which together are hex or base64, at least one; or exactly one word. */
MUST_USE bool words_hex(struct words *w, struct buf *out);
MUST_USE bool words_base64(struct words *w, struct buf *out);
MUST_USE bool words_hex_one(struct words *w, struct buf *out);
MUST_USE bool words_base32hex_one(struct words *w, struct buf *out);
MUST_USE bool words_base64_one(struct words *w, struct buf *out);

#endif
