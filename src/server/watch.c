/* watch.c - watching files so that saving is enough (DESIGN.md, watching files).
 *
 * Where news of a file comes from is in watched_names.c. Acted upon at once are CLOSE_WRITE,
 * MOVED_TO and new links. An overflow or a directory that went away: everything of it is watched
 * anew and counts as changed. The sweep compares size, mtime and inode: every 30 s, every 2 s for
 * `watch: poll`. What it finds may still be written, by a program that holds the file open or on
 * another machine: it is taken when it has been quiet for a second.
 *
 * Ten thousand zones are watched before their first reading and again after it: one that is to be
 * watched as it is already, and of which nothing was heard since, is left alone. Of a file we
 * remember what stat said as a hash: a zone of one file costs about 170 octets. */
#include "server/watch.h"
#include "base/hash.h"
#include "server/diskfiles.h"
#include "server/watched_names.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define SWEEP_S     30
#define POLL_S      2
#define QUIET_S     1 /* whose writer we did not see close it is taken when unchanged for so long */
#define SWEEP_FILES 200 /* zones looked at in one sweep call at most: the keeper has other work */

#define NOT_THERE 0
struct file {
    const char *path; /* behind the last file of its zone */
    uint64_t id;      /* of what stat said, NOT_THERE: nothing */
    uint64_t made;    /* as it was when a new name was last looked at */
    bool is_link;
};
struct watched {        /* one zone */
    struct file *files; /* NULL: the zone is not watched */
    struct watched_name *names;
    struct mono next;
    struct mono made_at; /* when it last looked otherwise */
    unsigned count;
    enum watch_mode mode : 8;
    bool made;  /* something of it is new: it may be finished, or still be written */
    bool lost;  /* a directory of it went: watch again at the next sweep */
    bool heard; /* something happened since it was watched: what it leads to may be another file */
};
struct watch {
    void (*changed)(void *ctx, size_t zone);
    void *ctx;
    const struct log *log;
    struct watched_names names;
    struct watched *zones;
    size_t count, cursor;
};

static struct watched *zone_at(struct watch *w, size_t zone);
static bool is_set_so(const struct watched *z, enum watch_mode mode, const char *paths,
                      unsigned count);
static struct file *files_new(const char *paths, unsigned count);
static const struct file *file_of(const struct watched *z, const char *path);
static uint64_t id_at(const char *path, bool *is_link);
static void release(struct watch *w, struct watched *z);
static void add_all(struct watch *w, size_t zone);
static void handle(struct watch *w, const struct inotify_event *e);
static bool has_link(const struct watched *z);
static bool has_settled(struct watched *z, struct mono now);
static void lose_all(struct watch *w, int wd);
static bool differs(const struct watched *z);
static bool look(struct watched *z);
static void watch_again(struct watch *w, size_t zone);

struct watch *watch_new(void (*changed)(void *ctx, size_t zone), void *ctx, const struct log *log)
{
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->changed = changed;
    w->ctx = ctx;
    w->log = log;
    w->names = (struct watched_names){
        .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), .sweep_s = SWEEP_S, .log = log};
    if (w->names.fd < 0)
        log_warning(log, "files are only looked at every %d s: inotify: %s", SWEEP_S,
                    strerror(errno));
    return w;
}

void watch_free(struct watch *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->count; i++)
        release(w, &w->zones[i]);
    if (w->names.fd >= 0)
        close(w->names.fd);
    watched_names_anew(&w->names);
    free(w->zones);
    free(w);
}

int watch_fd(const struct watch *w)
{
    return w->names.fd;
}

