/* oops.c - "the world said no", in one sentence that grows outwards with context.
 * Formatted in a second buffer, so that the old text may be an argument of the new. Any thread. */
#include "base/oops.h"
#include "base/escape.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool oops(struct oops *o, const char *format, ...)
{
    char text[sizeof o->text];
    va_list args;
    if (o == NULL) {
        return false;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    escape_text(text, o->text, sizeof o->text);
    return false;
}

bool oops_in(struct oops *o, const char *format, ...)
{
    char context[sizeof o->text];
    va_list args;
    if (o == NULL) {
        return false;
    }
    va_start(args, format);
    vsnprintf(context, sizeof context, format, args);
    va_end(args);
    return oops(o, "%s: %s", context, o->text);
}
