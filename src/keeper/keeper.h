/* keeper.h - the one writer: it takes events in and gives actions back; the shell (server/) and the
 * simulation carry them out.
 *
 * All functions here are for the keeper's thread, outside any epoch, but for keeper_job_run
 * (pool). Nothing blocks, sends, or reads a clock. Published things (world, versions, cache
 * zones) are written with release stores and freed through the epoch. */
#ifndef SETTLED_KEEPER_KEEPER_H
#define SETTLED_KEEPER_KEEPER_H

#include "answer/world.h"
#include "base/epoch.h"
#include "base/hands.h"
#include "base/log.h"
#include "base/rand.h"
#include "config/config.h"
#include "count/histogram.h"
#include "keeper/ledger.h"

struct keeper;
struct keeper_options {
    struct config *config; /* the first one; the keeper owns it from now on */
    struct store *store;   /* NULL: nothing is kept across restarts (no `state` needed) */
    struct epoch *epoch;
    unsigned epoch_slot;
    _Atomic(struct world *)
        *world; /* where the world is published; NULL there until keeper_start */
    const struct files *files;
    const struct hands *hands; /* for jobs on large zones; NULL: a thread each */
    const struct log *log;
    const struct entropy *entropy;
    uint64_t seed;
    const struct prefix *own_networks;
    unsigned own_network_count;
};
MUST_USE struct keeper *keeper_new(const struct keeper_options *o);
/* Everything the keeper published is freed too: no worker may run any more. */
void keeper_free(struct keeper *k);

/* ---- events ---- */
enum keeper_event_kind {
    KEEPER_START,        /* once, first */
    KEEPER_TIME,         /* something is due (keeper_due) */
    KEEPER_PACKET,       /* UDP came back to a SEND */
    KEEPER_CONNECTED,    /* the connection of a CONNECT stands */
    KEEPER_RECEIVED,     /* bytes on it */
    KEEPER_CLOSED,       /* it ended, or could not be had: text says why */
    KEEPER_COMMITTED,    /* a COMMIT was carried out: number, ok, text */
    KEEPER_BUILT,        /* a BUILD was carried out: job, back with its result */
    KEEPER_FILE_CHANGED, /* a watched file or directory of zone `slot` changed */
    KEEPER_NOTIFIED,     /* a worker took a NOTIFY: slot, from, serial */
    KEEPER_HINT, /* slot, from, type: somebody asked SOA, IXFR, AXFR over TCP; type 0: a transfer
                    we served ended */
    KEEPER_NEWS, /* a cache's upstream showed a newer serial: slot, serial */
    KEEPER_RELEASED, /* the last hold of some version of zone `slot` went */
    KEEPER_CONFIG    /* config: a new one, owned by the keeper from now on */
};
struct keeper_job;
struct keeper_event {
    enum keeper_event_kind kind;
    size_t slot; /* slot->number */
    struct addr from;
    const uint8_t *data; /* PACKET, RECEIVED: valid during the call */
    size_t len;
    uint32_t conn;
    uint64_t number;
    bool ok;
    const char *text;
    bool has_serial;
    uint32_t serial;
    uint16_t type;
    struct keeper_job *job;
    struct config *config;
};

/* ---- actions ---- */
enum keeper_action_kind {
    ACTION_SEND, /* a UDP packet to `to`, from `via` if given; answers come back as KEEPER_PACKET */
    ACTION_CONNECT, /* a TCP connection `conn` to `to`, from `via` */
    ACTION_WRITE,   /* data on conn */
    ACTION_CLOSE,   /* conn; no event follows for it */
    ACTION_COMMIT,  /* batch, number: to the disk thread, in order; then KEEPER_COMMITTED */
    ACTION_BUILD,   /* job: keeper_job_run in the pool; then KEEPER_BUILT */
    ACTION_WATCH, /* paths (count; each NUL-terminated, back to back in data) of zone `slot` replace
                     what was watched for it */
    ACTION_UNWATCH /* slot */
};
struct keeper_action {
    struct keeper_action *next;
    enum keeper_action_kind kind;
    struct addr to, via; /* via.family 0: any */
    uint32_t conn;
    struct buf data;
    uint64_t number;
    struct store_batch batch;
    struct keeper_job *job;
    uint64_t size; /* BUILD: octets at stake: small ones first */
    size_t slot;
    enum watch_mode watch;
    unsigned path_count;
};
struct keeper_actions { /* a list, oldest first; all zero is empty */
    struct keeper_action *first, *last;
    bool failed; /* memory ran out: some action is missing; the keeper tries again by its timers */
};
/* Takes the oldest off; NULL: none. Free it with keeper_action_free when done (a job goes on
 * living: it comes back). */
