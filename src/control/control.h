/* control.h - settlectl's socket: orders and questions in, JSON lines out (control/protocol.h
 * has the words). Runs on the server's loop, the keeper's thread. */
#ifndef SETTLED_CONTROL_CONTROL_H
#define SETTLED_CONTROL_CONTROL_H

#include "server/server.h"

struct control;
/* Listens on the UNIX socket `path` (mode 0660; a stale one of a dead daemon is replaced). NULL:
 * o. */
MUST_USE struct control *control_start(struct server *s, const char *path, struct oops *o);
void control_stop(struct control *c); /* NULL is fine; removes the socket */

#endif
