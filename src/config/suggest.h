/* suggest.h - "did you mean": the known word nearest to a mistyped one. */
#ifndef SETTLED_CONFIG_SUGGEST_H
#define SETTLED_CONFIG_SUGGEST_H

struct suggestion {
    const char *word; /* what was written; set before the first try */
    const char *best; /* the nearest so far, NULL: none is near enough */
    unsigned distance;
};

/* Looks at one known word. Near enough: at most a third of the letters differ, and at least one
 * is allowed to. */
void suggest_try(struct suggestion *s, const char *known);

#endif
