/* suggest.c - which word a mistyped one was probably meant to be (config/suggest.h says what is
 * near).
 * Pure, any thread. Only for messages: nothing is ever read as what it was probably meant to be. */
#include "zone/suggest.h"
#include "config/suggest.h"
#include "wire/rrtype.h"
#include <stdbool.h>

#define WORD_MOST        31  /* longer words are no mistyped ones */
#define TYPES_DENSE_MOST 264 /* the registry up to IPN; what lies beyond is not suggested */

const char *suggest_word(const char *text, size_t len, const char *const *words, size_t count)
{
    char word[WORD_MOST + 1];
    struct suggestion s = {.word = word};
    if (len > WORD_MOST) {
        return NULL;
    }
    for (size_t i = 0; i < len; i++) { /* words of zone text are known in capitals */
        bool small = text[i] >= 'a' && text[i] <= 'z';
        word[i] = small ? (char)(text[i] - 'a' + 'A') : text[i];
    }
    word[len] = '\0';
    for (size_t i = 0; i < count; i++) {
        suggest_try(&s, words[i]);
    }
    return s.best;
}

const char *suggest_type(const char *text, size_t len)
{
    const char *words[TYPES_DENSE_MOST];
    size_t count = 0;
    for (uint16_t type = 1; type <= TYPES_DENSE_MOST; type++) {
        const char *mnemonic = rrtype_mnemonic(type);
        if (mnemonic != NULL && !rrtype_is_meta(type)) {
            words[count++] = mnemonic;
        }
    }
    return suggest_word(text, len, words, count);
}
