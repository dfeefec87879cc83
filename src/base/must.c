/* must.c - the last words of a program that found itself wrong.
 * Called by must() on any thread. Plain stderr and abort(): nothing that may itself be broken. */
#include "base/must.h"
#include <stdio.h>
#include <stdlib.h>

_Noreturn void must_failed(const char *cond, const char *file, int line)
{
    fprintf(stderr, "settled: bug: %s:%d: must(%s)\n", file, line, cond);
    abort();
}
