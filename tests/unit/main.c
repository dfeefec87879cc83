/* main.c - runs every file of unit tests, one suite per room.
 * One room: CK_RUN_SUITE=wire tests/unit/check-settled. One file: CK_RUN_CASE=name. In a debugger:
 * CK_FORK=no. */
#include "cases.h"
#include <stdio.h>
#include <string.h>

struct row {
    const char *name; /* room_file */
    TCase *(*make)(void);
};

static const struct row rows[] = {
#define CASE(name) {#name, case_##name},
#include "cases.def"
#undef CASE
};

static size_t room_len(const char *name);

int main(void)
{
    char rooms[sizeof rows / sizeof *rows][24]; /* libcheck keeps the pointers to names */
    SRunner *runner = srunner_create(NULL);
    Suite *suite = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *name = rows[i].name;
        size_t len = room_len(name);
        if (i == 0 || room_len(rows[i - 1].name) != len ||
            strncmp(rows[i - 1].name, name, len) != 0) { /* rows are sorted: a new room begins */
            snprintf(rooms[i], sizeof rooms[i], "%.*s", (int)len, name);
            suite = suite_create(rooms[i]);
            srunner_add_suite(runner, suite);
        }
        suite_add_tcase(suite, rows[i].make());
    }
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static size_t room_len(const char *name)
{
    return strcspn(name, "_");
}
