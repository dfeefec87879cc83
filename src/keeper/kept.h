/* kept.h - what the keeper knows, and of each zone; private to keeper/. A `struct turn` is one
 * call of keeper_step: the keeper, the time, and where actions go. Every function here takes it
 * first. */
#ifndef SETTLED_KEEPER_KEPT_H
#define SETTLED_KEEPER_KEPT_H

#include "base/due.h"
#include "journal/rows.h"
#include "keeper/keeper.h"
#include "transfer/in.h"
#include "wire/msg.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include "zone/build.h"

struct turn {
    struct keeper *k;
    struct now now;
    struct keeper_actions *actions;
};

/* Which due time woke us; rows of the table in keeper.c. */
enum due_kind {
    DUE_ASK,     /* owner: struct ask: no answer in time */
    DUE_LANE,    /* owner: struct lane: the next question may leave */
    DUE_READ,    /* owner: struct kept: read the file */
    DUE_REFRESH, /* owner: struct kept: check with the primaries */
    DUE_EXPIRE,  /* owner: struct kept */
    DUE_FETCH,   /* owner: struct kept: the transfer is late */
    DUE_COMMIT,  /* owner: struct kept: try the commit again */
    DUE_LEDGER,  /* owner: struct kept: a deadline may have passed */
    DUE_CONFIRM, /* owner: struct kept: have all workers passed? */
    DUE_RECLAIM, /* owner: struct kept: free nodes of old versions */
    DUE_NOTIFY,  /* owner: struct follower */
    DUE_PROBE,   /* owner: struct follower */
    DUE_FLUSH,   /* owner: struct keeper: peers' states and refresh times to disk */
    DUE_SWEEP    /* owner: struct keeper: what was retired may be free now */
};
_Static_assert(DUE_SWEEP < 16, "struct due has four bits for it");

/* A UDP question of ours on its way, or waiting for its turn; embedded in what asks. */
enum ask_purpose { ASK_REFRESH, ASK_PROBE, ASK_NOTIFY };
struct ask {
    bool active;
    enum ask_purpose purpose;
    uint16_t id;
    uint16_t type;
    struct addr to, via;
    const uint8_t *qname;
    uint32_t timeout_ms;
    struct mono sent;
    struct due due;
    void *owner;      /* REFRESH: struct kept; else struct follower */
    struct ask *next; /* in its bucket of the table, or in its lane's queue */
    struct lane *lane;
    bool queued;
};

/* Where a zone's news comes from: one address of one primary. */
struct target {
    const struct config_peer *peer;
    struct addr to, via;
    uint64_t seen;       /* as in cache_origin: last serial it answered with */
    const char *trouble; /* last reason in words, NULL: none; points to constants or kept_texts */
};

enum refresh_step { REFRESH_IDLE, REFRESH_CHECKING, REFRESH_FETCHING, REFRESH_TAKING };
struct refresh {
    enum refresh_step step;
    struct due due;
    struct ask ask;
    unsigned target, left, tries; /* which target, how many more, how often this one was asked */
    bool once_more;               /* a NOTIFY came meanwhile */
    struct mono paced;            /* no round for a NOTIFY before this */
    bool whole, whole_wanted;     /* retransfer: take the zone whatever its serial; next round */
    bool hinted;                  /* a NOTIFY gave a serial newer than ours */
    uint32_t hint;
    unsigned hint_tries;
    unsigned failures;   /* in a row: back-off */
    bool some_same;      /* in this round */
    unsigned some_older; /* how many targets, in this round */
    uint32_t older;
    struct now heard; /* when a primary last spoke of the zone: from here EXPIRE runs */
    struct mono older_since;
    bool older_running;
    uint64_t asked, done; /* tickets */
    bool ok;
    uint32_t before;
    bool had_before;
};
struct fetch {
    bool active, connected;
    uint32_t conn;
    struct transfer_in *in;
    struct due due;
};
struct reading {
    bool running, wanted, force, forced; /* forced: the one running */
    bool ok, changed, had_before;        /* what came of the last one */
    uint32_t before, rrsets;
    uint64_t started, done;
    struct mono last;
    struct due due;
};
/* What is wrong, in words. Made with the first trouble, for most of ten thousand zones never
 * have any; then it stays where it is, for others point into it. */
