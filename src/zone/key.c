/* key.c - owner names as keys of the trie. Pure; any thread.
 *
 * The alphabet: 42 octets have a
 * symbol of their own (a to z, 0 to 9, '-', '_', '*', '.', '/', '`'), the others are a group and
 * a number of 1 to 45 in it. 49 symbols and an offset of 9 bits leave 6 bits of the word free.
 * Against 4-bit symbols (two for each octet, a word of 32 bits) names of hosts have half as many
 * branches on the way, for about the same memory. */
#include "zone/key.h"
#include "wire/ascii.h"
#include <string.h>

/* Symbols in order of their octets; the first of a range, or of a group. */
enum {
    LOW = 1, /* 00..29 */
    STAR = KEY_STAR,
    PLUS, /* 2b, 2c */
    DASH,
    DOT,
    SLASH,
    DIGIT,
    COLON = DIGIT + 10, /* 3a..40, 5b..5e */
    UNDERSCORE,
    BACKTICK,
    LETTER,
    BRACE = LETTER + 26, /* 7b..a7 */
    HIGH,                /* a8..d3 */
    HIGHER               /* d4..ff */
};
_Static_assert(HIGHER + 1 == KEY_SYMBOLS, "the alphabet is full");

#define ONE(symbol)                                                                                \
    {                                                                                              \
        (symbol), 0                                                                                \
    }
#define TWO(group, number)                                                                         \
    {                                                                                              \
        (group), (number)                                                                          \
    }
#define TWO4(g, n) TWO(g, n), TWO(g, (n) + 1), TWO(g, (n) + 2), TWO(g, (n) + 3)
#define TWO20(g, n)                                                                                \
    TWO4(g, n), TWO4(g, (n) + 4), TWO4(g, (n) + 8), TWO4(g, (n) + 12), TWO4(g, (n) + 16)
#define TWO40(g) TWO20(g, 1), TWO20(g, 21)
#define ONE5(s)  ONE(s), ONE((s) + 1), ONE((s) + 2), ONE((s) + 3), ONE((s) + 4)
#define LETTERS                                                                                    \
    ONE5(LETTER), ONE5(LETTER + 5), ONE5(LETTER + 10), ONE5(LETTER + 15), ONE5(LETTER + 20),       \
        ONE(LETTER + 25)

/* The symbols of each octet, upper case as lower case; the second is 0 when there is only one. */
static const uint8_t alphabet[256][2] = {
    TWO40(LOW),                                        /* 00..27 */
    TWO(LOW, 41),    TWO(LOW, 42),                     /* 28 29 */
    ONE(STAR),       TWO(PLUS, 1),     TWO(PLUS, 2),   /* * + , */
    ONE(DASH),       ONE(DOT),         ONE(SLASH),     /* - . / */
    ONE5(DIGIT),     ONE5(DIGIT + 5),                  /* 0..9 */
    TWO4(COLON, 1),  TWO(COLON, 5),    TWO(COLON, 6),  /* : ; < = > ? */
    TWO(COLON, 7),                                     /* @ */
    LETTERS,                                           /* A..Z */
    TWO4(COLON, 8),                                    /* [ \ ] ^ */
    ONE(UNDERSCORE), ONE(BACKTICK),                    /* _ ` */
    LETTERS,                                           /* a..z */
    TWO40(BRACE),    TWO4(BRACE, 41),  TWO(BRACE, 45), /* 7b..a7 */
    TWO40(HIGH),     TWO4(HIGH, 41),                   /* a8..d3 */
    TWO40(HIGHER),   TWO4(HIGHER, 41),                 /* d4..ff */
};

static bool find_labels(const uint8_t *name, const struct apex *apex, uint8_t *at, unsigned *count);
static void start(struct key *k);
static void add_label(struct key *k, const uint8_t *label);

bool key_of_name(struct key *k, const uint8_t *name, const struct apex *apex)
{
    uint8_t at[NAME_LABELS + 1];
    unsigned count;
    if (!find_labels(name, apex, at, &count)) {
        return false;
    }
    start(k);
    for (unsigned i = count; i > 0; i--) {
        add_label(k, name + at[i - 1]);
    }
    return true;
}

