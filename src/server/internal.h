/* internal.h - the inside of struct server, for the files of server/ that run on the main
 * thread. */
#ifndef SETTLED_SERVER_INTERNAL_H
#define SETTLED_SERVER_INTERNAL_H

#include "server/disk.h"
#include "server/diskfiles.h"
#include "server/hands.h"
#include "server/networks.h"
#include "server/now.h"
#include "server/pool.h"
#include "server/server.h"
#include "server/shared.h"
#include "server/sockets.h"
#include "server/watch.h"
#include "server/worker.h"

struct port;
struct conn;
struct server {
    struct shared shared;
    const struct log *log;
    char *config_path;
    struct config *config; /* until the keeper has it */
    struct socket_set *sets;
    struct keeper *keeper;
    struct store *store;
    struct disk *disk;
    unsigned loading_at; /* the zone in order that was not read yet when last looked at */
    struct hands hands;  /* for the pool's large jobs */
    struct pool *pool;
    struct watch *watch;
    uv_loop_t loop;
    bool loop_made;
    uv_async_t wake;
    uv_timer_t due, tick; /* tick: file sweep, watchdog */
    uv_poll_t inotify;
    uv_signal_t hup, term, interrupt;
    struct port *ports;
    struct conn *conns;
    struct prefix *networks;
    bool handed; /* the sockets came from the service manager */
    struct mono began;
    unsigned workers_started;
    struct oops trouble; /* why they could not be */
    struct entropy_pool chance;
    struct entropy entropy;
    void (*turned)(void *ctx);
    void *turned_ctx;
    struct counters counters; /* of server_answer: not counted as traffic */
    uint64_t watchdog_us;
    int64_t watchdog_last_ns, status_last_ns;
    bool ready, reloading;
    bool running; /* not yet, or not any more: what the loop calls then does nothing */
};

/* ---- shell.c ---- */
MUST_USE bool shell_start(struct server *s, struct oops *o); /* loop, signals, timers, keeper */
void shell_turn(struct server *s, const struct keeper_event *e);
void shell_drain(struct server *s,
                 bool handle); /* handle false: shutting down, letters are only freed */

/* ---- server.c ---- */
/* Starts the workers once there is something to answer with; true when they run. */
bool server_open(struct server *s, struct now now);

/* ---- ports.c: the keeper's UDP ---- */
void ports_send(struct server *s, const struct keeper_action *a);
void ports_close(struct server *s);

/* ---- conns.c: the keeper's TCP ---- */
void conns_connect(struct server *s, const struct keeper_action *a);
void conns_write(struct server *s, struct keeper_action *a);
void conns_close(struct server *s, uint32_t conn);
void conns_close_all(struct server *s);

/* ---- reload.c ---- */
void reload_on_hup(uv_signal_t *h, int number);

/* ---- service.c: what systemd is told ---- */
void service_start(struct server *s);
/* All that can be read from here is read. */
bool service_all_loaded(struct server *s, struct now now);
void service_tick(struct server *s, struct now now); /* READY, STATUS, WATCHDOG */
void service_stopping(void);
void service_reloading(struct server *s, bool on);

#endif
