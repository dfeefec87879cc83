/* suggest.c - "did you mean": how far two words are apart.
 * Edit distance with swapped neighbours counted once (optimal string alignment). Any thread. */
#include "config/suggest.h"
#include <string.h>

#define WORD_MOST 64 /* longer words are not compared */

static unsigned distance(const char *a, const char *b);
static unsigned least(unsigned a, unsigned b);

void suggest_try(struct suggestion *s, const char *known)
{
    size_t len = strlen(s->word), known_len = strlen(known);
    if (len > WORD_MOST || known_len > WORD_MOST) {
        return;
    }
    unsigned allowed = (unsigned)(len < known_len ? len : known_len) / 3;
    unsigned d = distance(s->word, known);
    if (d <= (allowed < 1 ? 1 : allowed) && d < known_len && (s->best == NULL || d < s->distance)) {
        s->best = known;
        s->distance = d;
    }
}

static unsigned distance(const char *a, const char *b)
{
    unsigned rows[3][WORD_MOST + 1]; /* the row before the last, the last, this one */
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];
    size_t n = strlen(b);
    for (unsigned j = 0; j <= n; j++) {
        last[j] = j;
    }
    for (unsigned i = 1; a[i - 1] != '\0'; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= n; j++) {
            unsigned change = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[n];
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}
