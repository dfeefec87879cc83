/* paths.c - joining paths by their text alone: no link is followed, nothing is looked up. Any
 * thread. */
#include "config/paths.h"
#include <string.h>

const char *path_below(struct arena *a, const char *directory, const char *path)
{
    size_t len = strlen(directory);
    if (path[0] == '/' || len == 0) {
        return arena_text(a, path);
    }
    return arena_print(a, "%s%s%s", directory, directory[len - 1] == '/' ? "" : "/", path);
}

const char *path_beside(struct arena *a, const char *from, const char *path)
{
    const char *slash = strrchr(from, '/');
    if (path[0] == '/' || slash == NULL) {
        return arena_text(a, path);
    }
    return arena_print(a, "%.*s/%s", (int)(slash - from), from, path);
}