struct keeper_action *keeper_action_take(struct keeper_actions *a);
void keeper_action_free(struct keeper_action *a);

/* One event. Appends to `actions`. */
void keeper_step(struct keeper *k, struct now now, const struct keeper_event *e,
                 struct keeper_actions *actions);
/* When KEEPER_TIME wants to be called; MONO_NEVER. */
struct mono keeper_due(const struct keeper *k);
/* Runs the job. Pool thread; touches nothing of the keeper but what the job carries. */
void keeper_job_run(struct keeper_job *job);
void keeper_job_drop(struct keeper_job *job); /* at shutdown: a job that will not come back */
/* At shutdown: what is not on disk yet (peers' states, refresh times), as one last batch; false:
 * nothing. */
bool keeper_last_batch(struct keeper *k, struct now now, struct store_batch *batch);

/* ---- what control/ asks; views point into the keeper and are valid until the next step ---- */
uint64_t keeper_news(const struct keeper *k); /* grows whenever something a user can see changed */
const struct config *keeper_config(const struct keeper *k);
unsigned keeper_zone_count(const struct keeper *k);
struct keeper_zone_view {
    size_t number; /* slot->number: the index in these calls */
    const char *name;
    const struct config_zone *config;
    const struct slot *slot;
    struct zone_version *version; /* published now, or NULL */
    enum zone_role role;
    bool has_serial;
    uint32_t serial; /* published (cache: coherent) */
    enum slot_state state;
    const char *activity; /* "idle", "reading", "committing", "checking", "fetching", "held", ... */
    struct wall since;    /* when this serial was published here */
    struct wall refreshed; /* secondary, cache: last confirmed by a primary; 0: never */
    struct wall expires;   /* secondary; 0 */
    bool has_next;
    struct wall next;         /* next thing due by itself: refresh, retry, ... */
    const char *error;        /* last thing that went wrong, "" when all is well now */
    const char *report;       /* all errors and warnings of the last read, with places; "" */
    bool held;                /* an edit waits for --force (max-shrink) or a serial */
    bool restoring;           /* secondary: what was committed is being read from disk */
    bool follows;             /* cache: follows its primaries (else plain forwarding) */
    unsigned unwatched_count; /* NS of the zone that are no peer */
    uint64_t records, bytes;
};
bool keeper_zone(const struct keeper *k, size_t number, struct now now,
                 struct keeper_zone_view *out);
/* Numbers in the order of names; returns how many were written. */
unsigned keeper_zones_in_order(const struct keeper *k, size_t *numbers, unsigned room);
/* The number at that place of the same order, of keeper_zone_count(). */
size_t keeper_zone_number(const struct keeper *k, unsigned index);
bool keeper_find(const struct keeper *k, const uint8_t *name, size_t *number);
/* What is known of a zone's peers, and whether its changes have settled. Its changes are in
 * keeper_history, which may read them from disk: for one zone at a time. Good until the next
 * step. */
const struct ledger *keeper_ledger(const struct keeper *k, size_t number);
const struct ledger *keeper_history(const struct keeper *k, size_t number, struct now now);
const char *keeper_unwatched(const struct keeper *k, size_t number,
                             unsigned index); /* an NS name's text */
const struct histogram *
keeper_settle_times(const struct keeper *k); /* commit to served, microseconds */

/* ---- what control/ orders ---- */
/* Has the zone's file read again (after this call at least once); force: adopt even what
 * max-shrink would hold. The ticket tells when: false from keeper_reload_done until what was
 * read is published or refused. */
uint64_t keeper_reload(struct keeper *k, size_t number, bool force, struct now now,
                       struct keeper_actions *actions);
struct keeper_reloaded {
    bool ok;
    bool changed;
    uint32_t before, serial; /* published before and now */
    bool had_before;
    uint32_t rrsets;    /* touched */
    const char *report; /* errors, warnings */
    const char *error;  /* !ok: one line */
};
bool keeper_reload_done(const struct keeper *k, size_t number, uint64_t ticket,
                        struct keeper_reloaded *out);
void keeper_notify(struct keeper *k, size_t number, struct now now,
                   struct keeper_actions *actions); /* to every peer, now */
/* Checks with the primaries now (secondary, cache). retransfer: fetches the whole zone whatever
 * the serial. The ticket is done when the check or fetch ended; ok: confirmed or taken. */
uint64_t keeper_refresh(struct keeper *k, size_t number, bool retransfer, struct now now,
                        struct keeper_actions *actions);
bool keeper_refresh_done(const struct keeper *k, size_t number, uint64_t ticket,
                         struct keeper_reloaded *out);

#endif
