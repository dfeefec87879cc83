/* change.h - a change set: what leads from one version to the next. The one form for journal,
 * IXFR, diff and forgetting. Two record streams as IXFR has them (RFC 1995 4): deletions begin
 * with the old SOA, additions with the new SOA. An RRset whose TTL alone changed is deleted and
 * added. */
#ifndef SETTLED_ZONE_CHANGE_H
#define SETTLED_ZONE_CHANGE_H

#include "base/buf.h"
#include "zone/version.h"

struct change {
    uint32_t from, to; /* serials; from is meaningless when first */
    bool first;        /* no version before: deletions are empty */
    struct buf deleted, added;
    uint32_t deleted_count, added_count; /* records, SOAs included */
};
void change_init(struct change *c); /* all empty */
void change_free(struct change *c);
/* The change that a first version is: its records are counted, but for the SOA not listed. */
MUST_USE bool change_first(const struct zone_version *v, struct change *out);
/* What leads from a (NULL: nothing) to b. False: no memory. */
MUST_USE bool zone_diff(const struct zone_version *a, const struct zone_version *b,
                        struct change *out);
/* Applies a change to `base`: deletions must be there, additions must not, serials must chain
 * (RFC 1995 4; otherwise false and o says which record). NULL on failure; else the new version
 * with one hold. Writes the line. */
MUST_USE struct zone_version *zone_apply(struct zone_line *l, const struct zone_version *base,
                                         const struct change *c, struct oops *o);

/* The RRsets a change touches, the SOA only if more than its serial changed: for counting,
 * history and deadlines. */
struct change_rrset {
    struct name owner;
    uint16_t type;
    bool was, is; /* existed before / after */
    /* Of the old RRset; for one that was not: min(SOA TTL, MINIMUM) of the old SOA (RFC 2308 5), 0
     * if there is none. */
    uint32_t old_ttl;
};
/* Walks them, each once, the SOA first and the others in canonical order; `old` is the version
 * before (NULL: none). Stops when see() says false. False only when there is no memory: then
 * see() was not called. */
MUST_USE bool change_rrsets(const struct change *c, const struct zone_version *old,
                            bool (*see)(void *ctx, const struct change_rrset *r), void *ctx);

#endif
