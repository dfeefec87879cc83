/* watched_names.c - where news of a file comes from. Watched is the directory of every file as
 * written, of every symlink on the way, and of the target: a rename over the file, an in-place
 * write, a swapped symlink of a directory (as Kubernetes does) and a change of the link's target
 * all show there.
 *
 * Ten thousand files of one directory are looked for through its path once, until something may
 * have changed on it: that took 13 of the 17 system calls of a zone at the start. */
#include "server/watched_names.h"
#include "base/hash.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define LINKS  16 /* symlinks followed on the way to one file */
#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF)

struct watched_dir { /* a directory that is watched, and for how many names */
    struct watched_dir *next;
    int wd;
    unsigned uses;
};

static bool add_plain(struct watched_names *w, uint32_t zone, const char *path,
                      struct watched_name **own);
static void add_links(struct watched_names *w, uint32_t zone, const char *path, unsigned depth,
                      struct watched_name **own);
static struct watched_dir *add_name(struct watched_names *w, uint32_t zone, const char *dir,
                                    const char *name, struct watched_name **own);
static bool add_entry(struct watched_names *w, uint32_t zone, const struct watched_dir *dir,
                      const char *name, struct watched_name **own);
static struct watched_dir *dir_use(struct watched_names *w, const char *path);
static void dir_unuse(struct watched_names *w, int wd);
static struct watched_name **bucket(struct watched_names *w, int wd, const char *name);
static struct watched_name *same(struct watched_name *n, int wd, const char *name);

void watched_names_add(struct watched_names *w, uint32_t zone, const char *path, bool is_link,
                       struct watched_name **own)
{
    if (is_link || !add_plain(w, zone, path, own))
        add_links(w, zone, path, 0, own);
}

/* A file, and no link, in the directory looked through last. */
static bool add_plain(struct watched_names *w, uint32_t zone, const char *path,
                      struct watched_name **own)
{
    const char *slash = strrchr(path, '/');
    if (w->plain == NULL || slash == NULL || slash[1] == 0)
        return false;
    size_t len = (size_t)(slash - path);
    if (strncmp(w->plain, path, len) != 0 || w->plain[len] != 0)
        return false;
    w->plain_dir->uses++;
    return add_entry(w, zone, w->plain_dir, slash + 1, own);
}

/* Every symlink among the parts of the path, then the file itself. */
static void add_links(struct watched_names *w, uint32_t zone, const char *path, unsigned depth,
                      struct watched_name **own)
{
    char prefix[PATH_MAX], target[PATH_MAX], onward[PATH_MAX * 2 + 2];
    size_t len = strlen(path);
    if (len >= sizeof prefix || depth > LINKS)
        return;
    for (size_t at = 1; at <= len; at++) {
        if (path[at] != '/' && path[at] != 0)
            continue;
        memcpy(prefix, path, at);
        prefix[at] = 0;
        char *slash = strrchr(prefix, '/');
        const char *name = slash == NULL ? prefix : slash + 1;
        ssize_t n = readlink(prefix, target, sizeof target - 1);
        bool last = path[at] == 0;
        if (n <= 0 && !last)
            continue;
        char dir[PATH_MAX];
        int dir_len = slash == NULL ? 1 : (int)(slash - prefix);
        snprintf(dir, sizeof dir, "%.*s", dir_len == 0 ? 1 : dir_len, slash == NULL ? "." : prefix);
        struct watched_dir *watched = *name != 0 ? add_name(w, zone, dir, name, own) : NULL;
        if (last && n <= 0 && depth == 0 && slash != NULL && watched != NULL) {
            watched_names_anew(w);
            w->plain = strndup(path, (size_t)(slash - prefix));
            w->plain_dir = watched;
        }
        if (n <= 0)
            continue;
        target[n] = 0;
        if (target[0] == '/')
            snprintf(onward, sizeof onward, "%s%s", target, path + at);
        else
            snprintf(onward, sizeof onward, "%s/%s%s", dir, target, path + at);
        add_links(w, zone, onward, depth + 1, own);
        return;
    }
}

void watched_names_anew(struct watched_names *w)
{
    free(w->plain);
    w->plain = NULL;
}

static struct watched_dir *add_name(struct watched_names *w, uint32_t zone, const char *dir,
                                    const char *name, struct watched_name **own)
{
    struct watched_dir *d = w->fd < 0 ? NULL : dir_use(w, dir);
    return d != NULL && add_entry(w, zone, d, name, own) ? d : NULL;
}

/* Takes over one use of the directory. */
static bool add_entry(struct watched_names *w, uint32_t zone, const struct watched_dir *dir,
                      const char *name, struct watched_name **own)
{
    size_t len = strlen(name) + 1;
    struct watched_name *e = malloc(sizeof *e + len);
    if (e == NULL) {
        dir_unuse(w, dir->wd);
        return false;
    }
    e->wd = dir->wd;
    e->zone = zone;
    memcpy(e->name, name, len);
    struct watched_name **to = bucket(w, e->wd, name);
    e->next = *to;
    *to = e;
    e->next_own = *own;
    *own = e;
    return true;
}

/* NULL: it is not there yet (the sweep will find it), or cannot be watched. */
static struct watched_dir *dir_use(struct watched_names *w, const char *path)
{
    int wd = inotify_add_watch(w->fd, path, EVENTS | IN_ONLYDIR);
    if (wd < 0) {
        if (errno == ENOSPC)
            log_warning(w->log,
                        "too many watched directories (fs.inotify.max_user_watches): %s is looked "
                        "at every %d s",
                        path, w->sweep_s);
        return NULL;
    }
    struct watched_dir *d = w->dirs;
    while (d != NULL && d->wd != wd)
        d = d->next;
    if (d == NULL) {
        d = calloc(1, sizeof *d);
        if (d == NULL)
            return NULL;
        d->wd = wd;
        d->next = w->dirs;
        w->dirs = d;
    }
    d->uses++;
    return d;
}

void watched_names_drop(struct watched_names *w, struct watched_name *own)
{
    while (own != NULL) {
        struct watched_name *e = own, **at = bucket(w, e->wd, e->name);
        own = e->next_own;
        while (*at != e)
            at = &(*at)->next;
        *at = e->next;
        dir_unuse(w, e->wd);
        free(e);
    }
}

static void dir_unuse(struct watched_names *w, int wd)
{
    for (struct watched_dir **at = &w->dirs; *at != NULL; at = &(*at)->next) {
        struct watched_dir *d = *at;
        if (d->wd != wd)
            continue;
        if (--d->uses > 0)
            return;
        *at = d->next;
        if (w->plain_dir == d)
            watched_names_anew(w);
        inotify_rm_watch(w->fd, wd);
        free(d);
        return;
    }
}

struct watched_name *watched_names_find(struct watched_names *w, int wd, const char *name)
{
    return same(*bucket(w, wd, name), wd, name);
}

struct watched_name *watched_names_next(const struct watched_name *n)
{
    return same(n->next, n->wd, n->name);
}

/* The first of these in the bucket. */
static struct watched_name *same(struct watched_name *n, int wd, const char *name)
{
    while (n != NULL && (n->wd != wd || strcmp(n->name, name) != 0))
        n = n->next;
    return n;
}

static struct watched_name **bucket(struct watched_names *w, int wd, const char *name)
{
    return &w->buckets[hash_bytes(name, strlen(name), (uint64_t)wd) % WATCHED_BUCKETS];
}
