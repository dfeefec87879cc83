/* findings.h - what is wrong, collected while reading and told at the end in the order of the
 * text. */
#ifndef SETTLED_CONFIG_FINDINGS_H
#define SETTLED_CONFIG_FINDINGS_H

#include "base/arena.h"
#include "base/report.h"
#include "config/tree.h"

struct finding;
struct findings {
    struct arena *arena;
    struct finding *newest;
    unsigned count;
};

void finding_add(struct findings *f, struct spot at, const char *format, ...) PRINTF_LIKE(3, 4);
/* Hands all of them to the report as errors, sorted by file, line and column. */
void findings_tell(struct findings *f, struct report *report);

#endif
