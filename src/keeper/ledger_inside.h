/* ledger_inside.h - what the files of the ledger share: its peers, its changes, and the few
 * functions between them. Private to ledger.c, evidence.c, deadline.c, touched.c and ledger_view.c.
 */
#ifndef SETTLED_KEEPER_LEDGER_INSIDE_H
#define SETTLED_KEEPER_LEDGER_INSIDE_H

#include "keeper/ledger.h"

#define LEDGER_REASON 256
#define TOUCHED_HASHES                                                                             \
    4096 /* kept of one change; one that touches more counts as touching everything */

/* Where a peer's reason comes from, beside address indexes and LEDGER_NOTIFY. */
#define REASON_NONE      (UINT32_MAX - 1)
#define REASON_AHEAD     (UINT32_MAX - 2)
#define REASON_WENT_BACK (UINT32_MAX - 3)

struct hashes { /* a sorted set */
    uint64_t *items;
    unsigned count, room;
};
struct ledger_touched {
    uint32_t rrsets, old_ttl_s;
    bool everything;     /* too much to remember, or the old version is not known */
    bool failed;         /* memory ran out while it was made */
    bool soa;            /* more of the SOA than its serial: negative answers changed their TTL */
    bool negative;       /* some old answer was a denial */
    bool denies;         /* some old answer gave way to a denial */
    bool delegation;     /* the zone's NS, or an address of one: the zone above has copies */
    struct hashes exact; /* (owner, type) of each RRset */
    struct hashes above; /* the owners and all their ancestors in the zone */
    struct hashes
        roots; /* names at and below which answers may have changed for other types and names too */
};
/* Can an old answer of `newer` have been different before `older` as well? NULL: not known, so yes.
 */
bool touched_related(const struct ledger_touched *older, const struct ledger_touched *newer);

struct kept_change {
    struct journal_change row; /* its text is ours */
    unsigned slot;    /* its bit in the masks of others */
    uint64_t related; /* slots of older changes whose old answers count for this one too */
    struct ledger_touched *touched; /* until it settles; NULL: everything */
    struct mono published;
    struct mono
        gone; /* when the last of us and the watched secondaries began to serve it, so far */
    bool confirmed_any; /* a watched cache confirmed it, the last one at `confirmed` */
    struct mono confirmed;
    bool served; /* now: every watched peer is at it */
    bool tell;   /* became served and nobody was told */
    bool dirty;
};
static inline bool change_settled(const struct kept_change *c)
{
    return c->row.settled.ms != 0;
}
/* Are there answers that this change made wrong? */
static inline bool change_has_old(const struct kept_change *c)
{
    return !c->row.first && (c->row.rrsets > 0 || c->row.no_bound);
}

struct peer_address {
    bool seen;
    uint32_t serial;
};
struct kept_peer {
    char name[JOURNAL_TEXT];
    uint64_t identity;
    enum peer_kind kind;
    bool watch;
    unsigned hops, addresses;
    struct peer_address *at;
    enum peer_state step; /* PENDING to FETCHING: how far the newest change got on the wire */
    unsigned tries;
    uint32_t reason_from;
    char reason[LEDGER_REASON];
    bool answered; /* seen_at and seen_mono count: when it was last observed */
    struct wall seen_at;
    struct mono seen_mono;
    struct wall serial_at; /* when its present serial was first observed */
    bool moved; /* it asked for a transfer, or went back: at moved_at its EXPIRE began anew, at the
                   latest */
    struct mono moved_at;
};
struct ledger {
    const uint8_t *zone;
    bool at_rest; /* ledger_resting() */
    bool has_serial;
    uint32_t serial; /* newest published */
    struct kept_peer *peers;
    unsigned peer_count;
    bool peers_dirty;
    struct kept_change *changes; /* oldest first */
    unsigned change_count, change_room;
    uint64_t *dropped; /* numbers of changes to take off the disk */
    unsigned dropped_count;
    unsigned dropping;      /* so many of them, the first ones, are in a commit that is under way */
    bool prepared;          /* behind the last change stands one that waits for ledger_committed */
    uint64_t dropping_with; /* the number of that commit */
};

/* ---- ledger.c ---- */
void ledger_drop_text(const char *text);

/* ---- evidence.c ---- */
/* How many of the remembered changes a server that answers `serial` has taken in; *ahead: it is
 * none we published. */
unsigned ledger_position(const struct ledger *l, uint32_t serial, bool *ahead);
/* The same for a peer: the least of its addresses; 0 unless all were seen and none is ahead. */
unsigned ledger_peer_position(const struct ledger *l, const struct kept_peer *p);
bool ledger_peer_ahead(const struct ledger *l, const struct kept_peer *p, uint32_t *serial);
bool ledger_peer_serving(const struct ledger *l, const struct kept_peer *p);
bool ledger_peer_seen(const struct kept_peer *p,
                      uint32_t *serial); /* any address; the smallest serial */
enum peer_state ledger_peer_state(const struct ledger *l, const struct kept_peer *p);
/* The peer took in changes [from, to) just now. */
void ledger_reached(struct ledger *l, const struct kept_peer *p, unsigned from, unsigned to,
                    struct now now);
/* Looks at every peer again: which changes are served. True: one became served. */
bool ledger_judge(struct ledger *l, struct now now);
/* A new serial is published: what was known of peers is looked at with its eyes. */
void ledger_start_over(struct ledger *l);

/* ---- deadline.c ---- */
/* When no conforming cache can hold an old answer of this change; false: no bound is known. */
bool ledger_deadline(const struct ledger *l, unsigned index, struct mono *out);
/* If there are `most` changes: drops the oldest settled one, or joins the two oldest. most > 1. */
void ledger_make_room(struct ledger *l, unsigned most);
/* Gives the newest change a slot and finds which older ones count for it. */
void ledger_relate(struct ledger *l);
/* A time on disk as one of this process: as long ago as the wall clock says, never in the future.
 */
struct mono ledger_since(struct wall at, struct now now);

#endif