void watch_set(struct watch *w, size_t zone, enum watch_mode mode, const char *paths,
               unsigned count)
{
    struct watched *z = zone_at(w, zone);
    if (z == NULL || is_set_so(z, mode, paths, count))
        return;
    struct file *files = files_new(paths, count);
    bool changed = false;
    if (files == NULL)
        return; /* what was watched stays watched */
    for (unsigned i = 0; i < count; i++) {
        const struct file *old = file_of(z, files[i].path);
        files[i].id = id_at(files[i].path, &files[i].is_link);
        changed = changed || (z->files != NULL && old == NULL);
        if (mode == WATCH_POLL && old != NULL) /* what it was when it was last looked at: a change
                                                  since its reading is still to be seen */
            files[i].id = old->id;
    }
    /* The new watch stands before the old one goes: events that wait to be read keep their
     * meaning. */
    struct watched before = *z;
    *z = (struct watched){.mode = mode, .files = files, .count = count, .next = z->next};
    add_all(w, zone);
    release(w, &before);
    if (changed)
        w->changed(w->ctx, zone);
}

void watch_drop(struct watch *w, size_t zone)
{
    if (zone < w->count)
        release(w, &w->zones[zone]);
}

void watch_ready(struct watch *w)
{
    _Alignas(struct inotify_event) char space[65536];
    ssize_t n;
    while ((n = read(w->names.fd, space, sizeof space)) > 0) {
        const struct inotify_event *e;
        for (const char *at = space; at < space + n; at += sizeof *e + e->len) {
            e = (const void *)at;
            handle(w, e);
        }
    }
}

void watch_sweep(struct watch *w, struct mono now)
{
    watched_names_anew(&w->names);
    for (size_t i = 0, looked = 0; i < w->count && looked < SWEEP_FILES; i++) {
        size_t at = w->cursor++ % w->count;
        struct watched *z = &w->zones[at];
        if (z->files == NULL || z->mode == WATCH_NO)
            continue;
        int64_t pause_s = z->mode == WATCH_POLL ? POLL_S : SWEEP_S;
        if (z->next.ns == 0) /* new: it was looked at a moment ago */
            z->next = mono_plus_s(now, pause_s);
        bool settled = z->made && has_settled(z, now);
        if (mono_before(now, z->next) && !z->lost && !settled)
            continue;
        looked++;
        if (!z->made && !z->lost && differs(z)) {
            z->made = true;
            (void)has_settled(z, now);
            z->next =
                mono_plus_s(now, SWEEP_S); /* as long as it may be written before it is read */
            continue;
        }
        z->made = false;
        bool lost = z->lost;
        bool moved = look(z);
        z->heard = z->heard || moved;
        z->next = mono_plus_s(now, pause_s);
        if (lost)
            watch_again(w, at);
        if (moved || lost)
            w->changed(w->ctx, at);
    }
}

static struct watched *zone_at(struct watch *w, size_t zone)
{
    if (zone >= w->count) {
        size_t count = zone + zone / 8 + 64;
        struct watched *more = realloc(w->zones, count * sizeof *more);
        if (more == NULL)
            return NULL;
        memset(more + w->count, 0, (count - w->count) * sizeof *more);
        w->zones = more;
        w->count = count;
    }
    return &w->zones[zone];
}

/* Nothing to do: nobody touched what is watched, so it still leads where it led. A change between
 * the first watch and now has its event waiting, or is found by the sweep. */
static bool is_set_so(const struct watched *z, enum watch_mode mode, const char *paths,
                      unsigned count)
{
    bool same = z->files != NULL && z->mode == mode && z->count == count && !z->heard && !z->lost;
    for (unsigned i = 0; same && i < count; i++, paths += strlen(paths) + 1)
        same = strcmp(z->files[i].path, paths) == 0;
    return same;
}

/* The files and their paths in one piece. */
static struct file *files_new(const char *paths, unsigned count)
{
    size_t size = 0;
    for (unsigned i = 0; i < count; i++)
        size += strlen(paths + size) + 1;
    struct file *files = malloc(count * sizeof *files + size + 1); /* not NULL for none */
    if (files == NULL)
        return NULL;
    char *to = (char *)(files + count);
    memcpy(to, paths, size);
    for (unsigned i = 0; i < count; i++, to += strlen(to) + 1)
        files[i] = (struct file){.path = to};
    return files;
}

