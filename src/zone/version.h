/* version.h - the zone store: a line of immutable versions of one zone that share what is the same.
 *
 * A `struct zone_line` owns the memory of one zone (a heap of 32-bit references) and its
 * versions. A `struct zone_version` is a persistent qp-trie over owner names in canonical order
 * and never changes once zone_edit_finish gave it. Readers on any thread use a version they
 * loaded inside an epoch, or hold. Everything that writes the line (edit, release, reclaim) is
 * done by one thread at a time: by the job that builds, or, while no job has the line, by the
 * keeper. */
#ifndef SETTLED_ZONE_VERSION_H
#define SETTLED_ZONE_VERSION_H

#include "base/buf.h"
#include "base/must.h"
#include "base/oops.h"
#include "wire/name.h"
#include "wire/rdata.h"
#include "wire/record.h"
#include "wire/rrset.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone_line;
struct zone_version;

/* `seed` keys the hashes inside. NULL: no memory. */
MUST_USE struct zone_line *zone_line_new(const uint8_t *apex, uint64_t seed);
/* No version may be held any more. */
void zone_line_free(struct zone_line *l);
/* What zone_line_new was given; the name is the line's copy. */
const uint8_t *zone_line_apex(const struct zone_line *l);
uint64_t zone_line_seed(const struct zone_line *l);
/* Memory of the line, pinned old versions and unused room included; and of it, what only older
 * versions than the newest can see. */
uint64_t zone_line_bytes(const struct zone_line *l);
uint64_t zone_line_pinned(const struct zone_line *l);

/* ---- reading a version: any thread ---- */

/* What one owner has. A node stays valid as long as its version. */
struct zone_node {
    const struct zone_version *version;
    uint32_t ref; /* 0: no such node */
};

enum zone_match {
    ZONE_OUTSIDE,  /* the name is not at or below the apex */
    ZONE_EXACT,    /* node: the owner (may be an empty non-terminal: zone_node_empty) */
    ZONE_WILDCARD, /* node: the wildcard that stands for it (RFC 4592 3.3.1) */
    ZONE_NONE,     /* no such name, no wildcard */
    ZONE_CUT,      /* at or below a delegation: node is the cut's owner. For the cut's own DS ask
                      with zone_find_above_cut */
    ZONE_DNAME     /* strictly below a DNAME: node is the DNAME's owner */
};
struct zone_found {
    enum zone_match match;
    struct zone_node node;
    /* Labels of node's owner: a suffix of the name asked (WILDCARD: of its closest encloser). */
    unsigned node_labels;
    unsigned encloser_labels; /* labels of the closest encloser (NONE, WILDCARD) */
};
/* One walk down the trie (RFC 1034 4.3.2 step 3, RFC 6672 3.2). DNAME and NS nearest the apex
 * win. */
void zone_find(const struct zone_version *v, const uint8_t *name, struct zone_found *out);
/* The same, but a cut at exactly `name` is an ordinary owner (questions for DS,
 * RFC 4035 3.1.4.1). */
void zone_find_above_cut(const struct zone_version *v, const uint8_t *name, struct zone_found *out);
/* The node of exactly this name whatever stands above it (glue), ref 0 when there is none. */
struct zone_node zone_lookup(const struct zone_version *v, const uint8_t *name);
/* The apex has at least a SOA. */
struct zone_node zone_apex_node(const struct zone_version *v);
bool zone_node_empty(struct zone_node n); /* no RRsets: an empty non-terminal */
/* Its owner, in lower case; not of an empty non-terminal. */
void zone_node_owner(struct zone_node n, struct name *out);
/* The RRset of that type; false when there is none. The view stays valid as long as the version. */
bool zone_rrset(struct zone_node n, uint16_t type, struct rrset *out);
/* All RRsets of the node, one a call: start with *at = 0; false at the end. Ascending types. */
bool zone_rrset_next(struct zone_node n, unsigned *at, struct rrset *out);
/* The TTL of one record of an RRset of the node. RRSIGs are stored as one set, but each has the
 * TTL of what it covers (RFC 4034 3), or of nothing the original one. */
uint32_t zone_record_ttl(struct zone_node n, const struct rrset *set, const uint8_t *rdata);

/* Walks owners in canonical order, apex first, empty non-terminals left out. 5 KB on the caller's
 * stack. */
#define ZONE_WALK_DEPTH 505
struct zone_walk_part { /* the store's own business: the branches on the way, and where it is */
    const uintptr_t *map;
    unsigned depth;
    uint32_t at;
    uint32_t path[ZONE_WALK_DEPTH];
    uint8_t slot[ZONE_WALK_DEPTH];
};
struct zone_walk {
    const struct zone_version *version;
    struct zone_walk_part names, hashes;
};
void zone_walk_start(struct zone_walk *w, const struct zone_version *v);
/* The next owner with its node; false at the end. `owner` may be NULL. */
bool zone_walk_next(struct zone_walk *w, struct name *owner, struct zone_node *node);

