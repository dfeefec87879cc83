/* logger.h - log lines to stderr: text or JSON, one write a line, journal levels in front when
 * systemd reads them. */
#ifndef SETTLED_SERVER_LOGGER_H
#define SETTLED_SERVER_LOGGER_H

#include "base/log.h"
#include "config/words.h"

struct logger {
    enum log_format format;
    bool journal; /* stderr is the journal: "<4>" in front, no time */
};
/* A log that writes through `l` (which must live as long). Thread-safe. */
struct log logger_log(struct logger *l, enum log_level level);
/* Is stderr connected to the journal (JOURNAL_STREAM)? */
bool logger_is_journal(void);

#endif
