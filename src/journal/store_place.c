/* store_place.c - the state directory: made, locked against a second process, and a damaged journal
 * moved out of the way. The lock is flock() on a file that is never removed, so that nobody can
 * lock a file that another one has just unlinked; it holds the process's number for the sentence a
 * second process prints. A killed process leaves no lock behind. */
#include "journal/store_place.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE_MOST 1000 /* damaged journals kept; a disk that damages more needs a person */

static bool make(const char *dir, struct oops *o);
static bool take_lock(struct place *p, const char *dir, struct oops *o);
static bool somebody_has_it(int fd, const char *dir, struct oops *o);
static char *join(const char *dir, const char *name);

bool place_take(struct place *p, const char *dir, struct oops *o)
{
    *p = (struct place){.lock = -1};
    if (!make(dir, o) || !take_lock(p, dir, o)) {
        return false;
    }
    p->journal = join(dir, "journal");
    p->data = join(dir, "journal/data.mdb");
    if (p->journal == NULL || p->data == NULL) {
        place_leave(p);
        return oops(o, "state directory %s: out of memory", dir);
    }
    if (!make(p->journal, o)) {
        place_leave(p);
        return false;
    }
    return true;
}

void place_leave(struct place *p)
{
    if (p->lock >= 0) {
        close(p->lock);
    }
    free(p->journal);
    free(p->data);
    *p = (struct place){.lock = -1};
}

bool place_set_aside(const struct place *p, struct buf *moved, struct oops *o)
{
    size_t before = moved->len;
    for (unsigned n = 1; n <= ASIDE_MOST; n++) {
        struct stat there;
        moved->len = before;
        buf_print(moved, "%s.damaged-%u", p->journal, n);
        const char *path = buf_text(moved) + before;
        if (moved->failed) {
            return oops(o, "journal %s: out of memory", p->journal);
        }
        if (lstat(path, &there) == 0) {
            continue;
        }
        if (rename(p->journal, path) != 0) {
            oops(o, "cannot move the damaged journal %s to %s: %s", p->journal, path,
                 strerror(errno));
            moved->len = before;
            return false;
        }
        return true;
    }
    moved->len = before;
    return oops(o, "beside the damaged journal %s there are %u older damaged ones already",
                p->journal, ASIDE_MOST);
}

static bool make(const char *dir, struct oops *o)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return oops(o, "cannot create directory %s: %s", dir, strerror(errno));
    }
    struct stat there;
    if (stat(dir, &there) != 0) {
        return oops(o, "directory %s: %s", dir, strerror(errno));
    }
    return S_ISDIR(there.st_mode) || oops(o, "%s is not a directory", dir);
}

static bool take_lock(struct place *p, const char *dir, struct oops *o)
{
    char *path = join(dir, "lock");
    if (path == NULL) {
        return oops(o, "state directory %s: out of memory", dir);
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    free(path);
    if (fd < 0) {
        return oops(o, "cannot open the file \"lock\" in state directory %s: %s", dir,
                    strerror(errno));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        somebody_has_it(fd, dir, o);
        close(fd);
        return false;
    }
    char text[32];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len) {
        /* a full disk: the lock holds all the same, only its number is missing */
        (void)!ftruncate(fd, 0);
    }
    p->lock = fd;
    return true;
}

static bool somebody_has_it(int fd, const char *dir, struct oops *o)
{
    if (errno != EWOULDBLOCK) {
        return oops(o, "cannot lock state directory %s: %s", dir, strerror(errno));
    }
    char text[32] = "";
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    long process = len > 0 ? strtol(text, NULL, 10) : 0;
    if (process <= 0) {
        return oops(o, "state directory %s is in use by another process", dir);
    }
    return oops(o, "state directory %s is in use by process %ld", dir, process);
}

static char *join(const char *dir, const char *name)
{
    size_t room = strlen(dir) + strlen(name) + 2;
    char *path = malloc(room);
    if (path != NULL) {
        snprintf(path, room, "%s/%s", dir, name);
    }
    return path;
}