struct kept_texts {
    char error[512];    /* of the zone; "": none */
    char transfer[512]; /* why the last transfer failed */
    char reading[512];  /* why the last reading was not taken */
};
/* Of a zone that comes from primaries: their addresses, and what is under way with them. */
struct pull {
    struct target *targets;
    unsigned target_count;
    struct refresh refresh;
    struct fetch fetch;
    struct due expire_due, confirm_due;
    uint64_t confirm_mark,
        confirm_commit; /* which epoch and which commit a confirmation waits for */
    bool confirming, follows, follow_known;
    uint32_t confirm_serial;
    struct slot_soa *confirm_soa;
};
/* A version on its way to being published: between COMMIT and COMMITTED. */
struct adoption {
    struct zone_version *next; /* our hold */
    struct change change;
    enum change_source source;
    char text[JOURNAL_TEXT];
    struct journal_zone row; /* what the commit writes */
    struct buf image;        /* secondary: the whole zone goes to disk */
    bool as_delta;
    struct journal_change ledger_row;
    bool prepared;                  /* the ledger waits for our word that it is committed */
    bool unseen;                    /* ledger_row was made without a ledger */
    struct ledger_touched *touched; /* until the ledger takes it */
    uint64_t first, last;           /* commits we wait for; 0: waiting to try again */
    bool failed_part;
    struct kept *next_waiting; /* in the order of their commits */
    unsigned tries;
    struct mono began;
    struct due due;
    uint32_t rrsets;
};
struct follower { /* one peer that should follow one zone */
    struct kept *zone;
    unsigned index; /* in the ledger */
    const struct config_peer *peer;
    struct ask notify, probe;
    struct due notify_due, probe_due;
    uint32_t notify_ms, probe_ms; /* delays of the back-off */
    unsigned notify_tries, probe_tries;
    unsigned ask_at; /* which of peer->ask is asked */
    unsigned good;   /* addresses in a row that showed the newest serial */
    bool notify_off; /* refused: not before the next change or an hour */
    bool silent;     /* it was said that it does not answer, and it has not answered since */
};
/* There are ten thousand of them, nearly all primaries where nothing happens: what only some have,
 * or have for a while, is behind a pointer. With everything inside it took 2,288 octets; members of
 * a kind stand together, so that there are no holes. */
struct kept {
    size_t number;
    bool removed;
    bool job;               /* a job has the line */
    bool row_dirty;         /* refresh times changed since `row` was committed */
    bool held : 1;          /* an edit waits for the operator's word (max-shrink) */
    bool untold : 1;        /* something is wrong, and there was no memory to keep what */
    uint32_t dropped_image; /* the last one whose deletion was ordered, 0: none */
    uint64_t dropped_image_bytes;
    const struct config_zone *config;
    struct slot *slot;
    struct zone_line *line;
    uint64_t line_bytes;     /* of the line, when that job started */
    struct journal_zone row; /* as last committed */
    struct zone_version
        *current; /* last adopted, our hold; also in slot->version unless expired; NULL: none */
    struct ledger *ledger; /* NULL: at rest, all of it is on disk (ledgers.c) */
    struct follower *followers;
    unsigned follower_count, unwatched_count;
    struct reading reading;
    struct pull *pull;         /* NULL: a primary, read from its file */
    struct adoption *adoption; /* NULL: no version is on its way */
    struct due ledger_due, reclaim_due;
    struct wall since;
    struct kept_texts *texts; /* NULL: nothing went wrong yet */
    char *report;             /* of the last reading; NULL: it said nothing */
    char **unwatched;
    uint64_t unwatched_at; /* keeper->published when they were looked for */
    char name[];           /* as people read it; outlives the config */
};

#define ASK_BUCKETS 1024
struct lane;
struct keeper {
    struct keeper_options o;
    struct config *config;
    struct world *world;
    struct due_heap due;
    struct kept **zones; /* by number; removed ones stay */
    size_t zone_count, zone_room;
    size_t unread; /* primaries from this number on wait for their first reading (worlds_go_on) */
    size_t jobs;   /* under way */
    struct ask *asks[ASK_BUCKETS];
    struct lane *lanes;
    struct rand rand;
    uint32_t next_conn, next_cache_id, next_zone_id;
    unsigned fetches;
    struct kept_texts spare; /* for whoever there is no memory for: better mixed up than stopped */
    uint64_t next_commit, committed; /* numbers: the next, and the last that came back */
    uint64_t news;
    uint64_t published;                        /* versions and worlds so far */
    struct kept *waiting_first, *waiting_last; /* adoptions between COMMIT and COMMITTED */
    struct due flush_due, sweep_due;
    struct histogram settle;
};

struct keeper_job {
    size_t number;
    enum { JOB_READ, JOB_TRANSFER, JOB_RESTORE } what;
    struct zone_job zone;
    struct zone_built built;
    struct store *store;
    struct journal_zone row;
    struct oops trouble;
    char text[JOURNAL_TEXT];
    struct ledger_touched *touched; /* what the change touched, looked at in the pool */
    bool force;
    struct mono began;
};

/* ---- keeper.c ---- */
void kept_set_due(struct turn *t, struct due *d,
                  struct mono at); /* memory out: tried again with the next event */
