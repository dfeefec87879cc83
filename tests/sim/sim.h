/* sim.h - several servers, a network and time inside one process (RELIABILITY.md, Simulation).
 *
 * One heap of events ordered by (time, sequence); one seeded generator for the network, one for
 * each node. Nodes run the code of the daemon: keeper, answer(), cache, forward; only the doors are
 * other: the store (store.c), upstream (upstream.c), files (in memory), the shell (node.c). Nothing
 * here reads a clock. */
#ifndef SETTLED_SIM_H
#define SETTLED_SIM_H

#include "answer/answer.h"
#include "base/buf.h"
#include "forward/forward.h"
#include "keeper/keeper.h"
#include "simstore.h"

#define SIM_NODES     16
#define SIM_FILES     8
#define PORT_DNS      53
#define PORT_KEEPER   10001 /* where a node's keeper asks from */
#define PORT_UPSTREAM 10002 /* where a node's forward asks from */
#define PORT_CLIENT   10003 /* where questions of the story come from */

#define SIM_WATCHES 16

struct sim;
struct client;
struct sim_file {
    char name[128];
    struct buf text;
    uint64_t version;
};
struct sim_watch { /* the files that a zone's keeper wants to be told of */
    bool on;
    size_t slot;
    unsigned count;
    struct buf paths; /* each with its NUL */
};
struct node {
    struct sim *sim;
    char name[32];
    struct addr addr;
    bool up;
    struct buf config_text;
    struct sim_file files[SIM_FILES];
    struct sim_watch watches[SIM_WATCHES];
    struct files files_door;
    struct log log_door;
    struct entropy entropy_door;
    struct sim_disk *disk; /* survives a crash */
    struct store *store;
    struct epoch *epoch;
    _Atomic(struct world *) world;
    struct keeper *keeper;
    struct cache *cache;
    struct upstream *upstream;
    struct forward *forward;
    struct client *clients; /* whose questions wait for upstream */
    struct counters counters;
    struct rand chance;
    int64_t wall_skew_ms;         /* its wall clock against the simulation's */
    uint64_t life;                /* counts starts: events of an earlier life are dropped */
    struct mono wake_at;          /* the timer event that is on its way */
    struct mono heard[SIM_NODES]; /* last answer of each node's port 53 to this keeper */
    struct buf log;
};
struct link { /* one direction */
    int64_t delay_ms, jitter_ms;
    unsigned loss, repeat; /* per mille; a lost TCP segment is sent again, later */
    bool cut;              /* nothing passes; a stream that loses something so never recovers */
    bool no_tcp;           /* connections cannot be had (a firewall that swallows them) */
};
struct sim {
    struct mono now;
    int64_t wall_ms; /* of the simulation at mono 0 */
    uint64_t sequence, seed;
    struct rand chance; /* the network's */
    struct node nodes[SIM_NODES];
    unsigned node_count;
    struct link links[SIM_NODES][SIM_NODES];
    struct sim_event **heap;
    size_t count, room;
    struct sim_conn *conns;
    uint32_t next_conn;
    uint64_t trace; /* a hash over all that happened: same seed, same trace */
    bool verbose;
    /* Called when a node answers somebody who is no node, at the moment it does. */
    void (*client)(void *ctx, const struct addr *server, const uint8_t *msg, size_t len);
    void *client_ctx;
};

void sim_start(struct sim *s, uint64_t seed);
void sim_end(struct sim *s);
struct node *sim_node(struct sim *s, const char *name);        /* NULL: none */
struct node *sim_node_at(struct sim *s, const struct addr *a); /* by IP */
struct now sim_now(const struct sim *s, const struct node *n);
bool sim_step(
    struct sim *s,
    struct mono until); /* the next event at or before `until`; false: none, time is now `until` */
void sim_run(struct sim *s, int64_t ms);
int sim_ede(const uint8_t *msg,
            size_t len); /* the extended error of a reply (RFC 8914); -1: none */

/* ---- events ---- */
struct sim_event {
    struct mono at;
    uint64_t order;
    void (*happen)(struct sim *s, struct sim_event *e);
    struct node *node;
    uint64_t life;
    struct addr from, to;
    struct buf data;
    uint64_t number;
    void *thing;
    struct keeper_event news; /* mail to a keeper */
};
struct sim_event *sim_later(struct sim *s, int64_t delay_us,
                            void (*happen)(struct sim *, struct sim_event *), struct node *n);

/* ---- node.c ---- */
struct node *node_add(struct sim *s, const char *name, const struct addr *a);
bool node_start(struct node *n, struct buf *complaints); /* from its config_text */
bool node_configure(struct node *n,
                    struct buf *complaints); /* its config_text again, while it runs */
/* kill -9. Of the commits that were on their way to the disk the oldest `synced` got there
 * (whatever is more than there are: all), though nobody was told; the others are lost. */
void node_crash(struct node *n, unsigned synced);
void node_free(struct node *n);
bool node_file(struct node *n, const char *name, const char *text,
               size_t len); /* saved: the keeper is told if it is up */
void node_event(struct node *n,
                const struct keeper_event *e); /* one keeper step, actions carried out */
void node_carry_out(struct node *n, struct keeper_actions *actions);
void node_mail(struct node *n,
               const struct keeper_event *e); /* from a worker: the keeper gets it a moment later */
void node_wish(struct node *n, const struct answer_out *out, const struct addr *from);
void node_packet(struct node *n, const struct addr *from, const struct addr *to, const uint8_t *msg,
                 size_t len);
void node_ready(struct node *n); /* answers whoever waited for upstream */
void node_timer(struct node *n);
enum verdict node_answer(struct node *n, struct packet *p,
                         struct answer_out *out); /* the worker's way for one packet */

/* ---- net.c ---- */
void net_udp(struct sim *s, const struct addr *from, const struct addr *to, const uint8_t *msg,
             size_t len);
void net_connect(struct node *n, const struct keeper_action *a);
void net_write(struct node *n, uint32_t conn, const uint8_t *data, size_t len);
void net_close(struct node *n, uint32_t conn);
void net_drop(struct node *n); /* all connections of a node that died */

/* ---- upstream.c ---- */
void upstream_packet(struct upstream *u, const struct addr *from, const uint8_t *msg, size_t len,
                     struct now now);
void upstream_home(struct upstream *u, struct node *n); /* whose it is */

#endif
