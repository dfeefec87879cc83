/* files.h - how files are read: the shell, the tests and the simulation each have their own. */
#ifndef SETTLED_BASE_FILES_H
#define SETTLED_BASE_FILES_H

#include "base/buf.h"
#include "base/oops.h"

struct file_id { /* equal before and after a read: nobody wrote meanwhile */
    uint64_t device, inode, size;
    int64_t mtime_ns;
};
struct files {
    /* Reads the whole file into out (at most out->limit octets) and its identity into id; false
     * with the reason. Any thread. If the file changed while it was read it is read again, a few
     * times. */
    bool (*read)(void *ctx, const char *path, struct buf *out, struct file_id *id, struct oops *o);
    /* Expands a shell pattern into `found` (each path followed by a NUL), sorted; none found is
     * true with nothing. */
    bool (*match)(void *ctx, const char *pattern, struct buf *found, struct oops *o);
    void *ctx;
    /* Reads the octets from `offset` on, up to out->limit octets in `out` or the file's end, and
     * the whole file's identity. False with the reason; also if the file changed meanwhile.
     * NULL: there is no such way. */
    bool (*part)(void *ctx, const char *path, uint64_t offset, struct buf *out, struct file_id *id,
                 struct oops *o);
};

#endif