void kept_trouble(struct turn *t, struct kept *z, const char *format, ...)
    PRINTF_LIKE(3, 4); /* sets error, logs if new */
void kept_well(struct turn *t, struct kept *z);
#define UNTOLD "out of memory" /* what is wrong when there was no memory to keep what */
struct kept_texts *kept_texts(struct turn *t, struct kept *z); /* to be written to */
static inline const char *kept_error(const struct kept *z)
{
    return z->texts != NULL ? z->texts->error : z->untold ? UNTOLD : "";
}
static inline const char *kept_report(const struct kept *z)
{
    return z->report != NULL ? z->report : "";
}
void kept_flush_soon(struct turn *t); /* something of this zone or its peers belongs on disk */
bool kept_serial(const struct kept *z, uint32_t *serial); /* what is published; cache: coherent */

/* ---- jobs.c ---- */
struct keeper_job *job_new(struct turn *t,
                           struct kept *z); /* with line, base (held), limits; NULL: no memory */
/* False: no memory, and the job is gone. */
MUST_USE bool job_start(struct turn *t, struct kept *z, struct keeper_job *job, uint64_t size);

/* ---- actions.c ---- */
struct keeper_action *act(struct turn *t, enum keeper_action_kind kind); /* NULL: no memory */

/* ---- asks.c ---- */
/* Sends a's question when its lane lets it; then refresh_answered/..., or *_unanswered, is
 * called, once. */
void ask_start(struct turn *t, struct ask *a);
void ask_cancel(struct keeper *k, struct ask *a);
void asks_packet(struct turn *t, const struct addr *from, const uint8_t *msg, size_t len);
void ask_late(struct turn *t, struct ask *a);
void lane_due(struct turn *t, struct lane *l);
void asks_free(struct keeper *k);

/* ---- known.c ---- */
struct known { /* zones' rows, by name: open addressing, at most half full */
    struct turn *t;
    struct arena names;
    struct journal_zone *items;
    size_t count, room;
    const struct journal_zone **table;
    size_t mask;
};
/* False: no memory. To be freed in any case. */
MUST_USE bool known_read(struct turn *t, struct known *known);
const struct journal_zone *known_find(const struct known *known, const uint8_t *name);
void known_free(struct known *known);

/* ---- kept.c: one zone's life ---- */
/* Not among the keeper's zones yet; NULL: no memory. */
MUST_USE struct kept *kept_new(struct turn *t, const struct config_zone *config,
                               const struct known *known);
void kept_start(struct turn *t, struct kept *z); /* the world with it is published */
void kept_update(struct turn *t, struct kept *z, const struct config_zone *config);
void kept_remove(struct turn *t, struct kept *z);
void kept_free(struct keeper *k, struct kept *z);
/* Our hold goes when no reader can have the version in hand any more. */
void retire_version(struct turn *t, struct kept *z, struct zone_version *v);
void reclaim_due(struct turn *t, struct kept *z);

/* ---- worlds.c ---- */
/* Takes config over: adds, removes, updates zones, publishes. */
void world_change(struct turn *t, struct config *config);
void worlds_go_on(struct turn *t); /* starts what waits for its turn; after every event */

/* ---- ledgers.c: whose ledger is in memory ---- */
/* That of a new zone, with its followers. False: no memory. */
MUST_USE bool ledgers_begin(struct turn *t, struct kept *z);
/* z->ledger is there then; read back, if it was at rest. False: no memory. */
MUST_USE bool ledgers_wake(const struct keeper *k, struct kept *z, struct now now);
/* Frees it if nothing would be lost. All that was saved has to be committed. */
void ledgers_rest(const struct keeper *k, struct kept *z);

/* ---- edit.c: a primary's file ---- */
void edit_start(struct turn *t, struct kept *z);   /* first read, watch */
void edit_changed(struct turn *t, struct kept *z); /* a watched file moved */
void edit_due(struct turn *t, struct kept *z);
void edit_built(struct turn *t, struct kept *z, struct keeper_job *job);
void edit_adopted(struct turn *t, struct kept *z,
                  bool ok); /* what was read is published, or could not be kept */

/* ---- restore.c: a secondary's start ---- */
bool restore_start(struct turn *t, struct kept *z); /* false: nothing on disk */
void restore_built(struct turn *t, struct kept *z, struct keeper_job *job);
void restore_drop_image(struct turn *t,
                        struct kept *z); /* and its deltas: the zone is not on disk any more */

