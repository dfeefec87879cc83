/* log.h - one event, one line, for the operator. The sink comes in; the core never writes by
 * itself. */
#ifndef SETTLED_BASE_LOG_H
#define SETTLED_BASE_LOG_H

#include "base/must.h"
#include <stdarg.h>
#include <stdbool.h>

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
};

struct log {
    enum log_level level; /* lines above it are dropped before they are formatted */
    void (*write)(void *ctx, enum log_level level,
                  const char *line); /* thread-safe; no newline in line */
    void *ctx;
};

/* A NULL log swallows everything. Control characters in the text come out as \ooo. */
void log_error(const struct log *l, const char *format, ...) PRINTF_LIKE(2, 3);
void log_warning(const struct log *l, const char *format, ...) PRINTF_LIKE(2, 3);
void log_notice(const struct log *l, const char *format, ...) PRINTF_LIKE(2, 3);
void log_info(const struct log *l, const char *format, ...) PRINTF_LIKE(2, 3);
void log_debug(const struct log *l, const char *format, ...) PRINTF_LIKE(2, 3);
const char *
log_level_name(enum log_level level); /* "error", "warning", "notice", "info", "debug" */

#endif
