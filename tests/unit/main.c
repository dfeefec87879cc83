/* main.c - runs every file of unit tests, one suite per room. Each file runs in a process of its
 * own, as many at a time as there are processors; one that fails, crashes or hangs runs once
 * more with a process for each test, which tells what it was. (A process for every test from the
 * start would cost more than the tests.) One room: CK_RUN_SUITE=wire tests/unit/check-settled.
 * One file: CK_RUN_CASE=name. In a debugger: CK_FORK=no. All as libcheck does it, with its log
 * files: CK_FORK=yes. */
#include "cases.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_MOST_S "60" /* for one file; sanitizers on a busy machine need some of it */

struct row {
    const char *name; /* room_file */
    TCase *(*make)(void);
};

static const struct row rows[] = {
#define CASE(name) {#name, case_##name},
#include "cases.def"
#undef CASE
};
#define ROWS (sizeof rows / sizeof *rows)

struct work { /* one file under way */
    pid_t child;
    int ran; /* a pipe with the number of its tests */
};
struct tally {
    int run, failed;
};

bool cases_marked;
static size_t refused_size; /* 0: none */
static bool was_refused;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
static bool is_refused(size_t size);

static struct tally run_rows(const struct row *some, size_t count, enum fork_status how);
static struct tally run_files(void);
static void start(const struct row *row, struct work *w);
static void finish(const struct row *row, const struct work *w, int status, struct tally *sum);
static size_t room_len(const char *name);

int main(void)
{
    setenv("CK_DEFAULT_TIMEOUT", FILE_MOST_S, 0);
    struct tally t = getenv("CK_FORK") != NULL ? run_rows(rows, ROWS, CK_FORK_GETENV) : run_files();
    if (getenv("CK_FORK") == NULL) {
        printf("%d%%: Checks: %d, Failures: %d\n",
               t.run == 0 ? 0 : 100 * (t.run - t.failed) / t.run, t.run, t.failed);
    }
    return t.run > 0 && t.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The linker has every malloc, calloc and realloc of ours come here (--wrap). */
void *__wrap_malloc(size_t size)
{
    return is_refused(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused(count * size) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return is_refused(size) ? NULL : __real_realloc(old, size);
}

static bool is_refused(size_t size)
{
    if (size != refused_size || size == 0) {
        return false;
    }
    refused_size = 0;
    was_refused = true;
    return true;
}

bool no_memory_for(size_t size)
{
    bool was = was_refused;
    refused_size = size;
    was_refused = false;
    return was;
}

/* Rows that follow each other, in this process but for what `how` says. */
static struct tally run_rows(const struct row *some, size_t count, enum fork_status how)
{
    char rooms[ROWS][24]; /* libcheck keeps the pointers to names */
    SRunner *runner = srunner_create(NULL);
    Suite *suite = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t len = room_len(some[i].name);
        if (i == 0 || room_len(some[i - 1].name) != len ||
            strncmp(some[i - 1].name, some[i].name, len) != 0) { /* sorted: a new room begins */
            snprintf(rooms[i], sizeof rooms[i], "%.*s", (int)len, some[i].name);
            suite = suite_create(rooms[i]);
            srunner_add_suite(runner, suite);
        }
        suite_add_tcase(suite, some[i].make());
    }
    if (how != CK_FORK_GETENV) {
        srunner_set_fork_status(runner, how);
    }
    cases_marked = how != CK_NOFORK;
    srunner_run_all(runner, how == CK_NOFORK ? CK_SILENT : CK_ENV);
    if (how == CK_NOFORK && srunner_ntests_failed(runner) > 0) {
        srunner_print(runner, CK_NORMAL); /* it may not fail a second time */
    }
    struct tally t = {srunner_ntests_run(runner), srunner_ntests_failed(runner)};
    srunner_free(runner);
    return t;
}

static struct tally run_files(void)
{
    struct tally sum = {.run = 0};
    struct work work[ROWS] = {{.child = 0}};
    long most = sysconf(_SC_NPROCESSORS_ONLN), busy = 0;
    for (size_t next = 0; next < ROWS || busy > 0;) {
        if (next < ROWS && busy < (most > 1 ? most : 1)) {
            start(&rows[next], &work[next]);
            next++;
            busy++;
            continue;
        }
        int status;
        pid_t ended = wait(&status);
        for (size_t i = 0; i < next; i++) {
            if (work[i].child == ended) {
                work[i].child = 0; /* the number may be given again */
                busy--;
                finish(&rows[i], &work[i], status, &sum);
            }
        }
    }
    return sum;
}

static void start(const struct row *row, struct work *w)
{
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0 || (w->child = fork()) < 0) {
        perror("cannot start a process");
        exit(EXIT_FAILURE);
    }
    if (w->child == 0) {
        close(ends[0]);
        alarm((unsigned)atoi(getenv("CK_DEFAULT_TIMEOUT")));
        struct tally t = run_rows(row, 1, CK_NOFORK);
        bool told = write(ends[1], &t.run, sizeof t.run) == (ssize_t)sizeof t.run;
        exit(told && t.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    close(ends[1]);
    w->ran = ends[0];
}

static void finish(const struct row *row, const struct work *w, int status, struct tally *sum)
{
    struct tally t = {.run = 0};
    bool told = read(w->ran, &t.run, sizeof t.run) == (ssize_t)sizeof t.run;
    close(w->ran);
    if (!told || status != 0) {
        printf("%s failed (%s %d). Once more, test by test:\n", row->name,
               WIFSIGNALED(status) ? "signal" : "exit code",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        t = run_rows(row, 1, CK_FORK);
        if (t.failed == 0) {
            printf("%s does not fail test by test\n", row->name);
            t.failed = 1;
        }
    }
    sum->run += t.run;
    sum->failed += t.failed;
}

static size_t room_len(const char *name)
{
    return strcspn(name, "_");
}
