/* watched_names.h - the names in directories that matter to files, and the inotify watches of those
 * directories. For watch.c, on its thread. */
#ifndef SETTLED_SERVER_WATCHED_NAMES_H
#define SETTLED_SERVER_WATCHED_NAMES_H

#include "base/log.h"
#include <stdbool.h>
#include <stdint.h>

#define WATCHED_BUCKETS 4096

struct watched_name {              /* one name in one directory that matters to one zone */
    struct watched_name *next;     /* in its bucket */
    struct watched_name *next_own; /* of the same zone */
    int wd;                        /* the directory's watch */
    uint32_t zone;
    char name[];
};
struct watched_dir;
struct watched_names {
    int fd;      /* inotify; negative: nothing can be watched */
    int sweep_s; /* how often files are looked at when it cannot, for the log */
    const struct log *log;
    struct watched_name *buckets[WATCHED_BUCKETS];
    struct watched_dir *dirs;
    char *plain; /* the path looked through last, without a link on the way; NULL: none */
    struct watched_dir *plain_dir;
};

/* Puts before *own what leads to the file: its own name, and those of all links on the way. What
 * cannot be watched (it is not there yet, or no memory) is left out, for the sweep to find. */
void watched_names_add(struct watched_names *w, uint32_t zone, const char *path, bool is_link,
                       struct watched_name **own);
/* All of a zone's. A directory without names is watched no more. */
void watched_names_drop(struct watched_names *w, struct watched_name *own);
/* The first of that name, and the next after one of them; NULL: none. */
struct watched_name *watched_names_find(struct watched_names *w, int wd, const char *name);
struct watched_name *watched_names_next(const struct watched_name *n);
/* Directories may have changed: the next file is looked for through all of its path. Also before
 * the end: what was remembered is freed. */
void watched_names_anew(struct watched_names *w);

#endif
