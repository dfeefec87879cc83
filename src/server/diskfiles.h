/* diskfiles.h - `struct files` over the real file system. */
#ifndef SETTLED_SERVER_DISKFILES_H
#define SETTLED_SERVER_DISKFILES_H

#include "base/files.h"

extern const struct files disk_files; /* a path that is no regular file is an error: a pipe would
                                       * hold up who reads */
extern const struct files
    stream_files; /* pipes are read to their end: for a command, which may wait */
/* The identity of what stands at path now (symlinks followed); false when nothing does. Any
 * thread. */
bool disk_file_id(const char *path, struct file_id *id);
/* The same, and whether path itself is a symlink, also when that leads nowhere. */
bool disk_link_id(const char *path, struct file_id *id, bool *is_link);

#endif
