/* journal_store_place.c - directories are made private, one process has them, a damaged journal is
 * kept beside. */
#include "cases.h"
#include "journal/store_place.h"
#include "journal_dir.h"
#include <string.h>
#include <sys/stat.h>

START_TEST(makes_private_directories)
{
    char dir[DIR_PATH], state[DIR_PATH + 8];
    struct place p;
    struct oops o;
    struct stat there;
    dir_make(dir);
    snprintf(state, sizeof state, "%s/state", dir);
    ck_assert_msg(place_take(&p, state, &o), "%s", o.text);
    ck_assert(stat(state, &there) == 0);
    ck_assert_uint_eq(there.st_mode & 0777, 0700);
    ck_assert(stat(p.journal, &there) == 0);
    ck_assert_uint_eq(there.st_mode & 0777, 0700);
    place_leave(&p);
    dir_remove(dir);
}
END_TEST

START_TEST(one_process_has_it)
{
    char dir[DIR_PATH], process[64];
    struct place first, second;
    struct oops o;
    dir_make(dir);
    ck_assert(place_take(&first, dir, &o));
    ck_assert(!place_take(&second, dir, &o));
    snprintf(process, sizeof process, "is in use by process %ld", (long)getpid());
    ck_assert_msg(strstr(o.text, process) != NULL, "%s", o.text);
    ck_assert_msg(strstr(o.text, dir) != NULL, "%s", o.text);
    place_leave(&first);
    ck_assert(place_take(&second, dir, &o));
    place_leave(&second);
    dir_remove(dir);
}
END_TEST

START_TEST(says_what_cannot_be_made)
{
    char dir[DIR_PATH], state[DIR_PATH + 16];
    struct place p;
    struct oops o;
    dir_make(dir);
    snprintf(state, sizeof state, "%s/none/state", dir);
    ck_assert(!place_take(&p, state, &o));
    ck_assert_msg(strstr(o.text, "No such file") != NULL, "%s", o.text);
    snprintf(state, sizeof state, "%s/file", dir);
    FILE *f = fopen(state, "w");
    ck_assert_ptr_nonnull(f);
    fclose(f);
    ck_assert(!place_take(&p, state, &o));
    ck_assert_msg(strstr(o.text, "not a directory") != NULL, "%s", o.text);
    dir_remove(dir);
}
END_TEST

START_TEST(sets_aside_under_the_first_free_number)
{
    char dir[DIR_PATH], path[DIR_PATH + 32];
    struct place p;
    struct oops o;
    struct buf moved = {.len = 0};
    dir_make(dir);
    for (unsigned n = 1; n <= 2; n++) {
        ck_assert(place_take(&p, dir, &o));
        moved.len = 0;
        ck_assert(place_set_aside(&p, &moved, &o));
        snprintf(path, sizeof path, "%s/journal.damaged-%u", dir, n);
        ck_assert_str_eq(buf_text(&moved), path);
        ck_assert_int_eq(access(path, F_OK), 0);
        ck_assert_int_ne(access(p.journal, F_OK), 0);
        place_leave(&p);
    }
    buf_free(&moved);
    dir_remove(dir);
}
END_TEST

TCase *case_journal_store_place(void)
{
    TCase *c = tcase_create("journal_store_place");
    tcase_add_test(c, makes_private_directories);
    tcase_add_test(c, one_process_has_it);
    tcase_add_test(c, says_what_cannot_be_made);
    tcase_add_test(c, sets_aside_under_the_first_free_number);
    return c;
}
