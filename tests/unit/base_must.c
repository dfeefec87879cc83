/* base_must.c - must() lets a true condition pass and stops the program at a false one. */
#include "base/must.h"
#include "cases.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(passes_when_true)
{
    int evaluated = 0;
    must(++evaluated == 1);
    ck_assert_int_eq(evaluated, 1);
}
END_TEST

START_TEST(stops_when_false)
{
    char said[200] = "";
    int ends[2], status;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        must(1 + 1 == 3);
        _exit(0);
    }
    close(ends[1]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    ck_assert_int_gt(read(ends[0], said, sizeof said - 1), 0);
    ck_assert_ptr_nonnull(strstr(said, "base_must.c:"));
    ck_assert_ptr_nonnull(strstr(said, "must(1 + 1 == 3)"));
    close(ends[0]);
}
END_TEST

TCase *case_base_must(void)
{
    TCase *c = tcase_create("base_must");
    tcase_add_test(c, passes_when_true);
    tcase_add_test(c, stops_when_false);
    return c;
}
