/* server_logger.c - one event, one line: as text, as JSON, for the journal. */
#include "cases.h"
#include "server/logger.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the log writes to stderr for this line. */
static const char *written(struct logger l, enum log_level level, const char *line)
{
    static char out[1024];
    int ends[2], before = dup(STDERR_FILENO);
    struct log log = logger_log(&l, LOG_LEVEL_DEBUG);
    ck_assert(pipe(ends) == 0);
    dup2(ends[1], STDERR_FILENO);
    log.write(log.ctx, level, line);
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[1]);
    ssize_t n = read(ends[0], out, sizeof out - 1);
    close(ends[0]);
    ck_assert_int_gt(n, 0);
    out[n] = '\0';
    return out;
}

START_TEST(text)
{
    const char *line = written((struct logger){LOG_TEXT, false}, LOG_LEVEL_WARNING, "zone x: y");
    int y, mo, d, h, mi, s, ms;
    char rest[64];
    ck_assert_int_eq(
        sscanf(line, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ %63[^\n]", &y, &mo, &d, &h, &mi, &s, &ms, rest),
        8);
    ck_assert_str_eq(rest, "warning: zone x: y");
    ck_assert_int_eq(line[strlen(line) - 1], '\n');
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
}
END_TEST

START_TEST(json)
{
    const char *line =
        written((struct logger){LOG_JSON, false}, LOG_LEVEL_ERROR, "say \"no\" to C:\\ and \x01");
    ck_assert_int_eq(strncmp(line, "{\"time\":\"2", 10), 0);
    ck_assert_ptr_nonnull(strstr(line, "Z\",\"level\":\"error\",\"message\":\"say \\\"no\\\" to "
                                       "C:\\\\ and \\u0001\"}\n"));
}
END_TEST

START_TEST(the_journal_knows_the_time_itself)
{
    static const struct {
        enum log_level level;
        const char *line;
    } lines[] = {{LOG_LEVEL_ERROR, "<3>x\n"},
                 {LOG_LEVEL_WARNING, "<4>x\n"},
                 {LOG_LEVEL_NOTICE, "<5>x\n"},
                 {LOG_LEVEL_INFO, "<6>x\n"},
                 {LOG_LEVEL_DEBUG, "<7>x\n"}};
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_str_eq(written((struct logger){LOG_TEXT, true}, lines[i].level, "x"),
                         lines[i].line);
    }
}
END_TEST

START_TEST(is_stderr_the_journal)
{
    struct stat st;
    char stream[64];
    unsetenv("JOURNAL_STREAM");
    ck_assert(!logger_is_journal());
    ck_assert(fstat(STDERR_FILENO, &st) == 0);
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev,
             (unsigned long long)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    ck_assert(logger_is_journal());
    setenv("JOURNAL_STREAM", "1:1", 1); /* inherited, and redirected since */
    ck_assert(!logger_is_journal());
    setenv("JOURNAL_STREAM", "nonsense", 1);
    ck_assert(!logger_is_journal());
    unsetenv("JOURNAL_STREAM");
}
END_TEST

TCase *case_server_logger(void)
{
    TCase *c = tcase_create("server_logger");
    tcase_add_test(c, text);
    tcase_add_test(c, json);
    tcase_add_test(c, the_journal_knows_the_time_itself);
    tcase_add_test(c, is_stderr_the_journal);
    return c;
}
