/* rrtype.c - looking things up in the table of RR types (rrtype.def). Any thread.
 * By code through a switch, which compilers turn into one indexed load; by mnemonic along the rows,
 * which begin with the types that zones are made of. */
#include "wire/rrtype.h"
#include "wire/ascii.h"
#include <stdio.h>

static bool parse_number(const char *text, size_t len, uint16_t *type);

struct row {
    const char *mnemonic;
    uint8_t len;
    uint16_t code;
};
static const struct row rows[] = {
#define RRTYPE(text, number, form, where)                                                          \
    {.mnemonic = text, .len = sizeof text - 1, .code = number},
#include "wire/rrtype.def"
#undef RRTYPE
};

const char *rrtype_mnemonic(uint16_t type)
{
    switch (type) {
#define RRTYPE(text, number, form, where)                                                          \
    case number:                                                                                   \
        return text;
#include "wire/rrtype.def"
#undef RRTYPE
    }
    return NULL;
}

const char *rrtype_layout(uint16_t type)
{
    switch (type) {
#define RRTYPE(text, number, form, where)                                                          \
    case number:                                                                                   \
        return form;
#include "wire/rrtype.def"
#undef RRTYPE
    }
    return NULL;
}

const char *rrtype_print(uint16_t type, char out[RRTYPE_TEXT])
{
    const char *mnemonic = rrtype_mnemonic(type);
    if (mnemonic != NULL) {
        snprintf(out, RRTYPE_TEXT, "%s", mnemonic);
    } else {
        snprintf(out, RRTYPE_TEXT, "TYPE%u", type);
    }
    return out;
}

bool rrtype_parse(const char *text, size_t len, uint16_t *type)
{
    const uint8_t *octets = (const uint8_t *)text;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        if (row->len == len && ascii_same((const uint8_t *)row->mnemonic, octets, len)) {
            *type = row->code;
            return true;
        }
    }
    return len > 4 && ascii_same((const uint8_t *)"type", octets, 4) &&
           parse_number(text + 4, len - 4, type);
}

/* RFC 3597 5: the type's code in decimal behind the word TYPE, no sign, no space. */
static bool parse_number(const char *text, size_t len, uint16_t *type)
{
    unsigned code = 0;
    if (len > 5) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        code = code * 10 + (unsigned)(text[i] - '0');
    }
    if (code > UINT16_MAX) {
        return false;
    }
    *type = (uint16_t)code;
    return true;
}

bool rrtype_is_meta(uint16_t type)
{
    /* RFC 6895 3.1: 0 is never a type, 128..255 are for questions and meta data. */
    return type == 0 || type == TYPE_OPT || (type >= 128 && type <= 255);
}
