/* diskfiles.h - `struct files` over the real file system. */
#ifndef SETTLED_SERVER_DISKFILES_H
#define SETTLED_SERVER_DISKFILES_H

#include "base/files.h"

extern const struct files disk_files;
/* The identity of what stands at path now (symlinks followed); false when nothing does. Any thread. */
bool disk_file_id(const char *path, struct file_id *id);

#endif
