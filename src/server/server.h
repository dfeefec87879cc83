/* server.h - the whole running server: threads, sockets, the keeper and its doors. Everything
 * here is for the main thread, which is also the keeper's, unless it says otherwise. */
#ifndef SETTLED_SERVER_SERVER_H
#define SETTLED_SERVER_SERVER_H

#include "answer/answer.h"
#include "keeper/keeper.h"
#include <uv.h>

struct server;
struct server_options {
    const char *config_path;
    struct config *config; /* taken over, also when server_new fails */
    const struct log *log; /* outlives the server */
};
/* Opens sockets, drops privileges, opens the journal, makes the threads' things. NULL: o. */
MUST_USE struct server *server_new(const struct server_options *options, struct oops *o);
/* Serves until SIGTERM, SIGINT or server_stop. False: it could not start (o). */
MUST_USE bool server_run(struct server *s, struct oops *o);
void server_free(struct server *s);

/* ---- what control/ uses ---- */
uv_loop_t *server_loop(struct server *s);
struct keeper *server_keeper(struct server *s);
struct cache *server_cache(struct server *s);
const struct log *server_log(struct server *s);
/* The zone of the moment that owns the name; valid until the next turn of the keeper. NULL:
 * none. */
const struct world_zone *server_zone(struct server *s, const uint8_t *name, uint16_t type);
/* Called after every turn of the keeper: whoever waits may look again. One listener. */
void server_on_turn(struct server *s, void (*turned)(void *ctx), void *ctx);
/* Carries out what a keeper_reload, keeper_notify, ... appended. */
void server_carry_out(struct server *s, struct keeper_actions *actions);
/* Reads the configuration file again (as SIGHUP does) off the loop; then every primary's file.
 * done: report holds errors and warnings; ok false: the old configuration is in use. `done`
 * NULL: results are logged only. */
void server_reload(struct server *s, void (*done)(void *ctx, bool ok, struct report *report),
                   void *ctx);
void server_stop(struct server *s);                          /* as SIGTERM */
uint64_t server_count(struct server *s, enum counter which); /* over all workers */
/* answer() as a worker would: for `settlectl why`. The packet's buffer is overwritten. */
enum verdict server_answer(struct server *s, const struct packet *p, struct answer_out *out);
/* A hold on a version of that zone was given back, and was the last. */
void server_released(struct server *s, size_t zone);
/* Runs fn inside the keeper's epoch slot: for looking into the cache. */
void server_inside(struct server *s, void (*fn)(void *ctx, unsigned slot), void *ctx);

#endif