static const struct file *file_of(const struct watched *z, const char *path)
{
    for (unsigned i = 0; i < z->count; i++)
        if (strcmp(z->files[i].path, path) == 0)
            return &z->files[i];
    return NULL;
}

static uint64_t id_at(const char *path, bool *is_link)
{
    struct file_id id;
    if (!disk_link_id(path, &id, is_link))
        return NOT_THERE;
    uint64_t hash = hash_bytes(&id, sizeof id, 0);
    return hash != NOT_THERE ? hash : 1;
}

static void release(struct watch *w, struct watched *z)
{
    watched_names_drop(&w->names, z->names);
    z->names = NULL;
    free(z->files);
    z->files = NULL;
    z->count = 0;
}

static void add_all(struct watch *w, size_t zone)
{
    struct watched *z = &w->zones[zone];
    for (unsigned i = 0; z->mode == WATCH_NOTIFY && i < z->count; i++)
        watched_names_add(&w->names, (uint32_t)zone, z->files[i].path, z->files[i].is_link,
                          &z->names);
}

static void handle(struct watch *w, const struct inotify_event *e)
{
    if ((e->mask & (IN_Q_OVERFLOW | IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
        lose_all(w, (e->mask & IN_Q_OVERFLOW) != 0 ? -1 : e->wd);
        return;
    }
    if (e->len == 0)
        return;
    struct watched_name *next = watched_names_find(&w->names, e->wd, e->name);
    for (struct watched_name *at = next; at != NULL; at = next) {
        next = watched_names_next(at);
        struct watched *z = &w->zones[at->zone];
        z->heard = true;
        if ((e->mask & IN_CREATE) == 0) {
            z->made = false;
            (void)look(z); /* so that the sweep does not find it a second time */
            w->changed(w->ctx, at->zone);
            continue;
        }
        /* A new file is written next and then closed; a new link (or a name given to a finished
         * file) is all there is. */
        z->lost = z->lost || has_link(z);
        z->made = !z->lost;
    }
}

static bool has_link(const struct watched *z)
{
    struct stat st;
    for (unsigned i = 0; i < z->count; i++)
        if (lstat(z->files[i].path, &st) == 0 && (S_ISLNK(st.st_mode) || st.st_nlink > 1))
            return true;
    return false;
}

/* The other name of a linked file may be gone before we look: then only that nobody writes to it
 * tells it from a new one. */
static bool has_settled(struct watched *z, struct mono now)
{
    bool quiet = true;
    for (unsigned i = 0; i < z->count; i++) {
        uint64_t id = id_at(z->files[i].path, &z->files[i].is_link);
        if (id != NOT_THERE && id != z->files[i].made) {
            z->files[i].made = id;
            quiet = false;
        }
    }
    if (!quiet)
        z->made_at = now;
    return quiet && !mono_before(now, mono_plus_s(z->made_at, QUIET_S));
}

/* Seen by the next sweep, within a tenth of a second: everything that was in that directory is
 * watched anew. */
static void lose_all(struct watch *w, int wd)
{
    watched_names_anew(&w->names);
    for (size_t i = 0; i < w->count; i++)
        for (const struct watched_name *e = w->zones[i].names; e != NULL; e = e->next_own)
            if (wd < 0 || e->wd == wd)
                w->zones[i].lost = true;
}

static bool differs(const struct watched *z)
{
    bool is_link;
    for (unsigned i = 0; i < z->count; i++)
        if (id_at(z->files[i].path, &is_link) != z->files[i].id)
            return true;
    return false;
}

static bool look(struct watched *z)
{
    bool moved = false;
    for (unsigned i = 0; i < z->count; i++) {
        uint64_t id = id_at(z->files[i].path, &z->files[i].is_link);
        moved = moved || id != z->files[i].id;
        z->files[i].id = id;
    }
    return moved;
}

static void watch_again(struct watch *w, size_t zone)
{
    struct watched *z = &w->zones[zone];
    struct watched_name *before = z->names;
    z->lost = false;
    z->names = NULL;
    add_all(w, zone);
    watched_names_drop(&w->names, before);
}
