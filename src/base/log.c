/* log.c - one event, one line: formatted, made harmless, handed to the sink that came in.
 * Any thread; no state of its own. A line above the sink's level costs one comparison. */
#include "base/log.h"
#include "base/escape.h"
#include <stddef.h>
#include <stdio.h>

/* A line may hold two names (at most 1,004 characters each) and a sentence; longer ones are cut. */
#define LINE_MOST 3072

static void say(const struct log *l, enum log_level level, const char *format, va_list args);

#define LEVEL(function, level)                                                                     \
    void function(const struct log *l, const char *format, ...)                                    \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        say(l, level, format, args);                                                               \
        va_end(args);                                                                              \
    }
LEVEL(log_error, LOG_LEVEL_ERROR)
LEVEL(log_warning, LOG_LEVEL_WARNING)
LEVEL(log_notice, LOG_LEVEL_NOTICE)
LEVEL(log_info, LOG_LEVEL_INFO)
LEVEL(log_debug, LOG_LEVEL_DEBUG)
#undef LEVEL

static void __attribute__((format(printf, 3, 0)))
say(const struct log *l, enum log_level level, const char *format, va_list args)
{
    char raw[LINE_MOST], line[LINE_MOST];
    if (l == NULL || l->write == NULL || level > l->level) {
        return;
    }
    vsnprintf(raw, sizeof raw, format, args);
    l->write(l->ctx, level, escape_text(raw, line, sizeof line));
}

const char *log_level_name(enum log_level level)
{
    static const char *const names[] = {[LOG_LEVEL_ERROR] = "error",
                                        [LOG_LEVEL_WARNING] = "warning",
                                        [LOG_LEVEL_NOTICE] = "notice",
                                        [LOG_LEVEL_INFO] = "info",
                                        [LOG_LEVEL_DEBUG] = "debug"};
    return names[level];
}
