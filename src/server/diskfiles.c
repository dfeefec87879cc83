/* diskfiles.c - whole files from disk. A file that changes while it is read is read again, so
 * that nobody sees half an edit. */
#include "server/diskfiles.h"
#include "base/huge.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define READ_TRIES    5
#define CHUNK         65536
#define READ_PAUSE_NS 20000000 /* 20 ms: an editor's write is over by then */

static bool read_file(void *ctx, const char *path, struct buf *out, struct file_id *id,
                      struct oops *o);
static bool read_stream(void *ctx, const char *path, struct buf *out, struct file_id *id,
                        struct oops *o);
static bool read_once(int fd, struct buf *out, uint64_t size, struct oops *o);
static bool read_part(void *ctx, const char *path, uint64_t offset, struct buf *out,
                      struct file_id *id, struct oops *o);
static bool read_at(int fd, uint64_t offset, struct buf *out, uint64_t most);
static void id_of(const struct stat *st, struct file_id *id);
static bool match(void *ctx, const char *pattern, struct buf *found, struct oops *o);

const struct files disk_files = {.read = read_file, .match = match, .part = read_part};
const struct files stream_files = {.read = read_stream, .match = match};

bool disk_file_id(const char *path, struct file_id *id)
{
    bool is_link;
    return disk_link_id(path, id, &is_link);
}

bool disk_link_id(const char *path, struct file_id *id, bool *is_link)
{
    struct stat st;
    *is_link = false;
    if (lstat(path, &st) != 0)
        return false;
    *is_link = S_ISLNK(st.st_mode);
    if (*is_link && stat(path, &st) != 0)
        return false;
    id_of(&st, id);
    return true;
}

static bool read_file(void *ctx, const char *path, struct buf *out, struct file_id *id,
                      struct oops *o)
{
    struct stat before, after;
    size_t start = out->len;
    bool ok = false;
    (void)ctx;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return oops(o, "cannot open %s: %s", path, strerror(errno));
    for (int i = 0; i < READ_TRIES; i++) {
        out->len = start;
        if (fstat(fd, &before) != 0) {
            oops(o, "cannot read %s: %s", path, strerror(errno));
            break;
        }
        if (!S_ISREG(before.st_mode)) {
            oops(o, "%s is not a regular file", path);
            break;
        }
        id_of(&before, id);
        if ((i > 0 && lseek(fd, 0, SEEK_SET) != 0) ||
            !read_once(fd, out, (uint64_t)before.st_size, o)) {
            oops_in(o, "%s", path);
            break;
        }
        struct file_id now;
        ok = true;
        if (fstat(fd, &after) == 0) {
            id_of(&after, &now);
            if (memcmp(&now, id, sizeof now) == 0)
                break;
        }
        nanosleep(&(struct timespec){0, READ_PAUSE_NS}, NULL);
    }
    close(fd);
    return ok;
}

/* To its end, however long that takes; whatever is no pipe, as above. */
static bool read_stream(void *ctx, const char *path, struct buf *out, struct file_id *id,
                        struct oops *o)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISFIFO(st.st_mode))
        return read_file(ctx, path, out, id, o);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return oops(o, "cannot open %s: %s", path, strerror(errno));
    id_of(&st, id);
    bool ok = read_once(fd, out, 0, o);
    close(fd);
    return ok || oops_in(o, "%s", path);
}

/* `size`: what a regular file is said to have, 0: not known. With so much read, and less than was
 * asked for, it is at its end; one that grows now is noticed by who looks again. */
static bool read_once(int fd, struct buf *out, uint64_t size, struct oops *o)
{
    uint64_t end = size != 0 ? out->len + size : 0;
    if (out->limit != 0 && size > out->limit)
        return oops(o, "larger than %llu octets", (unsigned long long)out->limit);
    for (;;) { /* one octet more than is left: is there more than was said? */
        uint64_t want = size + 1, most = out->limit - out->len;
        uint8_t more; /* at the limit: is there any? */
        if (out->limit != 0 && want > most)
            want = most;
        uint8_t *to = want == 0 ? &more : buf_room(out, want);
        if (to == NULL)
            return oops(o, "out of memory");
        huge_hint(to, want);
        ssize_t n = read(fd, to, want == 0 ? 1 : want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return oops(o, "cannot read: %s", strerror(errno));
        if (n == 0)
            return true;
        if (want == 0)
            return oops(o, "larger than %llu octets", (unsigned long long)out->limit);
        out->len += (size_t)n;
        if (out->len == end && (uint64_t)n < want)
            return true;
        size = size >= (uint64_t)n ? size - (uint64_t)n : CHUNK; /* there is: it grows */
    }
}

static bool read_part(void *ctx, const char *path, uint64_t offset, struct buf *out,
                      struct file_id *id, struct oops *o)
{
    struct stat st;
    struct file_id after;
    bool ok = false;
    (void)ctx;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return oops(o, "cannot open %s: %s", path, strerror(errno));
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        id_of(&st, id);
        uint64_t rest = offset < id->size ? id->size - offset : 0, room = out->limit - out->len;
        ok = read_at(fd, offset, out, rest < room ? rest : room) && fstat(fd, &st) == 0;
        id_of(&st, &after);
        ok = ok && memcmp(id, &after, sizeof after) == 0;
    }
    close(fd);
    return ok || oops(o, "%s: a part cannot be read, or the file changed", path);
}

static bool read_at(int fd, uint64_t offset, struct buf *out, uint64_t most)
{
    uint8_t *to = buf_room(out, most);
    while (to != NULL && most > 0) {
        ssize_t n = pread(fd, to, most, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        out->len += (size_t)n;
        offset += (uint64_t)n;
        to += n;
        most -= (uint64_t)n;
    }
    return to != NULL;
}

static void id_of(const struct stat *st, struct file_id *id)
{
    *id = (struct file_id){
        .device = st->st_dev,
        .inode = st->st_ino,
        .size = (uint64_t)st->st_size,
        .mtime_ns = st->st_mtim.tv_sec * INT64_C(1000000000) + st->st_mtim.tv_nsec,
    };
}

static bool match(void *ctx, const char *pattern, struct buf *found, struct oops *o)
{
    glob_t g = {0};
    (void)ctx;
    int rc = glob(pattern, 0, NULL, &g);
    if (rc != 0 && rc != GLOB_NOMATCH) {
        globfree(&g);
        return oops(o, "cannot expand %s: %s", pattern,
                    rc == GLOB_NOSPACE ? "out of memory" : strerror(errno));
    }
    for (size_t i = 0; rc == 0 && i < g.gl_pathc; i++)
        buf_add(found, g.gl_pathv[i], strlen(g.gl_pathv[i]) + 1);
    globfree(&g);
    return true;
}