/* ---- adopt.c: the only way a zone changes ---- */
struct candidate {
    struct zone_built *built; /* next and change are taken out of it */
    enum change_source source;
    const char *text;
    struct mono began;
    bool force;
    bool restored;                   /* read back from disk: nothing to commit */
    struct ledger_touched **touched; /* moved; NULL: none */
    struct buf *image;               /* secondary: the whole zone as records, moved; NULL: none */
};
bool adopt(struct turn *t, struct kept *z,
           struct candidate *c); /* false: refused (kept_error says why) */
void adopt_committed(struct turn *t, const struct keeper_event *e);
void adopt_old_image(struct turn *t,
                     struct kept *z); /* deletes what an image that was replaced left on disk */
void adopt_drop(struct kept *z);      /* gives up what is on its way (the zone was removed) */
void adopt_due(struct turn *t, struct kept *z);
/* Marks were taken for a commit that was not carried out: those of all zones are written again. */
void adopt_unwritten(struct turn *t, const char *why);

/* ---- refresh.c, fetch.c, follow.c ---- */
void refresh_start(struct turn *t, struct kept *z);
void refresh_notified(struct turn *t, struct kept *z, const struct keeper_event *e);
void refresh_stop(struct turn *t, struct kept *z);
void refresh_anew(struct turn *t, struct kept *z); /* its primaries or options are others now */
void refresh_due(struct turn *t, struct kept *z);
void refresh_answered(struct turn *t, struct ask *a, struct response *r);
void refresh_unanswered(struct turn *t, struct ask *a);
void refresh_next(struct turn *t, struct kept *z,
                  const char *trouble);                 /* this target failed: the next one */
void refresh_confirmed(struct turn *t, struct kept *z); /* ends a round well */
void refresh_adopted(struct turn *t, struct kept *z,
                     bool ok);                       /* what was fetched is published, or refused */
void refresh_timers(struct turn *t, struct kept *z); /* next refresh and expiry by the SOA held */
void expire_due(struct turn *t, struct kept *z);
void fetch_start(struct turn *t, struct kept *z);
void fetch_event(struct turn *t, const struct keeper_event *e);
void fetch_due(struct turn *t, struct kept *z);
void fetch_stop(struct turn *t, struct kept *z);
void fetch_built(struct turn *t, struct kept *z, struct keeper_job *job);
/* The zone's SOA in the answer section; `space` holds the rdata. False: *why in words. (soa.c) */
struct soa_seen;
MUST_USE bool soa_answered(struct response *r, struct buf *space, struct soa_seen *out,
                           const char **why);
struct soa_seen {
    const uint8_t *rdata;
    uint16_t len;
    uint32_t ttl, serial;
    bool authoritative, mark;
};
void follow_seen(struct turn *t, struct kept *z, const struct soa_seen *s);
void follow_due(struct turn *t, struct kept *z);
bool follow_serial(const struct kept *z, uint32_t *serial); /* coherent */
void follow_start(struct kept *z); /* what was confirmed before a restart is the fence after it */
/* What was confirmed last, in this life or the one before; false: nothing, or no cache zone. */
bool follow_floor(const struct kept *z, uint32_t *serial);
/* All primaries answered, and all are behind us. */
void follow_went_back(struct turn *t, struct kept *z);

/* ---- tell.c: NOTIFY out and probes ---- */
bool followers_set(struct turn *t,
                   struct kept *z); /* from z->config->rules->notify; false: no memory */
void followers_drop(struct turn *t, struct kept *z);
void tell_change(struct turn *t, struct kept *z); /* a new serial is published */
void tell_due(struct turn *t, struct follower *f);
void probe_due(struct turn *t, struct follower *f);
void tell_answered(struct turn *t, struct ask *a, struct response *r);
void tell_unanswered(struct turn *t, struct ask *a);
void probe_answered(struct turn *t, struct ask *a, struct response *r);
void probe_unanswered(struct turn *t, struct ask *a);
void tell_hint(struct turn *t, struct kept *z, const struct addr *from, uint16_t type);
void ledger_moved(
    struct turn *t,
    struct kept *z); /* served or settled may have happened: logs, stores, sets the due time */
void kept_ledger_due(struct turn *t, struct kept *z);
/* SOA rdata of what is published, for a NOTIFY leaving now; NULL: nothing is. */
const uint8_t *tell_soa(const struct follower *f, uint16_t *len);

/* ---- parent.c: the zone above, where we serve it, too ---- */
/* What it has at the zone's name (ref 0: nothing). False: it is not ours. */
bool parent_side(const struct keeper *k, const struct kept *z, struct zone_node *cut);
/* The longest TTL of its delegation. False: it is not ours. */
bool parent_ttl(const struct keeper *k, const struct kept *z, uint32_t *ttl_s);

/* ---- unwatched.c: name servers of the zone that nobody watches ---- */
void unwatched_look(const struct keeper *k, struct kept *z); /* again if anything was published */
void unwatched_free(struct kept *z);

#endif
