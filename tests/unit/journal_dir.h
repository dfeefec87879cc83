/* journal_dir.h - a state directory for one test: in memory where the system has such a place,
 * because a commit waits for the disk otherwise; removed with all in it. */
#ifndef SETTLED_UNIT_JOURNAL_DIR_H
#define SETTLED_UNIT_JOURNAL_DIR_H

#include "cases.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DIR_PATH 256

static inline void dir_make(char path[DIR_PATH])
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
    snprintf(path, DIR_PATH, "%s/settled-unit-XXXXXX", base != NULL ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
}

static inline int dir_remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
    (void)s;
    (void)kind;
    (void)at;
    return remove(path);
}

static inline void dir_remove(const char *path)
{
    nftw(path, dir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
