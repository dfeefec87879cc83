/* ledger.h - who serves which serial of one zone, and when its changes have settled
 * (CONVERGENCE.md: Words, Evidence, Deadline). Plain bookkeeping over times that come in: no I/O,
 * no sending. Keeper thread. What notify.c does on the wire ends here as ledger_seen and
 * ledger_failing; what users ask is read from here.
 *
 * Waiting is counted on the monotonic clock for all that this process lived through; the wall clock
 * is used across restarts and for showing only, so a step of it moves no deadline. Deadlines are
 * never too early; where they may be later than needed, deadline.c says so. */
#ifndef SETTLED_KEEPER_LEDGER_H
#define SETTLED_KEEPER_LEDGER_H

#include "base/clock.h"
#include "base/must.h"
#include "config/words.h"
#include "journal/rows.h"
#include "zone/change.h"

enum change_source { SOURCE_FILE, SOURCE_TRANSFER, SOURCE_UPDATE, SOURCE_RESTART };
enum peer_state {
    PEER_PENDING,
    PEER_NOTIFIED,
    PEER_ACKED,
    PEER_FETCHING,
    PEER_SERVING,
    PEER_FAILING,
    PEER_AHEAD,
    PEER_STATES
};
const char *peer_state_name(enum peer_state s);       /* "pending", ... */
const char *change_source_name(enum change_source s); /* "file", "transfer", "update", "restart" */

#define LEDGER_GRACE_S 5 /* the longest an answer may be under way */
/* Changes remembered per zone, in memory and on disk; settled ones go first. When none has settled,
 * the two oldest become one with the larger TTL of both: later than needed, never too early. */
#define LEDGER_CHANGES 64

struct ledger;
struct ledger_peer_start {
    const char *name;
    enum peer_kind kind;
    bool watch;
    unsigned addresses; /* a peer is serving when it answered on every one of them; at least 1 */
    unsigned hops; /* transfers between us and it, for the bound of one that was not seen; 0 counts
                      as 1 */
    uint64_t identity; /* hash of its addresses: with another one, what was observed under this name
                          does not count any more */
};
/* `zone` is its name, and must outlive the ledger. NULL: no memory. */
MUST_USE struct ledger *ledger_new(const uint8_t *zone);
void ledger_free(struct ledger *l);
/* Replaces the list of peers; a peer of the same name and identity keeps what is known of it. May
 * make changes served: see ledger_take_served. Returns false: no memory, the list is as before. */
MUST_USE bool ledger_set_peers(struct ledger *l, const struct ledger_peer_start *peers,
                               unsigned count, struct now now);
/* What a restart knows, after ledger_set_peers: first all changes by ascending number, then the
 * peers, then the serial of the zone row (for when the history was damaged). A peer that is not in
 * the list is ignored and goes from the disk with ledger_save. */
void ledger_restore_change(struct ledger *l, const struct journal_change *c, struct now now);
void ledger_restore_peer(struct ledger *l, const struct journal_peer *p, struct now now);
void ledger_restore_serial(struct ledger *l, uint32_t serial);

/* What a change touched, for deadlines: counted and hashed. Any thread, so that a large change is
 * looked at in the pool. */
struct ledger_touched;
/* `old` NULL: first version, or not known. `next` may be NULL (then more is held to be touched).
 * NULL: no memory. */
MUST_USE struct ledger_touched *ledger_touch(const struct change *c, const struct zone_version *old,
                                             const struct zone_version *next);
void ledger_touched_free(struct ledger_touched *t); /* NULL is fine */
/* The largest TTL of the old answers. */
uint32_t ledger_touched_ttl(const struct ledger_touched *t);

/* A change about to be committed. `old` NULL: first version, or the old one is not known (then
 * no_bound and old_max_ttl_s of what was served count). Gives the history row to be stored in the
 * commit's batch, whose text stays valid until something else is prepared. */
struct ledger_change {
    const struct change *change;
    const struct zone_version *old, *next;
    struct ledger_touched *touched; /* taken over; NULL: looked at here */
    uint32_t old_max_ttl_s;         /* when old is NULL and there was a served serial */
    uint32_t old_expire_s;          /* EXPIRE of the old SOA */
    bool parent_known;              /* we serve the zone above: the TTL of its delegation here is */
    uint32_t parent_ttl_s;
    bool had_served;
    uint32_t from, to;
    enum change_source source;
    const char *text;
    uint64_t number;
};
/* Nothing is decided yet: without ledger_committed, the next ledger_prepare replaces it. */
void ledger_prepare(struct ledger *l, const struct ledger_change *c, struct now now,
                    struct journal_change *row);