/* Good as long as the version. */
const uint8_t *zone_apex(const struct zone_version *v);
/* Of its SOA. */
uint32_t zone_serial(const struct zone_version *v);
/* SOA rdata in the version, checked at build. */
const uint8_t *zone_soa(const struct zone_version *v, uint16_t *rdlen, uint32_t *ttl);
uint64_t zone_records(const struct zone_version *v); /* RRs */
/* Over all records but the SOA's serial; seeded with a constant: the same content has the same hash
 * in every process. */
uint64_t zone_content_hash(const struct zone_version *v);
/* Largest TTL of any RRset, an upper bound after edits. */
uint32_t zone_max_ttl(const struct zone_version *v);
bool zone_is_signed(const struct zone_version *v); /* has RRSIG or ZONEMD at the apex */
uint64_t zone_bytes(const struct zone_version *v); /* memory of its nodes, shared ones included */
/* The line it belongs to, which outlives it. */
struct zone_line *zone_version_line(const struct zone_version *v);
/* The owners that findings about the version named when it was checked, names one behind the
 * other, so that whoever builds its successor keeps an eye on where they stand. For the one that
 * writes the line; zone_name_owners takes the buf over, which may be failed: then none are
 * known. */
void zone_name_owners(struct zone_version *v, struct buf *named);
const struct buf *zone_named_owners(const struct zone_version *v);
/* What whoever builds the successor wants to know: the pieces of the text that the version was
 * made of (pieces.h), and what was found in it (check.h). zone_remember takes them over, in
 * place of what was there; NULL: not known. For the one that writes the line. */
struct pieces;
struct checked;
void zone_remember(struct zone_version *v, struct pieces *pieces, struct checked *checked);
void zone_forget_older(struct zone_version *v); /* of all that are older: nobody asks any more */
const struct pieces *zone_remembered(const struct zone_version *v);
const struct checked *zone_checked(const struct zone_version *v);

/* ---- holding: any thread, only on a version loaded inside the epoch one is in ---- */

/* It stays until zone_release, also when a newer one has been published. */
void zone_hold(struct zone_version *v);
/* Gives a hold back. True: it was the last one; tell the keeper (mail), which calls
 * zone_line_reclaim when it can. */
bool zone_release(struct zone_version *v);

/* ---- writing: one thread at a time (see above) ---- */

struct zone_edit;
/* Starts a successor of `base` (NULL: of the empty zone; nothing is shared then). One edit per
 * line at a time. `base` stays held by the caller, and is the newest version of the line that is
 * held. NULL: no memory. */
MUST_USE struct zone_edit *zone_edit_start(struct zone_line *l, const struct zone_version *base);
enum zone_edit_status {
    ZONE_EDIT_OK,
    ZONE_EDIT_SAME,     /* add: it was there already; remove: it was not. Nothing changed. */
    ZONE_EDIT_FULL,     /* RRset over 64 KiB, or all RRsets of one owner over 1 MiB */
    ZONE_EDIT_OUTSIDE,  /* the owner is not at or below the apex */
    ZONE_EDIT_NO_MEMORY /* nothing more can be done with this edit but drop it */
};
/* Adds one record. The RRset's TTL becomes the smallest of its records' (RFC 2181 5.2; a record
 * that is there already and comes with a smaller TTL lowers it, and is OK). Order of owners does
 * not matter; records of one owner coming together are cheapest. The rdata is uncompressed and
 * checked. */
enum zone_edit_status zone_edit_add(struct zone_edit *e, const struct record *rr);
/* Removes one record (TTL ignored). */
enum zone_edit_status zone_edit_remove(struct zone_edit *e, const struct record *rr);
/* Sets the TTL of an RRset that is there. */
enum zone_edit_status zone_edit_ttl(struct zone_edit *e, const uint8_t *owner, uint16_t type,
                                    uint32_t ttl);
/* The finished version, with one hold that the caller owns; the edit is gone. NULL: no memory,
 * or no single SOA at the apex (o says which); the line is as before. */
MUST_USE struct zone_version *zone_edit_finish(struct zone_edit *e, struct oops *o);
void zone_edit_drop(struct zone_edit *e); /* gives up; the line is as before */

/* Frees nodes that no held version can see; looks at no more than `most` of them. True: there is
 * more to do. */
bool zone_line_reclaim(struct zone_line *l, unsigned most);

#endif
