/* watch.h - which zone files changed: inotify of our own behind the loop, and a stat sweep as
 * the safety net. Keeper thread. */
#ifndef SETTLED_SERVER_WATCH_H
#define SETTLED_SERVER_WATCH_H

#include "base/clock.h"
#include "base/log.h"
#include "base/oops.h"
#include "config/words.h"
#include <stdbool.h>
#include <stddef.h>

struct watch;
/* `changed` is called from watch_ready and watch_sweep with the zone's number. Without inotify
 * (o) only the sweep works. */
MUST_USE struct watch *watch_new(void (*changed)(void *ctx, size_t zone), void *ctx,
                                 const struct log *log);
void watch_free(struct watch *w);
int watch_fd(const struct watch *w); /* to be polled for reading; -1: none */
/* Replaces what is watched for the zone: `count` paths, NUL-terminated, back to back. A path
 * that is new to a zone that was watched already is reported as changed once: it may have moved
 * between its reading and now. */
void watch_set(struct watch *w, size_t zone, enum watch_mode mode, const char *paths,
               unsigned count);
void watch_drop(struct watch *w, size_t zone);
void watch_ready(struct watch *w);                  /* the descriptor is readable */
void watch_sweep(struct watch *w, struct mono now); /* call every 100 ms or so */

#endif