/* The same for the first version of a zone without peers, with no ledger: nobody has to serve it,
 * and no answer became old. Its text is the change's. */
void ledger_first(const struct ledger_change *c, struct now now, struct journal_change *row);
/* What was prepared is on disk and is published from now on. Peers that are not there yet are
 * pending. */
void ledger_committed(struct ledger *l, struct now now);

/* Evidence. All say whether something changed for a user (a peer's state, a change became served):
 * then tell who waits. */
bool ledger_notified(struct ledger *l, unsigned peer);
bool ledger_acked(struct ledger *l, unsigned peer);
bool ledger_fetching(struct ledger *l, unsigned peer, struct now now);
/* The peer answered a SOA question with this serial. `address` is the peer's address index. */
bool ledger_seen(struct ledger *l, unsigned peer, unsigned address, uint32_t serial,
                 struct now now);
/* Trouble, in words for a person ("NOTIFY refused", "timeout", "lame", ...). `source`: the address
 * index whose SOA question went wrong, or LEDGER_NOTIFY: it lasts until that address is seen, or
 * the NOTIFY acked. True also when only the words changed. */
#define LEDGER_NOTIFY UINT32_MAX
bool ledger_failing(struct ledger *l, unsigned peer, unsigned source, const char *reason);
/* A change that became served since last asked, for log and histogram. Call until false. */
bool ledger_take_served(struct ledger *l, struct journal_change *row);
/* Time passed: true when a change's deadline went by (it is settled now). Call until false. */
bool ledger_settle(struct ledger *l, struct now now, struct journal_change *row);
/* When ledger_settle may next say true; MONO_NEVER. */
struct mono ledger_due(const struct ledger *l, struct now now);

/* Is there anything that is not on disk yet? */
bool ledger_dirty(const struct ledger *l);
/* Appends all that changed since the last call: changes, peers, and what to drop. `id` is the zone
 * row's, `commit` the number of the commit that the batch is for. While a commit that drops is under
 * way, more of it waits: the ledger stays dirty. */
void ledger_save(struct ledger *l, uint32_t id, uint64_t commit, struct store_batch *b);
/* Commits up to this number came back: what was dropped with them needs no remembering. */
void ledger_saved(struct ledger *l, uint64_t committed);
/* What was saved since could not be committed: all of it belongs on disk once more. */
void ledger_unsaved(struct ledger *l);

/* Without peers, and all that was ever changed has settled and was saved: what is on disk says the
 * same. */
bool ledger_at_rest(const struct ledger *l);
/* Stands for one that is: without peers and changes, and whatever is published has settled. */
const struct ledger *ledger_resting(void);

/* ---- what users ask ---- */
bool ledger_has_serial(const struct ledger *l, uint32_t *published);
unsigned ledger_peer_count(const struct ledger *l);
struct ledger_peer_view {
    const char *name;
    enum peer_kind kind;
    bool watch;
    enum peer_state state; /* for the newest change */
    bool seen;
    uint32_t serial;     /* last observed (smallest over its addresses) */
    struct wall seen_at; /* when it was last observed */
    const char *reason;  /* failing, ahead: why; else "" */
    unsigned tries;      /* NOTIFYs sent for the newest change */
};
void ledger_peer(const struct ledger *l, unsigned peer, struct ledger_peer_view *out);
unsigned
ledger_serving(const struct ledger *l,
               unsigned *watched); /* watched peers serving the newest serial, of how many */
unsigned ledger_change_count(const struct ledger *l);
struct ledger_change_view {
    struct journal_change row;
    bool served, settled;
    bool has_deadline; /* false: a peer was not seen at it and how long it may serve old data is not
                          known: no bound */
    struct wall
        deadline; /* when no conforming cache can hold an old answer any more; final once served */
    bool deadline_final; /* all watched peers confirmed: only TTLs run now */
};
void ledger_change(const struct ledger *l, unsigned index, struct now now,
                   struct ledger_change_view *out); /* newest first */
/* Has every watched peer been observed at `serial` or newer (RFC 1982)? Without peers: true. */
bool ledger_served(const struct ledger *l, uint32_t serial);
/* And can no conforming cache hold an answer older than it? *deadline is when (0: no bound). */
bool ledger_settled(const struct ledger *l, uint32_t serial, struct now now, struct wall *deadline);

#endif