/* Where the labels before the apex begin; false when it is not at the end. */
static bool find_labels(const uint8_t *name, const struct apex *apex, uint8_t *at, unsigned *count)
{
    unsigned labels = 0;
    size_t size = 0;
    for (; name[size] != 0; size += 1U + name[size]) {
        at[labels++] = (uint8_t)size;
    }
    at[labels] = (uint8_t)size;
    if (labels < apex->labels) {
        return false;
    }
    *count = labels - apex->labels;
    return size + 1 - at[*count] == apex->size &&
           ascii_same(name + at[*count], apex->name, apex->size);
}

bool key_prefix(const uint8_t *name, const struct apex *apex, uint64_t *prefix)
{
    uint8_t at[NAME_LABELS + 1];
    unsigned count, left = KEY_PREFIX;
    uint64_t symbols = 0;
    if (!find_labels(name, apex, at, &count)) {
        return false;
    }
    for (unsigned i = count; i > 0 && left > 0; i--) {
        const uint8_t *label = name + at[i - 1];
        for (unsigned n = 1; n <= *label && left > 0; n++) {
            const uint8_t *both = alphabet[label[n]];
            symbols = symbols << 6 | both[0];
            left--;
            if (both[1] != 0 && left > 0) {
                symbols = symbols << 6 | both[1];
                left--;
            }
        }
        if (left > 0) { /* the label's end */
            symbols <<= 6;
            left--;
        }
    }
    *prefix = symbols << 6 * left;
    return true;
}

void key_of_octets(struct key *k, const uint8_t *octets, size_t size)
{
    start(k);
    for (size_t at = 0; at < size; at += 1U + octets[at]) {
        add_label(k, octets + at);
    }
}

static void start(struct key *k)
{
    k->symbols = 0;
    k->size = 0;
    k->labels = 0;
    k->star = false;
    k->end[0] = 0;
    k->symbol[0] = 0;
}

static void add_label(struct key *k, const uint8_t *label)
{
    uint8_t *octet = k->octets + k->size, *symbol = k->symbol + k->symbols + 1;
    unsigned length = *label;
    *octet = (uint8_t)length;
    for (unsigned i = 1; i <= length; i++) {
        const uint8_t *symbols = alphabet[label[i]];
        octet[i] = ascii_lower(label[i]);
        symbol[0] = symbols[0];
        symbol[1] = symbols[1];
        symbol += symbols[1] != 0 ? 2 : 1;
    }
    *symbol = 0;
    k->star |= length == 1 && label[1] == '*';
    k->size = (uint8_t)(k->size + length + 1);
    k->symbols = (uint16_t)(symbol - k->symbol);
    k->labels++;
    k->end[k->labels] = k->symbols;
}

bool key_is_hash(const uint8_t *octets, size_t size)
{
    if (size != 1 + KEY_HASH || octets[0] != KEY_HASH) {
        return false;
    }
    for (size_t i = 1; i < size; i++) {
        bool is_digit =
            (octets[i] >= '0' && octets[i] <= '9') || (octets[i] >= 'a' && octets[i] <= 'v');
        if (!is_digit) {
            return false;
        }
    }
    return true;
}

void key_name(const uint8_t *octets, size_t size, const struct apex *apex, struct name *out)
{
    size_t to = size;
    for (size_t at = 0; at < size; at += 1U + octets[at]) {
        to -= 1U + octets[at];
        memcpy(out->octets + to, octets + at, 1U + octets[at]);
    }
    memcpy(out->octets + size, apex->name, apex->size);
}

size_t key_common(const struct key *k, const uint8_t *octets, size_t size, unsigned *labels)
{
    size_t most = size < k->size ? size : k->size, at = 0;
    unsigned count = 0;
    while (at < most && octets[at] == k->octets[at] &&
           memcmp(octets + at, k->octets + at, 1U + octets[at]) == 0) {
        at += 1U + octets[at];
        count++;
    }
    *labels = count;
    return at;
}

int key_compare(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    size_t at = 0;
    while (at < a_size && at < b_size) {
        unsigned length = a[at] < b[at] ? a[at] : b[at];
        int order = memcmp(a + at + 1, b + at + 1, length);
        if (order != 0 || a[at] != b[at]) {
            return order != 0 ? order : a[at] - b[at];
        }
        at += 1U + length;
    }
    return (at < a_size) - (at < b_size);
}

unsigned key_difference(const struct key *a, const struct key *b)
{
    unsigned most = a->symbols > b->symbols ? a->symbols : b->symbols;
    for (unsigned i = 0; i <= most; i++) {
        if (key_at(a, i) != key_at(b, i)) {
            return i;
        }
    }
    return KEY_LENGTH;
}
