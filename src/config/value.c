/* value.c - numbers with units. Any thread. Both cases of a unit are taken, as zone files do. */
#include "config/value.h"
#include <stdio.h>
#include <string.h>

struct unit {
    char letter;
    uint64_t worth;
};
/* Largest first: that is the order of printing. */
static const struct unit times[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
static const struct unit sizes[] = {{'G', 1 << 30}, {'M', 1 << 20}, {'K', 1 << 10}};
#define TIMES (sizeof times / sizeof times[0])
#define SIZES (sizeof sizes / sizeof sizes[0])

static bool take_digits(const char **text, uint64_t *out);
static const struct unit *find_unit(char letter, const struct unit *units, size_t count);
static uint64_t times_plus(uint64_t a, uint64_t b, uint64_t plus);

bool value_seconds(const char *text, uint64_t *out)
{
    uint64_t sum = 0, part;
    bool first = true;
    do {
        if (!take_digits(&text, &part)) {
            return false;
        }
        if (first && *text == '\0') { /* no unit at all: seconds */
            *out = part;
            return true;
        }
        const struct unit *u = find_unit(*text, times, TIMES);
        if (u == NULL) {
            return false;
        }
        sum = times_plus(part, u->worth, sum);
        first = false;
        text++;
    } while (*text != '\0');
    *out = sum;
    return true;
}

bool value_size(const char *text, uint64_t *out)
{
    uint64_t v;
    if (!take_digits(&text, &v)) {
        return false;
    }
    if (*text == '\0') {
        *out = v;
        return true;
    }
    const struct unit *u = find_unit(*text, sizes, SIZES);
    if (u == NULL || text[1] != '\0') {
        return false;
    }
    *out = times_plus(v, u->worth, 0);
    return true;
}

bool value_count(const char *text, uint64_t *out)
{
    return take_digits(&text, out) && *text == '\0';
}

bool value_percent(const char *text, uint64_t *out)
{
    return take_digits(&text, out) && (*text == '\0' || strcmp(text, "%") == 0);
}

bool value_yesno(const char *text, bool *out)
{
    *out = strcmp(text, "yes") == 0;
    return *out || strcmp(text, "no") == 0;
}

/* One or more digits off the front. */
static bool take_digits(const char **text, uint64_t *out)
{
    const char *at = *text;
    uint64_t v = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        v = times_plus(v, 10, (uint64_t)(*at - '0'));
    }
    if (at == *text) {
        return false;
    }
    *text = at;
    *out = v;
    return true;
}

static const struct unit *find_unit(char letter, const struct unit *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((letter | 0x20) == (units[i].letter | 0x20)) { /* without case */
            return &units[i];
        }
    }
    return NULL;
}

/* a * b + plus, or UINT64_MAX where that is too much. */
static uint64_t times_plus(uint64_t a, uint64_t b, uint64_t plus)
{
    return a > (UINT64_MAX - plus) / b ? UINT64_MAX : a * b + plus;
}

int value_word(const char *text, const char *words)
{
    size_t len = strlen(text);
    for (int i = 0; *words != '\0'; i++) {
        size_t word = strcspn(words, " ");
        if (word == len && memcmp(text, words, len) == 0) {
            return i;
        }
        words += word;
        words += *words == ' ';
    }
    return -1;
}

const char *value_print_seconds(uint64_t v, char out[VALUE_TEXT])
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < TIMES && len < VALUE_TEXT; i++) {
        uint64_t part = v / times[i].worth;
        v %= times[i].worth;
        if (part != 0 || (i == TIMES - 1 && len == 0)) {
            len += (size_t)snprintf(out + len, VALUE_TEXT - len, "%llu%c", (unsigned long long)part,
                                    times[i].letter);
        }
    }
    return out;
}

const char *value_print_size(uint64_t v, char out[VALUE_TEXT])
{
    for (size_t i = 0; i < SIZES; i++) {
        if (v != 0 && v % sizes[i].worth == 0) {
            snprintf(out, VALUE_TEXT, "%llu%c", (unsigned long long)(v / sizes[i].worth),
                     sizes[i].letter);
            return out;
        }
    }
    snprintf(out, VALUE_TEXT, "%llu", (unsigned long long)v);
    return out;
}
