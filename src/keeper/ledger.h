/* ledger.h - who serves which serial of one zone, and when its changes have settled (CONVERGENCE.md: Words, Evidence, Deadline).
 * Plain bookkeeping over times that come in: no I/O, no sending. Keeper thread. What notify.c does on the wire ends here as
 * ledger_seen and ledger_failing; what users ask is read from here. */
#ifndef SETTLED_KEEPER_LEDGER_H
#define SETTLED_KEEPER_LEDGER_H

#include "base/clock.h"
#include "base/must.h"
#include "config/words.h"
#include "journal/rows.h"
#include "zone/change.h"

enum change_source { SOURCE_FILE, SOURCE_TRANSFER, SOURCE_UPDATE, SOURCE_RESTART };
enum peer_state { PEER_PENDING, PEER_NOTIFIED, PEER_ACKED, PEER_FETCHING, PEER_SERVING, PEER_FAILING, PEER_AHEAD, PEER_STATES };
const char *peer_state_name(enum peer_state s); /* "pending", ... */

#define LEDGER_GRACE_S 5 /* the longest an answer may be under way */
#define LEDGER_CHANGES 64 /* changes remembered in memory per zone; settled ones go first */

struct ledger;
struct ledger_peer_start {
    const char *name;
    enum peer_kind kind;
    bool watch;
    unsigned addresses; /* a peer is serving when it answered on every one of them */
};
/* `row` gives what a restart knows (NULL: nothing). */
MUST_USE struct ledger *ledger_new(const uint8_t *zone);
void ledger_free(struct ledger *l);
/* Replaces the list of peers; a peer of the same name keeps what is known of it. Returns false: no memory. */
MUST_USE bool ledger_set_peers(struct ledger *l, const struct ledger_peer_start *peers, unsigned count);
void ledger_restore_change(struct ledger *l, const struct journal_change *c);
void ledger_restore_peer(struct ledger *l, const struct journal_peer *p, struct now now);

/* A change was committed and published. `old` NULL: first version, or the old one is not known (then no_bound and
 * max_ttl_s of what was served count). Gives the history row to be stored with the commit. */
struct ledger_change {
    const struct change *change;
    const struct zone_version *old;
    uint32_t old_max_ttl_s;    /* when old is NULL and there was a served serial */
    uint32_t old_expire_s;     /* EXPIRE of the old SOA */
    bool had_served;
    uint32_t from, to;
    enum change_source source;
    const char *text;
    uint64_t number;
};
void ledger_committed(struct ledger *l, const struct ledger_change *c, struct now now, struct journal_change *row);

/* Evidence. `address` is the peer's address index. */
void ledger_notified(struct ledger *l, unsigned peer, struct now now);
void ledger_acked(struct ledger *l, unsigned peer, struct now now);
void ledger_fetching(struct ledger *l, unsigned peer, struct now now);
/* The peer answered a SOA question with this serial. True: something changed for a user (a change became served or settled,
 * or the peer's state changed): store the peer and tell who waits. */
bool ledger_seen(struct ledger *l, unsigned peer, unsigned address, uint32_t serial, struct now now);
/* Trouble, in words for a person ("NOTIFY refused", "timeout", "lame", ...). */
void ledger_failing(struct ledger *l, unsigned peer, const char *reason, struct now now);
/* Time passed: true when a change's deadline went by (it is settled now): its row is in *row to be stored. Call until false. */
bool ledger_settle(struct ledger *l, struct now now, struct journal_change *row);
/* When ledger_settle may next say true; MONO_NEVER. */
struct mono ledger_due(const struct ledger *l, struct now now);
void ledger_peer_row(const struct ledger *l, unsigned peer, struct journal_peer *row);

/* ---- what users ask ---- */
bool ledger_has_serial(const struct ledger *l, uint32_t *published);
unsigned ledger_peer_count(const struct ledger *l);
struct ledger_peer_view {
    const char *name;
    enum peer_kind kind;
    bool watch;
    enum peer_state state; /* for the newest change */
    bool seen;
    uint32_t serial;       /* last observed (smallest over its addresses) */
    struct wall seen_at;
    const char *reason;    /* failing, ahead: why; else "" */
    unsigned tries;
};
void ledger_peer(const struct ledger *l, unsigned peer, struct ledger_peer_view *out);
unsigned ledger_serving(const struct ledger *l, unsigned *watched); /* watched peers serving the newest serial, of how many */
unsigned ledger_change_count(const struct ledger *l);
struct ledger_change_view {
    struct journal_change row;
    bool served, settled;
    bool has_deadline;       /* false: a peer's make never expires or was never seen at all with nothing known: no bound */
    struct wall deadline;    /* when no conforming cache can hold an old answer any more; final once served */
    bool deadline_final;     /* all watched peers confirmed: only TTLs run now */
};
void ledger_change(const struct ledger *l, unsigned index, struct now now, struct ledger_change_view *out); /* newest first */
/* Has every watched peer been observed at `serial` or newer (RFC 1982)? Without peers: true. */
bool ledger_served(const struct ledger *l, uint32_t serial);
/* And can no conforming cache hold an answer older than it? *deadline is when (0: no bound). */
bool ledger_settled(const struct ledger *l, uint32_t serial, struct now now, struct wall *deadline);

#endif
