/* confine.h - giving up root once the sockets are open. */
#ifndef SETTLED_SERVER_CONFINE_H
#define SETTLED_SERVER_CONFINE_H

#include "base/must.h"
#include "base/oops.h"

/* Makes the directory (0700, or 0755 when shared) if it is missing, and, as root, gives it to
 * `user` (NULL: to nobody else). */
MUST_USE bool confine_directory(const char *path, const char *user, bool shared, struct oops *o);
/* As root: becomes `user` and drops every capability. Not as root: drops what capabilities there
 * are. Either way no new ones can be had by exec. user NULL: stays who it is. */
MUST_USE bool confine_drop(const char *user, struct oops *o);

#endif
