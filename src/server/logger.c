/* logger.c - one event, one line, one write(2): lines of different threads never mix. */
#include "server/logger.h"
#include "base/buf.h"
#include "server/now.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_line(void *ctx, enum log_level level, const char *line);
static void put_json(struct buf *b, const char *text);

struct log logger_log(struct logger *l, enum log_level level)
{
    return (struct log){.level = level, .write = write_line, .ctx = l};
}

bool logger_is_journal(void)
{
    struct stat st;
    unsigned long long device, inode;
    const char *stream = getenv("JOURNAL_STREAM");
    if (stream == NULL || sscanf(stream, "%llu:%llu", &device, &inode) != 2 ||
        fstat(STDERR_FILENO, &st) != 0)
        return false;
    return st.st_dev == device && st.st_ino == inode;
}

static void write_line(void *ctx, enum log_level level, const char *line)
{
    static const int syslog_level[] = {3, 4, 5, 6, 7};
    const struct logger *l = ctx;
    struct buf b = {0};
    struct wall now = now_read().wall;
    char time[21];
    wall_print(now, time);
    if (l->format == LOG_JSON) {
        buf_print(&b, "{\"time\":\"%.19s.%03dZ\",\"level\":\"%s\",\"message\":\"", time,
                  (int)(now.ms % 1000), log_level_name(level));
        put_json(&b, line);
        buf_print(&b, "\"}\n");
    } else if (l->journal) {
        buf_print(&b, "<%d>%s\n", syslog_level[level], line);
    } else {
        buf_print(&b, "%.19s.%03dZ %s: %s\n", time, (int)(now.ms % 1000), log_level_name(level),
                  line);
    }
    ssize_t n = b.failed ? -1 : write(STDERR_FILENO, b.data, b.len);
    (void)n; /* nowhere to say that it failed */
    buf_free(&b);
}

static void put_json(struct buf *b, const char *text)
{
    for (; *text != 0; text++)
        if (*text == '"' || *text == '\\')
            buf_print(b, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            buf_print(b, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            buf_add_u8(b, (uint8_t)*text);
}
